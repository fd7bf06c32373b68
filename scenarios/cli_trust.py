"""The commands of ``corridor`` about trust: ``keys``, ``keys show``, ``keys rotate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup


class _WithoutMake(TyperGroup):
    """A group whose first word may be left out: ``corridor keys DIR`` is ``corridor keys make DIR``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, "-h", "--help"}:
            args = ["make", *args]
        return super().parse_args(ctx, args)


keys_app = typer.Typer(
    cls=_WithoutMake,
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Make keys and certificates for demos, show them, rotate them.",
    epilog="'corridor keys DIR …' is 'corridor keys make DIR …'.",
)


@keys_app.command(epilog="Exit codes: 0 made · 2 wrong use, or keys stand there already.")
def make(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the keys go.")],
    member: Annotated[
        list[str] | None, typer.Option("--member", "-m", help="Member id: KZ, KZ.<office or trader>. Repeatable.")
    ] = None,
    url: Annotated[
        list[str] | None, typer.Option(metavar="ID=URL", help="Where a member is reached. Repeatable.")
    ] = None,
    scenario: Annotated[
        str | None, typer.Option(help="Make them for all services, posts and traders of this scenario.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Validity of the certificates.")] = 365,
    force: Annotated[bool, typer.Option("--force", help="Throw keys away that stand there for these members.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print what was made as JSON.")] = False,
) -> None:
    """Make an authority, a signing key and a TLS certificate a member, and the members.yaml that tells all of them.

    Every service gets an operator (KZ.OPERATOR), who may read all that its node has. Run the command again with other
    members to add them. Files with private keys are readable by you alone and never overwritten without --force.

    Give each partner members.yaml, which holds no secret; keep each folder where its member's node runs, and
    ca-key.pem nowhere but here.

    [bold]Examples:[/bold]

    \b
      corridor keys out/keys --member KZ --member RU --url KZ=https://127.0.0.1:8641 --url RU=https://127.0.0.1:8642
      corridor keys out/keys --member KZ.ALTYNKOL
      corridor keys out/keys --scenario china_europe_transit_fi
      corridor node KZ --port 8641 --members out/keys/members.yaml --keys out/keys --store sqlite:///kz.db
    """
    from scenarios.commands.keys import make_command

    raise typer.Exit(
        make_command(
            folder, member or [], url or [], scenario=scenario, days=days, force=force, json_output=json_output
        )
    )


@keys_app.command(
    epilog="Exit codes: 0 all good · 1 a member has no key or certificate that is good now · 2 wrong use."
)
def show(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that 'corridor keys' made.")],
    json_output: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show which keys and certificates there are, and until when each is good.

    [bold]Example:[/bold]

    \b
      corridor keys show out/keys
    """
    from scenarios.commands.keys import show_command

    raise typer.Exit(show_command(folder, json_output=json_output))


@keys_app.command(epilog="Exit codes: 0 made · 2 wrong use, or the member has no keys there.")
def rotate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that 'corridor keys' made.")],
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="Whose key and certificate to renew.")],
    overlap_days: Annotated[
        int, typer.Option(min=0, max=3650, help="For how many days the old signing key is still good.")
    ] = 30,
    at: Annotated[
        str | None, typer.Option(metavar="UTC", help="Node time to count them from, for stepped nodes; now by default.")
    ] = None,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="Nothing old is good any more: for keys that somebody may have taken.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print what there is now as JSON.")] = False,
) -> None:
    """Make a new signing key and certificate of a member, good beside the old ones for a while.

    Then: 1. give the new members.yaml to all partners and start their nodes anew; they take both keys now. 2. Start
    the member's own node anew; it signs with the new key. After the overlap the old key is refused.

    [bold]Examples:[/bold]

    \b
      corridor keys rotate out/keys KZ
      corridor keys rotate out/keys KZ --revoke
    """
    from scenarios.commands.keys import rotate_command

    raise typer.Exit(
        rotate_command(folder, member, overlap_days=overlap_days, at=at, revoke=revoke, json_output=json_output)
    )


def register(app: typer.Typer) -> None:
    """Enter the commands of this module into ``app``."""
    app.add_typer(keys_app, name="keys")


__all__ = ["register"]
