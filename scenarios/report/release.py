"""What the report's tables of a Time Release Study and of queues are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scenarios.report.palette import ARM_LOOKS
from scenarios.report.stations import resource_title

INTERVAL_TITLES = {
    "punctuality": "later than expected",
    "lead": "lead time of the information",
    "lodged_ahead": "lodged before arrival",
    "queue": "queue",
    "documents": "documents",
    "wait_for_control": "wait for a control",
    "control": "controls of the goods",
    "release": "until release",
    "gauge": "change of gauge after it",
    "leaving": "leaving",
    "clearance": "from zone to release",
    "whole": "the whole stay",
}
"""Interval → its title."""


def queue_rows(summary: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield title of the side, arm, name, share in use and figures of every queue of the summary."""
    for side in summary["borders"].values():
        for arm, look in ARM_LOOKS.items():
            for name, queue in side.get(arm, {}).get("queues", {}).items():
                used = side[arm]["utilisation"].get(name)
                named = {"title": side["title"], "arm": look.short, "name": resource_title(name)}
                yield named | {"used": used, "queue": queue}


__all__ = ["INTERVAL_TITLES", "queue_rows"]
