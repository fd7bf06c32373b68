"""``POST /batches``: several messages of one partner in one request, each judged and answered as by itself.

What passes the gates is handed to the writer at once, so that it is written in one transaction. The answer is 200 with
the answers in the order of the messages; a problem document refuses the batch as a whole. Live nodes only: the rounds
of stepped ones have a form of their own (``Pix-Batch``).
"""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import Any

from aiohttp import web

from exchange.batches import CONTENT_TYPE, Part, read_batch
from exchange.limits import Limits
from exchange.tracing import current, going_on
from nodes.api.intake import Intake, said
from nodes.api.problems import Problem, unavailable
from nodes.api.refusals import Refusals
from nodes.plan import Job, Outcome
from nodes.writer import QueueFull, Writer


class Batches:
    """Takes batches in for one node."""

    def __init__(self, intake: Intake, writer: Writer, refusals: Refusals, limits: Limits) -> None:
        self._intake = intake
        self._writer = writer
        self._refusals = refusals
        self._limits = limits
        self._reading = asyncio.Lock()
        """Batches are read one after the other, so that the first is stored and answered while the next is read."""

    async def post(self, request: web.Request) -> web.Response:
        """Answer a batch: 200 with an answer to each message, or raise the :class:`Problem` that refuses all."""
        try:
            now = self._intake.room(request)
            body = await self._intake.body(request, (CONTENT_TYPE,), "a batch")
            parts = read_batch(body, self._limits.batch_messages)
        except ValueError as error:
            bad = Problem(400, "bad-body", str(error))
            self._refusals.unknown(bad, request.remote)
            raise bad from error
        except Problem as problem:
            self._refusals.unknown(problem, request.remote)
            raise
        found: list[Job | Outcome | Problem] = []
        async with self._reading:
            for part in parts:
                found.append(await self._admitted(request, part, now))
                await asyncio.sleep(0)
        try:
            self._writer.submit([one for one in found if isinstance(one, Job)])
        except QueueFull as error:
            full = unavailable(str(error), self._limits.retry_after_seconds, status=429 if error.share else 503)
            found = [full if isinstance(one, Job) else one for one in found]
        answers = [await self._answer(one, now) for one in found]
        return web.Response(
            body=json.dumps({"answers": answers}, ensure_ascii=False).encode(), content_type="application/json"
        )

    async def _admitted(self, request: web.Request, part: Part, now: datetime) -> Job | Outcome | Problem:
        token = current.set(going_on(part.trace))
        try:
            return await self._intake.admit(request, part, now)
        except Problem as problem:
            return problem
        finally:
            current.reset(token)

    async def _answer(self, found: Job | Outcome | Problem, now: datetime) -> dict[str, Any]:
        if isinstance(found, Job):
            token = current.set(found.trace)
            try:
                found = await self._intake.decided(found, now)
            except Problem as problem:
                found = problem
            finally:
                current.reset(token)
        if isinstance(found, Problem):
            wait = found.headers.get("Retry-After")
            return found.as_json() | ({"retry_after": int(wait)} if wait is not None else {})
        return {"status": 202, **said(found)} | ({"replayed": True} if found.replayed else {})


__all__ = ["Batches"]
