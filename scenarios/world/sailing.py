"""Ships that sail at a schedule: goods wait at the quay for the next one with room.

The ships are simulated; their luck hangs on line and sailing alone, so that the same ships leave at the same time with
the same room in every arm. Whoever comes to the quay first sails first; the containers of one vehicle sail together,
and nobody overtakes a vehicle that the room left does not suffice for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import simpy

from exchange.luck import Luck, lognormal
from scenarios.scenario import HOUR, seconds
from scenarios.scenario.sailing import Line
from scenarios.scenario.traffic import Leg
from scenarios.world.rolling import ship_number
from scenarios.world.schedule import DAY
from scenarios.world.works import WorldError

ENDLESS = 120 * DAY
"""Seconds that a vehicle waits for a ship before the run is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sailing:
    """One departure: when its gates close and it leaves (seconds), room for containers, and the ship's IMO number."""

    number: int
    closes: int
    departs: int
    room: int
    ship: str


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    vehicle: str
    units: int
    since: int
    boards: simpy.Event


class Quay:
    """Where goods wait for the ships of one line; ``running`` is asked before every sailing."""

    def __init__(self, name: str, line: Line, env: simpy.Environment, luck: Luck, running: Callable[[], bool]) -> None:
        self.name = name
        self.line = line
        self._env = env
        self._luck = luck
        self._running = running
        self._queue: deque[_Waiting] = deque()
        self._last = 0
        self._ended = False
        self._closed = -1
        env.process(self._sail())

    def board(self, vehicle: str, units: int) -> Generator[simpy.Event, Any, Sailing]:
        """Wait for a ship with room for ``units`` containers; return its sailing at the moment it leaves."""
        waiting = _Waiting(vehicle, units, int(self._env.now), self._env.event())
        self._queue.append(waiting)
        if self._ended:
            self._never(waiting)
        sailing: Sailing = yield waiting.boards
        yield self._env.timeout(sailing.departs - int(self._env.now))
        return sailing

    def voyage(self, sailing: Sailing, leg: Leg) -> int:
        """Return the seconds that the ship of ``sailing`` needs for ``leg``."""
        u = self._luck.uniform(self.name, f"{leg.from_}-{leg.to}", "voyage", sailing.number)
        return round(lognormal(u, leg.length.value / self.line.speed.value, self.line.spread.value) * HOUR)

    def sailing(self, number: int) -> Sailing | None:
        """Return sailing ``number``; None if the port is closed for ever. To be asked in order."""
        line, draw = self.line, self._luck.uniform
        departs = line.scheduled(number) + line.delay.value.seconds(draw(self.name, "port", "delay", number))
        if line.weather is not None and draw(self.name, "port", "weather", number) < line.weather.share.value:
            departs += line.weather.lasts.value.seconds(draw(self.name, "port", "weather-lasts", number))
        departs = max(departs, self._last + 60)
        for closed in sorted(line.closed, key=lambda closed: closed.from_.value):
            if departs >= seconds(closed.from_.value):
                if closed.until is None:
                    return None
                departs = max(departs, seconds(closed.until.value))
        self._last = departs
        capacity = line.capacity.number
        u = draw(self.name, "ship", "others", number)
        others = round(lognormal(u, capacity * line.others.value, line.others_spread.value)) if line.others.value else 0
        return Sailing(
            number=number,
            closes=max(0, departs - seconds(line.loading.value)),
            departs=departs,
            room=max(0, capacity - others),
            ship=ship_number(self.name, line, number),
        )

    def _sail(self) -> Generator[simpy.Event, Any, None]:
        number = 0
        while self._running():
            sailing = self.sailing(number)
            if sailing is None:
                self._ended = True
                for waiting in self._queue:
                    self._never(waiting)
                return
            yield self._env.timeout(max(0, sailing.closes - int(self._env.now)))
            self._load(sailing)
            number += 1

    def _load(self, sailing: Sailing) -> None:
        now = int(self._env.now)
        if self._queue and self._queue[0].since > self._closed and now - self._queue[0].since > ENDLESS:
            self._never(self._queue[0], missed=False)
        self._closed = now
        room = sailing.room
        while self._queue and self._queue[0].units <= room:
            waiting = self._queue.popleft()
            room -= waiting.units
            waiting.boards.succeed(sailing)
        if self._queue and now - self._queue[0].since > ENDLESS:
            self._never(self._queue[0])

    def _never(self, waiting: _Waiting, *, missed: bool = True) -> None:
        """Give the run up for ``waiting``; ``missed``: ships came while it waited, but without room for it."""
        line, days = self.line, (int(self._env.now) - waiting.since) / DAY
        if self._ended:
            why = "its port is closed for ever: give sailings." + f"{self.name}.closed an 'until', or a later 'from'"
        elif not missed:
            why = (
                f"for {days:.0f} days no ship came (the first sails after {line.first.is_}, then every "
                f"{line.interval.is_}): change sailings.{self.name}.first or .interval, or what keeps its port closed"
            )
        else:
            why = (
                f"after {days:.0f} days no ship had room for its {waiting.units} containers ({line.capacity.number} a "
                f"ship, {line.others.is_} taken by others): raise the capacity, or let ships sail more often"
            )
        raise WorldError(f"{waiting.vehicle} waits for a ship of the line {self.name} ({line.title}), but {why}")


__all__ = ["ENDLESS", "Quay", "Sailing"]
