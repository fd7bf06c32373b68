"""The commands ``corridor record``, ``corridor replay`` and ``corridor diff``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Ignore = Annotated[
    list[str] | None,
    typer.Option("--ignore", metavar="FIELD", help="Do not compare this field (as at, or mrn); may be given again."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, nothing else.")]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command()(record)
    app.command(
        epilog="Exit codes: 0 the node did what was recorded · 1 it did something else · 2 wrong use or broken input."
    )(replay)
    app.command(epilog="Exit codes: 0 the same · 1 not the same · 2 wrong use or broken input.")(diff)


def record(
    scenario: Annotated[str, typer.Argument(help="A scenario's name (see 'corridor scenarios') or a YAML file.")],
    arm: Annotated[str, typer.Option(help="The arm to record.")] = "recognition",
    seed: Annotated[int | None, typer.Option(min=0, help="Luck's seed. The scenario's own by default.")] = None,
    sets: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one key; may be given again.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The file; out/SCENARIO/ARM-SEED.traffic.gz by default.")] = None,
    json_output: Json = False,
) -> None:
    """Record everything that the members of a scenario exchange, with its XML, in one file.

    [bold]Examples:[/bold]

    \b
      corridor record china_europe_transit_fi
      corridor record trilateral_cn_mn_ru --set "flows.0.vehicles.count=2 trains" --out mn.traffic.gz
    """
    from scenarios.commands.traffic import record_command

    raise typer.Exit(record_command(scenario, arm=arm, seed=seed, sets=sets or (), out=out, json_output=json_output))


def replay(
    file: Annotated[Path, typer.Argument(help="A recording, as 'corridor record' writes it.")],
    country: Annotated[str, typer.Option("--as", metavar="COUNTRY", help="The service whose node is told.")],
    scenario: Annotated[
        str | None, typer.Option(help="Let the node be that of this scenario; the recorded one by default.")
    ] = None,
    ignore: Ignore = None,
    json_output: Json = False,
) -> None:
    """Tell a node everything that was recorded for it, at the recorded times, and compare what it does.

    The node is the one of this program: so what another version of it does can be compared with what was recorded.
    Message ids and the numbers that a node gives are compared as names that stand for one another.

    [bold]Examples:[/bold]

    \b
      corridor replay out/china_europe_transit_fi/recognition-1.traffic.gz --as KZ
      corridor replay kz.traffic.gz --as KZ --ignore at --json
    """
    from scenarios.commands.traffic import replay_command

    raise typer.Exit(
        replay_command(file, country=country, ignore=ignore or (), scenario=scenario, json_output=json_output)
    )


def diff(
    one: Annotated[Path, typer.Argument(help="A recording.")],
    other: Annotated[Path, typer.Argument(help="Another one.")],
    of: Annotated[
        list[str] | None, typer.Option(metavar="COUNTRY", help="Only what this country's members sent; again for more.")
    ] = None,
    ignore: Ignore = None,
    json_output: Json = False,
) -> None:
    """Compare two recordings message by message, field by field.

    [bold]Example:[/bold]

    \b
      corridor diff before.traffic.gz after.traffic.gz --of KZ --ignore at
    """
    from scenarios.commands.traffic import diff_command

    raise typer.Exit(diff_command(one, other, senders=of or (), ignore=ignore or (), json_output=json_output))
