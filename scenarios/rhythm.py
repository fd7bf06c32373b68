"""When a long command says how far it is, where there is no bar to be drawn, and how it writes that."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

FIRST = 5.0
"""Wall seconds in which a command says nothing of itself: most are over by then."""
LONGEST = 60.0
"""Wall seconds between two lines at most."""


class Rhythm:
    """A line is due after ``first`` seconds, and again each time that a third more has passed, but not sooner than
    after ``first`` and not later than after :data:`LONGEST`. ``clock``: seconds, counted from anywhere."""

    def __init__(self, first: float = FIRST, clock: Callable[[], float] = monotonic) -> None:
        self._first = first
        self._clock = clock
        self._began = clock()
        self._next = first

    @property
    def passed(self) -> float:
        """Seconds since it began."""
        return self._clock() - self._began

    @property
    def left(self) -> float:
        """Seconds until the next line is due, 0 if it is."""
        return max(0.0, self._next - self.passed)

    def due(self) -> bool:
        """Return whether a line is due; if so, the next one is due later."""
        now = self.passed
        if now < self._next:
            return False
        self._next = now + min(max(now / 3, self._first), LONGEST)
        return True


def span(seconds: float) -> str:
    """Return a span of time in words: ``42 s``, ``3 min 5 s``, ``2 h 4 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


__all__ = ["FIRST", "LONGEST", "Rhythm", "span"]
