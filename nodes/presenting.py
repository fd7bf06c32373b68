"""Presentations: what the service's own posts report, and the controls it demands of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from typing import Any

from exchange.messages import (
    ArrivalAdvice,
    Consignment,
    ControlDecision,
    ControlResult,
    DataRequest,
    Departure,
    Incident,
    Message,
    NotificationOfCrossing,
    RequiredControl,
)
from exchange.validation.control_rules import beyond_tolerance
from nodes.case import FAILED, Case, Side
from nodes.comparing import gauge_breaks, out_of_order, too_fast
from nodes.correcting import correct
from nodes.declaring import offer, open_onward, release
from nodes.draft import Draft
from nodes.ending import end_movements, tell_discrepancies
from nodes.evidence import known_seals, repeated_act
from nodes.profile import SidePolicy, union_of
from nodes.recognition import KEPT, lapsed, receivers, residual_rates, respond, waived
from nodes.risk import PHYSICAL_FORMS, Found, Selection, compare, select
from nodes.telling import tell
from nodes.way import way_of

ORDER = {"DOCUMENTARY": 0, "WEIGHING": 1, "SCAN": 2, "PHYSICAL": 3}
EXTENT_ORDER = {"DISCHARGE": 0, "CAPTURE_AND_CHECK": 1, "CHECK": 2, "MATCH": 3, "FULL": 4}


def on_arrival(draft: Draft, case: Case, message: ArrivalAdvice) -> None:
    """A post reports goods: decide which controls they need, answer conditional recognitions, tell the partners."""
    expired = _expired(case, message)
    if expired is not None:
        draft.note("received", message, applied=False, expired=expired or message.office)
        draft.refuse(message, "92", "The preliminary information is older than 30 days: file it anew.", "PIX-028")
        return
    consignment = case.consignment(message.office)
    known = case.sides.get((message.office, message.presentation))
    if consignment is None:
        draft.note("received", message, applied=False, diverted=message.office)
        _ask_departure(draft, message)
        text = "No declaration, filing or anticipated record is known of this consignment."
        draft.refuse(message, "90", text, "PIX-040")
        return
    if message.presentation == "DEPARTURE" and case.state == "INVALIDATED":
        draft.note("received", message, applied=False)
        draft.refuse(message, "92", "The declaration has been invalidated.", "PIX-030")
        return
    late = out_of_order(consignment, case.events, message.office, "arrived", message.arrived_at)
    if late is not None:
        draft.note("received", message, applied=False)
        draft.refuse(message, "14", late, "PIX-041")
        return
    if known is not None and known.arrived_at is not None:
        draft.note("received", message, applied=False)
        draft.refuse(message, "92", "This arrival has been reported already.", "PIX-030")
        return
    found = compare(
        draft.standing, consignment, message, known_seals(case, consignment) if message.seals_found else None
    )
    odd = _irregular(case, consignment, message)
    diverted = message.office not in way_of(consignment).order
    draft.note(
        "received",
        message,
        seal=found.seal,
        mass_differs=found.mass_differs,
        **({"irregular": odd} if odd else {}),
        **({"diverted": message.office} if diverted else {}),
    )
    if diverted:
        _ask_departure(draft, message, next((m.mrn for m in case.movements.values() if m.told is not None), None))
    policy = draft.standing.profile.policy(message.office, message.presentation)
    rates = residual_rates(draft.standing, case, consignment)
    selections = select(draft.standing, case, message.office, policy, consignment, found, rates)
    if selections:
        draft.note(
            "selected",
            office=message.office,
            presentation=message.presentation,
            selections=[
                {"form": s.form, "targeted": s.targeted, "residual": s.residual, "rule": s.rule} for s in selections
            ],
        )
    if message.presentation == "ENTRY":
        _answer_offers(draft, case, message, found)
    controls = _documents(draft, case, message.office, message.presentation, policy, known)
    controls += [(form, "FULL") for form in _forms(draft, case, message, policy, selections, found, consignment)]
    _demand(draft, message, message.office, message.presentation, controls)
    if message.presentation != "DEPARTURE":
        tell(
            draft,
            case,
            ArrivalAdvice,
            message,
            message.office,
            {
                "presentation": message.presentation,
                "arrived_at": message.arrived_at,
                "found_mass": message.found_mass,
                "seals_found": message.seals_found,
            },
            previous=True,
        )
    if not controls:
        _cleared(draft, case, message, message.office, message.presentation, (), consignment)


VALIDITY = timedelta(days=30)
"""How old preliminary information may be when the goods arrive (practice in Kyrgyzstan)."""


def _expired(case: Case, message: ArrivalAdvice) -> str | None:
    """Return under which key of its registrations the information has expired ("" is the declaration's), or None."""
    key = {"DEPARTURE": "", "ENTRY": message.office}.get(message.presentation)
    found = case.registrations.get(key) if key is not None else None
    if found is None or message.arrived_at - found.at <= VALIDITY or case.state == "RELEASED":
        return None
    return key


def _ask_departure(draft: Draft, message: ArrivalAdvice, mrn: str | None = None) -> None:
    """Ask the service of departure for the data of goods that nobody expected here (PIX-040), if the MRN is known."""
    mrn = message.mrn or mrn
    if mrn is None or mrn[2:4] == draft.country:
        return
    draft.send(DataRequest, mrn[2:4], to=None, office=message.office, mrn=mrn, purpose="UNANNOUNCED_ARRIVAL")


def _irregular(case: Case, consignment: Consignment, message: ArrivalAdvice) -> list[list[str]]:
    """Return (rule, sentence) of what is suspicious in the way the goods came."""
    for office, kind, left in reversed(case.events):
        if kind != "left" or office == message.office:
            continue
        speed = too_fast(consignment, (office, left), (message.office, message.arrived_at))
        if speed is not None:
            return [["PIX-042", f"From {office} the goods would have come at {speed:.0f} km/h."]]
        break
    return []


def _documents(
    draft: Draft, case: Case, office: str, presentation: str, policy: SidePolicy, known: Side | None
) -> list[tuple[str, str]]:
    """Return the documentary control needed, by what this service knows already."""
    if policy.documentary is None:
        return []
    if presentation == "ENTRY" and _authenticated(draft, case):
        if known is not None and known.check_made:
            return [("DOCUMENTARY", "MATCH")]
        if known is not None and known.check_asked:
            return [("DOCUMENTARY", "CHECK"), ("DOCUMENTARY", "MATCH")]
    return [("DOCUMENTARY", policy.documentary)]


def _authenticated(draft: Draft, case: Case) -> bool:
    """Return whether another customs territory's service has told of the consignment in good time."""
    union = union_of(draft.country)
    return any(m.told is not None and m.usable and m.departure_country not in union for m in case.movements.values())


def _forms(
    draft: Draft,
    case: Case,
    message: ArrivalAdvice,
    policy: SidePolicy,
    selections: list[Selection],
    found: Found,
    consignment: Consignment,
) -> list[str]:
    chosen = {selection.form for selection in selections}
    if message.presentation == "ENTRY":
        chosen -= waived(draft.standing, case, consignment, selections, found, message.arrived_at)
    for form in policy.scheme:
        if receivers(draft.standing, consignment, message.office, form):
            chosen.add(form)
    return [form for form in PHYSICAL_FORMS if form in chosen]


def _answer_offers(draft: Draft, case: Case, message: ArrivalAdvice, found: Found) -> None:
    """Confirm the conditional recognitions, or let them lapse on what was found at arrival."""
    consignment = case.consignment(message.office)
    for offered in case.offers.values():
        if offered.outcome not in KEPT or offered.stage != "CONDITIONAL" or consignment is None:
            continue
        why = lapsed(draft.standing, consignment, offered.result, found, message.arrived_at)
        outcome, stage = (offered.outcome, "CONFIRMED") if why is None else ("REFUSED", "LAPSED")
        respond(draft, offered.result, message.office, outcome, stage, why)


def _demand(
    draft: Draft,
    to: Message,
    office: str,
    presentation: str,
    controls: Iterable[tuple[str, str]],
    before_arrival: bool = False,
) -> None:
    draft.reply(
        ControlDecision,
        to.header.sender,
        to=to,
        office=office,
        presentation=presentation,
        before_arrival=before_arrival,
        controls=_required(tuple(controls)),
    )


@cache
def _required(controls: tuple[tuple[str, str], ...]) -> tuple[RequiredControl, ...]:
    """Return the demand of controls, in the order they are to be made: there are few such, which are made once each."""
    ordered = sorted(controls, key=lambda c: (ORDER[c[0]], EXTENT_ORDER[c[1]]))
    return tuple(
        RequiredControl(sequence_number=n, form=form, extent=extent) for n, (form, extent) in enumerate(ordered, 1)
    )


def on_control_result(draft: Draft, case: Case, message: ControlResult) -> None:
    """A post reports a control: demand what remains, or clear the goods."""
    side = case.sides.get((message.office, message.presentation))
    consignment = case.consignment(message.office)
    if side is None or consignment is None:
        draft.note("received", message, applied=False)
        draft.refuse(message, "92", "No control was demanded at this office and presentation.", "PIX-030")
        return
    wrong = _act_fault(case, message)
    if wrong is not None:
        draft.note("received", message, applied=False)
        draft.refuse(message, "14", wrong[1], wrong[0])
        return
    if message.supersedes is not None:
        correct(draft, case, side, consignment, message, _reference(draft, case))
        return
    control = (message.form, message.extent)
    if side.arrived_at is None:
        if control != ("DOCUMENTARY", "CHECK") or not side.check_asked or side.check_made:
            draft.note("received", message, applied=False)
            draft.refuse(message, "92", "This control was not demanded before arrival.", "PIX-030")
            return
        draft.note("received", message)
        if message.result not in FAILED:
            _demand(draft, message, message.office, message.presentation, (), before_arrival=True)
        return
    if control not in side.required:
        draft.note("received", message, applied=False)
        draft.refuse(message, "92", f"A {message.form} control ({message.extent}) was not demanded.", "PIX-030")
        return
    draft.note("received", message)
    if message.result in FAILED:
        tell_discrepancies(draft, case, message)
        return
    if message.presentation != "DEPARTURE":
        offer(draft, case, consignment, message, _reference(draft, case))
    remaining = list(side.required)
    remaining.remove(control)
    _demand(draft, message, message.office, message.presentation, remaining)
    if not remaining:
        made = (*side.made, message)
        _cleared(draft, case, message, message.office, message.presentation, made, consignment)


def _act_fault(case: Case, message: ControlResult) -> tuple[str, str] | None:
    """Return the rule and a sentence for what is wrong with number, time or masses of a control, or None."""
    if repeated_act(case, message):
        return "PIX-035", f"The act number {message.act_number} stands for another control of this office already."
    if message.presentation == "DEPARTURE":
        registered = min((one.at for one in case.registrations.values()), default=None)
        if registered is not None and message.began_at < registered:
            return "PIX-035", "The control is said to have begun before the declaration was registered."
    too_far = beyond_tolerance(message)
    if too_far is not None:
        return "PIX-037", f"The mass found differs from the declared one by {too_far:.1%}: the result is A5, or B."
    return None


def _reference(draft: Draft, case: Case) -> str | None:
    """Return the MRN under which services ahead know the consignment: the departure service's movement."""
    union = union_of(draft.country)
    if case.declaration is not None:
        return case.own_mrn
    return next(
        (m.mrn for m in case.movements.values() if m.told is not None and m.departure_country not in union), None
    )


def _cleared(
    draft: Draft,
    case: Case,
    message: Message,
    office: str,
    presentation: str,
    made: tuple[ControlResult, ...],
    consignment: Consignment,
) -> None:
    """All controls are made: the goods may pass. At departure that is a release, at entry a new movement."""
    if presentation == "DEPARTURE":
        release(draft, case, office, made, message)
        return
    if presentation == "ENTRY":
        open_onward(draft, case, office, message)
    if presentation in ("EXIT", "DESTINATION"):
        end_movements(draft, case, office, made, message)


def on_crossing(draft: Draft, case: Case, message: NotificationOfCrossing) -> None:
    """A post reports that the goods have left: legal only once every demanded control was made."""
    side = case.sides.get((message.office, message.presentation))
    if side is None or side.arrived_at is None or side.required or side.failed or side.crossed_at is not None:
        draft.note("received", message, applied=False)
        draft.refuse(message, "92", "The goods may not leave this office: they are not cleared.", "PIX-030")
        return
    consignment = case.consignment(message.office)
    late = consignment and out_of_order(consignment, case.events, message.office, "left", message.crossed_at)
    if late:
        draft.note("received", message, applied=False)
        draft.refuse(message, "14", late, "PIX-041")
        return
    odd = []
    if (
        consignment
        and message.presentation == "ENTRY"
        and not case.incidents
        and gauge_breaks(consignment, side.office)
    ):
        odd = [["PIX-032", "The gauge breaks here, but no transhipment (INC) has been told."]]
    draft.note("received", message, **({"irregular": odd} if odd else {}))
    body: dict[str, Any] = {"presentation": message.presentation, "crossed_at": message.crossed_at}
    tell(draft, case, NotificationOfCrossing, message, message.office, body, following=True)


def on_departure(draft: Draft, case: Case, message: Departure) -> None:
    """A post reports that the train or vehicle has left its place of departure."""
    if case.state != "RELEASED":
        draft.note("received", message, applied=False)
        draft.refuse(message, "92", "The goods have not been released.", "PIX-030")
        return
    if case.released is not None and message.departed_at < case.released:
        draft.note("received", message, applied=False)
        draft.refuse(message, "14", "The goods are said to have departed before their release.", "PIX-041")
        return
    draft.note("received", message)
    body: dict[str, Any] = {"departed_at": message.departed_at, "transport_means": message.transport_means}
    tell(draft, case, Departure, message, message.office, body, following=True)


def on_incident(draft: Draft, case: Case, message: Incident) -> None:
    """A post reports a gauge change, reloading or accident: pass it on to departure and to the services ahead."""
    draft.note("received", message)
    body: dict[str, Any] = {
        "incident_code": message.incident_code,
        "occurred_at": message.occurred_at,
        "place": message.place,
        "under_customs_supervision": message.under_customs_supervision,
        "former_means": message.former_means,
        "new_means": message.new_means,
        "text": message.text,
    }
    tell(draft, case, Incident, message, message.office, body, ahead=True)


__all__ = ["on_arrival", "on_control_result", "on_crossing", "on_departure", "on_incident"]
