"""The world's listener: the one HTTP service behind which all posts and traders of a run are reached.

It checks what nodes send to posts and traders as any recipient would, receipts it with the addressee's key
and keeps it for the conductor.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime

from aiohttp import web

from exchange.errors import InvalidMessage, NotXML
from exchange.http import SIGNATURE, TIME
from exchange.ledger import GENESIS, parse_time
from exchange.limits import Limits, Timeouts
from exchange.members import Members
from exchange.messages import Message
from exchange.receipts import Receipt
from exchange.signatures import BadSignature, PrivateKey, digest, verify_bytes
from exchange.validation import parse_message
from nodes.api.loose import loosely
from nodes.api.problems import Problem, problems

Taken = Callable[[Message, bytes, datetime], None]
"""Is told of each message taken, with its bytes and the time (UTC) that its sender told."""
Refused = Callable[[Problem, str], None]
"""Is told of each refusal, and to whom the message was sent."""


class Listener:
    """Takes messages for posts and traders. ``keys`` are theirs, by member id; ``members`` says who may send.
    ``taken`` is told of each message once, ``refused`` of what is refused to which addressee. ``clock`` says the time
    (UTC) where a sender does not.

    Its receipts count positions, but there is no ledger behind them: the hash in them is that of an empty
    one.
    """

    def __init__(
        self,
        keys: Mapping[str, PrivateKey],
        members: Members,
        limits: Limits,
        *,
        taken: Taken | None = None,
        refused: Refused | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self._taken = taken
        self._refused = refused
        self._clock = clock
        self._keys = keys
        self._members = members
        self._receipts: dict[tuple[str, str], tuple[str, str]] = {}
        self._inbox: list[Message] = []
        self.app = web.Application(middlewares=[problems], client_max_size=limits.body_bytes)
        self.app.router.add_route("POST", "/{member}/messages", loosely(self._post))

    def collect(self) -> list[Message]:
        """Return, and forget, what came, sorted by (sender, case, ordinal)."""
        came, self._inbox = self._inbox, []
        return sorted(came, key=lambda message: (message.header.sender, message.ucr, message.header.ordinal))

    async def serve(self, sock: socket.socket, timeouts: Timeouts, tls: ssl.SSLContext | None = None) -> web.AppRunner:
        """Listen on ``sock``; return what stops it (:meth:`web.AppRunner.cleanup`)."""
        runner = web.AppRunner(
            self.app,
            access_log=None,
            handle_signals=False,
            keepalive_timeout=timeouts.keep_alive,
            shutdown_timeout=timeouts.shutdown,
        )
        await runner.setup()
        await web.SockSite(runner, sock, ssl_context=tls).start()
        return runner

    async def _post(self, request: web.Request) -> web.Response:
        try:
            return await self._judged(request)
        except Problem as problem:
            if self._refused is not None:
                self._refused(problem, request.match_info["member"])
            raise

    async def _judged(self, request: web.Request) -> web.Response:
        data = await request.read()
        addressee = request.match_info["member"]
        key = self._keys.get(addressee)
        if key is None:
            raise Problem(404, "not-found", f"no post or trader {addressee} listens here")
        try:
            told = request.headers.get(TIME)
            now = self._clock() if told is None and self._clock is not None else parse_time(told or "")
            signed = verify_bytes(request.headers.get(SIGNATURE, ""), data, self._members.finder(now))
        except (ValueError, BadSignature) as error:
            raise Problem(401, "signature", str(error)) from error
        message = _read(data)
        header = message.header
        if self._members.owner(signed.kid) != header.sender:
            raise Problem(403, "sender", f"the key is not {header.sender}'s")
        if header.recipient != addressee:
            raise Problem(422, "invalid", f"the message is for {header.recipient}, not for {addressee}")
        return self._accept(message, data, key, now)

    def _accept(self, message: Message, data: bytes, key: PrivateKey, now: datetime) -> web.Response:
        header, sha256 = message.header, digest(data)
        known = self._receipts.get((header.sender, header.message_id))
        if known is None:
            receipt = Receipt(
                message=header.message_id,
                sender=header.sender,
                sha256=sha256,
                recipient=header.recipient,
                time=now,
                position=len(self._receipts) + 1,
                hash=GENESIS,
            )
            known = (sha256, receipt.sign(key))
            self._receipts[(header.sender, header.message_id)] = known
            self._inbox.append(message)
            if self._taken is not None:
                self._taken(message, data, now)
        elif known[0] != sha256:
            raise Problem(409, "conflict", f"{header.sender} has used the id {header.message_id} for other bytes")
        body = json.dumps({"receipt": known[1], "replies": []}).encode()
        return web.Response(status=202, body=body, content_type="application/json")


def _read(data: bytes) -> Message:
    try:
        return parse_message(data)
    except NotXML as error:
        raise Problem(400, "not-xml", str(error), errors=[error.finding.as_json()]) from error
    except InvalidMessage as error:
        findings = [finding.as_json() for finding in error.findings]
        raise Problem(422, "invalid", str(error), errors=findings) from error


__all__ = ["Listener", "Refused", "Taken"]
