"""The summary of a run: the published JSON of ``corridor run --json``, from the measures of all replications.

Means, coverage, officer hours, phases and utilisation are means of replication values; 50 and 90 per cent
points are pooled over all replications; consignments, controls and irregular goods are sums; message counts
are those of replication 0. All hours are of the regular consignments. Numbers are rounded to six decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import fsum
from typing import Any

from scenarios.events import PHASES
from scenarios.metrics import student
from scenarios.metrics.measures import FORMS, ArmMeasures, ConsignmentMeasures
from scenarios.metrics.quantiles import quantiles
from scenarios.queueing import QueueFigures

ARMS = ("baseline", "advance", "recognition")
"""The arms in the order they are shown."""
COMPARISONS = (
    ("advance", "baseline", "advance"),
    ("recognition", "baseline", "recognition"),
    ("recognition_over_advance", "advance", "recognition"),
)
"""Name of a comparison, the arm compared with, the arm."""

Hours = Callable[[ConsignmentMeasures], float | None]
Json = dict[str, Any]


def border_hours(item: ConsignmentMeasures) -> float | None:
    """Return the hours of a consignment at all its border sides."""
    return item.border_seconds / 3600.0


def journey_hours(item: ConsignmentMeasures) -> float | None:
    """Return the hours from departure to delivery, None for what was not delivered."""
    return None if item.journey_seconds is None else item.journey_seconds / 3600.0


def side_hours(side: str) -> Hours:
    """Return a function that gives the hours of a consignment at ``side``, None if it never crossed there."""

    def hours(item: ConsignmentMeasures) -> float | None:
        stay = item.stays.get(side)
        return None if stay is None else stay.seconds / 3600.0

    return hours


def rounded(value: float) -> float:
    """Return ``value`` to six decimals, never a negative zero."""
    return round(float(value), 6) + 0.0


def by_arm(measures: Iterable[ArmMeasures]) -> dict[str, tuple[ArmMeasures, ...]]:
    """Return arm → its replications in order, the arms in the order they are shown."""
    ordered = sorted(measures, key=lambda item: item.replication)
    arms = {arm: tuple(item for item in ordered if item.arm == arm) for arm in ARMS}
    return {arm: items for arm, items in arms.items() if items}


def in_flow(measures: Sequence[ArmMeasures], flow: str) -> list[list[ConsignmentMeasures]]:
    """Return the regular consignments of ``flow``, one list a replication."""
    return [[item for item in run.regular if item.flow == flow] for run in measures]


def regular(measures: Sequence[ArmMeasures]) -> list[list[ConsignmentMeasures]]:
    """Return the regular consignments, one list a replication."""
    return [list(run.regular) for run in measures]


def replication_means(population: Sequence[Sequence[ConsignmentMeasures]], hours: Hours) -> list[float]:
    """Return the mean of ``hours`` in each replication that has any."""
    return [mean(values) for run in population if (values := _values(run, hours))]


def pooled(population: Sequence[Sequence[ConsignmentMeasures]], hours: Hours) -> list[float]:
    """Return ``hours`` of all consignments of all replications."""
    return [value for run in population for value in _values(run, hours)]


def statistics(population: Sequence[Sequence[ConsignmentMeasures]], hours: Hours) -> Json:
    """Return mean (of replication means), p50 and p90 (pooled, linear) of ``hours``; nulls without any."""
    runs = [_values(run, hours) for run in population]
    values = [value for run in runs for value in run]
    if not values:
        return {"mean": None, "p50": None, "p90": None}
    p50, p90 = quantiles(sorted(values), (0.5, 0.9))
    return {
        "mean": rounded(mean([mean(run) for run in runs if run])),
        "p50": rounded(p50),
        "p90": rounded(p90),
    }


def mean(values: Sequence[float]) -> float:
    """Return the mean of ``values``; there must be some."""
    return fsum(values) / len(values)


def differences(
    reference: Sequence[Sequence[ConsignmentMeasures]],
    other: Sequence[Sequence[ConsignmentMeasures]],
    hours: Hours,
) -> list[float]:
    """Return per replication how many hours less the mean of ``other`` is than that of ``reference``."""
    paired = [(_values(first, hours), _values(second, hours)) for first, second in zip(reference, other, strict=True)]
    return [mean(first) - mean(second) for first, second in paired if first and second]


def _values(items: Iterable[ConsignmentMeasures], hours: Hours) -> list[float]:
    return [value for value in map(hours, items) if value is not None]


def wished_hours(item: ConsignmentMeasures) -> float | None:
    """Return the hours from when a carrier wished to come to the border until it came; None where none was noted."""
    if item.wished_at is None or item.reached_at is None:
        return None
    return (item.reached_at - item.wished_at) / 3600.0


def quay_hours(item: ConsignmentMeasures) -> float | None:
    """Return the hours that a consignment waited for ships; None where it never sailed on a line."""
    return None if item.quay_seconds is None else item.quay_seconds / 3600.0


def last_through_hours(population: Sequence[Sequence[ConsignmentMeasures]]) -> float | None:
    """Return the mean over replications of the hours from the first wish to cross until the last has crossed."""
    spans = []
    for run in population:
        wishes = [item.wished_at for item in run if item.wished_at is not None]
        ends = [item.through_at for item in run if item.through_at is not None]
        if wishes and ends:
            spans.append((max(ends) - min(wishes)) / 3600.0)
    return rounded(mean(spans)) if spans else None


def saved(reference: Sequence[Sequence[ConsignmentMeasures]], other: Sequence[Sequence[ConsignmentMeasures]]) -> Json:
    """Return the hours saved with their intervals (null with one replication); positive means less."""
    border = differences(reference, other, border_hours)
    journey = differences(reference, other, journey_hours)
    whole = mean(replication_means(reference, border_hours))
    return {
        "border_hours_mean": rounded(mean(border)),
        "ci95": _interval(border),
        "share_of_border_time": rounded(mean(border) / whole) if whole else 0.0,
        "door_to_door_hours_mean": rounded(mean(journey)) if journey else None,
        "door_to_door_ci95": _interval(journey),
        "per_replication": [rounded(value) for value in border],
        "door_to_door_per_replication": [rounded(value) for value in journey],
    }


def saving(values: Sequence[float]) -> Json:
    """Return mean and interval of differences in hours, one a replication; an empty list gives zero."""
    return {"hours_mean": rounded(mean(values)) if values else 0.0, "ci95": _interval(values)}


def arm_summary(runs: Sequence[ArmMeasures], baseline: Sequence[ArmMeasures] | None) -> Json:
    """Return what one arm came to. ``waived`` is null where there is no baseline to compare with."""
    everyone = [item for run in runs for item in run.consignments]
    first = next((run for run in runs if run.replication == 0), runs[0])
    return {
        "consignments": len(everyone),
        "regular": sum(len(run.regular) for run in runs),
        "delivered": sum(item.journey_seconds is not None for item in everyone),
        "seized": sum(item.seized for item in everyone),
        "border_hours": statistics(regular(runs), border_hours),
        "door_to_door_hours": statistics(regular(runs), journey_hours),
        "controls": {form: sum(form == made for item in everyone for _, made in item.controls) for form in FORMS},
        "waived": None if baseline is None else _waived(runs, baseline),
        "officer_hours": rounded(mean([sum(i.officer_seconds for i in run.consignments) / 3600.0 for run in runs])),
        "coverage": rounded(mean([mean([item.coverage for item in run.consignments]) for run in runs])),
        "irregular": {
            "present": sum(item.irregularity is not None for item in everyone),
            "found": sum(item.irregularity is not None and item.found for item in everyone),
        },
        "messages": {key: int(first.messages.get(key, 0)) for key in ("sent", "accepted", "rejected")},
    }


def side_summary(runs: Sequence[ArmMeasures], side: str) -> Json:
    """Return hours, phases (they sum to the mean), utilisation and queues of a border side in one arm."""
    population = regular(runs)
    spent = [[stay.phases for item in run if (stay := item.stays.get(side)) is not None] for run in population]
    phases = {
        phase: [mean([seconds[number] / 3600.0 for seconds in run]) for run in spent if run]
        for number, phase in enumerate(PHASES)
    }
    resources = sorted({name for run in runs for name in run.utilisation.get(side, {})})
    return {
        "hours": statistics(population, side_hours(side)),
        "phases": {phase: rounded(mean(values)) if values else 0.0 for phase, values in phases.items()},
        "utilisation": {
            name: rounded(mean([run.utilisation.get(side, {}).get(name, 0.0) for run in runs])) for name in resources
        },
        "queues": queue_summary([run.queues[side] for run in runs if side in run.queues]),
    }


def queue_summary(runs: Sequence[Mapping[str, QueueFigures]]) -> Json:
    """Return for each resource, over replications: jobs a replication, mean length and wait, the longest of both."""
    found: Json = {}
    for name in sorted({name for run in runs for name in run}):
        queues = [run[name] for run in runs if name in run]
        found[name] = {
            "jobs": rounded(sum(queue.begun for queue in queues) / len(runs)),
            "length_mean": rounded(sum(queue.length for queue in queues) / len(runs)),
            "wait_hours_mean": rounded(mean([queue.wait for queue in queues]) / 3600.0),
            "longest": max(queue.longest for queue in queues),
            "longest_wait_hours": rounded(max(queue.longest_wait for queue in queues) / 3600.0),
        }
    return found


def little_summary(measures: Iterable[ArmMeasures]) -> Json:
    """Return whether Little's law held at every queue of every arm and replication, how many there were, and where not.

    It is held to the second: waiting jobs summed over the counted time against the waits of each job in it.
    """
    held = {
        f"{side} {name}, {run.arm}, replication {run.replication}": queue.little
        for run in measures
        for side, queues in run.queues.items()
        for name, queue in queues.items()
    }
    broken = [where for where, holds in held.items() if not holds]
    return {"ok": not broken, "queues": len(held), "broken": broken[:10]}


def _waived(runs: Sequence[ArmMeasures], baseline: Sequence[ArmMeasures]) -> Mapping[str, int]:
    """Count controls made in the baseline and not here, though the consignment came to that place too."""
    made = {(run.replication, item.case): item.controls for run in baseline for item in run.consignments}
    waived = dict.fromkeys(FORMS, 0)
    for run in runs:
        for item in run.consignments:
            for place, form in made.get((run.replication, item.case), frozenset()) - item.controls:
                waived[form] += place in item.presented
    return waived


def _interval(values: Sequence[float]) -> list[float] | None:
    both = student.interval(values)
    return None if both is None else [rounded(both[0]), rounded(both[1])]


__all__ = [
    "ARMS",
    "COMPARISONS",
    "arm_summary",
    "border_hours",
    "by_arm",
    "differences",
    "in_flow",
    "journey_hours",
    "last_through_hours",
    "little_summary",
    "mean",
    "pooled",
    "quay_hours",
    "queue_summary",
    "regular",
    "replication_means",
    "rounded",
    "saved",
    "saving",
    "side_hours",
    "side_summary",
    "statistics",
    "wished_hours",
]
