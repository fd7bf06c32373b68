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
_SHARES = np.array([0.5, 0.9])


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

    def statistics(self, times: Hours) -> Hours:
        """Return STATISTICS where each replication stands ``times`` times; nan where that leaves nothing."""
        total = int(times @ self._counts)
        if total < 2:
            return np.full(len(STATISTICS), np.nan)
        upto = np.cumsum(times[self._owners])
        places = (total - 1) * _SHARES
        low = np.floor(places)
        below = self._values[np.searchsorted(upto, low, side="right")]
        above = self._values[np.searchsorted(upto, np.minimum(low + 1, total - 1), side="right")]
        mean = times @ self._sums / total
        variance = max(0.0, (times @ self._squares - total * mean**2) / (total - 1))
        return np.array([*(below + (places - low) * (above - below)), variance**0.5])


def draws(replications: int, seed: int) -> Hours:
    """Return DRAWS rows: how often each replication stands in a draw."""
    generator = np.random.Generator(np.random.PCG64([seed, replications]))
    chosen = generator.integers(replications, size=(DRAWS, replications))
    return np.stack([np.bincount(row, minlength=replications) for row in chosen]).astype(np.float64)


def drawn(sample: Sample, table: Hours) -> Hours:
    """Return the statistics of ``sample`` in each row of ``table``."""
    return np.stack([sample.statistics(row) for row in table])


def percentile_interval(values: Hours) -> tuple[float, float] | None:
    """Return the 95 % interval of one statistic's draws; None if there are none."""
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


__all__ = ["DRAWS", "STATISTICS", "Sample", "drawn", "draws", "percentile_interval"]
