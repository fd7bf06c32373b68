"""Commands about proof: ``corridor ledger verify | checkpoint | show`` and ``corridor evidence``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Store = Annotated[str, typer.Argument(metavar="STORE", help="A node's SQLite file, or its URL: postgresql://…")]
Node = Annotated[str, typer.Option(help="Whose ledger it is, as RU.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, nothing else.")]

ledger_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Verify a node's ledger, sign how it ends, show what is in it.",
    epilog="A SQLite file has one user: stop its node first. On PostgreSQL a node may be at work meanwhile.",
)


@ledger_app.command(epilog="Exit codes: 0 whole · 1 broken · 2 wrong use, or something cannot be read.")
def verify(
    store: Store,
    node: Node,
    against: Annotated[
        list[str] | None,
        typer.Option(metavar="SOURCE", help="What others hold of it (see below); may be given again."),
    ] = None,
    members: Annotated[Path | None, typer.Option(help="With --against: members.yaml, the trusted keys.")] = None,
    json_output: Json = False,
) -> None:
    """Find and name every entry that was changed, removed or moved, and every message whose bytes were changed.

    A missing tail, and a ledger written anew from some point on, show only against what others hold: SOURCE is a
    partner's store (file or URL), a file of evidence, a receipt or a checkpoint.

    [bold]Examples:[/bold]

    \b
      corridor ledger verify ru.sqlite --node RU
      corridor ledger verify postgresql://corridor@db/ru --node RU --json
      corridor ledger verify ru.sqlite --node RU \\
        --against kz.sqlite --against ru.checkpoint --members members.yaml
    """
    from scenarios.commands.ledger import verify_command

    raise typer.Exit(verify_command(store, node=node, against=against or [], members=members, json_output=json_output))


@ledger_app.command(epilog="Exit codes: 0 signed · 1 the ledger is broken · 2 wrong use, or something cannot be read.")
def checkpoint(
    store: Store,
    node: Node,
    keys: Annotated[Path, typer.Option(help="Folder of keys: NODE/signing.pem.")],
    members: Annotated[Path | None, typer.Option(help="members.yaml. By default that of the folder of keys.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to; standard output by default.")] = None,
) -> None:
    """Verify a ledger, and sign its last position, hash and the time, as one compact JWS.

    Give it away, or keep it elsewhere: 'corridor ledger verify --against' then finds a missing tail.

    [bold]Example:[/bold]

    \b
      corridor ledger checkpoint ru.sqlite --node RU --keys keys --out ru.checkpoint
    """
    from scenarios.commands.ledger import checkpoint_command

    raise typer.Exit(checkpoint_command(store, node=node, keys=keys, members=members, out=out))


@ledger_app.command(epilog="Exit codes: 0 shown · 1 there is no such case · 2 wrong use, or it cannot be read.")
def show(
    store: Store,
    node: Node,
    case: Annotated[str | None, typer.Option(metavar="UCR", help="The entries of this case.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many cases.")] = 50,
    json_output: Json = False,
) -> None:
    """List the cases in a ledger, or the entries of one.

    [bold]Examples:[/bold]

    \b
      corridor ledger show ru.sqlite --node RU
      corridor ledger show ru.sqlite --node RU --case 8CNXA001-T01C1.ABCDEFGB
    """
    from scenarios.commands.ledger import show_command

    raise typer.Exit(show_command(store, node=node, case=case, limit=limit, json_output=json_output))


def evidence(
    ucr: Annotated[str | None, typer.Argument(metavar="UCR", help="The case to make evidence of.")] = None,
    store: Annotated[str | None, typer.Option(help="A node's SQLite file, or its URL.")] = None,
    node: Annotated[str | None, typer.Option(help="Whose ledger it is, as RU.")] = None,
    keys: Annotated[Path | None, typer.Option(help="Folder of keys: NODE/signing.pem signs the head.")] = None,
    members: Annotated[Path | None, typer.Option(help="members.yaml. By default that of the folder of keys.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE.zip", help="Where to; UCR.evidence.zip by default.")] = None,
    check: Annotated[Path | None, typer.Option(metavar="FILE.zip", help="Check this file instead.")] = None,
    json_output: Json = False,
) -> None:
    """Make a file that proves the history of one case, or check one.

    It holds the messages' bytes, signatures and receipts, the ledger's entries of the case, and the digests between
    them up to a signed head. --check needs nothing but that file and trusted keys, and says what is proven and what
    is not.

    [bold]Examples:[/bold]

    \b
      corridor evidence 8CNXA001-T01C1.ABCDEFGB --store ru.sqlite --node RU --keys keys
      corridor evidence --check 8CNXA001-T01C1.ABCDEFGB.evidence.zip --members members.yaml
    """
    from scenarios.commands.evidence import check_command, make_command

    if check is not None:
        if ucr is not None or members is None:
            raise typer.BadParameter("--check FILE.zip goes with --members FILE, and with no UCR")
        raise typer.Exit(check_command(check, members=members, json_output=json_output))
    if ucr is None or store is None or node is None or keys is None:
        raise typer.BadParameter("give UCR, --store, --node and --keys, or --check FILE.zip")
    raise typer.Exit(
        make_command(ucr, store=store, node=node, keys=keys, members=members, out=out, json_output=json_output)
    )


def register(app: typer.Typer) -> None:
    """Enter the commands of this module into ``app``."""
    app.add_typer(ledger_app, name="ledger")
    app.command(epilog="Exit codes: 0 made, or it holds · 1 it does not hold · 2 wrong use, or it cannot be made.")(
        evidence
    )


__all__ = ["register"]
