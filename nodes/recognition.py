"""Recognition of another service's control results: by control form, and only of what was really done.

A result is answered twice: conditionally before arrival, then confirmed or lapsed when seals and mass are known. It
waives a control of the *same form* only if the selection was random and its draw lies above the residual rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from exchange.agreements import Agreement
from exchange.messages import Consignment, ControlResult
from nodes.case import Case, Movement
from nodes.risk import Found, Selection
from nodes.standing import Standing


def agreements_for(
    standing: Standing, issuer: str, receiver: str, consignment: Consignment, form: str
) -> tuple[Agreement, ...]:
    """Return the agreements under which ``receiver`` recognises a control of ``form`` by ``issuer`` on these goods.

    Scope (goods, border points) and the list of participants are looked at; the date is that of the consignment's
    first expected event, so that both services come to the same answer.
    """
    on = consignment.itinerary[0].eta.date()
    found = []
    for agreement in standing.agreements.recognising(issuer, receiver, on):
        recognition = agreement.recognition
        if (
            recognition is not None
            and form in recognition.forms
            and agreement.covers_goods(item.hs_code for item in consignment.goods_items)
            and agreement.covers_border(stop.place.unlocode or "" for stop in consignment.itinerary)
            and (not recognition.participants_only or standing.lists(consignment))
        ):
            found.append(agreement)
    return tuple(found)


def receivers(standing: Standing, consignment: Consignment, office: str, form: str) -> tuple[str, ...]:
    """Return the countries ahead of ``office`` with an entry side where a control of ``form`` would be recognised."""
    return tuple(
        country
        for country in entries_ahead(consignment, office)
        if country != standing.country and agreements_for(standing, standing.country, country, consignment, form)
    )


def entries_ahead(consignment: Consignment, office: str) -> tuple[str, ...]:
    """Return the countries that the goods enter (role ENT) after ``office``, in order of the itinerary."""
    offices = [stop.office for stop in consignment.itinerary]
    after = offices.index(office) + 1 if office in offices else 0
    return tuple(dict.fromkeys(s.country_code for s in consignment.itinerary[after:] if s.role == "ENT"))


def assess(
    standing: Standing, case: Case, result: ControlResult, record: Movement, office: str | None, arrived: bool
) -> tuple[str, str | None, str | None]:
    """Return (outcome, reason code, sentence) for a control result offered before arrival at ``office``."""
    issuer = result.header.sender
    consignment = record.consignment
    if office is None:
        return "REFUSED", "NO_ENTRY_SIDE", "The goods do not enter this customs territory here."
    agreements = agreements_for(standing, issuer, standing.country, consignment, result.form)
    if not agreements:
        if not standing.lists(consignment):
            return "REFUSED", "NOT_LISTED", "Consignor or consignee is not on the corridor's list."
        return "REFUSED", "NO_AGREEMENT", f"No agreement recognises a {result.form} control of {issuer} on these goods."
    recognition = agreements[0].recognition
    assert recognition is not None
    if result.result not in recognition.results:
        return "REFUSED", "RESULT", f"Result {result.result} is not one that the agreement recognises."
    if arrived:
        return "REFUSED", "LATE", "The goods had arrived before the result."
    if not record.usable:
        return "REFUSED", "LATE", "The preliminary information came too late before the expected arrival."
    if case_age(case, result, office) > timedelta(days=recognition.max_age_days):
        return "REFUSED", "STALE", f"The control will be older than {recognition.max_age_days} days at arrival."
    if result.scope == "PART":
        return "PARTIAL", "SCOPE", "Only a part of the goods was controlled."
    return "ACCEPTED", None, None


def case_age(case: Case, result: ControlResult, office: str) -> timedelta:
    """Return the age the control will have when the goods are expected at ``office``."""
    consignment = case.consignment(office)
    if consignment is None:
        return timedelta(0)
    eta = next((stop.eta for stop in consignment.itinerary if stop.office == office), result.ended_at)
    return eta - result.ended_at


def left_the_list(standing: Standing, consignment: Consignment, result: ControlResult) -> bool:
    """Return whether a recognition that asks for listed traders is lost because one is listed no longer (PIX-045)."""
    issuer = result.header.sender
    return not standing.lists(consignment) and not agreements_for(
        standing, issuer, standing.country, consignment, result.form
    )


def waived(
    standing: Standing, case: Case, consignment: Consignment, selections: Sequence[Selection], found: Found
) -> frozenset[str]:
    """Return the forms of control that recognised results stand for at this presentation."""
    if found.seal != "INTACT" or found.mass_differs:
        return frozenset()
    recognised = {
        offer.result.form
        for offer in case.offers.values()
        if offer.outcome == "ACCEPTED"
        and offer.stage in ("CONDITIONAL", "CONFIRMED")
        and not left_the_list(standing, consignment, offer.result)
    }
    return frozenset(s.form for s in selections if s.form in recognised and not s.targeted and not s.residual)


__all__ = ["agreements_for", "assess", "entries_ahead", "left_the_list", "receivers", "waived"]
