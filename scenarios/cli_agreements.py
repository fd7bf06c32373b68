"""Commands about agreements: ``corridor agreements``, ``corridor agreements show | liaison``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print it as JSON, nothing else.")]


class Status(StrEnum):
    """How far an agreement is."""

    contact = "contact"
    discussed = "discussed"
    in_preparation = "in preparation"
    drafted = "drafted"
    negotiated = "negotiated"
    signed = "signed"
    in_test = "in test"
    in_force = "in force"


class Covers(StrEnum):
    """What an agreement covers."""

    information = "information"
    recognition = "recognition"
    images = "images"
    assistance = "assistance"
    air = "air"


agreements_app = typer.Typer(
    rich_markup_mode="rich",
    invoke_without_command=True,
    epilog="Exit codes: 0 shown · 1 nothing is like that · 2 wrong use.",
)


@agreements_app.callback()
def agreements(
    context: typer.Context,
    country: Annotated[
        list[str] | None,
        typer.Option(metavar="RU", help="Only those of this country (two letters); twice: those between two."),
    ] = None,
    status: Annotated[list[Status] | None, typer.Option(help="Only those that far; may be given again.")] = None,
    covers: Annotated[list[Covers] | None, typer.Option(help="Only those that cover it; may be given again.")] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="As it was on this day (2016-05-11), or at the end of 2016-05 or 2016."),
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="The changes of status, oldest first.")] = False,
    matrix: Annotated[bool, typer.Option("--matrix", help="Countries against countries.")] = False,
    json_output: Json = False,
) -> None:
    """Show who may tell whom what: the agreements between customs services, how far each is, and who says so.

    An agreement covers [bold]information[/bold] (advance data on goods and means), [bold]recognition[/bold] of
    control results, inspection [bold]images[/bold], mutual [bold]assistance[/bold], or the prevention of violations
    in [bold]air[/bold] carriage. Its status goes from contact, discussed, in preparation, drafted, negotiated,
    signed and in test to in force. Nodes exchange nothing that no agreement in force covers; a scenario may assume
    other statuses and dates, and says so.

    [bold]Examples:[/bold]

    \b
      corridor agreements                               all, with the last status known
      corridor agreements --country RU --country CN     between two countries
      corridor agreements --covers recognition --status signed
      corridor agreements --at 2016 --matrix            countries against countries, end of 2016
      corridor agreements --country MN --history        how it came about
      corridor agreements show recognition-ru-cn-mn     one of them, with all sources
      corridor agreements liaison FI                    whom to ask what machines cannot settle
      corridor run green_corridor_ru_cn \\
        --set "arms.recognition.recognition-ru-cn-zabaikalsk=in force from 2019-03-15"
    """
    if context.invoked_subcommand is not None:
        return
    from scenarios.commands.agreements import agreements_command

    raise typer.Exit(
        agreements_command(
            countries=country or [],
            statuses=[one.value for one in status or []],
            covers=[one.value for one in covers or []],
            at=at,
            form="history" if history else "matrix" if matrix else "list",
            json_output=json_output,
        )
    )


@agreements_app.command(epilog="Exit codes: 0 shown · 2 there is no such agreement.")
def show(
    agreement: Annotated[str, typer.Argument(metavar="ID", help="See 'corridor agreements'.")],
    json_output: Json = False,
) -> None:
    """Show one agreement: parties, scope, terms, history, and the source of each statement.

    [bold]Example:[/bold]

    \b
      corridor agreements show green-corridor-ru-it
    """
    from scenarios.commands.agreements import show_command

    raise typer.Exit(show_command(agreement, json_output=json_output))


@agreements_app.command(epilog="Exit codes: 0 shown · 2 there is no such country.")
def liaison(
    country: Annotated[str | None, typer.Argument(metavar="[COUNTRY]", help="Code, as RU; all by default.")] = None,
    json_output: Json = False,
) -> None:
    """Show the liaison directory: whom a service asks, person to person, what machines cannot settle (MAQ, MAS).

    Contact points are synthetic. Membership in a club of attachés is no legal basis for data: agreements are.

    [bold]Example:[/bold]

    \b
      corridor agreements liaison FI
    """
    from scenarios.commands.agreements import liaison_command

    raise typer.Exit(liaison_command(country, json_output=json_output))


def register(app: typer.Typer) -> None:
    """Enter the commands of this module into ``app``."""
    app.add_typer(agreements_app, name="agreements")


__all__ = ["register"]
