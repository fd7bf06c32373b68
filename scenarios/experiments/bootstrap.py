"""The bootstrap over replications: intervals of quantiles and of the dispersion, and of their paired differences.

Whole replications are drawn with replacement, never single consignments: consignments of one replication stand in the
same queues and are not independent. Both arms of a pair get the same draw, so the pairing of common random numbers is
kept. An interval runs from the 2.5th to the 97.5th percentile of the draws (Efron and Tibshirani, An Introduction to
the Bootstrap, 1993, chapter 13). The draws are seeded: the same readings give the same interval.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scenarios.experiments.reading import Hours

DRAWS = 1000
STATISTICS = ("p50", "p90", "sd")
"""What is bootstrapped of the pooled hours: median, 90 per cent point (both linear) and standard deviation."""
_SHARES = (0.5, 0.9)


class Sample:
    """Hours of all replications of one arm, ready for weighted statistics; there must be some."""

    def __init__(self, replications: Sequence[Hours]) -> None:
        values = np.concatenate(list(replications)) if replications else np.empty(0)
        if not len(values):
            raise ValueError("a sample needs at least one value")
        owners = np.repeat(np.arange(len(replications)), [len(hours) for hours in replications])
        order = np.argsort(values, kind="stable")
        self._values = values[order]
        self._owners = owners[order]
        self._sums = np.array([hours.sum() for hours in replications])
        self._squares = np.array([(hours**2).sum() for hours in replications])
        self._counts = np.array([len(hours) for hours in replications])
        self._stride = max(1, int(len(values) ** 0.5))
        marks = np.arange(0, len(values), self._stride)
        # Of how many values of each replication stand before every stride-th of all.
        self._before = np.stack(
            [np.searchsorted(np.flatnonzero(self._owners == one), marks) for one in range(len(replications))]
        )

    def statistics(self, table: Hours) -> Hours:
        """Return STATISTICS for each row of ``table``, in which replication r stands as often as column r says (whole
        numbers); nan where a row leaves fewer than two values."""
        totals = table @ self._counts
        found = np.full((len(table), len(STATISTICS)), np.nan)
        some = np.flatnonzero(totals >= 2)
        times, totals = table[some], totals[some]
        before = times @ self._before
        for column, share in enumerate(_SHARES):
            places = (totals - 1) * share
            low = np.floor(places)
            below, above = (self._at(times, before, place) for place in (low, np.minimum(low + 1, totals - 1)))
            found[some, column] = below + (places - low) * (above - below)
        found[some, 2] = [self._spread(row, total) for row, total in zip(times, totals, strict=True)]
        return found

    def _spread(self, times: Hours, total: float) -> float:
        """Return the standard deviation of one row, summed by itself: sums of all at once differ in the last digit."""
        mean = times @ self._sums / total
        return float(max(0.0, (times @ self._squares - total * mean**2) / (total - 1)) ** 0.5)

    def _at(self, times: Hours, before: Hours, places: Hours) -> Hours:
        """Return the value at the place (from 0) that each row of ``times`` is asked for, in ascending order.

        ``before``: how many values stand before every stride-th value, in each row.
        """
        strides = (before <= places[:, None]).sum(axis=1) - 1
        near = np.minimum(strides[:, None] * self._stride + np.arange(self._stride), len(self._values) - 1)
        upto = np.take_along_axis(before, strides[:, None], axis=1) + np.cumsum(
            np.take_along_axis(times, self._owners[near], axis=1), axis=1
        )
        first = (upto > places[:, None]).argmax(axis=1)
        found: Hours = self._values[near[np.arange(len(near)), first]]
        return found


def draws(replications: int, seed: int) -> Hours:
    """Return DRAWS rows: how often each replication stands in a draw."""
    generator = np.random.Generator(np.random.PCG64([seed, replications]))
    chosen = generator.integers(replications, size=(DRAWS, replications))
    return np.stack([np.bincount(row, minlength=replications) for row in chosen]).astype(np.float64)


def percentile_interval(values: Hours) -> tuple[float, float] | None:
    """Return the 95 % interval of one statistic's draws; None if there are none."""
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


__all__ = ["DRAWS", "STATISTICS", "Sample", "draws", "percentile_interval"]
