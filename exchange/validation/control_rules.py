"""The rules PIX-035 to PIX-043 as far as one message shows them: controls, their offices, masses and times."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from exchange.messages import ControlDecision, ControlResult, InspectionImage, Message, WriteOff
from exchange.sentences import tell
from exchange.validation.offices import MARGIN, country_of
from exchange.validation.reach import having
from exchange.validation.rules import Break, register

FAILED = frozenset({"A5", "B1", "B2", "B3"})
"""Control results with which goods do not go on."""
ORIGINAL = "application/xml"
"""Media type of the attachment by which a control result that is passed on names its original."""
MASS_TOLERANCE = {"SCAN": Decimal("0.10"), "WEIGHING": Decimal("0.05")}
"""Share of the declared mass by which a mass found may differ, by form of control (PIX-037)."""


@register("PIX-035", "CTR", "a control ends after it began", "EEC R.051")
def control_lasts(message: ControlResult) -> Iterator[Break]:
    if message.ended_at <= message.began_at:
        began = f"{message.began_at:%Y-%m-%dT%H:%M:%SZ}"
        text = tell("The control is said to have ended no later than it began ({began}).", began=began)
        yield Break(
            ("ended_at",), f"{message.ended_at:%Y-%m-%dT%H:%M:%SZ}", tell("later than {began}", began=began), text
        )


@register(
    "PIX-035a",
    "CTR IMG",
    "the office of the control belongs to the sender's country, unless a result is passed on, or its image",
    "EEC R.051, EU Customs Office List",
)
def own_office(message: ControlResult | InspectionImage) -> Iterator[Break]:
    country, sender = country_of(message.office), message.header.sender[:2]
    if country is not None and country != sender and not _passed_on(message):
        text = tell(
            "Office {office} belongs to {country}, but {sender} sends this.",
            office=message.office,
            country=country,
            sender=sender,
        )
        yield Break(("office",), message.office, tell("an office of {sender}", sender=sender), text)


def _passed_on(message: ControlResult | InspectionImage) -> bool:
    """Return whether a message is a control result that its sender passes on with the originator's leave, or its image.

    A result names its original then, an image the result that it belongs to.
    """
    if isinstance(message, InspectionImage):
        return message.may_forward and message.control_result_id is not None
    return message.may_forward and any(one.media_type == ORIGINAL for one in message.attachments)


def beyond_tolerance(message: ControlResult) -> Decimal | None:
    """Return by which share of the declared mass the one found differs, if that is too much for a good result."""
    declared, found = message.declared_mass, message.found_mass
    tolerance = MASS_TOLERANCE.get(message.form)
    if declared is None or found is None or tolerance is None or not declared or message.result in FAILED:
        return None
    share = abs(found - declared) / declared
    return share if share > tolerance else None


@register(
    "PIX-037",
    "CTR",
    "a mass found that differs from the declared one by more than 10 % (scan) or 5 % (weighing) gives A5 or B",
    "practice of rail scanners and weighbridges",
)
def mass_found(message: ControlResult) -> Iterator[Break]:
    share = beyond_tolerance(message)
    if share is not None:
        text = tell(
            "The mass found differs from the declared {declared_mass} kg by {share:.1%}, "
            "more than {mass_tolerance:.0%}, but the result is {result}.",
            declared_mass=message.declared_mass,
            share=share,
            mass_tolerance=MASS_TOLERANCE[message.form],
            result=message.result,
        )
        yield Break(("result",), message.result, tell("A5, or one of B1, B2, B3"), text)


@register("PIX-038", "IMG", "an image names the container or the wagon that it shows", "EEC R.051", code="13")
def image_of_something(message: InspectionImage) -> Iterator[Break]:
    if message.container_id is None and message.means_id is None:
        text = tell("The image names neither a container nor a wagon or vehicle.")
        yield Break(("container_id",), None, tell("the container or the means shown"), text)


@register("PIX-039", "CTD", "a mere intention to control (type 2) lists no controls", "NCTS C0451, C0452", code="15")
def intention_lists_nothing(message: ControlDecision) -> Iterator[Break]:
    if message.notification_type == "2" and message.controls:
        text = tell("A notification of type 2 announces an intention and lists no controls.")
        yield Break(("controls", 0), None, tell("no required control, or type 0"), text)


EVENTS = (
    "released_at",
    "departed_at",
    "arrived_at",
    "crossed_at",
    "occurred_at",
    "checked_at",
    "ended_at",
    "captured_at",
    "controlled_at",
    "noted_at",
    "solved_at",
    "decided_at",
    "written_off_at",
)
"""Times of events that a message reports."""


@register(
    "PIX-041", having(*EVENTS), "an event is reported after it happened, with five minutes for the clocks", "logic"
)
def events_before_their_report(message: Message) -> Iterator[Break]:
    values = message.__dict__
    latest = message.header.sent_at + MARGIN
    for name in EVENTS:
        at = values.get(name)
        if at is not None and at > latest:
            sent = f"{message.header.sent_at:%Y-%m-%dT%H:%M:%SZ}"
            text = tell("The message was sent at {sent}, before what it reports happened.", sent=sent)
            yield Break((name,), f"{at:%Y-%m-%dT%H:%M:%SZ}", tell("no later than {sent}", sent=sent), text)


@register("PIX-043", "WRO", "only a movement that ended well (A1 to A4) is written off", "UCC IA 310")
def ended_well(message: WriteOff) -> Iterator[Break]:
    if message.result in FAILED:
        text = tell("A movement with the result {result} is not written off.", result=message.result)
        yield Break(("result",), message.result, tell("A1, A2, A3 or A4"), text)


__all__ = ["EVENTS", "FAILED", "MASS_TOLERANCE", "ORIGINAL", "beyond_tolerance"]
