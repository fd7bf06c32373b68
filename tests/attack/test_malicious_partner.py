"""A partner that answers with weapons: the client believes no answer, and fails in the one way its callers expect."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from exchange.codec import decode
from exchange.http import Client, Letter, Undelivered
from exchange.ledger import GENESIS
from exchange.limits import Limits, Timeouts
from exchange.members import Member, Members
from exchange.receipts import Receipt
from exchange.signatures import digest
from nodes.listening import listen, url_of
from tests.attack.target import KEYS, STEPPED_NOW, STRANGER, arrival
from tests.waiting import HANGS

DATA = arrival(STEPPED_NOW)
LETTER = Letter.of(decode(DATA), DATA)
DEEP = b"[" * 200_000


def receipt(key: Any = KEYS["KZ"], **changes: Any) -> str:
    """Return a receipt for the letter; with ``changes`` one that does not fit it."""
    values: dict[str, Any] = {
        "message": LETTER.id,
        "sender": LETTER.sender,
        "sha256": LETTER.sha256,
        "recipient": "KZ",
        "time": STEPPED_NOW,
        "position": 1,
        "hash": GENESIS,
    }
    return Receipt(**(values | changes)).sign(key)


def accepted(token: Any, replies: Any = ()) -> bytes:
    return json.dumps({"receipt": token, "replies": replies}).encode()


REPLY = "<a/>"
ANSWERS: dict[str, tuple[int, bytes, dict[str, str]]] = {
    "deep": (202, DEEP, {}),
    "deep within": (202, b'{"receipt": ' + DEEP, {}),
    "deep refusal": (503, DEEP, {}),
    "no JSON": (202, b"<html/>", {}),
    "no receipt": (202, b"{}", {}),
    "a list": (202, b"[]", {}),
    "receipt is a number": (202, accepted(5), {}),
    "receipt of a stranger": (202, accepted(receipt(STRANGER)), {}),
    "receipt of another member": (202, accepted(receipt(KEYS["RU"])), {}),
    "receipt for other bytes": (202, accepted(receipt(sha256=digest(b"x"))), {}),
    "receipt for another message": (202, accepted(receipt(message="0" * 36)), {}),
    "receipt for another sender": (202, accepted(receipt(sender="RU")), {}),
    "receipt for another recipient": (202, accepted(receipt(recipient="RU")), {}),
    "reply unsigned": (202, accepted(receipt(), [{"message": REPLY, "signature": ""}]), {}),
    "reply of a stranger": (
        202,
        accepted(receipt(), [{"message": REPLY, "signature": STRANGER.sign_bytes(b"<a/>", STEPPED_NOW)}]),
        {},
    ),
    "reply of another member": (
        202,
        accepted(receipt(), [{"message": REPLY, "signature": KEYS["RU"].sign_bytes(b"<a/>", STEPPED_NOW)}]),
        {},
    ),
    "reply is text": (202, accepted(receipt(), ["x"]), {}),
    "replies are none": (202, accepted(receipt(), None), {}),
    "half a character": (202, b'{"receipt": "\\ud800", "replies": []}', {}),
    "compressed": (202, gzip.compress(accepted(receipt())), {"Content-Encoding": "gzip"}),
    "too long": (202, accepted(receipt()) + b" " * 300_000, {}),
    "rubbish as next due": (202, accepted(receipt()), {"Pix-Next-Due": "soon"}),
    "endless patience": (503, b"{}", {"Retry-After": "9" * 400}),
    "patience in words": (429, b"{}", {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}),
    "a novel": (503, json.dumps({"detail": "x\nERROR forged log line\n" * 9000}).encode(), {}),
    "detail is a tree": (503, b'{"detail": {"a": [1]}}', {}),
    "500 in HTML": (500, b"<html>" * 100, {"Content-Type": "text/html"}),
}


@asynccontextmanager
async def partner(
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]], *, patience: float = HANGS
) -> AsyncIterator[Client]:
    """Run somebody at the address of KZ; yield a client that wants to reach KZ and waits ``patience`` for an answer."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    sock = listen("127.0.0.1", 0)
    await web.SockSite(runner, sock).start()
    members = Members(Member.of(who, url_of(sock) if who == "KZ" else None, key.public) for who, key in KEYS.items())
    limits, timeouts = Limits(body_bytes=300_000), Timeouts(request=patience)
    try:
        async with Client(members, KEYS.__getitem__, limits=limits, timeouts=timeouts) as client:
            yield client
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("name", ANSWERS)
async def test_an_answer_that_does_not_hold_is_no_answer(name: str) -> None:
    status, body, headers = ANSWERS[name]

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body, headers={"Content-Type": "application/json"} | headers)

    async with partner(answer) as client:
        with pytest.raises(Undelivered) as told:
            await client.post(LETTER, STEPPED_NOW)
    assert len(str(told.value)) < 1000 and "\n" not in str(told.value)
    assert told.value.retry_after is None or told.value.retry_after < 10**9


async def test_a_good_answer_is_taken() -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=202, body=accepted(receipt()), content_type="application/json")

    async with partner(answer) as client:
        assert (await client.post(LETTER, STEPPED_NOW)).accepted


async def test_a_refusal_that_cannot_be_read_is_a_refusal() -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=422, body=DEEP)

    async with partner(answer) as client:
        told = await client.post(LETTER, STEPPED_NOW)
    assert (told.status, told.problem) == (422, {})


async def test_a_redirect_is_not_followed() -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    async with partner(answer) as client:
        assert (await client.post(LETTER, STEPPED_NOW)).status == 307
    assert asked == ["/messages"]


@pytest.mark.parametrize("started", [False, True])
async def test_an_answer_that_does_not_end_is_not_waited_for(started: bool) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        slow = web.StreamResponse(status=202)
        if started:
            await slow.prepare(request)
        for _ in range(100):
            if started:
                await slow.write(b" ")
            await asyncio.sleep(0.1)
        return slow

    async with partner(answer, patience=0.5) as client, asyncio.timeout(HANGS):
        with pytest.raises(Undelivered, match="not reached"):
            await client.post(LETTER, STEPPED_NOW)


async def test_reading_and_stepping_survive_it_too() -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=503, body=DEEP)

    now = datetime.now(UTC)
    async with partner(answer) as client:
        with pytest.raises(Undelivered):
            await client.read("KZ", "RU", "/cases", now)
        with pytest.raises(Undelivered):
            await client.set_time("KZ", "KZ.OPERATOR", now)
