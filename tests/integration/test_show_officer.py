"""A visitor who plays the officer: what is refused is refused by the node, and costs what it costs."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing

import pytest

from scenarios.demo.show import Show
from scenarios.demo.trying import Deed, NotDone
from scenarios.scenario import load_scenario
from tests.waiting import until

SMALL = [
    "flows.0.vehicles.count=1 trains",
    "flows.0.vehicles.consignments=2 consignments",
    "assumptions.scan_share_at_entry.share=100 %",
    "warm_up=1 d",
]


async def test_an_officer_who_refuses_pays_in_hours_and_gains_coverage() -> None:
    show = Show(load_scenario("china_europe_transit_fi", SMALL), arms=("recognition",))
    await show.open()
    try:
        assert show.state == "paused", show.error
        with pytest.raises(NotDone, match="one arm only"):
            await show.trials.do(Deed(kind="agreement", what="china-europe-transit-recognition"))
        trial = await show.trials.do(Deed(kind="corrupt", what="CTR", other="CN>KZ"))
        with pytest.raises(NotDone, match="MN recognises no results"):
            await show.play_officer("MN")
        await show.play_officer("KZ")
        officer = show.officer
        assert officer is not None
        show.play()
        show.pause()
        while not officer.pending:
            await show.step(6)
        offers = list(officer.pending)
        assert {offer.issuer for offer in offers} == {"CN"}
        for offer in offers:
            await officer.decide(offer, False, "I want to see it myself")
        with pytest.raises(NotDone, match="decided"):
            await officer.decide(offers[0], True)
        await show.to_end()
        assert show.state == "over", show.error
        assert (officer.trouble, officer.over) == ("", True)
        await until(lambda: officer.cost is not None and officer.cost.through == 2)
        assert officer.cost is not None
        assert officer.cost.controls > 0
        assert officer.cost.hours > 0
        assert officer.cost.here > 0
        assert officer.cost.coverage[0] > officer.cost.coverage[1]
        refused = [m for m in officer.messages if m.answers is not None and m.answers[1].reasons == ("OFFICER",)]
        assert {m.sender for m in refused} == {"KZ"}
        assert len(refused) == len(offers)
        assert all(
            m.answers is None or "OFFICER" not in m.answers[1].reasons for m in show.stories[show.arms[0]].messages
        )
        assert show.trials.facts(trial)["recognition"]["status"] == 401
        assert not show.trials.open(trial)
        with pytest.raises(NotDone, match="over"):
            await show.trials.do(Deed(kind="list", what="XA001"))
    finally:
        await show.close()


async def test_a_show_goes_on_when_the_process_of_the_officer_dies() -> None:
    show = Show(load_scenario("china_europe_transit_fi", SMALL), arms=("recognition",))
    await show.open()
    try:
        await show.play_officer("KZ")
        officer = show.officer
        assert officer is not None and officer._actor is not None
        officer._actor._process.kill()
        await show.step(24)
        assert show.state == "paused"
        assert "has ended (signal 9)" in officer.trouble
        await show.end_officer()
        await show.to_end()
        assert show.state == "over", show.error
    finally:
        await show.close()


async def test_an_officer_whose_show_is_closed_meanwhile_leaves_no_process_behind() -> None:
    before = set(multiprocessing.active_children())
    show = Show(load_scenario("china_europe_transit_fi", SMALL), arms=("recognition",))
    await show.open()
    taking = asyncio.create_task(show.play_officer("KZ"))
    await asyncio.sleep(0)
    await show.close()
    with contextlib.suppress(NotDone):
        await taking
    assert show.officer is None
    assert set(multiprocessing.active_children()) <= before
