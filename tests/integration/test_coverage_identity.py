"""Preliminary information costs no control: in every scenario the advance arm finds what the baseline finds.

Alerts aside, which are there to find more.
"""

from __future__ import annotations

import asyncio

import pytest

from scenarios.faults import without_faults
from scenarios.metrics import measure
from scenarios.metrics.measures import ConsignmentMeasures
from scenarios.run import Job, conduct, default_run_id
from scenarios.scenario import Scenario, load_scenario, scenario_names

MUCH_IS_WRONG = (
    "detection.irregular_on_list=50 %",
    "detection.irregular_off_list=50 %",
    "detection.documentary.easy=60 %",
    "detection.documentary.hard=40 %",
)
"""So much that papers checked before arrival show irregularities on the way."""
VEHICLES = {"rail": 4, "multimodal": 6}
"""How many of a flow; trucks and others 20."""


def small(name: str) -> Scenario:
    """Return scenario ``name`` with few vehicles, a short warm-up, no faults, and much that is wrong.

    Nothing is warned of: alerts are there to find more.
    """
    flows = load_scenario(name).flows
    counts = (
        f"flows.{number}.vehicles.count={VEHICLES.get(flow.mode, 20)} {flow.vehicles.count.is_.split()[1]}"
        for number, flow in enumerate(flows)
    )
    silent = (f"flows.{flow.id}.alert.{what}=0 %" for flow in flows if flow.alert for what in ("knows", "mistaken"))
    return without_faults(load_scenario(name, (*counts, "warm_up=1 d", *MUCH_IS_WRONG, *silent)))


def consignments(scenario: Scenario, arm: str) -> tuple[ConsignmentMeasures, ...]:
    """Return what became of the consignments of one arm of replication 0."""
    job = Job(
        scenario=scenario,
        seed=1,
        run_id=default_run_id(scenario, 1),
        replication=0,
        arm=arm,
        transport="memory",
        trace=False,
    )
    return measure(scenario, asyncio.run(conduct(job))[0]).consignments


@pytest.mark.parametrize("name", scenario_names())
def test_coverage_and_finds_are_those_of_the_baseline_to_the_digit(name: str) -> None:
    scenario = small(name)
    baseline, advance = consignments(scenario, "baseline"), consignments(scenario, "advance")
    assert [(c.case, c.coverage, c.found) for c in baseline] == [(c.case, c.coverage, c.found) for c in advance]
    assert [c.presented for c in baseline] == [c.presented for c in advance], "nothing is seized on the way"
    assert any(c.found for c in baseline)
