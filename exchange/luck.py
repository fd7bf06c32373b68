"""Luck as a pure function: the same question always gets the same answer.

A draw is addressed by (seed, replication, entity, place, purpose, ordinal). The arm of a run is never part of the
address, so the arms, the transports and any number of workers see the same world (common random numbers).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from math import exp, log1p, sqrt
from statistics import NormalDist
from typing import Any

_SCALE = 2.0**-53
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Luck:
    """The luck of one replication of one seed."""

    seed: int
    replication: int = 0
    _begun: Any = field(init=False, repr=False, compare=False)
    """The hash of what all addresses of this luck begin with: a copy of it takes half the time of a new one."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_begun", blake2b(f"{self.seed}\x1f{self.replication}\x1f".encode(), digest_size=8))

    def __reduce__(self) -> tuple[type[Luck], tuple[int, int]]:
        """Go to other processes as seed and replication: hashes cannot."""
        return Luck, (self.seed, self.replication)

    def uniform(self, entity: str, place: str, purpose: str, ordinal: int = 0) -> float:
        """Return a number in the open interval (0, 1)."""
        drawn = self._begun.copy()
        drawn.update(f"{entity}\x1f{place}\x1f{purpose}\x1f{ordinal}".encode())
        return ((int.from_bytes(drawn.digest(), "big") >> 11) + 0.5) * _SCALE


def normal(u: float) -> float:
    """Return the standard normal quantile of ``u``."""
    return _NORMAL.inv_cdf(u)


def triangular(u: float, low: float, mode: float, high: float) -> float:
    """Return the quantile of ``u`` of the triangular distribution (low, mode, high)."""
    if high == low:
        return low
    split = (mode - low) / (high - low)
    if u < split:
        return low + sqrt(u * (high - low) * (mode - low))
    return high - sqrt((1.0 - u) * (high - low) * (high - mode))


def lognormal(u: float, median: float, sigma: float) -> float:
    """Return the quantile of ``u`` of the lognormal distribution with this *median* and log-sigma."""
    return median * exp(sigma * normal(u))


def between(u: float, low: float, high: float) -> float:
    """Return the quantile of ``u`` of the uniform distribution on (low, high)."""
    return low + u * (high - low)


def exponential(u: float, mean: float) -> float:
    """Return the quantile of ``u`` of the exponential distribution with this mean."""
    return -mean * log1p(-u)


def poisson(u: float, mean: float) -> int:
    """Return the quantile of ``u`` of the Poisson distribution with this mean (up to some 700)."""
    probability = exp(-mean)
    cumulated, count = probability, 0
    while u > cumulated and probability > 1e-300:
        count += 1
        probability *= mean / count
        cumulated += probability
    return count


def binomial(u: float, trials: int, share: float) -> int:
    """Return the quantile of ``u`` of the binomial distribution (trials, share)."""
    if share <= 0.0 or trials == 0:
        return 0
    if share >= 1.0:
        return trials
    probability = (1.0 - share) ** trials
    cumulated, count = probability, 0
    while u > cumulated and count < trials:
        probability *= (trials - count) / (count + 1) * share / (1.0 - share)
        count += 1
        cumulated += probability
    return count


__all__ = ["Luck", "between", "binomial", "exponential", "lognormal", "normal", "poisson", "triangular"]
