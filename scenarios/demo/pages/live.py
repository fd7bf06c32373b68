"""The live page: the bar that drives the show, what matters most at a glance, and what stands behind it below."""

from __future__ import annotations

from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.demo.panels.assumed import Assumed
from scenarios.demo.panels.byhand import ByHand
from scenarios.demo.panels.controls import Controls
from scenarios.demo.panels.headline import Headline
from scenarios.demo.panels.map import Map
from scenarios.demo.panels.price import Price
from scenarios.demo.panels.spread import SpreadPanel
from scenarios.demo.panels.way import Way
from scenarios.demo.panels.where import Where


def live(desk: Desk) -> None:
    """Lay the page out."""
    with ui.element("div").classes("c-top"):
        desk.add(Controls(desk))
        desk.add(ByHand(desk))
    with ui.element("div").classes("c-grid"):
        desk.add(Headline(desk))
        desk.add(Price(desk))
        desk.add(Map(desk))
        desk.add(Way(desk))
        desk.add(Where(desk))
        desk.add(SpreadPanel(desk))
        desk.add(Assumed(desk))


__all__ = ["live"]
