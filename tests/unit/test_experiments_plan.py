"""Knobs, sweeps and frontier: what each turns in the scenarios that ship."""

from __future__ import annotations

import pytest

from scenarios.experiments.knobs import KNOBS, SWEPT_BY_ALL, KnobError, expand
from scenarios.experiments.manifest import program_digest, scenario_content
from scenarios.experiments.plan import FRONTIER, make_plan
from scenarios.experiments.trial import Trial, run_trial
from scenarios.scenario import load_scenario

SMALL = ("flows.0.vehicles.count=1 trains", "warm_up=1 d")
FLAGSHIPS = ("china_europe_transit_fi", "green_corridor_ru_cn")


def turned(name: str, setting: str):
    scenario = load_scenario(name)
    return load_scenario(name, expand(scenario, [setting]))


@pytest.mark.parametrize("name", FLAGSHIPS)
@pytest.mark.parametrize("key", sorted(KNOBS))
def test_every_knob_turns_both_flagships(name, key):
    values = KNOBS[key].usual(load_scenario(name))
    digests = {turned(name, f"{key}={value}").digest for value in values}
    assert values and len(digests) == len(values), "each value makes another scenario"


@pytest.mark.parametrize("name", FLAGSHIPS)
def test_listed_is_the_share_of_the_consignors(name):
    for share, expected in (("0%", 0.0), ("50%", 0.5), ("100 %", 1.0)):
        scenario = turned(name, f"listed={share}")
        for flow in scenario.flows:
            listed = sum(scenario.traders[trader].on_list for trader in flow.consignors) / len(flow.consignors)
            assert abs(listed - expected) <= 0.5 / len(flow.consignors)


@pytest.mark.parametrize("name", FLAGSHIPS)
def test_residual_lead_time_outage_and_scan_reach_their_places(name):
    assert {p.residual for p in turned(name, "residual=7%").controls.values()} == {0.07}
    late = turned(name, "lead_time=30h")
    entries = {side.office for side in late.sides.values() if side.direction == "entry"}
    assert {late.controls[office].lead_time for office in entries} == {30.0}
    out = turned(name, "late=40%")
    assert out.delivery.late_share.value == 0.4
    assert all(f.vehicles.lead is None or f.vehicles.lead.late_share.value == 0.4 for f in out.flows)
    assert turned(name, "scan_at_entry=30%").assumptions.scan_share_at_entry.share.value == 0.3


@pytest.mark.parametrize("name", FLAGSHIPS)
def test_an_outage_is_one_of_nodes_and_none_changes_nothing(name):
    assert turned(name, "outage=0%").digest == load_scenario(name).digest
    (fault,) = turned(name, "outage=40%").faults
    assert (fault.kind, fault.days.value, fault.nodes) == ("outages", 0.4, ())
    assert len(turned("chaos", "outage=40%").faults) == len(load_scenario("chaos").faults), "it has one: that is turned"


def test_outages_are_the_same_in_all_arms_and_only_services_between_are_down():
    """What would leave a node that is down leaves later; nothing is lost, and without exchange nothing changes."""
    scenario = load_scenario(FLAGSHIPS[0], [*expand(load_scenario(FLAGSHIPS[0]), ["outage=60%"]), *SMALL])
    trial = run_trial(Trial(scenario=scenario, seed=1, replication=0, arms=("baseline", "recognition"), trace=False))
    usual = load_scenario(FLAGSHIPS[0], SMALL)
    quiet = run_trial(Trial(scenario=usual, seed=1, replication=0, arms=("baseline", "recognition"), trace=False))
    stays, expected = ([item.stays for item in result.measures[0].consignments] for result in (trial, quiet))
    assert stays == expected
    late, soon = (
        min(stamps.t1 for item in result.measures[1].consignments for stamps in item.stamps.values() if stamps.t1)
        for result in (trial, quiet)
    )
    assert late > soon
    assert trial.measures[1].account is not None and trial.measures[1].account.lost == 0


def test_one_agreement_alone_is_in_force():
    name = "preliminary_information_conventions"
    scenario = load_scenario(name)
    assert len(KNOBS["in_force"].usual(scenario)) == 9
    only = turned(name, "in_force=information-ru-il")
    assert [key for key, status in only.arms["advance"].items() if status == "in force"] == ["information-ru-il"]
    both = turned(name, "in_force=information-ru-il+information-ru-fr")
    assert sum(status == "in force" for status in both.arms["advance"].values()) == 2
    assert all(status == "negotiated" for status in both.arms["baseline"].values())
    with pytest.raises(KnobError, match="has 'x' in force: name one or more of information-ru-vn, "):
        turned(name, "in_force=x")


@pytest.mark.parametrize("name", FLAGSHIPS)
def test_trains_a_day_moves_all_lines_in_proportion_and_no_trucks(name):
    before = load_scenario(name)
    rates = {k: s.background.rate for k, s in before.sides.items() if s.background and s.background.rate}
    first = next(rate.value for rate in rates.values() if rate.is_.endswith("trains/d"))
    for setting, factor in (("trains_a_day=120%", 1.2), ("trains_a_day=9", 9 / first)):
        after = turned(name, setting)
        for key, rate in rates.items():
            expected = rate.value * (factor if rate.is_.endswith("trains/d") else 1)
            assert after.sides[key].background.rate.value == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("residual=110%", "0 % to 100 %"),
        ("listed=few", "0 % to 100 %"),
        ("lead_time=soon", "lead_time=4h"),
        ("trains_a_day=many", "trains_a_day=9"),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_an_example(setting, said):
    with pytest.raises(KnobError, match=said):
        turned(FLAGSHIPS[0], setting)


def test_a_plan_runs_the_same_content_once():
    plan = make_plan(FLAGSHIPS[0], sweeps=["residual=0%,2%,9%", "listed"], frontier=True)
    assert [sweep.key for sweep in plan.sweeps] == ["residual", "listed"]
    assert len(plan.frontier) == 3 * 5, "the frontier takes the values of the sweeps"
    digests = [point.scenario.digest for point in plan.points]
    assert len(digests) == len(set(digests)) < 1 + 3 + 5 + 15
    assert plan.points[0] is plan.base or plan.points[0].scenario.digest == plan.base.scenario.digest


def test_values_of_a_file_key_may_hold_commas_in_parentheses():
    key = "sides.99101-entry.phases.departure.takes.0"
    plan = make_plan(FLAGSHIPS[0], sweeps=[f"{key}=tri(4, 7, 14) h,5 h"])
    assert [dict(point.turned)[key] for point in plan.sweeps[0].points] == ["tri(4, 7, 14) h", "5 h"]


def test_all_turns_every_usual_knob_and_the_frontier_has_values_of_its_own():
    plan = make_plan(FLAGSHIPS[1], sweeps=["all"])
    assert tuple(sweep.key for sweep in plan.sweeps) == SWEPT_BY_ALL
    alone = make_plan(FLAGSHIPS[1], frontier=True)
    assert len(alone.frontier) == len(FRONTIER["residual"]) * len(FRONTIER["listed"])


def test_sweeps_that_cannot_be_are_told():
    with pytest.raises(KnobError, match="names no values"):
        make_plan(FLAGSHIPS[0], sweeps=["warm_up"])
    with pytest.raises(KnobError, match="--sweep warm_up=soon"):
        make_plan(FLAGSHIPS[0], sweeps=["warm_up=soon"])


@pytest.mark.parametrize("name", FLAGSHIPS)
def test_the_content_in_the_manifest_is_a_scenario_file_with_the_same_digest(name, tmp_path):
    import json

    scenario = load_scenario(name, ["warm_up=3 d"])
    path = tmp_path / "scenario.json"
    path.write_text(json.dumps(scenario_content(scenario)), encoding="utf-8")
    assert load_scenario(path).digest == scenario.digest


def test_the_program_digest_is_one_of_this_program():
    assert len(program_digest()) == 64
    assert program_digest() == program_digest()


def test_values_of_a_sweep_that_come_to_one_scenario_are_known():
    plan = make_plan("green_corridor_ru_mn_images", sweeps=["listed=25%,50%,75%", "residual=0%,2%"])
    assert [sweep.same for sweep in plan.sweeps] == [[["50 %", "75 %"]], []]
