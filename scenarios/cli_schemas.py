"""The commands of ``corridor`` about schemas: ``sample``, ``mutate``, ``schema doc`` and ``schema diff``."""

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


class Direction(StrEnum):
    """Who must not be disturbed by a change."""

    backward = "backward"
    forward = "forward"
    both = "both"


def sample(
    code: Annotated[
        str | None,
        typer.Argument(
            metavar="[CODE|ROOT]", help="Code of a message, as AAR; of other sets, the root element."
        ),
    ] = None,
    schema: Annotated[
        Path | None, typer.Option(metavar="FILE.xsd", help="Any schema, instead of a message of the set.")
    ] = None,
    pack: Annotated[
        Path | None, typer.Option(metavar="FOLDER|ZIP", help="Any message set, with its code lists and rules.")
    ] = None,
    root: Annotated[
        str | None, typer.Option(help="Root element, where there are several; {namespace}Name if need be.")
    ] = None,
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
    """Write valid messages: of the message set, plausible and true to all rules, or of any schema or pack.

    [bold]Examples:[/bold]

    \b
      corridor sample AAR
      corridor sample CTR --kind random --count 100 --seed 7 --out samples
      corridor sample --schema cc015c.xsd --root CC015C --kind minimal
      corridor sample --pack ncts CC015C --kind random --count 20 --out samples
    """
    from scenarios.commands.sample import sample_command

    raise typer.Exit(
        sample_command(
            code,
            schema=schema,
            pack=pack,
            root=root,
            version=schema_version,
            kind=kind.value,
            seed=seed,
            count=count,
            out=out,
        )
    )


def mutate(
    file: Annotated[Path, typer.Argument(help="A valid message (XML), or - for standard input.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="New or empty folder that gets the mutants.")],
    schema: Annotated[
        Path | None, typer.Option(metavar="FILE.xsd", help="The file's schema, if it is no message of the set.")
    ] = None,
    pack: Annotated[
        Path | None, typer.Option(metavar="FOLDER|ZIP", help="The message set that the file belongs to, if not ours.")
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
      corridor mutate declaration.xml --pack ncts --out mutants
    """
    from scenarios.commands.mutate import mutate_command

    raise typer.Exit(mutate_command(file, schema=schema, pack=pack, out=out))


schema_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Read a set of schemas as one page, or see what changed between two.",
)


@schema_app.command(epilog="Exit codes: 0 written · 2 wrong use: no schema that can be used, or no place to write.")
def doc(
    out: Annotated[Path, typer.Option(metavar="FILE.html", help="File that gets the page.")],
    schema: Annotated[
        Path | None, typer.Option(metavar="FILE.xsd|FOLDER|ZIP", help="A schema, or a pack of schemas.")
    ] = None,
    message_set: Annotated[
        str | None, typer.Option("--set", metavar="pix|VERSION", help="Our own set: the newest, or a version.")
    ] = None,
) -> None:
    """Write a reference of a message set as one HTML file: elements, types, facets, code lists, with search.

    The page needs no network.

    [bold]Examples:[/bold]

    \b
      corridor schema doc --set pix --out pix.html
      corridor schema doc --schema ncts/cc015c.xsd --out cc015c.html
    """
    from scenarios.commands.schema import doc_command

    raise typer.Exit(doc_command(schema, message_set, out=out))


@schema_app.command(epilog="Exit codes: 0 compatible in the direction asked for · 1 not · 2 wrong use.")
def diff(
    old: Annotated[str, typer.Argument(help="A version of the message set, an XSD file, or a pack (folder, zip).")],
    new: Annotated[str, typer.Argument(help="The same, newer.")],
    json_output: Annotated[bool, typer.Option("--json", help="Print the changes as JSON.")] = False,
    require: Annotated[
        Direction, typer.Option(help="What the exit code asks: that old messages stay valid, new ones are read, both.")
    ] = Direction.backward,
) -> None:
    """Say what changed between two versions, whether old messages stay valid, and whether old readers take new ones.

    [bold]Examples:[/bold]

    \b
      corridor schema diff 1.0 1.1
      corridor schema diff old/cc015c.xsd new/cc015c.xsd --json
      corridor schema diff old new --require both
    """
    from scenarios.commands.schema import diff_command

    raise typer.Exit(diff_command(old, new, json_output=json_output, required=require.value))


def register(app: typer.Typer) -> None:
    """Enter the commands of this module into ``app``."""
    app.command(epilog="Exit codes: 0 written · 2 wrong use, or nothing valid can be made.")(sample)
    app.command(epilog="Exit codes: 0 all mutants are refused as expected · 1 some are not · 2 wrong use.")(mutate)
    app.add_typer(schema_app, name="schema")


__all__ = ["register"]
