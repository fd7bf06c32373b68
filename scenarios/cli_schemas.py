"""The commands of ``corridor`` that make messages from schemas: ``sample`` and ``mutate``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class SampleKind(StrEnum):
    """How much a sample holds."""

    minimal = "minimal"
    full = "full"
    random = "random"


def sample(
    code: Annotated[str | None, typer.Argument(help="Code of a message of the set, as AAR.")] = None,
    schema: Annotated[
        Path | None, typer.Option(metavar="FILE.xsd", help="Any schema, instead of a message of the set.")
    ] = None,
    root: Annotated[str | None, typer.Option(help="Root element, where the schema has several.")] = None,
    schema_version: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Version of the message set. The newest by default.")
    ] = None,
    kind: Annotated[
        SampleKind, typer.Option(help="What is required, all that is possible, or something between by luck.")
    ] = SampleKind.full,
    seed: Annotated[int, typer.Option(min=0, help="Luck's seed; the same gives the same bytes.")] = 0,
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many, with seeds that follow.")] = 1,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER|FILE.xml", help="Where to; standard output by default.")
    ] = None,
) -> None:
    """Write valid messages: of the message set, plausible and true to all rules, or of any schema.

    [bold]Examples:[/bold]

    \b
      corridor sample AAR
      corridor sample CTR --kind random --count 100 --seed 7 --out samples
      corridor sample --schema cc015c.xsd --root CC015C --kind minimal
    """
    from scenarios.commands.sample import sample_command

    raise typer.Exit(
        sample_command(
            code, schema=schema, root=root, version=schema_version, kind=kind.value, seed=seed, count=count, out=out
        )
    )


def mutate(
    file: Annotated[Path, typer.Argument(help="A valid message (XML), or - for standard input.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="New or empty folder that gets the mutants.")],
    schema: Annotated[
        Path | None, typer.Option(metavar="FILE.xsd", help="The file's schema, if it is no message of the set.")
    ] = None,
) -> None:
    """Write invalid messages, each breaking exactly one thing, with the finding that is due beside it.

    Facets, required elements, numbers of repetitions, order, unknown parts, code lists and rules are broken, one at
    a time; all else stays as it was, so that lines agree. mutants.json lists all, and what could not be broken.

    [bold]Examples:[/bold]

    \b
      corridor mutate message.xml --out mutants
      corridor sample CTR | corridor mutate - --out mutants
      corridor mutate declaration.xml --schema cc015c.xsd --out mutants
    """
    from scenarios.commands.mutate import mutate_command

    raise typer.Exit(mutate_command(file, schema=schema, out=out))


def register(app: typer.Typer) -> None:
    """Enter the commands of this module into ``app``."""
    app.command(epilog="Exit codes: 0 written · 2 wrong use, or nothing valid can be made.")(sample)
    app.command(epilog="Exit codes: 0 all mutants are refused as expected · 1 some are not · 2 wrong use.")(mutate)


__all__ = ["register"]
