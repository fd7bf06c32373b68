"""The command ``corridor conform``: does a node keep the contract?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(epilog="Exit codes: 0 the node conforms · 1 it does not · 2 wrong use.")(conform)


def conform(
    url: Annotated[str | None, typer.Argument(metavar="URL", help="The node, as http://127.0.0.1:8471.")] = None,
    country: Annotated[str | None, typer.Option("--as", metavar="COUNTRY", help="Whose node it is, as KZ.")] = None,
    scenario: Annotated[
        str | None, typer.Option(help="Whose offices, traders and agreements are used. The node's own by default.")
    ] = None,
    arm: Annotated[str | None, typer.Option(help="The arm of the scenario. The node's own, or recognition.")] = None,
    members: Annotated[
        Path | None, typer.Option(help="members.yaml. By default the demo trust, on this machine only.")
    ] = None,
    keys: Annotated[
        Path | None, typer.Option(help="Folder of keys of those who are spoken for. By default the members file's.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="CHECK", help="Only this check (S03) or group; may be given again.")
    ] = None,
    level: Annotated[
        str, typer.Option(metavar="LEVEL", help="basic: what it takes to take part; full: all that is agreed.")
    ] = "full",
    listen: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            metavar="PORT",
            help="Play its partners there: http://127.0.0.1:PORT/COUNTRY. 8479 if free.",
        ),
    ] = None,
    timeout: Annotated[float, typer.Option(min=0.1, max=600, help="Seconds within which an answer must come.")] = 10.0,
    within: Annotated[float, typer.Option(min=1, max=36_000, help="Seconds the whole run may take.")] = 300.0,
    insecure: Annotated[bool, typer.Option("--insecure", help="Send beyond this machine without TLS.")] = False,
    list_checks: Annotated[bool, typer.Option("--list", help="List the checks and leave; no node is needed.")] = False,
    demo_trust: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the demo keys that the node needs to this folder and leave."),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every request and answer.")] = False,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write JUnit XML to this file.")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write an HTML page to this file.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print the result as JSON, nothing else.")] = False,
) -> None:
    """Check a node, whoever wrote it, against the contract of the HTTP API.

    Speaks to it as its partners, posts, traders and operator do. Every check names the requirement it verifies, and
    is passed, failed, or not applicable with the reason.

    [bold]Examples:[/bold]

    \b
      corridor conform http://127.0.0.1:8471 --as KZ
      corridor conform http://127.0.0.1:8643 --as KZ --level basic
      corridor conform http://127.0.0.1:8471 --as KZ --only signature --only R03 --verbose
      corridor conform https://kz.example:8641 --as KZ --members keys/members.yaml --html out/kz.html
      corridor conform --list
      corridor conform --demo-trust keys --as KZ     # for a node that does not know the demo trust yet
    """
    from scenarios.conform.levels import LEVELS

    if level not in LEVELS:
        raise typer.BadParameter(f"{level!r} is no level: take {' or '.join(LEVELS)}", param_hint="--level")
    if list_checks:
        from scenarios.commands.conform import list_command

        raise typer.Exit(list_command(json_output=json_output, level=level))
    if demo_trust is not None and country is not None:
        from scenarios.commands.conform import demo_trust_command

        raise typer.Exit(demo_trust_command(demo_trust, country, scenario, arm))
    if url is None or country is None:
        raise typer.BadParameter("give --as COUNTRY and the node's URL; or --list")
    from scenarios.commands.conform import conform_command
    from scenarios.conform.run import Options

    options = Options(
        url=url,
        country=country,
        scenario=scenario,
        arm=arm,
        members=members,
        keys=keys,
        only=tuple(only or ()),
        timeout=timeout,
        within=within,
        level="basic" if level == "basic" else "full",
        listen=listen,
        insecure=insecure,
    )
    raise typer.Exit(conform_command(options, json_output=json_output, junit=junit, html=html, verbose=verbose))
