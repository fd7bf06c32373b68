"""Quantiles of a few hundred values, linear between the two nearest, to the bit as ``numpy.quantile`` gives them.

A summary asks for thousands of them; numpy takes ten times as long to get ready as to look.
"""

from __future__ import annotations

from collections.abc import Sequence


def quantiles(ordered: Sequence[float], shares: Sequence[float]) -> list[float]:
    """Return the quantile at each of ``shares`` (0–1) of values in ascending order; there must be some, no nan."""
    found, last = [], len(ordered) - 1
    for share in shares:
        place = last * share
        below = int(place)
        if below >= last:
            found.append(ordered[last])
            continue
        low, high = ordered[below], ordered[below + 1]
        part, step = place - below, high - low
        found.append(high - step * (1 - part) if part >= 0.5 else low + step * part)
    return found


__all__ = ["quantiles"]
