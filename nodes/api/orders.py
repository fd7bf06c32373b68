"""Orders of a node's own operators: refuse an offered result, change the list of participants, assume an agreement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from re import fullmatch

from aiohttp import web

from exchange.agreements import UnknownAgreement
from exchange.limits import Limits
from exchange.messages import base
from exchange.store import TimerRow
from nodes.api.gate import Gate
from nodes.api.problems import Problem, unavailable
from nodes.api.reads import answer_json
from nodes.failures import WriteFailed
from nodes.ordering import AGREEMENT, LIST, REFUSE, Assumed, ListChange, Officer, open_offer, written
from nodes.writer import Writer

LONGEST = 256
"""Characters of a reason (as the messages have it)."""
_SLUG = r"[a-z0-9][a-z0-9_-]{0,49}"


class Orders:
    """Takes the orders of one node's operators. Each is recorded in the ledger before it is answered."""

    def __init__(self, node: str, gate: Gate, writer: Writer, now: Callable[[], datetime], limits: Limits) -> None:
        self._node = node
        self._gate = gate
        self._writer = writer
        self._now = now
        self._limits = limits

    async def _follow(self, case: str, purpose: str) -> None:
        try:
            await self._writer.follow([TimerRow(self._now(), case, purpose)])
        except WriteFailed as error:
            raise unavailable("the order could not be stored", self._limits.retry_after_seconds) from error

    async def refuse(self, request: web.Request) -> web.Response:
        """``POST /cases/{ucr}/offers/{id}/refuse?text=``: an officer refuses a result that the rules accepted."""
        member = self._gate.operator(request)
        ucr, offer = request.match_info["ucr"], request.match_info["id"]
        _only(request.query, {"text"})
        order = Officer(offer=offer, text=_text(request.query), by=member)
        known = bool(ucr) and await self._writer.look([ucr], lambda core: open_offer(core.case(ucr), offer) is not None)
        if not known:
            raise Problem(
                404, "not-found", f"case {ucr} has no result {offer} accepted for goods that have yet to come"
            )
        await self._follow(ucr, written(REFUSE, order))
        return answer_json({"case": ucr, "offer": offer, "refused_by": member})

    async def change_list(self, request: web.Request) -> web.Response:
        """``POST /lists/{id}?remove=&text=&to=``: take a trader off the list (or ``restore=``), tell ``to`` (LST)."""
        member = self._gate.operator(request)
        query = request.query
        _only(query, {"remove", "restore", "text", "to"})
        list_id, on = request.match_info["id"], "restore" in query
        if fullmatch(_SLUG, list_id) is None:
            raise Problem(404, "not-found", "a list is named in small letters, digits, - and _, 50 at most")
        if ("remove" in query) is on:
            raise Problem(400, "bad-query", "say remove or restore, and which trader")
        trader, to = query["restore" if on else "remove"], tuple(query.getall("to", ()))
        if not 1 <= len(trader) <= 35 or fullmatch(base.TEXT, trader) is None:
            raise Problem(400, "bad-query", "a trader has an id of 1 to 35 printable characters")
        if any(fullmatch("[A-Z]{2}", one) is None or one == self._node for one in to) or len(to) > 99:
            raise Problem(400, "bad-query", "to names other services by their country codes")
        listed = await self._writer.look((), lambda core: trader in core.standing.participants)
        if listed is on:
            raise Problem(409, "conflict", f"{trader} is {'on the list already' if on else 'not on the list'}")
        order = ListChange(list_id=list_id, trader=trader, on=on, to=to, text=_text(query), by=member)
        await self._follow("", written(LIST, order))
        return answer_json({"list": list_id, "trader": trader, "listed": on})

    async def assume(self, request: web.Request) -> web.Response:
        """``POST /agreements/{id}?status=``: take an agreement as being of this status from now on."""
        member = self._gate.operator(request)
        _only(request.query, {"status"})
        agreement, status = request.match_info["id"], request.query.get("status", "")

        def assumed(known: bool) -> Callable[..., object]:
            return lambda core: (
                agreement in core.standing.agreements
                if known
                else core.standing.agreements.with_statuses({agreement: status})
            )

        if not await self._writer.look((), assumed(True)):
            raise Problem(404, "not-found", f"no agreement is called {agreement}")
        try:
            await self._writer.look((), assumed(False))
        except UnknownAgreement as error:
            raise Problem(400, "bad-query", str(error)) from error
        await self._follow("", written(AGREEMENT, Assumed(agreement=agreement, status=status, by=member)))
        return answer_json({"agreement": agreement, "status": status})


def _only(query: Mapping[str, str], keys: set[str]) -> None:
    strange = sorted(set(query) - keys)
    if strange:
        raise Problem(400, "bad-query", f"{', '.join(strange)}: unknown; there is {', '.join(sorted(keys))}")


def _text(query: Mapping[str, str]) -> str:
    text = query.get("text", "")
    if not 1 <= len(text) <= LONGEST or fullmatch(base.TEXT, text) is None:
        raise Problem(400, "bad-query", f"text gives the reason, in 1 to {LONGEST} printable characters")
    return text


__all__ = ["Orders"]
