"""The way to what can be done by hand, and the notice that something was: from when on, and what."""

from __future__ import annotations

from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.demo.panels.aside import moment
from scenarios.demo.panels.officer import Officer
from scenarios.demo.panels.tryings import named
from scenarios.demo.panels.tryit import TryIt


class ByHand:
    """See the module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        voice = desk.voice
        self._tryit, self._officer = TryIt(desk), Officer(desk)
        self._tryit.aside.rivals, self._officer.aside.rivals = (self._officer.aside,), (self._tryit.aside,)
        with ui.row().classes("items-center w-full gap-2 c-byhand"):
            for key, icon, aside in (
                ("try.open", "build", self._tryit.aside),
                ("officer.open", "gavel", self._officer.aside),
            ):
                button = ui.button(voice(key), icon=icon)
                button.classes("px-2").props(f"no-caps dense data-test=open-{key.partition('.')[0]}")
                aside.opened_by(button)
            self._changed = ui.label().classes("c-changed").props('role="status" data-test=changed')

    def refresh(self) -> None:
        """Say what was done by hand, and refresh the windows."""
        show, voice = self._desk.theatre.show, self._desk.voice
        made = show.trials.made if show is not None else []
        if show is not None and made:
            what = "; ".join(named(voice, trial.deed) for trial in made)
            self._changed.text = voice("try.changed", when=moment(voice, show, made[0].deed.at), what=what)
        self._changed.set_visibility(bool(made))
        self._tryit.refresh()
        self._officer.refresh()


__all__ = ["ByHand"]
