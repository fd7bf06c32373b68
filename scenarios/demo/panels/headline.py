"""The headline: hours saved so far, counting, by each arm."""

from __future__ import annotations

from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.demo.tracks import hours_saved
from scenarios.numerals import fixed


class Headline:
    """See the module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        voice = desk.voice
        self._boxes: dict[str, ui.element] = {}
        self._names: dict[str, ui.label] = {}
        self._numbers: dict[str, ui.label] = {}
        self._passages: dict[str, ui.label] = {}
        self._means: dict[str, ui.label] = {}
        self._whys: dict[str, ui.label] = {}
        with ui.element("section").classes("c-card c-5").props(f'aria-label="{voice("saved")}"'):
            ui.html(f"<h2>{voice('saved')}</h2>", sanitize=False)
            with ui.element("div").classes("c-pair"):
                for arm in ("advance", "recognition"):
                    with ui.element("div") as box:
                        self._names[arm] = ui.label().classes("c-name-line")
                        self._numbers[arm] = ui.label().classes(f"c-number c-ink-{arm}").props(f"data-test=saved-{arm}")
                        self._passages[arm] = ui.label().classes("c-faint c-small")
                        self._means[arm] = ui.label().classes("c-small").props(f"data-test=mean-{arm}")
                        self._whys[arm] = ui.label().classes("c-small").props(f"data-test=why-{arm}")
                    box.set_visibility(False)
                    self._boxes[arm] = box
            self._alone = ui.label(voice("nothing_compared")).classes("c-faint")
            self._through = ui.label().classes("c-faint c-small").props("data-test=through")

    def refresh(self) -> None:
        """Count."""
        show, voice = self._desk.theatre.show, self._desk.voice
        if show is None:
            return
        reference, *compared = show.arms
        self._alone.set_visibility(not compared)
        for arm, box in self._boxes.items():
            box.set_visibility(arm in compared)
            if arm not in compared:
                continue
            self._names[arm].text = self._desk.arm(arm)
            total, passages = hours_saved(show.tracks[reference], show.tracks[arm])
            self._numbers[arm].text = voice("hours", hours=fixed(total))
            self._passages[arm].text = voice("passages", count=passages)
            saved = (show.partial or {}).get("saved", {}).get(arm)
            mean = saved["border_hours_mean"] if saved else 0.0
            self._means[arm].text = voice("each", hours=fixed(mean, 2)) if saved else ""
            over, _ = hours_saved(show.tracks[reference], show.tracks[arm], over=True)
            why = why_apart(total, over, mean)
            self._whys[arm].text = voice(f"apart.{why}") if why else ""
            self._whys[arm].set_visibility(bool(why))
        last = show.stories[show.arms[-1]]
        self._through.text = voice("through", through=last.through, total=last.total)


def why_apart(total: float, over: float, mean: float) -> str:
    """Return why the hours saved in all and those saved by a consignment point to opposite sides; "" where they do not.

    ``total``: hours at all passages so far; ``over``: at those of vehicles whose way is over; ``mean``: hours of a
    consignment that is through. ``way``: the mean leaves out those still under way. ``load``: it counts consignments,
    the total vehicles, and it takes in all consignments of a train.
    """
    if round(total, 1) * round(mean, 2) >= 0:
        return ""
    return "way" if over * mean > 0 else "load"


__all__ = ["Headline", "why_apart"]
