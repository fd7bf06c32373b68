"""A part of the year: one arm of one crossing, in a process of its own, and what it counted.

Ways share no office, post, resource or luck, so that the parts add up to what one run of all would give.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from exchange.errors import CorridorError
from exchange.luck import Luck
from exchange.references import run_key, run_ucr
from scenarios.conductor import Conductor
from scenarios.events import ArmRun, ConsignmentFacts, Event
from scenarios.faults import faults_of
from scenarios.metrics import Yardstick, yardstick
from scenarios.parties import build_cores
from scenarios.scenario import Scenario
from scenarios.simulation.passing import PassingTransport, PassingWorld
from scenarios.simulation.year import year_scenario

RUN_ID = "year"
EVERY = 200
"""Consignments between two reports of progress."""


class ShardError(CorridorError):
    """A part of the year did not come to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One arm of the trains over one crossing (``only``; None: over all), of so many trains in all."""

    arm: str
    trains: int
    only: str | None
    seed: int = 1


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a part counted.

    ``regular``: consignments that have nothing wrong with them, ``border_seconds`` the sum over those. ``events``:
    what happened to consignments, and messages; ``steps``: simulated events that the world worked off. ``in_use``: as
    :class:`PassingWorld` has it. ``processor``: seconds; ``memory``: greatest resident memory of the process, bytes.
    """

    consignments: int = 0
    regular: int = 0
    seized: int = 0
    border_seconds: int = 0
    officer_seconds: int = 0
    sent: int = 0
    accepted: int = 0
    events: int = 0
    steps: int = 0
    in_use: dict[str, dict[str, float]] = field(default_factory=dict)
    processor: float = 0.0
    memory: int = 0


@dataclass(frozen=True, slots=True)
class Passed:
    """Progress: consignments that have come through since the last report."""

    consignments: int


class _Counter:
    """Measures what is let go of and adds it up."""

    def __init__(self, scenario: Scenario, arm: str, tally: Tally, report: Callable[[Any], None]) -> None:
        self._measure: Yardstick = yardstick(scenario)
        self._arm = arm
        self._tally = tally
        self._report = report

    def take(self, facts: ConsignmentFacts, events: Sequence[Event]) -> None:
        run = ArmRun(
            arm=self._arm, replication=0, consignments=(facts,), events=tuple(events), utilisation={}, messages={}
        )
        (found,) = self._measure.measure(run).consignments
        tally = self._tally
        tally.consignments += 1
        tally.seized += found.seized
        tally.officer_seconds += found.officer_seconds
        if found.irregularity is None:
            tally.regular += 1
            tally.border_seconds += found.border_seconds
        if tally.consignments % EVERY == 0:
            self._report(Passed(EVERY))


def run_shard(shard: Shard, report: Callable[[Any], None]) -> tuple[Shard, Tally]:
    """Run one part and return what it counted. Raise ShardError if consignments did not get through."""
    began, tally = time.process_time(), Tally()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # hardly anything is in cycles
    try:
        asyncio.run(_run(shard, tally, report))
    finally:
        gc.unfreeze()
    tally.processor = time.process_time() - began
    tally.memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    report(Passed(tally.consignments % EVERY))
    return shard, tally


async def _run(shard: Shard, tally: Tally, report: Callable[[Any], None]) -> None:
    scenario = year_scenario(shard.trains, only=shard.only)
    luck, key = Luck(shard.seed), run_key(RUN_ID, 0)
    transport = PassingTransport(build_cores(scenario, shard.arm, luck), faults_of(scenario, luck))
    conductor = Conductor(scenario.start, transport)
    counter = _Counter(scenario, shard.arm, tally, report)
    world = PassingWorld(
        scenario,
        luck=luck,
        ucr=lambda base: run_ucr(base, key, shard.arm),
        ask=conductor.ask,
        over=transport.let_go,
        passed=counter.take,
    )
    try:
        await conductor.run(world)
    finally:
        conductor.let_go()
    if world.through < world.total:
        raise ShardError(f"only {world.through} of {world.total} consignments got through in arm {shard.arm}")
    world.close()
    tally.sent, tally.accepted = transport.sent, transport.accepted
    tally.events = world.noted + transport.sent
    tally.steps = next(world.env._eid)
    tally.in_use = {key: use for key, use in world.in_use.items() if use}


def total(tallies: Sequence[Tally]) -> Tally:
    """Return the sum of parts; ``memory`` is the greatest of any."""
    whole = Tally()
    for one in tallies:
        for name in (
            "consignments",
            "regular",
            "seized",
            "border_seconds",
            "officer_seconds",
            "sent",
            "accepted",
            "events",
        ):
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
        whole.steps += one.steps
        whole.processor += one.processor
        whole.memory = max(whole.memory, one.memory)
        for side, use in one.in_use.items():
            whole.in_use[side] = _greater(whole.in_use.get(side, {}), use)
    return whole


def _greater(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    return {name: max(one.get(name, 0.0), share) for name, share in other.items()}


__all__ = ["Passed", "Shard", "ShardError", "Tally", "run_shard", "total"]
