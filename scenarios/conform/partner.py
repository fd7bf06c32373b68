"""A partner of the node, played by the run: takes what the node sends by itself, refuses it, loses it, or lies.

Everything that comes is kept as it came, before anything of it is believed. It listens on this machine only.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Self

from aiohttp import web

from exchange.codec import decode
from exchange.errors import CorridorError
from exchange.http import BATCH, SIGNATURE
from exchange.ledger import GENESIS
from exchange.limits import Limits
from exchange.messages import Message
from exchange.receipts import Receipt
from exchange.signatures import digest
from nodes.listening import listen, url_of
from scenarios.conform.trust import Trust
from scenarios.conform.wire import Exchange, clean

Manner = Literal["takes", "is busy", "refuses", "loses the answer", "lies"]
"""How the partner answers: 202 with its receipt; 503; 422; accepts, and hangs up; a receipt of other bytes."""


@dataclass(frozen=True)
class Came:
    """One message as it came: ``message`` is None if it cannot be read; ``status`` 0 if the answer was kept back.

    ``batch`` is what it said in ``Pix-Batch``: (place, size), (1, 1) if it said nothing.
    """

    data: bytes
    signature: str
    media_type: str
    at: datetime
    status: int
    message: Message | None
    batch: tuple[int, int] = (1, 1)

    @property
    def id(self) -> str:
        """The id of the message, empty if it cannot be read."""
        return self.message.header.message_id if self.message is not None else ""

    @property
    def code(self) -> str:
        """The code of the message, empty if it cannot be read."""
        return self.message.CODE if self.message is not None else ""

    @property
    def ordinal(self) -> int:
        """The sender's count of the messages of its case; 0 if it cannot be read."""
        return self.message.header.ordinal if self.message is not None else 0

    def before(self, other: Came) -> bool:
        """Return whether this, which came earlier, was also to be taken earlier: one round comes all at once."""
        return self.batch[1] == 1 or self.batch[1] != other.batch[1] or self.batch[0] < other.batch[0]


@dataclass
class Partner:
    """Plays all services but the node's at ``http://127.0.0.1:<port>/<service>``; an asynchronous context manager.

    Where the node speaks TLS it is https, mutual, and each service shows its own certificate to a caller that names it.

    ``now`` is node time (UTC), by which receipts are dated; ``keep`` is told of each request with its answer. A port of
    0 takes a free one; :class:`exchange.errors.CorridorError` is raised for one that is taken.
    """

    port: int
    trust: Trust
    now: Callable[[], datetime]
    keep: Callable[[Exchange], None]
    manner: Manner = "takes"
    came: list[Came] = field(default_factory=list)
    url: str = ""
    waited_in_vain: bool = False
    """Whether nothing came of the arrival that was waited for last."""
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        door = self.trust.door() if self.trust.door is not None else None
        sock = listen("127.0.0.1", self.port, tls=door is not None)
        self.url = url_of(sock, tls=door is not None)
        app = web.Application(client_max_size=Limits().body_bytes)
        app.router.add_post("/{member}/messages", self._post)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.SockSite(self._runner, sock, ssl_context=door).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def of(self, ucr: str) -> list[Came]:
        """Return what came for services about a consignment, in its order."""
        about = (one for one in self.came if one.message is not None and one.message.ucr == ucr)
        return [one for one in about if one.message is not None and "." not in one.message.header.recipient]

    async def _post(self, request: web.Request) -> web.Response:
        data = await request.read()
        try:
            message: Message | None = decode(data)
        except (CorridorError, ValueError):
            message = None
        status, body = self._answer(request.match_info["member"], data, message)
        headers = tuple((clean(name), clean(value)) for name, value in request.headers.items())
        self.came.append(
            Came(
                data=data,
                signature=request.headers.get(SIGNATURE, ""),
                media_type=request.content_type,
                at=self.now(),
                status=status,
                message=message,
                batch=_batch(request.headers.get(BATCH, "")),
            )
        )
        text = json.dumps(body).encode()
        trouble = "" if status else "the answer was lost on purpose"
        self.keep(Exchange("node: POST", request.path, headers, data, status, (), text, trouble=trouble))
        if status == 0 and request.transport is not None:
            request.transport.abort()
        more = {"Retry-After": "1"} if status == 503 else {}
        kind = "application/json" if status == 202 else "application/problem+json"
        return web.Response(status=status or 500, body=text, content_type=kind, headers=more)

    def _answer(self, member: str, data: bytes, message: Message | None) -> tuple[int, dict[str, object]]:
        if self.manner == "is busy":
            return 503, _problem(503, "unavailable", "away for a while")
        if message is None or self.manner == "refuses":
            return 422, _problem(422, "invalid", "refused by the conformance run" if message else "no message")
        receipt = Receipt(
            message=message.header.message_id,
            sender=message.header.sender,
            sha256=digest(data if self.manner != "lies" else b"other bytes"),
            recipient=member,
            time=self.now(),
            position=len(self.came) + 1,
            hash=GENESIS,
        )
        body: dict[str, object] = {"receipt": receipt.sign(self.trust.key(member)), "replies": []}
        return (0 if self.manner == "loses the answer" else 202), body


def _batch(said: str) -> tuple[int, int]:
    place, _, size = said.partition("/")
    return (int(place), int(size)) if place.isdecimal() and size.isdecimal() else (1, 1)


def _problem(status: int, code: str, detail: str) -> dict[str, object]:
    return {
        "type": f"urn:corridor:problem:{code}",
        "title": code,
        "status": status,
        "detail": detail,
        "errors": [{"text": detail}],
    }


__all__ = ["Came", "Manner", "Partner"]
