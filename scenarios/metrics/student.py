"""Student's t: the interval of a mean over a few replications.

The distribution function is the closed form for whole degrees of freedom (Abramowitz and Stegun, Handbook of
Mathematical Functions, 26.7.3 and 26.7.4); the quantile is found on it by halving.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import atan2, cos, fsum, pi, sin, sqrt


def central_probability(t: float, freedom: int) -> float:
    """Return P(|T| ≤ t) for ``t`` ≥ 0 and ``freedom`` ≥ 1 degrees of freedom.

    Raise ValueError for other arguments.
    """
    if freedom < 1 or t < 0:
        raise ValueError(f"needs t >= 0 and at least one degree of freedom, not t = {t}, freedom = {freedom}")
    theta = atan2(t, sqrt(freedom))
    square = cos(theta) ** 2
    term = total = 1.0
    if freedom % 2:
        if freedom == 1:
            return 2.0 * theta / pi
        for k in range(3, freedom - 1, 2):
            term *= square * (k - 1) / k
            total += term
        return 2.0 / pi * (theta + sin(theta) * cos(theta) * total)
    for k in range(2, freedom - 1, 2):
        term *= square * (k - 1) / k
        total += term
    return sin(theta) * total


@lru_cache(maxsize=256)
def quantile(probability: float, freedom: int) -> float:
    """Return t with P(|T| ≤ t) = ``probability`` (0 < probability < 1): as of a two-sided interval.

    A table of an experiment asks for the same one thousands of times: it is kept.
    """
    if not 0.0 < probability < 1.0:
        raise ValueError(f"a probability lies between 0 and 1, not {probability}")
    low, high = 0.0, 1.0
    while central_probability(high, freedom) < probability:
        low, high = high, 2.0 * high
    while True:
        middle = 0.5 * (low + high)
        if middle in (low, high):
            return middle
        if central_probability(middle, freedom) < probability:
            low = middle
        else:
            high = middle


def interval(values: Sequence[float], probability: float = 0.95) -> tuple[float, float] | None:
    """Return the two-sided interval of the mean of ``values``, or None with fewer than two of them."""
    count = len(values)
    if count < 2:
        return None
    mean = fsum(values) / count
    deviation = sqrt(fsum((value - mean) ** 2 for value in values) / (count - 1))
    half = quantile(probability, count - 1) * deviation / sqrt(count)
    return mean - half, mean + half


__all__ = ["central_probability", "interval", "quantile"]
