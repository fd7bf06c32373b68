"""The course of a leg as it is drawn: ships keep to the water, aircraft take the great circle, others go straight.

Ships are led from waypoint to waypoint by the shortest way (``data/sea-ways.yaml``, designed). Where no way is known
that is about as long as the scenario says the leg is, the course is straight. A course is for the eye: times and
kilometres are the scenario's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from heapq import heappop, heappush
from importlib import resources
from itertools import pairwise
from math import asin, atan2, ceil, cos, degrees, hypot, radians, sin, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios.scenario import Flow

Course = Sequence[tuple[float, float]]
"""Latitudes and longitudes in degrees, from the leg's begin to its end."""
EARTH = 6371.0
"""Mean radius, kilometres."""
TOO_LONG = 1.6
"""How many times as long as the scenario says a sea way may be drawn."""
ENTRIES = 2
"""How many of the nearest waypoints a port may be left by."""
ARC = 250.0
"""Kilometres of a great circle that are drawn as one straight piece."""


def courses(flow: Flow) -> Sequence[Course]:
    """Return the course of each leg of ``flow``."""
    return [
        course(flow.leg_mode(number), (first.lat, first.lon), (second.lat, second.lon), second.km - first.km)
        for number, (first, second) in enumerate(pairwise(flow.route))
    ]


@lru_cache(maxsize=512)
def course(mode: str, begin: tuple[float, float], end: tuple[float, float], km: float) -> Course:
    """Return the course of a leg travelled by ``mode`` (sea, air or other) that is ``km`` long."""
    if mode == "sea":
        found = _sea(begin, end)
        if found and length(found) <= max(km, distance(begin, end)) * TOO_LONG:
            return found
    if mode == "air":
        return _arc(begin, end)
    return (begin, end)


def along(line: Course, share: float) -> tuple[float, float]:
    """Return latitude and longitude at ``share`` (0 to 1) of a course."""
    left = share * length(line)
    for first, second in pairwise(line):
        piece = distance(first, second)
        if left <= piece:
            part = left / piece if piece > 0 else 0.0
            return first[0] + part * (second[0] - first[0]), first[1] + part * (second[1] - first[1])
        left -= piece
    return line[-1]


def distance(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Return the kilometres of the great circle between two positions."""
    (lat, lon), (other, away) = ((radians(a), radians(b)) for a, b in (first, second))
    half = sin((other - lat) / 2) ** 2 + cos(lat) * cos(other) * sin((away - lon) / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(half)))


@lru_cache(maxsize=1024)
def length(line: Course) -> float:
    """Return the kilometres of a course."""
    return sum(distance(first, second) for first, second in pairwise(line))


def _arc(begin: tuple[float, float], end: tuple[float, float]) -> Course:
    angle = distance(begin, end) / EARTH
    pieces = ceil(angle * EARTH / ARC)
    if pieces < 2:
        return (begin, end)
    (x, y, z), (u, v, w) = _vector(begin), _vector(end)
    points = [begin]
    for number in range(1, pieces):
        a, b = (sin(angle * part) / sin(angle) for part in (1 - number / pieces, number / pieces))
        p, q, r = a * x + b * u, a * y + b * v, a * z + b * w
        points.append((degrees(atan2(r, hypot(p, q))), degrees(atan2(q, p))))
    return (*points, end)


def _vector(place: tuple[float, float]) -> tuple[float, float, float]:
    lat, lon = map(radians, place)
    return cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)


@cache
def _ways() -> tuple[Mapping[str, tuple[float, float]], Mapping[str, Sequence[str]]]:
    """Return waypoints, and the neighbours of each."""
    from ruamel.yaml import YAML

    text = resources.files("scenarios").joinpath("data/sea-ways.yaml").read_text(encoding="utf-8")
    given = YAML(typ="safe", pure=True).load(text)
    places = {name: (float(lat), float(lon)) for name, (lat, lon) in given["places"].items()}
    near: dict[str, list[str]] = {name: [] for name in places}
    for way in given["ways"]:
        for one, other in pairwise(way):
            near[one].append(other)
            near[other].append(one)
    return places, near


def _sea(begin: tuple[float, float], end: tuple[float, float]) -> Course | None:
    """Return the shortest way over waypoints; None if there is none."""
    places, near = _ways()
    last = {name: distance(places[name], end) for name in _nearest(end, places)}
    heap: list[tuple[float, str, tuple[str, ...]]] = []
    for name in _nearest(begin, places):
        heappush(heap, (distance(begin, places[name]), name, (name,)))
    best: dict[str, float] = {}
    while heap:
        gone, here, passed = heappop(heap)
        if here == "":
            return (begin, *(places[name] for name in passed), end)
        if best.get(here, gone + 1) <= gone:
            continue
        best[here] = gone
        if here in last:
            heappush(heap, (gone + last[here], "", passed))
        for other in near[here]:
            heappush(heap, (gone + distance(places[here], places[other]), other, (*passed, other)))
    return None


def _nearest(place: tuple[float, float], places: Mapping[str, tuple[float, float]]) -> Sequence[str]:
    return sorted(places, key=lambda name: distance(place, places[name]))[:ENTRIES]


__all__ = ["Course", "along", "course", "courses", "distance", "length"]
