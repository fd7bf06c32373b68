"""``corridor compare``: an experiment over paired replications, shown and left in a folder."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from exchange.errors import CorridorError
from scenarios.experiments.compare import compare, experiment_folder
from scenarios.experiments.plan import Plan, make_plan
from scenarios.experiments.runner import LEAST, Settings, Step
from scenarios.experiments.tables import INSTALL, parquet
from scenarios.numerals import several
from scenarios.printing import table_console
from scenarios.progress import Following, so_far
from scenarios.scenario import ScenarioError

GOOD, WRONG, STOPPED = 0, 2, 130
_PRECISION = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%")


def compare_command(
    scenario: str,
    *,
    replications: int | None,
    precision: str | None,
    sets: Sequence[str],
    sweeps: Sequence[str],
    frontier: bool,
    seed: int | None,
    workers: int | None,
    cluster: str | None,
    out: Path,
    resume: bool,
    events: Literal["one", "all"],
    only: int | None,
    json_output: bool,
) -> int:
    """Run the experiment (or with ``only`` one replication of it again) and print it; return the exit code.

    0 good, 2 wrong use or broken input, 130 stopped with Ctrl-C. Progress and errors go to standard error.
    """
    error = Console(stderr=True, highlight=False, soft_wrap=True)
    plan: Plan | None = None
    try:
        share = _share(precision, replications)
        plan = make_plan(scenario, sets=sets, sweeps=sweeps, frontier=frontier, seed=seed)
        if only is not None:
            return _again(plan, only, out, workers, json_output=json_output)
        settings = Settings(
            replications=replications or LEAST, precision=share, events=events, workers=workers, cluster=cluster
        )
        with _bar(error) as bar:
            outcome = compare(plan, settings, out=out, resume=resume, watch=_watch(bar, plan))
    except (ScenarioError, CorridorError) as problem:
        error.print(str(problem), markup=False)
        return WRONG
    except KeyboardInterrupt:
        where = "" if plan is None else f" Every finished replication is kept in {experiment_folder(plan, out)}:"
        error.print(f"Stopped.{where} the same command with --resume goes on.", markup=False)
        return STOPPED
    if json_output:
        json.dump(outcome.summary, sys.stdout, indent=1, ensure_ascii=False, allow_nan=False)
        sys.stdout.write("\n")
        return GOOD
    from scenarios.report.compare_table import show

    console = table_console()
    console.print(f"{outcome.summary['title']} (experiment, seed {plan.seed})", markup=False)
    show(console, outcome.summary, {key: side.title for key, side in plan.base.scenario.sides.items()})
    run = outcome.summary["run"]
    stored = several(run["trials"], "trial is", "trials are")
    text = f"Took {run['wall_seconds']:.1f} s; {stored} stored. Written to {outcome.folder}:"
    console.print(text, markup=False, soft_wrap=True)
    for name in outcome.files:
        console.print(f"  {outcome.folder / name}", markup=False, soft_wrap=True)
    if not parquet():
        console.print(f"Tables are CSV and JSON, as pyarrow is not installed: {INSTALL}", markup=False)
    return GOOD


def _share(precision: str | None, replications: int | None) -> float | None:
    if precision is None:
        return None
    if replications is not None:
        raise CorridorError("--precision decides on the number of replications itself: leave --replications away")
    found = _PRECISION.fullmatch(precision.strip())
    if found is None or not 0.0 < float(found[1]) <= 100.0:
        raise CorridorError(f"--precision {precision}: give a share of the baseline's mean above 0 %, as 5%")
    return float(found[1]) / 100


def _again(plan: Plan, number: int, out: Path, workers: int | None, *, json_output: bool) -> int:
    """Run one replication alone, as it is in the experiment, and leave it as ``corridor run`` does, messages too."""
    from scenarios.commands.run import show_outcome
    from scenarios.run import run_scenario

    outcome = run_scenario(
        plan.base.scenario, transport="memory", seed=plan.seed, out=out, workers=workers, only=number
    )
    show_outcome(plan.base.scenario, outcome, json_output=json_output)
    return GOOD


def _bar(console: Console) -> Following:
    return Following(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("replications{task.fields[more]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
        line=lambda task: so_far(task, f"replications{task.fields['more']}"),
    )


def _watch(bar: Following, plan: Plan) -> Callable[[Step], None]:
    """Return a function that shows on ``bar`` how far the experiment is."""
    points = len(plan.points)
    task = bar.add_task(plan.base.scenario.id, total=None, more=f" of {points} variations" if points > 1 else "")

    def watch(step: Step) -> None:
        bar.update(task, total=step.planned, completed=step.done)

    return watch


__all__ = ["compare_command"]
