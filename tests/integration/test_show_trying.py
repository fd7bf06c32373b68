"""What visitors break in a show: each thing has its effect in the arms that it concerns, and the show goes on."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest

from exchange.luck import Luck
from exchange.messages import Message
from scenarios.demo.line import Lines, corrupted
from scenarios.demo.stage import Part, Stage
from scenarios.demo.told import Update
from scenarios.demo.trying import LONGEST, Deed, NotDone
from scenarios.run import default_run_id
from scenarios.scenario import Scenario, load_scenario
from scenarios.world.works import WorldError

SMALL = [
    "flows.0.vehicles.count=1 trains",
    "flows.0.vehicles.consignments=2 consignments",
    "flows.0.presented_before=12 h",
    "warm_up=1 d",
]
HOUR = 3600
RECOGNITION = "china-europe-transit-recognition"
CASE = "8CNXA001-T01C1"
AT_ALTYNKOL = 150 * HOUR
"""Before the train comes to Kazakhstan, after it has left Xi'an."""


class Played:
    """A stage that was played to its end: all it told, and the last of what it said about deeds."""

    def __init__(self, stage: Stage, updates: list[Update]) -> None:
        self.stage = stage
        self.events = [event for update in updates for event in update.events]
        self.messages = [message for update in updates for message in update.messages]
        self.facts = updates[-1].tried

    def crossed(self, side: str) -> int:
        return max(e.at for e in self.events if e.kind == "crossed" and e.data["side"] == side)

    def answers(self, sender: str) -> list[tuple[str, str, tuple[str, ...]]]:
        found = [m for m in self.messages if m.answers is not None and m.sender == sender]
        return [(m.case, m.answers[1].stage, m.answers[1].reasons) for m in found if m.answers is not None]


@pytest.fixture(scope="module")
def small() -> Scenario:
    return load_scenario("china_europe_transit_fi", SMALL)


async def play(
    scenario: Scenario, *deeds: tuple[int, Deed | int | Callable[[Stage], None]], arm: str = "recognition"
) -> Played:
    """Play one arm to its end; at each second given, do the deed, or undo the one of that number, or look."""
    stage = Stage(Part(scenario=scenario, arm=arm, seed=1, run_id=default_run_id(scenario, 1)))
    updates = []
    try:
        await stage.open()
        for at, deed in deeds:
            updates.append(await stage.play_to(at))
            if isinstance(deed, Deed):
                updates.append(await stage.do(deed))
            elif isinstance(deed, int):
                updates.append(await stage.undo(deed))
            else:
                deed(stage)
        updates.append(await stage.play_to(float("inf")))
        assert stage.over
        assert stage.world.through == stage.world.total
        await stage.measures()
        return Played(stage, updates)
    finally:
        await stage.close()


@pytest.fixture(scope="module")
def untouched(small: Scenario) -> Played:
    return asyncio.run(play(small))


def ids(played: Played) -> dict[str, int]:
    return {message.id: message.at for message in played.messages}


def said(played: Played) -> set[tuple[str, str, str, str]]:
    """Return who told whom what of which consignment, under whatever id: what comes too late follows as fallback."""
    return {(message.case, message.code, message.sender, message.recipient) for message in played.messages}


async def test_what_cannot_pass_a_line_that_is_cut_comes_later_and_none_is_lost(
    small: Scenario, untouched: Played
) -> None:
    cut = Deed(kind="cut", what="CN", other="KZ", hours=72, number=1)
    played = await play(small, (1, cut))
    before, after = ids(untouched), ids(played)
    assert set(before) == set(after)
    between = {m.id for m in untouched.messages if {m.sender, m.recipient} == {"CN", "KZ"}}
    held = {one for one in between if 1 < before[one] < 72 * HOUR}
    assert held
    assert all(72 * HOUR <= after[one] <= 72 * HOUR + 600 for one in held)
    elsewhere = {m.id for m in untouched.messages if m.sender == "RU" and m.recipient == "FI"}
    assert elsewhere
    assert {one: after[one] for one in elsewhere} == {one: before[one] for one in elsewhere}
    facts = played.facts[1]
    assert 0 < int(facts["held"]) == int(facts["delivered"])
    assert int(facts["latest"]) >= 50 * HOUR


async def test_a_line_is_whole_again_once_somebody_mends_it(small: Scenario, untouched: Played) -> None:
    cut = Deed(kind="cut", what="CN", other="KZ", hours=72, number=1)
    played = await play(small, (1, cut), (20 * HOUR, 1))
    late = [at for one, at in ids(played).items() if at != ids(untouched)[one]]
    assert late
    assert max(late) <= 20 * HOUR + 600


async def test_a_stopped_node_serves_nobody_and_comes_back_with_what_it_stored(
    small: Scenario, untouched: Played
) -> None:
    def refuses(stage: Stage) -> None:
        port = int(stage.transport.nodes["KZ"].url.rpartition(":")[2])
        with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 2):
            pass

    def serves(stage: Stage) -> None:
        port = int(stage.transport.nodes["KZ"].url.rpartition(":")[2])
        socket.create_connection(("127.0.0.1", port), 2).close()

    stop = Deed(kind="stop", what="KZ", hours=72, number=1)
    back = AT_ALTYNKOL + 72 * HOUR
    played = await play(small, (AT_ALTYNKOL, stop), (AT_ALTYNKOL + HOUR, refuses), (back + 1, serves))
    assert untouched.crossed("99101-entry") < back < played.crossed("99101-entry")
    assert played.facts[1]["back"] == back
    assert int(played.facts[1]["waited"]) > 0
    assert said(untouched) <= said(played)
    assert all(message.accepted for message in played.messages)


async def test_a_stopped_node_comes_back_by_a_click(small: Scenario, untouched: Played) -> None:
    stop = Deed(kind="stop", what="KZ", hours=72, number=1)
    played = await play(small, (AT_ALTYNKOL, stop), (AT_ALTYNKOL + HOUR, 1))
    assert played.crossed("99101-entry") == untouched.crossed("99101-entry")
    assert played.facts[1]["back"] == played.facts[1]["undone"] == AT_ALTYNKOL + HOUR


async def test_a_corrupted_message_is_refused_and_sent_again(small: Scenario, untouched: Played) -> None:
    played = await play(small, (1, Deed(kind="corrupt", what="CTR", other="CN>KZ", number=1)))
    facts = played.facts[1]
    assert facts["status"] == 401
    assert "signature" in str(facts["detail"])
    before, after = ids(untouched), ids(played)
    assert before[str(facts["message"])] < after[str(facts["message"])] == facts["delivered"]
    assert set(before) == set(after)


async def test_a_broken_seal_ends_a_recognition_and_brings_a_control(small: Scenario, untouched: Played) -> None:
    played = await play(small, (AT_ALTYNKOL, Deed(kind="seal", what=CASE, number=1)))
    assert (CASE, "LAPSED", ("SEAL",)) in played.answers("KZ")
    assert (CASE, "CONFIRMED", ()) in untouched.answers("KZ")
    physical = [
        e.case
        for e in played.events
        if e.kind == "control" and e.data["side"] == "99101-entry" and e.data["form"] == "PHYSICAL"
    ]
    assert CASE in physical
    assert played.facts[1] == {"side": "99101-entry", "lapsed": 1, "controls": 1}
    others = [answer for answer in played.answers("KZ") if answer[0] != CASE]
    assert others == [answer for answer in untouched.answers("KZ") if answer[0] != CASE]
    mended = await play(small, (AT_ALTYNKOL, Deed(kind="seal", what=CASE, number=1)), (AT_ALTYNKOL, 1))
    assert mended.events == untouched.events


async def test_results_of_a_trader_off_the_list_lapse_at_arrival(small: Scenario) -> None:
    off = Deed(kind="list", what="XA001", number=1)
    played = await play(small, (AT_ALTYNKOL, off))
    told = [message for message in played.messages if message.code == "LST"]
    assert {(message.sender, message.recipient) for message in told} == {("CN", "KZ"), ("CN", "RU"), ("CN", "FI")}
    assert all(message.accepted for message in told)
    lapsed = {case for case, stage, reasons in played.answers("KZ") if (stage, reasons) == ("LAPSED", ("NOT_LISTED",))}
    assert lapsed == {case for case, *_ in played.answers("KZ") if case.startswith("8CNXA001")} != set()
    restored = await play(small, (AT_ALTYNKOL, off), (AT_ALTYNKOL + HOUR, 1))
    assert all("NOT_LISTED" not in reasons for *_, reasons in restored.answers("KZ"))
    assert sum(message.code == "LST" for message in restored.messages) == 6


async def test_recognitions_appear_once_the_agreement_is_in_force_and_end_with_it(small: Scenario) -> None:
    begun = await play(small, (0, Deed(kind="agreement", what=RECOGNITION, on=True, number=1)), arm="advance")
    assert int(begun.facts[1]["recognised"]) > 0
    assert any(stage == "CONFIRMED" for _, stage, _ in begun.answers("KZ"))
    ended = await play(small, (0, Deed(kind="agreement", what=RECOGNITION, on=False, number=1)))
    assert ended.answers("KZ") == []
    assert ended.stage.cores["KZ"].standing.agreements[RECOGNITION].in_use.endswith("until 2018-03-05")


async def test_what_cannot_be_done_is_said_in_words_and_changes_nothing(small: Scenario, untouched: Played) -> None:
    stage = Stage(Part(scenario=small, arm="recognition", seed=1, run_id=default_run_id(small, 1)))
    wrong = {
        "no service 'XX' takes part": Deed(kind="cut", what="CN", other="XX", hours=1),
        "two ends": Deed(kind="cut", what="CN", other="CN", hours=1),
        "at most": Deed(kind="stop", what="KZ", hours=LONGEST + 1),
        "no trader": Deed(kind="list", what="NOBODY"),
        "no agreement is called": Deed(kind="agreement", what="nothing", on=True),
        "already": Deed(kind="agreement", what=RECOGNITION, on=True),
    }
    try:
        await stage.open()
        events = list((await stage.play_to(HOUR)).events)
        for words, deed in wrong.items():
            with pytest.raises(NotDone, match=words):
                await stage.do(deed)
        with pytest.raises(WorldError, match="no consignment"):
            await stage.do(Deed(kind="seal", what="8CNNONE"))
        with pytest.raises(NotDone, match="nothing of it was done"):
            await stage.undo(9)
        with pytest.raises(NotDone, match="accepted for goods that have yet to come"):
            await stage.refuse("KZ", CASE, "none", "no")
        update = await stage.do(Deed(kind="stop", what="KZ", hours=1, number=1))
        assert update.tried[1]["ends"] == 2 * HOUR
        with pytest.raises(NotDone, match="stopped"):
            await stage.do(Deed(kind="agreement", what=RECOGNITION, on=False))
        await stage.undo(1)
        await stage.do(Deed(kind="corrupt", what="CTR", number=2))
        await stage.undo(2)
        with pytest.raises(NotDone, match="taken back already"):
            await stage.undo(2)
        events += (await stage.play_to(float("inf"))).events
        with pytest.raises(NotDone, match="is over"):
            await stage.do(Deed(kind="list", what="XA001"))
    finally:
        await stage.close()
    assert events == untouched.events


def test_lines_that_nobody_touched_do_as_the_scenario_says() -> None:
    asked: list[Message] = []
    lines = Lines(lambda message, due: asked.append(message), Luck(1))
    assert lines(None, None) is None  # type: ignore[arg-type]
    assert asked == [None]
    assert corrupted(b"abcd") != b"abcd"
    assert sum(one != other for one, other in zip(corrupted(b"abcd"), b"abcd", strict=True)) == 1
