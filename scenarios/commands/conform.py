"""``corridor conform``: a conformance run against a node that somebody else may have written."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn

from exchange.errors import CorridorError
from nodes.listening import listen
from scenarios.conform.check import Result
from scenarios.conform.checks import ALL
from scenarios.conform.forms import as_json, as_junit, as_page, check_json
from scenarios.conform.run import Options, Report, chosen, conform
from scenarios.conform.text import closing, heading, line, listing
from scenarios.live.demo_trust import PARTNERS_PORT
from scenarios.progress import Following, so_far
from scenarios.scenario import ScenarioError

GOOD, BAD, WRONG = 0, 1, 2


def list_command(*, json_output: bool, level: str = "full") -> int:
    """Print the checks of a level with their requirements; return 0."""
    checks = [check for check in ALL if level == "full" or check.level == level]
    if json_output:
        print(json.dumps([check_json(check) for check in checks], indent=1, ensure_ascii=False))
    else:
        print(listing(checks))
    return GOOD


def demo_trust_command(folder: Path, country: str, scenario: str | None, arm: str | None) -> int:
    """Write the demo trust as files for a node of ``country``; return 0, 2 if that cannot be."""
    from scenarios.conform.handing import write_demo_trust

    try:
        listed, key = write_demo_trust(folder, country, scenario, arm)
    except (CorridorError, ScenarioError, OSError) as error:
        print(f"corridor conform: {error}", file=sys.stderr)
        return WRONG
    print(
        f"{listed}: whom the node believes\n{key}: what it signs with; on this machine only, everybody has these keys"
    )
    return GOOD


def conform_command(
    options: Options, *, json_output: bool, junit: Path | None, html: Path | None, verbose: bool
) -> int:
    """Check the node of ``options`` and tell of it; return 0 if it conforms, 1 if not, 2 for wrong use.

    Lines come as the checks are made, or one JSON object at the end; ``junit`` and ``html`` are files to write.
    """
    group = ""

    def told(result: Result) -> None:
        nonlocal group
        if result.check.group != group:
            group = result.check.group
            print(group)
        print(line(result, verbose=verbose), flush=True)

    try:
        options = _listening(options)
        report = _counted(options) if json_output else asyncio.run(conform(options, told))
        _write(report, junit, html)
    except (CorridorError, ScenarioError, OSError) as error:
        print(f"corridor conform: {error}", file=sys.stderr)
        return WRONG
    if json_output:
        print(json.dumps(as_json(report), indent=1, ensure_ascii=False))
    else:
        print(f"\n{heading(report)}\n{closing(report)}")
    return GOOD if report.conforms else BAD


def _counted(options: Options) -> Report:
    """Check the node, and say on standard error how many checks are made and how many failed."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[bad]}"))
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    with Following(*columns, console=console, line=lambda task: so_far(task, f"checks, {task.fields['bad']}")) as bar:
        task = bar.add_task(f"checking {options.url}", total=len(chosen(options.only, options.level)), bad="0 failed")
        failed = 0

        def count(result: Result) -> None:
            nonlocal failed
            failed += result.outcome == "failed"
            bar.update(task, advance=1, bad=f"{failed} failed")

        return asyncio.run(conform(options, count))


def _listening(options: Options) -> Options:
    """Return the options with the port at which stubs expect their partners, if none is asked for and it is free."""
    if options.listen is not None or options.members is not None:
        return options
    try:
        listen("127.0.0.1", PARTNERS_PORT).close()
    except CorridorError:
        print(
            f"corridor conform: port {PARTNERS_PORT} is taken, so nobody plays the node's partners; --listen PORT says "
            "where else",
            file=sys.stderr,
        )
        return options
    return replace(options, listen=PARTNERS_PORT)


def _write(report: Report, junit: Path | None, html: Path | None) -> None:
    for path, text in ((junit, as_junit), (html, as_page)):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text(report), encoding="utf-8", errors="replace")


__all__ = ["conform_command", "demo_trust_command", "list_command"]
