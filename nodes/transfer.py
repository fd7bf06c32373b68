"""The line over which a node fetches inspection images: how long that takes, and what may go wrong on it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from math import ceil
from typing import Literal

from exchange.luck import Luck
from exchange.references import strip_run

Outcome = Literal["WHOLE", "CORRUPT", "MISSING"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLine:
    """A line to fetch images over; as it is made by default, a real one, which takes the time it takes.

    In a run it is simulated: ``bits_per_second`` says how fast it carries, ``stands_for`` how many bytes an image has
    there in place of its own (a rendered picture is far smaller than a scanner's file), ``corrupted`` what share (0-1)
    of the transfers changes a byte on the way.
    """

    bits_per_second: float | None = None
    stands_for: int | None = None
    corrupted: float = 0.0

    def seconds(self, size: int) -> int:
        """Return how long a simulated line takes for an image of ``size`` bytes: whole seconds, at least 1."""
        if self.bits_per_second is None:
            return 0
        return max(1, ceil((self.stands_for or size) * 8 / self.bits_per_second))

    def carried(self, data: bytes, luck: Luck, case: str, way: str, attempt: int) -> bytes:
        """Return ``data`` as it comes out of the line; luck decides whether one byte is another then.

        ``case``: its UCR; ``way``: from whom to whom (``MN>RU``); ``attempt`` counts the announcements of the image.
        """
        entity = strip_run(case)
        if not data or luck.uniform(entity, way, "image-corrupted", attempt) >= self.corrupted:
            return data
        at = int(luck.uniform(entity, way, "image-corrupted-at", attempt) * len(data))
        return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]


REAL_LINE = ImageLine()


def judge(data: bytes | None, size: int, digest: str) -> tuple[Outcome, str]:
    """Return whether what was fetched is the image announced with ``size`` bytes and this SHA-256, and what is wrong.

    None: nothing was fetched, because the partner has no such image for us.
    """
    if data is None:
        return "MISSING", "The image could not be fetched: its service does not give it out."
    if len(data) != size:
        return "CORRUPT", f"The image fetched has {len(data)} bytes, not the {size} announced."
    found = sha256(data).hexdigest()
    if found != digest:
        return "CORRUPT", f"The SHA-256 of the image fetched is {found[:12]}…, not {digest[:12]}… as announced."
    return "WHOLE", ""


__all__ = ["REAL_LINE", "ImageLine", "Outcome", "judge"]
