"""What machines cannot settle goes to people: a request for mutual assistance (MAQ), which takes days.

Whom to ask stands in the liaison directory; whether one may ask is a matter of agreements, not of the directory.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from exchange.agreements import Agreement, Contact, liaison
from exchange.messages import AssistanceRequest, DiscrepancyNotice, Message
from exchange.messages.parts import Discrepancy
from nodes.case import Case
from nodes.draft import Draft
from nodes.settling import people_asked

ESCALATED = frozenset({"MAQ"})
"""Messages that wait for a person of another service."""


def on_request(draft: Draft, case: Case, message: Message, kind: str) -> None:
    """Take note of a request of another service, with whom to answer there (message MAQ)."""
    draft.note(kind, message, liaison=liaison(message.header.sender).address)
    if isinstance(message, AssistanceRequest):
        people_asked(draft, message)


def escalate(draft: Draft, case: Case, mrn: str) -> None:
    """Ask for assistance about a movement whose enquiry has settled nothing in time, if an agreement covers that.

    The entry of the timer names whom a person may ask in either case.
    """
    movement = case.movements.get(mrn)
    if movement is None or movement.state != "UNDER_ENQUIRY":
        draft.note("timer-fired", purpose=f"escalate:{mrn}")
        return
    country = movement.destination_country
    text = f"The goods under MRN {mrn} are not known to have ended their movement; an enquiry has not settled it."
    basis = draft.standing.agreements.covering("MAQ", draft.country, country, draft.now.date())
    _ask(draft, country, mrn, f"escalate:{mrn}", text, basis)


def settle(draft: Draft, case: Case, mrn: str) -> None:
    """Ask for assistance about discrepancies that the records of the service of departure have not explained.

    To look into a trader's books for another service takes an agreement on mutual assistance in force: one on
    preliminary information is not enough, nor is a draft. Without one nothing is asked, and the discrepancies wait for
    the time given to be over.
    """
    movement = case.movements.get(mrn)
    purpose = f"settle:{mrn}"
    notices = (entry.message for entry in case.timeline if isinstance(entry.message, DiscrepancyNotice))
    notice = next((one for one in notices if one.mrn == mrn), None)
    if movement is None or movement.state != "DISCREPANCY" or notice is None:
        draft.note("timer-fired", purpose=purpose)
        return
    text = f"The goods under MRN {mrn} were found otherwise than declared; your records have not explained it."
    basis = assistance(draft, movement.departure_country)
    _ask(draft, movement.departure_country, mrn, purpose, text, basis, notice.discrepancies)


def assistance(draft: Draft, country: str) -> Agreement | None:
    """Return the agreement on mutual assistance, or union law, that is in force now with ``country``."""
    today = draft.now.date()
    return next(
        (
            one
            for one in draft.standing.agreements
            if ("assistance" in one.covers or one.kind == "law") and one.applies(draft.country, country, today)
        ),
        None,
    )


def _ask(
    draft: Draft,
    country: str,
    mrn: str,
    purpose: str,
    text: str,
    agreement: Agreement | None,
    discrepancies: tuple[Discrepancy, ...] = (),
) -> None:
    contact = liaison(country)
    draft.note("timer-fired", purpose=purpose, liaison=contact.address)
    if agreement is None:
        return
    draft.send(
        AssistanceRequest,
        country,
        note={"liaison": contact.address},
        under=agreement,
        reference=f"{draft.country}-{mrn}",
        mrn=mrn,
        legal_basis=agreement.title[:256],
        measure="VERIFICATION",
        subject="GOODS",
        urgent=False,
        answer_by=draft.now + timedelta(days=contact.answer_days[2]),
        discrepancies=discrepancies,
        text=text,
    )


def open_matters(case: Case) -> list[dict[str, Any]]:
    """Return what of a case waits for a person; with whom to ask, where it is a person of another service."""
    headers = {entry.message.header.message_id: entry.message.header for entry in case.timeline if entry.message}
    found: list[dict[str, Any]] = []
    for message_id, code in case.open_matters.items():
        matter: dict[str, Any] = {"id": message_id, "code": code}
        header = headers.get(message_id)
        if code in ESCALATED and header is not None:
            other = header.recipient if header.sender == case.country else header.sender
            matter["liaison"] = _asked(liaison(other))
        found.append(matter)
    return found


def _asked(contact: Contact) -> dict[str, Any]:
    return {
        "country": contact.country,
        "service": contact.service,
        "channel": contact.channel,
        "address": contact.address,
        "answer_days": list(contact.answer_days),
    }


__all__ = ["ESCALATED", "escalate", "on_request", "open_matters", "settle"]
