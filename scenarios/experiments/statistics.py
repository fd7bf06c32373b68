"""What the readings of one variation come to: each arm by itself, and the paired differences between arms.

Means have Student's t over the replications; medians, 90 per cent points and standard deviations (all pooled over the
regular consignments of all replications) the bootstrap over the replications. A difference is what the arm has less
than the one it is compared with: positive hours are hours saved. Hours are rounded to six decimals.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np

from scenarios.experiments import bootstrap
from scenarios.experiments.bootstrap import STATISTICS, Sample
from scenarios.experiments.reading import Hours, Reading
from scenarios.metrics import student
from scenarios.metrics.summary import COMPARISONS, mean, rounded

MEASURES = ("border_hours", "door_to_door_hours")
TALLIES = re.compile(
    r"(^|\.)(reasons|accepted_by_form|outcomes|ends|ways)\.[^.]+$|\.channels\.[a-z]+\.consignments$|\.jobs$"
)
"""Figures that are counts of what happened, under a name that a replication lacks where it never did."""
Readings = Mapping[str, Sequence[Reading]]
"""Arm → its replications, in order and the same in every arm."""
Json = dict[str, Any]


def summarise_point(readings: Readings, seed: int) -> Json:
    """Return ``arms``, ``saved``, ``flows`` and ``warm_up`` of one variation as plain JSON."""
    count = len(next(iter(readings.values())))
    table = bootstrap.draws(count, seed)
    samples = {(arm, m): _drawn([r.hours[m] for r in runs], table) for arm, runs in readings.items() for m in MEASURES}
    return {
        "replications": count,
        "arms": {arm: _arm(runs, {m: samples[arm, m] for m in MEASURES}) for arm, runs in readings.items()},
        "saved": {
            name: _saved(
                readings[reference], readings[arm], {m: (samples[reference, m], samples[arm, m]) for m in MEASURES}
            )
            for name, reference, arm in _compared(readings)
        },
        "flows": _flows(readings),
        "warm_up": _warm_up(next(iter(readings.values()))),
    }


def _compared(arms: Container[str]) -> list[tuple[str, str, str]]:
    """Return those comparisons (name, reference, arm) both of whose sides are among ``arms``."""
    return [(name, reference, arm) for name, reference, arm in COMPARISONS if reference in arms and arm in arms]


def _flows(readings: Readings) -> Json:
    """Return flow → ``border_hours`` by arm and ``saved`` by comparison: means with Student's intervals."""
    names = dict.fromkeys(flow for runs in readings.values() for run in runs for flow in run.flows)

    def means(arm: str, flow: str) -> list[float]:
        return [run.flows.get(flow, float("nan")) for run in readings[arm]]

    return {
        flow: {
            "border_hours": {arm: _mean(means(arm, flow)) for arm in readings},
            "saved": {
                name: _mean(_less(means(reference, flow), means(arm, flow)))
                for name, reference, arm in _compared(readings)
            },
        }
        for flow in names
    }


def summarise_figures(figures: Mapping[str, Sequence[Mapping[str, float]]]) -> Json:
    """Return every figure by its name: ``arms`` its mean in each arm, ``less`` how much less of it than in the arm
    compared with, paired; both with Student's interval, and ``of`` so many replications that have it.

    A count of what happened (TALLIES) is zero in a replication where it did not."""
    names = sorted({name for runs in figures.values() for run in runs for name in run})

    def values(arm: str, name: str) -> list[float]:
        none = 0.0 if TALLIES.search(name) else float("nan")
        return [run.get(name, none) for run in figures[arm]]

    return {
        name: {
            "arms": {arm: _figure(values(arm, name)) for arm in figures},
            "less": {
                comparison: _figure(_less(values(reference, name), values(arm, name)))
                for comparison, reference, arm in _compared(figures)
            },
        }
        for name in names
    }


def _figure(values: Sequence[float]) -> Json:
    known = [value for value in values if value == value]
    return {"mean": rounded(mean(known)) if known else None, "ci95": interval(known), "of": len(known)}


def half_widths(readings: Readings) -> dict[str, float]:
    """Return comparison → half-width of the 95 % interval of the border hours saved, as a share of the baseline mean.

    Only comparisons with the baseline; infinite with fewer than two replications.
    """
    found = {}
    for name, reference, arm in _compared(readings):
        if reference == "baseline":
            before, after = (_means(readings[which], "border_hours") for which in (reference, arm))
            both = student.interval(_less(before, after))
            whole = mean(before)
            half = float("inf") if both is None else (both[1] - both[0]) / 2
            found[name] = half / whole if whole else (0.0 if half == 0 else float("inf"))
    return found


def replication_differences(readings: Readings, name: str) -> list[float]:
    """Return the border hours that comparison ``name`` saved in each replication."""
    reference, arm = next((reference, arm) for known, reference, arm in COMPARISONS if known == name)
    return _less(_means(readings[reference], "border_hours"), _means(readings[arm], "border_hours"))


def interval(values: Sequence[float]) -> list[float] | None:
    """Return Student's 95 % interval of the mean, rounded; None with fewer than two values."""
    return _both(student.interval(values))


def _drawn(hours: Sequence[Hours], table: Hours) -> tuple[Hours, Hours] | None:
    """Return the statistics of the whole sample and of each draw; None without any hours."""
    if not any(len(values) for values in hours):
        return None
    sample = Sample(hours)
    return sample.statistics(np.ones((1, len(hours))))[0], sample.statistics(table)


def _arm(runs: Sequence[Reading], samples: Mapping[str, tuple[Hours, Hours] | None]) -> Json:
    result: Json = {}
    for measure, sample in samples.items():
        entry: Json = _mean(_means(runs, measure))
        for number, statistic in enumerate(STATISTICS):
            whole = None if sample is None or np.isnan(sample[0][number]) else rounded(sample[0][number])
            entry[statistic] = whole
            drawn = None if sample is None or len(runs) < 2 else sample[1][:, number]
            entry[f"{statistic}_ci95"] = None if drawn is None else _both(bootstrap.percentile_interval(drawn))
        result[measure] = entry
    busiest = max((run.busiest for run in runs), key=lambda pair: pair[1])
    return result | {
        "coverage": _mean([run.coverage for run in runs]),
        "officer_hours": _mean([run.officer_hours for run in runs]),
        "controls": _mean([float(run.controls) for run in runs]),
        "busiest": {
            "resource": busiest[0],
            "utilisation_mean": rounded(mean([run.busiest[1] for run in runs])),
            "utilisation_highest": rounded(busiest[1]),
        },
        "consignments": sum(run.consignments for run in runs),
        "delivered": sum(run.delivered for run in runs),
        "seized": sum(run.seized for run in runs),
    }


def _saved(
    reference: Sequence[Reading],
    other: Sequence[Reading],
    samples: Mapping[str, tuple[tuple[Hours, Hours] | None, tuple[Hours, Hours] | None]],
) -> Json:
    result: Json = {}
    for measure, (before, after) in samples.items():
        values = _less(_means(reference, measure), _means(other, measure))
        entry = _mean(values) | {"per_replication": [rounded(value) for value in values]}
        for number, statistic in enumerate(STATISTICS):
            apart = before[0][number] - after[0][number] if before and after else np.nan
            entry[statistic] = None if np.isnan(apart) else rounded(apart)
            drawn = before[1][:, number] - after[1][:, number] if before and after and len(reference) > 1 else None
            entry[f"{statistic}_ci95"] = None if drawn is None else _both(bootstrap.percentile_interval(drawn))
        result[measure] = entry
    whole = mean(_means(reference, "border_hours")) if result["border_hours"]["mean"] is not None else 0.0
    result["share_of_border_time"] = rounded(result["border_hours"]["mean"] / whole) if whole else 0.0
    result["coverage_difference"] = _mean([b.coverage - a.coverage for a, b in zip(reference, other, strict=True)])
    result["officer_hours"] = _mean(_less([r.officer_hours for r in reference], [r.officer_hours for r in other]))
    result["pairing"] = _pairing(_means(reference, "border_hours"), _means(other, "border_hours"))
    return result


def _pairing(before: Sequence[float], after: Sequence[float]) -> float | None:
    """Return how many unpaired replications one pair is worth: variance of a difference without and with pairing."""
    if len(before) < 2 or len(before) != len(after):
        return None
    apart = float(np.var(before, ddof=1) + np.var(after, ddof=1))
    together = float(np.var(np.subtract(before, after), ddof=1))
    return round(apart / together, 1) if together > 0 else None


def _warm_up(runs: Sequence[Reading]) -> Json:
    """Return whether later vehicles stand longer than earlier ones, which a warm-up that is too short would cause."""
    pairs = [(run.early, run.late) for run in runs if run.early is not None and run.late is not None]
    if not pairs:
        return {"early_mean": None, "late_mean": None, "difference": None, "ci95": None}
    drift = [late - early for early, late in pairs]
    return {
        "early_mean": rounded(mean([early for early, _ in pairs])),
        "late_mean": rounded(mean([late for _, late in pairs])),
        "difference": rounded(mean(drift)),
        "ci95": interval(drift),
    }


def _means(runs: Sequence[Reading], measure: str) -> list[float]:
    """Return the mean hours of each replication; nan where a replication has none."""
    return [float(run.hours[measure].mean()) if len(run.hours[measure]) else float("nan") for run in runs]


def _less(before: Sequence[float], after: Sequence[float]) -> list[float]:
    return [a - b for a, b in zip(before, after, strict=True) if a == a and b == b]


def _mean(values: Sequence[float]) -> Json:
    known = [value for value in values if value == value]
    if not known:
        return {"mean": None, "ci95": None, "sd_of_replications": None}
    middle = mean(known)
    deviation = sqrt(sum((v - middle) ** 2 for v in known) / (len(known) - 1)) if len(known) > 1 else None
    return {
        "mean": rounded(middle),
        "ci95": interval(known),
        "sd_of_replications": None if deviation is None else rounded(deviation),
    }


def _both(both: tuple[float, float] | None) -> list[float] | None:
    return None if both is None else [rounded(both[0]), rounded(both[1])]


__all__ = [
    "MEASURES",
    "Readings",
    "half_widths",
    "interval",
    "replication_differences",
    "summarise_figures",
    "summarise_point",
]
