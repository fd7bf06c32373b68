"""``corridor stub``: what a UCR asks for is what comes, whatever is asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from typer.testing import CliRunner

from exchange.codec import decode, encode
from exchange.http import Answer, Client, Letter, Undelivered
from exchange.limits import Timeouts
from exchange.messages import (
    AdvanceDeclaration,
    AnticipatedTransitRecord,
    ArrivalAdvice,
    ControlDecision,
    ControlResult,
    Header,
    Message,
    NotificationOfCrossing,
    RegistrationResult,
)
from exchange.references import message_id
from scenarios.cli import app
from scenarios.imaging.scanner import scan
from scenarios.live.demo_trust import DemoMembers, demo_key
from scenarios.stub import posts
from scenarios.stub.marks import CATALOGUE, Asked, asked
from scenarios.stub.service import Stub, StubOptions
from tests.journey import consignment
from tests.outside import example, ports, url
from tests.outside import serving as partner_at
from tests.waiting import HANGS


class Partner:
    """China, and the people of Kazakhstan, speaking to a stub of Kazakhstan."""

    def __init__(self, stub: Stub) -> None:
        self.stub = stub
        self.now = stub.node.clock.now()
        self.client = Client(DemoMembers({"KZ": stub.url}), demo_key, timeouts=Timeouts(request=5))
        self._ordinals: dict[tuple[str, str], int] = {}

    async def say(self, kind: type[Any], sender: str, ucr: str, /, **body: Any) -> Answer:
        return await self.client.post(self.letter(kind, sender, ucr, **body), self.now)

    def letter(self, kind: type[Any], sender: str, ucr: str, /, **body: Any) -> Letter:
        return Letter.of(self.message(kind, sender, ucr, **body))

    def message(self, kind: type[Any], sender: str, ucr: str, /, **body: Any) -> Message:
        ordinal = self._ordinals[sender, ucr] = self._ordinals.get((sender, ucr), 0) + 1
        header = Header(
            message_id=message_id(sender, "KZ", kind.CODE, ucr, ordinal),
            message_type=kind.CODE,
            sender=sender,
            recipient="KZ",
            sent_at=self.now,
            ordinal=ordinal,
        )
        made: Message = kind(header=header, ucr=ucr, **body)
        return made

    def goods(self) -> Any:
        goods = consignment()
        stops = (s.model_copy(update={"eta": self.now + timedelta(days=n)}) for n, s in enumerate(goods.itinerary))
        return goods.model_copy(update={"itinerary": tuple(stops)})

    async def file(self, ucr: str) -> Answer:
        sender = "KZ.STEPPE-RAIL"
        body: Mapping[str, Any] = {"kind": "CARRIER_FILING", "office": "99101", "consignment": self.goods()}
        return await self.say(AdvanceDeclaration, sender, ucr, **body)

    async def record(self, ucr: str) -> Answer:
        goods = self.goods()
        return await self.say(
            AnticipatedTransitRecord,
            "CN",
            ucr,
            mrn="18CNMLX7EVGITK0FF0",
            departure_office="9911",
            destination_office="FI999900",
            transit_office="99101",
            eta=goods.itinerary[2].eta,
            released_at=self.now,
            control_result="A1",
            consignment=goods,
        )

    async def controls(self, ucr: str) -> list[str]:
        """File, arrive, and return the forms of control ordered."""
        await self.file(ucr)
        at = {"office": "99101", "presentation": "ENTRY"}
        answer = await self.say(ArrivalAdvice, "KZ.99101", ucr, **at, arrived_at=self.now)
        [decision] = [decode(data) for data in answer.replies]
        assert isinstance(decision, ControlDecision)
        return [control.form for control in decision.controls]

    async def stub_api(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, f"{self.stub.url}{path}", **options) as a,
        ):
            return a.status, await a.json(content_type=None)


@asynccontextmanager
async def talking(**options: Any) -> AsyncIterator[Partner]:
    async with Stub(StubOptions(country="KZ", scenario="china_europe_transit_fi", **options)) as stub:
        partner = Partner(stub)
        async with partner.client:
            yield partner


def registered(answer: Answer) -> str:
    [reply] = [decode(data) for data in answer.replies]
    assert isinstance(reply, RegistrationResult)
    return reply.result


async def test_declarations_and_controls_come_out_as_asked() -> None:
    async with talking() as partner:
        assert registered(await partner.file("7CNPLAIN-1")) == "REGISTERED"
        assert registered(await partner.file("7CNSTUB-LATE-1")) == "LATE"
        assert registered(await partner.file("7CNSTUB-REFUSED-1")) == "REFUSED"
        assert registered(await partner.file("7CNSTUB.REGISTERED")) == "REGISTERED"
        assert await partner.controls("7CNSTUB-PASS-1") == []
        assert await partner.controls("7CNSTUB-SCAN-PHYSICAL") == ["SCAN", "PHYSICAL"]
        assert await partner.controls("7CNSTUB-WEIGHING") == ["WEIGHING"]
        assert await partner.controls("7CNSTUB-DOCUMENTS") == ["DOCUMENTARY"]


async def test_answers_over_http_go_wrong_as_asked() -> None:
    async with talking() as partner:
        statuses = {
            word: (await partner.file(f"7CNSTUB-{word}")).status for word in ("INVALID", "NOAGREEMENT", "WINDOW")
        }
        assert statuses == {"INVALID": 422, "NOAGREEMENT": 403, "WINDOW": 401}
        with pytest.raises(Undelivered, match=r"another message|other bytes"):
            await partner.file("7CNSTUB-FALSERECEIPT")
        with pytest.raises(Undelivered, match="not as the API says"):
            await partner.file("7CNSTUB-GARBAGE")
        with pytest.raises(Undelivered, match="not reached"):
            await partner.file("7CNSTUB-SILENT-D0S")
        body = {"kind": "CARRIER_FILING", "office": "99101", "consignment": partner.goods()}
        lost = partner.letter(AdvanceDeclaration, "KZ.STEPPE-RAIL", "7CNSTUB-LOSTANSWER", **body)
        with pytest.raises(Undelivered, match="not reached"):
            await partner.client.post(lost, partner.now)
        assert (await partner.client.post(lost, partner.now)).replayed
        busy = partner.letter(AdvanceDeclaration, "KZ.STEPPE-RAIL", "7CNSTUB-BUSY", **body)
        for _ in range(2):
            with pytest.raises(Undelivered, match="503") as found:
                await partner.client.post(busy, partner.now)
            assert found.value.retry_after == 1
        assert (await partner.client.post(busy, partner.now)).accepted
        began = asyncio.get_running_loop().time()
        assert (await partner.file("7CNSTUB-SLOW-D1S")).accepted
        assert asyncio.get_running_loop().time() - began >= 1


class China:
    """A partner that takes everything and remembers it, in the order it came."""

    def __init__(self) -> None:
        self.node = example().Node({})
        self.came: list[tuple[str, str]] = []
        node = self.node

        def work(message: dict[str, str]) -> list[tuple[str, str, str]]:
            self.came.append((message["UCR"], message["MessageType"]))
            return []

        node.work = work
        messages = node.messages

        async def counted(request: Any) -> Any:
            answer = await messages(request)
            if "Pix-Replayed" in answer.headers:
                self.came.append(("again", ""))
            return answer

        node.messages = counted

    async def until(self, *wanted: tuple[str, str]) -> None:
        async with asyncio.timeout(HANGS):
            while not set(wanted) <= set(self.came):  # noqa: ASYNC110 - what comes, comes over HTTP
                await asyncio.sleep(0.05)


@asynccontextmanager
async def with_china(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Partner, China]]:
    monkeypatch.setattr(example(), "ME", "CN")
    monkeypatch.setattr(example(), "OTHERS", ("KZ",))
    base, china = ports(), China()
    async with partner_at(china.node.app(), base), talking(partners={"CN": url(base, "KZ")}) as partner:
        yield partner, china


async def test_posts_and_deliveries_do_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with with_china(monkeypatch) as (partner, china):
        offer: dict[str, Any] = {
            "act_number": "9911/000001", "office": "9911", "presentation": "DEPARTURE", "form": "SCAN",
            "extent": "FULL", "began_at": partner.now - timedelta(minutes=1), "ended_at": partner.now,
            "scope": "ALL", "result": "A1",
            "offence_indicator": False, "valid_until": partner.now + timedelta(days=30),
        }  # fmt: skip
        arrives, seal, irregular = "7CNSTUB-ARRIVES-PASS-D0S", "7CNSTUB-SEAL-PASS-D0S", "7CNSTUB-IRREGULAR-D0S"
        declined, twice, mute = "7CNSTUB-DECLINED", "7CNSTUB-DUPLICATE", "7CNSTUB-MUTE"
        for ucr in (arrives, seal, irregular, declined, twice, mute):
            assert (await partner.record(ucr)).accepted
        for ucr in (declined, twice, mute):
            assert (await partner.say(ControlResult, "CN", ucr, mrn="18CNMLX7EVGITK0FF0", **offer)).accepted
        await china.until((arrives, "ARR"), (arrives, "NCF"), (irregular, "ARR"), (seal, "ARR"))
        await china.until((declined, "RCG"), (twice, "RCG"), ("again", ""))
        assert (mute, "RCG") not in china.came and (irregular, "NCF") not in china.came
        view = await partner.client.read("KZ", "KZ.OPERATOR", f"/cases/{irregular}", partner.stub.node.clock.now())
        assert [one["result"] for one in json.loads(view[1])["control_results"]] == ["B1"]
        case = await partner.client.read("KZ", "KZ.OPERATOR", f"/cases/{declined}", partner.stub.node.clock.now())
        sent = [row for row in json.loads(case[1])["timeline"] if row["code"] == "RCG"]
        assert sent
        status, mail = await partner.stub_api("GET", "/stub/mail")
        assert status == 200 and isinstance(mail["messages"], list)


async def test_deliveries_are_turned_round_and_held_back_as_asked() -> None:
    at = {"office": "99101", "presentation": "ENTRY"}
    turned, held = "7CNSTUB-REORDER-PASS", "7CNSTUB-D90S-PASS"
    async with talking() as partner:
        for ucr in (turned, held):
            assert (await partner.record(ucr)).accepted
            assert await partner.controls(ucr) == []
            crossing = await partner.say(NotificationOfCrossing, "KZ.99101", ucr, **at, crossed_at=partner.now)
            assert crossing.accepted
        rows = sorted((one.row for one in partner.stub.node.outbox.lane("CN").held), key=lambda row: row.order)
    ordinals = {ucr: [row.ordinal for row in rows if row.case == ucr] for ucr in (turned, held)}
    assert len(ordinals[turned]) == len(ordinals[held]) == 2
    assert ordinals[turned] == sorted(ordinals[turned], reverse=True), "the later first"
    assert ordinals[held] == sorted(ordinals[held])
    assert all(
        timedelta(seconds=91) <= row.due - row.since <= timedelta(seconds=96) for row in rows if row.case == held
    )


async def test_any_message_can_be_sent_as_if_the_partner_had(monkeypatch: pytest.MonkeyPatch) -> None:
    async with with_china(monkeypatch) as (partner, china):
        made = partner.message(
            ArrivalAdvice, "KZ", "7CNX-1", mrn="18CNMLX7EVGITK0FF0", office="99101", presentation="ENTRY",
            arrived_at=partner.now,
        )  # fmt: skip
        header = made.header.model_copy(update={"recipient": "CN", "agreement_id": "china-europe-transit-information"})
        data = encode(made.model_copy(update={"header": header}))
        xml = {"Content-Type": "application/xml"}
        status, said = await partner.stub_api("POST", "/stub/send", data=data, headers=xml)
        assert (status, said["status"]) == (200, 202) and "receipt" in said["answer"]
        assert ("7CNX-1", "ARR") in china.came
        wrong = {
            415: (data, {"Content-Type": "text/plain"}, ""),
            422: (data.replace(b"<Sender>KZ<", b"<Sender>RU<"), xml, ""),
            504: (data, xml, "?to=http://127.0.0.1:9"),
        }
        for code, (body, headers, query) in wrong.items():
            status, problem = await partner.stub_api("POST", f"/stub/send{query}", data=body, headers=headers)
            assert (status, problem["status"]) == (code, code)
        status, problem = await partner.stub_api("POST", "/stub/send?to=http://203.0.113.1", data=data, headers=xml)
        assert status == 422 and "on this machine" in problem["detail"]


async def test_an_image_comes_corrupt_where_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it takes to draw it: five seconds, for the node's clock."""
    async with talking() as partner:
        clock = partner.stub.node.clock

        def slowly(*given: Any) -> bytes:
            clock._skew += timedelta(seconds=5)
            return scan(*given)

        monkeypatch.setattr(posts, "scan", slowly)
        for ucr in ("7CNSTUB-IMAGE-D0S", "7CNSTUB-CORRUPT-D0S"):
            assert (await partner.record(ucr)).accepted
        whole = {}
        for ucr in ("7CNSTUB-IMAGE-D0S", "7CNSTUB-CORRUPT-D0S"):
            async with asyncio.timeout(HANGS):
                images: list[Any] = []
                while not images:
                    await asyncio.sleep(0.05)
                    now = partner.stub.node.clock.now()
                    _, body = await partner.client.read("KZ", "KZ.OPERATOR", f"/cases/{ucr}", now)
                    images = json.loads(body)["images"]
            now = partner.stub.node.clock.now()
            _, data = await partner.client.read("KZ", "KZ.OPERATOR", f"/images/{images[0]['sha256']}", now)
            from exchange.signatures import digest

            whole[ucr] = digest(data) == images[0]["sha256"]
        assert whole == {"7CNSTUB-IMAGE-D0S": True, "7CNSTUB-CORRUPT-D0S": False}


def test_marks_are_read_only_where_a_reference_says_that_it_is_for_a_stub() -> None:
    assert asked("8CNXA002-SCAN-1.W46SFBXR") == Asked()
    assert not asked("7CNSTUB-NOTHING-1")
    assert asked("7CNSTUB-SCAN-D30S.REORDER") == Asked(frozenset({"SCAN", "REORDER"}), timedelta(seconds=30))
    assert asked("7CNSTUB-D99999H").delay == timedelta(hours=24)
    assert all(asked(f"7CNSTUB-{mark.word}").words == {mark.word} for mark in CATALOGUE)


def test_the_command_lists_its_marks_and_says_what_is_wrong(tmp_path: Path) -> None:
    listed = CliRunner().invoke(app, ["stub", "--list"])
    assert listed.exit_code == 0 and all(mark.word in listed.output for mark in CATALOGUE)
    rows = json.loads(CliRunner().invoke(app, ["stub", "--list", "--json"]).output)
    assert [row["word"] for row in rows] == [mark.word for mark in CATALOGUE]
    for wrong, said in (
        (["stub"], "say whose service it plays"),
        (["stub", "KZ", "--partner", "RU"], "write SERVICE=URL"),
        (["stub", "KZ", "--partner", "RU=http://192.0.2.1:80"], "is not on this machine"),
        (["stub", "QQ", "--port", "0"], "QQ is no country"),
    ):
        told = CliRunner().invoke(app, wrong)
        assert told.exit_code == 2 and said in " ".join(told.output.replace("│", " ").split()), told.output
