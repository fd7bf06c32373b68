"""The outline of a summary: which keys it has, in the order of the published contract."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from exchange.messages import VERSION
from scenarios.imaging.tally import image_summary
from scenarios.metrics import checks, detail
from scenarios.metrics import summary as s
from scenarios.metrics.alerts import heard
from scenarios.metrics.costs import Tariff
from scenarios.metrics.faults import fault_summary
from scenarios.metrics.intervals import side_intervals
from scenarios.metrics.matters import matters_summary
from scenarios.metrics.measures import ArmMeasures
from scenarios.metrics.pace import speed
from scenarios.metrics.unsaved import unsaved
from scenarios.scenario.arms import arms_about, same_arms

if TYPE_CHECKING:
    from scenarios.scenario import Flow, Scenario

Arms = Mapping[str, Sequence[ArmMeasures]]
Json = dict[str, Any]


def outline(
    scenario: Scenario,
    measures: Sequence[ArmMeasures],
    *,
    run_id: str,
    seed: int,
    transport: str,
    what_if: Sequence[str],
    wall_seconds: float,
    twins: Sequence[ArmMeasures] = (),
) -> Json:
    """Return the whole summary; see :func:`scenarios.metrics.summarise`."""
    arms, tariff = s.by_arm(measures), Tariff(scenario)
    result: Json = {
        "scenario": scenario.id,
        "title": scenario.title,
        "run_id": run_id,
        "seed": seed,
        "transport": transport,
        "what_if": list(what_if),
        **({} if scenario.illustrative is None else {"illustrative": scenario.illustrative}),
        **_same_arms(scenario, arms),
        **_arms_about(scenario, arms),
        **_alerts(scenario, arms),
        "method": {
            "replications": len({run.replication for run in measures}),
            "unit": "replication",
            "warm_up_hours": s.rounded(scenario.warm_up_hours),
        },
        "arms": {
            arm: s.arm_summary(runs, arms.get("baseline")) | detail.arm_detail(scenario, runs, tariff)
            for arm, runs in arms.items()
        },
    }
    result["saved"] = {
        name: s.saved(s.regular(reference), s.regular(other))
        | {"coverage_difference": s.rounded(_coverage(other) - _coverage(reference))}
        | {"cost_usd": detail.cost_saved(reference, other, tariff)}
        for name, reference, other in _comparisons(arms)
    }
    result["borders"] = {key: _border(scenario, arms, key) for key in scenario.sides_passed}
    result["flows"] = {flow.id: flow_outline(flow, arms) for flow in scenario.flows}
    stops = {arm: run.stops for arm, runs in arms.items() for run in runs if run.stops is not None}
    if stops:
        result["stops"] = stops
    images = image_summary({arm: [run.images for run in runs] for arm, runs in arms.items()})
    if images:
        result["images"] = images
    matters = {
        arm: found for arm, runs in arms.items() if (found := [r.matters for r in runs if r.matters is not None])
    }
    if matters:
        result["matters"] = {arm: matters_summary(found) for arm, found in matters.items()}
    if twins:
        result["faults"] = fault_summary(arms, s.by_arm(twins))
    result["little"] = s.little_summary(measures)
    result["outliers"] = detail.OUTLIERS
    result["unsaved"] = unsaved(arms, {key: scenario.sides[key].title for key in scenario.sides_passed})
    result["costs"] = detail.assumed_costs(tariff)
    result["assumptions"] = _assumptions(scenario)
    evaluated = [checks.evaluate(check, result) for check in scenario.checks]
    result["checks"] = [outcome for outcome in evaluated if outcome["ok"] is not None]
    result["checks_left_out"] = [outcome for outcome in evaluated if outcome["ok"] is None]
    result["versions"] = {
        "corridor": own_version(),
        "messages": f"PIX {VERSION}",
        "python": platform.python_version(),
    }
    result["wall_seconds"] = round(wall_seconds, 3)
    return result


def _same_arms(scenario: Scenario, arms: Arms) -> Json:
    """Return which arms have nothing in force that another has not; nothing where all differ."""
    same = [list(pair) for pair in same_arms(scenario) if set(pair) <= set(arms)]
    return {"same_arms": same} if same else {}


def _arms_about(scenario: Scenario, arms: Arms) -> Json:
    """Return what the arms are about that are not about what their names say; nothing where all are."""
    about = {arm: subject for arm, subject in arms_about(scenario).items() if arm in arms}
    return {"arms_about": about} if about else {}


def _alerts(scenario: Scenario, arms: Arms) -> Json:
    """Return in which arms services hear of alerts; nothing for a scenario without any."""
    if all(flow.alert is None for flow in scenario.flows):
        return {}
    known = {arm for arm, _ in heard(scenario)}
    return {"alerts_heard": [arm for arm in arms if arm in known]}


def own_version() -> str:
    """Return the version of this distribution, or ``unpackaged`` where it was not installed."""
    try:
        return version("customs-corridor")
    except PackageNotFoundError:
        return "unpackaged"


def _comparisons(arms: Arms) -> Iterator[tuple[str, Sequence[ArmMeasures], Sequence[ArmMeasures]]]:
    for name, reference, other in s.COMPARISONS:
        if reference in arms and other in arms:
            yield name, arms[reference], arms[other]


def _coverage(runs: Sequence[ArmMeasures]) -> float:
    return s.mean([s.mean([item.coverage for item in run.consignments]) for run in runs])


def _border(scenario: Scenario, arms: Arms, key: str) -> Json:
    side = scenario.sides[key]
    band = None
    if side.band is not None:
        low, high, source = side.band
        band = {"low": s.rounded(low), "high": s.rounded(high), "source": source}
    border: Json = {"title": side.title, "country": side.country, "direction": side.direction, "band": band}
    border |= {arm: s.side_summary(runs, key) | side_intervals(runs, key) for arm, runs in arms.items()}
    hours = s.side_hours(key)
    border["saved"] = {
        name: s.saving(s.differences(s.regular(reference), s.regular(other), hours))
        for name, reference, other in _comparisons(arms)
    }
    return border


def flow_outline(flow: Flow, arms: Arms) -> Json:
    """Return what came of one flow: title, distance, and for each arm its hours, speed and waits; what was saved."""
    populations = {arm: s.in_flow(runs, flow.id) for arm, runs in arms.items()}
    result: Json = {"title": flow.title, "distance_km": s.rounded(flow.route[-1].km)}
    for arm, population in populations.items():
        result[arm] = {
            "border_hours": s.statistics(population, s.border_hours),
            "door_to_door_hours": s.statistics(population, s.journey_hours),
            "speed": speed(population),
        }
        if (last := s.last_through_hours(population)) is not None:
            home = s.statistics(population, s.wished_hours)
            result[arm] |= {"waits_at_home_hours": home, "last_through_hours": last}
        if any(leg.sailing is not None for leg in flow.legs):
            result[arm]["waits_for_ship_hours"] = s.statistics(population, s.quay_hours)
    result["saved"] = {
        name: s.saving(s.differences(populations[reference], populations[other], s.border_hours))
        for name, reference, other in s.COMPARISONS
        if reference in populations and other in populations
    }
    return result


def _assumptions(scenario: Scenario) -> list[Json]:
    """Return the two modelling choices that move the result most, in words."""
    wagons = scenario.assumptions.wagons_wait_for_customs
    scan = scenario.assumptions.scan_share_at_entry
    return [
        {
            "key": "wagons_wait_for_customs",
            "title": "Wagons of the other gauge are ordered only after customs release",
            "value": wagons.is_,
            "mark": wagons.mark,
            "source": wagons.source,
        },
        {
            "key": "scan_share_at_entry",
            "title": f"Share of consignments scanned at {scenario.offices[scan.office].title}",
            "value": scan.share.is_,
            "mark": scan.share.mark,
            "source": scan.share.source,
        },
    ]


__all__ = ["flow_outline", "outline", "own_version"]
