"""What holds a vehicle at a border side: activities in a chain, read backward from the crossing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Segment = tuple[str, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Activity:
    """Something that lasted from ``ready`` (when nothing else held it, queueing included) to ``ended``.

    ``before`` is what made it ready: the one of its predecessors that ended last. Times are seconds.
    """

    bucket: str
    ready: int
    ended: int
    before: Activity | None = None


def latest(activities: Iterable[Activity | None]) -> Activity | None:
    """Return the activity that ended last, the first of equals; None if there is none."""
    found: Activity | None = None
    for activity in activities:
        if activity is not None and (found is None or activity.ended > found.ended):
            found = activity
    return found


def segments(last: Activity | None, arrived: int, crossed: int) -> list[Segment]:
    """Return the partition of the time from ``arrived`` to ``crossed`` along the critical path, earliest first.

    Neighbours of one bucket are joined, nothing of no length is kept; the parts sum to ``crossed - arrived`` exactly.
    """
    parts: list[Segment] = []
    end, activity = crossed, last
    while activity is not None and end > arrived:
        begin = max(arrived, min(activity.ready, end))
        if end > begin:
            if parts and parts[-1][0] == activity.bucket:
                parts[-1] = (activity.bucket, begin, parts[-1][2])
            else:
                parts.append((activity.bucket, begin, end))
            end = begin
        activity = activity.before
    if end > arrived:
        if parts and parts[-1][0] == "other":
            parts[-1] = ("other", arrived, parts[-1][2])
        else:
            parts.append(("other", arrived, end))
    return parts[::-1]


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ``spans`` (begin, end) in order, those that touch or overlap joined; empty ones are left out."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if end <= begin:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


__all__ = ["Activity", "Segment", "latest", "merged", "segments"]
