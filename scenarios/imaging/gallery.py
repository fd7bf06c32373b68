"""The pictures that the posts of one arm take: made when they are taken, found again by their SHA-256."""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from exchange.luck import Luck
from scenarios.imaging.scanner import SCALE, SMALL_SCALE, Load, scan

MEDIA_TYPE = "image/png"
MOST_KEPT = 400
"""Pictures of a run that are left in its output folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture as messages name it. ``size`` in bytes."""

    sha256: str
    size: int


class Gallery:
    """Takes and keeps pictures. Those nobody will look at (not ``shown``) are small; all else about them is alike."""

    def __init__(self, luck: Luck, *, shown: bool) -> None:
        self._luck = luck
        self._scale = SCALE if shown else SMALL_SCALE
        self._pictures: dict[str, bytes] = {}

    def take(
        self, case: str, hs: str, irregular: Literal["easy", "hard"] | None, *, inspected: bool = False
    ) -> Picture:
        """Return the picture of a container of the consignment ``case`` (base UCR), equal in all arms and transports.

        It shows the first container; of an irregular consignment one that is irregular, which the analyst picks out.
        ``inspected``: as it was stowed back after an inspection.
        """
        data = scan(Load(hs=hs, irregular=irregular, inspected=inspected), self._luck, case, self._scale)
        picture = Picture(sha256=sha256(data).hexdigest(), size=len(data))
        self._pictures[picture.sha256] = data
        return picture

    def data(self, digest: str) -> bytes | None:
        """Return the bytes of a picture by its SHA-256, or None if nobody took it."""
        return self._pictures.get(digest)

    def write(self, folder: Path) -> None:
        """Leave the pictures in ``folder`` as <sha256>.png, at most :data:`MOST_KEPT`, those taken first."""
        if not self._pictures:
            return
        folder.mkdir(parents=True, exist_ok=True)
        for digest, data in list(self._pictures.items())[:MOST_KEPT]:
            place = folder / f"{digest}.png"
            if not place.exists():
                draft = folder / f".{digest}.{os.getpid()}"
                draft.write_bytes(data)
                draft.replace(place)


__all__ = ["MEDIA_TYPE", "MOST_KEPT", "Gallery", "Picture"]
