"""The map of a corridor: outlines of countries, the ways of its flows and its borders, as one SVG picture.

The outlines are Natural Earth's 1:110m (public domain). The projection is equirectangular, true to scale along the
middle latitude: enough to see where goods are, not to measure by.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from importlib import resources
from math import cos, radians
from typing import TYPE_CHECKING, NamedTuple

from scenarios.report.courses import Course, courses
from scenarios.report.labels import LINE, Label, Wanted, place_labels

if TYPE_CHECKING:
    from scenarios.scenario import Scenario

SOURCE = "Outlines: Natural Earth 1:110m, public domain"
NEAR = 34.0
"""Pixels below which the two sides of a crossing share a mark, and below which a border alone is named."""
SAME = 16.0
"""Pixels below which any two border sides share a mark."""
MARGIN = 0.09
"""Share of the picture left free around the ways."""


@dataclass(frozen=True, slots=True)
class Projection:
    """Degrees to pixels."""

    west: float
    north: float
    scale: float
    shrink: float

    def __call__(self, lat: float, lon: float) -> tuple[float, float]:
        """Return x and y in pixels, from the upper left corner."""
        return (lon - self.west) * self.shrink * self.scale, (self.north - lat) * self.scale


class Tongue(NamedTuple):
    """What names are said in: the language's code, and English name → the name in it; others stay as they are."""

    language: str
    names: Mapping[str, str]

    def says(self, *english: str) -> tuple[str, str]:
        """Return names with a dash between, and the language they are in."""
        known = all(name in self.names for name in english)
        return " – ".join(self.names.get(name, name) for name in english), self.language if known else "en"


ENGLISH = Tongue("en", {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A border on the map: the sides that stand there (keys), its name and the language of that, x and y in pixels."""

    sides: tuple[str, ...]
    name: str
    language: str = "en"
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CorridorMap:
    """``svg``: the picture; vehicles go into its group ``c-vehicles``, each mark is a group ``c-mark-<number>``."""

    svg: str
    projection: Projection
    marks: tuple[Mark, ...] = field(default=())


def corridor_map(scenario: Scenario, width: int = 620, height: int = 350, tongue: Tongue = ENGLISH) -> CorridorMap:
    """Return the map of all flows of ``scenario``, ``width`` × ``height`` pixels, its names said in ``tongue``."""
    lines = [[place for one in courses(flow) for place in one] for flow in scenario.flows]
    projection = _fit((place for line in lines for place in line), width, height)
    marks = tuple(_marks(scenario, projection, tongue))
    spots = [(tongue.says(name), x, y) for name, x, y in _spots(scenario, projection, marks)]
    title, source = tongue.says(scenario.title), tongue.says(SOURCE)
    labels = place_labels(
        [Wanted(x=mark.x, y=mark.y, text=mark.name, lines=2) for mark in marks]
        + [Wanted(x=x, y=y, text=name, lines=1) for (name, _), x, y in spots],
        [[projection(*place) for place in line] for line in lines],
        width,
        height,
    )
    parts = [
        f'<svg class="c-map" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title[0])}" '
        'preserveAspectRatio="xMidYMid meet" xmlns="http://www.w3.org/2000/svg">',
        f'<path class="c-land" d="{_land(projection, width, height)}"/>',
        *_ways(lines, projection),
        *(f'<circle class="c-place" cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for _, x, y in spots),
        f'<text class="c-source" lang="{source[1]}" x="{width - 6}" y="{height - 6}" text-anchor="end">'
        f"{escape(source[0])}</text>",
        '<g class="c-vehicles"></g>',
        *(_mark(number, mark, label) for number, (mark, label) in enumerate(zip(marks, labels, strict=False))),
        *(_name(*named, label) for (named, *_), label in zip(spots, labels[len(marks) :], strict=True)),
        "</svg>",
    ]
    return CorridorMap(svg="".join(parts), projection=projection, marks=marks)


def _fit(points: Iterable[tuple[float, float]], width: int, height: int) -> Projection:
    lats, lons = zip(*points, strict=True)
    middle = (min(lats) + max(lats)) / 2
    shrink = cos(radians(middle))
    wide, high = max((max(lons) - min(lons)) * shrink, 2.0), max(max(lats) - min(lats), 2.0)
    scale = min(width * (1 - 2 * MARGIN) / wide, height * (1 - 2 * MARGIN) / high)
    west = (min(lons) + max(lons)) / 2 - width / scale / shrink / 2
    return Projection(west=west, north=middle + height / scale / 2, scale=scale, shrink=shrink)


@cache
def _rings() -> list[list[tuple[float, float]]]:
    text = resources.files("scenarios").joinpath("data/countries-110m.geojson").read_text(encoding="utf-8")
    rings = []
    for feature in json.loads(text)["features"]:
        geometry = feature["geometry"]
        polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        rings += [_unwrapped(ring) for polygon in polygons for ring in polygon]
    return rings


def _unwrapped(ring: Iterable[Sequence[float]]) -> list[tuple[float, float]]:
    """Return a ring that crosses the 180th meridian as one piece: east of it, degrees go on beyond 180."""
    points: list[tuple[float, float]] = []
    for lon, lat, *_ in ring:
        turned = lon + 360.0 * round((points[-1][0] - lon) / 360.0) if points else lon
        points.append((turned, lat))
    return points


def _land(projection: Projection, width: int, height: int) -> str:
    """Return the outlines that touch the picture as one path."""
    path = []
    for ring in _rings():
        pixels = [projection(lat, lon) for lon, lat in ring]
        xs, ys = [x for x, _ in pixels], [y for _, y in pixels]
        if max(xs) < 0 or min(xs) > width or max(ys) < 0 or min(ys) > height:
            continue
        path.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in pixels) + "Z")
    return "".join(path)


def _ways(lines: Iterable[Course], projection: Projection) -> Iterator[str]:
    for line in lines:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (projection(*place) for place in line))
        yield f'<polyline class="c-way" points="{points}"/>'


def _marks(scenario: Scenario, projection: Projection, tongue: Tongue) -> Iterator[Mark]:
    """Yield the borders. The two sides of a crossing share one where they are too near to tell apart; others do only
    where one mark would lie on the other."""
    groups: list[tuple[float, float, dict[str, str]]] = []
    for flow in scenario.flows:
        left: tuple[float, float, dict[str, str]] | None = None
        for stop, point in zip(flow.stops, flow.route, strict=True):
            if stop.side is None:
                left = None
                continue
            x, y = projection(point.lat, point.lon)
            found = next((group for group in groups if stop.side in group[2]), None)
            if found is None and left is not None and _apart(left, x, y) < NEAR:
                found = left
            if found is None:
                nearest = min(groups, key=lambda group: _apart(group, x, y), default=None)
                found = nearest if nearest is not None and _apart(nearest, x, y) < SAME else None
            if found is None:
                found = (x, y, {})
                groups.append(found)
            found[2].setdefault(stop.side, point.name)
            left = found if scenario.sides[stop.side].direction == "exit" else None
    for x, y, sides in groups:
        name, language = tongue.says(*dict.fromkeys(sides.values()))
        yield Mark(sides=tuple(sides), name=name, language=language, x=round(x, 1), y=round(y, 1))


def _apart(group: tuple[float, float, dict[str, str]], x: float, y: float) -> float:
    return max(abs(group[0] - x), abs(group[1] - y))


def _mark(number: int, mark: Mark, label: Label) -> str:
    x, y = mark.x, mark.y
    return (
        f'<g class="c-mark" id="c-mark-{number}"><circle cx="{x}" cy="{y}" r="9"/><g class="c-queues"></g>'
        f'<text lang="{mark.language}" x="{label.x:.1f}" y="{label.y:.1f}" text-anchor="{label.anchor}">'
        f"{escape(mark.name)}</text>"
        f'<text class="c-doing" x="{label.x:.1f}" y="{label.y + LINE:.1f}" text-anchor="{label.anchor}"></text></g>'
    )


def _name(name: str, language: str, label: Label) -> str:
    place = f'x="{label.x:.1f}" y="{label.y:.1f}" text-anchor="{label.anchor}"'
    return f'<text class="c-name" lang="{language}" {place}>{escape(name)}</text>'


def _spots(scenario: Scenario, projection: Projection, marks: Iterable[Mark]) -> Iterator[tuple[str, float, float]]:
    """Yield the places that are no borders: start, yards, destination; where a border is near, it alone is named."""
    taken = [(mark.x, mark.y) for mark in marks]
    for name, (lat, lon) in _named(scenario).items():
        x, y = projection(lat, lon)
        if any(abs(x - left) < NEAR and abs(y - top) < NEAR for left, top in taken):
            continue
        taken.append((x, y))
        yield name, x, y


def _named(scenario: Scenario) -> Mapping[str, tuple[float, float]]:
    return {
        point.name: (point.lat, point.lon)
        for flow in scenario.flows
        for stop, point in zip(flow.stops, flow.route, strict=True)
        if stop.side is None
    }


__all__ = ["SOURCE", "CorridorMap", "Mark", "Projection", "Tongue", "corridor_map"]
