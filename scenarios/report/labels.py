"""Where names stand on a map: beside what they name, off the ways that vehicles take, and off one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import dist
from unicodedata import east_asian_width

LINE = 16.0
"""Pixels from one line of a label to the next."""
_LETTER = 7.4
"""Pixels that a letter takes on average."""
_DOING = 13
"""Letters that the second line of a mark is given room for."""
_STRIP = 15.0
"""Pixels beside a way that its vehicles take up, either side."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A label that is wanted for the point at x, y: its text, and how many lines it needs."""

    x: float
    y: float
    text: str
    lines: int


@dataclass(frozen=True, slots=True)
class Label:
    """Where a label begins: x and y of its first line, and the text-anchor of SVG."""

    x: float
    y: float
    anchor: str


def place_labels(
    wanted: Sequence[Wanted], ways: Sequence[Sequence[tuple[float, float]]], width: int, height: int
) -> list[Label]:
    """Return a place for each label: of those about its point that which covers least; earlier ones go first."""
    on_ways = [spot for way in ways for spot in _along(way)]
    points = [(point.x - 14, point.y - 14, point.x + 14, point.y + 14) for point in wanted]
    taken: list[Box] = []
    labels = []
    for item in wanted:
        choices = list(_about(item))
        costs = [_cost(box, far, taken + points, on_ways, width, height) for _, box, far in choices]
        label, box, _ = choices[costs.index(min(costs))]
        taken.append(box)
        labels.append(label)
    return labels


def _along(way: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    for first, second in pairwise(way):
        steps = max(int(dist(first, second) / 8), 1)
        for step in range(steps + 1):
            share = step / steps
            yield first[0] + share * (second[0] - first[0]), first[1] + share * (second[1] - first[1])


def _letters(text: str) -> int:
    """Return the width of ``text`` in letters; a Chinese character is as wide as two."""
    return len(text) + sum(east_asian_width(character) in "WF" for character in text)


def _about(item: Wanted) -> Iterator[tuple[Label, Box, float]]:
    """Yield the places about a point, the nearest first: label, its box, how far off it is."""
    letters = max(_letters(item.text), _DOING if item.lines > 1 else 0)
    wide, high = letters * _LETTER, item.lines * LINE
    for far in (0.0, 12.0, 26.0):
        below, above = item.y + 26 + far, item.y - 13 - far - (item.lines - 1) * LINE
        middle = item.y + 5 - (item.lines - 1) * LINE / 2
        left, right = item.x - 15 - far, item.x + 15 + far
        for x, y, anchor in (
            (item.x, below, "middle"),
            (item.x, above, "middle"),
            (right, middle, "start"),
            (left, middle, "end"),
            (right, below - 8, "start"),
            (left, below - 8, "end"),
            (right, above + 4, "start"),
            (left, above + 4, "end"),
        ):
            begin = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * wide
            yield Label(x, y, anchor), (begin, y - 13, begin + wide, y - 13 + high), far


def _cost(
    box: Box, far: float, taken: Sequence[Box], on_ways: Sequence[tuple[float, float]], width: int, height: int
) -> float:
    left, top, right, bottom = box
    outside = max(0.0, 2 - left) + max(0.0, 2 - top) + max(0.0, right - width + 2) + max(0.0, bottom - height + 16)
    covered = sum(
        max(0.0, min(right, other[2]) - max(left, other[0])) * max(0.0, min(bottom, other[3]) - max(top, other[1]))
        for other in taken
    )
    ridden = sum(left - 4 < x < right + 4 and top - _STRIP < y < bottom + _STRIP for x, y in on_ways)
    return outside * 400 + covered * 4 + ridden * 30 + far * 5


__all__ = ["LINE", "Label", "Wanted", "place_labels"]
