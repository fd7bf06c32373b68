"""What became of the inspection images of a run, read from what was exchanged: the same on all transports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scenarios.transport import Exchanged

IMAGE = "IMAGE"
"""The reason of an answer (RCG) that recognises nothing for want of a sound image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageTally:
    """Counts of one arm of one replication.

    ``taken``: images that posts told their service of. ``announced``: notices from service to service, those sent again
    included. ``refused``: answers that named an image as missing or corrupt. ``repaired``: results refused for their
    image at first and recognised in the end; ``unrepaired``: never.
    """

    taken: int = 0
    announced: int = 0
    refused: int = 0
    repaired: int = 0
    unrepaired: int = 0


def tally(log: Iterable[Exchanged]) -> ImageTally:
    """Return the counts of what was exchanged."""
    taken = announced = refused = 0
    failed: set[tuple[str, str]] = set()
    sound: set[tuple[str, str]] = set()
    for item in log:
        if not item.accepted:
            continue
        if item.code == "IMG":
            if "." in item.header.sender:
                taken += 1
            else:
                announced += 1
        elif item.recognition is not None and not item.recognition[1].of:  # not one that is only passed back
            result, answer = item.recognition
            key = (item.header.sender, result)
            if IMAGE in answer.reasons:
                refused += 1
                failed.add(key)
            elif answer.outcome != "REFUSED":
                sound.add(key)
    return ImageTally(
        taken=taken,
        announced=announced,
        refused=refused,
        repaired=len(failed & sound),
        unrepaired=len(failed - sound),
    )


def image_summary(tallies: Mapping[str, Iterable[ImageTally | None]]) -> dict[str, Any]:
    """Return arm → counts summed over all its replications; nothing where no images are taken."""
    found: dict[str, Any] = {}
    for arm, given in tallies.items():
        known = [one for one in given if one is not None]
        if known:
            found[arm] = {name: sum(getattr(one, name) for one in known) for name in ImageTally.__slots__}
    return found


__all__ = ["ImageTally", "image_summary", "tally"]
