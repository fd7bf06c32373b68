"""Traffic in a file: recorded, told again to a node, compared field by field."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from exchange.codec import decode, encode
from exchange.http import Client
from exchange.letters import Answer, Letter
from exchange.luck import Luck
from exchange.signatures import digest
from scenarios.cli import app
from scenarios.commands.traffic_told import show_outcome
from scenarios.conform.trust import trust_for
from scenarios.parties import build_cores
from scenarios.run import Job, conduct
from scenarios.scenario import Scenario, load_scenario
from scenarios.traffic.difference import Comparison, Names, counts, differences
from scenarios.traffic.kinds import kinds
from scenarios.traffic.outside import OutsideError, OutsideNode
from scenarios.traffic.pairing import key
from scenarios.traffic.recording import Passed, Recording, RecordingError, recorded
from scenarios.traffic.replay import InMemory, Outcome, Replay
from scenarios.transport_memory import MemoryTransport
from tests.conform.bench import Call, Inner, Said, node
from tests.conform.wrong import answers_200, answers_in_the_wrong_order
from tests.ports import free_ports

SETS = ("flows.0.vehicles.count=1 trains", "warm_up=1 d")


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("china_europe_transit_fi", SETS)


@pytest.fixture(scope="module")
def recording(scenario: Scenario) -> Recording:
    job = Job(
        scenario=scenario,
        seed=1,
        run_id="traffic",
        replication=0,
        arm="recognition",
        transport="memory",
        messages_to=Path("memory"),
        trace=False,
    )
    _, log = asyncio.run(conduct(job))
    about = {"scenario": scenario.id, "sets": list(SETS), "arm": "recognition", "seed": 1}
    return recorded({**about, "services": list(scenario.services)}, log)


def replayed(
    recording: Recording, scenario: Scenario, country: str, arm: str = "recognition", seed: int = 1
) -> Outcome:
    core = build_cores(scenario, arm, Luck(seed, 0))[country]
    transport = MemoryTransport({country: core}, keep_xml=True)
    return asyncio.run(Replay(recording, country, InMemory(transport)).run())


@pytest.mark.parametrize("country", ["CN", "KZ", "RU", "FI"])
def test_the_same_node_does_the_same_again(recording: Recording, scenario: Scenario, country: str) -> None:
    outcome = replayed(recording, scenario, country)
    assert outcome.same
    assert counts(outcome.pairs) == {"same": len(list(recording.by(country))), "differs": 0, "missing": 0, "extra": 0}
    assert outcome.told == len(list(recording.to(country))) > 20


def test_a_node_of_another_mind_is_found_out_field_by_field(recording: Recording, scenario: Scenario) -> None:
    sets = (
        "policies.99101.presentations.ENTRY.physical=100 %",
        "sides.99101-entry.resources.bays.capacity=40 bays",
    )
    strict = load_scenario("china_europe_transit_fi", (*SETS, *sets))
    outcome = replayed(recording, strict, "KZ")
    assert not outcome.same
    unlike = [pair for pair in outcome.pairs if pair.verdict != "same"]
    assert {pair.one.code for pair in unlike} >= {"CTD"}
    said = {(d.path, d.recorded, d.found) for pair in unlike for d in pair.differences}
    assert any(path.startswith("controls[") and found == "PHYSICAL" for path, _, found in said)
    gathered = kinds(outcome.pairs, outcome.parted)
    assert len(gathered) < len(unlike) <= sum(one.messages for one in gathered)
    decided, *_ = gathered
    assert (decided.first.one.code, decided.follows) == ("CTD", False), "what it decided comes first"
    assert decided.messages > 1 and decided.path.startswith("controls[")
    assert outcome.parted, "it may not let go what is not inspected, and says so"
    first = min(outcome.parted.values())
    assert all(one.follows for one in gathered if one.first.one.at >= first and one.first.one.code == "NCF")


def test_a_node_without_the_agreement_judges_otherwise(recording: Recording, scenario: Scenario) -> None:
    outcome = replayed(recording, scenario, "KZ", arm="baseline")
    assert outcome.judged
    assert all(one.accepted and not accepted for one, accepted in outcome.judged)
    assert counts(outcome.pairs)["missing"] > 0


PEOPLE = ("KZ.99101", "KZ.STEPPE-RAIL")


class SaysAnotherTime(Client):
    """Moves every crossing that it tells of by an hour."""

    async def post(self, letter: Letter, now: datetime, **more: Any) -> Answer:
        data = re.sub(rb"(<CrossedAt>[^T]*T)..", rb"\g<1>03", letter.data)
        return await super().post(replace(letter, data=data, sha256=digest(data)), now, **more)


async def against(recording: Recording, url: str, port: int) -> Outcome:
    """Tell the part of the recording that is about one consignment to the node at ``url``."""
    one = Recording(recording.about, tuple(m for m in recording.messages if "-T01C1." in m.case))
    async with OutsideNode(url, "KZ", trust_for(url, None, None), port=port, timeout=5, within=30) as outside:
        await outside.begin(one.messages[0].at)
        return await Replay(one, "KZ", outside, timed=outside.stepped).run()


async def test_a_node_elsewhere_is_told_the_recording_and_does_the_same(recording: Recording) -> None:
    port = free_ports(1)
    async with node(partners=port, people=PEOPLE) as there:
        outcome = await against(recording, there.url, port)
    assert outcome.same, outcome
    assert counts(outcome.pairs)["same"] == 17 and outcome.told == 14


async def test_a_node_elsewhere_that_changes_a_field_is_found_out(recording: Recording) -> None:
    port = free_ports(1)
    async with node(partners=port, people=PEOPLE, speaks=SaysAnotherTime) as there:
        outcome = await against(recording, there.url, port)
    unlike = {(p.one.code, p.one.recipient): [d.path for d in p.differences] for p in outcome.pairs if p.differences}
    assert unlike == {("NCF", "CN"): ["crossed_at"], ("NCF", "RU"): ["crossed_at"]}
    assert not outcome.troubles and not outcome.judged


async def test_a_node_elsewhere_that_lies_or_does_not_answer_is_named(recording: Recording) -> None:
    async def lies(call: Call, inner: Inner) -> Said:
        said = await inner(call)
        if call.posts:
            said.tell(receipt="a.b.c")
        return said

    port = free_ports(1)
    async with node(fault=lies, partners=port) as there:
        with pytest.raises(OutsideError, match=rf"KZ at {there.url} settled none of 3 messages .*does not hold"):
            await against(recording, there.url, port)
    with pytest.raises(OutsideError, match=rf"KZ at {there.url} is not there"):
        await against(recording, there.url, port)


async def test_answers_that_are_not_as_agreed_are_told_by_kind(
    recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_ports(1)
    async with node(partners=port, people=PEOPLE, fault=answers_in_the_wrong_order) as there:
        turned = await against(recording, there.url, port)
    show_outcome(turned, elsewhere=True)
    assert re.search(r"\d+ messages \(first \S+\): a reply is not valid: Presentation", capsys.readouterr().out)
    port = free_ports(1)
    async with node(partners=port, people=PEOPLE, fault=answers_200) as there:
        mild = await against(recording, there.url, port)
    show_outcome(mild, elsewhere=True)
    told = " ".join(capsys.readouterr().out.split())
    assert re.search(r"\d CTR of KZ.99101 \(first \S+\): accepted when recorded, refused now: answered 200", told)
    assert not turned.same and not mild.same


def test_numbers_that_a_node_draws_are_names(recording: Recording) -> None:
    one = next(m for m in recording.by("CN") if m.code == "REG")
    message = one.message
    number = message.mrn  # type: ignore[attr-defined]
    other = message.model_copy(update={"mrn": number[:10] + "X" + number[11:]})
    found = Passed(one.at, one.sender, one.recipient, one.code, one.case, one.id, True, encode(other))
    names = Names()
    assert differences(one, found, names) == ()
    assert names.renamed(one.xml) == found.xml
    again = Passed(one.at, one.sender, one.recipient, one.code, one.case, one.id, True, one.xml)
    assert [d.path for d in differences(one, again, names)] == ["mrn"], "the number stands for another one already"


def test_what_differs_is_said_by_its_path(recording: Recording) -> None:
    one = next(m for m in recording.by("CN") if m.code == "ATR")
    message = decode(one.xml)
    goods = message.consignment  # type: ignore[attr-defined]
    item = goods.goods_items[0].model_copy(update={"hs_code": "010121"})
    changed = message.model_copy(update={"consignment": goods.model_copy(update={"goods_items": (item,)})})
    found = Passed(one.at, one.sender, one.recipient, one.code, one.case, one.id, False, encode(changed))
    rows = {d.path: (d.recorded, d.found) for d in differences(one, found, Names())}
    assert rows == {
        "accepted": ("yes", "no"),
        "consignment.goods_items[1].hs_code": (goods.goods_items[0].hs_code, "010121"),
    }
    assert [d.path for d in differences(one, found, Names(), {"hs_code"})] == ["accepted"]


def test_messages_that_are_missing_or_extra_are_told(recording: Recording) -> None:
    mine = list(recording.by("RU"))
    comparison = Comparison(mine[1:])
    for message in mine[:-1]:
        comparison.take(message)
    found = counts(comparison.pairs())
    assert found["missing"] >= 1
    assert found["extra"] >= 1


def group(recording: Recording, size: int) -> list[Passed]:
    """Return what a service sent, if it sent so many of one kind about one consignment to one recipient."""
    for country in recording.services:
        mine = list(recording.by(country))
        if any(sum(key(one) == key(other) for other in mine) >= size for one in mine):
            return mine
    raise AssertionError("no such kind")


def test_a_missing_message_is_one_difference_wherever_it_is_missing(recording: Recording) -> None:
    mine = group(recording, 3)
    for left_out in mine[:: len(mine) // 8]:
        comparison = Comparison(mine, ids={one.id for one in recording.messages})
        for one in mine:
            if one is not left_out:
                comparison.take(one)
        pairs = comparison.pairs()
        assert counts(pairs) == {"same": len(mine) - 1, "differs": 0, "missing": 1, "extra": 0}
        assert [pair.recorded for pair in pairs if pair.verdict == "missing"] == [left_out]


def test_what_answers_another_message_stands_for_nothing_recorded(recording: Recording) -> None:
    one = next(m for m in recording.by("KZ") if m.code == "CTD")
    other = next(m for m in recording.to("KZ") if m.id != one.message.header.correlation_id)

    def answering(about: str | None) -> Passed:
        header = one.message.header.model_copy(update={"correlation_id": about})
        return replace(one, xml=encode(one.message.model_copy(update={"header": header})))

    def verdicts(found: Passed) -> list[str]:
        comparison = Comparison([one], ids={m.id for m in recording.messages})
        comparison.take(found)
        return sorted(pair.verdict for pair in comparison.pairs())

    assert verdicts(answering(other.id)) == ["extra", "missing"]
    assert verdicts(answering(None)) == ["differs"], "another make may leave out what it answers"


class Living(InMemory):
    """A node that lives by a clock of its own: while it is waited for, it does all that it has to do."""

    def __init__(self, transport: MemoryTransport) -> None:
        super().__init__(transport)
        self.waited: list[float] = []

    async def wait(self, done: Callable[[], bool], seconds: float) -> bool:
        while not done():
            due = self.next_due()["KZ"]
            if due is None:
                self.waited.append(seconds)
                return False
            await self.advance("KZ", due)
        return True


def test_what_never_comes_is_waited_for_once_and_at_the_end(recording: Recording, scenario: Scenario) -> None:
    one = next(m for m in recording.by("KZ") if m.code == "NCF")
    longer = Recording(recording.about, (*recording.messages, replace(one, id="x" * 36)))
    living = Living(MemoryTransport({"KZ": build_cores(scenario, "recognition", Luck(1, 0))["KZ"]}, keep_xml=True))
    named: list[set[str]] = []

    def waiting(wanted: Sequence[Passed]) -> None:
        named.append({m.id for m in wanted})

    outcome = asyncio.run(Replay(longer, "KZ", living, timed=False, patience=7.0, waiting=waiting).run())
    missing = [pair.recorded for pair in outcome.pairs if pair.verdict == "missing"]
    assert [m.code for m in missing if m] == ["NCF"]
    assert living.waited == [7.0, 7.0]
    assert any(m.id in ids for m in missing if m for ids in named) and named[-1] == set()


def test_a_recording_survives_the_file_and_a_damaged_one_is_named(recording: Recording, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.traffic.gz"
    recording.write(path)
    read = Recording.read(path)
    assert (read.messages, read.services) == (recording.messages, recording.services)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    for name, data, text in (
        ("torn", path.read_bytes()[:2000], "damaged"),
        ("other", gzip.compress(b'{"format": "something"}\n'), "is no recording"),
        ("line", gzip.compress(b'{"format": "corridor-traffic/1"}\n{"at": 5}\n'), "line 2"),
        ("text", b"hello", "is no recording"),
    ):
        bad = tmp_path / name
        bad.write_bytes(data)
        with pytest.raises(RecordingError, match=text):
            Recording.read(bad)
    with pytest.raises(RecordingError, match="there is no such file"):
        Recording.read(tmp_path / "none")


def test_the_commands_record_replay_and_compare(recording: Recording, tmp_path: Path) -> None:
    run = CliRunner().invoke
    one, other = str(tmp_path / "a.gz"), str(tmp_path / "b.gz")
    sets = [part for change in SETS for part in ("--set", change)]
    recording.write(Path(one))
    assert run(app, ["record", "china_europe_transit_fi", *sets, "--arm", "advance", "--out", other]).exit_code == 0
    told = run(app, ["replay", one, "--as", "KZ", "--json"])
    assert (told.exit_code, json.loads(told.stdout)["same"]) == (0, True)
    compared = run(app, ["diff", one, other, "--of", "KZ", "--json"])
    assert compared.exit_code == 1
    assert json.loads(compared.stdout)["counts"]["same"] > 0
    assert run(app, ["diff", one, one]).exit_code == 0
    older = str(tmp_path / "older.gz")
    Recording({**recording.about, "digest": "0" * 64}, recording.messages).write(Path(older))
    told = run(app, ["replay", older, "--as", "KZ"])
    assert told.exit_code == 0 and "is not what it was when this was recorded" in told.stderr
    assert run(app, ["replay", one, "--as", "XX"]).exit_code == 2
    assert run(app, ["record", "china_europe_transit_fi", "--arm", "magic"]).exit_code == 2
