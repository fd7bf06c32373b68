"""A node by the wall clock: many messages at once, and a clean end."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from aiohttp import web

from exchange.http import Client, Letter
from exchange.messages import AdvanceDeclaration
from nodes.service import NodeService
from tests.journey import START, UCR, Journey
from tests.partner import Partner, china_with, journey_live, receipt_of
from tests.waiting import HANGS, until


async def owe(node: NodeService, client: Client) -> None:
    """Bring China's live node to owe its partners messages."""
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
    journey.now = node.clock.now() + timedelta(hours=1)  # controls began an hour before: not before it was registered
    replies = await journey_live(client, journey, node)
    assert replies


async def test_a_live_node_delivers_by_itself() -> None:
    partner = Partner(lambda _request, data: receipt_of(data))
    async with china_with(partner, stepped=False) as (node, client, store):
        await owe(node, client)

        async def all_delivered() -> bool:
            """Whether what became of it is stored, though nothing else comes."""
            rows = await store.outbox()
            return bool(rows) and all(row.state == "delivered" for row in rows)

        await until(all_delivered)
        rows = await store.outbox()
        assert len(partner.came) == len(set(partner.came)) == len(rows)


async def test_what_is_on_its_way_when_a_live_node_stops_arrives_and_is_stored() -> None:
    """The partner answers only after the stop has begun."""
    asked, go = asyncio.Event(), asyncio.Event()
    partner = Partner(lambda _request, data: receipt_of(data))
    post = partner.post

    async def slowly(request: web.Request) -> web.Response:
        asked.set()
        await go.wait()
        return await post(request)

    partner.post = slowly  # type: ignore[method-assign]
    async with china_with(partner, stepped=False) as (node, client, store):
        await owe(node, client)
        await asyncio.wait_for(asked.wait(), HANGS)
        stopping = asyncio.create_task(node.stop())
        await asyncio.sleep(0.05)
        go.set()
        await stopping
        rows = await store.outbox()
        settled = [row.message_id for row in rows if row.state == "delivered"]
        assert len(settled) == len(partner.came) > 0
