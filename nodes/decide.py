"""The one pure function of a node: :func:`decide`.

It looks at a case, at the node's standing, at one input and at the time, and says what becomes of it. It does no I/O,
reads no clock, keeps no counter and draws no luck but the pure one of its profile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from exchange.entries import Decision, Fetched, Input, Refusal, Timer
from exchange.messages import Message
from nodes.alerting import on_own_alert
from nodes.amending import on_amendment, on_invalidation
from nodes.asking import (
    on_data_request,
    on_data_response,
    on_enquiry,
    on_movement_matter,
    on_status_query,
    unasked,
)
from nodes.case import Case
from nodes.declaring import on_declaration
from nodes.draft import Draft
from nodes.escalating import escalate, on_request, settle
from nodes.evidence import on_image, on_own_image, on_seals
from nodes.fallback import follow
from nodes.imaged import image_overdue, on_fetched
from nodes.imaging import on_recognition
from nodes.notices import list_is_due, on_list, on_outage, stale_list
from nodes.ordering import AGREEMENT, LIST, REFUSE, assume, change_list, refuse
from nodes.partnering import enquire, on_destination_result, on_event, on_offered_result, on_record, on_told
from nodes.planned import END, TELL, on_planned
from nodes.presenting import on_arrival, on_control_result, on_crossing, on_departure, on_incident
from nodes.scope import goods_in
from nodes.settling import Answer, answer, person_answers, unexplained
from nodes.slots import on_slot
from nodes.standing import Standing

PARKING = timedelta(hours=6)
"""How long, in node time, a message waits for its predecessor before it is rejected (NCK 92)."""

FROM_POSTS: Mapping[str, Callable[[Draft, Case, Any], None]] = {
    "ARR": on_arrival,
    "CTR": on_control_result,
    "NCF": on_crossing,
    "DEP": on_departure,
    "INC": on_incident,
    "SEA": on_seals,
    "IMG": on_own_image,
    "ALR": on_own_alert,
}
FROM_TRADERS: Mapping[str, Callable[[Draft, Case, Any], None]] = {
    "ADV": on_declaration,
    "AMD": on_amendment,
    "INV": on_invalidation,
    "SLT": on_slot,
    "STQ": on_status_query,
}
FROM_PARTNERS: Mapping[str, Callable[[Draft, Case, Any, str], None]] = {
    "AAR": on_record,
    "ATR": on_record,
    "CTR": on_offered_result,
    "DCR": on_destination_result,
    "ARR": on_event,
    "NCF": on_event,
    "DEP": on_event,
    "INC": on_told,
    "SEA": on_told,
    "IMG": on_image,
    "WRO": on_told,
    "RCG": on_recognition,
    "NCK": on_told,
    "INV": on_movement_matter,
    "PDC": on_told,
    "DSC": on_movement_matter,
    "DSS": on_movement_matter,
    "DRQ": on_data_request,
    "DRS": on_data_response,
    "ENQ": on_enquiry,
    "ENR": on_told,
    "STQ": on_status_query,
    "STS": on_told,
    "LST": on_list,
    "UNA": on_outage,
    "UNC": on_outage,
    "MAQ": on_request,
    "MAS": on_told,
    "ALR": on_told,
}
ORDER = "answer"
"""Purpose of the timer by which an operator orders an answer: ``answer:<id of the matter>:<the answer>``."""
_OF_PEOPLE: Mapping[str, Callable[[Draft, Case, str], None]] = {
    "escalate": escalate,
    "settle": settle,
    "unexplained": unexplained,
    "person": person_answers,
    REFUSE: refuse,
    LIST: change_list,
    AGREEMENT: assume,
}
"""Timers of what people are asked, answer and order."""
ANSWERS = frozenset({"RCG", "NCK", "DRS", "DSS", "ENR", "STS", "MAS"})
"""Messages of partners that answer one of this node's own (PIX-002)."""
PREDECESSOR = frozenset({"CTR", "DEP", "NCF", "INC", "DCR", "WRO", "SEA", "IMG", "INV", "DSC"})
"""Messages of partners that wait for the record (AAR, ATR) under the same MRN."""


def decide(case: Case, standing: Standing, given: Input, now: datetime) -> Decision:
    """Return what the node makes of ``given`` at ``now`` (UTC), with ``case`` as it stands.

    A message that its sender may not send here gets a refusal and leaves no trace in the case; everything else is
    accepted and answered within the case, if need be by a functional rejection.
    """
    if isinstance(given, Timer):
        return _on_timer(case, standing, given, now)
    refusal = _refusal(case, standing, given, now)
    if refusal is None and given.CODE == "LST":
        refusal = stale_list(standing, case, given)
    if refusal is not None:
        return Decision(refusal=refusal)
    draft = Draft(case, standing, now, given.header.corridor_id)
    sender = given.header.sender
    if "." not in sender:
        _from_partner(draft, case, given, "received")
    elif given.CODE in FROM_TRADERS:
        FROM_TRADERS[given.CODE](draft, case, given)
    else:
        FROM_POSTS[given.CODE](draft, case, given)
    return draft.decision()


def _refusal(case: Case, standing: Standing, message: Message, now: datetime) -> Refusal | None:
    header = message.header
    me = standing.country
    if header.recipient != me:
        return Refusal(status=403, code="recipient", text=f"This node is {me}; the message is for {header.recipient}.")
    country, dot, who = header.sender.partition(".")
    if dot:
        if country != me:
            return Refusal(
                status=403,
                code="sender",
                text=f"{header.sender} is no member of {me}: it speaks to its own service only.",
            )
        is_post = who in standing.profile.offices
        allowed: Mapping[str, Any] = FROM_POSTS if is_post else FROM_TRADERS
        if message.CODE not in allowed:
            kind = "post" if is_post else "trader"
            return Refusal(
                status=403, code="role", text=f"A {kind} may send {', '.join(sorted(allowed))}, not {_named(message)}."
            )
        if is_post and getattr(message, "office", who) != who:
            return Refusal(status=403, code="office", text=f"{header.sender} reports for office {who} only.")
        return None
    if message.CODE not in FROM_PARTNERS:
        return Refusal(status=403, code="role", text=f"A service may not send {_named(message)} to another.")
    goods = goods_in(case, message.__dict__.get("consignment"))
    if standing.agreements.covering(message.CODE, header.sender, me, now.date(), goods) is None:
        return Refusal(
            status=403,
            code="no-agreement",
            text=f"No agreement in force on {now:%Y-%m-%d} covers {_named(message)} from {header.sender} to {me}.",
        )
    return None


def _named(message: Message) -> str:
    return f"{message.CODE} ({message.NAME})"


def _from_partner(draft: Draft, case: Case, message: Message, kind: str) -> None:
    mrn = message.__dict__.get("mrn")  # as by getattr, whose failures cost a model ten times as much
    if message.CODE in PREDECESSOR and mrn is not None and mrn not in case.movements:
        draft.note("parked", message)
        draft.wake(f"park:{message.header.message_id}", draft.now + PARKING)
        return
    if message.CODE in ANSWERS and unasked(case, message):
        draft.note(kind, message, applied=False)
        if message.CODE != "NCK":
            draft.refuse(message, "14", "It answers a message that this node did not send to its sender.", "PIX-002")
        return
    FROM_PARTNERS[message.CODE](draft, case, message, kind)


def _on_timer(case: Case, standing: Standing, timer: Timer, now: datetime) -> Decision:
    purpose, _, what = timer.purpose.partition(":")
    if purpose == "park":
        message = case.parked.get(what)
        if message is None:
            return Decision()
        draft = Draft(case, standing, now, message.header.corridor_id)
        draft.note("timer-fired", purpose=timer.purpose, parked=what)
        draft.refuse(message, "92", "No record under this MRN has come within six hours.", "PIX-030")
        return draft.decision()
    if purpose == "resume":
        waiting = sorted(
            (m for m in case.parked.values() if getattr(m, "mrn", None) == what),
            key=lambda m: (m.header.sender, m.header.ordinal),
        )
        if not waiting:
            return Decision()
        draft = Draft(case, standing, now, waiting[0].header.corridor_id)
        _from_partner(draft, case, waiting[0], "resumed")
        if len(waiting) > 1:
            draft.wake(timer.purpose, now)
        return draft.decision()
    if purpose == "fallback":
        return follow(case, standing, what, now)
    if isinstance(timer, Fetched):
        return on_fetched(Draft(case, standing, now, None), case, timer).decision()
    if purpose == "image":
        return image_overdue(Draft(case, standing, now, None), case, what).decision()
    if purpose in (TELL, END):
        return on_planned(case, standing, purpose, what, Draft(case, standing, now, None))
    if purpose == "list":
        taken = list_is_due(case, standing, now, what)
        return Decision() if taken is None else taken.decision()
    if purpose == "enquiry":
        draft = Draft(case, standing, now, None)
        draft.note("timer-fired", purpose=timer.purpose)
        enquire(draft, case, what)
        return draft.decision()
    if purpose in _OF_PEOPLE:
        draft = Draft(case, standing, now, None)
        _OF_PEOPLE[purpose](draft, case, what)
        return draft.decision()
    if purpose == ORDER:
        matter, _, given = what.partition(":")
        draft = Draft(case, standing, now, None)
        answer(draft, case, matter, Answer.read(given), f"{ORDER}:{matter}")
        return draft.decision()
    raise ValueError(f"a timer has an unknown purpose: {timer.purpose!r}")


__all__ = ["ORDER", "PARKING", "decide"]
