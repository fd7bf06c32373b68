"""Distributions of durations: quantiles of a uniform number, in hours or whole seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp
from typing import Literal

from exchange.luck import between, exponential, lognormal, triangular

HOUR = 3600
"""Seconds in an hour."""

Kind = Literal["fixed", "triangular", "lognormal", "uniform", "exponential"]
_QUANTILES: dict[str, Callable[..., float]] = {
    "triangular": triangular,
    "lognormal": lognormal,
    "uniform": between,
    "exponential": exponential,
}


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution of hours: ``numbers`` are those of its kind, times in hours (a log-sigma has no unit)."""

    kind: Kind
    numbers: tuple[float, ...]

    @property
    def fixed(self) -> bool:
        """Return whether no luck is needed."""
        return self.kind == "fixed"

    def hours(self, u: float) -> float:
        """Return the quantile of ``u`` (0–1) in hours."""
        if self.kind == "fixed":
            return self.numbers[0]
        return _QUANTILES[self.kind](u, *self.numbers)

    def seconds(self, u: float) -> int:
        """Return the quantile of ``u`` (0–1) in whole seconds."""
        return round(self.hours(u) * HOUR)

    @property
    def mean(self) -> float:
        """Return the mean in hours."""
        if self.kind == "lognormal":
            median, sigma = self.numbers
            return median * exp(sigma * sigma / 2)
        return sum(self.numbers) / len(self.numbers)


def seconds(hours: float) -> int:
    """Return ``hours`` in whole seconds."""
    return round(hours * HOUR)


__all__ = ["HOUR", "Distribution", "Kind", "seconds"]
