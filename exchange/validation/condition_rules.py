"""The rule PIX-049: a message holds what its own codes ask for, and nothing that they exclude.

Each condition is a part of the rule, in the manner of the C conditions of the EU transit system: required (code 13) or
not allowed (code 15) by the value of another element of the same message.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exchange.messages import (
    Amendment,
    AssistanceAnswer,
    AssistanceRequest,
    DataRequest,
    DataResponse,
    DiscrepanciesSolved,
    EnquiryResponse,
    InspectionImage,
    Invalidation,
    Message,
    ParticipantList,
    PreliminaryDecision,
    RecognitionResponse,
    RegistrationResult,
    Release,
    SlotBooking,
    StatusAnswer,
    ViolationAlert,
)
from exchange.sentences import tell
from exchange.validation.reach import having
from exchange.validation.rules import Break, Path, register


def _given(value: object) -> bool:
    return value is not None and value != ()


def _pair(value: object, due: bool, path: Path, when: str) -> Iterator[Break]:
    """Yield the break of "``path`` is given if and only if ``due``"; ``when`` says what makes it due, or not."""
    name = tell(str(path[-1]).replace("_", " "))
    if due and not _given(value):
        yield Break(path, None, tell("the {name}", name=name), tell("{when} needs the {name}.", when=when, name=name))
    elif not due and _given(value):
        yield Break(path, None, tell("no {name}", name=name), tell("{when} has no {name}.", when=when, name=name))


@register("PIX-049", "DRQ", "a request names the MRN or the export declaration", "RU-IT arrangement", code="13")
def request_names_the_export(message: DataRequest) -> Iterator[Break]:
    if message.mrn is None and message.export_declaration_number is None:
        text = tell("A data request needs the MRN or the number of the export declaration that it asks about.")
        yield Break(("mrn",), None, tell("the MRN, or the number of the export declaration"), text)


@register("PIX-049a", "DRS", "export data are given if and only if they were found", "RU-IT arrangement", code="13")
def data_if_found(message: DataResponse) -> Iterator[Break]:
    when = tell("An answer with the result {result}", result=message.result)
    yield from _pair(message.export_data, message.result == "FOUND", ("export_data",), when)


@register("PIX-049b", "INV", "accepted or not stands with the time of decision", "NCTS IE009", code="13")
def decided_when_answered(message: Invalidation) -> Iterator[Break]:
    answered = message.accepted is not None
    when = tell("An invalidation that is answered") if answered else tell("A mere request")
    yield from _pair(message.decided_at, answered, ("decided_at",), when)


@register("PIX-049c", "ENR", "the time of arrival is given if and only if the goods arrived", "NCTS IE141", code="13")
def arrived_when(message: EnquiryResponse) -> Iterator[Break]:
    yield from _pair(
        message.arrived_at,
        message.outcome == "ARRIVED",
        ("arrived_at",),
        tell("The outcome {outcome}", outcome=message.outcome),
    )


@register("PIX-049d", "ENR", "a control result is given only if the goods arrived", "NCTS IE141", code="15")
def result_after_arrival(message: EnquiryResponse) -> Iterator[Break]:
    if message.result is not None and message.outcome != "ARRIVED":
        text = tell("The outcome {outcome} has no control result.", outcome=message.outcome)
        yield Break(("result",), message.result, tell("no result, or the outcome ARRIVED"), text)


@register("PIX-049e", "IMG", "the location of an image ends in its digest", "EAEU CheckSumId")
def location_is_the_digest(message: InspectionImage) -> Iterator[Break]:
    if not message.location.endswith(message.sha256):
        text = tell("The location is that of another image: it does not end in the SHA-256 given.")
        yield Break(("location",), message.location, f"/images/{message.sha256}", text)


@register("PIX-049f", "REG", "a PI number is given if and only if there was a registration", "EEC 52/2018", code="13")
def number_when_registered(message: RegistrationResult) -> Iterator[Break]:
    yield from _pair(
        message.pi_number,
        message.result != "REFUSED",
        ("pi_number",),
        tell("The result {result}", result=message.result),
    )


_REFUSED = {"REG": "result", "SLT": "stage", "RCG": "outcome", "MAS": "outcome"}
"""Messages with reasons, and the field that says that something was refused."""


@register("PIX-049g", " ".join(_REFUSED), "a refusal gives its reason", "NCTS IE056, INSTC protocol", code="13")
def refusals_have_reasons(
    message: RegistrationResult | SlotBooking | RecognitionResponse | AssistanceAnswer,
) -> Iterator[Break]:
    if getattr(message, _REFUSED[message.CODE]) == "REFUSED" and not message.reasons:
        yield Break(("reasons",), None, tell("a reason with its code"), tell("What is refused needs its reason."))


@register("PIX-049h", "SLT", "a slot has a number if and only if it is confirmed or cancelled", "GoSwift", code="13")
def number_of_a_slot(message: SlotBooking) -> Iterator[Break]:
    if message.stage in ("CONFIRMED", "REQUESTED"):
        yield from _pair(
            message.slot_number,
            message.stage == "CONFIRMED",
            ("slot_number",),
            tell("A booking that is {stage}", stage=message.stage),
        )


@register("PIX-049i", "RCG", "a recognition lapses if and only if it is refused", "INSTC protocol")
def lapsed_is_refused(message: RecognitionResponse) -> Iterator[Break]:
    if (message.outcome == "REFUSED") != (message.stage == "LAPSED"):
        right = "LAPSED" if message.outcome == "REFUSED" else "CONDITIONAL or CONFIRMED"
        text = tell(
            "A recognition with the outcome {outcome} is not {stage}.", outcome=message.outcome, stage=message.stage
        )
        yield Break(("stage",), message.stage, right, text)


@register("PIX-049j", "MAQ", "a request about a party names it", "SAFE Framework", code="13")
def party_named(message: AssistanceRequest) -> Iterator[Break]:
    if message.subject == "PARTY" and message.party is None:
        yield Break(("party",), None, tell("the party"), tell("A request about a party needs that party."))


@register(
    "PIX-049k",
    having("discrepancies"),
    "a discrepancy says what was declared or what was found, and that they differ",
    "NCTS IE020",
)
def discrepancies_differ(message: Any) -> Iterator[Break]:
    for index, one in enumerate(message.discrepancies):
        if one.declared == one.found:
            text = tell("Declared and found are the same: this is no discrepancy.")
            yield Break(
                ("discrepancies", index), one.found, tell("what was declared and what was found, not the same"), text
            )


@register("PIX-049l", "DSC DCR", "discrepancies go with a result that tells of them", "NCTS IE018, IE020")
def result_tells_of_discrepancies(message: Any) -> Iterator[Break]:
    if message.discrepancies and message.result in ("A1", "A2", "A3"):
        text = tell("There are discrepancies, but the result is {result}.", result=message.result)
        yield Break(("result",), message.result, tell("A4, A5, or one of B1, B2, B3"), text)


@register("PIX-049m", "DSS", "what is solved leaves no discrepancy upheld", "NCTS IE049")
def solved_upholds_nothing(message: DiscrepanciesSolved) -> Iterator[Break]:
    for index, one in enumerate(message.resolutions):
        if message.solved and one.outcome == "UPHELD":
            text = tell("The notice is said to be solved, but this discrepancy is upheld.")
            yield Break(("resolutions", index, "outcome"), one.outcome, tell("EXPLAINED or CORRECTED"), text)


@register(
    "PIX-049n", "PDC", "a decision names the container or the means it is on", "EAEU PrelimDecisionMsg", code="13"
)
def unit_named(message: PreliminaryDecision) -> Iterator[Break]:
    for index, unit in enumerate(message.units):
        if unit.container_id is None and unit.means_id is None:
            text = tell("The decision names neither a container nor a wagon or vehicle.")
            yield Break(("units", index, "container_id"), None, tell("the container or the means"), text)


@register("PIX-049o", "PDC", "the red channel names a form of control, the green one none", "EAEU PrelimDecisionMsg")
def channel_and_form(message: PreliminaryDecision) -> Iterator[Break]:
    for index, unit in enumerate(message.units):
        if unit.channel in ("RED", "GREEN"):
            when = tell("The {channel} channel", channel=tell(unit.channel.lower()))
            yield from _pair(unit.form, unit.channel == "RED", ("units", index, "form"), when)


@register("PIX-049p", "ALR", "an alert is on a flight: mode 4", "NCTS R0315")
def by_air(message: ViolationAlert) -> Iterator[Break]:
    if message.flight.mode_code != "4":
        text = tell("An alert of this kind is on a flight, but the means is of another mode.")
        yield Break(("flight", "mode_code"), message.flight.mode_code, "4", text)


@register("PIX-049q", "AMD INV", "an amendment or invalidation names the declaration", "NCTS IE013, IE014", code="13")
def declaration_named(message: Amendment | Invalidation) -> Iterator[Break]:
    if message.pi_number is None and message.mrn is None:
        text = tell("A {code} needs the PI number or the MRN of the declaration it is on.", code=message.CODE)
        yield Break(("pi_number",), None, tell("the PI number, or the MRN"), text)


@register("PIX-049r", "AMD", "a change says what stood there or what stands there now, not the same", "NCTS IE013")
def changes_change(message: Amendment) -> Iterator[Break]:
    for index, change in enumerate(message.changes):
        if change.before == change.after:
            text = tell("Before and after are the same: nothing is changed here.")
            yield Break(("changes", index), change.after, tell("the value before and after, not the same"), text)


@register("PIX-049s", "LST", "additions and removals name the version before", "RU-CN arrangement", code="13")
def changes_since_a_version(message: ParticipantList) -> Iterator[Break]:
    if (message.added or message.removed) and message.previous_version is None:
        text = tell("Additions and removals need the version since which they were made.")
        yield Break(("previous_version",), None, tell("the version before"), text)


@register("PIX-049t", "STS", "of an unknown case no message is known", "NCTS IE095", code="15")
def unknown_has_no_messages(message: StatusAnswer) -> Iterator[Break]:
    if message.state == "UNKNOWN" and message.known_messages:
        text = tell("The case is said to be unknown, but messages of it are known.")
        yield Break(("known_messages", 0), None, tell("no known message, or another state"), text)


@register("PIX-049u", "REL", "the time limit lies on or after the day of release", "NCTS IE029")
def limit_after_release(message: Release) -> Iterator[Break]:
    if message.limit_date < message.released_at.date():
        day = f"{message.released_at:%Y-%m-%d}"
        text = tell("The time limit lies before the release on {day}.", day=day)
        yield Break(("limit_date",), f"{message.limit_date}", tell("{day} or later", day=day), text)


@register("PIX-049v", having("answer_by"), "an answer is asked for after the message was sent", "UCC IA 310")
def answer_in_time(message: Message) -> Iterator[Break]:
    by = getattr(message, "answer_by", None)
    if by is not None and by <= message.header.sent_at:
        sent = f"{message.header.sent_at:%Y-%m-%dT%H:%M:%SZ}"
        text = tell("The answer is asked for no later than the message was sent ({sent}).", sent=sent)
        yield Break(("answer_by",), f"{by:%Y-%m-%dT%H:%M:%SZ}", tell("later than {sent}", sent=sent), text)


__all__: list[str] = []
