"""Queues that no longer clear: found while a world runs, and told with the resource that is too small."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from scenarios.scenario.border import STAFF
from scenarios.world.border import Border
from scenarios.world.clock import Clock
from scenarios.world.schedule import DAY
from scenarios.world.stations import Station
from scenarios.world.works import WorldError

LONGEST = 28 * DAY
"""Seconds that work may wait at a border: preliminary information is refused after 30 days, so more makes no sense."""
NOTABLE = 2 * DAY
"""Seconds of waiting beyond which a queue is named as what may have held things up."""


class Queue(NamedTuple):
    """A queue as it stands. ``waited``: seconds of the job that has waited longest.

    ``inner``: where what waits is a place that is held until the vehicle leaves, the queue that holds up the vehicles
    which have one.
    """

    waited: int
    waiting: int
    side: str
    station: Station
    inner: Queue | None = None

    @property
    def depth(self) -> float:
        """Return how many wait for each server."""
        return self.waiting / self.station.capacity

    def __str__(self) -> str:
        name = f"{self.station.name} at {self.side} ({self.station.capacity} in all, all taken)"
        text = f"{name} does not keep up: {self.waiting} wait, the first for {self.waited / DAY:.1f} days"
        cause = self
        if self.inner is not None:
            cause = self.inner
            text += (
                f", because those inside wait for {cause.station.name} ({cause.waiting} for {cause.station.capacity})"
            )
        staff = cause.station.name == STAFF
        place = f"sides.{self.side}." + ("customs.staff" if staff else f"resources.{cause.station.name}.capacity")
        others = "" if staff else "open longer, "
        return f"{text}; have more {cause.station.name} ({place}), {others}control less, or let fewer vehicles come"


class Crowding:
    """Looks at all queues once a day, as long as ``running``, and ends the run if one no longer clears."""

    def __init__(self, env: Clock, borders: Mapping[str, Border], running: Callable[[], bool]) -> None:
        self._env = env
        self._borders = borders
        self._running = running
        self._arm()

    def because(self) -> str:
        """Return a sentence on the worst queue, to follow on what went wrong; empty if none is worth naming."""
        worst = self.worst()
        return "" if worst is None else f". The longest queue at that time: {worst}"

    def worst(self) -> Queue | None:
        """Return the queue in which somebody has waited longest, if that is worth naming."""
        found = [queue for queue in self._queues() if queue.waited > NOTABLE]
        worst = max(found, key=lambda queue: queue.waited, default=None)
        if worst is None or not worst.station.holds:
            return worst
        inside = [queue for queue in self._queues() if queue.side == worst.side and not queue.station.holds]
        return worst._replace(inner=max(inside, key=lambda queue: queue.depth, default=None))

    def _queues(self) -> Iterator[Queue]:
        now = int(self._env.now)
        for key, border in self._borders.items():
            for station in border.stations.values():
                if (since := station.oldest) is not None:
                    yield Queue(now - since, station.waiting, key, station)

    def _arm(self) -> None:
        self._env.after(DAY, self._look, None)

    def _look(self, _none: None) -> None:
        if not self._running():
            return
        worst = self.worst()
        if worst is not None and worst.waited > LONGEST:
            raise WorldError(f"the run is ended on day {int(self._env.now) // DAY}, as it would never end: {worst}")
        self._arm()


__all__ = ["LONGEST", "Crowding", "Queue"]
