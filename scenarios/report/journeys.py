"""How single vehicles went in each arm: the lines of the time–distance diagram and the bars of the stops.

A vehicle is shown by one of its regular consignments, the same in all arms: the middle one by border hours in
the first arm shown. What is irregular may be seized and has no line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from scenarios.events import Event

_POSITIONED = {"departed", "reached", "left", "arrived", "crossed", "delivered"}


class Consignment(Protocol):
    """What a line needs to know of a consignment."""

    @property
    def case(self) -> str: ...
    @property
    def flow(self) -> str: ...
    @property
    def vehicle(self) -> str: ...
    @property
    def irregularity(self) -> object | None: ...


class Went(Protocol):
    """One arm of one replication with its events, as a run has it."""

    @property
    def arm(self) -> str: ...
    @property
    def consignments(self) -> Sequence[Consignment]: ...
    @property
    def events(self) -> Sequence[Event]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """The same, put together from what was measured and what happened."""

    arm: str
    consignments: Sequence[Consignment]
    events: Sequence[Event]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A stay at a border side: ``arrived`` in hours since departure, ``segments`` (phase, hours) in order."""

    side: str
    arrived: float
    segments: tuple[tuple[str, float], ...]

    @property
    def hours(self) -> float:
        """The whole stay in hours."""
        return sum(hours for _, hours in self.segments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One vehicle in one arm. ``points`` are (hours since departure, kilometres, event, place or side)."""

    points: tuple[tuple[float, float, str, str], ...]
    stops: tuple[Stop, ...]

    @property
    def hours(self) -> float:
        """Hours from departure to the last point."""
        return self.points[-1][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One vehicle in all arms shown: ``lines`` is arm → its line."""

    vehicle: str
    case: str
    lines: Mapping[str, Line]

    @property
    def border_hours(self) -> float:
        """Hours at borders in the first arm shown."""
        return sum(stop.hours for stop in next(iter(self.lines.values())).stops)


def journeys(flow: str, runs: Sequence[Went]) -> tuple[Journey, ...]:
    """Return the vehicles of ``flow`` in the order they left, from the arms of one replication."""
    lines: dict[str, dict[str, Line]] = {}
    for run in runs:
        cases = {facts.case for facts in run.consignments if facts.flow == flow and facts.irregularity is None}
        for case, events in _logs(run.events, cases).items():
            lines.setdefault(case, {})[run.arm] = _line(events)
    vehicles: dict[str, list[Journey]] = {}
    for facts in runs[0].consignments if runs else ():
        of_arms = lines.get(facts.case, {})
        if len(of_arms) == len(runs):
            journey = Journey(vehicle=facts.vehicle, case=facts.case, lines=of_arms)
            vehicles.setdefault(facts.vehicle, []).append(journey)
    left = {event.case: event.at for event in reversed(runs[0].events) if event.kind == "departed"} if runs else {}
    return tuple(sorted(map(middle, vehicles.values()), key=lambda item: (left[item.case], item.vehicle)))


def middle(choice: Sequence[Journey]) -> Journey:
    """Return the median of ``choice`` by border hours in the first arm shown (the lower one of two)."""
    return sorted(choice, key=lambda item: (item.border_hours, item.case))[(len(choice) - 1) // 2]


def _logs(events: Iterable[Event], cases: set[str]) -> dict[str, list[Event]]:
    logs: dict[str, list[Event]] = {}
    for event in sorted(events, key=lambda event: (event.at, event.case, event.ordinal)):
        if event.case in cases and event.kind in _POSITIONED:
            logs.setdefault(event.case, []).append(event)
    return {case: log for case, log in logs.items() if log[0].kind == "departed" and log[-1].kind == "delivered"}


def _line(events: Sequence[Event]) -> Line:
    start = events[0].at
    points = [
        (
            round((event.at - start) / 3600.0, 3),
            round(float(event.data["km"]), 1),
            event.kind,
            str(event.data.get("side") or event.data.get("place")),
        )
        for event in events
    ]
    arrived = {event.data["side"]: event.at for event in events if event.kind == "arrived"}
    stops = tuple(
        Stop(
            side=event.data["side"],
            arrived=round((arrived[event.data["side"]] - start) / 3600.0, 3),
            segments=_merged(event.data["segments"]),
        )
        for event in events
        if event.kind == "crossed"
    )
    return Line(points=tuple(points), stops=stops)


def _merged(segments: Iterable[Sequence[object]]) -> tuple[tuple[str, float], ...]:
    """Join neighbours of the same phase; leave out what took no time."""
    joined: list[tuple[str, float]] = []
    for phase, begin, end in segments:
        hours = (float(str(end)) - float(str(begin))) / 3600.0
        if hours <= 0.0:
            continue
        if joined and joined[-1][0] == phase:
            joined[-1] = (str(phase), joined[-1][1] + hours)
        else:
            joined.append((str(phase), hours))
    return tuple((phase, round(hours, 3)) for phase, hours in joined)


__all__ = ["Consignment", "Journey", "Line", "Stop", "Traced", "Went", "journeys", "middle"]
