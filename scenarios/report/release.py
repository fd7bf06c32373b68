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


def queue_rows(summary: Mapping[str, Any]) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Yield the title of every queue of the summary, and for each arm: its name, share in use and figures."""
    for side in summary["borders"].values():
        arms = [arm for arm in ARM_LOOKS if arm in side]
        for name in dict.fromkeys(name for arm in arms for name in side[arm]["queues"]):
            rows: list[Mapping[str, Any]] = [
                {
                    "arm": ARM_LOOKS[arm].short,
                    "used": side[arm]["utilisation"].get(name),
                    "queue": side[arm]["queues"][name],
                }
                for arm in arms
                if name in side[arm]["queues"]
            ]
            yield f"{side['title']}: {resource_title(name)}", rows


__all__ = ["INTERVAL_TITLES", "queue_rows"]
