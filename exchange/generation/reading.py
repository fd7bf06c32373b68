"""Schemas as generation reads them: a file or a version of our own set, through xmlschema, without the network."""

from __future__ import annotations

from importlib.resources import as_file
from pathlib import Path
from typing import TYPE_CHECKING, Any

import schemas
from exchange.generation.errors import SchemaRefused

if TYPE_CHECKING:
    import xmlschema

_VERSIONED = b"http://www.w3.org/2007/XMLSchema-versioning"


def read_schema(path: Path) -> xmlschema.XMLSchemaBase:
    """Return the schema in the file ``path`` with all it includes and imports from files.

    A schema that asks for XSD 1.1 (``vc:minVersion="1.1"``) is read as such. Raise :class:`SchemaRefused` if it
    cannot be read, is no schema, or defines no element.
    """
    import xmlschema
    from lxml import etree

    try:
        data = path.read_bytes()
    except OSError as error:
        raise SchemaRefused(f"{path} cannot be read: {error.strerror or error}") from None
    newer = _VERSIONED in data and b'minVersion="1.1"' in data.replace(b"'", b'"')
    kind = xmlschema.XMLSchema11 if newer else xmlschema.XMLSchema10
    try:
        schema = kind(str(path.resolve()), allow="local")
    except (xmlschema.XMLSchemaException, etree.LxmlError, SyntaxError, ValueError) as error:
        reason = " ".join(str(error).split("\n\nSchema")[0].split())[:300]
        raise SchemaRefused(f"{path} is no schema that can be used: {reason}") from None
    if not len(schema.elements):
        raise SchemaRefused(f"{path} defines no element at its top level; name the schema that defines the root")
    return schema


def read_set(version: str) -> xmlschema.XMLSchemaBase:
    """Return the schema of ``version`` of our own message set; raise :class:`LookupError` if there is none."""
    with as_file(schemas.message_set(version)) as folder:
        return read_schema(folder / "pix.xsd")


def child_declarations(declaration: Any) -> list[Any]:
    """Return the element declarations in the content of an element, in their order, groups opened."""
    content = getattr(declaration.type, "content", None)
    if content is None or not hasattr(content, "iter_elements"):
        return []
    return list(content.iter_elements())


def declared_child(declaration: Any, tag: str) -> Any | None:
    """Return the declaration of child ``tag`` (Clark name) of an element, or None if it declares none."""
    for one in child_declarations(declaration):
        if hasattr(one, "type") and one.name is not None:
            found = one.match(tag)
            if found is not None:
                return found
    return None


def simple_type(declaration: Any) -> Any | None:
    """Return the simple type of an element's or an attribute's text, or None if it takes elements."""
    kind = declaration.type
    if kind.is_simple():
        return kind
    return kind.content if kind.has_simple_content() else None


__all__ = ["child_declarations", "declared_child", "read_schema", "read_set", "simple_type"]
