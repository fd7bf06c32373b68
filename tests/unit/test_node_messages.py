"""What a node makes of the messages that are no record of goods: changes, questions, notices, matters for people."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from exchange.messages import (
    Amendment,
    AssistanceAnswer,
    AssistanceRequest,
    ControlResult,
    DataRequest,
    DiscrepanciesSolved,
    DiscrepancyNotice,
    Enquiry,
    FunctionalRejection,
    Header,
    Invalidation,
    Message,
    MonetaryAmount,
    Participant,
    ParticipantList,
    RegistrationResult,
    Release,
    SlotBooking,
    StatusQuery,
    TransportMeans,
    Unavailability,
    UnavailabilityCancelled,
)
from exchange.messages.declaration import Change
from exchange.messages.enquiry import Resolution
from exchange.messages.parts import Discrepancy
from exchange.references import message_id
from nodes.decide import FROM_PARTNERS, FROM_POSTS, FROM_TRADERS
from nodes.profile import SidePolicy
from tests.journey import POLICIES, START, UCR, Journey, consignment, demanded

CHANGES = (Change(sequence_number=1, pointer="/Amendment/Consignment/GrossMass", before="1", after="2"),)


async def registered(journey: Journey) -> RegistrationResult:
    [answer] = await journey.declare()
    assert isinstance(answer, RegistrationResult)
    return answer


def one(messages: tuple[Message, ...], code: str) -> Any:
    [found] = [message for message in messages if code == message.CODE]
    return found


def valued(**changes: Any) -> Any:
    [item] = consignment().goods_items
    value = MonetaryAmount(amount=Decimal(90000), currency_code="USD")
    return consignment(goods_items=(item.model_copy(update={"statistical_value": value, **changes}),))


async def test_an_amendment_puts_the_declaration_anew() -> None:
    journey = Journey()
    number = await registered(journey)
    heavier = consignment(gross_mass=Decimal("18500"))
    answer = one(
        await journey.tell(
            Amendment,
            "CN.XA001",
            mrn=number.mrn,
            office="9911",
            amendment_number=1,
            consignment=heavier,
            changes=CHANGES,
        ),
        "REG",
    )
    assert (answer.result, answer.mrn, answer.pi_number) == ("REGISTERED", number.mrn, number.pi_number)
    case = journey.cores["CN"].case(UCR)
    assert case is not None and case.declaration is not None
    assert case.declaration.consignment.gross_mass == 18500
    assert case.movements[number.mrn or ""].consignment.gross_mass == 18500
    assert case.state == "REGISTERED"


async def test_an_invalidation_is_accepted_before_release_and_refused_after() -> None:
    early, late = Journey(), Journey()
    number = await registered(early)
    body: dict[str, Any] = {
        "mrn": number.mrn,
        "office": "9911",
        "initiated_by_customs": False,
        "justification": "The sale was cancelled.",
    }
    assert one(await early.tell(Invalidation, "CN.XA001", **body), "INV").accepted is True
    assert early.case("CN")["state"] == "INVALIDATED"
    refused = one(await early.arrive("9911", "DEPARTURE"), "NCK")
    assert refused.errors[0].code == "92"
    await late.leave_xian()
    late.now += timedelta(minutes=1)
    answer = one(await late.tell(Invalidation, "CN.XA001", **body), "INV")
    assert (answer.accepted, answer.decided_at) == (False, late.now)
    assert late.case("CN")["state"] == "IN_TRANSIT"


async def test_a_status_query_is_answered_to_who_is_party_and_tells_nobody_of_a_control() -> None:
    journey = Journey("advance")
    await registered(journey)
    await journey.arrive("9911", "DEPARTURE")
    trader = one(await journey.tell(StatusQuery, "CN.XA001"), "STS")
    assert (trader.state, trader.known_messages) == ("REGISTERED", ())
    assert one(journey.hear(StatusQuery, "KZ", "CN"), "STS").state == "UNKNOWN"
    other = Journey("advance")
    await other.leave_xian()
    await other.wait(minutes=5)
    answer = one(other.hear(StatusQuery, "CN", "KZ"), "STS")
    assert answer.state == "IN_TRANSIT"
    assert [known.message_type for known in answer.known_messages] == ["DEP", "ATR"]


async def test_an_enquiry_is_answered_with_what_is_known_at_destination() -> None:
    journey = Journey("advance")
    await journey.leave_xian()
    await journey.wait(minutes=5)
    [movement] = [m for m in journey.case("FI")["movements"] if m["told"]]
    body: dict[str, Any] = {
        "mrn": movement["mrn"],
        "office": "9911",
        "subject": "ARRIVAL",
        "limit_date": START.date(),
        "answer_by": START + timedelta(days=60),
    }
    assert one(journey.hear(Enquiry, "CN", "FI", **body), "ENR").outcome == "NOT_ARRIVED"
    await journey.wait(days=16)
    arrived = journey.now
    await journey.arrive("FI999900", "DESTINATION")
    answer = one(journey.hear(Enquiry, "CN", "FI", **body), "ENR")
    assert (answer.outcome, answer.arrived_at, answer.result) == ("ARRIVED", arrived, "A2")


async def test_a_data_request_finds_what_was_declared_and_makes_nothing_up() -> None:
    plain, stating = Journey("advance", goods=valued()), Journey("advance", goods=valued(), delivery_terms="FCA")
    for journey in (plain, stating):
        number = await registered(journey)
        ask: dict[str, Any] = {"office": "99101", "purpose": "RISK_ANALYSIS"}
        answer = one(journey.hear(DataRequest, "KZ", "CN", mrn=number.mrn, **ask), "DRS")
        assert answer.result == ("FOUND" if journey is stating else "NOT_FOUND")
        other = journey.hear(DataRequest, "KZ", "CN", mrn="24GB000246J8NY33L7", **ask)
        assert one(other, "DRS").result == "NOT_FOUND"
        [refused] = journey.hear(DataRequest, "KZ", "CN", **ask)
        assert isinstance(refused, FunctionalRejection)
        assert [(error.code, error.rule_id) for error in refused.errors] == [("13", "PIX-049")]
    data = answer.export_data
    assert (data.mrn, data.terms_of_delivery, data.invoice_amount.amount) == (number.mrn, "FCA", 90000)


async def test_discrepancies_are_kept_open_until_they_are_solved() -> None:
    journey = Journey("advance")
    await journey.leave_xian()
    await journey.wait(minutes=5)
    mrn = next(m["mrn"] for m in journey.case("CN")["movements"])
    body: dict[str, Any] = {"mrn": mrn, "office": "FI999900"}
    different = Discrepancy(sequence_number=1, pointer="/x", declared="1", found="2")
    journey.hear(DiscrepancyNotice, "FI", "CN", **body, result="A5", noted_at=journey.now, discrepancies=(different,))
    case = journey.cores["CN"].case(UCR)
    assert case is not None
    assert case.movements[mrn].state == "DISCREPANCY"
    [notice] = case.open_matters
    assert journey.case("CN")["open_matters"] == [{"id": notice, "code": "DSC"}]
    solution = Resolution(sequence_number=1, outcome="EXPLAINED")
    solved: dict[str, Any] = {"solved": True, "solved_at": journey.now, "resolutions": (solution,)}
    refused = journey.hear(DiscrepanciesSolved, "FI", "CN", to=notice, **body, **solved)
    assert one(refused, "NCK").errors[0].rule_id == "PIX-002"


async def test_what_a_control_at_destination_found_otherwise_is_asked_about_and_what_is_solved_is_written_off() -> None:
    policies = {**POLICIES, ("FI999900", "DESTINATION"): SidePolicy(shares={"WEIGHING": 1.0})}
    journey = Journey("advance", policies=policies)
    await journey.leave_xian()
    await journey.wait(days=16)
    assert ("WEIGHING", "FULL") in demanded(await journey.arrive("FI999900", "DESTINATION"))
    await journey.wait(hours=1)
    act: dict[str, Any] = {"form": "WEIGHING", "extent": "FULL", "act_number": "FI/1", "office": "FI999900"}
    await journey.tell(
        ControlResult, "FI.FI999900", **act, presentation="DESTINATION", began_at=journey.now - timedelta(minutes=9),
        ended_at=journey.now, result="A5", offence_indicator=False, declared_mass=Decimal(18000),
        found_mass=Decimal(15000),
    )  # fmt: skip
    await journey.wait(minutes=5)
    assert journey.codes("FI", "CN")[-1] == "DSC"
    case = journey.cores["CN"].case(UCR)
    assert case is not None
    [(mrn, movement)] = case.movements.items()
    assert movement.state == "DISCREPANCY"
    [notice] = case.open_matters
    solution = Resolution(sequence_number=1, outcome="EXPLAINED")
    body: dict[str, Any] = {"mrn": mrn, "office": "9911", "solved_at": journey.now, "resolutions": (solution,)}
    assert journey.hear(DiscrepanciesSolved, "CN", "FI", to=notice, solved=True, **body) == ()
    assert {m.state for m in journey.cores["FI"].case(UCR).movements.values()} == {"CONTROLLED"}  # type: ignore[union-attr]


async def test_a_request_for_assistance_waits_for_a_person() -> None:
    journey = Journey("advance")
    await journey.leave_xian()
    body: dict[str, Any] = {"reference": "FI-1", "legal_basis": "Agreement of 2016, article 4", "text": "Is it so?"}
    asked = journey.hear(AssistanceRequest, "FI", "CN", **body, measure="INFORMATION", subject="GOODS", urgent=False)
    assert asked == ()
    assert [matter["code"] for matter in journey.case("CN")["open_matters"]] == ["MAQ"]
    answered = journey.hear(
        AssistanceAnswer, "FI", "CN", to="00000000-0000-4000-8000-000000000000", reference="CN-1",
        outcome="ANSWERED", may_use_as_evidence=False, text="Yes.",
    )  # fmt: skip
    assert one(answered, "NCK").errors[0].rule_id == "PIX-002"


async def test_a_booking_is_answered() -> None:
    journey = Journey()
    means = (TransportMeans(mode_code="3", identification_type="30", id="123 ABC"),)
    [answer] = await journey.tell(
        SlotBooking,
        "KZ.KTZ",
        office="99101",
        presentation="ENTRY",
        stage="REQUESTED",
        not_before=journey.now + timedelta(hours=1),
        not_after=journey.now + timedelta(hours=2),
        transport_means=means,
    )
    assert isinstance(answer, SlotBooking)
    assert (answer.stage, answer.reasons[0].code) == ("REFUSED", "NO_SLOTS")


def participants(*ids: str) -> tuple[Participant, ...]:
    return tuple(Participant(sequence_number=n, id=one, name=one, country_code="CN") for n, one in enumerate(ids, 1))


def test_a_list_changes_who_takes_part_from_its_day_on() -> None:
    journey = Journey("recognition")
    core = journey.cores["KZ"]
    listed: dict[str, Any] = {"list_id": "scheme", "valid_from": journey.now}
    journey.hear(ParticipantList, "CN", **listed, list_version=1, participants=participants("XA001", "NEW1"))
    assert core.standing.participants == {"XA001", "KV001", "NEW1"}
    later = journey.now + timedelta(days=1)
    journey.hear(
        ParticipantList, "CN", **(listed | {"valid_from": later}), list_version=2, participants=participants("NEW1")
    )
    assert "XA001" in core.standing.participants
    from exchange.entries import Timer

    [waiting] = core._own.parked
    core.decide(Timer(case="", purpose=f"list:{waiting}", due=later), later)
    assert core.standing.participants == {"KV001", "NEW1"}
    assert core.cases() == []


def test_the_own_stream_is_folded_again_from_its_entries_and_forgotten_with_what_was_not_stored() -> None:
    journey = Journey("recognition")
    core = journey.cores["KZ"]
    before = core.standing
    header = Header(
        message_id=message_id("CN", "KZ", "LST", "", 1), message_type="LST", sender="CN", recipient="KZ",
        sent_at=journey.now, ordinal=1,
    )  # fmt: skip
    message = ParticipantList(
        header=header, list_id="scheme", list_version=1, valid_from=journey.now, participants=participants("NEW1")
    )
    entries = core.decide(message, journey.now).entries
    after = core.standing
    assert after != before
    core.drop([""])
    assert core.standing == before
    assert not core.has("")
    core.load("", entries)
    assert core.standing == after
    assert core.has("")


def test_a_partner_is_unavailable_until_it_says_otherwise() -> None:
    journey = Journey("advance")
    core, start, end = journey.cores["KZ"], journey.now + timedelta(hours=1), journey.now + timedelta(hours=9)
    journey.hear(Unavailability, "CN", planned=True, begins_at=start, ends_at=end, fallback="ACCOMPANYING_DOCUMENT")
    assert core.standing.unavailable("CN", journey.now) is None
    outage = core.standing.unavailable("CN", start)
    assert outage is not None and outage.fallback == "ACCOMPANYING_DOCUMENT"
    assert core.standing.unavailable("CN", end) is None
    assert core.standing.unavailable("FI", start) is None
    [declared] = core.standing.outages
    journey.hear(UnavailabilityCancelled, "FI", unavailability_id=declared, available_from=journey.now)
    assert core.standing.unavailable("CN", start) is not None
    journey.hear(UnavailabilityCancelled, "CN", unavailability_id=declared, available_from=start + timedelta(hours=1))
    assert core.standing.unavailable("CN", start) is not None
    assert core.standing.unavailable("CN", start + timedelta(hours=1)) is None


def test_an_outage_of_one_office_is_not_that_of_the_service() -> None:
    journey = Journey("advance")
    journey.hear(Unavailability, "CN", office="9912", planned=False, begins_at=journey.now, fallback="QUEUE")
    standing = journey.cores["KZ"].standing
    assert standing.unavailable("CN", journey.now) is None
    assert standing.unavailable("CN", journey.now, office="9912") is not None


@pytest.mark.parametrize("sender", ["CN", "KZ.99101", "KZ.KTZ"])
def test_what_a_role_may_never_send_is_refused(sender: str) -> None:
    journey = Journey("advance")
    header = journey.header("REL", sender, "KZ")
    message = Release(
        header=header, ucr=UCR, mrn="24GB000246J8NY33L7", office="99101", released_at=journey.now,
        limit_date=journey.now.date(),
    )  # fmt: skip
    refusal = journey.cores["KZ"].decide(message, journey.now).refusal
    assert refusal is not None
    assert (refusal.status, refusal.code) == (403, "role")


def test_every_message_that_somebody_sends_to_a_service_is_taken() -> None:
    from exchange.messages import CATALOGUE

    only_from_the_service = {"REG", "REL", "CTD"}
    assert set(CATALOGUE) - only_from_the_service == FROM_PARTNERS.keys() | FROM_POSTS.keys() | FROM_TRADERS.keys()


def test_no_rejection_answers_a_rejection() -> None:
    journey = Journey("advance")
    from exchange.messages.parts import FunctionalError

    error = FunctionalError(sequence_number=1, error_class=2, code="92", text="No.")
    unknown = "00000000-0000-4000-8000-000000000000"
    assert journey.hear(FunctionalRejection, "CN", to=unknown, errors=(error,)) == ()
