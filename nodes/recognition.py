"""Recognition of another service's control results: by control form, and only of what was really done.

A result is answered twice: conditionally before arrival (:func:`assess`), then confirmed or lapsed when seals and mass
are known (:func:`lapsed`). It waives a control of the *same form* only if the selection was random and its draw lies
above the residual rate. Forms, results, ages, lists and the residual rate are terms of the agreement. A result may also
come by another service that passes it on (:mod:`nodes.forwarding`): it counts as its originator's, and once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from exchange.agreements import Agreement
from exchange.identity import by_identity
from exchange.messages import Consignment, ControlResult, Message, Reason, RecognitionResponse
from exchange.origin import original_named
from exchange.validation.control_rules import beyond_tolerance
from exchange.validation.offices import country_of
from nodes.case import Case, Movement, Offer
from nodes.draft import Draft
from nodes.risk import Found, Selection
from nodes.standing import Standing
from nodes.way import way_of

IMAGED = frozenset({"SCAN", "PHYSICAL"})
"""The forms of control of which an agreement can ask for an image."""
KEPT = ("ACCEPTED", "PARTIAL")
"""Outcomes of a result that counts."""


class Why(NamedTuple):
    """Why a result does not count, or not in full: a code (docs/recognition.md lists them) and a sentence."""

    code: str
    text: str


class Recipient(NamedTuple):
    """Under which agreement a service is told of a result, and whether it may pass the result on to one ahead."""

    agreement: Agreement
    passes_on: bool


def originator(consignment: Consignment, result: ControlResult) -> str:
    """Return the country whose service made the control: that of its office, whoever sent the result."""
    at = next((stop.country_code for stop in consignment.itinerary if stop.office == result.office), None)
    return at or country_of(result.office) or result.header.sender.partition(".")[0]


def agreements_for(
    standing: Standing, issuer: str, receiver: str, consignment: Consignment, form: str
) -> tuple[Agreement, ...]:
    """Return the agreements under which ``receiver`` recognises a control of ``form`` by ``issuer`` on these goods.

    Scope (goods, modes, border points) and the list of participants are looked at; the date is that of the
    consignment's first expected event, so that both services come to the same answer.
    """
    found = standing.agreements.recognising(issuer, receiver, governing_day(consignment))
    return tuple(agreement for agreement in found if _outside(standing, agreement, consignment, form) is None)


def governing_day(consignment: Consignment) -> date:
    """Return the day that decides which agreements govern a consignment: that of its first expected event."""
    return consignment.itinerary[0].eta.date()


def _outside(standing: Standing, agreement: Agreement, consignment: Consignment, form: str) -> Why | None:
    """Return by which of its terms an agreement on recognition does not cover a control of ``form`` on these goods."""
    recognition = agreement.recognition
    if recognition is None or form not in recognition.forms:
        return Why("FORM", f"The agreement {agreement.id} recognises no {form} control.")
    outside = _out_of_scope(agreement, consignment)
    if outside is not None:
        return outside
    if recognition.participants_only and not standing.lists(consignment):
        return Why("NOT_LISTED", "Consignor or consignee is not on the corridor's list.")
    return None


@by_identity(512)
def _out_of_scope(agreement: Agreement, consignment: Consignment) -> Why | None:
    """Return by which part of its scope an agreement does not cover goods; None if it does. A node asks at every offer,
    arrival and control."""
    if not agreement.covers_goods(item.hs_code for item in consignment.goods_items):
        return Why("SCOPE", f"Not all the goods are among those of the agreement {agreement.id}.")
    if not agreement.covers_border(stop.place.unlocode or "" for stop in consignment.itinerary):
        return Why("SCOPE", f"The way passes none of the border points of the agreement {agreement.id}.")
    if agreement.modes and not agreement.covers_modes(means.mode_code for means in consignment.transport_means):
        return Why("SCOPE", f"The goods come by a mode of transport that the agreement {agreement.id} does not cover.")
    return None


def consenting(
    agreements: Iterable[Agreement], sender: str, receiver: str, consignment: Consignment
) -> Agreement | None:
    """Return the first agreement under which ``sender`` may pass a result on to ``receiver`` (PIX-044), or None."""
    day = governing_day(consignment)
    return next((a for a in agreements if a.may_forward(receiver) and a.applies(sender, receiver, day)), None)


def image_consent(standing: Standing, way: tuple[str, str, str], consignment: Consignment) -> Agreement | None:
    """Return the first agreement by which an image may be passed on (PIX-044), or None.

    ``way``: whose image it is, who passes it on, to whom. All three are parties, it covers images or lets them go
    along with results, and it names the last of them among those to whom data may be passed on.
    """
    issuer, sender, receiver = way
    day = governing_day(consignment)
    covering = (a for a in standing.agreements if "IMG" in a.codes and a.applies(issuer, sender, day))
    return consenting(covering, sender, receiver, consignment)


def asks_for_image(standing: Standing, result: ControlResult, receiver: str, consignment: Consignment) -> bool:
    """Return whether the agreement under which ``receiver`` would recognise ``result`` asks for its image."""
    if result.form not in IMAGED:
        return False
    issuer = originator(consignment, result)
    agreements = agreements_for(standing, issuer, receiver, consignment, result.form)
    return bool(agreements) and agreements[0].recognition is not None and agreements[0].recognition.image_duty


def receivers(standing: Standing, consignment: Consignment, office: str, form: str) -> dict[str, Recipient]:
    """Return the services to which an own result of ``form`` from ``office`` goes, in order of the itinerary.

    They are those of the countries ahead with an entry side where it would be recognised. Under a chain
    (:attr:`Agreement.chain`) only the next of them is told, and may pass the result on.
    """
    found: dict[str, Recipient] = {}
    begun: dict[str, str] = {}
    for country in entries_ahead(consignment, office):
        if country == standing.country:
            continue
        agreements = agreements_for(standing, standing.country, country, consignment, form)
        if not agreements:
            continue
        agreement = agreements[0]
        first = begun.setdefault(agreement.id, country)
        if agreement.chain and first != country and consenting(agreements[:1], first, country, consignment):
            found[first] = Recipient(agreement, True)
        else:
            found[country] = Recipient(agreement, False)
    return found


def entries_ahead(consignment: Consignment, office: str) -> tuple[str, ...]:
    """Return the countries that the goods enter (role ENT) after ``office``, in order of the itinerary."""
    offices = way_of(consignment).offices
    after = offices.index(office) + 1 if office in offices else 0
    return tuple(dict.fromkeys([s.country_code for s in consignment.itinerary[after:] if s.role == "ENT"]))


def assess(
    standing: Standing, case: Case, result: ControlResult, record: Movement, office: str | None, arrived: bool
) -> tuple[str, Why | None]:
    """Return outcome, and why it is not more, for a control result offered before arrival at ``office``."""
    consignment = record.consignment
    issuer = originator(consignment, result)
    if office is None:
        return "REFUSED", Why("NO_ENTRY_SIDE", "The goods do not enter this customs territory here.")
    agreements = agreements_for(standing, issuer, standing.country, consignment, result.form)
    if not agreements:
        return "REFUSED", _no_agreement(standing, issuer, consignment, result.form)
    why = _unconsented(standing, agreements, issuer, consignment, result)
    if why is not None:
        return "REFUSED", why
    terms = agreements[0].recognition
    assert terms is not None
    if result.result not in terms.results or (result.result in ("A2", "A3") and result.form != "DOCUMENTARY"):
        return "REFUSED", Why("RESULT", f"Result {result.result} is not one that the agreement recognises.")
    too_far = beyond_tolerance(result)
    if too_far is not None:
        return "REFUSED", Why("MASS", f"The mass it found differs from the declared one by {too_far:.1%}.")
    if arrived:
        return "REFUSED", Why("LATE", "The goods had arrived before the result.")
    if not record.usable:
        return "REFUSED", Why("LATE", "The preliminary information came too late before the expected arrival.")
    why = _stale(agreements[0], result, _expected(case, office))
    if why is not None:
        return "REFUSED", why
    if result.scope == "PART":
        return "PARTIAL", Why("SCOPE", "Only a part of the goods was controlled.")
    if result.result == "A4":
        return "PARTIAL", Why("RESULT", "The control ended with minor discrepancies (A4).")
    return "ACCEPTED", None


def _no_agreement(standing: Standing, issuer: str, consignment: Consignment, form: str) -> Why:
    """Return why no agreement covers a control: by what the nearest one lacks, if there is one in force."""
    found = standing.agreements.recognising(issuer, standing.country, governing_day(consignment))
    for code in ("NOT_LISTED", "SCOPE", "FORM"):
        for agreement in found:
            why = _outside(standing, agreement, consignment, form)
            if why is not None and why.code == code:
                return why
    return Why("NO_AGREEMENT", f"No agreement in force recognises a control of {issuer} here.")


def _unconsented(
    standing: Standing, agreements: Sequence[Agreement], issuer: str, consignment: Consignment, result: ControlResult
) -> Why | None:
    """Return why a result that another service passes on must not be used (PIX-044); None also for a direct one."""
    sender = result.header.sender
    if sender == issuer:
        return None
    if not result.may_forward:
        return Why("NO_CONSENT", f"{issuer} has not allowed that {sender} passes its result on.")
    if consenting(agreements, sender, standing.country, consignment) is None:
        return Why(
            "NO_CONSENT", f"By no agreement in force may {sender} pass a result of {issuer} on to {standing.country}."
        )
    if original_named(result) is None:
        return Why("NO_ORIGIN", f"It does not name the result of {issuer} that {sender} passes on.")
    if asks_for_image(standing, result, standing.country, consignment) and not image_consent(
        standing, (issuer, sender, standing.country), consignment
    ):
        return Why(
            "NO_CONSENT",
            f"It needs its image, and by no agreement in force may {sender} pass an image of {issuer} on to "
            f"{standing.country}.",
        )
    return None


def _expected(case: Case, office: str) -> datetime | None:
    consignment = case.consignment(office)
    if consignment is None:
        return None
    return next((stop.eta for stop in consignment.itinerary if stop.office == office), None)


def _stale(agreement: Agreement, result: ControlResult, at: datetime | None) -> Why | None:
    """Return why a control is too old for goods that arrive at ``at`` (PIX-035): by the agreement, or by itself."""
    terms = agreement.recognition
    if terms is None or at is None:
        return None
    if at - result.ended_at > timedelta(days=terms.max_age_days):
        return Why("STALE", f"The control is older than {terms.max_age_days} days at arrival.")
    if result.valid_until is not None and at > result.valid_until:
        return Why("STALE", "The result is not valid any more at arrival.")
    return None


def known_act(case: Case, consignment: Consignment, result: ControlResult) -> Offer | None:
    """Return the same act as it was taken already from another sender: a result never counts twice."""
    who = originator(consignment, result)
    return next(
        (
            offer
            for offer in case.offers.values()
            if offer.result.header.sender != result.header.sender
            and offer.outcome in KEPT
            and (offer.result.office, offer.result.act_number, offer.result.ended_at.year)
            == (result.office, result.act_number, result.ended_at.year)
            and originator(consignment, offer.result) == who
        ),
        None,
    )


def lapsed(
    standing: Standing, consignment: Consignment, result: ControlResult, found: Found, at: datetime | None
) -> Why | None:
    """Return what ends a conditional recognition as the goods arrive at ``at`` and are ``found``; None: confirmed."""
    if found.seal != "INTACT":
        return Why("SEAL", "The seals found are not those last known, or not intact.")
    if found.mass_differs:
        return Why("MASS", "The mass found differs from that declared beyond the tolerance.")
    issuer = originator(consignment, result)
    agreements = agreements_for(standing, issuer, standing.country, consignment, result.form)
    if agreements:
        return _stale(agreements[0], result, at)
    if not standing.lists(consignment):
        return Why("NOT_LISTED", "Consignor or consignee has been taken off the corridor's list.")
    return Why("SCOPE", "The goods are declared otherwise than when the result was accepted.")


def came_under(standing: Standing, message: Message) -> Agreement | None:
    """Return the agreement that a message of another service came under, or None if it names none that is known."""
    name = message.header.agreement_id
    return standing.agreements[name] if name is not None and name in standing.agreements else None


def respond(draft: Draft, result: ControlResult, office: str, outcome: str, stage: str, why: Why | None) -> None:
    """Tell the sender of ``result`` what becomes of it at ``office`` (message RCG)."""
    draft.send(
        RecognitionResponse,
        result.header.sender,
        to=result,
        under=came_under(draft.standing, result),
        control_result_id=result.header.message_id,
        act_number=result.act_number,
        form=result.form,
        office=office,
        outcome=outcome,
        stage=stage,
        decided_at=draft.now,
        reasons=() if why is None else (Reason(code=why.code, text=why.text),),
    )


def residual_rates(standing: Standing, case: Case, consignment: Consignment | None) -> Mapping[str, float]:
    """Return by form the share of recognised controls that is made all the same, where an agreement has a say.

    A share that the service's own policy states goes before the agreement's; of several agreements the highest counts.
    """
    if standing.profile.residual_stated or consignment is None:
        return {}
    rates: dict[str, float] = {}
    for offer in case.offers.values():
        result = offer.result
        issuer = originator(consignment, result)
        for agreement in agreements_for(standing, issuer, standing.country, consignment, result.form)[:1]:
            if offer.outcome in KEPT and agreement.residual is not None:
                rates[result.form] = max(rates.get(result.form, 0.0), agreement.residual)
    return rates


def waived(
    standing: Standing,
    case: Case,
    consignment: Consignment,
    selections: Sequence[Selection],
    found: Found,
    at: datetime | None = None,
) -> frozenset[str]:
    """Return the forms of control that recognised results stand for when the goods arrive at ``at``."""
    recognised = {
        offer.result.form
        for offer in case.offers.values()
        if offer.outcome == "ACCEPTED"
        and offer.stage in ("CONDITIONAL", "CONFIRMED")
        and lapsed(standing, consignment, offer.result, found, at) is None
    }
    return frozenset(s.form for s in selections if s.form in recognised and not s.targeted and not s.residual)


__all__ = [
    "IMAGED",
    "KEPT",
    "Why",
    "agreements_for",
    "asks_for_image",
    "assess",
    "came_under",
    "consenting",
    "entries_ahead",
    "image_consent",
    "known_act",
    "lapsed",
    "originator",
    "receivers",
    "residual_rates",
    "respond",
    "waived",
]
