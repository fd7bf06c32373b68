"""Why was it stopped? For each control ordered, each one waived and each result not recognised: what it rests on.

Everything follows from the ledger entries of one case, of one service: what its posts and partners told, what it drew
and decided. It names selections by chance and by risk rules, so it is for the service's own officers alone: no reader
but the service and its operator is shown it (:mod:`nodes.need_to_know`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from exchange.entries import Entry
from exchange.messages import ArrivalAdvice, ControlDecision, ControlResult, Message, RecognitionResponse, format_time
from nodes.case import Case, Offer, Side
from nodes.keeping import kept
from nodes.onward import onward
from nodes.profile import union_of
from nodes.recognition import originator
from nodes.slots import held

REFUSED_BY: Mapping[str, tuple[str, str | None]] = {
    "NO_AGREEMENT": ("PIX-033", "scope"),
    "NO_ENTRY_SIDE": ("PIX-033", "scope"),
    "NOT_LISTED": ("PIX-033", "recognition.participants_only"),
    "FORM": ("PIX-033", "recognition.forms"),
    "KNOWN": ("PIX-033", None),
    "REVOKED": ("PIX-033", None),
    "OFFICER": ("PIX-033", None),
    "RESULT": ("PIX-034", "recognition.results"),
    "SCOPE": ("PIX-034", "scope"),
    "STALE": ("PIX-035", "recognition.max_age_days"),
    "IMAGE": ("PIX-036", "recognition.image_duty"),
    "LATE": ("PIX-027", None),
    "SEAL": ("PIX-031", "recognition"),
    "MASS": ("PIX-037", "recognition"),
    "FORWARDING": ("PIX-044", "forwarding"),
    "NO_CONSENT": ("PIX-044", "forwarding"),
    "NO_ORIGIN": ("PIX-044", "forwarding"),
}
"""Reason of a refused recognition → the rule of the catalogue, and the term of the agreement that it rests on."""
FOUND_BY = {"seal-broken": "PIX-031", "seal-differs": "PIX-031", "mass-differs": "PIX-037"}
"""Risk rule on what was found at arrival → the rule of the catalogue by which it was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a control, a waiver or a refusal rests on.

    ``because``: a code. ``rule``: the service's own risk rule, ``pix`` a rule of the catalogue. ``agreement`` and
    ``term``: the clause, where one governs. ``message`` (id), ``code`` and ``by`` (its sender): the message it rests
    on; ``act``: the number of the control it tells of. ``text``: the same as a sentence.
    """

    because: str
    text: str
    rule: str | None = None
    pix: str | None = None
    agreement: str | None = None
    term: str | None = None
    message: str | None = None
    code: str | None = None
    by: str | None = None
    act: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One form of control at one presentation, and its basis. ``extent``: None where no control was ordered."""

    form: str
    extent: str | None
    basis: Basis


def stops(case: Case) -> list[dict[str, Any]]:
    """Return, as plain JSON, one entry for each presentation of the goods at an office of this service.

    ``controls``: what was ordered (``decision`` is the id of the control decision, CTD); ``passed``: what was not
    ordered though it might have been, and what let the goods pass; ``refused``: results of other services that were not
    recognised; ``kept``, where there is any: controls that found something, for which the goods had to stay;
    ``onward``: under which MRN and with what they went on (:mod:`nodes.onward`).
    Presentations stand in the order in which the goods arrived.
    """
    return [_stop(case, side) for side in case.sides.values() if side.arrived_at is not None]


def _stop(case: Case, side: Side) -> dict[str, Any]:
    arrival = _arrival(case, side)
    decision = _decision(case, arrival)
    ordered = [(control.form, control.extent) for control in decision.controls] if decision is not None else []
    refused = list(_refused(case, side)) if side.presentation == "ENTRY" else []
    controls = [
        Reason(form=f, extent=e, basis=_ordered(case, side, arrival, (f, e), ordered, refused)) for f, e in ordered
    ]
    passed = list(_passed(case, side, {form for form, _ in ordered}))
    assert side.arrived_at is not None
    slot = held(case, side)
    found, went_on = list(kept(side)), onward(case, side)
    return {
        "office": side.office,
        "presentation": side.presentation,
        "arrived": format_time(side.arrived_at),
        "decision": None if decision is None else decision.header.message_id,
        "controls": [_json(reason) for reason in controls],
        "passed": [_json(reason) for reason in passed],
        "refused": [_json(reason) for reason in refused],
        **({"kept": found} if found else {}),
        **({"onward": went_on} if went_on else {}),
        **({} if slot is None else {"slot": slot}),
    }


def _json(reason: Reason) -> dict[str, Any]:
    basis = {key: value for key, value in asdict(reason.basis).items() if value is not None}
    extent = {} if reason.extent is None else {"extent": reason.extent}
    return {"form": reason.form, **extent, **basis}


def _arrival(case: Case, side: Side) -> Entry | None:
    """Return the entry of the post's arrival advice (ARR)."""
    told = (entry for entry in reversed(case.timeline) if isinstance(entry.message, ArrivalAdvice))
    return next((entry for entry in told if _tells(entry, side)), None)


def _tells(entry: Entry, side: Side) -> bool:
    """Return whether ``entry``, of an arrival advice, is of a post's own that was applied at ``side``."""
    message = entry.message
    return (
        entry.kind == "received"
        and isinstance(message, ArrivalAdvice)
        and bool(entry.data.get("applied", True))
        and "." in message.header.sender
        and (message.office, message.presentation) == (side.office, side.presentation)
    )


def _alert(case: Case) -> Message | None:
    """Return the last alert (ALR) of another service."""
    told = (entry.message for entry in reversed(case.timeline) if entry.kind == "received")
    return next((m for m in told if m is not None and m.CODE == "ALR" and "." not in m.header.sender), None)


def _decision(case: Case, arrival: Entry | None) -> ControlDecision | None:
    """Return the control decision (CTD) that answered the arrival."""
    if arrival is None or arrival.message is None:
        return None
    for entry in case.timeline:
        message = entry.message
        if (
            isinstance(message, ControlDecision)
            and entry.kind == "issued"
            and message.header.correlation_id == arrival.message.header.message_id
        ):
            return message
    return None


def _ordered(
    case: Case,
    side: Side,
    arrival: Entry | None,
    control: tuple[str, str],
    ordered: Sequence[tuple[str, str]],
    refused: Sequence[Reason],
) -> Basis:
    form, extent = control
    if form == "DOCUMENTARY":
        return _documents(case, side, arrival, extent, unfinished=("DOCUMENTARY", "CHECK") in ordered)
    told = _told(arrival)
    selected = next((one for one in side.selections if one["form"] == form), None)
    if selected is None:
        return _for_others(case, side, arrival, form)
    recognised = _recognised(case, side, form)
    if selected["targeted"]:
        rule = str(selected.get("rule"))
        text = f"risk rule {rule} hit"
        if recognised is not None:
            text += "; a recognised result does not stand for a control that a risk rule asks for"
        warned = _alert(case) if rule == "alert" else None
        if warned is not None:
            text += f": {warned.header.sender} warned of the goods"
            agreement = warned.header.agreement_id
            return Basis(because="TARGETED", text=text, rule=rule, agreement=agreement, **_of(warned))
        return Basis(because="TARGETED", text=text, rule=rule, pix=FOUND_BY.get(rule), **_of(told))
    if recognised is not None and selected["residual"]:
        result, answer = recognised
        return Basis(
            because="RESIDUAL",
            text=(
                f"the result of {_issuer(case, result)} (act {result.act_number}) is recognised, but the draw lies "
                "below the share that is controlled by chance all the same"
            ),
            term="residual",
            agreement=_clause(result, answer),
            act=result.act_number,
            **_of(result),
        )
    text = "selected by chance"
    if side.presentation == "ENTRY":
        why = [one.basis.text for one in refused if one.form == form]
        text += "; " + (why[0] if why else "no other service offered a result of this form")
    return Basis(because="RANDOM", text=text, **_of(told))


def _told(arrival: Entry | None) -> Message | None:
    """Return the arrival advice of the post, on which the decision was made."""
    return arrival.message if arrival is not None else None


def _documents(case: Case, side: Side, arrival: Entry | None, extent: str, *, unfinished: bool) -> Basis:
    """Return why documents were worked in this extent: by what was known of them before arrival."""
    post = _of(_told(arrival))
    records = list(_records(case)) if side.presentation == "ENTRY" else []
    for entry in records:
        if not entry.data.get("usable", True):
            continue
        message = entry.message
        known = {"agreement": message.header.agreement_id if message else None, "term": "covers: information"}
        if extent == "MATCH" and not unfinished:
            text = f"the documents were checked before arrival on what {_sender(message)} told; they are only matched"
            return Basis(because="CHECKED_BEFORE", text=text, **known, **_of(message))
        if extent in ("CHECK", "MATCH"):
            text = f"{_sender(message)} told in time, but the check before arrival was not finished"
            return Basis(because="CHECK_OPEN", text=text, **known, **_of(message))
    for entry in records:
        message = entry.message
        text = f"what {_sender(message)} told came later than the office's lead time before the expected arrival"
        return Basis(
            because="LATE_INFORMATION",
            text=text,
            pix="PIX-027",
            agreement=message.header.agreement_id if message else None,
            term="covers: information",
            **_of(message),
        )
    if side.presentation == "ENTRY":
        text = "no other customs territory's service had told of the consignment"
        return Basis(because="NO_INFORMATION", text=text, **post)
    return Basis(because="ROUTINE", text="documents are worked for every consignment here", **post)


def _records(case: Case) -> Iterator[Entry]:
    """Yield the entries of what other customs territories' services announced (AAR, ATR)."""
    union = union_of(case.country)
    for entry in case.timeline:
        message = entry.message
        if (
            entry.kind == "received"
            and message is not None
            and message.CODE in ("AAR", "ATR")
            and entry.data.get("applied", True)
            and message.header.sender not in union
        ):
            yield entry


def _for_others(case: Case, side: Side, arrival: Entry | None, form: str) -> Basis:
    """Return the basis of a control made because a service ahead would recognise it: the offer that followed."""
    for entry in case.timeline:
        message = entry.message
        if (
            entry.kind == "issued"
            and isinstance(message, ControlResult)
            and (message.office, message.form) == (side.office, form)
        ):
            return Basis(
                because="SCHEME",
                text=f"made for every consignment whose result {message.header.recipient} ahead would recognise",
                agreement=message.header.agreement_id,
                term="recognition.forms",
                act=message.act_number,
                **_of(message),
            )
    text = "made for every consignment whose result a service ahead would recognise"
    return Basis(because="SCHEME", text=text, **_of(_told(arrival)))


def _passed(case: Case, side: Side, ordered: set[str]) -> Iterator[Reason]:
    """Yield what was selected for and not ordered; if that is nothing, why nothing but documents was."""
    for selected in side.selections:
        form = str(selected["form"])
        if form in ordered:
            continue
        recognised = _recognised(case, side, form)
        if recognised is None:
            continue
        result, answer = recognised
        yield Reason(
            form=form,
            extent=None,
            basis=Basis(
                because="RECOGNISED",
                text=f"the result of {_issuer(case, result)} (act {result.act_number}, {result.result}) stands for it",
                pix="PIX-033",
                agreement=_clause(result, answer),
                term="recognition.forms",
                act=result.act_number,
                **_of(result),
            ),
        )
    if not side.selections and not ordered - {"DOCUMENTARY"}:
        text = "neither a risk rule nor a draw selected the goods"
        yield Reason(form="ANY", extent=None, basis=Basis(because="NOT_SELECTED", text=text))


def _recognised(case: Case, side: Side, form: str) -> tuple[ControlResult, RecognitionResponse | None] | None:
    """Return a result of this form that was recognised at this presentation, with the answer to it."""
    if side.presentation != "ENTRY":
        return None
    for offer in case.offers.values():
        if offer.result.form == form and (offer.outcome, offer.stage) == ("ACCEPTED", "CONFIRMED"):
            return offer.result, _answer(case, offer)
    return None


def _refused(case: Case, side: Side) -> Iterator[Reason]:
    """Yield the results of other services that were offered for this office and not recognised."""
    for offer in case.offers.values():
        answer = _answer(case, offer)
        if offer.outcome != "REFUSED" or answer is None or answer.office != side.office:
            continue
        reason = answer.reasons[0] if answer.reasons else None
        code = reason.code if reason is not None else "UNKNOWN"
        pix, term = REFUSED_BY.get(code, ("PIX-033", None))
        said = (reason.text or "").rstrip(".") if reason is not None else ""
        result = offer.result
        verb = "lapsed at arrival" if _accepted_once(case, offer) else "was refused"
        text = f"the result of {_issuer(case, result)} (act {result.act_number}) {verb}: {said[:1].lower()}{said[1:]}"
        yield Reason(
            form=result.form,
            extent=None,
            basis=Basis(
                because=code,
                text=text,
                pix="PIX-045" if code == "NOT_LISTED" and verb.startswith("lapsed") else pix,
                agreement=_clause(result, answer),
                term=term,
                act=result.act_number,
                **_of(result),
            ),
        )


def _answer(case: Case, offer: Offer) -> RecognitionResponse | None:
    wanted = offer.result.header.message_id
    for entry in reversed(case.timeline):
        message = entry.message
        if entry.kind == "issued" and isinstance(message, RecognitionResponse) and message.control_result_id == wanted:
            return message
    return None


def _accepted_once(case: Case, offer: Offer) -> bool:
    """Return whether an offered result had been accepted conditionally before it was refused."""
    wanted = offer.result.header.message_id
    return any(
        entry.kind == "issued"
        and isinstance(entry.message, RecognitionResponse)
        and (entry.message.control_result_id, entry.message.outcome == "REFUSED") == (wanted, False)
        for entry in case.timeline
    )


def _clause(result: ControlResult, answer: RecognitionResponse | None) -> str | None:
    """Return the agreement that an offered result came under."""
    return result.header.agreement_id or (answer.header.agreement_id if answer is not None else None)


def _of(message: Message | None) -> dict[str, str]:
    if message is None:
        return {}
    header = message.header
    return {"message": header.message_id, "code": message.CODE, "by": header.sender}


def _issuer(case: Case, result: ControlResult) -> str:
    """Return whose service made the control, and through whom the result came if another passed it on."""
    record = case.movements.get(result.mrn or "")
    sender = result.header.sender
    issuer = sender if record is None else originator(record.consignment, result)
    return issuer if issuer == sender else f"{issuer}, passed on by {sender},"


def _sender(message: Message | None) -> str:
    return "another service" if message is None else message.header.sender


__all__ = ["FOUND_BY", "REFUSED_BY", "Basis", "Reason", "stops"]
