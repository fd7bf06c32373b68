"""A node's clock: the wall clock when it runs live, the largest time it was told when it is stepped.

Node time is what windows, deadlines, retries and agreement dates are judged by: UTC, whole seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


class Clock:
    """Says what time it is for a node. ``skew``: by how much a live node's clock is wrong, to see what that does."""

    def __init__(self, *, stepped: bool, start: datetime = EARLIEST, skew: timedelta = timedelta(0)) -> None:
        self.stepped = stepped
        self._told = start
        self._skew = skew
        self.latest: Callable[[], datetime] | None = None
        """Says the latest time that a caller may tell, where it is not for any caller to say what time it is."""

    def now(self) -> datetime:
        """Return node time."""
        return self._told if self.stepped else (datetime.now(UTC) + self._skew).replace(microsecond=0)

    def tell(self, now: datetime) -> None:
        """Move a stepped clock to ``now``; never backwards. A live clock does not listen."""
        if now > self._told:
            self._told = now

    def set_back(self, now: datetime) -> None:
        """Move a stepped clock to ``now`` even if that is earlier: a new run begins, and nothing is due."""
        self._told = now


__all__ = ["EARLIEST", "Clock"]
