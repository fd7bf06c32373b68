"""The queue at the borders of the year alone, in bare SimPy and in Ciw: what a simulation costs without messages.

Both get the very arrivals and times of service that the trains of the year have at the transfer from China, of the same
luck, so that their mean wait is that of the world in the baseline arm.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import simpy

from exchange.luck import Luck, lognormal
from scenarios.scenario import HOUR, Scenario, seconds
from scenarios.simulation.year import year_scenario
from scenarios.world.schedule import plans

NO_CIW = "Ciw is not installed: install the development extra (pip install 'customs-corridor[dev]')"


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderQueue:
    """One transfer with one place: when trains come (seconds since the start, rising), and what each takes."""

    name: str
    arrivals: Sequence[int]
    service: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RivalFigures:
    """What a rival took: processor ``seconds``, ``trains``, simulated ``events`` (None: it does not tell), and the mean
    wait before the transfer in seconds."""

    seconds: float
    trains: int
    events: int | None
    mean_wait: float


def border_queues(trains: int, seed: int = 1) -> list[BorderQueue]:
    """Return the queues of the year at the transfers from China."""
    scenario, luck = year_scenario(trains), Luck(seed)
    return [_queue(scenario, luck, number) for number in range(len(scenario.flows))]


def _queue(scenario: Scenario, luck: Luck, number: int) -> BorderQueue:
    flow = scenario.flows[number]
    side, leg = scenario.sides[flow.sides[0]], flow.legs[0]
    assert leg.speed is not None and leg.spread is not None
    median, place = leg.length.value / leg.speed.value, f"{leg.from_}-{leg.to}"
    technical, (transfer,) = side.phases["technical"].takes[0].value, side.phases["transfer"].takes
    arrivals = []
    for plan in plans(scenario, flow, luck):
        under_way = round(lognormal(luck.uniform(plan.vehicle, place, "leg"), median, leg.spread.value) * HOUR)
        work = technical.seconds(luck.uniform(plan.vehicle, side.key, "technical"))
        arrivals.append(max(0, plan.leaves) + under_way + work)
    return BorderQueue(name=flow.id, arrivals=sorted(arrivals), service=seconds(transfer.value.mean))


def in_simpy(queues: Sequence[BorderQueue]) -> RivalFigures:
    """Run the queues in bare SimPy, a process for each train."""
    began = time.process_time()
    waits: list[float] = []
    env = simpy.Environment()

    def train(place: simpy.Resource, at: int, service: int) -> Generator[simpy.Event, Any, None]:
        yield env.timeout(at)
        with place.request() as request:
            yield request
            waits.append(env.now - at)
            yield env.timeout(service)

    for queue in queues:
        place = simpy.Resource(env, 1)
        for at in queue.arrivals:
            env.process(train(place, at, queue.service))
    env.run()
    spent = time.process_time() - began
    events = next(env._eid)
    return RivalFigures(seconds=spent, trains=len(waits), events=events, mean_wait=sum(waits) / len(waits))


def in_ciw(queues: Sequence[BorderQueue]) -> RivalFigures | str:
    """Run the queues in Ciw, a node for each border; return why not where it is not installed."""
    if find_spec("ciw") is None:
        return NO_CIW
    import ciw

    began = time.process_time()
    never = float("inf")
    network = ciw.create_network(
        arrival_distributions=[
            ciw.dists.Sequential([*(b - a for a, b in zip((0, *q.arrivals), q.arrivals, strict=False)), never])
            for q in queues
        ],
        service_distributions=[ciw.dists.Deterministic(queue.service) for queue in queues],
        number_of_servers=[1] * len(queues),
        routing=[[0.0] * len(queues) for _ in queues],
    )
    simulation = ciw.Simulation(network)
    end = max(queue.arrivals[-1] + queue.service * (len(queue.arrivals) + 1) for queue in queues)
    simulation.simulate_until_max_time(end)
    waits = [record.waiting_time for record in simulation.get_all_records()]
    spent = time.process_time() - began
    return RivalFigures(seconds=spent, trains=len(waits), events=None, mean_wait=sum(waits) / len(waits))


__all__ = ["NO_CIW", "BorderQueue", "RivalFigures", "border_queues", "in_ciw", "in_simpy"]
