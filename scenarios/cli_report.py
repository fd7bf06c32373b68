"""The command ``corridor report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(epilog="Exit codes: 0 written · 2 a folder holds no whole run, or the file cannot be written.")(report)


def report(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN…", help="Folders that 'corridor run' or 'corridor compare' left.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="The file to write. Of one run its own report.html, of several out/runs.html by default."),
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print hours, coverage and changes as JSON.")] = False,
) -> None:
    """Make the report of a run again from what it left, or set several runs beside each other.

    The report of one run is the same to the byte as the run itself wrote it. Of several, the page shows hours, coverage
    and the keys in which their scenarios differ.

    [bold]Examples:[/bold]

    \b
      corridor report out/china_europe_transit_fi/04cf4d02a2-1
      corridor report out/china_europe_transit_fi/compare-04cf4d02a2-1 --out saved.html
      corridor report out/green_corridor_ru_cn/* --out runs.html
    """
    from scenarios.commands.report import report_command

    raise typer.Exit(report_command(runs, out=out, json_output=json_output))


__all__ = ["register"]
