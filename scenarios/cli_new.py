"""The commands ``corridor new scenario`` and ``corridor new node``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    new = typer.Typer(no_args_is_help=True, help="Write a commented starting point that runs: a scenario, or a node.")
    new.command()(scenario)
    new.command()(node)
    app.add_typer(new, name="new")


def scenario(
    name: Annotated[str, typer.Argument(help="Its name: small letters, digits, - and _.")],
    out: Annotated[Path | None, typer.Option(help="The file; NAME.yaml by default. Nothing is overwritten.")] = None,
) -> None:
    """Write a small scenario with every part explained: six trains over one border. It runs as it stands.

    [bold]Example:[/bold]

    \b
      corridor new scenario my_corridor && corridor run my_corridor.yaml
    """
    from scenarios.commands.new import new_scenario

    raise typer.Exit(new_scenario(name, out))


def node(
    out: Annotated[Path, typer.Argument(help="The Python file to write. Nothing is overwritten.")],
) -> None:
    """Write a node of Kazakhstan against the HTTP API alone, to be made into a system of one's own.

    It imports nothing of Corridor, takes Kazakhstan's place in a run as it stands, and passes 'corridor conform
    --level basic' (docs/outside.md).

    [bold]Example:[/bold]

    \b
      corridor new node my_node.py
    """
    from scenarios.commands.new import new_node

    raise typer.Exit(new_node(out))
