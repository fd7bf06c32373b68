"""The deeper part of a summary: what a release study, a payer and an officer ask for, beside hours and coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from scenarios.metrics import summary as s
from scenarios.metrics.costs import Tariff
from scenarios.metrics.intervals import FAR_OUT, on_and_off_list
from scenarios.metrics.knowledge import information, recognition
from scenarios.metrics.measures import ArmMeasures, ConsignmentMeasures
from scenarios.metrics.pace import officer_hours, speed

if TYPE_CHECKING:
    from scenarios.scenario import Scenario

Json = dict[str, Any]
COST_PARTS = ("delay", "gauge", "crossing", "total")
OUTLIERS = (
    f"Hours more than {FAR_OUT:g} interquartile ranges beyond the quartiles (Tukey); none is left out of a figure but "
    "the mean without them."
)


def arm_detail(scenario: Scenario, runs: Sequence[ArmMeasures], tariff: Tariff) -> Json:
    """Return what services knew and recognised, speed, officers by office, costs, and hours by mode and list."""
    population = s.regular(runs)
    titles = {code: office.title for code, office in scenario.offices.items()}
    return {
        "information": information(runs),
        "recognition": recognition(runs),
        "speed": speed(population),
        "officers": officer_hours(runs, titles),
        "cost_usd": _cost(population, tariff),
        "modes": _modes(scenario, runs),
        "listed": on_and_off_list(population, s.border_hours),
    }


def cost_saved(reference: Sequence[ArmMeasures], other: Sequence[ArmMeasures], tariff: Tariff) -> Json:
    """Return the dollars saved a consignment with their interval; positive means less."""

    def dollars(item: ConsignmentMeasures) -> float:
        return tariff.cost(item).total

    found = s.saving(s.differences(s.regular(reference), s.regular(other), dollars))
    return {"mean": found["hours_mean"], "ci95": found["ci95"]}


def assumed_costs(tariff: Tariff) -> Json:
    """Return the figures that costs rest on, and what they do not hold."""
    return {
        "currency": "USD",
        "text": (
            "Dollars of who moves the goods, a consignment: standing time at borders, change of gauge and fees, the "
            "same in all arms but for the time. Officers' work, capital tied up in goods and spoiling are not in it."
        ),
        "figures": tariff.figures(),
    }


def _cost(population: Sequence[Sequence[ConsignmentMeasures]], tariff: Tariff) -> Json:
    runs = [[tariff.cost(item) for item in run] for run in population if run]
    return {
        part: s.rounded(s.mean([s.mean([getattr(cost, part) for cost in run]) for run in runs])) if runs else None
        for part in COST_PARTS
    }


def _modes(scenario: Scenario, runs: Sequence[ArmMeasures]) -> Json:
    flows: dict[str, list[str]] = {}
    for flow in scenario.flows:
        flows.setdefault(str(flow.mode), []).append(flow.id)
    found: Mapping[str, list[list[ConsignmentMeasures]]] = {
        mode: [[item for item in run.regular if item.flow in names] for run in runs] for mode, names in flows.items()
    }
    return {
        mode: {"consignments": sum(map(len, items)), "hours": s.statistics(items, s.border_hours), **speed(items)}
        for mode, items in found.items()
    }


__all__ = ["COST_PARTS", "OUTLIERS", "arm_detail", "assumed_costs", "cost_saved"]
