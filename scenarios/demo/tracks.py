"""Where the vehicles of a show are, and where they stood: read from what the arms told, as it comes.

A vehicle is shown by the first of its regular consignments; one that is cut out of its train goes its own way unseen.
All times are seconds since the scenario's start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from scenarios.events import ConsignmentFacts, Event
from scenarios.report.courses import Course, along, courses
from scenarios.scenario import HOUR

if TYPE_CHECKING:
    from scenarios.scenario import Flow, Scenario
    from scenarios.scenario.sailing import Line as SailingLine

_MOVES = frozenset({"departed", "left", "crossed"})
_STANDS = frozenset({"reached", "arrived", "delivered"})
NEARLY = 0.97
"""Share of a leg beyond which a vehicle that is late is not drawn: it is shown to arrive when it arrives."""


class Point(NamedTuple):
    """A vehicle at a place: ``kind`` of event, ``where`` the side's key or the place."""

    at: int
    km: float
    kind: str
    where: str


@dataclass(slots=True)
class Stay:
    """A stay at a border side; ``crossed`` None while it lasts, ``segments`` (phase, begin, end) once it is over."""

    side: str
    arrived: int
    crossed: int | None = None
    segments: Sequence[tuple[str, int, int]] = ()


@dataclass(slots=True)
class Track:
    """One vehicle in one arm."""

    vehicle: str
    flow: str
    case: str
    points: list[Point] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)

    @property
    def last(self) -> Point:
        """The last point reached."""
        return self.points[-1]

    @property
    def over(self) -> bool:
        """Whether it has been delivered or seized."""
        return bool(self.points) and self.last.kind in ("delivered", "seized")

    def take(self, event: Event) -> None:
        """Add an event of the consignment that stands for the vehicle."""
        if event.kind in _MOVES | _STANDS:
            where = str(event.data.get("side") or event.data.get("place"))
            self.points.append(Point(event.at, float(event.data["km"]), event.kind, where))
        elif event.kind == "seized" and self.points:
            self.points.append(Point(event.at, self.last.km, "seized", self.last.where))
        if event.kind == "arrived":
            self.stays.append(Stay(str(event.data["side"]), event.at))
        elif event.kind == "crossed" and self.stays:
            self.stays[-1].crossed = event.at
            self.stays[-1].segments = [(phase, begin, end) for phase, begin, end in event.data["segments"]]


class Tracks:
    """The tracks of one arm; :meth:`open` with its consignments, then :meth:`take` what it tells."""

    def __init__(self, scenario: Scenario) -> None:
        self._legs = {flow.id: _Legs(flow, scenario.sailings) for flow in scenario.flows}
        self._by_case: dict[str, Track] = {}
        self.vehicles: dict[str, Track] = {}

    def open(self, consignments: Iterable[ConsignmentFacts]) -> None:
        """Choose for each vehicle the consignment that stands for it."""
        for facts in consignments:
            if facts.irregularity is None and facts.vehicle not in self.vehicles:
                track = Track(facts.vehicle, facts.flow, facts.case)
                self.vehicles[facts.vehicle] = self._by_case[facts.case] = track

    def take(self, events: Iterable[Event]) -> None:
        """Add events."""
        for event in events:
            track = self._by_case.get(event.case)
            if track is not None:
                track.take(event)

    def under_way(self) -> Iterator[Track]:
        """Yield the vehicles that have left and not arrived."""
        return (track for track in self.vehicles.values() if track.points and not track.over)

    def km(self, track: Track, now: int) -> float:
        """Return how far a vehicle is; between two places as far as the leg's usual speed has brought it."""
        last = track.last
        if last.kind not in _MOVES:
            return last.km
        return self._legs[track.flow].between(last.km, now - last.at)

    def position(self, track: Track, now: int) -> tuple[float, float]:
        """Return latitude and longitude, on the course that is drawn between the places of the route."""
        return self._legs[track.flow].position(self.km(track, now))


class _Legs:
    """The legs of a flow: kilometres and usual hours of each."""

    def __init__(self, flow: Flow, lines: Mapping[str, SailingLine]) -> None:
        self._flow, self._lines = flow, lines

    @cached_property
    def _rows(self) -> list[tuple[float, float, float]]:
        """Begin and end in kilometres, usual seconds."""
        rows = []
        for number, leg in enumerate(self._flow.legs):
            if leg.takes is not None:
                usual = leg.takes.value.seconds(0.5) / HOUR
            else:
                speed = self._lines[leg.sailing].speed if leg.sailing is not None else leg.speed
                assert speed is not None
                usual = leg.length.value / speed.value
            rows.append((self._flow.route[number].km, self._flow.route[number + 1].km, usual * HOUR))
        return rows

    @property
    def usual_hours(self) -> float:
        """The usual hours of all legs together."""
        return sum(usual for *_, usual in self._rows) / HOUR

    def between(self, km: float, seconds: int) -> float:
        """Return the kilometre reached ``seconds`` after leaving the place at ``km``."""
        for begin, end, usual in self._rows:
            if abs(begin - km) < 0.001 < end - begin:
                share = min(seconds / usual, NEARLY) if usual > 0 else NEARLY
                return begin + share * (end - begin)
        return km

    @cached_property
    def _courses(self) -> Sequence[Course]:
        return courses(self._flow)

    def position(self, km: float) -> tuple[float, float]:
        """Return latitude and longitude at ``km``."""
        route = self._flow.route
        for number, (first, second) in enumerate(pairwise(route)):
            if km <= second.km:
                share = (km - first.km) / (second.km - first.km) if second.km > first.km else 1.0
                return along(self._courses[number], share)
        return route[-1].lat, route[-1].lon


def hours_saved(reference: Tracks, other: Tracks, *, over: bool = False) -> tuple[float, int]:
    """Return hours saved so far at border sides that a vehicle has passed in both arms, and how many passages.

    ``over``: only by vehicles whose way is over in both.
    """
    total, passages = 0, 0
    for vehicle, track in reference.vehicles.items():
        match = other.vehicles.get(vehicle)
        if match is None or (over and not (track.over and match.over)):
            continue
        theirs = {stay.side: stay for stay in match.stays}
        for stay in track.stays:
            same = theirs.get(stay.side)
            if stay.crossed is not None and same is not None and same.crossed is not None:
                total += (stay.crossed - stay.arrived) - (same.crossed - same.arrived)
                passages += 1
    return total / HOUR, passages


def expected_hours(scenario: Scenario, flow: Flow) -> float:
    """Return about how many hours a vehicle of ``flow`` will take: its legs at their usual speed, and the middle of
    the published band at each border side that has one. Good for an axis, not a result."""
    return _Legs(flow, scenario.sailings).usual_hours + sum(
        (band[0] + band[1]) / 2 for side in flow.sides if (band := scenario.sides[side].band) is not None
    )


def followed(tracks: Mapping[str, Tracks], names: Sequence[str] | None = None) -> str | None:
    """Return the vehicle to follow if nobody chose one: of ``names`` (or all) the first under way in any arm.

    Where none is under way: the first that has yet to leave, or else the first of all; None if there are none.
    """
    arms = list(tracks.values())
    vehicles = list(arms[0].vehicles) if arms and names is None else list(names or ())
    coming = [
        vehicle
        for vehicle in vehicles
        if any(not arm.vehicles[vehicle].over for arm in arms if vehicle in arm.vehicles)
    ]
    for vehicle in coming:
        if any(arm.vehicles[vehicle].points for arm in arms if vehicle in arm.vehicles):
            return vehicle
    if coming:
        return coming[0]
    return next(iter(vehicles), None)


__all__ = ["Point", "Stay", "Track", "Tracks", "expected_hours", "followed", "hours_saved"]
