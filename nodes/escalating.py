"""What machines cannot settle goes to people: a request for mutual assistance (MAQ), which takes days.

Whom to ask stands in the liaison directory; whether one may ask is a matter of agreements, not of the directory.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from exchange.agreements import Contact, liaison
from exchange.messages import AssistanceRequest, Message
from nodes.case import Case
from nodes.draft import Draft

ESCALATED = frozenset({"MAQ"})
"""Messages that wait for a person of another service."""


def on_request(draft: Draft, case: Case, message: Message, kind: str) -> None:
    """Take note of a request of another service, with whom to answer there (message MAQ)."""
    draft.note(kind, message, liaison=liaison(message.header.sender).address)


def escalate(draft: Draft, case: Case, mrn: str) -> None:
    """Ask for assistance about a movement whose enquiry has settled nothing in time, if an agreement covers that.

    The entry of the timer names whom a person may ask in either case.
    """
    movement = case.movements.get(mrn)
    if movement is None or movement.state != "UNDER_ENQUIRY":
        draft.note("timer-fired", purpose=f"escalate:{mrn}")
        return
    country = movement.destination_country
    contact = liaison(country)
    draft.note("timer-fired", purpose=f"escalate:{mrn}", liaison=contact.address)
    agreement = draft.standing.agreements.covering("MAQ", draft.country, country, draft.now.date())
    if agreement is None:
        return
    draft.send(
        AssistanceRequest,
        country,
        note={"liaison": contact.address},
        reference=f"{draft.country}-{mrn}",
        mrn=mrn,
        legal_basis=agreement.title[:256],
        measure="VERIFICATION",
        subject="GOODS",
        urgent=False,
        answer_by=draft.now + timedelta(days=contact.answer_days[2]),
        text=f"The goods under MRN {mrn} are not known to have ended their movement; an enquiry has not settled it.",
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


__all__ = ["ESCALATED", "escalate", "on_request", "open_matters"]
