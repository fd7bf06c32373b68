"""What a beam has to pass: a map of attenuation, drawn in metres, and the picture that a scanner makes of it."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float64]

AIR = 238.0
"""Grey of the open beam (0 black, 255 white)."""
PHOTONS = 900.0
"""Photons that the open beam brings to a pixel: what little comes through much material is grainy (designed)."""
STRIPES = 0.012
"""Spread of the gain between the columns of a picture, as the truck or the gantry moves unevenly (designed)."""


class Canvas:
    """A map of attenuation (natural logarithms), ``scale`` pixels a metre; x from the left, y from the floor up.

    ``width`` and ``height`` in metres are those of the container; around it ``margin`` metres of air are seen.
    """

    def __init__(self, width: float, height: float, scale: float, margin: float = 0.35) -> None:
        self.width, self.height, self.scale, self.margin = width, height, scale, margin
        self.columns = round((width + 2 * margin) * scale)
        self.rows = round((height + 2 * margin) * scale)
        self.map: Map = np.zeros((self.rows, self.columns))

    def copy(self) -> Canvas:
        """Return a canvas with the same on it."""
        made = Canvas(self.width, self.height, self.scale, self.margin)
        made.map[:] = self.map
        return made

    def _x(self, metres: float) -> int:
        return min(max(round((metres + self.margin) * self.scale), 0), self.columns)

    def _y(self, metres: float) -> int:
        return min(max(round((self.height + self.margin - metres) * self.scale), 0), self.rows)

    def cut(self, x: float, y: float, width: float, height: float) -> Map:
        """Return that part of the map, to be changed in place."""
        return self.map[self._y(y + height) : self._y(y), self._x(x) : self._x(x + width)]

    def box(self, x: float, y: float, width: float, height: float, dense: float) -> None:
        """Add a box of the same attenuation ``dense`` everywhere; less than nothing takes material away."""
        part = self.cut(x, y, width, height)
        part += dense
        np.maximum(part, 0.0, out=part)

    def frame(self, x: float, y: float, width: float, height: float, dense: float, edge: float) -> None:
        """Add the four edges of a box, ``edge`` metres thick."""
        self.box(x, y, width, edge, dense)
        self.box(x, y + height - edge, width, edge, dense)
        self.box(x, y + edge, edge, height - 2 * edge, dense)
        self.box(x + width - edge, y + edge, edge, height - 2 * edge, dense)

    def disc(self, x: float, y: float, radius: float, dense: float, hole: float = 0.0, squash: float = 1.0) -> None:
        """Add a round thing seen from its end: full within ``radius``, with a ``hole`` of that part of the radius.

        A ``squash`` below 1 makes it lower than wide.
        """
        rows, columns, apart = self._around(x, y, radius, squash)
        self.map[rows, columns] += dense * ((apart < 1.0) & (apart >= hole * hole))

    def barrel(self, x: float, y: float, radius: float, dense: float, squash: float = 1.0) -> None:
        """Add a ball or bag: the beam passes most of it in the middle, where it adds ``dense``."""
        rows, columns, apart = self._around(x, y, radius, squash)
        self.map[rows, columns] += dense * np.sqrt(np.maximum(1.0 - apart, 0.0))

    def drum(self, x: float, y: float, radius: float, height: float, dense: float) -> None:
        """Add an upright cylinder seen from its side, with its lids."""
        left, right = self._x(x - radius), self._x(x + radius)
        if right - left < 2:
            return
        across = (np.arange(left, right) + 0.5 - (left + right) / 2) / ((right - left) / 2)
        self.map[self._y(y + height) : self._y(y), left:right] += dense * np.sqrt(1.0 - across * across)
        lid = max(1.0 / self.scale, 0.03)
        self.box(x - radius, y, 2 * radius, lid, dense * 0.4)
        self.box(x - radius, y + height - lid, 2 * radius, lid, dense * 0.4)

    def _around(self, x: float, y: float, radius: float, squash: float) -> tuple[slice, slice, Map]:
        rows = slice(self._y(y + radius * squash), self._y(y - radius * squash))
        columns = slice(self._x(x - radius), self._x(x + radius))
        across = (np.arange(columns.start, columns.stop) + 0.5) / self.scale - self.margin - x
        up = self.height + self.margin - (np.arange(rows.start, rows.stop) + 0.5) / self.scale - y
        return rows, columns, (across[None, :] ** 2 + (up[:, None] / squash) ** 2) / (radius * radius)

    def picture(self, seed: int) -> bytes:
        """Return the scanner's picture as PNG, 8 bits of grey: what comes through, blurred and noisy by ``seed``."""
        from PIL import Image

        through = np.exp(-_blurred(self.map))
        grain = _grain(seed, self.rows * self.columns + self.columns)
        noise = grain[: self.rows * self.columns].reshape(self.rows, self.columns)
        through += np.sqrt(through / PHOTONS) * noise
        through *= 1.0 + STRIPES * grain[self.rows * self.columns :]
        grey = np.clip(AIR * np.sqrt(np.maximum(through, 0.0)), 0.0, 255.0).astype(np.uint8)
        out = BytesIO()
        Image.fromarray(grey).save(out, "PNG", compress_level=6)
        return out.getvalue()


def _blurred(given: Map) -> Map:
    """Return ``given`` as a beam of some width sees it: each pixel with a share of its four neighbours."""
    blurred: Map = 0.52 * given
    for axis in (0, 1):
        blurred += 0.12 * (np.roll(given, 1, axis) + np.roll(given, -1, axis))
    return blurred


def _grain(seed: int, count: int) -> Map:
    """Return ``count`` nearly normal numbers (mean 0, deviation 1) that depend on ``seed`` alone.

    Sums of four bytes out of the raw stream, which numpy keeps from version to version.
    """
    raw = np.random.PCG64(seed).random_raw((count * 4 + 7) // 8).view(np.uint8)[: count * 4]
    sums: Map = raw.reshape(4, count).sum(axis=0, dtype=np.int64).astype(np.float64)
    return (sums - 510.0) / 147.8


__all__ = ["Canvas"]
