"""What a node's operator sees and does: figures, the outbox, traces, and a stop that loses nothing."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from exchange.codec import encode
from exchange.http import Client, Letter
from exchange.messages import Header, Message, Unavailability, UnavailabilityCancelled
from exchange.references import message_id
from exchange.tracing import trace_id
from nodes.service import NodeService
from tests.desk import Desk, arrival, desk
from tests.journey import Journey
from tests.partner import Partner, china_with, leave, receipt_of

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def figures(kz: Desk) -> dict[str, float]:
    async with kz.session.get(f"{kz.node.url}/metrics") as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
        text = await answer.text()
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


async def test_the_figures_count_what_was_accepted_refused_and_answered_again(kz: Desk) -> None:
    data = encode(arrival())
    await kz.send(data)
    await kz.send(data)
    await kz.send(data.replace(b"ENTRY", b"SIDEWAYS"))
    await kz.send(encode(arrival(2)), key=None)
    found = await figures(kz)
    assert found["corridor_messages_accepted_total{code=ARR}"] == 1
    assert found["corridor_messages_replayed_total"] == 1
    assert found["corridor_requests_refused_total{reason=conflict,status=409}"] == 1
    assert found["corridor_requests_refused_total{reason=signature,status=401}"] == 1
    assert found["corridor_intake_seconds_count"] == 4
    assert found["corridor_commit_seconds_count"] >= 1
    assert found["corridor_ledger_position"] == (await kz.store.head()).position > 0
    assert found["corridor_writer_queue_messages"] == 0
    assert found["corridor_requests_in_progress"] == 1
    assert found["process_resident_memory_bytes"] > 0


async def test_two_nodes_in_one_process_count_for_themselves() -> None:
    async for one in desk():
        await one.send(encode(arrival()))
        async for other in desk():
            assert "corridor_messages_accepted_total{code=ARR}" not in await figures(other)


async def outbox(client: Client, journey: Journey, query: str = "", who: str = "CN.OPERATOR") -> tuple[int, Any]:
    status, body = await client.read("CN", who, f"/outbox{query}", journey.now)
    return status, json.loads(body)


async def test_an_operator_sees_what_was_given_up_and_sends_it_again() -> None:
    partner = Partner(lambda _request, _data: web.Response(status=503))
    async with china_with(partner) as (node, client, store):
        journey = Journey("recognition")
        await leave(client, journey)
        last = max(stop.eta for stop in journey.goods.itinerary) + timedelta(hours=2)
        due = node.next_due()
        assert due is not None
        await client.set_time("CN", "CN.OPERATOR", due)
        status, listed = await outbox(client, journey, "?state=pending&partner=KZ")
        assert status == 200
        assert {row["partner"] for row in listed["messages"]} == {"KZ"}
        [lane] = [lane for lane in listed["lanes"] if lane["partner"] == "KZ"]
        assert (lane["failures"], lane["messages"]) == (1, len(listed["messages"]))
        assert lane["closed_until"] > listed["messages"][0]["due"]
        await client.set_time("CN", "CN.OPERATOR", last)
        journey.now = last
        node.writer.flush()
        _, listed = await outbox(client, journey, "?state=dead")
        dead = [row["message"] for row in listed["messages"]]
        assert len(dead) == len(await store.outbox("dead")) > 0
        path = f"/outbox/{dead[0]}/requeue"
        assert (await client.order("CN", "CN.XA001", path, last))[0] == 403
        assert (await client.order("CN", "CN.OPERATOR", "/outbox/none/requeue", last))[0] == 404
        status, body = await client.order("CN", "CN.OPERATOR", path, last)
        assert (status, json.loads(body)["state"]) == (200, "pending")
        assert (await client.order("CN", "CN.OPERATOR", path, last))[0] == 409
        partner.answer = lambda _request, data: receipt_of(data)
        partner.came.clear()
        await client.set_time("CN", "CN.OPERATOR", last)
        assert len(partner.came) == 1
        node.writer.flush()
        await node.writer.look([], lambda core: None)
        [row] = await store.outbox(message_id=dead[0])
        assert row.state == "delivered"


async def test_the_outbox_is_for_operators_and_says_what_it_takes() -> None:
    async with china_with(Partner(lambda _request, data: receipt_of(data))) as (_node, client, _store):
        journey = Journey("recognition")
        await leave(client, journey)
        for who in ("CN.XA001", "KZ"):
            assert (await outbox(client, journey, who=who))[0] == 403
        for query in ("?state=lively", "?limit=0", "?limit=1001", "?limit=many", "?state=expired"):
            assert (await outbox(client, journey, query))[0] == 400, query


def from_kazakhstan(cls: Any, journey: Journey, ordinal: int, **body: Any) -> Message:
    header = Header(
        message_id=message_id("KZ", "CN", cls.CODE, "", ordinal),
        message_type=cls.CODE,
        sender="KZ",
        recipient="CN",
        sent_at=journey.now,
        ordinal=ordinal,
    )
    message: Message = cls(header=header, **body)
    return message


async def test_a_partner_that_says_it_is_back_is_tried_at_once_and_one_that_goes_is_left_alone() -> None:
    partner = Partner(lambda _request, _data: web.Response(status=503, headers={"Retry-After": "3000"}))
    async with china_with(partner) as (node, client, _store):
        journey = Journey("recognition")
        await leave(client, journey)
        due = node.next_due()
        assert due is not None
        await client.set_time("CN", "CN.OPERATOR", due)
        journey.now = due + timedelta(seconds=10)
        lane = node.outbox.lane("KZ")
        assert lane.next_due() == due + timedelta(seconds=3000)
        back = from_kazakhstan(
            UnavailabilityCancelled, journey, 1, unavailability_id=message_id("KZ", "CN", "UNA", "", 9),
            available_from=journey.now,
        )  # fmt: skip
        answer = await client.post(Letter.of(back), journey.now)
        assert answer.accepted, answer.problem
        assert lane.next_due() == due
        away = from_kazakhstan(
            Unavailability, journey, 2, planned=True, begins_at=journey.now, ends_at=journey.now + timedelta(hours=4),
            fallback="QUEUE",
        )  # fmt: skip
        answer = await client.post(Letter.of(away), journey.now)
        assert answer.accepted, answer.problem
        partner.came.clear()
        partner.answer = lambda _request, data: receipt_of(data)
        await client.set_time("CN", "CN.OPERATOR", journey.now + timedelta(hours=3))
        assert lane.failures == 0
        assert len(lane) > 0
        await client.set_time("CN", "CN.OPERATOR", journey.now + timedelta(hours=4))
        assert len(lane) == 0


async def test_a_trace_goes_on_to_the_partners() -> None:
    traces: list[str | None] = []

    def taken(request: web.Request, data: bytes) -> web.Response:
        traces.append(request.headers.get("traceparent"))
        return receipt_of(data)

    async with china_with(Partner(taken)) as (node, client, _store):
        journey = Journey("recognition")
        post = client.post

        async def traced(letter: Letter, *args: Any, **options: Any) -> Any:
            return await post(Letter(**{name: getattr(letter, name) for name in names} | {"trace": TRACE}), *args)

        names = [name for name in Letter.__dataclass_fields__ if name != "trace"]
        client.post = traced  # type: ignore[method-assign]
        await leave(client, journey)
        while (due := node.next_due()) is not None:
            await client.set_time("CN", "CN.OPERATOR", due)
        assert len(traces) > 2
        assert {trace_id(text) for text in traces} == {trace_id(TRACE)}
        assert len(set(traces)) == len(traces)


async def test_a_stopping_node_answers_what_it_was_asked_and_refuses_what_comes_after(kz: Desk) -> None:
    node: NodeService = kz.node
    write, held, go = kz.store.write, asyncio.Event(), asyncio.Event()

    async def slow(given: Any) -> None:
        held.set()
        await go.wait()
        await write(given)

    kz.store.write = slow  # type: ignore[method-assign]
    data = encode(arrival())
    first = asyncio.create_task(kz.send(data))
    await held.wait()
    async with kz.session.get(f"{node.url}/health") as answer:
        await answer.read()
    stopping = asyncio.create_task(node.stop())
    await asyncio.sleep(0.05)
    async with kz.session.get(f"{node.url}/openapi.json") as late:
        assert (late.status, late.headers["Retry-After"]) == (503, "2")
    go.set()
    status, _, _ = await first
    await stopping
    assert status == 202
    assert await kz.store.accepted(arrival().header.message_id)
