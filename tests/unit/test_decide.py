"""What a node decides, told as journeys of one consignment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from exchange.codec import decode
from exchange.messages import FunctionalRejection, RegistrationResult
from exchange.references import message_id
from tests.journey import COUNTRY, POLICIES, UCR, Journey, consignment, demanded


async def through_altynkol(journey: Journey, **arrival: Any) -> list[tuple[str, str]]:
    await journey.leave_xian()
    await journey.wait(days=5)
    await journey.arrive("9912", "EXIT")
    await journey.file("99101")
    await journey.wait(hours=6)
    await journey.cross("9912", "EXIT")
    made = await journey.work("99101", "ENTRY", await journey.arrive("99101", "ENTRY", **arrival))
    await journey.wait(hours=1)
    await journey.cross("99101", "ENTRY")
    return made


async def to_kouvola(journey: Journey) -> list[tuple[str, str]]:
    await through_altynkol(journey)
    await journey.wait(days=5)
    await journey.work("99206010", "EXIT", await journey.arrive("99206010", "EXIT"))
    await journey.file("FI542700")
    await journey.cross("99206010", "EXIT")
    await journey.wait(hours=1)
    made = await journey.work("FI542700", "ENTRY", await journey.arrive("FI542700", "ENTRY"))
    await journey.cross("FI542700", "ENTRY")
    await journey.wait(hours=5)
    assert demanded(await journey.arrive("FI999900", "DESTINATION")) == []
    await journey.wait(hours=1)
    return made


async def test_a_declaration_is_registered_under_an_mrn_and_a_pi_number() -> None:
    journey = Journey()
    [answer] = await journey.declare()
    assert isinstance(answer, RegistrationResult)
    assert answer.result == "REGISTERED"
    assert answer.mrn is not None and answer.mrn[2:4] == "CN"
    assert answer.pi_number is not None and answer.pi_number.startswith("CN/040318/")
    assert journey.case("CN")["state"] == "REGISTERED"


async def test_a_second_declaration_of_the_same_consignment_is_refused() -> None:
    journey = Journey()
    await journey.declare()
    [answer] = await journey.declare()
    assert isinstance(answer, RegistrationResult)
    assert (answer.result, answer.reasons[0].code) == ("REFUSED", "DUPLICATE")


async def test_in_the_baseline_services_of_different_territories_exchange_nothing() -> None:
    journey = Journey("baseline")
    await to_kouvola(journey)
    between = {
        (item.header.sender, item.header.recipient, item.code)
        for item in journey.transport.log
        if "." not in item.header.sender and "." not in item.header.recipient
    }
    assert between == {
        ("KZ", "RU", "AAR"),
        ("KZ", "RU", "NCF"),
        ("RU", "KZ", "ARR"),
        ("RU", "KZ", "DCR"),
        ("RU", "KZ", "NCF"),
        ("KZ", "RU", "WRO"),
    }


async def test_in_the_baseline_the_entry_captures_and_checks_the_documents_and_scans() -> None:
    journey = Journey("baseline")
    made = await through_altynkol(journey)
    assert made == [("DOCUMENTARY", "CAPTURE_AND_CHECK"), ("SCAN", "FULL")]


async def test_with_advance_information_the_documents_are_checked_before_arrival_and_only_matched_then() -> None:
    journey = Journey("advance")
    await journey.leave_xian()
    await journey.wait(days=3)
    [before] = [m for m in journey.delivered if m.CODE == "CTD" and m.header.recipient == "KZ.99101"]
    assert demanded((before,)) == [("DOCUMENTARY", "CHECK")]
    [answer] = await journey.control("99101", "ENTRY", "DOCUMENTARY", "CHECK")
    assert demanded((answer,)) == []
    await journey.wait(days=2)
    await journey.file("99101")
    assert demanded(await journey.arrive("99101", "ENTRY")) == [("DOCUMENTARY", "MATCH"), ("SCAN", "FULL")]


async def test_a_check_not_yet_made_at_arrival_is_demanded_again() -> None:
    journey = Journey("advance")
    await journey.leave_xian()
    await journey.wait(days=5)
    await journey.file("99101")
    replies = await journey.arrive("99101", "ENTRY")
    assert demanded(replies) == [("DOCUMENTARY", "CHECK"), ("DOCUMENTARY", "MATCH"), ("SCAN", "FULL")]


async def test_late_information_changes_nothing_at_the_border() -> None:
    def late(message: Any, due: Any) -> Any:
        return due + timedelta(days=45) if message.CODE in ("AAR", "ATR", "CTR") else due

    journey, plain = Journey("recognition", faults=late), Journey("baseline")
    assert await through_altynkol(journey) == await through_altynkol(plain)


async def test_what_comes_late_joins_the_case_and_what_waited_for_it_is_rejected_after_six_hours() -> None:
    def late(message: Any, due: Any) -> Any:
        return due + timedelta(days=45) if message.CODE == "ATR" else due

    journey = Journey("advance", faults=late)
    await journey.leave_xian()
    await journey.wait(minutes=1)
    assert len(journey.case("KZ")["parked"]) == 1
    await journey.wait(hours=7)
    assert journey.case("KZ")["parked"] == []
    assert journey.codes("KZ", "CN") == ["NCK"]
    await through_altynkol_after_departure(journey)
    await journey.wait(days=50)
    [record] = [m for m in journey.case("KZ")["movements"] if m["told"] is not None]
    assert record["usable"] is False


async def through_altynkol_after_departure(journey: Journey) -> None:
    await journey.wait(days=5)
    await journey.file("99101")
    await journey.work("99101", "ENTRY", await journey.arrive("99101", "ENTRY"))


async def test_a_message_ahead_of_its_record_is_parked_and_applied_when_the_record_comes() -> None:
    def slow(message: Any, due: Any) -> Any:
        return due + timedelta(hours=2) if message.CODE == "ATR" else due

    journey = Journey("advance", faults=slow)
    await journey.leave_xian()
    await journey.wait(minutes=1)
    assert len(journey.case("KZ")["parked"]) == 1
    await journey.wait(hours=3)
    assert journey.case("KZ")["parked"] == []
    assert journey.case("KZ")["state"] == "IN_TRANSIT"
    assert journey.codes("KZ", "CN") == []


async def test_the_departure_service_controls_what_others_would_recognise() -> None:
    assert await Journey("advance").leave_xian() == [("DOCUMENTARY", "CHECK")]
    assert await Journey("recognition").leave_xian() == [("DOCUMENTARY", "CHECK"), ("SCAN", "FULL")]


async def test_a_recognised_scan_waives_the_scan_at_every_entry() -> None:
    journey = Journey("recognition")
    made = await to_kouvola(journey)
    assert ("SCAN", "FULL") not in made
    offers = journey.case("KZ")["recognitions"]
    assert [(o["form"], o["outcome"], o["stage"]) for o in offers] == [("SCAN", "ACCEPTED", "CONFIRMED")]
    answers = journey.case("CN")["recognised_elsewhere"]
    assert {(a["by"], a["stage"]) for a in answers[:2]} == {("KZ", "CONDITIONAL"), ("FI", "CONDITIONAL")}
    assert [(a["by"], a["stage"]) for a in answers[2:]] == [("KZ", "CONFIRMED"), ("FI", "CONFIRMED")]


async def test_the_residual_draw_controls_in_spite_of_recognition() -> None:
    journey = Journey("recognition", residual=1.0)
    made = await through_altynkol(journey)
    assert ("SCAN", "FULL") in made
    assert journey.case("KZ")["recognitions"][0]["stage"] == "CONFIRMED"


async def test_a_broken_seal_lapses_the_recognition_and_targets_the_consignment() -> None:
    journey = Journey("recognition")
    made = await through_altynkol(journey, seal="BROKEN")
    assert ("SCAN", "FULL") in made and ("PHYSICAL", "FULL") in made
    [offered] = journey.case("KZ")["recognitions"]
    assert (offered["outcome"], offered["stage"], offered["reasons"]) == ("REFUSED", "LAPSED", ["SEAL"])


async def test_a_difference_of_mass_lapses_the_recognition() -> None:
    journey = Journey("recognition")
    await through_altynkol(journey, found_mass="21000")
    assert journey.case("KZ")["recognitions"][0]["reasons"] == ["MASS"]


async def test_a_trader_off_the_list_gets_no_recognition() -> None:
    journey = Journey("recognition", participants=frozenset({"XA001"}))
    assert await journey.leave_xian() == [("DOCUMENTARY", "CHECK")]
    assert "CTR" not in journey.codes("CN", "KZ")


async def test_information_later_than_the_lead_time_is_not_usable() -> None:
    journey = Journey("recognition", goods=consignment({"9911": -1.0, "9912": -0.99, "99101": -0.95}))
    await journey.leave_xian()
    await journey.wait(minutes=5)
    assert "KZ.99101" not in {m.header.recipient for m in journey.delivered if m.CODE == "CTD"}
    assert journey.case("KZ")["recognitions"][0]["reasons"] == ["LATE"]


async def test_the_movements_end_with_write_offs() -> None:
    journey = Journey("recognition")
    await to_kouvola(journey)
    assert "WRO" in journey.codes("CN", "CN.XA001")
    assert "WRO" in journey.codes("KZ", "KZ.KTZ")
    assert "WRO" in journey.codes("FI", "FI.VR")
    for country in ("CN", "KZ", "RU"):
        states = {m["mrn"]: m["state"] for m in journey.case(country)["movements"]}
        assert set(states.values()) == {"WRITTEN_OFF"}, (country, states)


async def test_goods_may_not_cross_before_they_are_cleared() -> None:
    journey = Journey()
    await journey.file("99101")
    await journey.arrive("99101", "ENTRY")
    [answer] = await journey.cross("99101", "ENTRY")
    assert isinstance(answer, FunctionalRejection)
    assert answer.errors[0].code == "92"
    assert journey.case("KZ")["state"] == "AT_BORDER"


async def test_a_found_irregularity_detains_the_goods() -> None:
    journey = Journey()
    await journey.file("99101")
    await journey.arrive("99101", "ENTRY")
    replies = await journey.control("99101", "ENTRY", "DOCUMENTARY", "CAPTURE_AND_CHECK", result="B1")
    assert replies == ()
    assert journey.case("KZ")["state"] == "DETAINED"
    [answer] = await journey.cross("99101", "ENTRY")
    assert isinstance(answer, FunctionalRejection)


@pytest.mark.parametrize(
    ("sender", "code", "status"),
    [("KZ.KTZ", "role", 403), ("CN.9911", "sender", 403), ("KZ.99101", "office", 403)],
)
async def test_members_may_say_only_what_is_theirs(sender: str, code: str, status: int) -> None:
    from exchange.messages import ArrivalAdvice

    journey = Journey()
    office = "99101" if sender != "KZ.99101" else "99102"
    message = ArrivalAdvice(
        header=journey.header("ARR", sender, "KZ"), ucr=UCR, office=office, presentation="ENTRY", arrived_at=journey.now
    )
    decision = journey.cores["KZ"].decide(message, journey.now)
    assert decision.refusal is not None
    assert (decision.refusal.code, decision.refusal.status) == (code, status)
    assert journey.cores["KZ"].view(UCR) is None


async def test_without_an_agreement_a_partner_is_refused() -> None:
    sending, receiving = Journey("advance"), Journey("baseline")
    await sending.leave_xian()
    await sending.wait(minutes=1)
    record = next(decode(i.xml or b"") for i in sending.transport.log if i.code == "ATR")
    decision = receiving.cores[record.header.recipient].decide(record, receiving.now)
    assert decision.refusal is not None
    assert decision.refusal.code == "no-agreement"
    assert decision.entries == ()


async def test_nobody_but_the_post_is_told_of_a_selection() -> None:
    journey = Journey("recognition", residual=1.0)
    await to_kouvola(journey)
    told = {i.header.recipient for i in journey.transport.log if i.code == "CTD"}
    assert told <= {f"{COUNTRY[office]}.{office}" for office, _ in POLICIES}


async def test_the_same_input_gets_the_same_decision_and_a_folded_case_equals_the_one_that_lived() -> None:
    journey, again = Journey("recognition"), Journey("recognition")
    await to_kouvola(journey)
    await to_kouvola(again)
    for country in ("CN", "KZ", "RU", "FI"):
        assert journey.case(country) == again.case(country)
        core = journey.cores[country]
        lived = journey.case(country)
        case = core.case(UCR)
        assert case is not None
        core.load(UCR, entries_of(journey, country))
        assert journey.case(country) == lived


def entries_of(journey: Journey, country: str) -> list[Any]:
    """Decide everything the node received once more, in order, and return the entries."""
    twin = Journey("recognition").cores[country]
    entries = []
    for item in journey.transport.log:
        if item.header.recipient == country and item.accepted:
            entries += twin.decide(decode(item.xml or b""), item.at).entries
    return entries


def test_message_ids_follow_from_what_they_name() -> None:
    one = message_id("CN", "KZ", "ATR", UCR, 3)
    assert one == message_id("CN", "KZ", "ATR", UCR, 3)
    assert one != message_id("CN", "KZ", "ATR", UCR, 4)


def test_message_ids_are_uuids_of_version_5() -> None:
    from uuid import uuid5

    from exchange.references import MESSAGE_NAMESPACE

    assert message_id("CN", "KZ", "ATR", UCR, 3) == str(uuid5(MESSAGE_NAMESPACE, f"CN|KZ|ATR|{UCR}|3"))
