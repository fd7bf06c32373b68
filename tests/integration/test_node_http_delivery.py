"""From node to node over HTTP: a consignment's way, faults, a clean end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from exchange.entries import FaultPlan
from exchange.limits import Timeouts
from exchange.messages import AdvanceDeclaration, Message
from exchange.receipts import verify_receipt
from exchange.store import Store
from scenarios.transport_http import HttpTransport, TransportError
from tests.journey import Journey
from tests.partner import PEOPLE


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
    begun = asyncio.Event()
    urls: list[str] = []

    async def run() -> None:
        async with over_http(tmp_path) as (journey, transport):
            urls.extend(node.url for node in transport.nodes.values())
            while True:
                await journey.declare()
                begun.set()

    task = asyncio.create_task(run())
    await begun.wait()
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
