"""Time on the move, and officers' work by office, of one consignment: read from its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from scenarios.events import Event

PARTS = ("departure", "before_arrival", "at_the_border", "destination")
"""When officers worked on a consignment."""


class Motion(NamedTuple):
    """Kilometres from departure to destination, and of how many seconds on the move."""

    km: float
    seconds: int


def motion(log: Sequence[Event]) -> Motion | None:
    """Return how far a delivered consignment went and how long it moved; None if it was not delivered.

    It moves from a departure, or from leaving a stop or side, until it is at the next one; on the last leg until its
    delivery, or until the first control at its destination begins.
    """
    since: int | None = None
    start, moved = 0.0, 0
    cleared = min(
        (e.data["began"] for e in log if e.kind == "control" and e.data["presentation"] == "DESTINATION"), default=None
    )
    for event in log:
        kind = event.kind
        if kind == "departed":
            since, start = event.at, float(event.data["km"])
        elif kind in ("left", "crossed"):
            since = event.at
        elif kind in ("arrived", "reached"):
            if since is not None:
                moved += event.at - since
            since = None
        elif kind == "delivered":
            if since is not None:
                moved += max(0, (event.at if cleared is None else min(event.at, cleared)) - since)
            return Motion(float(event.data["km"]) - start, moved)
    return None


def officers(controls: Iterable[Event]) -> Mapping[tuple[str, str], int]:
    """Return (office, part of PARTS) → officers' seconds on one consignment, from the events of its controls."""
    found: dict[tuple[str, str], int] = {}
    for event in controls:
        data = event.data
        if data["side"] is not None:
            part = "before_arrival" if data.get("before_arrival") else "at_the_border"
        else:
            part = "departure" if data["presentation"] == "DEPARTURE" else "destination"
        key = (str(data["office"]), part)
        found[key] = found.get(key, 0) + int(data["officer_seconds"])
    return found


__all__ = ["PARTS", "Motion", "motion", "officers"]
