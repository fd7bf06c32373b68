"""What runs are called where they stand beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from scenarios.report.left import Left
from scenarios.report.material import Material
from scenarios.report.run_names import run_names
from tests.handmade import load_scenario

CHINA, ESTONIA = "china_europe_transit_fi", "facilitated_crossing_ru_ee"


def run(name: str = CHINA, folder: str = "a", version: str = "1.0", **summary: Any) -> Left:
    summary = {"seed": 1, "method": {"replications": 3}, "arms": {"baseline": {}}} | summary
    return Left(
        folder=Path("out") / name / folder,
        scenario=load_scenario(name),
        content={},
        summary=summary | {"versions": {"corridor": version}},
        material=Material(journeys={}, spread={}, agreements=(), figures=()),
        experiment=None,
    )


def nothing(_: Sequence[Left]) -> list[dict[str, Any]]:
    return []


def test_runs_of_several_scenarios_are_called_by_these() -> None:
    names = run_names([run(), run(ESTONIA)], nothing)
    assert names[0] == "China–Europe transit" and names[1].startswith("Facilitated crossing"), names


def test_runs_of_one_scenario_are_called_by_what_differs() -> None:
    assert run_names([run(), run(seed=9, version="1.1")], nothing) == ["Seed 1, Corridor 1.0", "Seed 9, Corridor 1.1"]
    given = run(method={"replications": 20})
    made = replace(given, experiment=dict(given.summary))
    assert run_names([run(), made], nothing) == ["3 replications, a run", "20 replications, an experiment"]
    mixed = run_names([run(), run(seed=2), run(ESTONIA)], nothing)
    assert mixed[:2] == ["China–Europe transit, seed 1", "China–Europe transit, seed 2"]


def test_values_of_the_file_tell_runs_apart_and_those_of_most_are_not_named() -> None:
    rows = [
        {"key": f"policies.{office}.residual", "values": ["2 %", "2 %", "10 %"]} for office in ("9911", "9912", "99101")
    ]
    rows.append({"key": "sides.9912-exit.resources.slot.capacity", "values": ["1 slot", "2 slots", "1 slot"]})
    names = run_names([run(), run(folder="b"), run(folder="c")], lambda _: rows)
    assert names == [
        "No value changed",
        "Khorgos, exit from China: resources slot capacity 2 slots",
        "Residual 10 %",
    ]


def test_many_values_are_counted_and_what_nothing_tells_apart_has_its_folder() -> None:
    rows = [{"key": f"delivery.{name}", "values": ["1 h", "2 h"]} for name in "abcd"]
    assert run_names([run(), run(folder="b")], lambda _: rows)[1].endswith("and 2 more that differ")
    assert run_names([run(folder="a"), run(folder="b")], nothing) == ["No value changed (a)", "No value changed (b)"]
