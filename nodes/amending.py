"""Amendments and invalidations: what traders ask to change of what they declared.

An amendment stands for the whole declaration; what identifies it may not change, and nothing after release (PIX-029).
"""

from __future__ import annotations

from typing import TypeVar

from exchange.messages import (
    AdvanceDeclaration,
    Amendment,
    Consignment,
    Invalidation,
    Message,
    Reason,
    RegistrationResult,
)
from nodes.case import Case, Registration
from nodes.draft import Draft

M = TypeVar("M", Amendment, Invalidation)


def _declared(case: Case, message: M) -> tuple[AdvanceDeclaration, Registration] | None:
    """Return the declaration or filing that ``message`` is on, by its number and office, and its registration."""
    for key, found in case.registrations.items():
        named = (message.pi_number is not None and message.pi_number == found.pi_number) or (
            message.mrn is not None and message.mrn == found.mrn
        )
        declaration = case.filings.get(key) if key else case.declaration
        if named and declaration is not None and declaration.office == message.office:
            return declaration, found
    return None


def _too_late(case: Case, declaration: AdvanceDeclaration) -> str | None:
    """Return why the declaration can no longer be changed, or None."""
    if declaration.kind == "CARRIER_FILING":
        side = case.sides.get((declaration.office, "ENTRY"))
        return "The goods have arrived at the office." if side is not None and side.arrived_at is not None else None
    if case.state != "REGISTERED":
        return "The goods have been presented or released, or the declaration is no longer in force."
    return None


def _containers(consignment: Consignment) -> frozenset[str]:
    return frozenset(one.container_id for one in consignment.transport_equipment if one.container_id is not None)


def _refused(draft: Draft, message: Message, code: str, text: str, rule: str) -> None:
    draft.note("received", message, applied=False)
    draft.refuse(message, code, text, rule)


def _own(
    draft: Draft, case: Case, message: M, doing: str, *, unknown: str
) -> tuple[AdvanceDeclaration, Registration] | None:
    """Return the declaration that ``message`` is on, and its registration, if its own declarant asks; else refuse.

    ``doing`` is what only the declarant may do; ``unknown`` the rule that a number nobody knows breaks.
    """
    found = _declared(case, message)
    if found is None:
        _refused(draft, message, "90", "No declaration of this number is registered at this office.", unknown)
        return None
    declarant = found[0].header.sender
    if declarant != message.header.sender:
        _refused(draft, message, "14", f"Only the declarant, {declarant}, may {doing}.", "PIX-029")
        return None
    return found


def on_amendment(draft: Draft, case: Case, message: Amendment) -> None:
    """Put a declaration anew and confirm its registration (REG), or say why not (NCK)."""
    own = _own(draft, case, message, "amend this declaration", unknown="PIX-029")
    if own is None:
        return
    declaration, registration = own
    late = _too_late(case, declaration)
    if late is not None:
        _refused(draft, message, "92", late, "PIX-029")
        return
    if message.amendment_number != registration.amendments + 1:
        text = f"This is amendment {message.amendment_number}; the next one is {registration.amendments + 1}."
        _refused(draft, message, "92", text, "PIX-030")
        return
    before, after = declaration.consignment, message.consignment
    if before.itinerary[0].office != after.itinerary[0].office or before.consignor.id != after.consignor.id:
        text = "An amendment may not change the office of departure or the consignor."
        _refused(draft, message, "14", text, "PIX-029")
        return
    if _containers(before) != _containers(after):
        _refused(draft, message, "14", "An amendment may not change the first containers.", "PIX-029")
        return
    draft.note("received", message)
    draft.reply(
        RegistrationResult,
        message.header.sender,
        to=message,
        result=registration.result,
        pi_number=registration.pi_number,
        mrn=registration.mrn,
        reasons=() if registration.result == "REGISTERED" else (Reason(code="LATE"),),
    )


def on_invalidation(draft: Draft, case: Case, message: Invalidation) -> None:
    """Take a declaration back before release; the answer (INV) says whether that is accepted."""
    if message.accepted is not None:
        _refused(draft, message, "92", "A trader asks for an invalidation; the service answers it.", "PIX-030")
        return
    own = _own(draft, case, message, "take this declaration back", unknown="PIX-030")
    if own is None:
        return
    declaration, registration = own
    accepted = _too_late(case, declaration) is None
    draft.note("received", message, applied=accepted)
    draft.reply(
        Invalidation,
        message.header.sender,
        to=message,
        pi_number=registration.pi_number,
        mrn=registration.mrn,
        office=message.office,
        initiated_by_customs=False,
        justification=message.justification,
        accepted=accepted,
        decided_at=draft.now,
    )


__all__ = ["on_amendment", "on_invalidation"]
