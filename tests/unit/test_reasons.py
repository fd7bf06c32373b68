"""Why was it stopped? What a node says of each control, told as journeys of one consignment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from nodes.need_to_know import for_reader
from nodes.profile import SidePolicy
from tests.journey import POLICIES, RECOGNITION, Journey, consignment
from tests.unit.test_decide import through_altynkol


async def at_altynkol(journey: Journey, **arrival: Any) -> dict[str, Any]:
    await through_altynkol(journey, **arrival)
    return stop_at(journey, "KZ", "99101")


def stop_at(journey: Journey, country: str, office: str) -> dict[str, Any]:
    [stop] = [one for one in journey.case(country)["stops"] if one["office"] == office]
    return dict(stop)


def because(stop: dict[str, Any], part: str) -> dict[str, str]:
    return {one["form"]: one["because"] for one in stop[part]}


async def test_without_exchange_a_scan_is_a_random_draw_and_documents_are_worked_in_full() -> None:
    journey = Journey("baseline")
    stop = await at_altynkol(journey)
    assert because(stop, "controls") == {"DOCUMENTARY": "NO_INFORMATION", "SCAN": "RANDOM"}
    assert stop["refused"] == stop["passed"] == []
    [arrival] = [m for m in journey.case("KZ")["timeline"] if m["code"] == "ARR" and m["from"] == "KZ.99101"]
    assert stop["controls"][1]["message"] == arrival["id"]
    decided = [m["id"] for m in journey.case("KZ")["timeline"] if m["code"] == "CTD"]
    assert stop["decision"] == decided[0]


async def test_information_in_time_is_named_with_its_agreement() -> None:
    journey = Journey("advance")
    await journey.leave_xian()
    await journey.wait(days=3)
    await journey.control("99101", "ENTRY", "DOCUMENTARY", "CHECK")
    await journey.wait(days=2)
    await journey.file("99101")
    await journey.arrive("99101", "ENTRY")
    [documents, scan] = stop_at(journey, "KZ", "99101")["controls"]
    assert (documents["because"], documents["code"], documents["by"]) == ("CHECKED_BEFORE", "ATR", "CN")
    assert documents["agreement"] == "china-europe-transit-information"
    assert scan["because"] == "RANDOM"


async def test_late_information_is_named_with_its_rule_and_the_refusal_that_follows() -> None:
    def late(message: Any, due: Any) -> Any:
        return due + timedelta(days=5, hours=5) if message.CODE in ("AAR", "ATR", "CTR") else due

    early = consignment({"9912": 4.0, "99101": 4.3})
    stop = await at_altynkol(Journey("recognition", faults=late, goods=early))
    documents, scan = stop["controls"]
    assert (documents["because"], documents["pix"], documents["code"]) == ("LATE_INFORMATION", "PIX-027", "ATR")
    assert scan["because"] == "RANDOM"
    [refused] = stop["refused"]
    assert (refused["because"], refused["pix"], refused["by"]) == ("LATE", "PIX-027", "CN")
    assert refused["text"] in scan["text"] and "was refused" in refused["text"]


async def test_a_recognised_result_is_what_let_the_goods_pass() -> None:
    stop = await at_altynkol(Journey("recognition"))
    assert because(stop, "controls") == {"DOCUMENTARY": "CHECK_OPEN"}
    [passed] = stop["passed"]
    assert (passed["form"], passed["because"], passed["by"]) == ("SCAN", "RECOGNISED", "CN")
    assert passed["act"] == "9911/SCAN/FULL" and passed["agreement"] == RECOGNITION
    assert passed["term"] == "recognition.forms"


async def test_the_residual_draw_is_told_from_a_control_without_recognition() -> None:
    [_, *controls] = (await at_altynkol(Journey("recognition", residual=1.0)))["controls"]
    [scan] = [one for one in controls if one["form"] == "SCAN"]
    assert (scan["because"], scan["term"], scan["agreement"]) == ("RESIDUAL", "residual", RECOGNITION)


async def test_a_broken_seal_is_named_as_rule_and_as_lapse() -> None:
    stop = await at_altynkol(Journey("recognition"), seal="BROKEN")
    [physical] = [one for one in stop["controls"] if one["form"] == "PHYSICAL"]
    assert (physical["because"], physical["rule"], physical["pix"]) == ("TARGETED", "seal-broken", "PIX-031")
    [refused] = stop["refused"]
    assert (refused["because"], refused["pix"]) == ("SEAL", "PIX-031")
    assert "lapsed at arrival" in refused["text"]


async def test_what_nobody_offered_is_said_to_be_missing() -> None:
    policies = {**POLICIES, ("9911", "DEPARTURE"): SidePolicy(documentary="CHECK", shares={"SCAN": 1.0})}
    stop = await at_altynkol(Journey("recognition", participants=frozenset({"XA001"}), policies=policies))
    assert stop["refused"] == []
    assert "no other service offered a result of this form" in stop["controls"][-1]["text"]


async def test_a_control_for_the_services_ahead_names_their_agreement() -> None:
    journey = Journey("recognition")
    await journey.leave_xian()
    controls = stop_at(journey, "CN", "9911")["controls"]
    assert [(one["form"], one["because"]) for one in controls] == [("DOCUMENTARY", "ROUTINE"), ("SCAN", "SCHEME")]
    assert controls[1]["agreement"] == RECOGNITION


async def test_goods_that_nothing_selects_pass_for_that_reason() -> None:
    policies = {**POLICIES, ("99101", "ENTRY"): SidePolicy(documentary="CHECK")}
    stop = await at_altynkol(Journey("baseline", policies=policies))
    assert because(stop, "passed") == {"ANY": "NOT_SELECTED"}


@pytest.mark.parametrize("reader", ["CN", "RU", "KZ.KTZ", "KZ.99101", "CN.XA001"])
async def test_nobody_but_the_service_itself_is_told_why(reader: str) -> None:
    journey = Journey("recognition", residual=1.0)
    await at_altynkol(journey)
    seen = for_reader(journey.case("KZ"), reader)
    assert "stops" not in seen
    assert "RESIDUAL" not in str(seen) and "selected" not in str(seen)
