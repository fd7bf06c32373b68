"""A node of China whose partners are one system that answers what it is told to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from exchange.http import Client, Letter
from exchange.limits import Limits, Timeouts
from exchange.members import Member, Members
from exchange.messages import Message
from exchange.receipts import Receipt
from exchange.signatures import PrivateKey
from exchange.store import Store
from nodes.service import NodeService, listen, url_of
from tests.journey import START, Journey

PEOPLE = (
    "CN.9911", "CN.9912", "CN.XA001", "KZ.99101", "KZ.KTZ", "RU.99206010", "FI.FI542700", "FI.FI999900", "FI.VR",
)  # fmt: skip


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
