"""A hot standby: a process that waits for a node's database and meanwhile says so at the node's address.

Whoever sends traffic to the one process that works (a load balancer, an operator) sees it in ``GET /health``.
"""

from __future__ import annotations

import socket
import ssl
from typing import Self

from aiohttp import web

from nodes.api.loose import loosely
from nodes.api.problems import problems, unavailable
from nodes.api.reads import answer_json

RETRY_AFTER = 1
"""Seconds after which a caller may come again; a take-over lasts a few."""


class Standby:
    """Answers 503 on ``sock`` until it is left; an asynchronous context manager. The socket stays open, and with it
    the queue of callers that were not let in yet."""

    def __init__(self, country: str, sock: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        self._country = country
        self._sock = sock
        self._tls = tls
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[problems])
        app.router.add_route("GET", "/health", loosely(self._health))
        app.router.add_route("*", "/{anything:.*}", loosely(self._later))
        runner = self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await runner.setup()
        await web.SockSite(runner, self._sock.dup(), ssl_context=self._tls).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _health(self, _: web.Request) -> web.Response:
        answer = answer_json({"status": "standby", "node": self._country}, 503)
        answer.headers["Retry-After"] = str(RETRY_AFTER)
        answer.headers["Connection"] = "close"
        return answer

    async def _later(self, _: web.Request) -> web.Response:
        raise unavailable("this process stands by; another one works for the node", RETRY_AFTER)


__all__ = ["Standby"]
