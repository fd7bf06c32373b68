"""A show: the arms of one replication played beside each other at one pace, and everything that was told so far.

The show's clock moves on only when every arm has come to it (:mod:`scenarios.demo.ahead`), so the arms are always
seen at the same moment. Whoever looks is told by a call without content and reads what it wants from the show; a second
page or one that comes back sees all of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any, Literal

from exchange.errors import CorridorError
from exchange.sentences import said, tell
from scenarios.demo.ahead import BEAT, Ahead
from scenarios.demo.officer import ARM, OfficerPlay
from scenarios.demo.told import Line, Opened, Passed, Update
from scenarios.demo.tracks import Tracks
from scenarios.demo.tried import Trials
from scenarios.demo.troupe import Troupe
from scenarios.demo.trying import Deed, Facts, NotDone
from scenarios.events import ArmRun, Event
from scenarios.run import default_run_id

if TYPE_CHECKING:
    from scenarios.metrics.measures import ArmMeasures
    from scenarios.scenario import Scenario

_log = logging.getLogger("corridor.show")
State = Literal["opening", "paused", "playing", "over", "failed", "closed"]

RESTS = 4
"""How many times as long as it takes nothing is measured again while the show goes on."""
PACES = (900, 3600, 4 * 3600, 12 * 3600, 24 * 3600, 72 * 3600)
"""Simulated seconds a wall second, slowest first."""
USUAL = 3
"""The pace a show begins with (a place in PACES)."""


@dataclass(slots=True)
class ArmStory:
    """All that one arm told so far."""

    arm: str
    opened: Opened | None = None
    events: list[Event] = field(default_factory=list)
    messages: list[Passed] = field(default_factory=list)
    queues: Mapping[str, Mapping[str, Line]] = field(default_factory=dict)
    doing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    through: int = 0
    total: int = 0
    over: bool = False
    tried: Mapping[int, Facts] = field(default_factory=dict)

    def take(self, update: Update) -> None:
        """Add an update."""
        self.events.extend(update.events)
        self.messages.extend(update.messages)
        if not update.whole:
            return
        self.queues, self.doing = update.queues, update.doing
        self.through, self.total, self.over = update.through, update.total, update.over
        self.tried = update.tried


class Show:
    """Plays ``scenario`` in ``arms`` with ``seed``. :meth:`open` starts it, paused at the end of the warm-up."""

    def __init__(self, scenario: Scenario, *, arms: tuple[str, ...] = (), seed: int | None = None) -> None:
        self.scenario = scenario
        self.arms = tuple(arm for arm in scenario.arms if not arms or arm in arms)
        self.seed = scenario.seed if seed is None else seed
        self.run_id = default_run_id(scenario, self.seed)
        self.state: State = "opening"
        self.error = ""
        self.pace = USUAL
        self.now = 0
        self.stories = {arm: ArmStory(arm) for arm in self.arms}
        self.tracks = {arm: Tracks(scenario) for arm in self.arms}
        self.partial: Mapping[str, Any] | None = None
        self.summary: Mapping[str, Any] | None = None
        self._counted: asyncio.Task[None] | None = None
        self._listeners: list[Callable[[], None]] = []
        self._clock: asyncio.Task[None] | None = None
        self._moving = asyncio.Lock()
        self._behind = False
        self.jumping = False  # played on while paused: to a moment, a border, or the end
        self.trials = Trials(self)
        self.troupe = Troupe(self)
        self.ahead = Ahead(self)
        self.officer: OfficerPlay | None = None

    async def open(self) -> None:
        """Start one process an arm and play the warm-up. On failure ``state`` is ``failed`` and ``error`` says why."""
        try:
            for one in await self.troupe.open():
                self.stories[one.arm].opened = one
                self.tracks[one.arm].open(one.consignments)
            await self._move(self.begin)
            if self.state == "opening":
                self._become("paused")
        except Exception as problem:
            self._fail(problem)
        self._clock = asyncio.create_task(self._tick())

    @property
    def begin(self) -> int:
        """The second at which the first vehicle's papers are lodged, or the first of the show."""
        return max(1, int(self.scenario.warm_up_hours * 3600) - 48 * 3600)

    @property
    def begun(self) -> bool:
        """Whether anybody has let it play."""
        return self.state == "playing" or self.now > self.begin

    @property
    def strained(self) -> bool:
        """Whether the show is not on yet, or its arms cannot follow the clock: nothing else should run then."""
        return self.state == "opening" or (self.state == "playing" and self._behind)

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after every change; return the function that ends this."""
        self._listeners.append(listener)

        def stop() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return stop

    def play(self) -> None:
        """Go on from where the show stands."""
        if self.state == "paused":
            self._become("playing")

    def pause(self) -> None:
        """Stand still; what has begun within the moment is finished."""
        if self.state == "playing":
            self._become("paused")

    def faster(self, steps: int = 1) -> None:
        """Take another pace: ``steps`` places up, or down if negative."""
        self.pace = min(max(self.pace + steps, 0), len(PACES) - 1)
        self.tell()

    async def step(self, hours: float = 1.0) -> None:
        """Play ``hours`` simulated hours at once, and pause."""
        self.pause()
        await self._move(self.now + int(hours * 3600))

    async def to_next_border(self) -> None:
        """Play on until the next vehicle comes to a border side in any arm, and pause."""
        self.pause()
        seen = self._arrivals()
        while self.state == "paused" and self._arrivals() == seen:
            await self._move(self.now + 1800)

    async def to_end(self) -> None:
        """Play to the end at once."""
        self.pause()
        while self.state == "paused":
            await self._move(self.now + 24 * 3600)

    async def ask(self, arm: str, method: str, *arguments: object) -> Any:
        """Let the stage of ``arm`` do ``method``; see :class:`scenarios.demo.stage.Stage`."""
        return await self.troupe.call(arm, method, *arguments)

    async def by_hand(self, method: str, what: Deed | int, arms: Sequence[str]) -> tuple[int, dict[str, str]]:
        """Let the stages of ``arms`` do or undo something at this moment; return it, and why not by arm."""
        async with self._moving:
            await self._together()
            if self.state not in ("playing", "paused"):
                raise NotDone(tell("the show is over, or not on: nothing is under way"))
            calls = [self.troupe.call(arm, method, what) for arm in arms]
            refused: dict[str, str] = {}
            for arm, answer in zip(arms, await asyncio.gather(*calls, return_exceptions=True), strict=True):
                if isinstance(answer, Update):
                    self.ahead.take(answer)
                elif isinstance(answer, CorridorError):
                    refused[arm] = said(answer)
                elif isinstance(answer, BaseException):
                    raise answer
            self.ahead.show(self.now)
            if len(refused) < len(arms):
                self.trials.history.append((self.now, method, what, tuple(arms)))
                if self.officer is not None:
                    await self.officer.by_hand(method, what)
            self.tell()
            return self.now, refused

    async def play_officer(self, service: str) -> None:
        """Let a visitor be the officer of ``service``, in a stage of its own that is brought to this moment first.

        Raise :class:`NotDone` if results are recognised in no arm of this show, or the show is not on.
        """
        await self.end_officer()
        async with self._moving:
            if self.state not in ("playing", "paused"):
                raise NotDone(tell("the show is over, or not on: nothing is under way"))
            if ARM not in self.arms or service not in self.scenario.services:
                raise NotDone(
                    tell(
                        "{service} recognises no results in this show: its arms are {arms}",
                        service=service,
                        arms=", ".join(self.arms),
                    )
                )
            officer = OfficerPlay(self, service)
            try:
                await officer.open()
            except CorridorError as problem:
                await officer.close()
                raise NotDone(said(problem)) from problem
            if self.state not in ("playing", "paused"):  # any more: the officer's stage took its time
                await officer.close()
                raise NotDone(tell("the show has ended: nothing is under way"))
            self.officer = officer
        self.pause()
        self.tell()

    async def end_officer(self) -> None:
        """Let the rules decide again."""
        officer, self.officer = self.officer, None
        if officer is not None:
            await officer.close()
            self.tell()

    async def close(self) -> None:
        """End the clock and the processes."""
        await self.end_officer()
        for task in (self._clock, self._counted):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        await self.ahead.close()
        await self.troupe.end()
        self._become("closed")
        await self.end_officer()  # one whose stage was still being brought here when the first was ended

    def _arrivals(self) -> int:
        return sum(event.kind == "arrived" for story in self.stories.values() for event in story.events)

    async def _tick(self) -> None:
        last = (loop := asyncio.get_running_loop()).time()
        while True:
            await asyncio.sleep(max(BEAT - (loop.time() - last), 0.05))
            # a clock that the arms could not follow does not make up for it: it only goes as fast as they can
            passed, last = min(loop.time() - last, 2 * BEAT), loop.time()
            if self.state == "playing":
                async with self._moving:
                    await self._guarded(self._glide(passed))

    async def _glide(self, passed: float) -> None:
        """Let the clock go on as it may after ``passed`` wall seconds, and the arms play on ahead of it."""
        if self.state != "playing":
            return
        pace = PACES[self.pace]
        self.ahead.lead(self.now, pace)
        second = self.ahead.glide(self.now, pace * passed)
        self._behind = second - self.now < pace * min(passed, BEAT) / 2
        if second > self.now or self.ahead.over:
            asked = await self._officer_to(second)
            await self._shown(second)
            if asked:
                self.pause()

    async def _move(self, second: int) -> None:
        """Play all arms to ``second``."""
        async with self._moving:
            self.jumping = self.state == "paused"
            await self._guarded(self._play_to(second))
            self.jumping = False
        self.tell()

    async def _together(self) -> None:
        """Bring all arms and the clock to the second to which the farthest of them has played."""
        if self.ahead.farthest > self.now or self.ahead.front < self.now:
            await self._guarded(self._play_to(max(self.ahead.farthest, self.now)))

    async def _guarded(self, playing: Coroutine[None, None, None]) -> None:
        """Await ``playing``; where that fails, or nothing can be played any more, the show stays as it is."""
        if self.state in ("over", "failed", "closed"):
            playing.close()
            return
        try:
            await playing
        except Exception as problem:
            self.ahead.show(self.ahead.front)
            self._fail(problem)
        self.tell()

    async def _play_to(self, second: int) -> None:
        officer = asyncio.create_task(self._officer_to(second))
        try:
            async for front in self.ahead.to(second):
                await self._shown(max(front, self.now))
                self.tell()
        finally:
            asked = await officer
        if asked:
            self.pause()

    async def _shown(self, second: int) -> None:
        """Show everything up to ``second``; finish the show once that is all."""
        self.now = second
        self.ahead.show(second)
        if all(story.over for story in self.stories.values()):
            await self._officer_to(inf)
            await self._finish()
        elif self._counted is None or self._counted.done():
            self._counted = asyncio.create_task(self._count())

    async def _officer_to(self, second: float) -> bool:
        """Play the officer's stage, if there is one; return whether the visitor is asked something new."""
        if self.officer is None:
            return False
        asked = await self.officer.move(second)
        self.officer.count()
        return asked

    async def _count(self) -> None:
        """Measure in a thread what is through in every arm, and again while more happens; rest in between."""
        loop, counted = asyncio.get_running_loop(), -1
        while (happened := sum(len(story.events) for story in self.stories.values())) != counted:
            begun, counted = loop.time(), happened
            stories = [(story.arm, story.opened, tuple(story.events)) for story in self.stories.values()]
            try:
                self.partial = await asyncio.to_thread(self._measured, stories)
            except Exception as problem:
                self._fail(problem)
                return
            self.tell()
            await asyncio.sleep(max(RESTS * (loop.time() - begun), 1.0))

    def _measured(self, stories: Sequence[tuple[str, Opened | None, tuple[Event, ...]]]) -> Mapping[str, Any] | None:
        from scenarios.metrics import measure

        through = set.intersection(
            *({event.case for event in events if event.kind in ("delivered", "seized")} for *_, events in stories)
        )
        first = stories[0][1]
        if first is None or all(one.irregularity for one in first.among(through)):
            return None  # hours are those of regular consignments
        measures = [
            measure(
                self.scenario,
                ArmRun(
                    arm=arm, replication=0, consignments=told.among(through), events=events, utilisation={}, messages={}
                ),
            )
            for arm, told, events in stories
            if told is not None
        ]
        return self._summarised(measures)

    def _summarised(self, measures: Sequence[ArmMeasures]) -> Mapping[str, Any]:
        from scenarios.metrics import summarise
        from scenarios.parties import what_if

        return summarise(
            self.scenario,
            measures,
            run_id=self.run_id,
            seed=self.seed,
            transport="http",
            what_if=what_if(self.scenario),
            wall_seconds=0.0,
        )

    async def _finish(self) -> None:
        if self._counted is not None:
            self._counted.cancel()  # what was counted on the way may come later than what is counted now
        self.now = max(event.at for story in self.stories.values() for event in story.events[-1:])
        self.summary = self.partial = await asyncio.to_thread(self._summarised, await self.troupe.all("measures"))
        self._become("over")

    def _fail(self, problem: Exception) -> None:
        """Stop here; all that was told so far stays. What no error of ours foresaw is also written to the log."""
        if not isinstance(problem, CorridorError):
            _log.error("the show %s stopped", self.run_id, exc_info=problem)
        self.error = str(problem) if isinstance(problem, CorridorError) else f"{type(problem).__name__}: {problem}"
        self._become("failed")

    def _become(self, state: State) -> None:
        self.state = state
        self.tell()

    def tell(self) -> None:
        """Tell all who listen that there is something to be seen."""
        for listener in list(self._listeners):
            listener()


__all__ = ["BEAT", "PACES", "ArmStory", "Show", "State"]
