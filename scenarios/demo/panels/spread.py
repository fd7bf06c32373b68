"""This run's draw among further replications of the same, run in the background."""

from __future__ import annotations

from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.demo.panels.picture import Picture
from scenarios.demo.spread import DRAWS
from scenarios.numerals import fixed
from scenarios.report.saved import draws


class SpreadPanel:
    """See the module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        voice = desk.voice
        with ui.element("section").classes("c-card c-6").props(f'aria-label="{voice("spread")}"'):
            ui.html(f"<h2>{voice('spread')}</h2>", sanitize=False)
            self._state = ui.label().classes("c-faint c-small").props("data-test=draws")
            self._picture = Picture("spread", 250)
            self._words = [ui.label().classes("c-small") for _ in range(2)]
        self._seen: object = None

    def refresh(self) -> None:
        """Draw the replications that there are, and where this one stands among them."""
        theatre, voice = self._desk.theatre, self._desk.voice
        show, spread = theatre.show, theatre.spread
        if show is None or spread is None:
            return
        seen = (spread, spread.done, spread.error, show.partial)
        if seen == self._seen:
            return
        self._seen = seen
        self._state.text = voice("draws", done=spread.done, all=DRAWS)
        if spread.error:
            self._state.text = voice("draws.failed", done=spread.done, error=spread.error)
        saved = spread.saved
        self._picture.set_visibility(bool(saved))
        now = (show.partial or {}).get("saved", {})
        shown = {arm: now[arm]["border_hours_mean"] for arm in saved if arm in now}
        for number, label in enumerate(self._words):
            arm = list(saved)[number] if number < len(saved) else None
            label.text = "" if arm is None else self._said(arm, shown.get(arm))
        if saved:
            names = {arm: self._desk.arm(arm) for arm in saved}
            words = {key: voice(f"draws.{key}") for key in ("this", "mean", "replication")}
            figure = draws(saved, shown, voice("hours_saved_each"), names | words | {"hours": voice("unit.hours")})
            self._picture.show(figure)

    def _said(self, arm: str, shown: float | None) -> str:
        spread, voice = self._desk.theatre.spread, self._desk.voice
        assert spread is not None
        entry = spread.saved[arm]
        text = voice("draws.mean_is", arm=self._desk.arm(arm), mean=fixed(entry["mean"], 2))
        if entry["ci95"] is not None:
            low, high = entry["ci95"]
            text += voice("draws.interval", low=fixed(low, 2), high=fixed(high, 2))
        if shown is not None:
            below = sum(hours < shown for hours in entry["per_replication"])
            text += voice("draws.rank", shown=fixed(shown, 2), below=below, count=len(entry["per_replication"]))
        return text


__all__ = ["SpreadPanel"]
