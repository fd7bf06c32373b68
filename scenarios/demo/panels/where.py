"""Where the hours come from: a bar for each border side and phase; and where nothing could be saved."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.demo.panels.markup import named
from scenarios.demo.panels.picture import Picture
from scenarios.events import PHASES
from scenarios.report.saved import where_saved

NAMED = 4
"""How many of the phases that nobody shortened are named."""


class Where:
    """See the module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._of: object = self  # neither a summary nor that there is none
        voice = desk.voice
        with ui.element("section").classes("c-card c-6").props(f'aria-label="{voice("where")}"'):
            ui.html(f"<h2>{voice('where')}</h2>", sanitize=False)
            self._none = ui.label(voice("nobody_through")).classes("c-faint")
            self._picture = Picture("where", 300)
            self._unsaved = ui.html("", sanitize=False).classes("c-small").props("data-test=unsaved")

    def refresh(self) -> None:
        """Draw the bars anew if more has been counted."""
        show, voice = self._desk.theatre.show, self._desk.voice
        if show is None or show.partial is self._of:
            return
        self._of = summary = show.partial
        counted = summary is not None and len(show.arms) > 1
        self._none.set_visibility(not counted)
        self._picture.set_visibility(counted)
        self._unsaved.content = ""
        if summary is None or not counted:
            return
        names = {arm: self._desk.arm(arm) for arm in show.arms}
        phases = {phase: voice(f"phase.{phase}") for phase in PHASES}
        titles = {key: voice.name(side["title"]) for key, side in summary["borders"].items()}
        spoken = {"names": names, "phases": phases, "titles": titles}
        figure = where_saved(summary, voice("hours_saved_each"), **spoken, hours=voice("unit.hours"))
        figure.update_layout(margin={"l": 20, "r": 16, "t": 10, "b": 46})
        self._picture.show(figure)
        self._unsaved.content = self._said(summary, phases)

    def _said(self, summary: Mapping[str, Any], phases: Mapping[str, str]) -> str:
        unsaved = summary["unsaved"]
        if not unsaved or not unsaved["phases"]:
            return ""
        longest = []
        for entry in unsaved["phases"][:NAMED]:
            hours = self._desk.voice("hours", hours=f"{entry['hours']:.1f}")
            side = named(self._desk.voice, entry["title"])
            longest.append(f"{side}: {escape(phases[entry['phase']])} ({escape(hours)})")
        share = f"{unsaved['share_of_border_time'] * 100:.0f}"
        return escape(self._desk.voice("unsaved", share=share, phases="\0")).replace("\0", "; ".join(longest))


__all__ = ["Where"]
