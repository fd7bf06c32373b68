"""``POST /messages``: the refusals in their promised order, then the writer.

415 type → 413 size → 401 signature → 400 not XML → 403 sender → replay, or 409 → 401 window → 422 invalid →
403 no agreement; 429 and 503 at any point.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from datetime import datetime
from time import perf_counter
from typing import Any

from aiohttp import web

from exchange.batches import Part
from exchange.errors import CorridorError, InvalidMessage, NotXML
from exchange.http import BATCH, BATCHES, REPLAYED, SIGNATURE, XML
from exchange.limits import Limits
from exchange.members import country, role
from exchange.messages import Message
from exchange.signatures import digest
from exchange.tracing import current
from exchange.validation import peek_header
from nodes.api.clock import Clock
from nodes.api.gate import Gate
from nodes.api.problems import Problem, unavailable
from nodes.api.refusals import Refusals
from nodes.api.rounds import Rounds, parse_batch
from nodes.failures import OutOfTurn, QueueFull, StoreFails, WriteFailed
from nodes.logs import about
from nodes.metrics import Metrics
from nodes.plan import Job, Outcome
from nodes.writer import Writer

log = logging.getLogger("corridor.node")
LONG = 200_000
"""Bytes above which a message is read in a thread, so that other callers are not held up."""


class Intake:
    """Takes messages in for one node. ``patience``: wall seconds within which a body must have come."""

    def __init__(
        self,
        node: str,
        gate: Gate,
        clock: Clock,
        writer: Writer,
        rounds: Rounds,
        refusals: Refusals,
        limits: Limits,
        patience: float,
        metrics: Metrics,
    ) -> None:
        self._node = node
        self._gate = gate
        self._clock = clock
        self._writer = writer
        self._rounds = rounds
        self._refusals = refusals
        self._limits = limits
        self._patience = patience
        self._metrics = metrics
        self._takes = str(limits.batch_messages)

    async def post(self, request: web.Request) -> web.Response:
        """Answer one message: 202 with receipt and replies, or raise the :class:`Problem` that refuses it."""
        begun = perf_counter()
        try:
            return await self._post(request)
        finally:
            self._metrics.intake.observe(perf_counter() - begun)

    async def _post(self, request: web.Request) -> web.Response:
        try:
            self._room()
            data = await self.body(request, (XML, "text/xml"), "a message")
            now = self._gate.told(request)
            member, iat = self._gate.signer(request, data, now)
        except Problem as problem:
            self._refusals.unknown(problem, request.remote)
            raise
        self._clock.tell(now)
        sha256 = digest(data)
        batch = None
        try:
            self._gate.connected(request, member)
            batch = self._batch(request)
            found = await self._judge(data, sha256, (member, iat, request.headers.get(SIGNATURE)), now)
            if isinstance(found, Job):
                outcome = await self._decided(found, member, batch)
            else:
                outcome = found
                if batch is not None:
                    await self._rounds.hand_in(_source(member), *batch, None)
        except _Refused as refused:
            self._refusals.known(refused.problem, member, sha256, now)
            if batch is not None:
                await self._rounds.hand_in(_source(member), *batch, None)
            raise refused.problem from refused
        except Problem as problem:
            self._refusals.known(problem, member, sha256, now)
            raise
        headers = {REPLAYED: "true"} if outcome.replayed else {}
        if not self._clock.stepped:
            headers[BATCHES] = self._takes
        body = json.dumps(said(outcome), ensure_ascii=False).encode()
        return web.Response(status=202, body=body, content_type="application/json", headers=headers)

    # --- several at once ----------------------------------------------------------------------------------

    def room(self, request: web.Request) -> datetime:
        """Return node time; raise the 503 :class:`Problem` if nothing further can be queued."""
        self._room()
        return self._gate.told(request)

    async def admit(self, request: web.Request, part: Part, now: datetime) -> Job | Outcome:
        """Pass one part of a batch through all gates: return what is to be decided, or what was answered before.

        Raise the :class:`Problem` that refuses it.
        """
        try:
            member, iat = self._gate.signed(part.signature, part.data, now)
        except Problem as problem:
            self._refusals.unknown(problem, request.remote)
            raise
        sha256 = digest(part.data)
        try:
            self._gate.connected(request, member)
            return await self._judge(part.data, sha256, (member, iat, part.signature), now)
        except _Refused as refused:
            self._refusals.known(refused.problem, member, sha256, now)
            raise refused.problem from refused
        except Problem as problem:
            self._refusals.known(problem, member, sha256, now)
            raise

    async def decided(self, job: Job, now: datetime) -> Outcome:
        """Return what becomes of a part that was submitted. Raise the :class:`Problem` that refuses it."""
        member = job.message.header.sender
        try:
            return await self._decided(job, member, None, submitted=True)
        except Problem as problem:
            self._refusals.known(problem, member, job.sha256, now)
            raise

    # --- gates --------------------------------------------------------------------------------------------

    def _room(self) -> None:
        if self._writer.full:
            raise unavailable("the node has more messages waiting than it can take", self._limits.retry_after_seconds)

    async def body(self, request: web.Request, types: Sequence[str], what: str) -> bytes:
        """Return the body of a request of one of ``types``, the first named in refusals. Raise :class:`Problem`."""
        if request.content_type not in types:
            raise Problem(415, "unsupported-type", f"{what} is {types[0]}, not {request.content_type}")
        if (request.charset or "utf-8").lower() not in ("utf-8", "utf8"):
            raise Problem(415, "unsupported-type", f"{what} is UTF-8, not {request.charset}")
        if "Content-Encoding" in request.headers:
            raise Problem(415, "unsupported-type", f"{what} is sent as it is signed, without Content-Encoding")
        longest = self._limits.body_bytes
        if request.content_length is not None and request.content_length > longest:
            raise _too_large(longest)
        try:
            async with asyncio.timeout(self._patience):
                return await request.read()
        except web.HTTPRequestEntityTooLarge as error:
            raise _too_large(longest) from error
        except TimeoutError as error:
            text = f"the message did not come within {self._patience:g} s"
            raise Problem(408, "too-slow", text, headers={"Connection": "close"}) from error

    def _batch(self, request: web.Request) -> tuple[int, int] | None:
        text = request.headers.get(BATCH)
        if text is None or not self._clock.stepped:
            return None
        try:
            return parse_batch(text, self._limits.round_messages)
        except ValueError as error:
            raise Problem(400, "bad-header", str(error)) from error

    async def _judge(
        self, data: bytes, sha256: str, signed: tuple[str, datetime, str | None], now: datetime
    ) -> Job | Outcome:
        """Return what is to be decided on, or what was answered before. ``signed``: by whom, when, and the signature.

        Raise :class:`_Refused`.
        """
        member, iat, signature = signed
        message, invalid = await self._read(data)
        if message is not None:
            sender, message_id = message.header.sender, message.header.message_id
        else:
            header = peek_header(data)
            sender = (header.sender if header else None) or ""
            message_id = (header.message_id if header else None) or ""
        if sender != member and (message is not None or sender):
            raise _Refused(403, "sender", f"the key is {member}'s, but the message says its sender is {sender}")
        known = await self._writer.memory.digest_of(member, message_id) if message_id else None
        if known == sha256:
            self._metrics.accepted("", replayed=True)
            return await self._writer.memory.answered(member, message_id)
        if known is not None:
            raise _Refused(409, "conflict", f"{member} has used the id {message_id} for other bytes; take a new id")
        try:
            self._gate.in_window(iat, now)
        except Problem as problem:
            raise _Refused.of(problem) from problem
        if message is None:
            raise invalid or _Refused(422, "invalid", "the message is invalid")
        if message.header.recipient != self._node:
            text = f"the message is for {message.header.recipient}; this node is {self._node}"
            raise _Refused(422, "invalid", text)
        if role(member) == "operator":
            raise _Refused(403, "role", f"{member} operates a node; it declares and reports nothing")
        if role(member) != "service" and country(member) != self._node:
            text = f"{member} is no post or trader of {self._node}; it speaks through its own service"
            raise _Refused(403, "no-agreement", text)
        return Job(message, data, sha256, _future(), signature, current.get())

    async def _read(self, data: bytes) -> tuple[Message | None, _Refused | None]:
        try:
            if len(data) > LONG:
                return await asyncio.to_thread(self._writer.core.read, data), None
            return self._writer.core.read(data), None
        except NotXML as error:
            raise _Refused.of(Problem(400, "not-xml", str(error), errors=[error.finding.as_json()])) from error
        except InvalidMessage as error:
            errors = [finding.as_json() for finding in error.findings]
            return None, _Refused.of(Problem(422, "invalid", str(error), errors=errors))

    async def _decided(
        self, job: Job, member: str, batch: tuple[int, int] | None, *, submitted: bool = False
    ) -> Outcome:
        try:
            if submitted:
                pass
            elif batch is None:
                self._writer.submit([job])
            else:
                await self._rounds.hand_in(_source(member), *batch, job)
            outcome = await job.done
        except QueueFull as error:
            status = 429 if error.share else 503
            raise unavailable(str(error), self._limits.retry_after_seconds, status=status) from error
        except (StoreFails, OutOfTurn) as error:
            raise unavailable(str(error), self._limits.retry_after_seconds) from error
        except WriteFailed as error:
            raise Problem(500, "internal", "the node could not work this message; its log says why") from error
        if outcome.refusal is not None:
            refusal = outcome.refusal
            raise Problem(refusal.status, refusal.code, refusal.text)
        log.info(
            "%s %s of %s",
            "answered again" if outcome.replayed else "accepted",
            job.message.CODE,
            member,
            extra=about(message=job.message.header.message_id, case=job.message.ucr),
        )
        return outcome


class _Refused(CorridorError):
    """A refusal of a message that has not been handed to a round yet."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.problem = Problem(status, code, text)

    @classmethod
    def of(cls, problem: Problem) -> _Refused:
        made = cls(problem.status, problem.code, problem.detail)
        made.problem = problem
        return made


def _future() -> asyncio.Future[Outcome]:
    return asyncio.get_running_loop().create_future()


def _source(member: str) -> str:
    """Who a round comes from: a partner service, or the node's own posts and traders together."""
    return member if role(member) == "service" else ""


def _too_large(longest: int) -> Problem:
    return Problem(413, "too-large", f"a message has at most {longest} bytes")


def said(outcome: Outcome) -> dict[str, Any]:
    """Return what is said to the sender of a message that was accepted."""
    assert outcome.accepted is not None
    replies = [{"message": reply.data.decode(), "signature": reply.signature} for reply in outcome.replies]
    return {"receipt": outcome.accepted.receipt, "replies": replies}


__all__ = ["Intake", "said"]
