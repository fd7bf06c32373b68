"""A node by the wall clock: many messages at once, and a clean end."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from exchange.http import Letter
from exchange.messages import AdvanceDeclaration
from tests.journey import START, UCR, Journey
from tests.partner import Partner, china_with, journey_live, receipt_of


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
