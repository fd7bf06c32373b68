"""The command ``corridor why``."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @app.command(epilog="Exit codes: 0 answered · 2 there is no such run, ledger or case.")
    def why(
        source: Annotated[
            str, typer.Argument(metavar="RUN|LEDGER", help="Folder of a finished run, or a node's file or store URL.")
        ],
        case: Annotated[
            str | None, typer.Argument(metavar="CASE", help="The consignment (UCR); left out: how often each reason.")
        ] = None,
        arm: Annotated[str | None, typer.Option(help="Of a run: this arm only.")] = None,
        node: Annotated[str | None, typer.Option(help="Of a ledger: whose it is, as RU.")] = None,
        json_output: Annotated[bool, typer.Option("--json", help="Print the reasons as JSON, nothing else.")] = False,
    ) -> None:
        """Say why goods were stopped, or what let them pass: rule, clause of the agreement, and message.

        It tells of random draws and risk rules, which no trader or partner may hear of.

        [bold]Examples:[/bold]

        \b
          corridor why out/green_corridor_ru_cn/04cf4d02a2-1 4CNMLB01-M01C1 --arm recognition
          corridor why kz.sqlite 4CNXAG01-X01C1 --node KZ
        """
        from scenarios.commands.why import why_command

        raise typer.Exit(why_command(source, case, arm=arm, node=node, json_output=json_output))


__all__ = ["register"]
