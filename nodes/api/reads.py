"""What members may read: messages, receipts, cases, the ledger's head.

The service itself and its operators see all; partners, traders and posts the messages that they sent or were sent,
and of their cases what follows from these. What a caller may not see is answered like what does not exist.
"""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from exchange.codec import decode
from exchange.http import SIGNATURE, XML
from exchange.limits import Limits
from exchange.members import country, role
from exchange.origin import original_named
from exchange.store import Store, StoredMessage
from nodes.api.gate import Gate
from nodes.api.problems import Problem
from nodes.memory import Core
from nodes.need_to_know import for_reader, row_for_reader
from nodes.writer import Writer


def answer_json(value: Any, status: int = 200) -> web.Response:
    """Return ``value`` as a JSON answer."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return web.Response(status=status, body=body, content_type="application/json")


class Reads:
    """Answers the GET calls of one node."""

    def __init__(self, node: str, gate: Gate, store: Store, writer: Writer, limits: Limits) -> None:
        self._node = node
        self._gate = gate
        self._store = store
        self._writer = writer
        self._limits = limits

    def _sees_all(self, member: str) -> bool:
        return country(member) == self._node and role(member) in ("service", "operator")

    async def message(self, request: web.Request) -> web.Response:
        """``GET /messages/{id}``: the stored bytes, and in the header the signature that they came or went under.

        A node's own messages are signed anew each time they are sent; of these it keeps only the signatures of the
        immediate answers to what it accepted.
        """
        found = await self._one_message(request)
        signature = found.signature or await self._answered_under(found)
        headers = {} if signature is None else {SIGNATURE: signature}
        return web.Response(body=found.data, content_type=XML, charset="utf-8", headers=headers)

    async def _answered_under(self, found: StoredMessage) -> str | None:
        """Return the signature of a message that went back at once with a receipt, if it is such a message."""
        if found.sender != self._node:
            return None
        cause = decode(found.data).header.correlation_id
        for one in await self._store.accepted(cause, found.recipient) if cause else ():
            for reply in one.replies:
                if (reply.sender, reply.id) == (found.sender, found.id):
                    return reply.signature
        return None

    async def receipt(self, request: web.Request) -> web.Response:
        """``GET /messages/{id}/receipt``: ours for what we accepted, the partner's for what we delivered."""
        found = await self._one_message(request)
        token = None
        accepted = await self._store.accepted(found.id, found.sender)
        if accepted:
            token = accepted[0].receipt
        elif found.sender == self._node:
            sent = await self._store.outbox(message_id=found.id)
            token = sent[0].receipt if sent else None
        if token is None:
            raise Problem(404, "not-found", f"message {found.id} has no receipt (yet)")
        return answer_json({"receipt": token})

    async def origin(self, request: web.Request) -> web.Response:
        """``GET /messages/{id}/origin``: of a control result that this service passed on, the one it was made from.

        The bytes are those that the originator signed, its signature stands in the header. Whoever may read what was
        passed on may read this: the originator let it go further (:mod:`exchange.origin`).
        """
        found = await self._one_message(request)
        passed_on = decode(found.data)
        named = original_named(passed_on) if found.sender == self._node else None
        for one in await self._store.message(passed_on.header.correlation_id or "") if named else ():
            if one.recipient == self._node and one.case == found.case and one.signature is not None:
                headers = {SIGNATURE: one.signature}
                return web.Response(body=one.data, content_type=XML, charset="utf-8", headers=headers)
        raise Problem(404, "not-found", f"message {found.id} passes on no result of another service")

    async def _one_message(self, request: web.Request) -> StoredMessage:
        member = self._gate.reader(request)
        message_id = request.match_info["id"]
        sender = request.query.get("sender")
        found = [
            one
            for one in await self._store.message(message_id)
            if sender in (None, one.sender) and self._may_read(member, one)
        ]
        if not found:
            text = f"no message {message_id} among those that {member} may read"
            raise Problem(404, "not-found", text if sender is None else f"{text} is from {sender}")
        if len(found) > 1:
            senders = ", ".join(one.sender for one in found)
            raise Problem(409, "conflict", f"several senders used the id {message_id}; add ?sender= one of {senders}")
        return found[0]

    def _may_read(self, member: str, one: StoredMessage) -> bool:
        return self._sees_all(member) or member in (one.sender, one.recipient)

    async def cases(self, request: web.Request) -> web.Response:
        """``GET /cases``: short rows, those with the latest entries first; ``?limit=`` how many."""
        member = self._gate.reader(request)
        text = request.query.get("limit", "100")
        if not text.isdecimal() or not 1 <= int(text) <= self._limits.listed_cases:
            raise Problem(400, "bad-query", f"limit is a number from 1 to {self._limits.listed_cases}")
        rows = await self._store.cases(int(text), None if self._sees_all(member) else member)
        ucrs = [row.case for row in rows]

        def see(core: Core) -> list[dict[str, Any]]:
            if not self._sees_all(member):
                views = (core.view(ucr) for ucr in ucrs if core.may_read(member, ucr))
                return [row_for_reader(view, member) for view in views if view is not None]
            known = {row["ucr"]: row for row in core.cases()}
            return [known[ucr] for ucr in ucrs if ucr in known]

        return answer_json({"cases": await self._writer.look(ucrs, see)})

    async def case(self, request: web.Request) -> web.Response:
        """``GET /cases/{ucr}``: states, timeline, control results, recognitions."""
        member = self._gate.reader(request)
        ucr = request.match_info["ucr"]

        def see(core: Core) -> dict[str, Any] | None:
            view = core.view(ucr)
            if view is None or self._sees_all(member):
                return view
            return for_reader(view, member) if core.may_read(member, ucr) else None

        view = await self._writer.look([ucr], see)
        if not ucr or view is None:
            raise Problem(404, "not-found", f"no case {ucr} among those that {member} may read")
        return answer_json(view)

    async def ledger_head(self, request: web.Request) -> web.Response:
        """``GET /ledger/head``: the last position (0 if there is none) and its hash."""
        self._gate.reader(request)
        return answer_json({"position": self._writer.head.position, "hash": self._writer.head.hash})


__all__ = ["Reads", "answer_json"]
