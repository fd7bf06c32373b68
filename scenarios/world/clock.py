"""The clock of a world: SimPy's environment, and beside its events plain calls, which cost a third of a timeout.

Calls and events stand in one queue by time, urgency and the order in which they were asked for, so that what belongs to
the same second comes in the order that it would have with timeouts alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sized
from heapq import heappop, heappush
from typing import Any

import simpy
from simpy.core import EmptySchedule
from simpy.events import NORMAL

_step = simpy.Environment.step
CALL = 5
"""Parts of a plain call in the queue; SimPy's events have one less."""


def _happen(event: Any) -> None:
    """Do what waits for ``event``, as SimPy's own step does."""
    callbacks, event.callbacks = event.callbacks, None
    for callback in callbacks:
        callback(event)
    if not event._ok and not hasattr(event, "_defused"):
        raise event._value


class Clock(simpy.Environment):
    """An environment that can also call a function later. Time is whole seconds since the scenario's start."""

    def __init__(self) -> None:
        super().__init__()
        self.queue: list[Any] = self._queue
        """What comes next and later: a heap of tuples that begin with the second."""

    def after(self, delay: int, call: Callable[[Any], object], given: Any) -> None:
        """Call ``call`` with ``given`` in ``delay`` seconds, which must not be negative."""
        heappush(self.queue, (self._now + delay, NORMAL, next(self._eid), call, given))

    def step(self) -> None:
        """Go to what comes next, and do it. Raise EmptySchedule if there is nothing."""
        queue = self.queue
        if not queue:
            raise EmptySchedule
        if len(queue[0]) == CALL:
            self._now, _, _, call, given = heappop(queue)
            call(given)
        else:
            _step(self)

    def settle(self) -> None:
        """Do all that belongs to this second."""
        queue, now = self.queue, self._now
        while queue and queue[0][0] <= now:
            if len(queue[0]) == CALL:
                _, _, _, call, given = heappop(queue)
                call(given)
            else:
                _happen(heappop(queue)[3])

    def go_on(self, last: float, asked: Sized, finished: simpy.Event | None = None) -> None:
        """Do what comes up to second ``last``, but no second more once something has been ``asked``.

        With ``finished`` nothing more is done once that event has been triggered, unless something has been asked.
        """
        queue = self.queue
        while queue:
            head = queue[0]
            if head[0] > last or (asked and head[0] > self._now):
                return
            if len(head) == CALL:
                self._now, _, _, call, given = heappop(queue)
                call(given)
            else:
                self._now, _, _, event = heappop(queue)
                _happen(event)
            if finished is not None and finished.triggered and not asked:
                return

    def go_to(self, second: int) -> None:
        """Let time pass to ``second``. Raise ValueError if something comes before that."""
        if second < self._now or (self.queue and self.queue[0][0] <= second):
            raise ValueError(f"second {second} cannot be gone to from {self._now}: something comes before")
        self._now = second


__all__ = ["Clock"]
