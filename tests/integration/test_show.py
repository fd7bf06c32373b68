"""A show plays what a run runs: the same events, messages and numbers, however its clock is driven."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest

from scenarios.demo import troupe
from scenarios.demo.actor import ActorError
from scenarios.demo.show import Show
from scenarios.demo.stage import Part, Stage, StageError
from scenarios.demo.told import Opened
from scenarios.demo.trying import Deed
from scenarios.events import ConsignmentFacts, Event, Irregularity
from scenarios.run import default_run_id, run_scenario
from scenarios.scenario import Scenario, load_scenario

SMALL = ["flows.0.vehicles.count=1 trains", "warm_up=1 d"]
ARMS = ("baseline", "recognition")


@pytest.fixture(scope="module")
def small() -> Scenario:
    return load_scenario("china_europe_transit_fi", SMALL)


async def test_a_show_comes_to_the_numbers_of_a_run(small: Scenario, tmp_path: Path) -> None:
    outcome = await asyncio.to_thread(
        run_scenario, small, transport="memory", replications=1, arms=ARMS, out=tmp_path, workers=1
    )
    show = Show(small, arms=ARMS)
    told: list[str] = []
    show.listen(lambda: told.append(show.state))
    await show.open()
    try:
        assert show.state == "paused", show.error
        await show.to_next_border()
        assert any(event.kind == "arrived" for event in show.stories["baseline"].events)
        assert all(vehicle == "T01" for story in show.stories.values() for vehicle in story.doing)
        await show.step(2.0)
        await show.to_end()
        assert show.state == "over", show.error
        assert show.summary is not None
        for key in ("arms", "saved", "borders"):
            assert show.summary[key] == outcome.summary[key]
        story = show.stories["recognition"]
        assert story.through == story.total == len(story.opened.consignments if story.opened else ())
        data = await show.ask("recognition", "xml", story.messages[-1].id)
        assert story.messages[-1].id.encode() in data
        with pytest.raises(ActorError, match="no message nonsense has passed"):
            await show.ask("recognition", "xml", "nonsense")
        assert told[-1] == "over"
        assert all(not story.queues for story in show.stories.values()), "nobody waits where nothing is worked any more"
    finally:
        await show.close()
    assert show.state == "closed"


async def test_a_stage_plays_the_same_whatever_the_steps_of_its_clock(small: Scenario) -> None:
    stories = []
    for step in (3 * 3600 + 17, 40 * 24 * 3600):
        stage = Stage(Part(scenario=small, arm="recognition", seed=1, run_id=default_run_id(small, 1)))
        events, messages = [], []
        try:
            await stage.open()
            with pytest.raises(StageError, match="not over"):
                await stage.measures()
            second = 0
            while not stage.over:
                second += step
                update = await stage.play_to(second)
                events += update.events
                messages += sorted(update.messages)
            stories.append((events, sorted(messages), await stage.measures()))
        finally:
            await stage.close()
    assert stories[0][0] == stories[1][0]
    assert stories[0][1] == stories[1][1]
    assert stories[0][2] == stories[1][2]


FEW = ["flows.0.vehicles.count=1 trains", "flows.0.vehicles.consignments=2 consignments", "warm_up=0 h"]
CUT = Deed(kind="cut", what="CN", other="KZ", hours=72.0)


async def test_an_arm_whose_process_is_killed_goes_on_where_it_stood_with_what_was_done_by_hand() -> None:
    few = load_scenario("china_europe_transit_fi", FEW)
    show = Show(few, arms=ARMS[1:])
    await show.open()
    try:
        await show.step(1.0)
        await show.trials.do(CUT)
        await show.step(40.0)
        show.troupe._actors["recognition"]._process.kill()
        await show.step(1.0)
        assert show.state == "paused"
        (loss,) = show.troupe.losses
        assert (loss.arm, loss.how, loss.back) == ("recognition", "signal 9", True)
        await show.to_end()
        assert show.state == "over", show.error
        story = show.stories["recognition"]
        assert "delivered" in story.tried[1]
    finally:
        await show.close()
    stage = Stage(Part(scenario=few, arm="recognition", seed=1, run_id=show.run_id))
    try:
        await stage.open()
        before = await stage.play_to(3600)
        await stage.do(replace(CUT, number=1))
        after = await stage.play_to(inf)
    finally:
        await stage.close()
    assert story.events == [*before.events, *after.events]
    assert sorted(story.messages) == sorted([*before.messages, *after.messages])


def test_nothing_is_counted_while_only_irregular_goods_are_through(small: Scenario) -> None:
    show = Show(small, arms=ARMS)
    facts = ConsignmentFacts(
        case="A", flow="f", vehicle="T01", containers=1, on_list=True, irregularity=Irregularity(grade="easy", arises=0)
    )
    opened, events = Opened(arm="baseline", consignments=(facts,), urls={}), (Event(1, "A", 1, "seized", {}),)
    assert show._measured([(arm, opened, events) for arm in ARMS]) is None


async def test_a_show_that_fails_keeps_what_was_shown_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(troupe, "LIVES", 0)
    show = Show(load_scenario("china_europe_transit_fi", FEW), arms=ARMS[:1])
    await show.open()
    try:
        await show.step(24.0)
        shown = list(show.stories["baseline"].events)
        show.troupe._actors["baseline"]._process.kill()
        await show.to_end()
        assert show.state == "failed"
        assert "the arm baseline has ended (signal 9)" in show.error
        assert show.stories["baseline"].events == shown
    finally:
        await show.close()
