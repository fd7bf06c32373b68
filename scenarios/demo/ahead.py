"""How far the arms of a show have played ahead of its clock, and what they told that is not shown yet.

An arm may need a second for one moment: a train whose consignments are all lodged at once. So that the clock need not
stand still meanwhile, arms play a little ahead of it, in slices of wall time, and what they tell is kept until the
clock comes to it. The clock glides: it goes on by a share of what every arm has come to, at most as fast as the pace
says, so that pages have something new at every beat however slow the arms are.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios.demo.show import Show
    from scenarios.demo.told import Update

BEAT = 0.25
"""Wall seconds between two moves of the clock."""
SLICE = 0.2
"""Wall seconds after which an arm tells what it has, between two moments."""
LEAD = 1.5
"""Wall seconds of playing that arms may be ahead of the clock."""
SHARE = LEAD / BEAT
"""The clock goes on by what every arm is ahead, divided by this, so that it still moves when an arm takes long."""
LEAST = 60.0
"""Simulated seconds that the clock goes on at least where the arms have come so far: a minute is what it shows."""
FASTER, SLOWER = 1.3, 0.9
"""The arms' speed is thought higher if all came as far as they might within a beat, and lower if one did not."""


class Ahead:
    """What the arms of ``show`` have told; ``fronts``: arm → simulated second to which it has told everything."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self.fronts = dict.fromkeys(show.arms, 0)
        self._waiting: dict[str, deque[Update]] = {arm: deque() for arm in show.arms}
        self._over: set[str] = set()
        self._limit = 0
        self._speed = float("inf")
        self._playing: dict[str, asyncio.Task[None]] = {}

    @property
    def front(self) -> int:
        """The second to which every arm has told everything."""
        return min((at for arm, at in self.fronts.items() if arm not in self._over), default=self.farthest)

    @property
    def farthest(self) -> int:
        """The second to which any arm has played."""
        return max(self.fronts.values())

    @property
    def over(self) -> bool:
        """Whether all arms are over; what they told may not be shown yet."""
        return len(self._over) == len(self.fronts)

    def lead(self, now: int, pace: float) -> None:
        """Let the arms play on beyond ``now`` as far as they can in LEAD wall seconds, at ``pace`` at most.

        Raise what an arm raised that could not go on.
        """
        self._look()
        change = FASTER if self.front >= self._limit else SLOWER
        self._speed = max(min(self._speed * change, pace), LEAST)
        self._limit = now + int(LEAD * self._speed)
        self._go()

    def glide(self, now: int, wanted: float) -> int:
        """Return the second that the clock may show after ``now``, ``wanted`` simulated seconds later at most."""
        there = self.front - now
        able = there if self.over else max(there / SHARE, LEAST)
        return now + max(0, int(min(wanted, able, there)))

    async def to(self, second: int) -> AsyncIterator[int]:
        """Let the arms play to ``second``; yield at every beat how far all of them have come, and ``second`` at last.

        Raise what an arm raises that cannot.
        """
        await self.settle()
        self._limit = second
        self._go()
        while running := [task for task in self._playing.values() if not task.done()]:
            await asyncio.wait(running, timeout=BEAT)
            self._look()
            if not self.over and self.front < second:
                yield self.front
        yield second

    async def settle(self) -> None:
        """Let the arms finish what they are about. Raise what one of them raises."""
        self._limit = 0
        await asyncio.gather(*self._playing.values(), return_exceptions=True)
        self._look()

    def show(self, second: float) -> None:
        """Give the stories what the arms told up to ``second``."""
        for arm, waiting in self._waiting.items():
            story, tracks = self._show.stories[arm], self._show.tracks[arm]
            while waiting:
                told, rest = waiting[0].until(second)
                if told is not None:
                    story.take(told)
                    tracks.take(told.events)
                if rest is not None:
                    waiting[0] = rest
                    break
                waiting.popleft()

    def take(self, update: Update) -> None:
        """Keep what an arm told until it is shown."""
        arm = update.arm
        self.fronts[arm] = max(self.fronts[arm], update.now)
        self._waiting[arm].append(update)
        if update.over:
            self._over.add(arm)

    async def close(self) -> None:
        """Let no arm play on."""
        for task in self._playing.values():
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*self._playing.values(), return_exceptions=True)

    def _go(self) -> None:
        for arm, at in self.fronts.items():
            task = self._playing.get(arm)
            if (task is None or task.done()) and arm not in self._over and at < self._limit:
                self._playing[arm] = asyncio.create_task(self._play(arm))

    async def _play(self, arm: str) -> None:
        while arm not in self._over and self.fronts[arm] < self._limit:
            self.take(await self._show.troupe.call(arm, "play_to", self._limit, SLICE))

    def _look(self) -> None:
        """Raise what an arm raised whose playing has ended."""
        for task in self._playing.values():
            if task.done() and (problem := task.exception()) is not None:
                raise problem


__all__ = ["BEAT", "Ahead"]
