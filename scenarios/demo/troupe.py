"""The troupe: one actor an arm. Where the process of an arm is lost, another takes its place in the midst of the show.

Luck is a pure function of seed and place, so the one that takes over plays the same to the moment to which the arm
had told everything, with all that was done by hand on the way; nothing that was shown has to be taken back.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from exchange.errors import CorridorError
from scenarios.demo.actor import Actor, ActorError, ActorLost
from scenarios.demo.stage import Part
from scenarios.demo.told import Opened

if TYPE_CHECKING:
    from scenarios.demo.show import Show

LIVES = 3
"""How often an arm is taken over in one show; what is lost more often will be lost again."""


@dataclass(slots=True)
class Loss:
    """The process of ``arm`` was lost when the show stood at second ``at``; ``how``: by which signal, or exit code.

    ``back``: another has taken its place.
    """

    arm: str
    at: int
    how: str
    back: bool = False


class Troupe:
    """The actors of ``show``; :meth:`open` first, :meth:`end` last."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._actors: dict[str, Actor] = {}
        self._taking_over: dict[str, asyncio.Lock] = {arm: asyncio.Lock() for arm in show.arms}
        self.losses: list[Loss] = []

    async def open(self) -> Sequence[Opened]:
        """Start the process of every arm, and its nodes. Raise :class:`CorridorError` if one cannot be."""
        for arm in self._show.arms:
            self._actors[arm] = self._actor(arm)
        opened: Sequence[Opened] = await asyncio.gather(*(actor.call("open") for actor in self._actors.values()))
        return opened

    def _actor(self, arm: str) -> Actor:
        show = self._show
        return Actor(Part(scenario=show.scenario, arm=arm, seed=show.seed, run_id=show.run_id))

    async def all(self, method: str, *arguments: object) -> Sequence[Any]:
        """Let the stages of all arms do ``method``. Raise what the first of them raises that fails."""
        calls = (self.call(arm, method, *arguments) for arm in self._actors)
        answers = await asyncio.gather(*calls, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return answers

    async def call(self, arm: str, method: str, *arguments: object) -> Any:
        """Let the stage of ``arm`` do ``method``, by another actor if the one it had is lost meanwhile."""
        while True:
            actor = self._actors.get(arm)
            if actor is None:
                raise ActorError(f"the arm {arm} is not on: the show has ended")
            try:
                return await actor.call(method, *arguments)
            except ActorLost as loss:
                async with self._taking_over[arm]:
                    if self._actors.get(arm) is actor:
                        await self._take_over(actor, loss)

    async def _take_over(self, lost: Actor, error: ActorLost) -> None:
        """Put another actor in the place of ``lost``. Raise ``error`` if the arm has been lost too often."""
        show, arm = self._show, lost.arm
        loss = Loss(arm, show.now, error.how)
        self.losses.append(loss)
        if sum(one.arm == arm for one in self.losses) > LIVES:
            raise error
        show.tell()
        await lost.end()
        actor = self._actor(arm)
        try:
            await actor.call("open")
            for at, method, what, arms in show.trials.history:
                if arm in arms:
                    await actor.call("play_to", at)
                    with contextlib.suppress(CorridorError):  # what could not be done the first time cannot be now
                        await actor.call(method, what)
            await actor.call("play_to", show.ahead.fronts[arm])
        except ActorLost as again:
            await actor.end()
            self.losses.append(Loss(arm, show.now, again.how))
            raise
        except BaseException:
            await actor.end()
            raise
        self._actors[arm], loss.back = actor, True
        show.tell()

    async def end(self) -> None:
        """End the processes."""
        actors, self._actors = self._actors, {}
        await asyncio.gather(*(actor.end() for actor in actors.values()))


__all__ = ["LIVES", "Loss", "Troupe"]
