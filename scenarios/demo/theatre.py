"""The theatre: the show that is on, who may change it, and what is known beside it.

All pages look at one theatre; a second browser sees the same show. ``version`` grows with every change, so that a page
need only compare a number to know whether it is up to date.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from scenarios.demo.show import Show
from scenarios.demo.spread import Spread
from scenarios.scenario import ScenarioError, load_scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """What is to be shown: a scenario's name or file, ``--set`` changes, arms (none: all), seed (none: its own)."""

    scenario: str
    sets: Sequence[str] = ()
    arms: tuple[str, ...] = ()
    seed: int | None = None


@dataclass(slots=True)
class Theatre:
    """One show at a time. ``trouble`` says why the last change could not be made, in words for the page; ``changing``:
    another show is about to take the place of the one that is on."""

    programme: Programme
    show: Show | None = None
    spread: Spread | None = None
    version: int = 0
    trouble: str = ""
    changing: bool = False
    _changing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def open(self) -> None:
        """Put on what the programme says."""
        await self.put_on(self.programme)

    async def put_on(self, programme: Programme) -> None:
        """End the show that is on and open another; if its scenario cannot be read, the one that is on stays."""
        async with self._changing:
            self.changing = True
            self.changed()
            try:
                scenario = await asyncio.to_thread(load_scenario, programme.scenario, list(programme.sets))
            except (ScenarioError, OSError) as problem:
                self.trouble, self.changing = str(problem), False
                self.changed()
                return
            await self.close()
            self.trouble, self.programme, self.changing = "", programme, False
            self.show = Show(scenario, arms=programme.arms, seed=programme.seed)
            self.show.listen(self.changed)
            self.spread = Spread(self.show, self.changed)
            self.changed()
            await self.show.open()
            if self.show.state != "failed":
                self.spread.begin()

    async def again(self) -> None:
        """Put the same on once more, from its beginning."""
        await self.put_on(self.programme)

    def changed(self) -> None:
        """Note that something is to be seen."""
        self.version += 1

    async def close(self) -> None:
        """End the show, and what runs beside it."""
        if self.spread is not None:
            await self.spread.close()
        if self.show is not None:
            await self.show.close()


__all__ = ["Programme", "Theatre"]
