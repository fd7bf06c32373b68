"""Fallback: what a partner could not be told in time follows after the border has worked without it.

A record or a control result that has not been receipted two hours before the goods arrive is of no use any more: the
carrier presents the accompanying document, and the border works by that and the carrier's filing, as if nothing had
been exchanged. The message is issued again with ``FallbackIndicator`` and the time it was first sent at, and joins the
case there; it changes no decision that was made (after Article 10 of Annex 11 to the TIR Convention).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from exchange.entries import Decision
from exchange.messages import AnticipatedArrivalRecord, AnticipatedTransitRecord, ControlResult, Message
from exchange.store import OutboxRow, TimerRow
from nodes.draft import Draft

if TYPE_CHECKING:
    from nodes.case import Case
    from nodes.standing import Standing

BEFORE_ARRIVAL = timedelta(hours=2)
"""How long before the expected arrival a service stops waiting for information (designed)."""
PURPOSE = "fallback"
_FOLLOWING = (AnticipatedArrivalRecord, AnticipatedTransitRecord, ControlResult)
"""Messages that are of no use any more when they come late."""


def timer_for(row: OutboxRow, now: datetime) -> TimerRow:
    """Return the timer by which a node decides to issue the message of ``row`` again."""
    return TimerRow(now, row.case, f"{PURPOSE}:{row.message_id}")


def missed(case: Case | None, message: Message, due: datetime, now: datetime) -> bool:
    """Return whether a message that was due in time has missed the arrival it announces (see the module)."""
    if not isinstance(message, _FOLLOWING) or message.header.fallback_indicator:
        return False
    recipient = message.header.recipient
    consignment = case.consignment() if isinstance(message, ControlResult) and case else None
    if not isinstance(message, ControlResult):
        consignment = message.consignment
    if consignment is None:
        return False
    stop = next((stop for stop in consignment.itinerary if stop.country_code == recipient), None)
    return stop is not None and due <= stop.eta - BEFORE_ARRIVAL < now


def follow(case: Case, standing: Standing, message_id: str, now: datetime) -> Decision:
    """Issue the message of this id again, flagged: it was not delivered in time."""
    message = next(
        (
            entry.message
            for entry in case.timeline
            if entry.kind == "issued" and entry.message is not None and entry.message.header.message_id == message_id
        ),
        None,
    )
    if message is None:
        return Decision()
    draft = Draft(case, standing, now, message.header.corridor_id)
    draft.note("timer-fired", purpose=f"{PURPOSE}:{message_id}")
    draft.send_again(message)
    return draft.decision()


__all__ = ["BEFORE_ARRIVAL", "follow", "missed", "timer_for"]
