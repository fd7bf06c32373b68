"""How each message changes a case that it is folded into: one function a code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from exchange.entries import Entry
from exchange.messages import (
    AdvanceDeclaration,
    Amendment,
    AnticipatedArrivalRecord,
    AnticipatedTransitRecord,
    ArrivalAdvice,
    ControlDecision,
    ControlResult,
    DataResponse,
    Departure,
    DestinationControlResult,
    DiscrepanciesSolved,
    Enquiry,
    Incident,
    InspectionImage,
    Invalidation,
    NotificationOfCrossing,
    RecognitionResponse,
    RegistrationResult,
    Release,
    SealIntegrity,
    SlotBooking,
    WriteOff,
)
from nodes.known import FAILED, Movement, Offer, Registration

if TYPE_CHECKING:
    from nodes.case import Case

Step = Callable[["Case", Any, Entry], None]


def _declared(case: Case, message: AdvanceDeclaration, entry: Entry) -> None:
    if message.kind == "EXPORT_TRANSIT":
        case.declaration = message
        case.state = "SUBMITTED"
    else:
        case.filings[message.office] = message


def _registered(case: Case, message: RegistrationResult, entry: Entry) -> None:
    _number(case, message, entry.at)
    if message.mrn is not None and case.declaration is not None:
        consignment = case.declaration.consignment
        last = consignment.itinerary[-1]
        case.own_mrn = message.mrn
        case.movements[message.mrn] = Movement(
            message.mrn, case.country, case.declaration.office, last.country_code, last.office, consignment
        )
        case.state = "REGISTERED"
    elif case.state == "NEW":
        case.state = "FILED"


def _number(case: Case, message: RegistrationResult, at: datetime) -> None:
    """Keep under which number what was declared last is registered; a number known already was amended."""
    if message.pi_number is None:
        return
    for known in case.registrations.values():
        if known.pi_number == message.pi_number:
            known.amendments += 1
            return
    key = "" if message.mrn is not None else next(reversed(case.filings), "")
    case.registrations[key] = Registration(message.pi_number, message.mrn, message.result, at)


def _amended(case: Case, message: Amendment, entry: Entry) -> None:
    changed = {"consignment": message.consignment}
    filing = case.filings.get(message.office)
    found = case.registrations.get(message.office)
    by_filing = found is not None and message.pi_number in (None, found.pi_number) and message.mrn in (None, found.mrn)
    if filing is not None and by_filing:
        case.filings[message.office] = filing.model_copy(update=changed)
    elif case.declaration is not None:
        case.declaration = case.declaration.model_copy(update=changed)
        movement = case.own_movement()
        if movement is not None:
            movement.consignment = message.consignment


def _invalidated(case: Case, message: Invalidation, entry: Entry) -> None:
    if "." not in message.header.sender:
        if message.mrn in case.movements:
            case.movements[message.mrn or ""].state = "INVALIDATED"
        return
    filing = case.registrations.get(message.office)
    if filing is not None and filing.pi_number == message.pi_number:
        case.filings.pop(message.office, None)
        del case.registrations[message.office]
        return
    case.state = "INVALIDATED"
    movement = case.own_movement()
    if movement is not None:
        movement.state = "INVALIDATED"


def expired(case: Case, key: str) -> None:
    """Preliminary information is too old: a filing is forgotten, a declaration ends its case (PIX-028)."""
    case.registrations.pop(key, None)
    if case.filings.pop(key, None) is None:
        case.state = "EXPIRED"


def _seals_changed(case: Case, message: SealIntegrity | ControlResult, removed: list[str]) -> None:
    if not (removed or message.seals_affixed):
        return
    case.removed_seals.update(removed)
    case.affixed_seals -= set(removed)
    case.affixed_seals.update(seal.id for seal in message.seals_affixed)


def _seals_noted(case: Case, message: SealIntegrity, entry: Entry) -> None:
    gone = [seal.id for seal in message.seals_found if seal.state != "INTACT"] if message.seals_affixed else []
    _seals_changed(case, message, gone)


def _incident(case: Case, message: Incident, entry: Entry) -> None:
    case.incidents += 1


def _pictured(case: Case, message: InspectionImage, entry: Entry) -> None:
    case.images.append(message)


def _answered_data(case: Case, message: DataResponse, entry: Entry) -> None:
    if message.export_data is not None:
        case.export_data = message.export_data
        found = entry.data.get("mismatches")
        case.mismatches = tuple(found) if found is not None else None


def _enquired(case: Case, message: Enquiry, entry: Entry) -> None:
    movement = case.movements.get(message.mrn)
    if movement is not None and entry.kind == "issued":
        movement.state = "UNDER_ENQUIRY"


def _enquiry_answered(case: Case, message: Any, entry: Entry) -> None:
    movement = case.movements.get(message.mrn)
    if movement is not None and movement.state == "UNDER_ENQUIRY" and message.outcome == "ARRIVED":
        movement.state = "ARRIVED"


def _disputed(case: Case, message: Any, entry: Entry) -> None:
    movement = case.movements.get(message.mrn)
    if movement is not None:
        movement.state = "DISCREPANCY"
    case.open_matters[message.header.message_id] = message.CODE


def _solved(case: Case, message: DiscrepanciesSolved, entry: Entry) -> None:
    case.open_matters.pop(message.header.correlation_id or "", None)
    movement = case.movements.get(message.mrn)
    if movement is not None and movement.state == "DISCREPANCY":
        movement.state = "CONTROLLED" if message.solved else "RECOVERY"


def _matter_opened(case: Case, message: Any, entry: Entry) -> None:
    case.open_matters[message.header.message_id] = message.CODE


def _warned(case: Case, message: Any, entry: Entry) -> None:
    if message.header.sender.partition(".")[0] != case.country:
        _matter_opened(case, message, entry)


def _alerts_settled(case: Case) -> None:
    """The goods have been looked into: no alert about them waits for that any longer."""
    case.open_matters = {key: code for key, code in case.open_matters.items() if code != "ALR"}


def _matter_closed(case: Case, message: Any, entry: Entry) -> None:
    case.open_matters.pop(message.header.correlation_id or "", None)


def _released(case: Case, message: Release, entry: Entry) -> None:
    opens = entry.data.get("opens")
    if opens is None:
        case.state, case.released = "RELEASED", message.released_at
        return
    consignment = case.consignment(message.office)
    if consignment is not None:
        case.own_mrn = message.mrn
        case.movements[message.mrn] = Movement(
            message.mrn,
            case.country,
            message.office,
            str(opens["destination_country"]),
            str(opens["destination_office"]),
            consignment,
        )


def _departed(case: Case, message: Departure, entry: Entry) -> None:
    case.state = "IN_TRANSIT"
    case.events.append((message.office, "left", message.departed_at))


def _announced(case: Case, message: AnticipatedArrivalRecord | AnticipatedTransitRecord, entry: Entry) -> None:
    opened = entry.kind == "issued"
    destination = next(
        (s for s in message.consignment.itinerary if s.office == message.destination_office),
        message.consignment.itinerary[-1],
    )
    known = case.movements.get(message.mrn)
    if known is not None:
        return
    case.movements[message.mrn] = Movement(
        message.mrn,
        case.country if opened else message.header.sender,
        message.departure_office,
        destination.country_code,
        message.destination_office,
        message.consignment,
        told=None if opened else entry.at,
        usable=bool(entry.data.get("usable", True)),
    )
    if opened:
        case.own_mrn = case.own_mrn or message.mrn
    elif case.state == "NEW":
        case.state = "ANNOUNCED"


def _arrived(case: Case, message: ArrivalAdvice, entry: Entry) -> None:
    case.events.append((message.office, "arrived", message.arrived_at))
    if message.header.sender.partition(".")[0] == case.country:
        side = case.side(message.office, message.presentation)
        side.arrived_at = message.arrived_at
        side.seal = str(entry.data.get("seal", "INTACT"))
        side.mass_differs = bool(entry.data.get("mass_differs", False))
        case.state = {"DEPARTURE": "UNDER_EXPORT_CONTROL", "DESTINATION": "ARRIVED"}.get(
            message.presentation, "AT_BORDER"
        )
    elif message.mrn in case.movements:
        case.movements[message.mrn].state = "ARRIVED"


def _demanded(case: Case, message: ControlDecision, entry: Entry) -> None:
    side = case.side(message.office, message.presentation)
    if message.before_arrival:
        side.check_asked = side.check_asked or bool(message.controls)
        return
    side.required = [(c.form, c.extent) for c in message.controls]
    if not side.required:
        side.cleared_at = entry.at
        if message.presentation in ("EXIT", "ENTRY"):
            case.state = "CLEARED"


def _controlled(case: Case, message: ControlResult, entry: Entry) -> None:
    _seals_changed(case, message, [seal.id for seal in message.seals_removed])
    if message.header.sender.partition(".")[0] != case.country:
        case.offers[message.header.message_id] = Offer(message, entry.at)
        revoked = case.offers.get(message.supersedes or "")
        if revoked is not None and revoked.result.header.sender == message.header.sender:
            revoked.outcome = "REVOKED"
        return
    side = case.side(message.office, message.presentation)
    side.made.append(message)
    if message.form == "PHYSICAL":
        _alerts_settled(case)
    if message.form == "DOCUMENTARY" and message.extent == "CHECK":
        side.check_made = True
    if (message.form, message.extent) in side.required:
        side.required.remove((message.form, message.extent))
    if message.result in FAILED:
        side.failed = True
        if message.supersedes is None or (side.crossed_at is None and case.state != "IN_TRANSIT"):
            case.state = "DETAINED"


def _told_result(case: Case, message: ControlResult, entry: Entry) -> None:
    case.sent_results.setdefault(message.header.correlation_id or "", {})[message.header.recipient] = (
        message.header.message_id
    )


def _answered(case: Case, message: RecognitionResponse, entry: Entry) -> None:
    if entry.data.get("answer_of"):
        return  # another service's answer on its way back
    offer = case.offers.get(message.control_result_id)
    if entry.kind == "issued" and offer is not None:
        offer.outcome = message.outcome if offer.outcome != "REVOKED" else offer.outcome
        offer.stage = message.stage
        offer.reasons = tuple(reason.code for reason in message.reasons)
    elif entry.kind != "issued":
        case.answers.append(message)


def _booked(case: Case, message: SlotBooking, entry: Entry) -> None:
    if message.slot_number is not None:
        case.slots[message.slot_number] = message


def _crossed(case: Case, message: NotificationOfCrossing, entry: Entry) -> None:
    case.events.append((message.office, "left", message.crossed_at))
    if message.header.sender.partition(".")[0] == case.country:
        case.side(message.office, message.presentation).crossed_at = message.crossed_at
        case.state = "IN_TRANSIT"


def _ended(case: Case, message: DestinationControlResult, entry: Entry) -> None:
    if message.mrn in case.movements:
        case.movements[message.mrn].state = "DISCREPANCY" if message.result in FAILED else "CONTROLLED"


def _written_off(case: Case, message: WriteOff, entry: Entry) -> None:
    movement = case.movements.get(message.mrn)
    if movement is not None:
        movement.state = "WRITTEN_OFF"
    if all(m.state == "WRITTEN_OFF" for m in case.movements.values()):
        case.state = "WRITTEN_OFF"


RECEIVED: Mapping[str, Step] = {
    "ADV": _declared,
    "DEP": _departed,
    "AAR": _announced,
    "ATR": _announced,
    "ARR": _arrived,
    "CTR": _controlled,
    "RCG": _answered,
    "NCF": _crossed,
    "DCR": _ended,
    "WRO": _written_off,
    "INC": _incident,
    "AMD": _amended,
    "INV": _invalidated,
    "SEA": _seals_noted,
    "IMG": _pictured,
    "DRS": _answered_data,
    "ENR": _enquiry_answered,
    "DSC": _disputed,
    "DSS": _solved,
    "MAQ": _matter_opened,
    "MAS": _matter_closed,
    "ALR": _warned,
}
ISSUED: Mapping[str, Step] = {
    "CTR": _told_result,
    "REG": _registered,
    "REL": _released,
    "AAR": _announced,
    "CTD": _demanded,
    "RCG": _answered,
    "DCR": _ended,
    "WRO": _written_off,
    "DSC": _disputed,
    "DSS": _solved,
    "ENQ": _enquired,
    "MAQ": _matter_opened,
    "MAS": _matter_closed,
    "SLT": _booked,
}

__all__ = ["ISSUED", "RECEIVED", "expired"]
