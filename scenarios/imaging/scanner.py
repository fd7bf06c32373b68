"""A model of a cargo scanner: a plausible picture of a container's load, simulated, from what is in it and luck alone.

No real scanner, load or image stands behind the pictures. The same load gives the same bytes with the same versions of
numpy and Pillow: a message can name the digest of an image before anybody has asked for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Literal

from exchange.luck import Luck
from scenarios.imaging.canvas import Canvas
from scenarios.imaging.loads import COOLED, TRICKS, Trick, container, filler_of, restow, spoil

LENGTH, HEIGHT = 12.19, 2.9
"""Metres of a forty-foot high-cube container, outside (ISO 668)."""
SCALE = 42.0
"""Pixels a metre of a picture that people look at: some 540 by 150 pixels, a few tens of kilobytes."""
SMALL_SCALE = 9.0
"""Pixels a metre of a picture that only has to be there: some 115 by 32 pixels, three kilobytes."""

STOWINGS = 8
"""Ways in which goods of one kind are stowed; grain and irregularities are each picture's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a container holds: goods of the code ``hs``, and whether something is wrong with it and how well that hides.

    ``trick`` says what is wrong; left out, luck does. ``inspected``: an inspection took goods out at the doors and had
    them stowed back.
    """

    hs: str
    irregular: Literal["easy", "hard"] | None = None
    trick: Trick | None = None
    inspected: bool = False


def scan(load: Load, luck: Luck, entity: str, scale: float = SCALE) -> bytes:
    """Return the picture (PNG, 8 bits of grey) of ``load``, the container of the consignment ``entity``.

    ``scale``: pixels a metre. An irregular load differs from the regular one of the same luck by its
    irregularity alone; one that was inspected is stowed otherwise than its scan before shows, and loosely at the doors.
    """
    again = "re" if load.inspected else ""
    canvas = _stowed(load.hs, int(luck.uniform(entity, "scanner", f"image-{again}stowing") * STOWINGS), scale).copy()
    if load.inspected:
        restow(canvas, _empty(load.hs, scale), Random(_seed(luck, entity, "loose")))
    if load.irregular is not None:
        dice = Random(_seed(luck, entity, "irregular"))
        trick = load.trick or TRICKS[int(dice.random() * len(TRICKS))]
        spoil(canvas, dice, trick, plain=load.irregular == "easy")
    return canvas.picture(_seed(luck, entity, f"{again}grain"))


@lru_cache(maxsize=32)
def _stowed(hs: str, stowing: int, scale: float) -> Canvas:
    """Return a container with goods, stowed in one of the ways that there are: drawing them takes longest."""
    canvas = _empty(hs, scale).copy()
    filler_of(hs)(canvas, Random(f"{hs[:2]}/{stowing}"))
    return canvas


@lru_cache(maxsize=4)
def _empty(hs: str, scale: float) -> Canvas:
    """Return a container for goods of the code ``hs``, with nothing in it."""
    canvas = Canvas(LENGTH, HEIGHT, scale)
    container(canvas, reefer=int(hs[:2]) in COOLED)
    return canvas


def _seed(luck: Luck, entity: str, purpose: str) -> int:
    return int(luck.uniform(entity, "scanner", f"image-{purpose}") * 2**53)


__all__ = ["HEIGHT", "LENGTH", "SCALE", "SMALL_SCALE", "Load", "scan"]
