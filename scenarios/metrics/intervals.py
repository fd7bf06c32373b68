"""Intervals between the stamps of a stay, as a Time Release Study reports them.

From arrival to crossing they follow one another without gap or overlap: queue, documents, wait for a control,
controls, release, change of gauge, leaving. Those that a consignment did not have count as not there, not as zero.
Means are means of replication means; median, P90, standard deviation and outliers are of all consignments of all
replications.

Outliers are hours more than three interquartile ranges above the third quartile or below the first (Tukey's far-out
values). Nothing is left out of any other figure: simulated stamps have no slips of the pen. The mean without them
stands beside, so that it can be compared with a study that excludes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from scenarios.metrics.measures import ArmMeasures, ConsignmentMeasures
from scenarios.metrics.quantiles import quantiles
from scenarios.metrics.stamps import CHANNELS, Stamps
from scenarios.metrics.summary import mean, regular, rounded, side_hours, statistics

Json = dict[str, Any]
FAR_OUT = 3.0
"""Interquartile ranges beyond the quartiles from which an hour counts as an outlier."""


INTERVALS: Mapping[str, tuple[str, str]] = {
    "punctuality": ("T0", "T2"),
    "lead": ("T1", "T2"),
    "lodged_ahead": ("T4", "T2"),
    "queue": ("T2", "T3"),
    "documents": ("T3", "T5"),
    "wait_for_control": ("T5", "T6"),
    "control": ("T6", "T7"),
    "release": ("T7", "T9"),
    "gauge": ("T9", "T8"),
    "leaving": ("T8", "T10"),
    "clearance": ("T3", "T9"),
    "whole": ("T2", "T10"),
}
"""Name → first stamp, last stamp; how long they take, :func:`lengths` says."""
PARTS = ("queue", "documents", "wait_for_control", "control", "release", "gauge", "leaving")
"""The intervals that make up the whole stay, in their order."""


def lengths(stay: Stamps) -> tuple[int | None, ...]:
    """Return the seconds of each of INTERVALS in a stay, in their order; None where one of its stamps is missing.

    The decision counts from when the goods were shown; the change of gauge where it ended after the release, or where
    customs released nothing.
    """
    t2, t3, t6, t7, t9, t10 = stay.t2, stay.t3, stay.t6, stay.t7, stay.t9, stay.t10
    decided = None if t3 is None else t3 if stay.t5 is None or stay.t5 < t3 else stay.t5
    controlled = decided if t7 is None else t7
    gauge = None if stay.t8 is None or (t9 is not None and stay.t8 <= t9) else stay.t8
    released = t2 if t9 is None else t9
    last = released if gauge is None else gauge
    return (
        None if stay.t0 is None else t2 - stay.t0,
        None if stay.t1 is None else t2 - stay.t1,
        None if stay.t4 is None else t2 - stay.t4,
        None if t3 is None else t3 - t2,
        None if t3 is None or decided is None else decided - t3,
        None if decided is None or t6 is None else t6 - decided,
        None if t6 is None or t7 is None else t7 - t6,
        None if controlled is None or t9 is None else t9 - controlled,
        None if gauge is None else gauge - released,
        t10 - last,
        None if t3 is None or t9 is None else t9 - t3,
        t10 - t2,
    )


def side_intervals(runs: Sequence[ArmMeasures], side: str) -> Json:
    """Return intervals, work and waiting, channels and traders on and off the list, at one border side in one arm."""
    found = [[item for item in run if side in item.stamps] for run in regular(runs)]
    stays = [[item.stamps[side] for item in run] for run in found]
    everyone = [stay for run in stays for stay in run]
    spans = [[lengths(stay) for stay in run] for run in stays]
    hours = side_hours(side)
    worked = [mean([stay.worked / 3600.0 for stay in run]) for run in stays if run]
    whole = [mean([(stay.t10 - stay.t2) / 3600.0 for stay in run]) for run in stays if run]
    ahead = [stay.t5 is not None and stay.t5 <= stay.t2 for stay in everyone]
    return {
        "intervals": {
            name: {"from": first, "to": last, **_figures([[one[number] for one in run] for run in spans])}
            for number, (name, (first, last)) in enumerate(INTERVALS.items())
        },
        "working_hours": rounded(mean(worked)) if worked else None,
        "waiting_hours": rounded(mean(whole) - mean(worked)) if worked else None,
        "working_share": rounded(mean(worked) / mean(whole)) if worked and mean(whole) else None,
        "decided_before_arrival": rounded(sum(ahead) / len(ahead)) if ahead else None,
        "channels": {
            channel: _group(found, hours, lambda item, channel=channel: item.stamps[side].channel == channel)
            for channel in CHANNELS
        },
        "listed": on_and_off_list(found, hours),
    }


def on_and_off_list(
    population: Sequence[Sequence[ConsignmentMeasures]], hours: Callable[[ConsignmentMeasures], float | None]
) -> Json:
    """Return number and hours of consignments of traders on the agreed list, and of others."""
    return {
        "on": _group(population, hours, lambda item: item.on_list),
        "off": _group(population, hours, lambda item: not item.on_list),
    }


def _group(
    population: Sequence[Sequence[ConsignmentMeasures]],
    hours: Callable[[ConsignmentMeasures], float | None],
    chosen: Callable[..., bool],
) -> Json:
    some = [[item for item in run if chosen(item)] for run in population]
    return {"consignments": sum(map(len, some)), "hours": statistics(some, hours)}


def _figures(seconds: Sequence[Sequence[int | None]]) -> Json:
    runs = [[value / 3600.0 for value in run if value is not None] for run in seconds]
    values = [value for run in runs for value in run]
    if not values:
        return {"consignments": 0, "mean": None, "p50": None, "p90": None, "sd": None, "outliers": 0, "mean_rest": None}
    first, p50, third, p90 = quantiles(sorted(values), (0.25, 0.5, 0.75, 0.9))
    reach = FAR_OUT * (third - first)
    low, high = first - reach, third + reach
    pooled = np.array(values)
    rest = pooled if low <= min(values) and max(values) <= high else pooled[(pooled >= low) & (pooled <= high)]
    return {
        "consignments": len(pooled),
        "mean": rounded(mean([mean(run) for run in runs if run])),
        "p50": rounded(p50),
        "p90": rounded(p90),
        "sd": rounded(_deviation(pooled)) if len(pooled) > 1 else None,
        "outliers": len(pooled) - len(rest),
        "mean_rest": rounded(np.add.reduce(rest) / len(rest)),
    }


def _deviation(values: np.ndarray[Any, Any]) -> float:
    """Return the standard deviation of at least two values: ``values.std(ddof=1)`` without its preparations."""
    apart = values - np.add.reduce(values) / len(values)
    return float(np.sqrt(np.add.reduce(apart * apart) / (len(values) - 1)))


__all__ = ["FAR_OUT", "INTERVALS", "PARTS", "on_and_off_list", "side_intervals"]
