"""From node to node over HTTP: delivery, its failures, a killed node, a clean end."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from exchange.entries import FaultPlan
from exchange.http import Client, Letter, Undelivered
from exchange.ledger import parse_time
from exchange.limits import Limits, Timeouts
from exchange.members import Member, Members
from exchange.messages import AdvanceDeclaration, Message
from exchange.receipts import Receipt, verify_receipt
from exchange.signatures import PrivateKey
from exchange.store import Store
from nodes.service import NodeService, listen, url_of
from scenarios.transport_http import HttpTransport, TransportError
from tests.journey import START, UCR, Journey

PEOPLE = (
    "CN.9911", "CN.9912", "CN.XA001", "KZ.99101", "KZ.KTZ", "RU.99206010", "FI.FI542700", "FI.FI999900", "FI.VR",
)  # fmt: skip


@asynccontextmanager
async def over_http(
    folder: Path | None, faults: FaultPlan | None = None, arm: str = "recognition"
) -> AsyncIterator[tuple[Journey, HttpTransport]]:
    journey = Journey(arm)
    transport = HttpTransport(
        journey.cores, PEOPLE, folder, keep_xml=True, faults=faults, timeouts=Timeouts(gather=1, shutdown=1)
    )
    journey.transport = transport  # type: ignore[assignment]
    await transport.start()
    try:
        yield journey, transport
    finally:
        await transport.stop()


async def to_kazakhstan(journey: Journey) -> None:
    await journey.leave_xian()
    await journey.wait(days=5)
    await journey.file("99101")
    await journey.work("99101", "ENTRY", await journey.arrive("99101", "ENTRY"))
    await journey.cross("99101", "ENTRY")
    await journey.wait(hours=1)


def told(journey: Journey) -> list[tuple[datetime, bytes | None, bool]]:
    log = sorted(journey.transport.log, key=lambda item: (item.at, item.header.sender, item.header.message_id))
    return [(item.at, item.xml, item.accepted) for item in log]


async def test_a_consignment_goes_from_china_to_kazakhstan_as_it_does_in_memory(tmp_path: Path) -> None:
    memory = Journey("recognition")
    await to_kazakhstan(memory)
    async with over_http(tmp_path) as (journey, transport):
        await to_kazakhstan(journey)
        assert told(journey) == told(memory)
        assert journey.delivered == memory.delivered
        for country in ("CN", "KZ", "RU", "FI"):
            assert journey.case(country) == memory.case(country)
        assert transport.next_due() == {country: node.next_due() for country, node in transport.nodes.items()}
        members = transport.members
    stores = {country: await Store.open(tmp_path / f"{country}.sqlite", country) for country in ("CN", "KZ")}
    try:
        for store in stores.values():
            assert await store.verify() == await store.head()
        sent = [row for row in await stores["CN"].outbox("delivered") if row.recipient == "KZ"]
        assert {row.receipt is not None for row in sent} == {True}
        for row in sent:
            [accepted] = await stores["KZ"].accepted(row.message_id, "CN")
            assert row.receipt == accepted.receipt
            assert row.settled is not None
            receipt = verify_receipt(
                accepted.receipt, members, message=row.message_id, sender="CN", sha256=accepted.sha256, recipient="KZ",
                now=row.settled,
            )  # fmt: skip
            entries = [entry async for entry in stores["KZ"].ledger(receipt.position - 1)]
            assert entries[0].hash == receipt.hash
            assert entries[0].message is not None
            assert entries[0].message.id == row.message_id
    finally:
        for store in stores.values():
            await store.close()


async def test_what_faults_delay_or_lose_comes_late_or_never() -> None:
    def faults(message: Message, due: datetime) -> datetime | None:
        if message.CODE == "ATR":
            return None
        return due + timedelta(hours=3) if message.CODE == "CTR" else due

    async with over_http(None, faults) as (journey, transport):
        await journey.leave_xian()
        assert "ATR" not in journey.codes("CN", "KZ")
        assert "CTR" not in journey.codes("CN", "KZ")
        await journey.wait(hours=4)
        assert "CTR" in journey.codes("CN", "KZ")
        assert "ATR" not in journey.codes("CN", "KZ")
        store = transport.nodes["CN"].writer._store
        assert {row.recipient for row in await store.outbox("lost")} == {"KZ", "RU"}


async def test_answers_come_in_the_order_asked_however_many() -> None:
    async with over_http(None) as (journey, transport):
        declarations: list[Message] = []
        for number in range(70):
            header = journey.header("ADV", "CN.XA001", "CN")
            declarations.append(
                AdvanceDeclaration(
                    header=header, ucr=f"8CNXA001-T{99 - number:02}C1.ABCDEFGB", kind="EXPORT_TRANSIT", office="9911",
                    consignment=journey.goods,
                )
            )  # fmt: skip
        answers = await transport.ask(journey.now, declarations)
        assert [reply[0].header.correlation_id for reply in answers] == [m.header.message_id for m in declarations]
        chain = [entry.case async for entry in transport.nodes["CN"].writer._store.ledger() if entry.kind == "received"]
        assert chain == sorted(chain)


async def test_a_run_that_is_cancelled_leaves_nothing_behind(tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    started = asyncio.Event()
    urls: list[str] = []

    async def run() -> None:
        async with over_http(tmp_path) as (journey, transport):
            urls.extend(node.url for node in transport.nodes.values())
            started.set()
            while True:
                await journey.declare()

    task = asyncio.create_task(run())
    await started.wait()
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == before
    for url in urls:
        with pytest.raises(OSError, match=r"refused|Connect"):
            await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    store = await Store.open(tmp_path / "CN.sqlite", "CN")
    assert (await store.verify()).position > 0
    await store.close()


async def test_a_transport_that_is_not_there_says_so() -> None:
    async with over_http(None) as (journey, transport):
        pass
    with pytest.raises(TransportError, match="not started"):
        await transport.advance("CN", journey.now)


class Partner:
    """Kazakhstan as somebody else's system: answers what it is told to answer."""

    def __init__(self, answer: Callable[[web.Request, bytes], web.Response]) -> None:
        self.answer = answer
        self.came: list[bytes] = []

    async def post(self, request: web.Request) -> web.Response:
        data = await request.read()
        self.came.append(data)
        return self.answer(request, data)


@asynccontextmanager
async def china_with(partner: Partner, *, stepped: bool = True) -> AsyncIterator[tuple[NodeService, Client, Store]]:
    """A node of China whose partners are all ``partner``, and a client that speaks for its people."""
    keys = {m: PrivateKey.generate(m) for m in ("CN", "KZ", "RU", "FI", "CN.OPERATOR", *PEOPLE)}
    KEYS.clear()
    KEYS.update(keys)
    sock, door = listen("127.0.0.1", 0), listen("127.0.0.1", 0)
    members = Members(Member.of(m, url_of(sock if m == "CN" else door), key.public) for m, key in keys.items())
    app = web.Application()
    app.router.add_post("/messages", partner.post)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.SockSite(runner, door).start()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(runner.cleanup)
        store = await Store.open(None, "CN", threaded=False)
        stack.push_async_callback(store.close)
        core = Journey("recognition").cores["CN"]
        limits = Limits(first_backoff=timedelta(seconds=10), delivery_life=timedelta(hours=1))
        node = NodeService(
            core, store, keys["CN"], members, sock, stepped=stepped, limits=limits, timeouts=Timeouts(shutdown=1)
        )
        await stack.enter_async_context(node)
        client = await stack.enter_async_context(Client(members, keys.__getitem__))
        yield node, client, store


KEYS: dict[str, PrivateKey] = {}
WAITS = ((5, 10), (10, 20), (20, 40), (40, 80), (80, 160))
"""Between the attempts of a delivery, in seconds of node time: twice as long each time, less at most half by luck."""


async def leave(client: Client, journey: Journey) -> None:
    """Bring China's node to owe its partners messages (a release), due a second later."""

    class Asking:
        async def ask(self, now: datetime, messages: list[Message]) -> list[tuple[Message, ...]]:
            from exchange.codec import decode

            answers = [await client.post(Letter.of(message), now) for message in messages]
            return [tuple(decode(data) for data in answer.replies) for answer in answers]

        def next_due(self) -> dict[str, None]:
            return {}

        def collect(self) -> list[Message]:
            return []

    journey.transport = Asking()  # type: ignore[assignment]
    await journey.declare()
    await journey.work("9911", "DEPARTURE", await journey.arrive("9911", "DEPARTURE"))


def receipt_of(data: bytes, signer: str | None = None, **changes: Any) -> web.Response:
    from exchange.codec import decode
    from exchange.signatures import digest

    header = decode(data).header
    values: dict[str, Any] = {
        "message": header.message_id, "sender": "CN", "sha256": digest(data), "recipient": header.recipient,
        "time": START, "position": 1, "hash": "0" * 64,
    }  # fmt: skip
    token = Receipt(**(values | changes)).sign(KEYS[signer or header.recipient])
    return web.json_response({"receipt": token, "replies": []}, status=202)


async def test_an_unreachable_partner_is_tried_again_ever_more_seldom_with_the_same_bytes() -> None:
    tries: dict[bytes, list[tuple[datetime, str | None, str]]] = {}

    def down(request: web.Request, data: bytes) -> web.Response:
        headers = request.headers
        attempt = (parse_time(headers["Pix-Time"]), headers.get("Pix-Attempt"), headers["Pix-Signature"])
        tries.setdefault(data, []).append(attempt)
        return web.Response(status=503, headers={"Retry-After": "1"})

    partner = Partner(down)
    async with china_with(partner) as (node, client, store):
        journey = Journey("recognition")
        await leave(client, journey)
        until = journey.now + timedelta(minutes=3)
        while (due := node.next_due()) is not None and due < until:
            await client.set_time("CN", "CN.OPERATOR", due)
        assert tries
        for attempts in tries.values():
            times = [at for at, _, _ in attempts]
            waits = [(b - a).total_seconds() for a, b in pairwise(times)]
            assert all(low <= wait <= high for wait, (low, high) in zip(waits, WAITS, strict=False)), waits
            assert len(waits) > 3
            assert [number for _, number, _ in attempts] == [None, "2", "3", "4", "5", "6", "7"][: len(attempts)]
            assert len({signature for _, _, signature in attempts}) == len(attempts)
        partner.answer = lambda _request, data: receipt_of(data)
        while (due := node.next_due()) is not None:
            await client.set_time("CN", "CN.OPERATOR", due)
        node.writer.flush()
        await node.writer.look([], lambda core: None)
        rows = await store.outbox()
        assert {row.state for row in rows} == {"delivered"}
        assert {row.attempts for row in rows} <= {len(attempts) + 1 for attempts in tries.values()}


@pytest.mark.parametrize("fault", ["signer", "digest", "message", "empty", "server"])
async def test_a_receipt_that_does_not_hold_is_no_receipt(fault: str) -> None:
    def answer(_request: web.Request, data: bytes) -> web.Response:
        if fault == "empty":
            return web.json_response({}, status=202)
        if fault == "server":
            return web.Response(status=500)
        changes = {"signer": {"signer": "CN.9911"}, "digest": {"sha256": "0" * 64}, "message": {"message": "x"}}
        return receipt_of(data, **changes[fault])

    async with china_with(Partner(answer)) as (node, client, store):
        journey = Journey("recognition")
        await leave(client, journey)
        due = node.next_due()
        assert due is not None
        answered = await client.set_time("CN", "CN.OPERATOR", due)
        assert answered["partners"]
        assert all("next_due" not in partner and partner["queued"] for partner in answered["partners"].values())
        node.writer.flush()
        await node.writer.look([], lambda core: None)
        tried = [row for row in await store.outbox() if row.attempts]
        assert tried
        assert all(row.state == "pending" and row.detail for row in tried)
        again = node.next_due()
        assert again is not None and again > due


async def test_a_refusal_is_final_and_kept_with_its_reason() -> None:
    def refuse(_request: web.Request, _data: bytes) -> web.Response:
        return web.json_response({"detail": "not ours", "errors": [{"text": "x"}]}, status=403)

    partner = Partner(refuse)
    async with china_with(partner) as (node, client, store):
        journey = Journey("recognition")
        await leave(client, journey)
        while (due := node.next_due()) is not None:
            await client.set_time("CN", "CN.OPERATOR", due)
        node.writer.flush()
        await node.writer.look([], lambda core: None)
        rows = await store.outbox()
        assert {row.state for row in rows} == {"rejected"}
        assert json.loads(rows[0].detail or "") == {"status": 403, "detail": "not ours", "errors": [{"text": "x"}]}
        assert len(partner.came) == len(rows)


async def test_what_cannot_be_delivered_in_time_is_given_up() -> None:
    async with china_with(Partner(lambda _request, _data: web.Response(status=503))) as (node, client, store):
        journey = Journey("recognition")
        await leave(client, journey)
        due = node.next_due()
        assert due is not None
        await client.set_time("CN", "CN.OPERATOR", due)
        last = max(stop.eta for stop in journey.goods.itinerary)
        await client.set_time("CN", "CN.OPERATOR", last + timedelta(minutes=55))
        assert node.next_due() is not None
        await client.set_time("CN", "CN.OPERATOR", last + timedelta(minutes=65))
        assert node.next_due() is None
        node.writer.flush()
        await node.writer.look([], lambda core: None)
        assert {row.state for row in await store.outbox()} == {"dead"}


async def test_a_live_node_delivers_by_itself() -> None:
    partner = Partner(lambda _request, data: receipt_of(data))
    async with china_with(partner, stepped=False) as (node, client, _store):
        journey = Journey("recognition")
        journey.now = node.clock.now() + timedelta(hours=1)
        header = journey.header("ADV", "CN.XA001", "CN")
        now = node.clock.now()
        stops = tuple(
            s.model_copy(update={"eta": s.eta - START + now + timedelta(days=1)}) for s in journey.goods.itinerary
        )
        goods = journey.goods.model_copy(update={"itinerary": stops})
        message = AdvanceDeclaration(header=header, ucr=UCR, kind="EXPORT_TRANSIT", office="9911", consignment=goods)
        answer = await client.post(Letter.of(message), now)
        assert answer.accepted
        assert not answer.stepped
        replies = await journey_live(client, journey, node)
        assert replies
        for _ in range(100):
            if partner.came:
                break
            await asyncio.sleep(0.1)
        assert partner.came


async def journey_live(client: Client, journey: Journey, node: NodeService) -> tuple[Message, ...]:
    """Have the departure post report the goods and every control asked for, as time is now."""
    from exchange.codec import decode

    class Asking:
        async def ask(self, _now: datetime, messages: list[Message]) -> list[tuple[Message, ...]]:
            answers = [await client.post(Letter.of(message), node.clock.now()) for message in messages]
            return [tuple(decode(data) for data in answer.replies) for answer in answers]

    from tests.journey import demanded

    journey.transport = Asking()  # type: ignore[assignment]
    replies = await journey.arrive("9911", "DEPARTURE")
    while controls := demanded(replies):
        replies = await journey.control("9911", "DEPARTURE", *controls[0])
    return replies


VICTIM = """
import asyncio, sys
from pathlib import Path
from exchange.members import Members
from exchange.signatures import PrivateKey
from exchange.store import Store
from nodes.service import NodeService, listen, url_of
from tests.journey import Journey

async def main(folder):
    sock = listen("127.0.0.1", 0)
    store = await Store.open(folder / "CN.sqlite", "CN", synchronous="FULL")
    key = PrivateKey.load(folder / "CN.pem", "CN")
    members = Members.load(folder / "members.yaml")
    async with NodeService(Journey("recognition").cores["CN"], store, key, members, sock, stepped=True):
        print(url_of(sock), flush=True)
        await asyncio.sleep(60)

asyncio.run(main(Path(sys.argv[1])))
"""


async def test_a_killed_node_goes_on_where_it_stopped(tmp_path: Path) -> None:
    keys = {m: PrivateKey.generate(m) for m in ("CN", "KZ", "RU", "FI", "CN.OPERATOR", *PEOPLE)}
    keys["CN"].save(tmp_path / "CN.pem")
    Members(Member.of(m, None, key.public) for m, key in keys.items()).save(tmp_path / "members.yaml")
    victim = await asyncio.create_subprocess_exec(
        sys.executable, "-c", VICTIM, str(tmp_path), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    try:
        assert victim.stdout is not None
        url = (await asyncio.wait_for(victim.stdout.readline(), 30)).decode().strip()
        members = Members(Member.of(m, url if m == "CN" else None, key.public) for m, key in keys.items())
        journey, answers = Journey("recognition"), []
        async with Client(members, keys.__getitem__) as client:

            class Asking:
                async def ask(self, now: datetime, messages: list[Message]) -> list[tuple[Message, ...]]:
                    from exchange.codec import decode

                    answer = await client.post(Letter.of(messages[0]), now)
                    answers.append((messages[0], answer))
                    return [tuple(decode(data) for data in answer.replies)]

                def next_due(self) -> dict[str, None]:
                    return {}

                def collect(self) -> list[Message]:
                    return []

            journey.transport = Asking()  # type: ignore[assignment]
            await journey.declare()
            await journey.work("9911", "DEPARTURE", await journey.arrive("9911", "DEPARTURE"))
            _, before = await client.read("CN", "CN.OPERATOR", f"/cases/{UCR}", journey.now)
            victim.send_signal(signal.SIGKILL)
            await victim.wait()
            with pytest.raises(Undelivered, match="not reached"):
                await client.read("CN", "CN.OPERATOR", "/ledger/head", journey.now)
    finally:
        if victim.returncode is None:
            victim.kill()
            await victim.wait()

    sock = listen("127.0.0.1", 0)
    members = Members(Member.of(m, url_of(sock) if m == "CN" else None, key.public) for m, key in keys.items())
    store = await Store.open(tmp_path / "CN.sqlite", "CN")
    assert await store.verify() == await store.head()
    core = Journey("recognition").cores["CN"]
    async with (
        NodeService(core, store, keys["CN"], members, sock, stepped=True) as node,
        Client(members, keys.__getitem__) as client,
    ):
        assert not core.has(UCR)
        assert node.next_due() == journey.now + timedelta(seconds=1)
        _, after = await client.read("CN", "CN.OPERATOR", f"/cases/{UCR}", journey.now)
        assert json.loads(after) == json.loads(before)
        for message, answer in answers:
            again = await client.post(Letter.of(message), journey.now)
            assert again.replayed
            assert (again.token, again.replies) == (answer.token, answer.replies)
        assert core.has(UCR)
        head = await store.head()
        answer = await client.post(Letter.of(answers[0][0].model_copy(update={"ucr": "8CNOTHER"})), journey.now)
        assert answer.status == 409
        assert await store.head() == head
    await store.close()


async def test_a_stopped_service_is_not_kept_alive_by_what_the_web_framework_remembers(tmp_path: Path) -> None:
    import gc
    from weakref import ref

    async with over_http(tmp_path) as (journey, transport):
        await to_kazakhstan(journey)
        services = [ref(node) for node in transport.nodes.values()]
    del journey, transport
    gc.collect()
    assert [service() for service in services] == [None] * len(services)


async def test_the_ledger_begins_with_the_standing_that_the_decisions_rest_on(tmp_path: Path) -> None:
    async def opened(arm: str, known: int) -> list[str]:
        async with over_http(tmp_path, arm=arm) as (journey, _):
            journey.skip("CN.XA001", known)
            await journey.declare()
        store = await Store.open(tmp_path / "CN.sqlite", "CN")
        try:
            assert await store.verify() == await store.head()
            own = (await store.entries_of([""]))[""]
            return [entry.data["agreements"]["china-europe-transit-information"] for entry in own]
        finally:
            await store.close()

    assert await opened("baseline", 0) == ["discussed"]
    assert await opened("baseline", 1) == ["discussed"], "the same standing is not recorded again"
    assert await opened("recognition", 2) == ["discussed", "in force"]
