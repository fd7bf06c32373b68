"""The HTTP answers of a stub where a UCR asks for others than a node's: slow, none, refused, garbled, false."""

from __future__ import annotations

import asyncio
import json
import re
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from exchange.messages import format_time
from exchange.receipts import RECEIPT
from exchange.signatures import PrivateKey, digest
from nodes.api.problems import Handler, Problem
from scenarios.stub.marks import Asked, asked

_UCR = re.compile(rb"<UCR>\s*([0-9A-Z.-]{1,35})\s*</UCR>")
REMEMBERED = 10_000
"""Messages whose attempts are counted."""
BUSY_FOR = 2
LONGEST = 120.0
"""Wall seconds for which an answer is kept waiting at most."""
REFUSALS = {
    "INVALID": (422, "invalid"),
    "NOAGREEMENT": (403, "no-agreement"),
    "WINDOW": (401, "window"),
}


class Answering:
    """A middleware around a node with the signing ``key``; ``now`` is its clock."""

    def __init__(self, key: PrivateKey, now: Callable[[], datetime]) -> None:
        self._key = key
        self._now = now
        self._attempts: OrderedDict[str, int] = OrderedDict()

    async def around(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request as the UCR in it asks for."""
        if request.method != "POST" or request.path != "/messages":
            return await handler(request)
        data = await request.read()
        named = _UCR.search(data)
        found = asked(named[1].decode()) if named else None
        if not found:
            return await handler(request)
        return await self._answer(request, handler, data, found)

    async def _answer(self, request: web.Request, handler: Handler, data: bytes, found: Asked) -> web.StreamResponse:
        words = found.words
        attempt = self._attempt(digest(data))
        if found.any("SLOW", "SILENT"):
            await asyncio.sleep(min(found.wait.total_seconds(), LONGEST))
        if "SILENT" in words:
            return _hang_up(request)
        if "BUSY" in words and attempt <= BUSY_FOR:
            raise Problem(503, "unavailable", "busy, as the reference asks for", headers={"Retry-After": "1"})
        for word, (status, code) in REFUSALS.items():
            if word in words:
                raise Problem(status, code, f"refused, as the reference asks for ({word})")
        if "GARBAGE" in words:
            return web.Response(status=202, body=b"\xff<{garbage", content_type="application/json")
        answer = await handler(request)
        if "LOSTANSWER" in words and attempt == 1:
            return _hang_up(request)
        if "FALSERECEIPT" in words and answer.status == 202 and isinstance(answer, web.Response):
            body = json.loads(answer.text or "{}")
            claims = {"message": "0", "sender": "XX", "sha256": "0" * 64, "recipient": self._key.kid[-2:]}
            body["receipt"] = self._key.sign_claims(
                claims | {"time": format_time(self._now()), "position": 1, "hash": "0" * 64}, RECEIPT
            )
            return web.json_response(body, status=202)
        return answer

    def _attempt(self, sha256: str) -> int:
        number = self._attempts[sha256] = self._attempts.pop(sha256, 0) + 1
        if len(self._attempts) > REMEMBERED:
            self._attempts.popitem(last=False)
        return number


def _hang_up(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


__all__ = ["Answering"]
