"""The command ``corridor ocel``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @app.command(epilog="Exit codes: 0 written · 2 there is no such run or arm, or the file cannot be written.")
    def ocel(
        run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder that 'corridor run' left.")],
        out: Annotated[Path, typer.Option(help="File to write: .json (or .jsonocel), or .sqlite.")],
        arm: Annotated[str | None, typer.Option(help="The arm; the last that the run has by default.")] = None,
    ) -> None:
        """Write the events of a run as an object-centric event log (OCEL 2.0), for process-mining tools.

        [bold]Examples:[/bold]

        \b
          corridor ocel out/green_corridor_ru_cn/04cf4d02a2-1 --out log.json
          corridor ocel out/green_corridor_ru_cn/04cf4d02a2-1 --arm baseline --out log.sqlite
        """
        from scenarios.commands.ocel import ocel_command

        raise typer.Exit(ocel_command(run, out=out, arm=arm))


__all__ = ["register"]
