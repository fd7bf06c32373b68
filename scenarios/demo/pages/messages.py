"""The page of the messages: the sequence picture, and beside it the message that was picked, whole."""

from __future__ import annotations

from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.demo.frame import text_of
from scenarios.demo.panels.letter import Letter
from scenarios.demo.panels.letters import Letters


def messages(desk: Desk) -> None:
    """Lay the page out."""
    ui.add_css(text_of("messages.css"))
    ui.add_head_html(f"<script>{text_of('messages.js')}</script>")
    with ui.element("div").classes("c-grid"):
        letter: list[Letter] = []
        desk.add(Letters(desk, lambda arm, name: letter[0].show(arm, name)))
        with ui.element("section").classes("c-card c-5 c-aside"):
            letter.append(Letter(desk))
            desk.add(letter[0])


__all__ = ["messages"]
