"""Numbers as people read them, on the console, in reports and on pages: rounded, and zero never with a sign."""

from __future__ import annotations

from collections.abc import Sequence

NONE = "–"
"""What stands where there is no number."""


def fixed(value: float | None, digits: int = 1, *, sign: bool = False) -> str:
    """Return ``value`` with ``digits`` decimals, or a dash where there is none.

    ``sign``: what is more than zero gets a plus. What comes to zero when rounded has neither plus nor minus.
    """
    if value is None:
        return NONE
    shown = round(value, digits) + 0.0
    return f"{shown:+.{digits}f}" if sign and shown else f"{shown:.{digits}f}"


def percent(share: float | None, digits: int = 0, *, sign: bool = False) -> str:
    """Return a share of 1 in per cent, as 87 %; a dash where there is none."""
    return NONE if share is None else f"{fixed(share * 100, digits, sign=sign)} %"


def points(share: float | None, digits: int = 1, *, sign: bool = False) -> str:
    """Return a difference of shares in percentage points, as -3.0 points; a dash where there is none."""
    return NONE if share is None else f"{fixed(share * 100, digits, sign=sign)} points"


def count(value: float) -> str:
    """Return a whole number with groups of three digits."""
    return f"{round(value) + 0:,d}".replace(",", " ")


def several(number: float, one: str, many: str = "") -> str:
    """Return a whole number with what is counted: ``one`` of it, else ``many`` (by default ``one`` with an s)."""
    return f"{count(number)} {one if round(number) == 1 else many or f'{one}s'}"


def span(interval: Sequence[float] | None, digits: int = 2, *, sign: bool = False) -> str:
    """Return an interval in words (0.31 to 1.20), or a dash where one replication gives none."""
    if interval is None:
        return NONE
    low, high = interval
    return f"{fixed(low, digits, sign=sign)} to {fixed(high, digits, sign=sign)}"


__all__ = ["NONE", "count", "fixed", "percent", "points", "several", "span"]
