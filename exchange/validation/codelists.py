"""The gate of code lists: every coded value is in its list.

Only closed lists are asked here (see ``schemas/codelists/index.csv``): packages and countries. Enumerations
of the schema are the schema's business, and places and offices are open lists, extracts of longer ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import schemas
from exchange.codec import shapes
from exchange.messages import Message, PixModel
from exchange.validation.rules import Break, Path

LISTS = {
    "kind": "package_kinds",
    "country_code": "countries",
    "country_of_dispatch": "countries",
    "country_of_destination": "countries",
    "origin_country": "countries",
    "nationality": "countries",
}
"""Code list by field name; ``kind`` is a code of the list in :class:`Packaging` only."""


Plan = tuple[tuple[str, frozenset[str] | None, str, bool, bool], ...]


@cache
def _plan(cls: type[PixModel]) -> Plan:
    """Return (field, codes or None, name of the list, whether it repeats, whether to look inside)."""
    found: list[tuple[str, frozenset[str] | None, str, bool, bool]] = []
    for shape in shapes(cls):
        listed = LISTS.get(shape.name)
        if listed == "package_kinds" and cls.__name__ != "Packaging":
            listed = None
        inside = issubclass(shape.value_type, PixModel) and bool(_plan(shape.value_type))
        if listed is not None:
            found.append((shape.name, schemas.codes(listed), listed, False, False))
        elif inside:
            found.append((shape.name, None, "", shape.repeats, True))
    return tuple(found)


def _unlisted(model: PixModel, path: Path) -> Iterator[Break]:
    values = model.__dict__
    for name, known, listed, repeats, _ in _plan(type(model)):
        value: Any = values[name]
        if value is None:
            continue
        if known is not None:
            if value not in known:
                title = schemas.code_lists()[listed]["title"]
                text = f"{value} is not in the code list {listed} ({title.lower()})."
                yield Break((*path, name), value, f"a code of the list {listed}", text)
        elif repeats:
            for index, entry in enumerate(value):
                yield from _unlisted(entry, (*path, name, index))
        else:
            yield from _unlisted(value, (*path, name))


def unlisted(message: Message) -> Iterator[Break]:
    """Yield a break for each value of ``message`` that its code list does not know."""
    return _unlisted(message, ())


__all__ = ["LISTS", "unlisted"]
