"""Distributions fitted to durations by maximum likelihood, with how well they fit. All durations are hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erf, exp, log, pi, sqrt

import numpy as np

from scenarios.scenario.distributions import Distribution

QUANTILES = (0.1, 0.5, 0.9)
"""Where observed and fitted durations are set beside each other."""
FEWEST = 5
"""Durations below this number are not fitted: their mean is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A fitted distribution: ``likelihood`` is the maximum of the log-likelihood, ``distance`` that of Kolmogorov and
    Smirnov (the widest gap between observed and fitted shares, 0–1), None of a mean, which nothing was fitted to.
    ``zeros``: durations of nothing, left out."""

    distribution: Distribution
    count: int
    zeros: int
    likelihood: float
    distance: float | None
    observed: tuple[float, ...]
    fitted: tuple[float, ...]

    @property
    def criterion(self) -> float:
        """Akaike's criterion: of several fits to the same durations, that of the smallest is the likeliest."""
        return 2.0 * len(self.distribution.numbers) - 2.0 * self.likelihood

    @property
    def distance_text(self) -> str:
        """The distance to three decimals, or a dash."""
        return "–" if self.distance is None else f"{self.distance:.3f}"

    @property
    def text(self) -> str:
        """The distribution as a scenario file writes it."""
        numbers = ", ".join(f"{number:.4g}" for number in self.distribution.numbers)
        names = {"lognormal": f"LN({numbers})", "triangular": f"tri({numbers})", "fixed": numbers}
        return f"{names[self.distribution.kind]} h"


def fits(hours: Sequence[float], family: str = "best") -> list[Fit]:
    """Return the fits to ``hours``, the best first: lognormal and triangular, or fixed where they hardly differ.

    ``best`` is that of the smallest distance; another ``family`` (lognormal, triangular) comes first if named.
    Fewer than five durations above zero give their mean as fixed; none at all gives no fit.
    """
    values = np.sort(np.array([value for value in hours if value > 0.0], dtype=float))
    zeros = len(hours) - len(values)
    if not len(values):
        return []
    if len(values) < FEWEST or values[-1] - values[0] < 1e-3 * values.mean():
        return [_fit(Distribution("fixed", (float(values.mean()),)), values, zeros, 0.0)]
    logs = np.log(values)
    mu, sigma = float(logs.mean()), float(logs.std())
    likelihood = float(-logs.sum() - len(values) * (log(sigma) + 0.5 * log(2 * pi) + 0.5))
    found = [_fit(Distribution("lognormal", (exp(mu), sigma)), values, zeros, likelihood)]
    numbers, likelihood = _triangular(values)
    found.append(_fit(Distribution("triangular", numbers), values, zeros, likelihood))
    return sorted(found, key=lambda fit: (fit.distribution.kind != family, fit.distance or 0.0))


def share_below(distribution: Distribution, hours: float) -> float:
    """Return the probability that ``distribution`` gives at most ``hours``."""
    if distribution.kind == "fixed":
        return 1.0 if hours >= distribution.numbers[0] else 0.0
    if distribution.kind == "lognormal":
        median, sigma = distribution.numbers
        return 0.0 if hours <= 0 else 0.5 * (1.0 + erf(log(hours / median) / (sigma * sqrt(2.0))))
    low, mode, high = distribution.numbers
    if hours <= low:
        return 0.0
    if hours >= high:
        return 1.0
    if hours <= mode:
        return (hours - low) ** 2 / ((high - low) * (mode - low))
    return 1.0 - (high - hours) ** 2 / ((high - low) * (high - mode))


def _fit(distribution: Distribution, values: np.ndarray, zeros: int, likelihood: float) -> Fit:
    count = len(values)
    distance = None
    if distribution.kind != "fixed":
        shares = np.array([share_below(distribution, value) for value in values])
        steps = np.arange(count + 1) / count
        distance = float(max(np.abs(shares - steps[1:]).max(), np.abs(shares - steps[:-1]).max()))
    return Fit(
        distribution=distribution,
        count=count,
        zeros=zeros,
        likelihood=likelihood,
        distance=distance,
        observed=tuple(float(value) for value in np.quantile(values, QUANTILES)),
        fitted=tuple(distribution.hours(u) for u in QUANTILES),
    )


def _triangular(values: np.ndarray) -> tuple[tuple[float, float, float], float]:
    """Return (least, mode, most) of the greatest likelihood, and it.

    For given ends the mode is one of the values; the ends are sought outside of them on a grid that narrows.
    """
    span = float(values[-1] - values[0])
    best = (-np.inf, 0.0, 0.0, 0.0)
    centre, width = (-3.0, -3.0), 6.0
    for _ in range(6):
        below, above = (np.linspace(middle - width, middle + width, 13) for middle in centre)
        for u in below:
            low = max(0.0, float(values[0]) - span * exp(u))
            if low >= values[0]:
                continue
            for v in above:
                high = float(values[-1]) + span * exp(v)
                likelihood, mode = _best_mode(values, low, high)
                if likelihood > best[0]:
                    best, centre = (likelihood, low, mode, high), (float(u), float(v))
        width /= 2.5
    return (best[1], best[2], best[3]), float(best[0])


def _best_mode(values: np.ndarray, low: float, high: float) -> tuple[float, float]:
    count = len(values)
    left, right = np.log(values - low), np.log(high - values)
    sums_left, sums_right = np.cumsum(left), np.cumsum(right[::-1])[::-1]
    number = np.arange(count)
    before = sums_left - (number + 1) * left  # the values up to the mode, itself among them
    after = np.append(sums_right[1:], 0.0) - (count - 1 - number) * right
    likelihood = count * (log(2.0) - log(high - low)) + before + after
    index = int(np.argmax(likelihood))
    return float(likelihood[index]), float(values[index])


__all__ = ["FEWEST", "QUANTILES", "Fit", "fits", "share_below"]
