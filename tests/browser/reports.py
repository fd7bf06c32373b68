"""Reports for the browser tests: of a run and of an experiment, from logs made by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scenarios.experiments.figures import Figuring
from scenarios.experiments.reading import read
from scenarios.experiments.statistics import summarise_figures, summarise_point
from scenarios.metrics import measure, summarise
from scenarios.metrics.stops import counted
from scenarios.report import compare, page
from scenarios.report.material import Material, gather, spread_of
from scenarios.scenario import Scenario
from tests.handmade import ARMS, at_real_sides, load_scenario

REASONS = [
    {
        "office": "70110060",
        "presentation": "ENTRY",
        "controls": [{"because": "RANDOM"}],
        "passed": [{"because": "RECOGNISED"}],
        "refused": [{"because": "SEAL"}],
    }
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What reports are made of."""

    scenario: Scenario
    summary: dict[str, Any]
    experiment: dict[str, Any]
    material: Material


def made() -> Made:
    """Return a run of three replications and an experiment over them."""
    scenario = load_scenario("china_europe_transit_fi")
    runs = [at_real_sides(arm, number, held + number, vehicles=4) for number in range(3) for arm, held in ARMS.items()]
    measures = [measure(scenario, one) for one in runs]
    summary = summarise(
        scenario, measures, run_id="r", seed=1, transport="memory", what_if=["an agreement"], wall_seconds=1.0
    )
    summary["stops"] = dict.fromkeys(ARMS, counted(REASONS))
    readings = {arm: [read(item) for item in measures if item.arm == arm] for arm in ARMS}
    given = [Figuring(scenario).of(measures[number : number + len(ARMS)]) for number in range(0, 9, len(ARMS))]
    figures = summarise_figures({arm: [one[arm] for one in given] for arm in ARMS})
    return Made(
        scenario=scenario,
        summary=summary,
        experiment=_experiment(summarise_point(readings, 1), summary) | {"figures": figures},
        material=gather(scenario, runs[: len(ARMS)], spread_of(measures)),
    )


def write_reports(folder: Path) -> dict[str, Path]:
    """Write both reports to ``folder``; return ``run`` and ``compare`` → file."""
    found = made()
    texts = {
        "run": page.render(found.scenario, found.summary, found.material),
        "compare": compare.render(found.scenario, found.experiment, found.summary, found.material),
    }
    paths = {kind: folder / f"{kind}.html" for kind in texts}
    for kind, path in paths.items():
        path.write_text(texts[kind], encoding="utf-8")
    return paths


def _experiment(point: dict[str, Any], summary: dict[str, Any]) -> dict[str, Any]:
    hours = {arm: entry["border_hours"]["mean"] for arm, entry in point["arms"].items()}
    saved = {name: {key: one["border_hours"][key] for key in ("mean", "ci95")} for name, one in point["saved"].items()}
    row: dict[str, Any] = {"replications": 3, "border_hours": hours, "saved": saved, "utilisation_highest": 0.5}
    gained = saved["recognition"]["mean"]
    return {
        "scenario": summary["scenario"],
        "title": summary["title"],
        "scenario_digest": "0" * 64,
        "seed": 1,
        "sets": [],
        "repeat": "corridor compare scenario.json --seed 1 --replications 3",
        "flows": {name: flow | {"title": name} for name, flow in point["flows"].items()},
        "no_help": [],
        "method": summary["method"]
        | {"pairing": "common random numbers", "intervals": "95 %", "precision": None}
        | {"half_width_share": 0.05, "precision_reached": None},
        "arms": point["arms"],
        "saved": point["saved"],
        "warm_up": point["warm_up"],
        "sweeps": [
            {"key": "residual", "title": "Residual", "points": [row | {"value": "0 %"}, row | {"value": "5 %"}]}
        ],
        "ranking": [
            {
                "key": "residual",
                "title": "Residual",
                "swing_hours": 1.0,
                "ci95": [0.5, 1.5],
                "least": {"value": "5 %", "saved_hours": gained - 1},
                "most": {"value": "0 %", "saved_hours": gained},
            }
        ],
        "frontier": [
            {
                "listed": "50 %",
                "residual": residual,
                "saved_hours": gained - less,
                "ci95": [gained - less - 1, gained - less + 1],
                "coverage": 0.5 + less / 10,
                "coverage_difference": less / 10,
                "efficient": True,
            }
            for residual, less in (("0 %", 0.0), ("5 %", 1.0))
        ],
        "compared": "recognition",
        "warnings": [],
    }
