"""What queueing theory says: M/M/c by Erlang's C formula, M/G/1 by Pollaczek and Khinchine. Rates per hour, times in
hours."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, factorial

from scenarios.scenario.distributions import Distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class Theory:
    """Long-run means: share of capacity in use, jobs that wait, hours a job waits, hours it stays."""

    busy: float
    length: float
    wait: float
    stay: float


def mmc(rate: float, takes: float, servers: int) -> Theory:
    """Return the means of ``servers`` equal servers with exponential times of mean ``takes``; the load must be below 1.

    Erlang's C is the chance that an arrival has to wait (A. K. Erlang, 1917).
    """
    offered = rate * takes
    busy = offered / servers
    last = offered**servers / factorial(servers) / (1 - busy)
    waits = last / (sum(offered**n / factorial(n) for n in range(servers)) + last)
    wait = waits * takes / (servers * (1 - busy))
    return Theory(busy=busy, length=rate * wait, wait=wait, stay=wait + takes)


def mg1(rate: float, takes: Distribution) -> Theory:
    """Return the means of one server with any times (Pollaczek 1930, Khinchine 1932); the load must be below 1."""
    busy = rate * takes.mean
    wait = rate * second_moment(takes) / (2 * (1 - busy))
    return Theory(busy=busy, length=rate * wait, wait=wait, stay=wait + takes.mean)


def second_moment(takes: Distribution) -> float:
    """Return the mean of the squared duration, in hours squared."""
    numbers = takes.numbers
    if takes.kind == "fixed":
        return numbers[0] ** 2
    if takes.kind == "exponential":
        return 2 * numbers[0] ** 2
    if takes.kind == "lognormal":
        return numbers[0] ** 2 * exp(2 * numbers[1] ** 2)
    if takes.kind == "uniform":
        low, high = numbers
        return (low * low + low * high + high * high) / 3
    low, mode, high = numbers
    return (low * low + mode * mode + high * high + low * mode + low * high + mode * high) / 6


__all__ = ["Theory", "mg1", "mmc", "second_moment"]
