"""The command ``corridor calibrate``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Family(StrEnum):
    """Which distribution of durations is taken."""

    best = "best"
    lognormal = "lognormal"
    triangular = "triangular"


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @app.command(
        epilog="Exit codes: 0 good · 1 lines of the file could not be used · 2 wrong use or an unreadable file."
    )
    def calibrate(
        trs: Annotated[Path, typer.Option("--trs", metavar="FILE.csv", help="Stamps of a study, or a run's trs.csv.")],
        side: Annotated[
            str | None, typer.Option(metavar="KEY", help="The border side, office and direction: 99612020-entry.")
        ] = None,
        scenario: Annotated[
            str | None, typer.Option(help="Calibrate that side of this scenario; without: write a whole side.")
        ] = None,
        timezone: Annotated[
            str | None, typer.Option(metavar="ZONE", help="IANA zone of local times; the side's by default.")
        ] = None,
        arm: Annotated[str | None, typer.Option(help="Of a run's trs.csv: this arm.")] = None,
        all_traffic: Annotated[
            bool, typer.Option("--all-traffic", help="The file holds every vehicle of its time: take arrivals from it.")
        ] = False,
        family: Annotated[
            Family, typer.Option(help="Family of the durations; best: the closest one (KS).")
        ] = Family.best,
        out: Annotated[Path, typer.Option(help="The fragment to write; a picture of the fits goes beside it.")] = Path(
            "out/side.yaml"
        ),
        json_output: Annotated[
            bool, typer.Option("--json", help="Print what was found as JSON, nothing else.")
        ] = False,
    ) -> None:
        """Turn an office's own Time Release Study into the parameters of a border side, and show the fit.

        [bold]Examples:[/bold]

        \b
          corridor calibrate --trs study.csv --side KZ99101-entry --timezone Asia/Almaty
          corridor calibrate --trs study.csv --side 99612020-entry --scenario green_corridor_ru_cn
          corridor run green_corridor_ru_cn --set @out/side.yaml
        """
        from scenarios.commands.calibrate import calibrate_command

        raise typer.Exit(
            calibrate_command(
                trs,
                side=side,
                scenario=scenario,
                timezone=timezone,
                arm=arm,
                all_traffic=all_traffic,
                family=family,
                out=out,
                json_output=json_output,
            )
        )


__all__ = ["register"]
