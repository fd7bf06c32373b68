"""One customs service as an HTTP service: the composition root of a node.

It wires core, store, writer, courier and the HTTP API together, listens, and stops cleanly. With an ``identity``
all its connections, both ways, are mutually authenticated (TLS).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Self

from aiohttp import web

from exchange.entries import FaultPlan
from exchange.faults import DeliveryFaults
from exchange.http import NEXT_DUE, NOTHING_DUE, Client
from exchange.limits import Limits, Timeouts
from exchange.members import Members
from exchange.messages import format_time
from exchange.signatures import PrivateKey
from exchange.store import Store
from exchange.trust import Identity, client_context, server_context
from nodes.api.batches import Batches
from nodes.api.clock import EARLIEST, Clock
from nodes.api.gate import Gate
from nodes.api.images import Images
from nodes.api.intake import Intake
from nodes.api.loose import loosely
from nodes.api.operating import Operating
from nodes.api.orders import Orders
from nodes.api.problems import Handler, problems
from nodes.api.pulse import Pulse
from nodes.api.reads import Reads, answer_json
from nodes.api.refusals import Refusals
from nodes.api.rounds import Rounds
from nodes.api.stepping import Stepping
from nodes.api.validate import Validation
from nodes.courier import Courier, Observer, run_live
from nodes.doubting import DoubtingClient
from nodes.fetching import Fetching
from nodes.listening import Door, ServiceError, at_work, listen, url_of
from nodes.memory import Core
from nodes.metrics import Backlog, Metrics, State
from nodes.openapi import describe
from nodes.outbox import Outbox
from nodes.patient import PatientClient
from nodes.writer import Writer


class NodeService:
    """The HTTP service of one node; an asynchronous context manager.

    ``store`` must be open and stays the caller's to close. ``stepped``: the clock is what callers tell, and
    ``POST /time`` works the timers and the outbox; else the wall clock does. ``patience``: wall seconds for which
    a stepped node holds the time while a partner cannot be reached (see :mod:`nodes.patient`). ``about`` is told to
    whoever asks ``GET /health``. ``skew``: by how much a live clock is wrong. ``speaks``: the class of the client by
    which it speaks to partners, where that is to be another.
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
        identity: Identity | None = None,
        insecure: bool = False,
        patience: float = 0.0,
        about: Mapping[str, Any] | None = None,
        skew: timedelta = timedelta(0),
        speaks: Callable[..., Client] | None = None,
    ) -> None:
        self.country = core.country
        self.stepped = stepped
        self._about = dict(about or {})
        self.url = url_of(sock, tls=identity is not None)
        self.clock = Clock(stepped=stepped, start=start_time, skew=skew)
        self._limits = limits or Limits()
        self._timeouts = timeouts or Timeouts()
        self._sock = sock
        self.outbox = Outbox(self._limits)
        self.metrics = Metrics(self._state)
        self.writer = Writer(
            core,
            store,
            key,
            self.clock.now,
            self.outbox,
            self._limits,
            self.metrics,
            fault_plan=fault_plan,
            linger=None if stepped else self._timeouts.marks,
        )
        shown = None if identity is None else client_context(identity, members)
        client: Callable[..., Client] = Client if stepped else DoubtingClient
        if stepped and patience > 0:
            client = partial(PatientClient, patience=patience)
        client = speaks or client
        self._client = client(
            members,
            lambda _: key,
            limits=self._limits,
            timeouts=self._timeouts,
            tls=None if shown is None else lambda _: shown,
            insecure=insecure,
        )
        self._courier = Courier(
            self._client,
            self.outbox,
            store,
            self.writer.mark,
            self.clock.now,
            self._limits,
            self.metrics,
            observer=observer,
            faults=fault_plan if isinstance(fault_plan, DeliveryFaults) else None,
            late=core.missed,
            follow=self.writer.follow,
        )
        self._fetching = Fetching(core, self._client, store, self.writer, self.clock.now, stepped=stepped)
        self.refusals = Refusals(self.writer.note, self._limits)
        self._tls = None if identity is None else server_context(identity, members, self.refusals.handshake)
        self._gate = Gate(members, self.clock, self._limits, self.country)
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
            self.metrics,
        )
        self._batches = Batches(self._intake, self.writer, self.refusals, self._limits)
        self._pulse = Pulse(self._limits)
        self._operating = Operating(
            self._gate, store, self.outbox, self.writer, self.metrics, self.clock.now, self._limits
        )
        self._orders = Orders(self.country, self._gate, self.writer, self.clock.now, self._limits)
        self._stepping = Stepping(
            self.country,
            self._gate,
            self.clock,
            self.writer,
            self._fetching,
            self._courier,
            self.outbox,
            self._client,
            self.next_due,
            self._timeouts.request,
        )
        self._images = Images(self._gate, store, self.writer, self._timeouts.request)
        self._reads = Reads(self.country, self._gate, store, self.writer, self._limits)
        self._validation = Validation(
            size=self._limits.body_bytes,
            patience=self._timeouts.request,
            retry_after_seconds=self._limits.retry_after_seconds,
            credential=self._gate.reader,
        )
        self._runner: web.AppRunner | None = None
        self._door: Door | None = None
        self._live: list[asyncio.Task[None]] = []

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
        self._door = Door(
            self._runner,
            self._sock,
            self.refusals.unknown,
            tls=self._tls,
            limits=self._limits,
            timeouts=self._timeouts,
        )
        await self._door.open()
        if not self.stepped:
            works = {"timers": (self.writer.next_due, self.writer.fire_due)}
            works["images"] = (self._fetching.next_due, self._fetching.begin_due)
            works["courier"] = (self._courier.next_due, self._courier.begin_due)
            self._live = [
                asyncio.create_task(
                    run_live(self.outbox.changed, next_due, self.clock.now, work), name=f"{name} {self.country}"
                )
                for name, (next_due, work) in works.items()
            ]

    async def stop(self) -> None:
        """Listen no more, answer what has been asked, finish what is queued and on its way, and store it.

        Each step waits for ``Timeouts.shutdown`` at most. What is asked meanwhile over open connections gets 503.
        """
        patience = self._timeouts.shutdown
        for task in self._live:
            task.cancel()
        if self._live:
            await asyncio.wait(self._live)
            self._live = []
        if self._door is not None:
            await self._door.close()
            self._door = None
        await asyncio.gather(self._pulse.stop(patience), self._courier.finish(patience), self._fetching.finish())
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        self._sock.close()
        await self._client.close()
        await self.writer.stop(patience)

    def next_due(self) -> datetime | None:
        """Return when the node next has something to do: a timer, an image to fetch or a message to send."""
        dues = (self.writer.next_due(), self._fetching.next_due(), self.outbox.next_due())
        times = [due for due in dues if due is not None]
        return min(times, default=None)

    def _state(self) -> State:
        """Return what :mod:`nodes.metrics` tells of this moment."""
        return State(
            queued=self.writer.queued,
            position=self.writer.head.position,
            requests=self._pulse.at_work,
            refused=dict(self.refusals.counts),
            now=self.clock.now(),
            backlogs=tuple(Backlog(lane.partner, len(lane), lane.oldest) for lane in self.outbox),
        )

    def _app(self) -> web.Application:
        stepped_answers = web.middleware(loosely(self._stepped_answers))
        app = web.Application(
            middlewares=[at_work, stepped_answers, problems, web.middleware(loosely(self._pulse.around))],
            client_max_size=self._limits.body_bytes,
        )

        def add(verb: str, path: str, method: Callable[..., Awaitable[web.StreamResponse]]) -> None:
            app.router.add_route(verb, path, loosely(method))

        add("POST", "/messages", self._intake.post)
        add("GET", "/messages/{id}", self._reads.message)
        add("GET", "/messages/{id}/receipt", self._reads.receipt)
        add("GET", "/messages/{id}/origin", self._reads.origin)
        add("GET", "/cases", self._reads.cases)
        add("GET", "/cases/{ucr}", self._reads.case)
        add("POST", "/cases/{ucr}/matters/{id}/answer", self._operating.answer)
        add("POST", "/cases/{ucr}/offers/{id}/refuse", self._orders.refuse)
        add("POST", "/lists/{id}", self._orders.change_list)
        add("POST", "/agreements/{id}", self._orders.assume)
        add("GET", "/images/{sha256}", self._images.get)
        add("PUT", "/images/{sha256}", self._images.put)
        add("GET", "/ledger/head", self._reads.ledger_head)
        add("GET", "/outbox", self._operating.outbox)
        add("POST", "/outbox/{id}/requeue", self._operating.requeue)
        add("GET", "/metrics", self._operating.metrics)
        add("POST", "/validate", self._validation.post)
        add("GET", "/health", self._health)
        add("GET", "/openapi.json", self._openapi)
        if self.stepped:
            add("POST", "/time", self._stepping.time)
        else:
            add("POST", "/batches", self._batches.post)
        return app

    async def _stepped_answers(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Tell the conductor with every answer when this node is due next."""
        response = await handler(request)
        if self.stepped:
            due = self.next_due()
            response.headers[NEXT_DUE] = NOTHING_DUE if due is None else format_time(due)
        return response

    async def _health(self, _: web.Request) -> web.Response:
        now = format_time(self.clock.now())
        return answer_json({"status": "ok", "node": self.country, "stepped": self.stepped, "now": now, **self._about})

    async def _openapi(self, _: web.Request) -> web.Response:
        return answer_json(describe(self.country, stepped=self.stepped))


__all__ = ["NodeService", "ServiceError", "listen", "url_of"]
