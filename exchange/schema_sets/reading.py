"""A set of schemas by what a person names it: a version of our own set, an XSD file, a folder of XSD files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import schemas
from exchange.generation import SchemaRefused, read_schema, read_set


@dataclass(frozen=True, slots=True)
class SchemaSet:
    """Some schemas (xmlschema's) that belong together, under a name to show."""

    name: str
    schemas: tuple[Any, ...]

    def elements(self) -> dict[str, Any]:
        """Return the declarations of the elements that documents may begin with, by Clark name."""
        found: dict[str, Any] = {}
        for schema in self.schemas:
            for one in schema.elements.values():
                if not one.abstract:
                    found.setdefault(str(one.name), one)
        return found

    def schema_of(self, name: str) -> Any:
        """Return the schema that declares the element with the Clark name ``name``."""
        return next(one for one in self.schemas if any(e.name == name for e in one.elements.values()))


def read_schema_set(named: str) -> SchemaSet:
    """Return the set that ``named`` names: a version of our own (``1.0``, or ``pix`` for the newest), a file, a folder.

    Of a folder, every .xsd file that defines an element at its top level belongs to the set. Raise
    :class:`SchemaRefused` if there is no such thing or no schema in it.
    """
    if named == "pix" or named in schemas.VERSIONS:
        version = schemas.VERSIONS[-1] if named == "pix" else named
        return SchemaSet(f"PIX {version}", (read_set(version),))
    path = Path(named)
    if path.is_dir():
        return _folder(path)
    if not path.exists():
        versions = ", ".join(schemas.VERSIONS)
        raise SchemaRefused(f"{named} is no file, no folder and no version of the message set ({versions})")
    return SchemaSet(path.name, (read_schema(path),))


def _folder(path: Path) -> SchemaSet:
    found = []
    reason = "there is no .xsd file in it"
    for file in sorted(path.glob("*.xsd")):
        try:
            found.append(read_schema(file))
        except SchemaRefused as error:
            if "defines no element" not in str(error):
                raise
            reason = str(error)
    if not found:
        raise SchemaRefused(f"{path} holds no schema that defines an element: {reason}")
    return SchemaSet(path.resolve().name, tuple(found))


__all__ = ["SchemaSet", "read_schema_set"]
