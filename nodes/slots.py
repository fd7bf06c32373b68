"""Booked times: a carrier asks for a time at an office that gives any, and is told which it has (message SLT).

An office gives its times one after the other, at least a spacing apart (:class:`nodes.booked.Slots`). Who asks from a
moment on gets the first that is free. What is booked belongs to no case alone: it stands in the node's own stream, and
:class:`nodes.standing.Standing` holds what lies ahead. In Estonia trucks have booked
their times so since 2011 (GoSwift).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from exchange.messages import Reason, SlotBooking, format_time
from nodes.booked import BOOKED, Booked, first_free
from nodes.case import Case, Side
from nodes.draft import Draft


def on_slot(draft: Draft, case: Case, message: SlotBooking) -> None:
    """Answer a carrier that books a time, or gives it back (SLT CONFIRMED, REFUSED, CANCELLED; else NCK)."""
    if message.stage == "CANCELLED":
        _give_back(draft, case, message)
        return
    if message.stage != "REQUESTED":
        draft.note("received", message, applied=False)
        draft.refuse(message, "92", "A carrier requests or cancels a slot; the service confirms it.", "PIX-030")
        return
    found = _found(draft, message)
    if isinstance(found, Reason):
        draft.note("received", message, applied=False)
        _answer(draft, message, "REFUSED", reasons=(found,))
        return
    here, means = (message.office, message.presentation), message.transport_means[0].id
    early = draft.standing.profile.slots[here].early
    booked = Booked(number=f"{found:%y%m%d%H%M%S}", at=found, case=case.ucr, by=message.header.sender, means=means)
    draft.note("received", message)
    draft.note_own(BOOKED, **booked.written(*here, kept=True))
    _answer(draft, message, "CONFIRMED", slot_number=booked.number, not_before=found - early, not_after=found)


def _found(draft: Draft, message: SlotBooking) -> datetime | Reason:
    """Return the time that a carrier gets, or why it gets none."""
    standing, office, here = draft.standing, message.office, (message.office, message.presentation)
    if office not in standing.profile.offices:
        return Reason(code="UNKNOWN_OFFICE", text=f"{draft.country} has no office {office}.")
    plan = standing.profile.slots.get(here)
    if plan is None:
        return Reason(code="NO_SLOTS", text=f"Office {office} gives no slots for {message.presentation}.")
    if message.not_after < draft.now:
        return Reason(code="LATE", text=f"The time asked for ended at {format_time(message.not_after)}.")
    booked = standing.slots.get(here, ())
    means = message.transport_means[0].id
    for one in booked:
        if one.at >= draft.now and draft.case.ucr == one.case:
            return Reason(code="DOUBLE", text=f"The consignment has the slot {one.number} here already.")
        if one.at >= draft.now and one.means == means:
            return Reason(code="DOUBLE", text=f"The vehicle {means} has the slot {one.number} here already.")
    at = first_free([one.at for one in booked], max(message.not_before, draft.now), plan)
    if at > message.not_after:
        return Reason(code="FULL", text=f"No time is free until then; the first is {format_time(at)}.")
    return at


def _give_back(draft: Draft, case: Case, message: SlotBooking) -> None:
    """Free the time of a booking that its carrier cancels."""
    here = (message.office, message.presentation)
    given = draft.standing.slots.get(here, ())
    found = next((one for one in given if (one.number, one.case) == (message.slot_number, case.ucr)), None)
    if found is None or found.by != message.header.sender:
        draft.note("received", message, applied=False)
        text = f"{message.header.sender} has no slot {message.slot_number} at office {message.office}."
        draft.refuse(message, "90", text, "PIX-030")
        return
    draft.note("received", message)
    draft.note_own(BOOKED, **found.written(*here, kept=False))
    _answer(draft, message, "CANCELLED", slot_number=found.number)


def _answer(draft: Draft, message: SlotBooking, stage: str, **body: Any) -> None:
    asked = {name: getattr(message, name) for name in ("office", "presentation", "not_before", "not_after")}
    about = {**asked, "transport_means": message.transport_means, "stage": stage}
    draft.reply(SlotBooking, message.header.sender, to=message, **(about | body))


def held(case: Case, side: Side) -> dict[str, Any] | None:
    """Return, as plain JSON, the time booked for a presentation, and whether the goods came at it; None if none was."""
    here = (side.office, side.presentation)
    confirmed = (one for one in reversed(case.slots.values()) if one.stage == "CONFIRMED")
    slot = next((one for one in confirmed if (one.office, one.presentation) == here), None)
    if slot is None or side.arrived_at is None:
        return None
    begins, ends = format_time(slot.not_before), format_time(slot.not_after)
    came = "before" if side.arrived_at < slot.not_before else "after" if side.arrived_at > slot.not_after else "within"
    return {
        "number": slot.slot_number,
        "not_before": begins,
        "not_after": ends,
        "came": came,
        "text": f"booked by {slot.header.recipient} for {begins} to {ends}; the goods came {came} that time",
        "message": slot.header.message_id,
        "code": slot.CODE,
        "by": slot.header.sender,
    }


__all__ = ["held", "on_slot"]
