"""The command ``corridor demo``."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(epilog="Exit codes: 0 good · 2 wrong use or broken input. Ctrl-C ends nodes, world and page.")(demo)


def demo(
    scenario: Annotated[
        str, typer.Argument(help="A scenario's name (see 'corridor scenarios') or a YAML file.")
    ] = "china_europe_transit_fi",
    seed: Annotated[int | None, typer.Option(min=0, help="Luck's seed. The scenario's own by default.")] = None,
    arm: Annotated[
        list[str] | None, typer.Option(help="Only this arm; may be given again. All of the scenario by default.")
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one key of the scenario; may be given again."),
    ] = None,
    host: Annotated[str, typer.Option(help="Address the page listens on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Its port; the next free one if it is taken.")] = 8480,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
) -> None:
    """Play a scenario live over HTTP on a page, its arms beside each other.

    [bold]Examples:[/bold]

    \b
      corridor demo
      corridor demo green_corridor_ru_cn --seed 7
      corridor demo --set "flows.0.vehicles.count=6 trains" --no-browser --port 9000
    """
    from scenarios.commands.demo import demo_command

    raise typer.Exit(
        demo_command(scenario, seed=seed, arms=arm or (), sets=sets or (), host=host, port=port, browser=browser)
    )
