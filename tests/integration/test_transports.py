"""Both transports, any number of processes: the same histories, the same summary, to the byte."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from scenarios.run import Job, JobResult, conduct, default_run_id, run_jobs, run_scenario
from scenarios.scenario import load_scenario

SETS = ("flows.0.vehicles.count=2 trains", "flows.0.vehicles.consignments=3 consignments", "warm_up=2 d")
SCENARIO = "china_europe_transit_fi"


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def comparable(summary: dict[str, Any]) -> str:
    return json.dumps({k: v for k, v in summary.items() if k not in ("transport", "wall_seconds")})


def test_http_and_memory_leave_the_same_summary_events_and_messages(tmp_path: Path) -> None:
    scenario = load_scenario(SCENARIO, SETS)
    left: dict[str, dict[str, bytes]] = {}
    summaries: dict[str, str] = {}
    for transport in ("http", "memory"):
        outcome = run_scenario(scenario, transport=transport, replications=1, out=tmp_path / transport, workers=1)
        summaries[transport] = comparable(dict(outcome.summary))
        left[transport] = files(outcome.folder)
    assert summaries["http"] == summaries["memory"]
    names = [name for name in left["http"] if name not in ("summary.json", "report.html")]
    assert names == [name for name in left["memory"] if name not in ("summary.json", "report.html")]
    assert any(name.endswith(".xml") for name in names)
    for name in names:
        assert left["http"][name] == left["memory"][name], name


@pytest.mark.parametrize("arm", ["baseline", "recognition"])
def test_the_cases_of_all_nodes_are_the_same_over_both_transports(arm: str) -> None:
    scenario = load_scenario(SCENARIO, SETS)
    views = []
    for transport in ("http", "memory"):
        job = Job(
            scenario=scenario, seed=3, run_id=default_run_id(scenario, 3), replication=0, arm=arm, transport=transport
        )
        kept: dict[str, Any] = {}
        asyncio.run(conduct(job, keep=kept.update))
        views.append({country: [core.view(row["ucr"]) for row in core.cases()] for country, core in kept.items()})
    assert views[0] == views[1]
    assert all(views[0].values())


def test_the_number_of_processes_changes_nothing(tmp_path: Path) -> None:
    scenario = load_scenario(SCENARIO, SETS)

    def measured(workers: int) -> list[Any]:
        jobs = [
            Job(
                scenario=scenario,
                seed=1,
                run_id=default_run_id(scenario, 1),
                replication=replication,
                arm=arm,
                transport="memory",
            )
            for replication in range(2)
            for arm in ("baseline", "advance")
        ]

        def place(result: JobResult) -> tuple[int, str]:
            return result.replication, result.arm

        return [result.measures for result in sorted(run_jobs(jobs, workers=workers), key=place)]

    assert measured(1) == measured(2)
