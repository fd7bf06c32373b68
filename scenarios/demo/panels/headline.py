"""The headline: hours saved so far, counting; of which arm; and what is assumed for it."""

from __future__ import annotations

from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.demo.tracks import hours_saved
from scenarios.parties import what_if


class Headline:
    """See the module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        voice = desk.voice
        self._numbers: dict[str, ui.label] = {}
        self._means: dict[str, ui.label] = {}
        with ui.element("section").classes("c-card c-4").props(f'aria-label="{voice("saved")}"'):
            ui.html(f"<h2>{voice('saved')}</h2>", sanitize=False)
            for arm in ("advance", "recognition"):
                with ui.element("div").classes("py-1") as box:
                    self._numbers[arm] = ui.label().classes(f"c-number c-ink-{arm}").mark(f"saved-{arm}")
                    ui.label(voice(f"arm.{arm}"))
                    self._means[arm] = ui.label().classes("c-faint").mark(f"mean-{arm}")
                box.set_visibility(False)
            self._through = ui.label().classes("c-faint").mark("through")
            self._assumed = ui.label().classes("c-faint text-sm").mark("assumed")

    def refresh(self) -> None:
        """Count."""
        show, voice = self._desk.theatre.show, self._desk.voice
        if show is None:
            return
        reference = show.arms[0]
        for arm, label in self._numbers.items():
            there = arm in show.arms[1:]
            label.parent_slot.parent.set_visibility(there)  # type: ignore[union-attr]
            if not there:
                continue
            total, passages = hours_saved(show.tracks[reference], show.tracks[arm])
            label.text = voice("hours", hours=f"{total:.1f}")
            saved = (show.partial or {}).get("saved", {}).get(arm)
            each = voice("each", hours=f"{saved['border_hours_mean']:.2f}") if saved else ""
            self._means[arm].text = " ".join(filter(None, (voice("passages", count=passages), each)))
        last = show.stories[show.arms[-1]]
        self._through.text = voice("through", through=last.through, total=last.total)
        self._assumed.text = voice("assumed", text=" · ".join(what_if(show.scenario)))


__all__ = ["Headline"]
