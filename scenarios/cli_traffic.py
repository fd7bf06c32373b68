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
    against: Annotated[
        str | None, typer.Option(metavar="URL", help="Tell the node at this address, of whatever make, over HTTP.")
    ] = None,
    members: Annotated[
        Path | None, typer.Option(help="With --against: who takes part (members.yaml). The demo trust by default.")
    ] = None,
    keys: Annotated[Path | None, typer.Option(help="With --members: folder of keys. By default the file's.")] = None,
    listen: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, metavar="PORT", help="With --against: where everybody else is played. 8479 by default."
        ),
    ] = None,
    timeout: Annotated[float, typer.Option(min=0.1, max=600, help="Seconds within which it must answer.")] = 10.0,
    within: Annotated[float, typer.Option(min=1, max=36_000, help="Seconds for the whole replay.")] = 600.0,
    wait: Annotated[
        float,
        typer.Option(
            min=0,
            max=600,
            help="Live nodes: seconds to wait, in all, for what should come and does not; and at the end.",
        ),
    ] = 5.0,
    insecure: Annotated[bool, typer.Option("--insecure", help="Send beyond this machine without TLS.")] = False,
    ignore: Ignore = None,
    json_output: Json = False,
) -> None:
    """Tell a node everything that was recorded for it, at the recorded times, and compare what it does.

    The node is the one of this program, so that another version of it can be held against what was recorded; or, with
    --against, one that runs elsewhere: posts, traders and partners are played for it, each message signed anew.
    Message ids and the numbers that a node gives are compared as names that stand for one another.

    [bold]Examples:[/bold]

    \b
      corridor replay out/china_europe_transit_fi/recognition-1.traffic.gz --as KZ
      corridor replay kz.traffic.gz --as KZ --ignore at --json
      corridor replay kz.traffic.gz --as KZ --against http://127.0.0.1:8643 --ignore times
    """
    from scenarios.commands.traffic import Against, replay_command

    elsewhere = None
    if against is not None:
        elsewhere = Against(
            url=against,
            members=members,
            keys=keys,
            listen=listen,
            timeout=timeout,
            within=within,
            wait=wait,
            insecure=insecure,
        )
    raise typer.Exit(
        replay_command(
            file,
            country=country,
            ignore=ignore or (),
            scenario=scenario,
            json_output=json_output,
            against=elsewhere,
        )
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
