"""Faults on purpose in runs: both transports alike, no faults where their shares are nothing, and chaos as it ships."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from exchange.faults import Clock, Duplicate, Faults, Link, Loss, Outage
from exchange.luck import Luck
from exchange.store import Store
from nodes.standing import Planned
from scenarios.events import ArmRun
from scenarios.faults import without_faults
from scenarios.metrics import measure, summarise
from scenarios.run import Job, conduct, run_scenario
from scenarios.scenario import Scenario, ScenarioError, load_scenario
from scenarios.transport import Exchanged
from scenarios.transport_memory import MemoryTransport
from tests.integration.test_node_http_delivery import over_http, told
from tests.journey import START, Journey

SMALL = ("flows.0.vehicles.count=1 trains", "flows.1.vehicles.count=12 trucks")


@lru_cache(maxsize=8)
def ran(transport: str, arm: str, sets: Sequence[str] = (), faults: bool = True) -> tuple[ArmRun, Sequence[Exchanged]]:
    scenario = load_scenario("chaos", (*SMALL, *sets))
    if not faults:
        scenario = without_faults(scenario)
    job = Job(
        scenario=scenario,
        seed=1,
        run_id="faults",
        replication=0,
        arm=arm,
        transport=transport,
        messages_to=Path("unused"),
        twin=not faults,
    )
    return asyncio.run(conduct(job))


def exchanged(log: Sequence[Exchanged]) -> list[tuple[Any, ...]]:
    return sorted((i.at, i.ucr, i.header.sender, i.header.message_id, i.accepted, i.xml or b"") for i in log)


def test_both_transports_leave_the_same_events_and_messages_under_faults() -> None:
    (memory, in_memory), (http, over_sockets) = ran("memory", "recognition"), ran("http", "recognition")
    assert memory.events == http.events
    assert exchanged(in_memory) == exchanged(over_sockets)
    assert memory.account == http.account
    assert {item.code for item in in_memory} >= {"AAR", "CTR", "RCG", "UNA", "UNC"}
    results = [item for item in in_memory if item.code in ("CTR", "RCG") and "." not in item.header.sender]
    assert {item.header.agreement_id for item in results} == {"recognition-ru-cn-zabaikalsk"}
    assert all(item.xml is not None and b'schemaVersion="1.1"' in item.xml for item in results)
    assert memory.account is not None and memory.account.fallback


@pytest.mark.parametrize("arm", ["advance", "recognition"])
def test_nothing_is_lost_doubled_or_left_over_and_each_case_ends_as_without_faults(arm: str) -> None:
    (faulty, _), (twin, _) = ran("memory", arm), ran("memory", arm, faults=False)
    assert faulty.account is not None and twin.account is not None
    assert (faulty.account.lost, faulty.account.doubled, faulty.account.parked) == (0, 0, 0)
    assert dict(faulty.account.ends) == dict(twin.account.ends)
    assert not twin.account.fallback


def test_faults_whose_share_is_nothing_equal_no_faults() -> None:
    sets = (*(f"faults.{n}.share=0 %" for n in range(6)), "faults.failures.days=0 %")
    without = ("maintenance", "breakdown", "cable", "clock-ahead")
    never = (part for name in without for part in (f"faults.{name}.from=900 d", f"faults.{name}.until=901 d"))
    (harmless, in_memory), (none, plain) = (
        ran("memory", "recognition", (*sets, *never)),
        ran("memory", "recognition", faults=False),
    )

    def without_notices(log: Sequence[Exchanged]) -> list[tuple[Any, ...]]:
        return [one for one in exchanged(log) if one[1]]

    assert without_notices(in_memory) == without_notices(plain)
    assert [event for event in harmless.events if event.case] == [event for event in none.events if event.case]


def test_the_baseline_knows_no_fallback_and_loses_no_hour() -> None:
    (faulty, _), (twin, _) = ran("memory", "baseline"), ran("memory", "baseline", faults=False)
    assert faulty.account is not None and not faulty.account.fallback
    assert [e for e in faulty.events if e.kind == "crossed"] == [e for e in twin.events if e.kind == "crossed"]


def test_chaos_keeps_its_checks_and_shows_what_faults_cost(tmp_path: Path) -> None:
    scenario = load_scenario("chaos", (*SMALL, "faults.overtaken.share=60 %"))
    outcome = run_scenario(scenario, transport="memory", replications=1, out=tmp_path, workers=1)
    summary = outcome.summary
    assert len(summary["checks"]) == len(scenario.checks)
    assert [check["text"] for check in summary["checks"] if not check["ok"]] == []
    faults = summary["faults"]["arms"]
    assert set(faults) == {"baseline", "advance", "recognition"}
    assert faults["recognition"]["fallback"] > 0
    services = (outcome.folder / "messages").rglob("*-NCK-??-??.xml")
    refused = sum("<Code>92</Code>" in path.read_text() for path in services)
    assert refused == sum(arm["out_of_turn"] for arm in faults.values()) > 0
    assert summary["transport"] == "memory" and json.loads((outcome.folder / "summary.json").read_text())["faults"]
    assert "into fallback in the arm recognition" in (outcome.folder / "report.html").read_text()
    assert list((outcome.folder / "messages" / "advance" / "services").glob("*-UNA-RU-CN.xml"))


def test_summaries_without_faults_have_no_such_key() -> None:
    scenario = without_faults(load_scenario("chaos", SMALL))
    measures = [measure(scenario, ran("memory", arm, faults=False)[0]) for arm in ("baseline", "advance")]
    summary = summarise(
        scenario, measures, run_id="x", seed=1, transport="memory", what_if=(), wall_seconds=0.0, twins=()
    )
    assert "faults" not in summary


async def test_a_copy_is_answered_again_whatever_the_clock_of_its_sender_says() -> None:
    """As over HTTP, where what is known is answered before its time is looked at."""
    link, begins, ends = Link(recipients=frozenset({"KZ"})), START - timedelta(hours=21), START - timedelta(hours=9)
    wrong = Clock("ahead", "CN", timedelta(minutes=10), begins, ends)
    one = Journey("recognition", faults=Faults([Duplicate("twice", link, 1.0, lambda _: 4 * 3600), wrong], Luck(1)))
    await one.leave_xian()
    lane = one.transport._outboxes["CN"].lane("KZ")
    assert len(lane) > 0, "the copies wait"
    await one.wait(hours=6)
    assert begins < one.now < ends
    assert (len(lane), lane.failures) == (0, 0), "none is refused, and tried again"


# --- over HTTP -------------------------------------------------------------------------------------------------------


async def test_a_receiver_answers_what_it_has_with_the_original_receipt(tmp_path: Path) -> None:
    faults = Faults([Loss("answers", Link(recipients=frozenset({"KZ"})), 0.6, "response")], Luck(4))
    memory = Journey("recognition", faults=faults)
    await memory.leave_xian()
    await memory.wait(hours=1)
    async with over_http(tmp_path, faults) as (journey, _):
        await journey.leave_xian()
        await journey.wait(hours=1)
        assert told(journey) == told(memory)
        assert journey.case("KZ") == memory.case("KZ")
    sender, receiver = [await Store.open(tmp_path / f"{country}.sqlite", country) for country in ("CN", "KZ")]
    try:
        rows = [row for row in await sender.outbox("delivered") if row.recipient == "KZ"]
        assert max(row.attempts for row in rows) > 1
        for row in rows:
            [accepted] = await receiver.accepted(row.message_id, "CN")
            assert row.receipt == accepted.receipt
    finally:
        await sender.close()
        await receiver.close()


async def test_what_a_wrong_clock_has_signed_is_refused_recorded_and_taken_once_the_clock_is_right(
    tmp_path: Path,
) -> None:
    right = START - timedelta(hours=20)
    faults = Faults([Clock("ahead", "CN", timedelta(minutes=10), START - timedelta(days=9), right)], Luck(1))
    memory = Journey("recognition", faults=faults)
    await memory.leave_xian()
    await memory.wait(hours=6)
    async with over_http(tmp_path, faults) as (journey, transport):
        await journey.leave_xian()
        assert journey.codes("CN", "KZ") == []
        transport.nodes["CN"].writer.flush()
        await transport.nodes["CN"].writer.look([], lambda core: None)
        waiting = await transport.nodes["CN"].writer._store.outbox("pending", recipient="KZ")
        assert waiting and "from this node's time" in str(waiting[0].detail)
        await journey.wait(hours=6)
        assert "ATR" in journey.codes("CN", "KZ")
        assert told(journey) == told(memory)
    receiver = await Store.open(tmp_path / "KZ.sqlite", "KZ")
    try:
        refused = {(note.member, note.status, note.code) for note in await receiver.refusals()}
        assert ("CN", 401, "window") in refused
    finally:
        await receiver.close()


async def test_partners_hold_what_is_for_a_service_that_is_away_and_go_on_when_it_is_back() -> None:
    begins, ends = START - timedelta(hours=30), START + timedelta(hours=5)
    faults = Faults([Outage("away", "KZ", begins, ends)], Luck(1))
    journey = Journey("recognition", faults=faults)
    planned = Planned(begins_at=begins, ends_at=ends, announced_at=START - timedelta(hours=36), partners=("CN",))
    assert journey.cores["KZ"].wakes() == ()
    core = journey.cores["KZ"]
    core.standing = core._given = replace(core.standing, planned=(planned,))
    journey.now = START - timedelta(hours=37)
    journey.transport = MemoryTransport(journey.cores, keep_xml=True, faults=faults)
    assert [wake.due for wake in core.wakes()] == [planned.announced_at]
    await journey.wait(hours=13)
    await journey.leave_xian()
    assert journey.codes("KZ", "CN") == ["UNA"] and journey.codes("CN", "KZ") == []
    assert core.wakes() == ()
    assert journey.transport.next_due()["CN"] is not None
    assert len(journey.transport._outboxes["CN"].lane("KZ")) > 0
    assert {one.row.attempts for one in journey.transport._outboxes["CN"].lane("KZ").held} == {0}  # none was tried
    await journey.wait(hours=30)
    assert journey.codes("KZ", "CN")[:2] == ["UNA", "UNC"]
    assert journey.codes("CN", "KZ")[0] == "ATR"


# --- scenario files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "field", "says"),
    [
        ("    id: cable\n    one: [RU]", "    id: cable\n    one: [XX]", "faults.9.one", "service 'XX' does not exist"),
        ("id: replayed", "id: requests", "faults.4.id", "names another fault already"),
        ('until: {is: "16.4 d"', 'until: {is: "15 d"', "faults.7.until", "ends before it begins"),
        ("what: response", "what: answer", "faults.1.what", "'request' or 'response'"),
        ("kind: partition", "kind: earthquake", "faults.9", "earthquake"),
        ('    off: {is: "10 min"', '    off: {is: "ten"', "faults.10.off", "a duration such as"),
    ],
)
def test_an_error_in_faults_names_line_field_and_remedy(
    tmp_path: Path, old: str, new: str, field: str, says: str
) -> None:
    text = (files("scenarios") / "files" / "chaos.yaml").read_text(encoding="utf-8")
    assert old in text
    changed = text.replace(old, new, 1)
    path = tmp_path / "wrong.yaml"
    path.write_text(changed, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    problem = next(problem for problem in caught.value.problems if problem.field.startswith(field))
    assert says in problem.text
    assert problem.line is not None
    fault = changed.splitlines()[: problem.line]
    assert any(line.strip().startswith(("- kind", "- {kind")) for line in fault[-8:])


def test_a_check_on_faults_needs_some() -> None:
    with pytest.raises(ScenarioError, match="needs faults"):
        load_scenario("chaos", ("faults=[]",))


def test_the_digest_of_a_scenario_without_faults_knows_nothing_of_them() -> None:
    plain = load_scenario("green_corridor_ru_cn")
    fault = {"id": "x", "kind": "loss", "share": {"is": "0 %", "mark": "designed", "source": "test"}}
    content = plain.model_dump(mode="json", by_alias=True, exclude={"elsewhere"}) | {"start": "2023-09-04T00:00:00Z"}
    assert Scenario.model_validate(content | {"faults": [fault]}).digest != plain.digest
    assert Scenario.model_validate(content | {"faults": []}).digest == plain.digest
