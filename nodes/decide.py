"""The one pure function of a node: :func:`decide`.

It looks at a case, at the node's standing, at one input and at the time, and says what becomes of it. It does no I/O,
reads no clock, keeps no counter and draws no luck but the pure one of its profile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from exchange.entries import Decision, Input, Refusal, Timer
from exchange.messages import Message
from nodes.case import Case
from nodes.declaring import on_declaration
from nodes.draft import Draft
from nodes.partnering import on_destination_result, on_offered_result, on_record, on_told
from nodes.presenting import on_arrival, on_control_result, on_crossing, on_departure, on_incident
from nodes.standing import Standing

PARKING = timedelta(hours=6)
"""How long, in node time, a message waits for its predecessor before it is rejected (NCK 92)."""

FROM_POSTS: Mapping[str, Callable[[Draft, Case, Any], None]] = {
    "ARR": on_arrival,
    "CTR": on_control_result,
    "NCF": on_crossing,
    "DEP": on_departure,
    "INC": on_incident,
}
FROM_TRADERS: Mapping[str, Callable[[Draft, Case, Any], None]] = {"ADV": on_declaration}
FROM_PARTNERS: Mapping[str, Callable[[Draft, Case, Any, str], None]] = {
    "AAR": on_record,
    "ATR": on_record,
    "CTR": on_offered_result,
    "DCR": on_destination_result,
    "ARR": on_told,
    "NCF": on_told,
    "DEP": on_told,
    "INC": on_told,
    "WRO": on_told,
    "RCG": on_told,
    "NCK": on_told,
}
PREDECESSOR = frozenset({"CTR", "DEP", "NCF", "INC", "DCR", "WRO"})
"""Messages of partners that wait for the record (AAR, ATR) under the same MRN."""


def decide(case: Case, standing: Standing, given: Input, now: datetime) -> Decision:
    """Return what the node makes of ``given`` at ``now`` (UTC), with ``case`` as it stands.

    A message that its sender may not send here gets a refusal and leaves no trace in the case; everything else is
    accepted and answered within the case, if need be by a functional rejection.
    """
    if isinstance(given, Timer):
        return _on_timer(case, standing, given, now)
    refusal = _refusal(standing, given, now)
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


def _refusal(standing: Standing, message: Message, now: datetime) -> Refusal | None:
    header = message.header
    me = standing.country
    named = f"{message.CODE} ({message.NAME})"
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
        is_post = any(office == who for office, _ in standing.profile.policies)
        allowed: Mapping[str, Any] = FROM_POSTS if is_post else FROM_TRADERS
        if message.CODE not in allowed:
            kind = "post" if is_post else "trader"
            return Refusal(
                status=403, code="role", text=f"A {kind} may send {', '.join(sorted(allowed))}, not {named}."
            )
        if is_post and getattr(message, "office", who) != who:
            return Refusal(status=403, code="office", text=f"{header.sender} reports for office {who} only.")
        return None
    if message.CODE not in FROM_PARTNERS:
        return Refusal(status=403, code="role", text=f"A service may not send {named} to another.")
    if standing.agreements.covering(message.CODE, header.sender, me, now.date()) is None:
        return Refusal(
            status=403,
            code="no-agreement",
            text=f"No agreement in force on {now:%Y-%m-%d} covers {named} from {header.sender} to {me}.",
        )
    return None


def _from_partner(draft: Draft, case: Case, message: Message, kind: str) -> None:
    mrn = getattr(message, "mrn", None)
    if message.CODE in PREDECESSOR and mrn is not None and mrn not in case.movements:
        draft.note("parked", message)
        draft.wake(f"park:{message.header.message_id}", draft.now + PARKING)
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
    raise ValueError(f"a timer has an unknown purpose: {timer.purpose!r}")


__all__ = ["PARKING", "decide"]
