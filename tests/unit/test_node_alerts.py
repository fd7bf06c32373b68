"""Alerts (ALR): who hears of a suspicion, and that it targets a control which nothing waives."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from exchange.messages import FunctionalRejection, Place, TransportMeans, ViolationAlert
from nodes.profile import RiskRule
from tests.journey import Journey

WARNED = RiskRule(id="alert", fact="alert", form="PHYSICAL", share=1.0)


async def suspect(journey: Journey, post: str = "CN.9911") -> tuple[Any, ...]:
    """A post tells its node what it suspects."""
    return await journey.tell(
        ViolationAlert,
        post,
        alert_number="CN-1",
        suspicion="MISDESCRIBED",
        flight=TransportMeans(mode_code="4", identification_type="40", id="ZC1234"),
        place_of_loading=Place(unlocode="CNXAG"),
        place_of_unloading=Place(country_code="KZ", name="Altynkol"),
        eta=journey.now + timedelta(hours=3),
        form="PHYSICAL",
        text="A suspicion.",
    )


async def controls_at_altynkol(arm: str, *, warn: bool, rules: tuple[RiskRule, ...] = (WARNED,)) -> Journey:
    journey = Journey(arm, rules=rules)
    await journey.leave_xian()
    if warn:
        assert await suspect(journey) == ()
    await journey.wait(days=5)
    await journey.file("99101")
    made = await journey.work("99101", "ENTRY", await journey.arrive("99101", "ENTRY"))
    journey.made = [form for form, _ in made]  # type: ignore[attr-defined]
    return journey


async def test_an_alert_reaches_every_service_ahead_that_the_goods_enter_and_no_other() -> None:
    journey = await controls_at_altynkol("advance", warn=True)
    assert journey.codes("CN", "KZ").count("ALR") == journey.codes("CN", "FI").count("ALR") == 1
    assert "ALR" not in journey.codes("CN", "RU")  # it is a transit country: the goods do not enter its union there


async def test_without_an_agreement_nobody_hears_of_it_and_nothing_is_targeted() -> None:
    warned = await controls_at_altynkol("baseline", warn=True)
    plain = await controls_at_altynkol("baseline", warn=False)
    assert not [item for item in warned.transport.log if item.code == "ALR" and item.header.recipient != "CN"]
    assert warned.made == plain.made == ["DOCUMENTARY", "SCAN"]  # type: ignore[attr-defined]


async def test_an_alert_targets_a_control_and_waives_none_that_chance_selects() -> None:
    plain = await controls_at_altynkol("advance", warn=False)
    warned = await controls_at_altynkol("advance", warn=True)
    assert set(warned.made) - set(plain.made) == {"PHYSICAL"}  # type: ignore[attr-defined]
    assert set(plain.made) <= set(warned.made)  # type: ignore[attr-defined]


async def test_why_it_was_stopped_names_the_alert_its_sender_and_the_agreement() -> None:
    journey = await controls_at_altynkol("advance", warn=True)
    [stop] = [one for one in journey.case("KZ")["stops"] if one["office"] == "99101"]
    [reason] = [one for one in stop["controls"] if one["form"] == "PHYSICAL"]
    assert (reason["because"], reason["rule"], reason["code"], reason["by"]) == ("TARGETED", "alert", "ALR", "CN")
    assert reason["agreement"] == "china-europe-transit-information"


async def test_a_recognised_result_does_not_waive_what_an_alert_calls_for() -> None:
    scanned = RiskRule(id="alert", fact="alert", form="SCAN", share=1.0)
    assert "SCAN" not in (await controls_at_altynkol("recognition", warn=False, rules=(scanned,))).made  # type: ignore[attr-defined]
    assert "SCAN" in (await controls_at_altynkol("recognition", warn=True, rules=(scanned,))).made  # type: ignore[attr-defined]


async def test_an_alert_waits_for_somebody_until_the_goods_have_been_looked_into() -> None:
    journey = Journey("advance", rules=(WARNED,))
    await journey.leave_xian()
    await suspect(journey)
    await journey.wait(days=1)
    case = journey.cores["KZ"]._cases
    assert [found.warned for found in case.values()] == [True]
    await journey.file("99101")
    await journey.work("99101", "ENTRY", await journey.arrive("99101", "ENTRY"))
    assert [found.warned for found in case.values()] == [False]
    assert [found.warned for found in journey.cores["CN"]._cases.values()] == [False]  # it warned, nobody warned it


async def test_an_alert_about_goods_that_nobody_declared_is_rejected() -> None:
    [answer] = await suspect(Journey("advance"))
    assert isinstance(answer, FunctionalRejection)
    assert answer.errors[0].code == "90"


async def test_a_service_on_the_way_warns_those_after_it_and_not_those_before() -> None:
    journey = await controls_at_altynkol("advance", warn=False)
    await suspect(journey, "KZ.99101")
    await journey.wait(minutes=1)
    assert journey.codes("KZ", "FI").count("ALR") == 1
    assert "ALR" not in journey.codes("KZ", "CN")


async def test_an_alert_that_comes_after_the_goods_changes_nothing_there() -> None:
    journey = Journey("advance", rules=(WARNED,))
    await journey.leave_xian()
    await journey.wait(days=5)
    await journey.file("99101")
    replies = await journey.arrive("99101", "ENTRY")
    await suspect(journey)
    await journey.wait(minutes=1)
    assert "ALR" in journey.codes("CN", "KZ")
    assert "PHYSICAL" not in [form for form, _ in await journey.work("99101", "ENTRY", replies)]
