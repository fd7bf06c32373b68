"""Declarations: registration of what traders and carriers lodge, and the release of goods into a movement."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from exchange.identifiers import mrn as make_mrn
from exchange.messages import (
    AdvanceDeclaration,
    AnticipatedArrivalRecord,
    AnticipatedTransitRecord,
    Consignment,
    ControlResult,
    DataRequest,
    ItineraryStop,
    Message,
    Reason,
    RegistrationResult,
    Release,
)
from exchange.references import derived
from nodes.case import Case
from nodes.draft import Draft
from nodes.forwarding import CARRIED
from nodes.imaging import announce_images
from nodes.profile import union_of
from nodes.recognition import receivers
from nodes.way import way_of

LIMIT = timedelta(days=60)
"""Time limit of a transit movement (designed)."""
GRACE = timedelta(days=7)
"""How long after the time limit goods that have not arrived are enquired for (UCC Implementing Act, Article 310)."""


def on_declaration(draft: Draft, case: Case, message: AdvanceDeclaration) -> None:
    """Register a declaration, or say why not (message REG)."""
    reason = _refusal(draft, case, message)
    draft.note("received", message, **({"applied": False} if reason is not None else {}))
    if reason is not None:
        draft.reply(RegistrationResult, message.header.sender, to=message, result="REFUSED", reasons=(reason,))
        return
    result = "REGISTERED"
    reasons: tuple[Reason, ...] = ()
    in_fallback = message.header.fallback_indicator  # exempt from PIX-027
    if message.kind == "CARRIER_FILING" and not in_fallback and _late(draft, message.consignment, message.office):
        result = "LATE"
        reasons = (Reason(code="LATE", text="Filed later than the office's lead time before the expected arrival."),)
    number = derived(9, draft.country, case.ucr, message.header.message_id, "PI")
    draft.reply(
        RegistrationResult,
        message.header.sender,
        to=message,
        result=result,
        pi_number=f"{draft.country}/{draft.now:%d%m%y}/{number}",
        mrn=new_mrn(draft, message.header.message_id) if message.kind == "EXPORT_TRANSIT" else None,
        reasons=reasons,
    )
    previous = message.previous_mrn
    if previous is not None and previous not in case.movements and previous[2:4] != draft.country:
        draft.send(DataRequest, previous[2:4], office=message.office, mrn=previous, purpose="IMPORT_DECLARATION")


def _refusal(draft: Draft, case: Case, message: AdvanceDeclaration) -> Reason | None:
    stop = next((s for s in message.consignment.itinerary if s.office == message.office), None)
    if stop is None:
        return Reason(code="OFFICE", text=f"Office {message.office} is not on the itinerary.")
    if stop.country_code != draft.country:
        return Reason(code="OFFICE", text=f"Office {message.office} is not one of {draft.country}.")
    if message.kind == "EXPORT_TRANSIT" and case.declaration is not None:
        return Reason(code="DUPLICATE", text="This consignment is registered already.")
    if message.kind == "CARRIER_FILING" and message.office in case.filings:
        return Reason(code="DUPLICATE", text=f"This consignment has been filed for office {message.office} already.")
    return None


def _late(draft: Draft, consignment: Consignment, office: str) -> bool:
    eta = next(s.eta for s in consignment.itinerary if s.office == office)
    return draft.now > eta - draft.standing.profile.lead_time(office)


def new_mrn(draft: Draft, purpose: str) -> str:
    """Return an MRN of this service that follows from the case and ``purpose`` alone."""
    national = derived(13, draft.country, draft.case.ucr, purpose, "MRN")
    year = draft.now.year
    letter = "JKLM"[ord(national[12]) % 4] if year >= 2024 else national[12]
    return make_mrn(f"{year % 100:02d}", draft.country, national[:12], letter)


def release(draft: Draft, case: Case, office: str, made: tuple[ControlResult, ...], to: Message) -> None:
    """Release the goods at departure and tell the services ahead what is coming."""
    declaration, movement = case.declaration, case.own_movement()
    if declaration is None or movement is None:
        return
    _tell_release(draft, movement.mrn, office, (declaration.header.sender, f"{draft.country}.{office}"), to, {})
    consignment = declaration.consignment
    code = overall(made)
    destination = consignment.itinerary[-1]
    _announce(draft, destination, movement.mrn, office, code, consignment, declaration)
    told = {draft.country, destination.country_code}
    for stop in consignment.itinerary:
        if stop.country_code in told:
            continue
        told.add(stop.country_code)
        draft.send(
            AnticipatedTransitRecord,
            stop.country_code,
            to=declaration,
            mrn=movement.mrn,
            departure_office=office,
            destination_office=destination.office,
            transit_office=stop.office,
            eta=stop.eta,
            released_at=draft.now,
            control_result=code,
            consignment=consignment,
        )
    if draft.standing.profile.enquiry_after is not None:
        draft.wake(f"enquiry:{movement.mrn}", draft.now + LIMIT + GRACE)
    for result in made:
        offer(draft, case, consignment, result, movement.mrn)
    announce_images(draft, case, consignment, made)


def offer(draft: Draft, case: Case, consignment: Consignment, result: ControlResult, mrn: str | None) -> None:
    """Offer a control result of an own post to the services ahead that would recognise one of its form.

    One that supersedes an earlier result goes, good or bad, to whom that went.
    """
    if mrn is None:
        return
    told = receivers(draft.standing, consignment, result.office, result.form)
    replaced = case.sent_results.get(result.supersedes or "", {})
    for country, (agreement, passes_on) in told.items():
        if result.supersedes is not None and country not in replaced:
            continue
        terms = agreement.recognition
        draft.send(
            ControlResult,
            country,
            to=result,
            under=agreement,
            mrn=mrn,
            valid_until=None if terms is None else result.ended_at + timedelta(days=terms.max_age_days),
            supersedes=replaced.get(country),
            may_forward=passes_on,
            **{name: getattr(result, name) for name in CARRIED},
        )


def open_onward(draft: Draft, case: Case, office: str, to: Message) -> None:
    """Open this customs territory's own movement at the office of entry, up to the territory's last office."""
    consignment = case.consignment(office)
    if consignment is None or case.own_mrn is not None:
        return
    union = union_of(draft.country)
    offices = way_of(consignment).offices
    ahead = consignment.itinerary[offices.index(office) + 1 :] if office in offices else ()
    last = None
    for stop in ahead:
        if stop.country_code not in union:
            break
        last = stop
    if last is None:
        return
    mrn = new_mrn(draft, office)
    opens = {
        "mrn": mrn,
        "office": office,
        "destination_country": last.country_code,
        "destination_office": last.office,
    }
    carrier = draft.standing.carriers.get(office)
    recipients = (carrier,) if carrier is not None else ()
    _tell_release(draft, mrn, office, recipients, to, {"opens": opens})
    _announce(draft, last, mrn, office, "A2", consignment, to)


def overall(made: tuple[ControlResult, ...]) -> Literal["A1", "A2"]:
    """Return the result code of satisfactory controls together: A1 if the goods themselves were controlled."""
    return "A1" if any(result.form != "DOCUMENTARY" for result in made) else "A2"


def _announce(
    draft: Draft,
    destination: ItineraryStop,
    mrn: str,
    office: str,
    code: Literal["A1", "A2"],
    consignment: Consignment,
    to: Message,
) -> None:
    """Tell the service of destination, unless that is this one, what is coming (message AAR)."""
    if destination.country_code == draft.country:
        return
    draft.send(
        AnticipatedArrivalRecord,
        destination.country_code,
        to=to,
        mrn=mrn,
        departure_office=office,
        destination_office=destination.office,
        released_at=draft.now,
        control_result=code,
        consignment=consignment,
    )


def _tell_release(
    draft: Draft, mrn: str, office: str, recipients: tuple[str, ...], to: Message, note: dict[str, object]
) -> None:
    for recipient in recipients:
        draft.send(
            Release,
            recipient,
            to=to,
            note=note,
            mrn=mrn,
            office=office,
            released_at=draft.now,
            limit_date=(draft.now + LIMIT).date(),
        )


__all__ = ["LIMIT", "new_mrn", "offer", "on_declaration", "open_onward", "overall", "release"]
