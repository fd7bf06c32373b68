"""What becomes of messages whose partner does not take them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from aiohttp import web

from exchange.ledger import parse_time
from tests.journey import Journey
from tests.partner import Partner, china_with, leave, receipt_of

WAITS = ((5, 10), (10, 20), (20, 40), (40, 80), (80, 160))
"""Between the attempts of a delivery, in seconds of node time: twice as long each time, less at most half by luck."""


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
        states = {row.state for row in await store.outbox()}
        assert states == {"dead", "expired"}  # what told of the goods was to follow under fallback, and died so
