"""Questions between services, and their answers: export data, enquiries, states, discrepancies, assistance.

A question is answered from the case alone, at once. What a person has to answer is recorded as an open matter.
"""

from __future__ import annotations

from typing import Any

from exchange.messages import (
    DataRequest,
    DataResponse,
    DiscrepanciesSolved,
    DiscrepancyNotice,
    Enquiry,
    EnquiryResponse,
    ExportData,
    KnownMessage,
    Message,
    MonetaryAmount,
    StatusAnswer,
    StatusQuery,
)
from nodes.case import FAILED, Case
from nodes.comparing import mismatches
from nodes.declaring import overall
from nodes.draft import Draft
from nodes.need_to_know import is_party
from nodes.partnering import write_off
from nodes.settling import explain, on_solved

STATES = {"NEW": "UNKNOWN", "FILED": "REGISTERED", "UNDER_EXPORT_CONTROL": "REGISTERED"}
"""States of a case that are told otherwise: none that is told speaks of a selection for control."""
LATEST = 10
"""How many of the latest messages a status answer names."""


def on_data_request(draft: Draft, case: Case, message: DataRequest, kind: str) -> None:
    """Answer with the export data, if the goods were declared here, the request names the declaration (PIX-049) and
    the agreement covers the goods (message DRS)."""
    if message.mrn is None and message.export_declaration_number is None:
        # Who can name no number of the declaration has no need to know what it says.
        draft.note(kind, message, applied=False)
        draft.refuse(message, "13", "The request names neither an MRN nor an export declaration.", "PIX-049")
        return
    draft.note(kind, message)
    data, text = _export_data(draft, case, message)
    agreement = draft.standing.agreements.covering("DRS", draft.country, message.header.sender, draft.now.date())
    if data is not None and agreement is not None and not agreement.covers_goods(i.hs_code for i in data.goods_items):
        refused = "The agreement does not cover these goods."
        draft.send(DataResponse, message.header.sender, to=message, result="REFUSED", text=refused)
        return
    found = "FOUND" if data is not None else "NOT_FOUND"
    draft.send(DataResponse, message.header.sender, to=message, result=found, export_data=data, text=text)


def _export_data(draft: Draft, case: Case, message: DataRequest) -> tuple[ExportData | None, str | None]:
    """Return the export data asked for, or None with the reason. What the declaration does not say is not made up."""
    declaration, registration = case.declaration, case.registrations.get("")
    if declaration is None or registration is None or registration.mrn is None:
        return None, "No export declaration of this consignment is known here (90)."
    numbers = {registration.mrn, registration.pi_number} - {None}
    if numbers.isdisjoint({message.mrn, message.export_declaration_number}):
        return None, "The number asked about is not that of the export declaration (90)."
    terms = draft.standing.profile.delivery_terms
    goods = declaration.consignment
    values = [item.statistical_value for item in goods.goods_items]
    currencies = {value.currency_code for value in values if value is not None}
    if terms is None or len(currencies) != 1 or None in values:
        return None, "The export declaration does not say the terms of delivery, or not all values."
    data = ExportData(
        mrn=registration.mrn,
        export_office=declaration.office,
        export_date=registration.at.date(),
        consignor=goods.consignor,
        consignee=goods.consignee,
        transport_means=goods.transport_means,
        terms_of_delivery=terms,
        transport_equipment=goods.transport_equipment,
        goods_items=goods.goods_items,
        invoice_amount=MonetaryAmount(
            amount=sum(value.amount for value in values if value is not None), currency_code=currencies.pop()
        ),
    )
    return data, None


def on_data_response(draft: Draft, case: Case, message: DataResponse, kind: str) -> None:
    """Compare export data with what was declared here, and keep where they differ (PIX-046)."""
    consignment = case.consignment()
    if message.export_data is None or consignment is None:
        draft.note(kind, message)
        return
    draft.note(kind, message, mismatches=list(mismatches(message.export_data, consignment)))


def on_enquiry(draft: Draft, case: Case, message: Enquiry, kind: str) -> None:
    """Answer what is known of a movement at its office of destination to who is party to it (message ENR)."""
    party = is_party(case, message.header.sender)
    draft.note(kind, message)
    movement = case.movements.get(message.mrn)
    office = movement.destination_office if movement is not None else message.office
    sides = [s for s in case.sides.values() if s.office == office and s.arrived_at is not None]
    body: dict[str, Any] = {"outcome": "NOT_ARRIVED", "office": office}
    if sides and party:
        side = sides[-1]
        failed = next((act.result for act in side.made if act.result in FAILED), None)
        done = failed or (overall(tuple(side.made)) if side.cleared_at is not None else None)
        body = {"outcome": "ARRIVED", "office": office, "arrived_at": side.arrived_at, "result": done}
    draft.send(EnquiryResponse, message.header.sender, to=message, mrn=message.mrn, **body)


def on_status_query(draft: Draft, case: Case, message: StatusQuery, kind: str = "received") -> None:
    """Answer where the case stands, to who is party to it (message STS). A trader is not told of messages."""
    sender = message.header.sender
    party = is_party(case, sender)
    draft.note(kind, message)
    body: dict[str, Any] = {"state": "UNKNOWN"}
    if party:
        offices = [side.office for side in case.sides.values() if side.arrived_at is not None]
        body = {
            "state": _told_state(case, trader="." in sender),
            "state_since": case.since,
            "office": offices[-1] if offices else None,
        }
        if body["state"] == "UNKNOWN":
            body = {"state": "UNKNOWN"}
        elif "." not in sender:
            body["known_messages"] = _latest(case, sender, message.about_message_id)
    answer = {"mrn": message.mrn, **body}
    if "." in sender:
        draft.reply(StatusAnswer, sender, to=message, **answer)
    else:
        draft.send(StatusAnswer, sender, to=message, **answer)


def _told_state(case: Case, *, trader: bool) -> str:
    """Return the state that is told: a trader does not hear by it what a control has found."""
    if trader and case.state == "DETAINED":
        passed = {side.presentation for side in case.sides.values() if side.arrived_at is not None}
        return "AT_BORDER" if passed & {"ENTRY", "EXIT"} else "REGISTERED"
    return STATES.get(case.state, case.state)


def _latest(case: Case, partner: str, about: str | None) -> tuple[KnownMessage, ...]:
    """Return the latest messages exchanged with ``partner``, the newest first; only ``about`` if that is asked."""
    messages = [
        entry.message
        for entry in reversed(case.timeline)
        if entry.message is not None
        and partner in (entry.message.header.sender, entry.message.header.recipient)
        and about in (None, entry.message.header.message_id)
    ]
    return tuple(
        KnownMessage(
            sequence_number=number,
            message_id=one.header.message_id,
            message_type=one.CODE,
            sender=one.header.sender,
            sent_at=one.header.sent_at,
        )
        for number, one in enumerate(messages[:LATEST], 1)
    )


def on_movement_matter(draft: Draft, case: Case, message: Any, kind: str) -> None:
    """Take note of what is about a movement that must be known: discrepancies, and what solves them (DSC, DSS)."""
    movement = case.movements.get(message.mrn)
    if movement is None:
        draft.note(kind, message, applied=False)
        draft.refuse(message, "90", f"No movement under MRN {message.mrn} is known.", "PIX-030")
        return
    draft.note(kind, message)
    if isinstance(message, DiscrepanciesSolved) and message.solved and movement.state == "DISCREPANCY":
        write_off(draft, case, movement, "A4", message)
        on_solved(draft, case, message)
    elif isinstance(message, DiscrepancyNotice):
        explain(draft, case, message)


def unasked(case: Case, message: Message) -> bool:
    """Return whether ``message`` claims to answer a message that this node never sent to its sender (PIX-002)."""
    header = message.header
    return header.correlation_id is not None and case.asked.get(header.correlation_id) != header.sender


__all__ = [
    "on_data_request",
    "on_data_response",
    "on_enquiry",
    "on_movement_matter",
    "on_status_query",
    "unasked",
]
