"""The year of trains: letting cases go loses nothing, parts add up to the whole, and the queue is the right one."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from exchange.luck import Luck
from exchange.references import run_key, run_ucr
from scenarios.commands.bench_simulate import bench_simulate, shards
from scenarios.conductor import Conductor
from scenarios.faults import faults_of
from scenarios.parties import build_cores
from scenarios.run import Job, run_job
from scenarios.scenario.coherence import incoherences
from scenarios.simulation.crossings import CROSSINGS, DAYS, TRAINS, spread
from scenarios.simulation.passing import PassingTransport, PassingWorld
from scenarios.simulation.rivals import RivalFigures, border_queues, in_ciw, in_simpy
from scenarios.simulation.shard import RUN_ID, Shard, Tally, run_shard, total
from scenarios.simulation.year import year_scenario

FEW = 24
COUNTS = ("consignments", "regular", "seized", "border_seconds", "officer_seconds", "sent", "accepted")


def _nobody(_report: Any) -> None:
    return None


def _counted(tally: Tally) -> dict[str, int]:
    return {name: getattr(tally, name) for name in COUNTS}


@pytest.fixture(scope="module")
def whole() -> Tally:
    return run_shard(Shard(arm="recognition", trains=FEW, only=None), _nobody)[1]


def test_letting_cases_go_changes_nothing(whole: Tally) -> None:
    scenario = year_scenario(FEW)
    job = Job(
        scenario=scenario, seed=1, run_id=RUN_ID, replication=0, arm="recognition", transport="memory", trace=True
    )
    result = run_job(job)
    kept, measures = result.run, result.measures.consignments
    assert kept is not None
    regular = [one for one in measures if one.irregularity is None]
    assert _counted(whole) == {
        "consignments": len(measures),
        "regular": len(regular),
        "seized": sum(one.seized for one in measures),
        "border_seconds": sum(one.border_seconds for one in regular),
        "officer_seconds": sum(one.officer_seconds for one in measures),
        "sent": kept.messages["sent"],
        "accepted": kept.messages["accepted"],
    }
    assert whole.events == len(kept.events)


def test_the_parts_add_up_to_the_whole(whole: Tally) -> None:
    parts = [run_shard(replace(one), _nobody)[1] for one in shards(FEW) if one.arm == "recognition"]
    together = total(parts)
    assert len(parts) > 3
    assert _counted(together) == _counted(whole)
    assert together.events == whole.events
    assert together.in_use == whole.in_use


def test_nothing_is_kept_of_what_is_over() -> None:
    scenario, luck, key = year_scenario(FEW, only="Manzhouli"), Luck(3), run_key(RUN_ID, 0)
    cores = build_cores(scenario, "advance", luck)
    transport = PassingTransport(cores, faults_of(scenario, luck))
    conductor = Conductor(scenario.start, transport)
    passed: list[str] = []
    world = PassingWorld(
        scenario,
        luck=luck,
        ucr=lambda base: run_ucr(base, key, "advance"),
        ask=conductor.ask,
        over=transport.let_go,
        passed=lambda facts, events: passed.append(facts.case),
    )
    asyncio.run(conductor.run(world))
    before = len(passed)
    world.close()
    assert len(passed) == len(set(passed)) == world.total == world.through
    assert before > 0, "cases are let go of while the others are under way"
    assert not world._shipments and not world.mail._ordinals and not world._journeys._filed
    assert sum(len(core.cases()) for core in cores.values()) <= (world.total - before) * len(cores)
    assert not transport.log


def test_no_border_is_given_more_trains_than_it_takes() -> None:
    counts = spread(TRAINS)
    assert sum(counts.values()) == TRAINS and len(counts) == 5
    for one in CROSSINGS:
        assert counts[one.name] / DAYS / one.capacity < 0.85, one.name
    assert not list(incoherences(year_scenario(FEW)))


def test_bare_queues_wait_as_long_as_theory_says() -> None:
    queues = border_queues(400)
    waits = []
    for queue in queues:
        free = 0
        for at in queue.arrivals:
            waits.append(max(free, at) - at)
            free = max(free, at) + queue.service
    expected = sum(waits) / len(waits)
    assert expected > 0
    simpy = in_simpy(queues)
    assert simpy.trains == 400
    assert simpy.mean_wait == pytest.approx(expected)
    ciw = in_ciw(queues)
    if isinstance(ciw, str):
        pytest.skip(ciw)
    assert isinstance(ciw, RivalFigures)
    assert ciw.trains == 400
    assert ciw.mean_wait == pytest.approx(expected)


def test_the_command_tells_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench_simulate(20, json_output=True, workers=1) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["trains"] == 20
    assert figures["consignments"] == 20 * 3 * 3
    assert figures["messages"] > figures["consignments"] * 20
    assert {"seconds", "events_per_s", "simpy_events_per_s", "peak_memory_mb", "linear"} <= set(figures)
    hours = figures["border_hours"]
    assert hours["recognition"] < hours["advance"] < hours["baseline"]
