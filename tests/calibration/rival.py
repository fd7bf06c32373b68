"""The road entry of Zabaikalsk a second time, in Ciw (Palmer, Knight et al.): another library, clock and luck.

The network is built from the scenario file's figures; stations, queues and durations are Ciw's own. Only the moments at
which trucks arrive are those of the world, so that a difference is one of queueing, not of the weather.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from statistics import fmean
from typing import Any

import ciw

from scenarios.scenario import Scenario
from scenarios.scenario.distributions import Distribution

KEY = "99612020-entry"
STATIONS = ("lanes", "desks", "scanner", "analysts", "bays")
"""The places of work in turn; the last one only for those inspected."""
ROOMY = ("sides.99612020-entry.resources.terminal.capacity=100000 places",)
"""Ciw knows no place that is kept over several nodes, so the terminal gets room for all."""

DRAIN = 48.0
"""Hours that Ciw goes on beyond what is counted, so that what was in work at the end is on record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """What Ciw found: mean hours of wait and share of capacity in use by place, mean hours of stay."""

    waits: dict[str, float]
    busy: dict[str, float]
    stay: float


class Arrivals(ciw.dists.Distribution):  # type: ignore[misc]
    """Gaps between the moments given, in hours, then nothing."""

    def __init__(self, moments: Sequence[float]) -> None:
        super().__init__()
        self._gaps = iter([b - a for a, b in pairwise((0.0, *moments))])

    def sample(self, t: float | None = None, ind: Any = None) -> float:
        """Return the gap before the next arrival."""
        return next(self._gaps, float("inf"))


def rival(scenario: Scenario, arrivals: Sequence[float], seed: int, days: int) -> Rival:
    """Run the side's background in Ciw for the warm-up and then ``days`` that are counted.

    ``arrivals``: hours from the start; ``seed``: of Ciw's own luck.
    """
    side, warm_up = scenario.sides[KEY], scenario.warm_up_hours
    customs = side.customs
    assert customs is not None and customs.documents.capture is not None and side.background is not None
    selection = scenario.controls[side.office].presentations["ENTRY"]
    papers = customs.documents.capture.value + customs.documents.check.value
    takes = [
        _times(side.phases["first-line"].takes[0].value),
        ciw.dists.Deterministic(papers),
        *(ciw.dists.Deterministic(step.fixed.value) for step in customs.scan),
        _times(customs.inspection.value),
    ]
    servers = [side.resources[name].capacity.number for name in STATIONS]
    last = len(STATIONS) - 1
    ways = [[0.0] * len(STATIONS) for _ in STATIONS]
    for number in range(last):
        ways[number][number + 1] = 1.0 if number + 1 < last else selection.physical
    network = ciw.create_network(
        arrival_distributions=[Arrivals(arrivals), *[None] * last],
        service_distributions=takes,
        number_of_servers=servers,
        routing=ways,
    )
    ciw.seed(seed)
    until = warm_up + 24 * days
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(until + DRAIN)
    waits: dict[int, list[float]] = defaultdict(list)
    work: dict[int, float] = defaultdict(float)
    came: dict[int, float] = {}
    gone: dict[int, float] = {}
    for record in simulation.get_all_records(only=["service"]):
        begin, end, number = record.service_start_date, record.service_end_date, record.id_number
        if warm_up <= begin < until:
            waits[record.node].append(record.waiting_time)
        work[record.node] += max(0.0, min(end, until) - max(begin, warm_up))
        came[number] = min(came.get(number, end), record.arrival_date)
        gone[number] = max(gone.get(number, end), record.exit_date)
    hours = [gone[number] - came[number] for number in came if came[number] >= warm_up and gone[number] <= until]
    return Rival(
        waits={name: fmean(waits[number]) for number, name in enumerate(STATIONS, 1)},
        busy={name: work[n] / (24 * days * servers[n - 1]) for n, name in enumerate(STATIONS, 1)},
        stay=fmean(hours),
    )


def _times(takes: Distribution) -> Any:
    if takes.kind == "triangular":
        low, mode, high = takes.numbers
        return ciw.dists.Triangular(low, mode, high)
    median, sigma = takes.numbers
    return ciw.dists.Lognormal(log(median), sigma)


__all__ = ["KEY", "ROOMY", "STATIONS", "Rival", "rival"]
