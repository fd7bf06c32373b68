"""Schemas as generation reads them, through xmlschema: a file, a pack, or a version of our own set.

What they take in is settled as for validation (:mod:`exchange.validation.packs`): from files and the schemas of the W3C
that are at hand, never from a network.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from exchange.generation.errors import CannotMake, SchemaRefused
from exchange.validation import engines
from exchange.validation.packs import Pack, PackError, load_pack, schema_pack

if TYPE_CHECKING:
    import xmlschema


def read_pack(path: Path, *, alone: bool = False) -> Pack:
    """Return the pack in the folder or zip ``path``, or the one schema ``path`` (``alone``) with what it takes in.

    Raise :class:`SchemaRefused` if it cannot be read, is no schema, or defines no element.
    """
    try:
        return schema_pack(path) if alone else load_pack(path)
    except PackError as error:
        raise SchemaRefused(str(error)) from None


def read_schema(path: Path) -> xmlschema.XMLSchemaBase:
    """Return the schema in the file ``path`` with all it includes and imports.

    A schema that asks for XSD 1.1 (``vc:minVersion="1.1"``) is read as such. Raise :class:`SchemaRefused` if it
    cannot be read, is no schema, or defines no element.
    """
    pack = read_pack(path, alone=True)
    return next(iter(pack.roots.values())).explained


def read_set(version: str) -> xmlschema.XMLSchemaBase:
    """Return the schema of ``version`` of our own message set; raise :class:`LookupError` if there is none."""
    return engines.explained(version)


def root_of(pack: Pack, name: str | None) -> str:
    """Return the Clark name of the root element of ``pack`` with the Clark or local name ``name``.

    It may be left out where the pack has one. Raise :class:`CannotMake` if there is none, or several.
    """
    found = [tag for tag in pack.roots if name is None or name in (tag, tag.rpartition("}")[2])]
    if len(found) == 1:
        return found[0]
    listed = sorted(found or pack.roots)
    known = ", ".join(one if name is not None and found else one.rpartition("}")[2] for one in listed)
    if name is None:
        raise CannotMake(f"{pack.name} has {len(found)} root elements; say which one is meant: {known}")
    if found:
        raise CannotMake(f"{pack.name} has several root elements {name}; write one with its namespace: {known}")
    raise CannotMake(f"{pack.name} has no root element {name}; it has {known}")


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


__all__ = [
    "child_declarations", "declared_child", "read_pack", "read_schema", "read_set", "root_of", "simple_type",
]  # fmt: skip
