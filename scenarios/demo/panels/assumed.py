"""What is assumed to be in force and is not: short, with the sentences and their sources on demand."""

from __future__ import annotations

from html import escape

from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.demo.panels.matrix import status_words
from scenarios.demo.show import Show
from scenarios.demo.words import Voice
from scenarios.parties import agreements_in, what_if


class Assumed:
    """See the module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._of = ""
        with ui.element("section").classes("c-card c-12").props(f'aria-label="{desk.voice("assumed")}"'):
            self._short = ui.html("", sanitize=False).props("data-test=assumed")
            with ui.expansion(desk.voice("assumed.more")).props("dense") as self._more:
                self._long = ui.element("ul").classes("c-list")

    def refresh(self) -> None:
        """Tell it of the show that is on."""
        show = self._desk.theatre.show
        if show is None or show.scenario.digest == self._of:
            return
        self._of = show.scenario.digest
        voice = self._desk.voice
        sentences = what_if(show.scenario)
        self._more.set_visibility(bool(sentences))
        short = " · ".join(_short(show, voice))
        said = escape(voice("assumed_short", text="\0")).replace("\0", short)
        self._short.content = said if short else escape(voice("assumed_nothing"))
        self._long.clear()
        with self._long:
            for sentence in sentences:
                with ui.element("li").props("lang=en"):
                    ui.label(sentence)


def _short(show: Show, voice: Voice) -> list[str]:
    """Return as HTML title and real status of what some arm assumes otherwise."""
    found: dict[str, None] = {}
    for arm in show.arms:
        for agreement in agreements_in(show.scenario, arm):
            real = agreement.real
            if real is not None and agreement.status == "in force" != real.status:
                status = escape(status_words(real.status, voice))
                found[f'<span lang="en">{escape(agreement.title)}</span> ({status})'] = None
    return list(found)


__all__ = ["Assumed"]
