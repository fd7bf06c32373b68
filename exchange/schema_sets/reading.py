"""A set of schemas by what a person names it: a version of our own set, an XSD file, a pack (folder or zip)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import schemas
from exchange.generation import SchemaRefused, read_pack, read_set
from exchange.validation.packs import Pack


@dataclass(frozen=True, slots=True)
class SchemaSet:
    """Some schemas (xmlschema's) that belong together, under a name to show.

    ``roots``: the schema of each element that documents may begin with, by Clark name.
    """

    name: str
    roots: Mapping[str, Any]

    @property
    def schemas(self) -> tuple[Any, ...]:
        """The schemas, each once."""
        return tuple(dict.fromkeys(self.roots.values()))

    def elements(self) -> dict[str, Any]:
        """Return the declarations of the elements that documents may begin with, by Clark name."""
        return {tag: schema.maps.elements[tag] for tag, schema in self.roots.items() if tag in schema.maps.elements}

    def schema_of(self, name: str) -> Any:
        """Return the schema that declares the element with the Clark name ``name``."""
        return self.roots[name]


def read_schema_set(named: str) -> SchemaSet:
    """Return the set that ``named`` names: a version of our own (``1.0``, or ``pix`` for the newest), a file, a pack.

    Raise :class:`SchemaRefused` if there is no such thing or no schema in it.
    """
    if named == "pix" or named in schemas.VERSIONS:
        version = schemas.VERSIONS[-1] if named == "pix" else named
        own = read_set(version)
        return SchemaSet(f"PIX {version}", {str(one.name): own for one in own.elements.values() if not one.abstract})
    path = Path(named)
    if not path.exists():
        versions = ", ".join(schemas.VERSIONS)
        raise SchemaRefused(f"{named} is no file, no folder and no version of the message set ({versions})")
    return _of_pack(read_pack(path, alone=path.suffix.lower() == ".xsd" and path.is_file()))


def _of_pack(pack: Pack) -> SchemaSet:
    return SchemaSet(pack.name, {tag: grammar.explained for tag, grammar in pack.roots.items()})


__all__ = ["SchemaSet", "read_schema_set"]
