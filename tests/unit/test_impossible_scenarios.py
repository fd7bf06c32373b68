"""Scenarios that could never run to their end, or whose arms or checks mean nothing: found when read, and explained."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from scenarios.experiments.manifest import scenario_content
from scenarios.report import words
from scenarios.run import Job, run_job
from scenarios.scenario import Scenario, ScenarioError, coherence, load_scenario
from scenarios.scenario.arms import same_arms
from scenarios.scenario.workload import Load, loads
from scenarios.world import WorldError, crowding

FI, CN = "china_europe_transit_fi", "green_corridor_ru_cn"
ENTRY = "sides.99101-entry"
ROAD = "sides.99612020-entry"


def problem(name: str, *sets: str) -> tuple[str, str]:
    """Return field and text of the only thing that is wrong."""
    with pytest.raises(ScenarioError) as caught:
        load_scenario(name, sets)
    (only,) = caught.value.problems
    assert only.line is not None, "it says where"
    return only.field, only.text


def figure(value: str) -> str:
    return f'{{is: "{value}", mark: designed, source: "a test"}}'


def load_of(scenario: Scenario, side: str, resource: str) -> Load:
    return next(load for load in loads(scenario, scenario.sides[side]) if load.resource == resource)


@pytest.mark.parametrize(
    ("name", "sets", "field", "says"),
    [
        (CN, ["policies.99612020.presentations.ENTRY.physical=40 %"], f"{ROAD}.resources.bays", "control less"),
        (CN, [f"{ROAD}.resources.scanner.opening=08:00-12:00"], f"{ROAD}.resources.scanner", "open longer"),
        (CN, [f"{ROAD}.customs.staff={figure('9 officers')}"], f"{ROAD}.customs.staff", "128%"),
        (FI, ["sides.9912-exit.background.rate=19 trains/d"], "sides.9912-exit.resources.slot", "can never clear"),
        (FI, [f"{ENTRY}.resources.crane.opening=09:00-10:00"], f"{ENTRY}.resources.crane", "utilisation"),
    ],
)
def test_a_border_that_can_never_clear_names_the_resource(
    name: str, sets: Sequence[str], field: str, says: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(name, sets)
    found = {one.field: one.text for one in caught.value.problems}
    assert field in found
    assert "the border can never clear: background traffic alone needs" in found[field]
    assert says in found[field]


def test_utilisation_is_rates_times_durations_over_capacity_and_opening() -> None:
    scenario = load_scenario(CN)
    side = scenario.sides["99612020-entry"]
    assert side.background is not None and side.background.rate is not None and side.customs is not None
    rate = side.background.rate.value
    share = scenario.controls["99612020"].presentations["ENTRY"].physical
    bays = load_of(scenario, side.key, "bays")
    assert bays.needed == pytest.approx(rate * share * side.customs.inspection.value.mean)
    assert bays.able == 24.0 * side.resources["bays"].capacity.number
    half = load_scenario(CN, [f"{ROAD}.resources.bays.opening=06:00-18:00"])
    job = bays.needed / rate
    assert load_of(half, side.key, "bays").able == pytest.approx(bays.able / 24.0 * (12.0 + job))
    sundays = load_scenario(CN, [f"{ROAD}.resources.bays.opening_on={{Sun: closed}}"])
    assert load_of(sundays, side.key, "bays").able == pytest.approx(bays.able * 6 / 7)


def test_a_side_that_follows_another_has_the_traffic_of_that_side() -> None:
    usual, twice = load_scenario(FI), load_scenario(FI, ["sides.9912-exit.background.rate=2 trains/d"])
    assert usual.sides["99101-entry"].background is not None
    assert usual.sides["99101-entry"].background.follows == "9912-exit"
    root = usual.sides["9912-exit"].background
    assert root is not None and root.rate is not None
    before, after = (load_of(one, "99101-entry", "desks").needed for one in (usual, twice))
    assert after == pytest.approx(before * 2 / root.rate.value)


@pytest.mark.parametrize(
    ("name", "sets", "field", "says"),
    [
        (
            FI,
            [f"arms.recognition.china-europe-transit-{what}=discussed" for what in ("information", "recognition")],
            "arms.recognition",
            "the two would come to the same",
        ),
        (FI, ["arms.advance.green-corridor-ru-mn=in force"], "arms.advance.green-corridor-ru-mn", "binds (MN, RU)"),
        (
            FI,
            ["arms.advance.china-europe-transit-information=in force until 2010-01-01"],
            "arms.advance.china-europe-transit-information",
            "in force until 2010-01-01 only",
        ),
        (
            FI,
            ["arms.advance.china-europe-transit-information=in force from 2031-01-01"],
            "arms.advance.china-europe-transit-information",
            "when the run is over",
        ),
        (
            CN,
            [f"flows.{n}.goods.{m}.hs_code=840000" for n, count in ((0, 2), (1, 4)) for m in range(count)],
            "arms.recognition.recognition-ru-cn-zabaikalsk",
            "no flow has goods in its scope",
        ),
        (FI, ["warm_up=300 d", f"flows.0.vehicles.first={figure('1 d')}"], "warm_up", "is 300.0 days"),
        (
            FI,
            [f"{ENTRY}.customs.documents.at_most=9"],
            f"{ENTRY}.customs.documents.at_most",
            "take 6 desks at a time",
        ),
    ],
)
def test_what_means_nothing_is_told_with_its_place(name: str, sets: Sequence[str], field: str, says: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(name, sets)
    found = {one.field: one.text for one in caught.value.problems}
    assert field in found, str(caught.value)
    assert says in found[field]


@pytest.mark.parametrize(
    ("check", "field", "says"),
    [
        ("{kind: side_between, side: 9912-entry, band: BAND}", "side", "does not exist"),
        ("{kind: finds_no_fewer, arm: baseline}", "arm", "compares the baseline with itself"),
        ("{kind: finds_no_fewer, arm: advance, over: baseline}", "over", "is not used by a check of kind"),
        ("{kind: settled_between, shares: [LOW, HIGH]}", "", "add 'differs' to one"),
        ("{kind: export_unknown_between, shares: [LOW, HIGH]}", "", "add 'declared_ahead' to one"),
    ],
)
def test_a_check_that_could_never_be_told_is_refused(check: str, field: str, says: str) -> None:
    text = check.replace("{", '{name: "a test", ', 1).replace("BAND", figure("1 to 2 h"))
    text = text.replace("LOW", figure("1 %")).replace("HIGH", figure("2 %"))
    where, said = problem(FI, f"checks.0={text}")
    assert where == ".".join(part for part in ("checks.0", field) if part)
    assert says in said


def test_a_way_that_is_not_chosen_takes_its_lines_along(tmp_path: Path) -> None:
    content = scenario_content(load_scenario("north_south"))
    content["via"] = "by-rail"
    content["flows"][0]["via"], content["flows"][1]["via"] = "by-sea", "by-rail"
    path = tmp_path / "ways.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    assert set(content["sailings"]) == {"arabian-sea", "caspian"}
    assert set(load_scenario(path).sailings) == {"arabian-sea"}


def test_a_run_with_a_queue_beyond_the_bound_ends_and_names_the_resource(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowding, "LONGEST", 3600)
    monkeypatch.setattr(crowding, "NOTABLE", 60)
    scenario = load_scenario(FI, ["flows.0.vehicles.count=1 trains", "warm_up=8 d"])
    with pytest.raises(WorldError) as caught:
        run_job(Job(scenario=scenario, seed=1, run_id="a", replication=0, arm="baseline", transport="memory"))
    said = str(caught.value)
    assert said.startswith(f"{FI}, arm baseline, replication 0, 2018-03-")
    assert "the run is ended on day" in said
    assert "does not keep up" in said and "have more slot (sides." in said


def test_what_a_node_refuses_is_told_with_the_queue_that_made_it_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond 30 days the information is refused (PIX-028): far too many inspections, past what is found at reading."""
    monkeypatch.setattr(coherence, "workload_problems", lambda _scenario: ())
    scenario = load_scenario(
        CN, ["policies.99612020.presentations.ENTRY.physical=40 %", "flows.0.vehicles.count=1 trains"]
    )
    with pytest.raises(WorldError, match=r"because those inside wait for bays \(52 for 6\)") as caught:
        run_job(Job(scenario=scenario, seed=1, run_id="a", replication=0, arm="baseline", transport="memory"))
    assert "terminal at 99612020-entry (60 in all, all taken) does not keep up" in str(caught.value)
    assert "have more bays (sides.99612020-entry.resources.bays.capacity), open longer, control less, or" in str(
        caught.value
    )


def test_an_arm_without_its_agreement_is_named_with_the_arm_it_equals() -> None:
    assert same_arms(load_scenario(FI)) == []
    lacking = load_scenario(FI, ["arms.recognition.china-europe-transit-recognition=discussed"])
    assert same_arms(lacking) == [("recognition", "advance")]
    images = ["arms.recognition.recognition-ru-mn=in preparation"]
    assert same_arms(load_scenario("green_corridor_ru_mn_images", images)) == [("recognition", "advance")]
    (told,) = words.same_arms({"same_arms": [["recognition", "advance"]]})
    assert "the two come to the same" in told and "arms.recognition" in told
    assert words.same_arms({}) == []


def test_no_capacity_at_all_is_told_without_a_share() -> None:
    _, said = problem(CN, "sides.99612020-entry.resources.scanner.capacity=0 scanners")
    assert "there is none" in said
    assert "inf" not in said


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        (FI, "warm_up=999999 d", "more than the 3,660 of the longest run"),
        ("north_south", "sailings.arabian-sea.first=99999 d", "no ship within 120 days of that"),
        ("green_corridor_ru_mn_images", "images.stands_for=200 MB", "more than is fetched, 99 MB"),
        (CN, f"{ROAD}.resources.bays.opening=noon", "give them as '08:00-20:00'"),
        (CN, f"{ROAD}.resources.bays.opening_on={{Sun: noon}}", "Sun: 'noon' are no opening hours"),
    ],
)
def test_what_would_never_begin_or_never_end_is_told_in_one_sentence(name: str, change: str, says: str) -> None:
    assert says in problem(name, change)[1]
