"""An object-centric event log (OCEL 2.0): events that tell of objects, and how objects belong together.

The structure is that of the standard's JSON format (OCEL 2.0 specification of 16 October 2023, RWTH Aachen,
https://www.ocel-standard.org): ``objectTypes``, ``eventTypes``, ``objects``, ``events``; a relationship names an object
and a qualifier. An attribute's type is string, time, integer, float or boolean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from exchange.messages.base import format_time

Value = str | int | float | bool
Related = tuple[str, str]
"""Id of an object, and the qualifier: as what it is related."""
_TYPES: dict[type, str] = {bool: "boolean", int: "integer", float: "float", str: "string"}


@dataclass(slots=True)
class Thing:
    """An object: its type, attributes that do not change, and the objects it belongs to."""

    type: str
    attributes: Mapping[str, Value] = field(default_factory=dict)
    related: tuple[Related, ...] = ()


@dataclass(slots=True, kw_only=True)
class Happening:
    """An event: its type, when it was, attributes, and the objects it is about."""

    type: str
    at: datetime
    attributes: Mapping[str, Value]
    related: tuple[Related, ...]


class Log:
    """A log that grows: objects by their id, events in order. ``start``: since when the objects are as they are."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.things: dict[str, Thing] = {}
        self.happenings: list[Happening] = []

    def add(self, name: str, thing: Thing) -> str:
        """Add an object unless it is there, and return its id."""
        self.things.setdefault(name, thing)
        return name

    def as_json(self) -> dict[str, Any]:
        """Return the log as the standard's JSON has it; ValueError if a relationship names no object."""
        events = list(self.happenings)
        everything: list[Thing | Happening] = [*events, *self.things.values()]
        for one in everything:
            strange = [name for name, _ in one.related if name not in self.things]
            if strange:
                raise ValueError(f"{one.type} is related to {strange[0]!r}, which is no object of the log")
        start = format_time(self.start)
        return {
            "objectTypes": _types(self.things.values()),
            "eventTypes": _types(events),
            "objects": [
                {
                    "id": name,
                    "type": thing.type,
                    "attributes": [{"name": k, "time": start, "value": v} for k, v in thing.attributes.items()],
                    "relationships": _relationships(thing.related),
                }
                for name, thing in self.things.items()
            ],
            "events": [
                {
                    "id": f"e{number}",
                    "type": event.type,
                    "time": format_time(event.at),
                    "attributes": [{"name": k, "value": v} for k, v in event.attributes.items()],
                    "relationships": _relationships(event.related),
                }
                for number, event in enumerate(events, 1)
            ],
        }


def _relationships(related: Iterable[Related]) -> list[dict[str, str]]:
    return [{"objectId": name, "qualifier": qualifier} for name, qualifier in related]


def _types(of: Iterable[Thing | Happening]) -> list[dict[str, Any]]:
    """Return each type with the attributes that any of its members has; a number of both kinds is a float."""
    found: dict[str, dict[str, str]] = {}
    for one in of:
        known = found.setdefault(one.type, {})
        for name, value in one.attributes.items():
            kind = _TYPES[type(value)]
            known[name] = "float" if {known.get(name, kind), kind} == {"integer", "float"} else kind
    return [
        {"name": name, "attributes": [{"name": key, "type": kind} for key, kind in attributes.items()]}
        for name, attributes in found.items()
    ]


__all__ = ["Happening", "Log", "Related", "Thing", "Value"]
