"""The commands of ``corridor`` about delivery: ``outbox list`` and ``outbox requeue``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class RowState(StrEnum):
    """What became of a message so far."""

    pending = "pending"
    delivered = "delivered"
    rejected = "rejected"
    lost = "lost"
    dead = "dead"


Target = Annotated[
    str,
    typer.Argument(metavar="NODE-URL|STORE", help="Address of a running node, or a stopped one's file or store URL."),
]
Node = Annotated[str, typer.Option(help="Whose outbox it is, as RU.")]
Keys = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="For a running node: the folder of 'corridor keys', with its operator's."),
]

outbox_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="See what waits for a node's partners and what was given up; send it again.",
)


@outbox_app.command(
    "list", epilog="Exit codes: 0 nothing dead or rejected among them · 1 something is · 2 it cannot be read."
)
def list_(
    target: Target,
    node: Node,
    keys: Keys = None,
    state: Annotated[RowState | None, typer.Option(help="Only messages in this state.")] = None,
    partner: Annotated[str | None, typer.Option(help="Only messages to this member.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 100,
    json_output: Annotated[bool, typer.Option("--json", help="Print the rows as JSON, nothing else.")] = False,
) -> None:
    """List the messages of a node's outbox in the order in which they go, and how its partners' lanes stand.

    [bold]Examples:[/bold]

    \b
      corridor outbox list https://127.0.0.1:8641 --node KZ --keys out/keys
      corridor outbox list kz.sqlite --node KZ --state dead
    """
    from scenarios.commands.outbox import Where, list_command

    where = Where(target=target, node=node, keys=keys)
    wanted = None if state is None else state.value
    raise typer.Exit(list_command(where, state=wanted, partner=partner, limit=limit, json_output=json_output))


@outbox_app.command(epilog="Exit codes: 0 they will be sent again · 2 one of them cannot be.")
def requeue(
    target: Target,
    message: Annotated[
        list[str], typer.Argument(metavar="MESSAGE-ID…", help="Messages that are dead, rejected or lost.")
    ],
    node: Node,
    keys: Keys = None,
) -> None:
    """Send messages again that were given up, rejected or lost, for another 72 hours.

    Their bytes and ids stay as they were: a partner that has one already answers with its first receipt.

    [bold]Example:[/bold]

    \b
      corridor outbox requeue kz.sqlite 58e02735-4058-5723-8d39-1551b29fecdf --node KZ
    """
    from scenarios.commands.outbox import Where, requeue_command

    raise typer.Exit(requeue_command(Where(target=target, node=node, keys=keys), message))


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(outbox_app, name="outbox")


__all__ = ["register"]
