"""What the way over the borders costs whoever moves the goods, in US dollars a consignment.

Delay (hours at border sides), change of gauge and fees of crossing; the figures stand in
``scenarios/data/costs.yaml`` with their marks and sources. Only the delay differs between arms: gauge and fees are
what no exchange can save.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from scenarios.scenario.figures import NUMBER, NumberFigure, Strict

if TYPE_CHECKING:
    from scenarios.metrics.measures import ConsignmentMeasures
    from scenarios.scenario import Scenario

OTHER = "other"
"""The key of a figure that holds where no country has one of its own."""


class Dollars(NumberFigure):
    """A sum of money; ``value`` in US dollars."""

    UNITS = "a sum such as '329 USD'"

    def parse(self) -> float:
        return float(self.match(rf"({NUMBER}) USD")[1])


class DollarsPerHour(NumberFigure):
    """What an hour costs; ``value`` in US dollars an hour."""

    UNITS = "a rate such as '25 USD/h'"

    def parse(self) -> float:
        return float(self.match(rf"({NUMBER}) USD/h")[1])


class Costs(Strict):
    """The figures of the file: delay by mode, change of gauge by country, crossing by mode and country."""

    delay: Mapping[str, DollarsPerHour]
    gauge: Mapping[str, Dollars]
    crossing: Mapping[str, Mapping[str, Dollars]]


class Cost(NamedTuple):
    """Dollars of one consignment."""

    delay: float
    gauge: float
    crossing: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.delay + self.gauge + self.crossing


@lru_cache(maxsize=1)
def read_costs() -> Costs:
    """Return the figures that come with Corridor."""
    from ruamel.yaml import YAML

    text = (files("scenarios") / "data" / "costs.yaml").read_text(encoding="utf-8")
    return Costs.model_validate(YAML(typ="safe", pure=True).load(text))


class Tariff:
    """What the consignments of a scenario cost: its sides and the modes of its flows, held against the figures."""

    def __init__(self, scenario: Scenario, costs: Costs | None = None) -> None:
        self._costs = read_costs() if costs is None else costs
        self._modes = {flow.id: flow.side_modes for flow in scenario.flows}
        self._countries = {key: side.country for key, side in scenario.sides.items()}
        self._gauge = {
            key for key, side in scenario.sides.items() if any(phase.gauge_change for phase in side.phases.values())
        }

        self._rates = {
            flow: {side: self._rate(side, mode) for side, mode in modes.items()} for flow, modes in self._modes.items()
        }

    def _rate(self, side: str, mode: str) -> tuple[float, float, float]:
        """Return what crossing, change of gauge and an hour cost at ``side``."""
        country = self._countries[side]
        gauge = _of(self._costs.gauge, country)[1].value if side in self._gauge else 0.0
        return _of(self._costs.crossing[mode], country)[1].value, gauge, self._costs.delay[mode].value

    def cost(self, item: ConsignmentMeasures) -> Cost:
        """Return what one consignment cost at all border sides that it crossed."""
        rates = self._rates[item.flow]
        gauge = crossing = delay = 0.0
        for side, stay in item.stays.items():
            crossed, changed, hour = rates[side]
            crossing += crossed
            gauge += changed
            delay += stay.seconds / 3600.0 * hour
        return Cost(delay * item.containers, gauge * item.containers, crossing * item.containers)

    def figures(self) -> list[dict[str, Any]]:
        """Return the figures that this scenario's costs rest on: key, value, mark and source."""
        used: dict[str, NumberFigure] = {}
        for mode in sorted({mode for modes in self._modes.values() for mode in modes.values()}):
            used[f"delay.{mode}"] = self._costs.delay[mode]
            for country in sorted(set(self._countries.values())):
                key, figure = _of(self._costs.crossing[mode], country)
                used[f"crossing.{mode}.{key}"] = figure
        for side in sorted(self._gauge):
            key, sum_ = _of(self._costs.gauge, self._countries[side])
            used[f"gauge.{key}"] = sum_
        return [
            {"key": key, "value": figure.is_, "mark": figure.mark, "source": figure.source}
            for key, figure in used.items()
        ]


def _of(figures: Mapping[str, Dollars], country: str) -> tuple[str, Dollars]:
    key = country if country in figures else OTHER
    return key, figures[key]


__all__ = ["Cost", "Costs", "Dollars", "DollarsPerHour", "Tariff", "read_costs"]
