"""The command ``corridor compare``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class EventsOf(StrEnum):
    """Of which replications events are kept."""

    one = "one"
    all = "all"


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(
        epilog="It leaves report.html, comparison.json, tables, manifest.json and scenario.json in "
        "OUT/SCENARIO/compare-…/. Exit codes: 0 good · 2 wrong use or broken input · 130 stopped with Ctrl-C "
        "(--resume goes on)."
    )(compare)


def compare(
    scenario: Annotated[str, typer.Argument(help="A scenario's name (see 'corridor scenarios') or a YAML file.")],
    replications: Annotated[
        int | None,
        typer.Option("--replications", "-r", min=1, max=10_000, help="Paired replications of everything. 20."),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(metavar="SHARE", help="Go on until intervals are ± this share of the baseline's mean, as 5%."),
    ] = None,
    sets: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one key or knob; may be given again.")
    ] = None,
    sweep: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=a,b,c", help="Turn one key or knob; may be given again. 'all': every usual knob."),
    ] = None,
    frontier: Annotated[
        bool, typer.Option("--frontier", help="Hours saved against coverage over residual control and the list.")
    ] = False,
    seed: Annotated[int | None, typer.Option(min=0, help="Luck's seed. The scenario's own by default.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes at work. As many as processors by default.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Run on a Dask cluster: its scheduler, as tcp://host:8786.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder that gets the output.")] = Path("out"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a stopped experiment, or enlarge one.")] = False,
    events: Annotated[
        EventsOf, typer.Option(help="Keep the events of the first replication, or of all of them.")
    ] = EventsOf.one,
    only: Annotated[
        int | None,
        typer.Option(min=0, max=9_999, metavar="N", help="Run replication N alone again, with its full trace."),
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print the statistics as JSON, nothing else.")] = False,
) -> None:
    """Compare all arms over paired replications: what is saved, how sure that is, and what it depends on.

    [bold]Examples:[/bold]

    \b
      corridor compare china_europe_transit_fi -r 200
      corridor compare china_europe_transit_fi --precision 1%
      corridor compare green_corridor_ru_cn --sweep listed --sweep residual=0%,5%,25%
      corridor compare china_europe_transit_fi --sweep all --frontier
      corridor compare china_europe_transit_fi --set scan_at_entry=100% --only 17

    [bold]Knobs[/bold] (for --set and --sweep, beside the keys of the scenario file):

    \b
      listed         share of the consignors on the agreed list         listed=50%
      lead_time      how long before arrival information must be there  lead_time=24h
      residual       controls made although a result is recognised      residual=10%
      outage         share of days on which each node is down           outage=20%
      late           consignments whose information is missing          late=20%
      in_force       these agreements alone, joined by +                in_force=information-ru-il
      trains_a_day   background trains, a share or a number             trains_a_day=110%
      scan_at_entry  share scanned at the entry                         scan_at_entry=100%
    """
    from scenarios.commands.compare import compare_command

    raise typer.Exit(
        compare_command(
            scenario,
            replications=replications,
            precision=precision,
            sets=sets or [],
            sweeps=sweep or [],
            frontier=frontier,
            seed=seed,
            workers=workers,
            cluster=cluster,
            out=out,
            resume=resume,
            events=events.value,
            only=only,
            json_output=json_output,
        )
    )


__all__ = ["register"]
