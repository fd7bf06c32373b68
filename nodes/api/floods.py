"""Floods: how much one member may ask of a node, so that the others are still served.

A token bucket a member: it holds so many requests at once and fills again by so many a second, by the wall clock.
A stepped node keeps none, because how fast simulated weeks pass says nothing about anybody's manners.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from exchange.limits import Limits
from nodes.api.problems import unavailable

REMEMBERED = 10_000
"""Members whose buckets are kept; a full bucket is as good as none and goes first."""


class Floods:
    """Counts requests by member. ``clock`` gives seconds that never go back."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = limits.member_requests_per_second
        self._burst = float(limits.member_burst)
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def spend(self, member: str) -> None:
        """Take one request of ``member``. Raise the 429 :class:`~nodes.api.problems.Problem` if there is none left."""
        now = self._clock()
        left, since = self._buckets.get(member, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._rate)
        if left < 1:
            self._buckets[member] = (left, now)
            wait = math.ceil((1 - left) / self._rate)
            raise unavailable(
                f"{member} asks more than {self._rate:g} times a second; come again in {wait} s", wait, status=429
            )
        if member not in self._buckets and len(self._buckets) >= REMEMBERED:
            self._forget(now)
        self._buckets[member] = (left - 1, now)

    def _forget(self, now: float) -> None:
        """Drop buckets that have filled again, and the oldest if that is not enough."""
        full = self._burst / self._rate
        kept = {member: found for member, found in self._buckets.items() if now - found[1] < full}
        if len(kept) >= REMEMBERED:
            kept = dict(sorted(kept.items(), key=lambda one: one[1][1])[REMEMBERED // 2 :])
        self._buckets = kept


__all__ = ["REMEMBERED", "Floods"]
