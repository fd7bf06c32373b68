"""What must be equal is equal: the identity tests of the experiment's design, to the second."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Any

import pytest

from scenarios.events import ArmRun
from scenarios.run import Job, conduct, default_run_id
from scenarios.scenario import load_scenario

SCENARIOS = ("china_europe_transit_fi", "green_corridor_ru_cn")
SMALL = {
    "china_europe_transit_fi": ("flows.0.vehicles.count=6 trains", "warm_up=7 d"),
    "green_corridor_ru_cn": ("flows.0.vehicles.count=4 trains", "flows.1.vehicles.count=18 trucks", "warm_up=4 d"),
}
ALL_LATE = {
    "china_europe_transit_fi": ("delivery.late_share=100 %",),
    "green_corridor_ru_cn": ("delivery.late_share=100 %", "flows.1.vehicles.lead.late_share=100 %"),
}
NEVER = ("delivery.late_by=10000 d",)
EQUAL_AGREEMENTS = {
    "china_europe_transit_fi": ("arms.recognition.china-europe-transit-recognition=discussed",),
    "green_corridor_ru_cn": ("arms.recognition.recognition-ru-cn-zabaikalsk=discussed",),
}
NOTHING_IRREGULAR = ("detection.irregular_on_list=0 %", "detection.irregular_off_list=0 %")
MOVES = ("arrived", "crossed", "cut-out", "delivered", "departed", "mismatch")


@lru_cache(maxsize=32)
def run(scenario_id: str, arm: str, *sets: str) -> ArmRun:
    scenario = load_scenario(scenario_id, (*SMALL[scenario_id], *sets))
    job = Job(scenario=scenario, seed=1, run_id=default_run_id(scenario, 1), replication=0, arm=arm, transport="memory")
    return asyncio.run(conduct(job))[0]


def events(run: ArmRun, *kinds: str) -> list[tuple[Any, ...]]:
    """Return time, consignment and data of the run's events of these kinds."""
    return [(e.at, e.case, e.kind, str(sorted(e.data.items()))) for e in run.events if e.kind in kinds]


def no_one_listed(scenario_id: str) -> tuple[str, ...]:
    return tuple(f"traders.{trader}.on_list=false" for trader in load_scenario(scenario_id).traders)


@pytest.mark.parametrize("scenario_id", SCENARIOS)
@pytest.mark.parametrize("when", [(), NEVER], ids=["late", "lost"])
def test_advance_with_all_information_late_or_lost_equals_baseline(scenario_id: str, when: tuple[str, ...]) -> None:
    sets = (*ALL_LATE[scenario_id], *when)
    baseline, advance = run(scenario_id, "baseline", *sets), run(scenario_id, "advance", *sets)
    assert events(baseline, *MOVES, "control", "seized") == events(advance, *MOVES, "control", "seized")
    assert baseline.utilisation == advance.utilisation


@pytest.mark.parametrize("scenario_id", SCENARIOS)
def test_recognition_with_nobody_on_the_list_equals_advance(scenario_id: str) -> None:
    sets = no_one_listed(scenario_id)
    advance, recognition = run(scenario_id, "advance", *sets), run(scenario_id, "recognition", *sets)
    assert events(advance, *MOVES, "control", "seized") == events(recognition, *MOVES, "control", "seized")


@pytest.mark.parametrize("scenario_id", SCENARIOS)
def test_two_arms_with_equal_agreements_are_equal(scenario_id: str) -> None:
    sets = EQUAL_AGREEMENTS[scenario_id]
    advance, recognition = run(scenario_id, "advance", *sets), run(scenario_id, "recognition", *sets)
    assert events(advance, *MOVES, "control", "seized") == events(recognition, *MOVES, "control", "seized")


def test_recognition_with_everything_controlled_anyway_takes_the_time_of_advance() -> None:
    """The extra controls at departure stay: the price. Nothing is irregular, as a find would shorten the train."""
    scenario_id = "china_europe_transit_fi"
    offices = load_scenario(scenario_id).policies
    sets = (*NOTHING_IRREGULAR, *(f"policies.{office}.residual=100 %" for office in offices))
    advance, recognition = run(scenario_id, "advance", *sets), run(scenario_id, "recognition", *sets)
    assert events(advance, *MOVES) == events(recognition, *MOVES)


@pytest.mark.parametrize("scenario_id", SCENARIOS)
def test_the_arms_differ_where_they_should(scenario_id: str) -> None:
    baseline, advance, recognition = (run(scenario_id, arm) for arm in ("baseline", "advance", "recognition"))
    assert events(baseline, "crossed") != events(advance, "crossed")
    assert events(advance, "control") != events(recognition, "control")


@pytest.mark.parametrize("scenario_id", SCENARIOS)
def test_advance_selects_and_finds_exactly_what_baseline_does(scenario_id: str) -> None:
    baseline, advance = run(scenario_id, "baseline"), run(scenario_id, "advance")

    def made(run: ArmRun) -> set[tuple[str, str, str, str, bool]]:
        return {
            (e.case, e.data["office"], e.data["presentation"], e.data["form"], e.data["found"])
            for e in run.events
            if e.kind == "control" and e.data["form"] != "DOCUMENTARY"
        }

    assert made(baseline) == made(advance)


@pytest.mark.parametrize("scenario_id", SCENARIOS)
def test_recognition_makes_a_part_of_the_controls_at_the_entries_and_none_besides(scenario_id: str) -> None:
    baseline, recognition = run(scenario_id, "baseline"), run(scenario_id, "recognition")
    seized = {e.case for run in (baseline, recognition) for e in run.events if e.kind == "seized"}

    def made(run: ArmRun) -> set[tuple[str, str, str]]:
        return {
            (e.case, e.data["office"], e.data["form"])
            for e in run.events
            if e.kind == "control"
            and e.data["presentation"] == "ENTRY"
            and e.data["form"] != "DOCUMENTARY"
            and e.case not in seized
        }

    assert made(recognition) < made(baseline)
