"""No message tips anybody off: over whole journeys, by what nodes would send, and by what they let a trader read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

import schemas
from exchange.messages import CATALOGUE, ControlDecision, KnownMessage, PreliminaryDecision, StatusAnswer, UnitDecision
from exchange.validation import validate
from exchange.validation.audience_rules import for_traders, is_trader
from nodes.case import Case
from nodes.draft import Draft, TippingOff
from nodes.need_to_know import for_reader
from tests.journey import UCR, Journey

AUTHORITIES = {
    *("AAR", "ATR", "DEP", "ARR", "NCF", "SEA", "INC", "DCR", "DSC", "DSS", "CTD", "PDC", "CTR", "IMG", "RCG"),
    *("DRQ", "DRS", "ENQ", "ENR", "LST", "MAQ", "MAS", "ALR"),
}
"""Messages that go to no trader, written by hand: what services say of controls, risk and one another's goods."""


def test_what_is_for_authorities_alone_is_what_the_schemas_say() -> None:
    assert set(CATALOGUE) - for_traders() == AUTHORITIES


def test_members_are_told_apart_by_their_ids() -> None:
    members = ("KZ", "KZ.99101", "FI.FI542700", "CN.9911", "KZ.OPERATOR", "KZ.KTZ", "CN.XA001")
    assert [one for one in members if is_trader(one)] == ["KZ.KTZ", "CN.XA001"]


async def whole(arm: str, **given: Any) -> Journey:
    """Let goods go from Xi'an to Kouvola, with every kind of control on the way."""
    journey = Journey(arm, **given)
    await journey.leave_xian()
    await journey.wait(days=5)
    await journey.arrive("9912", "EXIT")
    await journey.file("99101")
    await journey.cross("9912", "EXIT")
    await journey.work("99101", "ENTRY", await journey.arrive("99101", "ENTRY", seal="BROKEN"))
    await journey.cross("99101", "ENTRY")
    await journey.wait(days=5)
    await journey.work("99206010", "EXIT", await journey.arrive("99206010", "EXIT"))
    await journey.file("FI542700")
    await journey.cross("99206010", "EXIT")
    await journey.work("FI542700", "ENTRY", await journey.arrive("FI542700", "ENTRY"))
    await journey.cross("FI542700", "ENTRY")
    await journey.wait(hours=5)
    await journey.arrive("FI999900", "DESTINATION")
    await journey.wait(hours=1)
    return journey


@pytest.mark.parametrize("residual", [0.0, 1.0])
@pytest.mark.parametrize("arm", ["baseline", "advance", "recognition"])
async def test_no_message_of_a_journey_tells_a_trader_what_is_for_authorities_alone(arm: str, residual: float) -> None:
    journey = await whole(arm, residual=residual)
    told = [item for item in journey.transport.log if is_trader(item.header.recipient)]
    assert {item.code for item in told} >= {"REG", "REL", "WRO"}
    assert {item.code for item in told} & AUTHORITIES == set()
    for item in journey.transport.log:
        found = [f for f in validate(item.xml or b"").findings if f.rule == "PIX-050"]
        assert found == [], (item.code, item.header.recipient)


async def test_the_residual_draw_is_in_no_message() -> None:
    words = [b"residual", b"Residual", b"random", b"Random"]
    for item in (await whole("recognition", residual=1.0)).transport.log:
        assert not [word for word in words if word in (item.xml or b"")], item.code


def draft() -> Draft:
    journey = Journey("advance")
    core = journey.cores["KZ"]
    return Draft(Case(UCR, "KZ"), core.standing, journey.now, None)


def test_a_node_refuses_to_build_a_message_that_tips_off() -> None:
    unit = UnitDecision(sequence_number=1, container_id="CSQU3054383", channel="RED", form="SCAN", decision="12")
    decided: dict[str, Any] = {"office": "99101", "decided_at": draft().now - timedelta(hours=1), "units": (unit,)}
    with pytest.raises(TippingOff, match="PDC"):
        draft().send(PreliminaryDecision, "KZ.KTZ", **decided)
    assert draft().send(PreliminaryDecision, "CN", **decided) is not None


def test_a_node_tells_an_authorised_operator_of_a_mere_intention_and_nobody_of_controls() -> None:
    body: dict[str, Any] = {"office": "99101", "presentation": "ENTRY", "before_arrival": True}
    assert draft().send(ControlDecision, "KZ.KTZ", notification_type="2", **body) is not None
    with pytest.raises(TippingOff):
        draft().send(ControlDecision, "KZ.KTZ", **body)
    assert draft().send(ControlDecision, "KZ.99101", **body) is not None


def test_a_node_keeps_fields_for_authorities_from_traders_too() -> None:
    now = draft().now
    known = KnownMessage(
        sequence_number=1,
        message_id="0" * 8 + "-0000-4000-8000-" + "0" * 12,
        message_type="CTD",
        sender="KZ",
        sent_at=now,
    )
    with pytest.raises(TippingOff):
        draft().send(StatusAnswer, "KZ.KTZ", state="CLEARED", known_messages=(known,))
    assert draft().send(StatusAnswer, "KZ.KTZ", state="CLEARED") is not None


@pytest.mark.parametrize("code", sorted(AUTHORITIES))
def test_a_file_that_tips_off_is_invalid(code: str) -> None:
    data = schemas.sample(code).read_bytes()
    start, end = data.index(b"<Recipient>") + len(b"<Recipient>"), data.index(b"</Recipient>")
    verdict = validate(data[:start] + b"KZ.KTZ" + data[end:])
    assert "PIX-050" in {finding.rule for finding in verdict.findings}
    assert not verdict.valid


async def test_what_a_trader_reads_of_its_case_tells_of_no_control_alert_or_other_members_message() -> None:
    journey = await whole("recognition", residual=1.0)
    core = journey.cores["KZ"]
    full = core.view(UCR)
    assert full is not None
    assert full["control_results"] and full["recognitions"] and any(side["seal"] != "INTACT" for side in full["sides"])
    told = for_reader(full, "KZ.KTZ")
    for hidden in ("control_results", "recognitions", "recognised_elsewhere"):
        assert told[hidden] == [], hidden
    assert {"irregularities", "open_matters", "images", "diverted", "export_check"} & told.keys() == set()
    assert {entry["code"] for entry in told["timeline"]} & AUTHORITIES == set()
    assert {entry["code"] for entry in full["timeline"]} & AUTHORITIES != set()


async def test_a_trader_is_not_told_by_a_status_answer_what_a_control_has_found() -> None:
    from exchange.messages import StatusQuery

    journey = Journey()
    await journey.file("99101")
    await journey.arrive("99101", "ENTRY")
    await journey.control("99101", "ENTRY", "DOCUMENTARY", "CAPTURE_AND_CHECK", result="B1")
    assert journey.case("KZ")["state"] == "DETAINED"
    [answer] = await journey.tell(StatusQuery, "KZ.KTZ")
    assert isinstance(answer, StatusAnswer)
    assert answer.state == "AT_BORDER"
