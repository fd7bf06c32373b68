"""What a show counts beside itself, in a thread: whatever that takes, what is shown at last is of all that happened."""

from __future__ import annotations

import asyncio
import threading

import pytest

from scenarios.demo import show as show_module
from scenarios.demo.officer import ARM, OfficerPlay
from scenarios.demo.show import Show
from scenarios.events import Event
from scenarios.scenario import load_scenario
from tests.waiting import HANGS, until

SCENARIO = "china_europe_transit_fi"
DELIVERED = Event(10, "first", 1, "delivered", {})


async def test_a_count_on_the_way_that_comes_late_is_not_shown_for_that_of_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    show = Show(load_scenario(SCENARIO), arms=("baseline",))
    show.stories["baseline"].events.append(DELIVERED)
    begun, late = threading.Event(), threading.Event()

    def on_the_way(_: object) -> dict[str, str]:
        begun.set()
        assert late.wait(HANGS)
        return {"counted": "on the way"}

    async def nothing(_: str) -> list[object]:
        return []

    monkeypatch.setattr(show, "_measured", on_the_way)
    monkeypatch.setattr(show, "_summarised", lambda _: {"counted": "at the end"})
    monkeypatch.setattr(show.troupe, "all", nothing)
    show._counted = asyncio.create_task(show._count())
    await until(begun.is_set)
    await show._finish()
    late.set()
    await asyncio.wait({show._counted})
    assert (show.state, show.partial) == ("over", {"counted": "at the end"})


async def test_what_comes_while_a_show_that_is_then_paused_is_counted_is_counted_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    show = Show(load_scenario(SCENARIO), arms=("baseline",))
    events = show.stories["baseline"].events
    monkeypatch.setattr(show_module, "RESTS", 0.0)
    monkeypatch.setattr(show, "_measured", lambda stories: {"counted": len(stories[0][2])})
    events.append(DELIVERED)
    counting = asyncio.create_task(show._count())
    await until(lambda: show.partial == {"counted": 1})
    events.append(DELIVERED)
    await asyncio.wait_for(counting, HANGS)
    assert show.partial == {"counted": 2}


async def test_what_comes_through_while_the_cost_of_an_officer_is_counted_is_counted_at_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    show = Show(load_scenario(SCENARIO), arms=(ARM,))
    officer = OfficerPlay(show, "KZ")
    begun, late = threading.Event(), threading.Event()

    def compared(through: set[str], *_: object) -> int:
        begun.set()
        assert late.wait(HANGS)
        return len(through)

    def comes_through(case: str) -> None:
        for events in (officer._events, show.stories[ARM].events):
            events.append(Event(10, case, 1, "delivered", {}))
        officer.count()

    monkeypatch.setattr(officer, "_compared", compared)
    comes_through("first")
    await until(begun.is_set)
    comes_through("last")
    late.set()
    assert officer._counting is not None
    await officer._counting
    assert officer.cost == 2
