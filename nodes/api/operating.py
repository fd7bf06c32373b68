"""What a node's own operators see and do: its figures, and the messages that wait, failed or were given up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, get_args

from aiohttp import web

from exchange.limits import Limits
from exchange.messages import format_time
from exchange.store import OutboxRow, OutboxState, Store, TimerRow
from exchange.tracing import trace_id
from nodes.api.answers import read_answer
from nodes.api.gate import Gate
from nodes.api.problems import Problem, unavailable
from nodes.api.reads import answer_json
from nodes.decide import ORDER
from nodes.failures import WriteFailed
from nodes.lane import Lane
from nodes.listening import is_loopback
from nodes.memory import Core
from nodes.metrics import CONTENT_TYPE, Metrics
from nodes.outbox import Outbox
from nodes.settling import question
from nodes.writer import Writer

REQUEUED = frozenset({"dead", "rejected", "lost"})
"""States from which a message may be sent again."""
STATES = tuple(state for state in get_args(OutboxState) if state != "expired")


class Operating:
    """Answers the operators of one node."""

    def __init__(
        self,
        gate: Gate,
        store: Store,
        outbox: Outbox,
        writer: Writer,
        metrics: Metrics,
        now: Callable[[], datetime],
        limits: Limits,
    ) -> None:
        self._gate = gate
        self._store = store
        self._outbox = outbox
        self._writer = writer
        self._metrics = metrics
        self._now = now
        self._limits = limits

    async def metrics(self, request: web.Request) -> web.Response:
        """``GET /metrics``: open to callers on this machine, else to operators."""
        if not is_loopback(request.remote or ""):
            self._gate.operator(request)
        return web.Response(body=self._metrics.page(), headers={"Content-Type": CONTENT_TYPE})

    async def outbox(self, request: web.Request) -> web.Response:
        """``GET /outbox``: rows in the order (due, case, ordinal), and how the lanes stand; ``?state=``, ``?partner=``,
        ``?limit=``."""
        self._gate.operator(request)
        state = request.query.get("state")
        if state is not None and state not in STATES:
            raise Problem(400, "bad-query", f"state is one of {', '.join(STATES)}")
        text = request.query.get("limit", "100")
        if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:9]) <= self._limits.listed_deliveries:
            raise Problem(400, "bad-query", f"limit is a number from 1 to {self._limits.listed_deliveries}")
        partner = request.query.get("partner")
        rows = await self._store.outbox(state, recipient=partner, limit=int(text))
        lanes = [_lane(lane) for lane in sorted(self._outbox, key=lambda lane: lane.partner) if len(lane)]
        return answer_json({"messages": [outbox_json(row) for row in rows], "lanes": lanes})

    async def requeue(self, request: web.Request) -> web.Response:
        """``POST /outbox/{id}/requeue``: send again what was given up, rejected or lost, from now on."""
        self._gate.operator(request)
        message_id = request.match_info["id"]
        found = await self._store.outbox(message_id=message_id)
        if not found:
            raise Problem(404, "not-found", f"no message {message_id} in the outbox")
        row = found[0]
        if row.state not in REQUEUED:
            raise Problem(409, "conflict", f"message {message_id} is {row.state}; only what is dead, rejected or lost")
        row = requeued(row, self._now(), self._limits)
        if not await self._writer.keep(row):
            raise unavailable("the change could not be stored", self._limits.retry_after_seconds)
        self._outbox.lane(row.recipient).wake()
        self._outbox.put(row)
        return answer_json(outbox_json(row))

    async def answer(self, request: web.Request) -> web.Response:
        """``POST /cases/{ucr}/matters/{id}/answer``: what a person found out about a request for assistance (MAQ) or a
        notice of discrepancies (DSC); see :func:`nodes.api.answers.read_answer` for the query."""
        member = self._gate.operator(request)
        ucr, matter = request.match_info["ucr"], request.match_info["id"]
        given = read_answer(request.query, member)

        def asked(core: Core) -> str | None:
            case = core.case(ucr)
            found = None if case is None else question(case, matter)
            return None if found is None else found.CODE

        code = await self._writer.look([ucr], asked) if ucr else None
        if code is None:
            raise Problem(404, "not-found", f"case {ucr} has no open matter {matter} that a person here may answer")
        if code == "DSC" and given.explained is None:
            raise Problem(400, "bad-query", "a notice of discrepancies is answered with explained=yes or explained=no")
        purpose = f"{ORDER}:{matter}:{given.written()}"
        try:
            await self._writer.follow([TimerRow(self._now(), ucr, purpose)])
        except WriteFailed as error:
            raise unavailable("the answer could not be stored", self._limits.retry_after_seconds) from error
        return answer_json({"case": ucr, "matter": matter, "code": code, "answered_by": member})


def requeued(row: OutboxRow, now: datetime, limits: Limits) -> OutboxRow:
    """Return ``row`` pending again from ``now`` on, for a life of its own."""
    return row._replace(state="pending", due=now, until=now + limits.delivery_life, settled=None, detail=None)


def outbox_json(row: OutboxRow) -> dict[str, Any]:
    """Return an outbox row as plain JSON."""
    return {
        "message": row.message_id,
        "partner": row.recipient,
        "case": row.case,
        "ordinal": row.ordinal,
        "state": row.state,
        "attempts": row.attempts,
        "since": format_time(row.since),
        "due": format_time(row.due),
        "until": _written(row.until),
        "settled": _written(row.settled),
        "detail": row.detail,
        "trace": trace_id(row.trace),
    }


def _lane(lane: Lane) -> dict[str, Any]:
    return {
        "partner": lane.partner,
        "messages": len(lane),
        "in_flight": len(lane.in_flight),
        "failures": lane.failures,
        "closed_until": _written(lane.closed_until),
        "oldest_due": _written(lane.oldest),
    }


def _written(at: datetime | None) -> str | None:
    return None if at is None else format_time(at)


__all__ = ["REQUEUED", "STATES", "Operating", "outbox_json", "requeued"]
