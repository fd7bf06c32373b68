"""A border side alone: its background traffic through the world's own stations, without nodes or consignments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import simpy

from exchange.luck import Luck
from scenarios.queueing import QueueFigures
from scenarios.scenario import Scenario, Side, load_scenario, seconds
from scenarios.world.background import Traffic
from scenarios.world.border import Border
from scenarios.world.clock import Clock
from scenarios.world.journal import Journal
from scenarios.world.mail import Mail
from scenarios.world.schedule import DAY

MODEL = "green_corridor_ru_cn"
"""The scenario whose surroundings (start, offices, assumptions) a side of our own is set into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """What a side came to: its queues and busy shares by resource.

    ``stays``: hours of stay of the vehicles that passed; ``arrivals``: when vehicles came, in hours from the start.
    """

    queues: Mapping[str, QueueFigures]
    busy: Mapping[str, float]
    stays: tuple[float, ...]
    arrivals: tuple[float, ...]

    def wait(self, resource: str) -> float:
        """Return the mean hours that a job waited for ``resource``."""
        return self.queues[resource].wait / 3600

    def length(self, resource: str) -> float:
        """Return the mean number of jobs that waited for ``resource``."""
        return self.queues[resource].length

    def stay(self) -> float:
        """Return the mean hours of a stay."""
        return sum(self.stays) / len(self.stays)


class Timed(Traffic):
    """Background traffic that notes when each vehicle came, and how long it stayed if it came from ``counted_from``
    (seconds) on."""

    def __init__(self, border: Border, scenario: Scenario, counted_from: int) -> None:
        super().__init__(border, scenario, lambda: True)
        self.hours: list[float] = []
        self.arrivals: list[float] = []
        self._counted_from = counted_from
        self._came: dict[str, int] = {}

    def admit(self, number: str) -> None:
        """Let a vehicle arrive, and note when."""
        self._came[number] = int(self.env.now)
        self.arrivals.append(self.env.now / 3600)
        super().admit(number)

    def passed(self, name: str) -> None:
        """Note how long a vehicle stayed."""
        came = self._came.pop(name.partition("/")[2])
        if came >= self._counted_from:
            self.hours.append((int(self.env.now) - came) / 3600)
        super().passed(name)


def alone(scenario: Scenario, key: str, replication: int, days: int) -> Alone:
    """Run the background of side ``key`` for the scenario's warm-up and then ``days`` that are counted."""
    env = Clock()
    luck = Luck(scenario.seed, replication)
    border = Border(scenario.sides[key], scenario, env, luck, Mail(scenario, env, _nobody), Journal(env, lambda: None))
    warm_up = seconds(scenario.warm_up_hours)
    traffic = Timed(border, scenario, warm_up)
    traffic.begin()
    env.run(until=warm_up + days * DAY)
    return Alone(
        queues={name: station.queue() for name, station in border.stations.items()},
        busy={name: station.busy_share() for name, station in border.stations.items()},
        stays=tuple(traffic.hours),
        arrivals=tuple(traffic.arrivals),
    )


def side_of(stations: Mapping[str, tuple[int, str]], rate: float, warm_up: int = 10) -> Scenario:
    """Return a scenario with one side, ``99612020-entry``: stations passed in turn, Poisson arrivals.

    ``stations``: name → (servers, duration as in a scenario file); ``rate``: vehicles a day; ``warm_up`` in days.
    """
    scenario = load_scenario(MODEL, (f"warm_up={warm_up} d",))
    phases: dict[str, Any] = {}
    for name, (_, takes) in stations.items():
        after = list(phases)[-1:]
        phases[name] = {"bucket": "other", "takes": [_figure(takes)], "after": after, "resource": name}
    side = Side.model_validate(
        {
            "title": "A border of theory",
            "office": "99612020",
            "direction": "entry",
            "timezone": "UTC",
            "knows": True,
            "resources": {name: {"capacity": _figure(f"{count} servers")} for name, (count, _) in stations.items()},
            "phases": phases,
            "background": {
                "rate": _figure(f"{rate} trucks/d"),
                "spread": _figure("0 %"),
                "units": _figure("1 vehicle"),
                "consignments": _figure("1 consignment"),
            },
        }
    )
    return scenario.model_copy(update={"sides": {side.key: side}})


def _figure(text: str) -> dict[str, str]:
    return {"is": text, "mark": "designed", "source": "chosen to be compared with theory"}


def _nobody(_message: object) -> simpy.Event:
    raise AssertionError("background traffic sends no messages")


__all__ = ["MODEL", "Alone", "Timed", "alone", "side_of"]
