"""The command ``corridor stub``."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(epilog="Exit codes: 0 stopped, or listed · 2 wrong use, or it cannot start.")(stub)


def stub(
    country: Annotated[str | None, typer.Argument(metavar="COUNTRY", help="Whose service it plays, as KZ.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Its port on this machine; 0 takes a free one.")] = 8471,
    scenario: Annotated[
        str | None, typer.Option(help="Whose offices, policies and agreements it has. The first that has the country.")
    ] = None,
    arm: Annotated[str, typer.Option(help="The arm of the scenario.")] = "recognition",
    partner: Annotated[
        list[str] | None,
        typer.Option(metavar="SERVICE=URL", help="Where another service is reached. Repeatable."),
    ] = None,
    stepped: Annotated[bool, typer.Option("--stepped", help="POST /time tells the time, not the clock.")] = False,
    list_marks: Annotated[bool, typer.Option("--list", help="List what UCRs can ask for and leave.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Say where it listens, or the list, as JSON.")] = False,
) -> None:
    """Run a counterpart that answers as told: marks in the UCR choose outcome, delay and fault.

    It is a node like any other, in memory, with the demo keys that every tool on this machine shares. POST /stub/send
    signs and sends any message as if the partner had sent it; GET /stub/mail shows what its posts and traders got.

    [bold]Examples:[/bold]

    \b
      corridor stub KZ --port 8471
      corridor stub --list
      corridor stub RU --partner KZ=http://127.0.0.1:8471
    """
    from scenarios.commands.stub import list_command, stub_command

    if list_marks:
        raise typer.Exit(list_command(json_output=json_output))
    if country is None:
        raise typer.BadParameter("say whose service it plays, as KZ; or --list")
    raise typer.Exit(
        stub_command(
            country,
            port=port,
            scenario=scenario,
            arm=arm,
            partners=partner or (),
            stepped=stepped,
            json_output=json_output,
        )
    )
