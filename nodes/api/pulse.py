"""What goes around every request: its trace, how many there are at once, and no new ones while the node stops."""

from __future__ import annotations

import asyncio

from aiohttp import web

from exchange.limits import Limits
from exchange.tracing import TRACEPARENT, current, going_on
from nodes.api.problems import Handler, unavailable

ALWAYS = frozenset({"/health", "/metrics"})
"""What is answered however much there is to do, so that an operator sees it."""


class Pulse:
    """Counts the requests at work; :meth:`stop` lets them end and refuses further ones."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._stopping = False
        self._rest = asyncio.Event()
        self.at_work = 0

    async def around(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Work one request under its trace, or refuse it with 503: the innermost middleware but for its handler."""
        if self._stopping:
            refusal = unavailable("the node is stopping; come again when it is back", self._limits.retry_after_seconds)
            refusal.headers["Connection"] = "close"
            raise refusal
        if self.at_work >= self._limits.requests_at_once and request.path not in ALWAYS:
            raise unavailable("the node answers more requests than it can already", self._limits.retry_after_seconds)
        self.at_work += 1
        token = current.set(going_on(request.headers.get(TRACEPARENT)))
        try:
            return await handler(request)
        finally:
            current.reset(token)
            self.at_work -= 1
            if not self.at_work:
                self._rest.set()

    async def stop(self, patience: float) -> bool:
        """Refuse what comes from now on; return whether what was at work ended within ``patience`` wall seconds."""
        self._stopping = True
        if not self.at_work:
            return True
        self._rest.clear()
        try:
            async with asyncio.timeout(patience):
                while self.at_work:
                    await self._rest.wait()
                    self._rest.clear()
        except TimeoutError:
            return False
        return True


__all__ = ["Pulse"]
