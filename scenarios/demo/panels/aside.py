"""A window at the side of the page: what is behind it can still be seen and used; on a phone it is as wide as that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.demo.show import Show
from scenarios.demo.words import Voice

UNLESS_A_LIST_IS_OPEN = "(event) => event.target.getAttribute('aria-expanded') === 'true' || emit()"
"""Escape closes an open list of choices first. Quasar listens for Escape only where the page behind is locked."""


class Aside:
    """See the module. Fill it with ``with aside.body:``; ``opened`` is called when somebody opens it.

    Only one can be open: two that share the place at the side know each other as ``rivals``.
    """

    def __init__(self, desk: Desk, name: str, title: str, opened: Callable[[], None]) -> None:
        self._opened = opened
        self.rivals: tuple[Aside, ...] = ()
        with ui.dialog().props("position=right seamless full-height") as self._dialog:
            self._dialog.on("keydown.escape", self._dialog.close, js_handler=UNLESS_A_LIST_IS_OPEN)
            card = (
                ui.element("section").classes("c-drawer").props(f'role="dialog" aria-label="{title}" data-test={name}')
            )
            with card:
                with ui.row().classes("items-center w-full no-wrap"):
                    ui.label(title).classes("text-lg font-bold")
                    ui.space()
                    ui.button(icon="close", on_click=self._dialog.close).props(
                        f'flat round dense color=inherit aria-label="{desk.voice("try.close")}"'
                    )
                self.body = ui.element("div").classes("c-aside-body")

    @property
    def open(self) -> bool:
        """Whether it is open."""
        return bool(self._dialog.value)

    def toggle(self) -> None:
        """Open it in place of a rival, or close it."""
        if self.open:
            self._dialog.close()
            return
        for rival in self.rivals:
            rival._dialog.close()
        self._dialog.open()
        self._opened()  # what fills it looks whether it is open

    def opened_by(self, button: ui.button) -> None:
        """Let ``button`` open and close it, and show whether it is open."""

        def show() -> None:
            plain, raised = "outline color=inherit", "unelevated color=primary"
            add, remove = (raised, plain) if self.open else (plain, raised)
            button.props(f"{add} aria-expanded={str(self.open).lower()}", remove=remove)

        button.on_click(self.toggle)
        self._dialog.on_value_change(show)
        show()


def moment(voice: Voice, show: Show, second: int) -> str:
    """Return a second of the show as people read it: day and time (UTC)."""
    return voice("day", day=second // 86400 + 1, time=f"{show.scenario.start + timedelta(seconds=second):%H:%M}")


__all__ = ["Aside", "moment"]
