"""``corridor run``: run a scenario in all its arms, show what came of it, say where it lies."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

from exchange.errors import CorridorError
from scenarios.numerals import several
from scenarios.output import FILES
from scenarios.printing import table_console
from scenarios.progress import Following
from scenarios.report.table import show
from scenarios.run import run_scenario
from scenarios.scenario import ScenarioError, load_scenario

if TYPE_CHECKING:
    from scenarios.live.transport import Outside
    from scenarios.run import Progress, RunOutcome
    from scenarios.scenario import Scenario

GOOD, BAD, WRONG, STOPPED = 0, 1, 2, 130
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def run_command(
    scenario: str,
    *,
    transport: str,
    replications: int | None,
    arms: Sequence[str],
    seed: int | None,
    run_id: str | None,
    out: Path,
    sets: Sequence[str],
    workers: int | None,
    json_output: bool,
    members: Path | None = None,
    keys: Path | None = None,
    members_arm: str = "recognition",
    port_base: int | None = None,
    only: int | None = None,
) -> int:
    """Run ``scenario`` (a name or a file) and print its summary; return the exit code.

    ``only``: run this replication alone, with all its events and messages.

    ``members``: the members file of nodes that run elsewhere and serve ``members_arm``, with the ``keys`` of posts,
    traders and operators (beside the file unless given). ``port_base``: where posts and traders are for services
    elsewhere that share the demo trust, with the services behind it.

    0 good, 1 a check of the scenario failed, 2 wrong use or broken input, 130 stopped with Ctrl-C. Progress
    and errors go to standard error, so that standard output holds the JSON alone where it was asked for.
    """
    error = Console(stderr=True, highlight=False, soft_wrap=True)
    if run_id is not None and not _RUN_ID.fullmatch(run_id):
        text = f"--run-id {run_id!r}: take letters, digits, dots, dashes and underscores, 64 at most"
        error.print(text, markup=False)
        return WRONG
    if members is not None and arms and members_arm not in arms:
        error.print(f"--members serves the arm {members_arm}, which --arm leaves out; add --arm {members_arm}")
        return WRONG
    if only is not None and (replications is not None or members is not None):
        error.print("--replication runs one replication on nodes of its own: leave --replications and --members away")
        return WRONG
    try:
        loaded = load_scenario(scenario, sets)
        count = loaded.replications if replications is None else replications
        count = count if only is None else 1
        if only is not None and loaded.elsewhere:
            error.print("--replication runs on nodes of its own: the services elsewhere are not asked.", markup=False)
        with _bar(error) as bar:
            outcome = run_scenario(
                loaded,
                transport=transport,
                replications=count,
                arms=arms,
                seed=seed,
                run_id=run_id,
                out=out,
                workers=workers,
                progress=_watch(bar, loaded, count, len(arms)),
                outside=_outside(loaded, members, keys, _served(loaded, members_arm, arms), only, port_base),
                only=only,
            )
    except (ScenarioError, CorridorError) as problem:
        error.print(str(problem), markup=False)
        return WRONG
    except KeyboardInterrupt:
        error.print(f"Stopped. This run wrote nothing; earlier runs in {out} stay as they were.", markup=False)
        return STOPPED
    show_outcome(loaded, outcome, json_output=json_output)
    held = [check["ok"] for check in outcome.summary["checks"]]
    return GOOD if all(held) and outcome.summary["little"]["ok"] else BAD


def show_outcome(scenario: Scenario, outcome: RunOutcome, *, json_output: bool) -> None:
    """Print what a run came to: its summary as JSON, or as tables with the files it left."""
    if json_output:
        json.dump(outcome.summary, sys.stdout, indent=1, ensure_ascii=False, allow_nan=False)
        sys.stdout.write("\n")
    else:
        _show(scenario, outcome.folder, outcome.summary)


def _served(scenario: Scenario, arm: str, arms: Sequence[str]) -> str:
    """Return the arm that services elsewhere serve: ``arm``, or where the run has no such arm its last one."""
    run = [one for one in scenario.arms if not arms or one in arms]
    return arm if arm in run else run[-1]


def _outside(
    scenario: Scenario, members: Path | None, keys: Path | None, arm: str, only: int | None, port_base: int | None
) -> Outside | None:
    """Return where nodes run that others have: all of a members file, or those that the scenario has elsewhere."""
    if members is None and (not scenario.elsewhere or only is not None):
        return None
    from scenarios.live.transport import Outside

    beside = None if members is None else members.parent
    return Outside(members=members, keys=keys or beside, arm=arm, services=scenario.elsewhere, port_base=port_base)


def _show(scenario: Scenario, folder: Path, summary: object) -> None:
    console = table_console()
    assert isinstance(summary, dict)
    console.print(f"{scenario.title} (run {summary['run_id']}, seed {summary['seed']})", markup=False)
    show(console, summary)
    seconds = summary["wall_seconds"]
    console.print(
        f"Took {seconds:.1f} s over {summary['transport']}. Written to {folder}:",
        markup=False,
        soft_wrap=True,
    )
    for name in (*FILES, "messages/", *(("images/",) if (folder / "images").is_dir() else ())):
        console.print(f"  {folder / name}{'/' if name.endswith('/') else ''}", markup=False, soft_wrap=True)


def _bar(console: Console) -> Following:
    return Following(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[counts]}"),
        TimeElapsedColumn(),
        console=console,
        line=lambda task: f"{task.description}: {task.fields['counts']}",
    )


def _watch(bar: Following, scenario: Scenario, replications: int, arms: int) -> Callable[[Progress], None]:
    """Return a function that shows each report of progress on ``bar``."""
    reaching = f", reaching {', '.join(scenario.elsewhere)}" if scenario.elsewhere else ""
    task = bar.add_task(scenario.id, total=None, counts=f"starting the nodes{reaching}")
    latest: dict[tuple[int, str], Progress] = {}

    def watch(report: Progress) -> None:
        latest[report.replication, report.arm] = report
        reports = latest.values()
        through = sum(item.through for item in reports)
        total = report.total * replications * arms
        done = [item.replication for item in reports if item.done]
        finished = sum(done.count(number) == arms for number in set(done))
        messages = sum(item.messages for item in reports)
        counts = f"{through:,} of {several(total, 'consignment')} · {several(messages, 'message')} · "
        counts += f"{finished} of {several(replications, 'replication')}"
        if scenario.pace is not None and report.at is not None:
            counts += f" · it is {report.at:%Y-%m-%d %H:%M} UTC there"
        bar.update(task, total=total, completed=through, counts=counts.replace(",", " "))

    return watch


__all__ = ["run_command", "show_outcome"]
