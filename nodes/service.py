"""One customs service as an HTTP service: the composition root of a node.

It wires core, store, writer, courier and the HTTP API together, listens on loopback, and stops cleanly.
Beyond loopback it does not listen at all until connections are mutually authenticated (TLS).
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Self

from aiohttp import web

from exchange.entries import FaultPlan
from exchange.errors import CorridorError
from exchange.http import NEXT_DUE, NOTHING_DUE, Client
from exchange.ledger import parse_time
from exchange.limits import Limits, Timeouts
from exchange.members import Members, country, role
from exchange.messages import format_time
from exchange.signatures import PrivateKey
from exchange.store import Store
from nodes.api.clock import EARLIEST, Clock
from nodes.api.gate import Gate
from nodes.api.intake import Intake
from nodes.api.loose import loosely
from nodes.api.problems import Handler, Problem, problems
from nodes.api.reads import Reads, answer_json
from nodes.api.refusals import Refusals
from nodes.api.rounds import Rounds
from nodes.api.validate import Validation
from nodes.courier import Courier, Observer, Outbox, run_live
from nodes.memory import Core
from nodes.openapi import describe
from nodes.writer import WriteFailed, Writer

LONGEST_TIME_BODY = 1000


class ServiceError(CorridorError):
    """A node cannot listen where it was told to."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to a loopback address; port 0 takes a free one.

    Raise :class:`ServiceError` if the address is not loopback, or the port is in use or not allowed.
    """
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError as error:
        raise ServiceError(f"{host} is no IP address; use 127.0.0.1 or ::1") from error
    if not address.is_loopback:
        raise ServiceError(
            f"will not listen on {host}: beyond loopback a node needs TLS, which this version has not; use 127.0.0.1"
        )
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((str(address), port))
        sock.listen(1024)
    except (OSError, OverflowError) as error:
        sock.close()
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        reason = "the port is in use; stop what uses it or choose another" if taken else str(error)
        raise ServiceError(f"cannot listen on {host} port {port}: {reason}") from error
    sock.setblocking(False)
    return sock


def url_of(sock: socket.socket) -> str:
    """Return the base URL of a socket made by :func:`listen`."""
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class NodeService:
    """The HTTP service of one node; an asynchronous context manager.

    ``store`` must be open and stays the caller's to close. ``stepped``: the clock is what callers tell, and
    ``POST /time`` works the timers and the outbox; else the wall clock does.
    """

    def __init__(
        self,
        core: Core,
        store: Store,
        key: PrivateKey,
        members: Members,
        sock: socket.socket,
        *,
        stepped: bool = False,
        start_time: datetime = EARLIEST,
        limits: Limits | None = None,
        timeouts: Timeouts | None = None,
        fault_plan: FaultPlan | None = None,
        observer: Observer | None = None,
    ) -> None:
        self.country = core.country
        self.stepped = stepped
        self.url = url_of(sock)
        self.clock = Clock(stepped=stepped, start=start_time)
        self._limits = limits or Limits()
        self._timeouts = timeouts or Timeouts()
        self._sock = sock
        self.outbox = Outbox(self._limits)
        self.writer = Writer(core, store, key, self.clock.now, self.outbox, self._limits, fault_plan=fault_plan)
        self._client = Client(members, lambda _: key, limits=self._limits, timeouts=self._timeouts)
        self._courier = Courier(self._client, self.outbox, store, self.writer.mark, self._limits, observer=observer)
        self.refusals = Refusals(self.writer.note, self._limits)
        self._gate = Gate(members, self.clock, self._limits)
        rounds = Rounds(self.writer.submit, self._timeouts.gather)
        self._intake = Intake(
            self.country,
            self._gate,
            self.clock,
            self.writer,
            rounds,
            self.refusals,
            self._limits,
            self._timeouts.request,
        )
        self._reads = Reads(self.country, self._gate, store, self.writer, self._limits)
        self._validation = Validation(
            size=self._limits.body_bytes,
            patience=self._timeouts.request,
            retry_after_seconds=self._limits.retry_after_seconds,
            credential=self._gate.reader,
        )
        self._stepping = asyncio.Lock()
        self._runner: web.AppRunner | None = None
        self._live: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Take up where the store stopped, then listen. What was begun is ended again if that fails."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        await self.writer.start()
        await self._client.open()
        self._runner = web.AppRunner(
            self._app(),
            access_log=None,
            handle_signals=False,
            keepalive_timeout=self._timeouts.keep_alive,
            shutdown_timeout=self._timeouts.shutdown,
        )
        await self._runner.setup()
        await web.SockSite(self._runner, self._sock).start()
        if not self.stepped:
            self._live = asyncio.create_task(
                run_live(self.outbox, self.next_due, self.clock.now, self._work), name=f"courier {self.country}"
            )

    async def stop(self) -> None:
        """Listen no more, finish what is queued, store what was delivered."""
        if self._live is not None:
            self._live.cancel()
            await asyncio.wait([self._live])
            self._live = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        self._sock.close()
        await self._client.close()
        await self.writer.stop(self._timeouts.shutdown)

    def next_due(self) -> datetime | None:
        """Return when the node next has something to do: a timer or a message to send."""
        times = [due for due in (self.writer.next_due(), self.outbox.next_due()) if due is not None]
        return min(times, default=None)

    async def _work(self, now: datetime) -> None:
        try:
            await self.writer.fire_due(now)
        finally:
            await self._courier.send_due(now, rounds=False)
            self.writer.flush()

    def _app(self) -> web.Application:
        stepped_answers = web.middleware(loosely(self._stepped_answers))
        app = web.Application(middlewares=[stepped_answers, problems], client_max_size=self._limits.body_bytes)

        def add(verb: str, path: str, method: Callable[..., Awaitable[web.StreamResponse]]) -> None:
            app.router.add_route(verb, path, loosely(method))

        add("POST", "/messages", self._intake.post)
        add("GET", "/messages/{id}", self._reads.message)
        add("GET", "/messages/{id}/receipt", self._reads.receipt)
        add("GET", "/cases", self._reads.cases)
        add("GET", "/cases/{ucr}", self._reads.case)
        add("GET", "/ledger/head", self._reads.ledger_head)
        add("POST", "/validate", self._validation.post)
        add("GET", "/health", self._health)
        add("GET", "/openapi.json", self._openapi)
        if self.stepped:
            add("POST", "/time", self._time)
        return app

    async def _stepped_answers(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Tell the conductor with every answer when this node is due next."""
        response = await handler(request)
        if self.stepped:
            due = self.next_due()
            response.headers[NEXT_DUE] = NOTHING_DUE if due is None else format_time(due)
        return response

    async def _health(self, _: web.Request) -> web.Response:
        return answer_json({"status": "ok", "node": self.country, "stepped": self.stepped})

    async def _openapi(self, _: web.Request) -> web.Response:
        return answer_json(describe(self.country, stepped=self.stepped))

    async def _time(self, request: web.Request) -> web.Response:
        """``POST /time``: do what is due at the time told: timers first, then the outbox."""
        member = self._gate.reader(request)
        if country(member) != self.country or role(member) == "participant":
            raise Problem(403, "forbidden", f"{member} does not step this node; its operator does")
        now = await self._told_time(request)
        async with self._stepping:
            self.clock.tell(now)
            now = self.clock.now()
            try:
                await self.writer.fire_due(now)
            except WriteFailed as error:
                raise Problem(500, "internal", str(error)) from error
            reached = await self._courier.send_due(now, rounds=True)
        partners = {}
        for partner, learned in sorted(reached.items()):
            partners[partner] = {"queued": self.outbox.queued(partner)}
            if learned.answered:
                due = learned.next_due
                partners[partner]["next_due"] = None if due is None else format_time(due)  # type: ignore[assignment]
        due = self.next_due()
        return answer_json(
            {"now": format_time(now), "next_due": None if due is None else format_time(due), "partners": partners}
        )

    async def _told_time(self, request: web.Request) -> datetime:
        if request.content_length is None or request.content_length > LONGEST_TIME_BODY:
            raise Problem(413, "too-large", f"the body is at most {LONGEST_TIME_BODY} bytes of JSON")
        try:
            given = await request.json()
            return parse_time(given["now"])
        except (ValueError, KeyError, TypeError) as error:
            raise Problem(400, "bad-body", 'the body is {"now": "2026-01-01T00:00:00Z"}') from error


__all__ = ["NodeService", "ServiceError", "listen", "url_of"]
