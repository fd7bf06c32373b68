"""The story of one consignment in all arms, cut into the stages of its way so that the arms stand beside each other.

A stage is the time before departure, a stay at a border side, the way between two of them, or the time after arrival.
All times are seconds since the scenario's start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from scenarios.demo.proofs import second
from scenarios.demo.told import Passed
from scenarios.events import Event

if TYPE_CHECKING:
    from scenarios.demo.show import ArmStory

_LEAVES = frozenset({"departed", "crossed"})
_BEGINS = _LEAVES | {"arrived", "delivered"}
"""Kinds of events with which a stage begins."""
_UNTOLD = frozenset({"message", "handled"})
"""Kinds of events that say nothing to a visitor: messages stand there as messages."""


class Stage(NamedTuple):
    """``kind``: before, way, side or after; ``key``: the side, or for a way the number of sides passed."""

    kind: str
    key: str


BEFORE, AFTER = Stage("before", ""), Stage("after", "")


class Stop(NamedTuple):
    """What one service decided at one presentation of the goods, and why, as its node tells its operator."""

    at: int
    service: str
    told: Mapping[str, Any]


@dataclass(slots=True)
class Cell:
    """What happened in one stage in one arm, each list in order of time."""

    events: list[Event] = field(default_factory=list)
    messages: list[Passed] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether nothing happened."""
        return not (self.events or self.messages or self.stops)

    def essence(self) -> tuple[object, ...]:
        """Return what a comparison of arms looks at: not when things happened, but which."""
        events = sorted(
            (e.kind, str(e.data.get("form", "")), str(e.data.get("extent", "")), str(e.data.get("found", "")))
            for e in self.events
        )
        codes = sorted((m.code, m.sender, m.recipient, m.accepted) for m in self.messages)
        reasons = sorted(
            (stop.service, part, one["form"], one["because"])
            for stop in self.stops
            for part in ("controls", "passed", "refused", "kept")
            for one in stop.told.get(part, ())
        )
        return events, codes, reasons


class ArmTale:
    """Gathers what one arm tells of one consignment, as it comes."""

    def __init__(self, case: str) -> None:
        self.case = case
        self.events: list[Event] = []
        self.messages: list[Passed] = []
        self._seen = (0, 0)

    @property
    def size(self) -> int:
        """How much has been told."""
        return len(self.events) + len(self.messages)

    def take(self, story: ArmStory) -> None:
        """Add what the arm has told since the last time."""
        events, messages = self._seen
        fresh = [e for e in story.events[events:] if e.case == self.case and e.kind not in _UNTOLD]
        self.events += sorted(fresh, key=lambda event: (event.at, event.ordinal))
        self.messages += [m for m in story.messages[messages:] if m.case == self.case]
        self._seen = (len(story.events), len(story.messages))

    def borders(self) -> list[tuple[int, Stage]]:
        """Return when which stage began, in order."""
        found: list[tuple[int, Stage]] = [(-(10**12), BEFORE)]
        sides = 0
        for event in self.events:
            if event.kind == "arrived":
                found.append((event.at, Stage("side", str(event.data["side"]))))
            elif event.kind in _LEAVES:
                sides += event.kind == "crossed"
                found.append((event.at, Stage("way", str(sides))))
            elif event.kind == "delivered":
                found.append((event.at, AFTER))
        return found

    def cells(self, stops: Sequence[Stop]) -> dict[Stage, Cell]:
        """Return what happened by stage, with the decisions told by ``stops``."""
        borders = self.borders()
        cells = {stage: Cell() for _, stage in borders}

        def at(moment: int) -> Cell:
            return cells[[stage for begin, stage in borders if begin <= moment][-1]]

        # of events in one second their order says where they belong; leaving belongs to the place that is left
        coming = iter([stage for _, stage in borders[1:]])
        now = BEFORE
        for event in self.events:
            begun = next(coming) if event.kind in _BEGINS else now
            (cells[now] if event.kind in _LEAVES else cells[begun]).events.append(event)
            now = begun
        for message in self.messages:
            at(message.at).messages.append(message)
        for stop in stops:
            at(stop.at).stops.append(stop)
        return cells


def stops_of(views: Mapping[str, Mapping[str, Any]], start: datetime) -> list[Stop]:
    """Return the decisions that the nodes tell of in their case ``views`` (by country), in order of time."""
    found = [
        Stop(second(told["arrived"], start), service, told) for service, view in views.items() for told in view["stops"]
    ]
    return sorted(found, key=lambda stop: (stop.at, stop.service))


def stages(tales: Iterable[ArmTale]) -> list[Stage]:
    """Return the stages that any arm has come to, in the order of the way; all arms go the same way."""
    return [stage for _, stage in max((tale.borders() for tale in tales), key=len, default=[])]


def hours_at(tale: ArmTale, side: str) -> float | None:
    """Return how long the goods stood at ``side``, None while they do or if they have not come there."""
    arrived = next((e.at for e in tale.events if e.kind == "arrived" and e.data["side"] == side), None)
    crossed = next((e.at for e in tale.events if e.kind == "crossed" and e.data["side"] == side), None)
    return None if arrived is None or crossed is None else (crossed - arrived) / 3600


def hours_in_all(tale: ArmTale, now: int) -> tuple[float, bool] | None:
    """Return the hours since departure and whether they are all; None before departure."""
    departed = next((e.at for e in tale.events if e.kind == "departed"), None)
    if departed is None:
        return None
    ended = next((e.at for e in tale.events if e.kind in ("delivered", "seized")), None)
    return ((now if ended is None else ended) - departed) / 3600, ended is not None


__all__ = [
    "AFTER",
    "BEFORE",
    "ArmTale",
    "Cell",
    "Stage",
    "Stop",
    "hours_at",
    "hours_in_all",
    "stages",
    "stops_of",
]
