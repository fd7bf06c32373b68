"""Speed with and without delay, and officers' hours by office: figures of one arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scenarios.metrics.effort import PARTS
from scenarios.metrics.measures import ArmMeasures, ConsignmentMeasures
from scenarios.metrics.summary import mean, rounded

Json = dict[str, Any]


def speed(population: Sequence[Sequence[ConsignmentMeasures]]) -> Json:
    """Return kilometres an hour with delay (from departure to delivery) and without (on the move alone).

    As in corridor performance studies (CAREC CPMM: SWD, SWOD): all kilometres over all hours of a replication; the
    mean over replications. Null where nothing was delivered.
    """
    with_delay, without = [], []
    for run in population:
        done = [(item.motion, item.journey_seconds) for item in run if item.motion is not None and item.journey_seconds]
        km = sum(motion.km for motion, _ in done)
        moved = sum(motion.seconds for motion, _ in done)
        if done and moved:
            with_delay.append(km * 3600.0 / sum(seconds for _, seconds in done))
            without.append(km * 3600.0 / moved)
    return {
        "with_delay_kmh": rounded(mean(with_delay)) if with_delay else None,
        "without_delay_kmh": rounded(mean(without)) if without else None,
    }


def officer_hours(runs: Sequence[ArmMeasures], titles: Mapping[str, str]) -> Json:
    """Return office → its title and the officers' hours of a replication: at departure, before arrival, at the border,
    at destination. They sum to the arm's ``officer_hours``."""
    seconds: dict[tuple[str, str], int] = {}
    for run in runs:
        for item in run.consignments:
            for key, worked in item.officers.items():
                seconds[key] = seconds.get(key, 0) + worked
    offices = sorted({office for office, _ in seconds})
    return {
        office: {
            "title": titles.get(office, office),
            **{part: rounded(seconds.get((office, part), 0) / 3600.0 / len(runs)) for part in PARTS},
        }
        for office in offices
    }


__all__ = ["officer_hours", "speed"]
