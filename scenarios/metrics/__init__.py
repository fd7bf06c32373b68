"""What a run is measured by: records of consignments from the event log, and the summary of them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scenarios.metrics.alerts import heard
from scenarios.metrics.coverage import Detection
from scenarios.metrics.measures import FORMS, ArmMeasures, ConsignmentMeasures, MetricsError, Stay, Yardstick
from scenarios.metrics.stamps import Spot

if TYPE_CHECKING:
    from scenarios.events import ArmRun
    from scenarios.scenario import Scenario


def yardstick(scenario: Scenario) -> Yardstick:
    """Return what measuring needs of ``scenario``: its routes and its detection table."""
    table = scenario.detection
    hard = table.hard.value
    return Yardstick(
        routes={
            flow.id: tuple((side, scenario.sides[side].direction == "entry") for side in flow.sides)
            for flow in scenario.flows
        },
        detection=Detection(
            grades={"easy": 1.0 - hard, "hard": hard},
            found={
                "easy": {form: getattr(table, form).easy.value for form in FORMS},
                "hard": {form: getattr(table, form).hard.value for form in FORMS},
            },
            on_the_way=table.arises_on_the_way.value,
            seal_check=table.seal_shows.value,
        ),
        spots={
            key: Spot(side.country, side.direction == "entry", _lead(scenario, side.office))
            for key, side in scenario.sides.items()
        },
        departs={flow.id: scenario.offices[flow.departure_office].country for flow in scenario.flows},
        heard=heard(scenario),
    )


def _lead(scenario: Scenario, office: str) -> int:
    """Return how many seconds before arrival ``office`` asks for information: its node's two hours if not stated."""
    policy = scenario.controls.get(office)
    hours = 2.0 if policy is None or policy.lead_time is None else policy.lead_time
    return round(hours * 3600.0)


def measure(scenario: Scenario, run: ArmRun) -> ArmMeasures:
    """Return the measures of one arm of one replication. Raise MetricsError if its log contradicts itself."""
    return yardstick(scenario).measure(run)


def summarise(
    scenario: Scenario,
    measures: Sequence[ArmMeasures],
    *,
    run_id: str,
    seed: int,
    transport: str,
    what_if: Sequence[str],
    wall_seconds: float,
    twins: Sequence[ArmMeasures] = (),
) -> dict[str, Any]:
    """Return the summary of a run as plain JSON: the published contract, and a few keys more.

    ``measures`` hold every arm of every replication, in any order; ``wall_seconds`` is the real time the run
    took. ``twins``: the measures of the same arms and replications without the scenario's faults.
    """
    from scenarios.metrics.outline import outline

    return outline(
        scenario,
        measures,
        run_id=run_id,
        seed=seed,
        transport=transport,
        what_if=what_if,
        wall_seconds=wall_seconds,
        twins=twins,
    )


__all__ = [
    "ArmMeasures",
    "ConsignmentMeasures",
    "MetricsError",
    "Stay",
    "Yardstick",
    "measure",
    "summarise",
    "yardstick",
]
