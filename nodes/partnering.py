"""Partners: what other services tell this one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from exchange.messages import (
    AnticipatedArrivalRecord,
    AnticipatedTransitRecord,
    ArrivalAdvice,
    ControlDecision,
    ControlResult,
    Departure,
    DestinationControlResult,
    Enquiry,
    ItineraryStop,
    Message,
    NotificationOfCrossing,
    RequiredControl,
    WriteOff,
)
from nodes.case import FAILED, Case, Movement
from nodes.comparing import out_of_order
from nodes.draft import Draft
from nodes.forwarding import pass_on
from nodes.imaging import waits_for_image
from nodes.profile import union_of
from nodes.recognition import Why, assess, known_act, respond

Record = AnticipatedArrivalRecord | AnticipatedTransitRecord
CHECK = RequiredControl(sequence_number=1, form="DOCUMENTARY", extent="CHECK")
"""The check of documents before arrival."""


def own_entry(draft: Draft, record: Record | Movement) -> ItineraryStop | None:
    """Return the office at which the goods enter this country's customs territory here, or None."""
    return next((s for s in record.consignment.itinerary if s.country_code == draft.country and s.role == "ENT"), None)


def on_record(draft: Draft, case: Case, message: Record, kind: str) -> None:
    """Another service tells what is coming: have the documents checked before arrival, if there is time."""
    if message.mrn in case.movements:
        draft.note(kind, message, applied=False)
        if message.header.fallback_indicator:
            return  # it came before after all, and only its receipt was lost
        draft.refuse(message, "26", f"A record under MRN {message.mrn} is known already.", "PIX-030")
        return
    stop = own_entry(draft, message)
    side = case.sides.get((stop.office, "ENTRY")) if stop is not None else None
    arrived = side is not None and side.arrived_at is not None
    usable = not arrived and (stop is None or draft.now <= stop.eta - draft.standing.profile.lead_time(stop.office))
    draft.note(kind, message, usable=usable)
    if any(_waits_for(parked, message.mrn) for parked in case.parked.values()):
        draft.wake(f"resume:{message.mrn}", draft.now)
    if stop is None or not usable or message.header.sender in union_of(draft.country):
        return
    if draft.standing.profile.policy(stop.office, "ENTRY").documentary is None:
        return
    if side is not None and side.check_asked:
        return
    draft.send(
        ControlDecision,
        f"{draft.country}.{stop.office}",
        to=message,
        not_before=stop.eta - draft.standing.profile.check_ahead,
        office=stop.office,
        presentation="ENTRY",
        before_arrival=True,
        controls=(CHECK,),
    )


def on_offered_result(draft: Draft, case: Case, message: ControlResult, kind: str) -> None:
    """Another service offers a control result: answer whether it will be recognised, and pass it on if it may be.

    One that comes a second time, directly or by another service, counts no more. One that supersedes an earlier result
    of its sender revokes that (answered with REVOKED).
    """
    if message.header.fallback_indicator and _offered(case, message):
        draft.note(kind, message, applied=False)
        return
    record = case.movements[message.mrn or ""]
    stop = own_entry(draft, record)
    office = stop.office if stop is not None else record.destination_office
    known = known_act(case, record.consignment, message)
    draft.note(kind, message, **({"applied": False, "known": known.result.header.message_id} if known else {}))
    if known is not None:
        why = Why("KNOWN", f"The same act has been taken already, as it came from {known.result.header.sender}.")
        respond(draft, message, office, "REFUSED", "LAPSED", why)
        return
    revoked = case.offers.get(message.supersedes or "")
    if revoked is not None and revoked.result.header.sender == message.header.sender:
        why = Why("REVOKED", f"{message.header.sender} has replaced it by the act {message.act_number}.")
        respond(draft, revoked.result, office, "REFUSED", "LAPSED", why)
    answer(draft, case, message, unless=waits_for_image)
    pass_on(draft, case, record, message, stop.office if stop is not None else None)


def answer(
    draft: Draft, case: Case, message: ControlResult, unless: Callable[[Draft, Case, ControlResult], bool] | None = None
) -> None:
    """Answer whether an offered control result is recognised (message RCG), by what is known now.

    ``unless`` is asked of one that would be: true if the answer has to wait.
    """
    record = case.movements[message.mrn or ""]
    stop = own_entry(draft, record)
    office = stop.office if stop is not None else record.destination_office
    side = case.sides.get((stop.office, "ENTRY")) if stop is not None else None
    arrived = side is not None and side.arrived_at is not None
    outcome, why = assess(draft.standing, case, message, record, stop.office if stop else None, arrived)
    if outcome != "REFUSED" and unless is not None and unless(draft, case, message):
        return
    respond(draft, message, office, outcome, "CONDITIONAL" if outcome != "REFUSED" else "LAPSED", why)


def on_destination_result(draft: Draft, case: Case, message: DestinationControlResult, kind: str) -> None:
    """The office of destination reports: write the movement off, if it ended well, and tell trader and services."""
    movement = case.movements.get(message.mrn)
    draft.note(kind, message)
    if movement is not None and message.result not in FAILED:
        write_off(draft, case, movement, message.result, message)


def write_off(draft: Draft, case: Case, movement: Movement, result: str, message: Message) -> None:
    """Write off a movement of this service, and tell its trader and the services on its way (message WRO)."""
    if movement.departure_country != draft.country:
        return
    body: dict[str, Any] = {"mrn": movement.mrn, "written_off_at": draft.now, "result": result}
    if case.declaration is not None:
        trader: str | None = case.declaration.header.sender
    else:
        trader = draft.standing.carriers.get(movement.departure_office)
    if trader is not None:
        draft.send(WriteOff, trader, to=message, **body)
    services = [stop.country_code for stop in movement.consignment.itinerary]
    told = [movement.destination_country] if case.declaration is None else services
    for country in dict.fromkeys(told):
        if country != draft.country:
            draft.send(WriteOff, country, to=message, **body)


def on_told(draft: Draft, case: Case, message: Message, kind: str) -> None:
    """Take note of what needs no answer (ARR, NCF, DEP, INC, SEA, WRO, RCG, NCK, PDC, ALR, MAQ … of a partner)."""
    draft.note(kind, message)


def on_event(draft: Draft, case: Case, message: ArrivalAdvice | NotificationOfCrossing | Departure, kind: str) -> None:
    """Take note of an arrival or departure at a partner's office, if its time can be (PIX-041).

    When the goods arrive at the end of a movement of this service, the six days for the result begin (PIX-043).
    """
    at = {"ARR": "arrived_at", "NCF": "crossed_at", "DEP": "departed_at"}[message.CODE]
    what = "arrived" if message.CODE == "ARR" else "left"
    consignment = case.consignment()
    if consignment is not None:
        wrong = out_of_order(consignment, case.events, message.office, what, getattr(message, at))
        if wrong is not None:
            draft.note(kind, message, applied=False)
            draft.refuse(message, "14", wrong, "PIX-041")
            return
    draft.note(kind, message)
    after = draft.standing.profile.enquiry_after
    movement = case.movements.get(message.mrn or "")
    if after is None or message.CODE != "ARR" or movement is None or movement.departure_country != draft.country:
        return
    if movement.destination_office == message.office:
        draft.wake(f"enquiry:{movement.mrn}", draft.now + after)


ANSWER = timedelta(days=28)
"""Within what time an enquiry is answered (UCC Implementing Act, Article 310)."""


def enquire(draft: Draft, case: Case, mrn: str) -> None:
    """Ask the service of destination for an arrival or a control result that has not come in time (ENQ, PIX-043).

    What the enquiry does not settle in time goes to people.
    """
    movement = case.movements.get(mrn)
    if movement is None or movement.state not in ("OPEN", "ARRIVED"):
        return
    asked = draft.send(
        Enquiry,
        movement.destination_country,
        mrn=mrn,
        office=movement.departure_office,
        subject="CONTROL_RESULT" if movement.state == "ARRIVED" else "ARRIVAL",
        limit_date=draft.now.date(),
        answer_by=draft.now + ANSWER,
    )
    if asked is not None:
        draft.wake(f"escalate:{mrn}", draft.now + ANSWER)


def _offered(case: Case, message: ControlResult) -> bool:
    """Return whether the same control was offered before: only its receipt was lost."""
    return any(
        (offered.result.header.sender, offered.result.act_number) == (message.header.sender, message.act_number)
        for offered in case.offers.values()
    )


def _waits_for(parked: Message, mrn: str) -> bool:
    return getattr(parked, "mrn", None) == mrn


__all__ = [
    "answer",
    "enquire",
    "on_destination_result",
    "on_event",
    "on_offered_result",
    "on_record",
    "on_told",
    "own_entry",
    "write_off",
]
