"""Arms that play ahead of a show's clock: it never shows what an arm has not come to, and does not stand for one."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from scenarios.commands.bench_demo import updates
from scenarios.demo.ahead import Ahead
from scenarios.demo.show import ArmStory
from scenarios.demo.told import Update
from scenarios.demo.tracks import Tracks
from scenarios.events import Event
from scenarios.scenario import load_scenario
from tests.waiting import until

HOUR = 3600


def _told(arm: str, now: int, *at: int, over: bool = False) -> Update:
    events = tuple(Event(second, "case", 1, "reached", {"place": "x", "km": 0.0}) for second in at)
    return Update(
        arm=arm,
        now=now,
        events=events,
        messages=(),
        queues={},
        doing={f"seen at {now}": ()},
        through=0,
        total=1,
        over=over,
    )


class Arms:
    """Arms that come in a slice as far as they are asked to, but one that takes as long as ``free`` is not set."""

    def __init__(self) -> None:
        self.free = asyncio.Event()
        self.stuck = ""

    async def call(self, arm: str, method: str, second: int, wall: float) -> Update:
        await asyncio.sleep(0)
        if arm == self.stuck:
            await self.free.wait()
        return _told(arm, second, second, over=second >= 500 * HOUR)


def _ahead() -> tuple[Ahead, Arms, Any]:
    scenario, arms = load_scenario("china_europe_transit_fi"), Arms()
    names = ("baseline", "recognition")
    show = SimpleNamespace(
        arms=names,
        troupe=arms,
        stories={arm: ArmStory(arm) for arm in names},
        tracks={arm: Tracks(scenario) for arm in names},
    )
    return Ahead(show), arms, show  # type: ignore[arg-type]


def test_of_what_an_arm_told_only_what_has_happened_is_shown() -> None:
    told = _told("baseline", 100, 10, 50, 90)
    shown, rest = told.until(50)
    assert shown is not None and rest is not None
    assert [event.at for event in shown.events] == [10, 50]
    assert not shown.whole
    assert [event.at for event in rest.events] == [90]
    assert told.until(5) == (None, told)
    assert told.until(100) == (told, None)
    story = ArmStory("baseline")
    story.take(shown)
    assert story.doing == {}, "how it stands is told as of the end of what was told"
    story.take(rest)
    assert [event.at for event in story.events] == [10, 50, 90]
    assert story.doing == {"seen at 100": ()}


async def test_the_clock_goes_on_while_an_arm_is_busy_and_never_beyond_what_it_told() -> None:
    ahead, arms, show = _ahead()
    ahead.lead(0, 12 * HOUR)
    assert ahead.glide(0, 3 * HOUR) == 0, "nothing has been told yet"
    await until(lambda: ahead.front > 0 and all(task.done() for task in ahead._playing.values()))
    arms.stuck = "recognition"
    now, front, beats = 0, ahead.front, 0
    while True:
        ahead.lead(now, 12 * HOUR)
        await asyncio.sleep(0)
        later = ahead.glide(now, 3 * HOUR)
        if later == now:
            break
        now, beats = later, beats + 1
        ahead.show(now)
        assert all(event.at <= now for story in show.stories.values() for event in story.events)
    assert now == front
    assert beats > 6
    arms.free.set()
    arms.stuck = ""
    async for front in ahead.to(600 * HOUR):
        ahead.show(front)
    assert ahead.over
    assert all(story.over for story in show.stories.values())


async def test_what_an_arm_cannot_do_is_raised_to_whoever_lets_it_play() -> None:
    ahead, arms, _ = _ahead()

    async def fail(*_: object) -> Update:
        raise ValueError("a resource that never comes free")

    arms.call = fail  # type: ignore[method-assign]
    ahead.lead(0, HOUR)
    await until(lambda: all(task.done() for task in ahead._playing.values()))
    with pytest.raises(ValueError, match="never comes free"):
        ahead.lead(0, HOUR)
    with pytest.raises(ValueError, match="never comes free"):
        await ahead.settle()
    await ahead.close()


def test_gaps_between_updates_are_those_of_the_whole_window() -> None:
    found = updates(0.0, [400.0, 800.0, 2000.0], 4000.0)
    assert found["updates_per_s"] == 0.75
    assert found["gap_longest_s"] == 2.0
    assert found["share_of_time_in_gaps_over_half_a_second"] == 0.8
