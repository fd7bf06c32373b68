"""``POST /time``: a stepped node does what is due at the time told: timers, then images to fetch, then its outbox."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from exchange.http import Client
from exchange.ledger import parse_time
from exchange.members import country, role
from exchange.messages import format_time
from nodes.api.clock import EARLIEST, Clock
from nodes.api.gate import LATEST, Gate
from nodes.api.problems import Problem
from nodes.api.reads import answer_json
from nodes.courier import Courier
from nodes.fetching import Fetching
from nodes.outbox import Outbox
from nodes.patient import PatientClient, Unreached
from nodes.writer import WriteFailed, Writer

LONGEST_BODY = 1000


class Stepping:
    """Steps one node. ``patience``: wall seconds within which a body must have come."""

    def __init__(
        self,
        node: str,
        gate: Gate,
        clock: Clock,
        writer: Writer,
        fetching: Fetching,
        courier: Courier,
        outbox: Outbox,
        client: Client,
        next_due: Callable[[], datetime | None],
        patience: float,
    ) -> None:
        self._node = node
        self._gate = gate
        self._clock = clock
        self._writer = writer
        self._fetching = fetching
        self._courier = courier
        self._outbox = outbox
        self._client = client
        self._next_due = next_due
        self._patience = patience
        self._turn = asyncio.Lock()

    async def time(self, request: web.Request) -> web.Response:
        """Answer what time it is now, when the node is due next, and what was learned of its partners."""
        data = await self._body(request)
        member = self._gate.reader(request, data)
        if country(member) != self._node or role(member) == "participant":
            raise Problem(403, "forbidden", f"{member} does not step this node; its operator does")
        now, back = _told(data)
        async with self._turn:
            return answer_json(await self._step(now, back))

    async def _step(self, now: datetime, back: bool) -> dict[str, Any]:
        if back and self._next_due() is None:
            self._clock.set_back(now)
        self._clock.tell(now)
        now = self._clock.now()
        patient = self._client if isinstance(self._client, PatientClient) else None
        if patient is not None:
            patient.lost.clear()
        try:
            await self._writer.fire_due(now)
            await self._fetching.fetch_due(now)
        except WriteFailed as error:
            raise Problem(500, "internal", str(error)) from error
        except Unreached as error:
            raise Problem(504, "unreached", str(error)) from error
        reached = await self._courier.send_due(now)
        if patient is not None and patient.lost:
            raise Problem(504, "unreached", "; ".join(patient.lost.values()))
        partners: dict[str, dict[str, Any]] = {}
        for partner, learned in sorted(reached.items()):
            partners[partner] = {"queued": self._outbox.queued(partner)}
            if learned.answered:
                partners[partner]["next_due"] = _written(learned.next_due)
        return {"now": format_time(now), "next_due": _written(self._next_due()), "partners": partners}

    async def _body(self, request: web.Request) -> bytes:
        if request.content_length is None or request.content_length > LONGEST_BODY:
            raise Problem(413, "too-large", f"the body is at most {LONGEST_BODY} bytes of JSON")
        try:
            async with asyncio.timeout(self._patience):
                return await request.read()
        except TimeoutError as error:
            raise Problem(408, "too-slow", "the body did not come", headers={"Connection": "close"}) from error


def _told(data: bytes) -> tuple[datetime, bool]:
    """Return the time told, and whether a node with nothing due may go back to it (a new run begins)."""
    try:
        given = json.loads(data)
        now, back = parse_time(given["now"]), given.get("back") is True
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Problem(400, "bad-body", 'the body is {"now": "2026-01-01T00:00:00Z"}') from error
    if not EARLIEST <= now <= LATEST:
        raise Problem(400, "bad-body", f"no node works before {EARLIEST:%Y} or after {LATEST:%Y}; tell a time between")
    return now, back


def _written(due: datetime | None) -> str | None:
    return None if due is None else format_time(due)


__all__ = ["Stepping"]
