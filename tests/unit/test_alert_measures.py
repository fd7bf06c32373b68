"""Alerts in the world and in measures: luck settles what is suspected, coverage counts it for everybody alike."""

from __future__ import annotations

from typing import Any

import pytest

from exchange.luck import Luck
from scenarios.metrics.alerts import heard
from scenarios.metrics.checks import evaluate
from scenarios.metrics.coverage import ControlsGot, Warned, coverage
from scenarios.report import words
from scenarios.scenario import Check, ScenarioError, load_scenario
from scenarios.world.cargo import vehicles
from scenarios.world.warning import suspected
from tests.unit.test_metrics import TABLE

NAME = "air_violation_prevention"
PLAIN = ControlsGot(departure=(), sides=[(True, {"documentary"}), (False, ())], entries=1)
INSPECTED = ControlsGot(departure=(), sides=[(True, {"documentary", "physical"}), (False, ())], entries=1)


def test_coverage_rises_by_the_share_of_the_irregular_that_are_warned_of() -> None:
    assert coverage(PLAIN, TABLE, Warned(share=0.0, called=False)) == coverage(PLAIN, TABLE)
    departed = 1.0 - TABLE.on_the_way
    found = (1 - 0.05 * 0.80 + 1 - 0.25 * 0.95) / 2  # easy and hard: papers and an inspection
    before = (0.20 + 0.05) / 2
    gain = coverage(PLAIN, TABLE, Warned(share=0.3, called=False)) - coverage(PLAIN, TABLE)
    assert gain == pytest.approx(0.3 * departed * (found - before))


def test_it_is_the_same_for_goods_that_were_warned_of_and_goods_that_were_not() -> None:
    called = coverage(INSPECTED, TABLE, Warned(share=0.3, called=True))
    assert called == pytest.approx(coverage(PLAIN, TABLE, Warned(share=0.3, called=False)))
    assert called < coverage(INSPECTED, TABLE)


def test_an_alert_does_nothing_for_goods_that_never_came_to_an_entry_side() -> None:
    seized = ControlsGot(departure={"scan"}, sides=[(False, ())], entries=1)
    assert coverage(seized, TABLE, Warned(share=0.3, called=False)) == pytest.approx(coverage(seized, TABLE))


def test_alerts_are_heard_where_an_agreement_covers_them() -> None:
    flows = ("paris-moscow", "frankfurt-moscow", "tokyo-moscow")
    assert heard(load_scenario(NAME)) == {("advance", flow): 0.3 for flow in flows}
    fewer = load_scenario(NAME, ["arms.advance.air-ru-jp=drafted", "flows.paris-moscow.alert.knows=10 %"])
    assert heard(fewer) == {("advance", "paris-moscow"): 0.1, ("advance", "frankfurt-moscow"): 0.3}


def test_what_is_suspected_is_a_matter_of_shares_and_luck_alone() -> None:
    scenario = load_scenario(
        NAME, ["detection.irregular_off_list=50 %", "flows.paris-moscow.vehicles.count=900 flights"]
    )
    luck = Luck(1)
    found: dict[bool, list[bool]] = {True: [], False: []}
    for vehicle in vehicles(scenario, luck):
        alert = vehicle.flow.alert
        assert alert is not None
        for shipment in vehicle.shipments:
            wrong = shipment.facts.irregularity
            at_departure = wrong is not None and wrong.arises == 0
            found[at_departure].append(suspected(alert, shipment, vehicle.flow.departure_office, luck))
    assert sum(found[True]) / len(found[True]) == pytest.approx(0.30, abs=0.06)
    assert 0 < sum(found[False]) / len(found[False]) < 0.02


def test_alerts_are_for_goods_that_set_out_by_air() -> None:
    alert = '{knows: {is: "30 %", mark: designed, source: "a test"}, mistaken: {is: "1 %", mark: designed, source: "a test"}, after: {is: "1 h", mark: designed, source: "a test"}}'  # fmt: skip # noqa: E501
    with pytest.raises(ScenarioError, match=r"alert: is about goods that set out on a flight"):
        load_scenario("green_corridor_ru_it", [f"flows.milano-moscow.alert={alert}"])


def outcome(kind: str, *, limit: str = "5 %", before: int = 7, after: int = 9, gain: float = 0.1) -> bool | None:
    summary: dict[str, Any] = {
        "arms": {
            arm: {"irregular": {"present": 20, "found": found}}
            for arm, found in (("baseline", before), ("advance", after))
        },
        "saved": {"advance": {"coverage_difference": gain}},
    }
    figure = {"is": limit, "mark": "designed", "source": "a test"}
    fields = {"name": "it holds", "kind": kind, "arm": "advance", "limit": figure}
    return evaluate(Check.model_validate(fields), summary)["ok"]  # type: ignore[no-any-return]


def test_the_checks_on_alerts_hold_and_fail_where_they_should() -> None:
    assert outcome("finds_no_fewer") is True
    assert outcome("finds_no_fewer", after=6) is False
    assert outcome("coverage_gain_at_least") is True
    assert outcome("coverage_gain_at_least", gain=0.049) is False


def test_the_headline_says_first_that_results_illustrate_and_what_alerts_did() -> None:
    saving = {"border_hours_mean": 1.0, "share_of_border_time": 0.1, "ci95": [0.9, 1.1], "coverage_difference": 0.18}
    summary: dict[str, Any] = {
        "arms": {"baseline": {"coverage": 0.26}, "advance": {"coverage": 0.44}},
        "saved": {"advance": saving},
        "borders": {},
    }
    assert not [text for text in words.headline(summary) if "Illustrative" in text or "chance" in text]
    told = words.headline(summary | {"illustrative": "all is designed.", "alerts_heard": ["advance"]})
    assert told[0] == "Illustrative: all is designed."
    assert told[2].endswith("rose by 18.0 percentage points with alerts between services, from 26.0 % to 44.0 %.")
