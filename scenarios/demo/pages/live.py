"""The live page: the bar that drives the show, and what there is to see of it."""

from __future__ import annotations

from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.demo.panels.controls import Controls
from scenarios.demo.panels.headline import Headline
from scenarios.demo.panels.map import Map
from scenarios.demo.panels.way import Way


def live(desk: Desk) -> None:
    """Lay the page out."""
    desk.add(Controls(desk))
    with ui.element("div").classes("c-grid"):
        desk.add(Map(desk))
        desk.add(Headline(desk))
        desk.add(Way(desk))


__all__ = ["live"]
