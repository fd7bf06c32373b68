"""How loads look to a scanner, by chapter of the Harmonized System, and how irregular ones do (all designed).

Attenuations are natural logarithms of what a 6 MeV beam loses: some 0.9 through a stack of cartons, 3 through a
machine, 7 through a block of lead that nothing comes through.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Literal

import numpy as np

from scenarios.imaging.canvas import Canvas

Trick = Literal["hidden", "missing", "wall"]
TRICKS: tuple[Trick, ...] = ("hidden", "missing", "wall")
"""What an irregular load shows: something dense in it, a part of it that is not there, something inside a wall."""

Filler = Callable[[Canvas, Random], None]
FLOOR, DECK = 0.15, 0.29
"""Metres up to the floor of a container, and to the top of a pallet on it."""


def container(canvas: Canvas, reefer: bool = False) -> None:
    """Draw the empty box: corner posts, corrugated walls, floor with its beams, doors with their bars."""
    width, height = canvas.width, canvas.height
    canvas.box(0, 0, width, height, 0.10)
    rib, x = 0.28, 0.0
    while x < width:
        canvas.box(x, FLOOR, rib / 2, height - FLOOR - 0.08, 0.045)
        x += rib
    canvas.box(0, 0, width, FLOOR, 0.55)
    x = 0.2
    while x < width:
        canvas.box(x, 0, 0.06, FLOOR, 0.9)
        x += 0.6
    canvas.box(0, height - 0.08, width, 0.08, 0.30)
    for post in (0.0, width - 0.16):
        canvas.box(post, 0, 0.16, height, 1.1)
    for corner in (0.0, width - 0.18):
        for level in (0.0, height - 0.12):
            canvas.box(corner, level, 0.18, 0.12, 1.5)
    for bar in (width - 0.34, width - 0.52):
        canvas.box(bar, FLOOR, 0.04, height - FLOOR - 0.1, 0.5)
    if reefer:
        canvas.box(0.16, FLOOR, 0.45, height - 0.25, 0.5)
        canvas.disc(0.42, 0.6, 0.22, 2.2, hole=0.3)
        canvas.disc(0.42, 1.6, 0.26, 0.8, hole=0.7)
        canvas.box(0.22, 2.05, 0.3, 0.35, 1.3)


def _pallet(canvas: Canvas, x: float, width: float) -> None:
    canvas.box(x, FLOOR, width, 0.03, 0.25)
    canvas.box(x, DECK - 0.03, width, 0.03, 0.25)
    for part in (0.0, 0.44, 0.88):
        canvas.box(x + part * width, FLOOR, 0.12 * width, DECK - FLOOR, 0.3)


def cartons(dense: float, side: float, tall: float) -> Filler:
    """Return what draws cartons ``side`` metres wide and ``tall`` high, stacked on pallets."""

    def fill(canvas: Canvas, dice: Random) -> None:
        x = 0.35 + 0.1 * dice.random()
        while x + 1.2 < canvas.width - 0.55:
            _pallet(canvas, x, 1.15)
            rows = max(1, int((canvas.height - 0.55 - DECK - 0.35 * dice.random()) / tall))
            for row in range(rows):
                step = 1.15 / max(1, round(1.15 / side))
                shift = 0.0 if row % 2 else step / 2
                left = x - shift * 0.15
                for number in range(max(1, round(1.15 / step))):
                    if row == rows - 1 and dice.random() < 0.12:
                        continue
                    at = left + number * step
                    canvas.box(at, DECK + row * tall, step - 0.02, tall - 0.02, dense * (0.85 + 0.3 * dice.random()))
                    canvas.box(at + step * 0.2, DECK + (row + 0.35) * tall, step * 0.5, tall * 0.3, dense * 0.25)
            x += 1.22 + 0.04 * dice.random()

    return fill


def bales(canvas: Canvas, dice: Random) -> None:
    """Draw pressed bales in rows, a little out of line and rounded."""
    x = 0.35
    while x + 0.8 < canvas.width - 0.55:
        y = FLOOR
        while y + 0.6 < canvas.height - 0.2:
            tall = 0.56 + 0.08 * dice.random()
            canvas.box(x + 0.04, y, 0.76, tall - 0.03, 0.75 + 0.3 * dice.random())
            canvas.barrel(x + 0.42, y + tall / 2, 0.42, 0.45, squash=tall / 0.84)
            for band in (0.2, 0.4, 0.6):
                canvas.box(x + band, y, 0.02, tall - 0.03, 0.12)
            y += tall
        x += 0.84 + 0.03 * dice.random()


def rolls(radius: float, dense: float, hole: float) -> Filler:
    """Return what draws rolls seen from their ends, stacked in the gaps of those below."""

    def fill(canvas: Canvas, dice: Random) -> None:
        layer, y = 0, FLOOR + radius
        while y + radius < canvas.height - 0.25:
            x = 0.35 + radius + (radius if layer % 2 else 0.0)
            while x + radius < canvas.width - 0.6:
                canvas.disc(x, y, radius * 0.97, dense * (0.85 + 0.3 * dice.random()), hole)
                if hole and dice.random() < 0.7:
                    canvas.disc(x, y, radius * hole, dense * 0.5, 0.7)
                x += 2 * radius
            y += radius * 1.75
            layer += 1

    return fill


def drums(canvas: Canvas, dice: Random) -> None:
    """Draw drums upright on pallets, in two layers, some of them filled less."""
    for y in (DECK, DECK + 1.08):
        x = 0.4
        while x + 0.6 < canvas.width - 0.55:
            if y == DECK:
                _pallet(canvas, x, 0.6)
            full = 0.7 + 0.2 * dice.random()
            canvas.drum(x + 0.3, y, 0.29, 0.9, 0.5)
            canvas.drum(x + 0.3, y, 0.27, 0.9 * full, 1.3)
            x += 0.63


def sacks(canvas: Canvas, dice: Random) -> None:
    """Draw sacks in layers up to two thirds of the height."""
    y = FLOOR + 0.1
    while y < canvas.height * 0.66:
        x = 0.5 + 0.2 * dice.random()
        while x + 0.4 < canvas.width - 0.6:
            canvas.barrel(x + 0.1, y, 0.42, 0.75 + 0.3 * dice.random(), squash=0.3)
            x += 0.62 + 0.1 * dice.random()
        y += 0.2


def machines(canvas: Canvas, dice: Random) -> None:
    """Draw machines in their crates: housings, shafts, motors and wheels."""
    x = 0.5
    while x + 2.0 < canvas.width - 0.6:
        wide, tall = 1.9 + 1.2 * dice.random(), 1.5 + 0.7 * dice.random()
        wide = min(wide, canvas.width - 0.7 - x)
        canvas.frame(x, FLOOR, wide, tall, 0.35, 0.06)
        canvas.box(x + 0.1, FLOOR + 0.06, wide - 0.2, 0.22, 1.9)
        canvas.box(x + 0.2, FLOOR + 0.28, wide * 0.45, tall * 0.5, 1.2 + dice.random())
        canvas.disc(x + wide * 0.7, FLOOR + tall * 0.42, 0.36, 2.3, hole=0.35)
        canvas.disc(x + wide * 0.7, FLOOR + tall * 0.42, 0.12, 1.5)
        canvas.box(x + wide * 0.3, FLOOR + tall * 0.4, wide * 0.5, 0.09, 1.6)
        canvas.barrel(x + wide * 0.35, FLOOR + tall * 0.72, 0.28, 1.9, squash=0.8)
        for number in range(3):
            canvas.box(x + 0.3 + 0.16 * number, FLOOR + 0.5, 0.06, tall * 0.25, 0.9)
        x += wide + 0.15 + 0.3 * dice.random()


def vehicles(canvas: Canvas, dice: Random) -> None:
    """Draw cars, two on the floor and perhaps one on a rack above."""
    for number in range(max(1, int((canvas.width - 1.0) / 4.6))):
        _car(canvas, 0.7 + 4.9 * number + 0.2 * dice.random(), FLOOR, dice)
    if canvas.height > 2.5 and dice.random() < 0.6:
        canvas.box(0.6, 1.62, canvas.width - 1.3, 0.05, 0.8)


def _car(canvas: Canvas, x: float, y: float, dice: Random) -> None:
    canvas.box(x, y + 0.25, 4.2, 0.55, 0.55)
    canvas.box(x + 1.1, y + 0.8, 2.1, 0.5, 0.25)
    canvas.frame(x + 1.1, y + 0.75, 2.1, 0.6, 0.5, 0.06)
    canvas.box(x + 0.25, y + 0.35, 0.85, 0.45, 1.9 + 0.4 * dice.random())
    canvas.disc(x + 0.75, y + 0.6, 0.16, 1.2)
    canvas.box(x + 1.6, y + 0.45, 0.5, 0.5, 0.35)
    canvas.box(x + 2.5, y + 0.45, 0.6, 0.55, 0.35)
    for wheel in (0.75, 3.4):
        canvas.disc(x + wheel, y + 0.32, 0.32, 1.3, hole=0.62)
        canvas.disc(x + wheel, y + 0.32, 0.18, 1.2)


def logs(canvas: Canvas, dice: Random) -> None:
    """Draw sawn timber in packs: many thin layers with battens between."""
    x = 0.4
    while x + 3.6 < canvas.width - 0.4:
        y = FLOOR + 0.05
        while y + 0.5 < canvas.height - 0.3:
            for layer in range(8):
                canvas.box(x + 0.06 * dice.random(), y + layer * 0.06, 3.6, 0.048, 0.8 + 0.35 * dice.random())
            y += 0.5
            for batten in (0.3, 1.7, 3.1):
                canvas.box(x + batten, y, 0.1, 0.08, 0.5)
            y += 0.08
        x += 3.75


CARTONS, LIGHT, CRATES, HEAVY = (
    cartons(0.85, 0.4, 0.33),
    cartons(0.5, 0.58, 0.42),
    cartons(1.05, 0.58, 0.26),
    cartons(2.1, 0.38, 0.3),
)
CARPETS, COILS, PAPER = rolls(0.16, 0.95, 0.22), rolls(0.55, 3.2, 0.42), rolls(0.45, 1.9, 0.12)
CHAPTERS: tuple[tuple[range, Filler], ...] = (
    (range(1, 6), CRATES),
    (range(6, 9), CRATES),
    (range(9, 15), sacks),
    (range(15, 25), CARTONS),
    (range(25, 28), sacks),
    (range(28, 39), drums),
    (range(39, 41), sacks),
    (range(41, 44), bales),
    (range(44, 47), logs),
    (range(47, 50), PAPER),
    (range(50, 57), bales),
    (range(57, 58), CARPETS),
    (range(58, 64), bales),
    (range(64, 68), LIGHT),
    (range(68, 72), HEAVY),
    (range(72, 84), COILS),
    (range(84, 85), machines),
    (range(86, 90), vehicles),
)
"""Chapters and what their goods look like; all others travel in cartons."""
COOLED = range(2, 9)
"""Chapters that travel in containers with a cooling unit."""
SMALL = ("8471", "8443", "8473")
"""Headings of chapter 84 that travel in cartons."""


def filler_of(hs: str) -> Filler:
    """Return how goods of the HS code ``hs`` (two digits at least) are drawn."""
    if hs.startswith(SMALL):
        return LIGHT
    chapter = int(hs[:2])
    return next((filler for chapters, filler in CHAPTERS if chapter in chapters), CARTONS)


def spoil(canvas: Canvas, dice: Random, trick: Trick, plain: bool) -> None:
    """Make the load irregular; ``plain`` to see, or so that one has to look for it."""
    strength = 1.0 if plain else 0.34
    x = 1.2 + dice.random() * (canvas.width - 3.2)
    y = FLOOR + 0.2 + dice.random() * (canvas.height - 1.4)
    if trick == "hidden":
        size = (0.9 if plain else 0.5) * (0.8 + 0.4 * dice.random())
        canvas.box(x, y, size, size * 0.55, 4.5 * strength)
        canvas.frame(x, y, size, size * 0.55, 2.0 * strength, 0.05)
        canvas.disc(x + size * 0.3, y + size * 0.28, size * 0.16, 3.0 * strength)
    elif trick == "missing":
        wide = (2.3 if plain else 0.7) * (0.8 + 0.4 * dice.random())
        wide = min(wide, canvas.width - 0.8 - x)
        canvas.box(x, FLOOR + 0.02, wide, canvas.height - FLOOR - 0.12, -9.0)
        canvas.box(x, FLOOR, wide, canvas.height - FLOOR - 0.08, 0.12)
    else:
        canvas.box(0.16, FLOOR, 0.5 if plain else 0.26, canvas.height - 0.35, 2.6 * strength)
        step = 0.24
        for number in range(int((canvas.height - 0.6) / step)):
            canvas.box(0.2, FLOOR + 0.05 + number * step, 0.4 if plain else 0.18, step - 0.05, 1.6 * strength)


def restow(canvas: Canvas, empty: Canvas, dice: Random) -> None:
    """Stow back what an inspection took out at the doors: an aisle stays open there, and some packages stand loose.

    ``empty`` is the same container without goods: a beam across the aisle passes all of it, and fewer goods.
    """
    depth, wide = 2.6 + 2.2 * dice.random(), 0.32 + 0.14 * dice.random()
    goods = Canvas(canvas.width, canvas.height, canvas.scale, canvas.margin)
    goods.map[:] = canvas.map - empty.map
    inner = goods.cut(canvas.width - 0.55 - depth, FLOOR, depth, canvas.height - FLOOR)
    inner *= 1.0 - wide
    np.maximum(goods.map, 0.0, out=goods.map)
    canvas.map[:] = empty.map + goods.map
    x = canvas.width - 0.6 - depth
    while x + 0.5 < canvas.width - 0.6:
        if dice.random() < 0.45:
            size = 0.3 + 0.15 * dice.random()
            canvas.box(x, FLOOR, size, size * 0.8, 0.35 + 0.2 * dice.random())
            if dice.random() < 0.5:
                canvas.box(x + 0.04, FLOOR + size * 0.8, size * 0.9, size * 0.7, 0.3 + 0.2 * dice.random())
        x += 0.55


__all__ = ["COOLED", "TRICKS", "Trick", "container", "filler_of", "restow", "spoil"]
