"""The command of ``corridor`` about inspection images: ``image``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Grade(StrEnum):
    """How well an irregularity is hidden."""

    easy = "easy"
    hard = "hard"


class Trick(StrEnum):
    """What an irregular load shows."""

    hidden = "hidden"
    missing = "missing"
    wall = "wall"


def image(
    hs: Annotated[str, typer.Option(metavar="CODE", help="HS code of the goods, two digits at least.")],
    out: Annotated[Path, typer.Option(metavar="FILE.png", help="File that gets the picture.")],
    irregular: Annotated[
        bool, typer.Option("--irregular", help="Something is wrong with the load, as luck has it.")
    ] = False,
    trick: Annotated[
        Trick | None,
        typer.Option(help="What is wrong: something dense hidden, goods missing, something inside a wall."),
    ] = None,
    grade: Annotated[Grade, typer.Option(help="Whether it is easy or hard to see.")] = Grade.easy,
    inspected: Annotated[
        bool, typer.Option("--inspected", help="An inspection opened it, and the goods were stowed back.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Luck's seed; the same gives the same bytes.")] = 1,
    scale: Annotated[float, typer.Option(min=4, max=400, help="Pixels a metre of the container.")] = 42,
    json_output: Annotated[bool, typer.Option("--json", help="Print what was made as JSON, nothing else.")] = False,
) -> None:
    """Make a simulated scanner picture of a container's load (PNG), for tests of what receives images.

    It prints size and SHA-256, as a notice (IMG) or a control result (CTR) names them. No real load stands behind it.

    [bold]Examples:[/bold]

    \b
      corridor image --hs 847130 --out regular.png
      corridor image --hs 0702 --irregular --out irregular.png
      corridor image --hs 510121 --trick wall --grade hard --seed 7 --scale 120 --out large.png
    """
    from scenarios.commands.image import image_command

    wrong = irregular or trick is not None
    raise typer.Exit(
        image_command(
            hs,
            out=out,
            irregular=grade.value if wrong else None,
            inspected=inspected,
            trick=None if trick is None else trick.value,
            seed=seed,
            scale=scale,
            json_output=json_output,
        )
    )


def register(app: typer.Typer) -> None:
    """Enter the command of this module into ``app``."""
    app.command(epilog="Exit codes: 0 written · 2 wrong use, or it cannot be written.")(image)


__all__ = ["register"]
