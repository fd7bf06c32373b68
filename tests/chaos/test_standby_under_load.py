"""A PostgreSQL database with two processes on it: the working one is killed while messages come in."""

from __future__ import annotations

import asyncio
from pathlib import Path

from scenarios.wire.driving import Progress, drive
from scenarios.wire.faults import WireFaults
from scenarios.wire.journeys import the_scenario
from scenarios.wire.network import Network, clock
from scenarios.wire.reference import refer
from scenarios.wire.verdict import Evidence, judge
from tests.waiting import HANGS


async def test_a_standby_goes_on_with_nothing_lost_or_doubled(tmp_path: Path, postgres_url: str) -> None:
    scenario, seed = the_scenario(), 6
    reference = await refer(scenario, seed, clock(), messages=40)
    network = Network(tmp_path, scenario, seed, WireFaults(seed), stores={"CN": postgres_url})

    async def take_over(progress: Progress) -> None:
        standby = network.another("CN")
        waiting = asyncio.create_task(standby.start())
        await progress.reaches(0.4)
        await asyncio.wait({waiting}, timeout=2)
        assert not waiting.done(), "it works although the first one does"
        await network.nodes["CN"].die()
        await waiting
        network.nodes["CN"] = standby

    async with network:
        handed_in = await drive(network, reference, seed, HANGS, take_over)
    verdict = await judge(Evidence.of(network, seed, reference, handed_in))
    assert not verdict.offenders
    assert verdict.messages == len(reference.accepted)
