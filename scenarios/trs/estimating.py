"""What the cases of a study say of their border side: durations fitted, shares selected, traffic, capacity seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import sqrt
from zoneinfo import ZoneInfo

import numpy as np

from scenarios.trs.fitting import Fit, fits
from scenarios.trs.reading import FORMS, Case, Study

INTERVALS: Mapping[str, tuple[str, str]] = {
    "queue": ("T2", "T3"),
    "release": ("T3", "T9"),
    "gauge": ("T9", "T8"),
    "leaving": ("T9", "T10"),
    "whole": ("T2", "T10"),
}
"""Interval → its stamps. Where the gauge is changed after release, leaving begins at its end (T8)."""
BLOCK = 4
"""Hours of one block of the day profile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Cases that got a control of one form, of all: ``low`` and ``high`` bound the share at 95 % (Wilson)."""

    count: int
    total: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The share seen."""
        return self.count / self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class PerUnit:
    """Hours of a control: ``fixed``, and ``each`` unit more (least squares; None where units were all equal)."""

    fixed: float
    each: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Vehicles a day from the first to the last arrival, their spread over days beyond chance (coefficient of
    variation), weights of the blocks of the local day (the greatest is 1), and the means of one vehicle."""

    vehicles: int
    days: float
    a_day: float | None
    spread: float | None
    profile: tuple[float, ...]
    units: float
    consignments: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """All that was found. ``at_once`` is the most controls of a form that were at work at one time: no less capacity
    there can have been, but traffic that the file does not hold may have used more."""

    study: Study
    intervals: Mapping[str, Sequence[Fit]]
    controls: Mapping[str, Sequence[Fit]]
    per_unit: Mapping[str, PerUnit]
    rates: Mapping[str, Rate]
    traffic: Traffic
    at_once: Mapping[str, int]


def estimate(study: Study, timezone: str, family: str = "best") -> Estimate:
    """Return what ``study`` says; ``timezone`` is that of the side, for the hours of its day; ``family`` of fits."""
    cases = study.cases
    timed = {
        form: [
            (case.units, hours)
            for case in cases
            for control in case.controls
            if control.form == form and (hours := control.hours) is not None
        ]
        for form in FORMS
    }
    return Estimate(
        study=study,
        intervals={name: fits(_interval(cases, name), family) for name in INTERVALS},
        controls={form: fits([hours for _, hours in pairs], family) for form, pairs in timed.items()},
        per_unit={form: _per_unit(pairs) for form, pairs in timed.items() if pairs},
        rates={form: _rate(len([case for case in cases if _got(case, form)]), len(cases)) for form in FORMS},
        traffic=_traffic(cases, ZoneInfo(timezone)),
        at_once={form: _at_once(cases, form) for form in FORMS},
    )


def durations(found: Estimate) -> list[tuple[str, list[float], Sequence[Fit]]]:
    """Return what was timed: its name, the hours above zero and the fits to them; intervals first, then controls."""
    cases = found.study.cases
    rows = [(name, _interval(cases, name), fitted) for name, fitted in found.intervals.items()]
    for form, fitted in found.controls.items():
        timed = [control.hours for case in cases for control in case.controls if control.form == form]
        rows.append((f"{form} control", [hours for hours in timed if hours is not None], fitted))
    return [(name, [value for value in hours if value > 0.0], fitted) for name, hours, fitted in rows]


def _interval(cases: Iterable[Case], name: str) -> list[float]:
    first, last = INTERVALS[name]
    found = []
    for case in cases:
        begins = first
        if name == "leaving" and (case.hours("T9", "T8") or 0.0) > 0.0:
            begins = "T8"
        hours = case.hours(begins, last)
        if hours is not None and (name != "gauge" or hours > 0.0):
            found.append(hours)
    return found


def _got(case: Case, form: str) -> bool:
    return any(control.form == form for control in case.controls)


def _per_unit(pairs: Sequence[tuple[int, float]]) -> PerUnit:
    units, hours = np.array([pair[0] for pair in pairs], dtype=float), np.array([pair[1] for pair in pairs])
    if len(set(units)) < 2:
        return PerUnit(fixed=float(hours.mean()), each=None)
    each, fixed = (float(value) for value in np.polyfit(units, hours, 1))
    if each < 0.0 or fixed < 0.0:
        return PerUnit(fixed=0.0, each=float((hours * units).sum() / (units * units).sum()))
    return PerUnit(fixed=fixed, each=each)


def _rate(count: int, total: int, z: float = 1.959964) -> Rate:
    share, square = count / total, z * z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = z * sqrt(share * (1 - share) / total + square / (4 * total * total)) / (1 + square / total)
    return Rate(count=count, total=total, low=max(0.0, middle - half), high=min(1.0, middle + half))


def _traffic(cases: Sequence[Case], zone: ZoneInfo) -> Traffic:
    arrivals = {case.vehicle: case.stamps["T2"] for case in reversed(cases)}
    times = sorted(arrivals.values())
    days = (times[-1] - times[0]) / timedelta(days=1)
    blocks = Counter(time.astimezone(zone).hour // BLOCK for time in times)
    most = max(blocks.values())
    counts = Counter(time.astimezone(zone).date() for time in times)
    first, last = min(counts), max(counts)
    whole = [counts[first + timedelta(days=n)] for n in range(1, (last - first).days)]  # the first and last are cut off
    spread = None
    if len(whole) >= 7 and any(whole):
        mean = sum(whole) / len(whole)
        variance = sum((count - mean) ** 2 for count in whole) / (len(whole) - 1)
        spread = sqrt(max(0.0, variance - mean)) / mean
    return Traffic(
        vehicles=len(times),
        days=days,
        a_day=(len(times) - 1) / days if days > 0 else None,
        spread=spread,
        profile=tuple(blocks[block] / most for block in range(24 // BLOCK)),
        units=sum([case.units for case in cases]) / len(times),
        consignments=len(cases) / len(times),
    )


def _at_once(cases: Iterable[Case], form: str) -> int:
    changes = []
    for case in cases:
        for control in case.controls:
            began, ended = control.began, control.ended
            if control.form == form and began is not None and ended is not None and ended > began:
                changes += [(began, 1), (ended, -1)]
    now = most = 0
    for _, change in sorted(changes):
        now += change
        most = max(most, now)
    return most


__all__ = ["BLOCK", "INTERVALS", "Estimate", "PerUnit", "Rate", "Traffic", "durations", "estimate"]
