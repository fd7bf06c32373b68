"""Every figure of one arm of one replication, by name: what a run's summary says of it, taken apart into numbers.

A name is the path in the summary (``information.share_in_time``, ``sides.99101-entry.queues.desks.longest``,
``flows.xian-kouvola.speed.with_delay_kmh``): a measure that is added to the summaries of arms, sides and flows is here
without more ado.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from scenarios.metrics.costs import Tariff
from scenarios.metrics.detail import arm_detail
from scenarios.metrics.intervals import side_intervals
from scenarios.metrics.matters import matters_summary
from scenarios.metrics.measures import ArmMeasures
from scenarios.metrics.outline import flow_outline
from scenarios.metrics.summary import arm_summary, side_summary

if TYPE_CHECKING:
    from scenarios.scenario import Scenario

Figures = dict[str, float]


class Figuring:
    """Gives the figures of trials of one scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._tariff = Tariff(scenario)
        self._sides = scenario.sides_passed

    def of(self, measures: Sequence[ArmMeasures]) -> dict[str, Figures]:
        """Return arm → figures of the arms of one replication; ``waived`` counts against the baseline among them."""
        baseline = [run for run in measures if run.arm == "baseline"] or None
        found: dict[str, Figures] = {}
        for run in measures:
            _take("", self._summary(run, baseline), found.setdefault(run.arm, {}))
        return found

    def _summary(self, run: ArmMeasures, baseline: Sequence[ArmMeasures] | None) -> dict[str, Any]:
        runs = [run]
        found: dict[str, Any] = arm_summary(runs, baseline) | arm_detail(self._scenario, runs, self._tariff)
        found["sides"] = {key: side_summary(runs, key) | side_intervals(runs, key) for key in self._sides}
        found["flows"] = {flow.id: flow_outline(flow, {run.arm: runs})[run.arm] for flow in self._scenario.flows}
        if run.images is not None:
            found["images"] = asdict(run.images)
        if run.matters is not None:
            found["matters"] = matters_summary([run.matters])
        if run.account is not None:
            account = run.account
            found["faults"] = {name: getattr(account, name) for name in ("lost", "doubled", "parked")}
            found["faults"]["fallback"] = len(account.fallback)
        if run.stops is not None:
            found["stops"] = run.stops
        return found


def _take(path: str, values: Mapping[Any, Any], into: Figures) -> None:
    """Put every number of ``values`` and of the mappings in it ``into`` figures, its name beginning with ``path``."""
    for key, value in values.items():
        if isinstance(value, int | float):
            into[f"{path}{key}"] = float(value)
        elif isinstance(value, Mapping):
            _take(f"{path}{key}.", value, into)


__all__ = ["Figures", "Figuring"]
