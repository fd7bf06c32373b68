"""What could not be done: one line that a panel shows until something else was tried."""

from __future__ import annotations

from nicegui import ui

from scenarios.demo.words import Voice


class Trouble:
    """The line, without words at first. ``test`` names it for tests."""

    def __init__(self, voice: Voice, test: str = "") -> None:
        self._voice = voice
        self._line = ui.label().classes("c-trouble").props('role="alert"' + (f" data-test={test}" if test else ""))
        self.say("")

    def say(self, text: str) -> None:
        """Show ``text`` as what went wrong, in the visitor's language; nothing for an empty one."""
        self._line.text = self._voice("try.failed", text=self._voice.told(text)[0]) if text else ""
        self._line.set_visibility(bool(text))


__all__ = ["Trouble"]
