"""At what price: coverage, controls, finds, officers and cost of each arm, beside the hours it saves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.demo.words import Voice
from scenarios.metrics.measures import FORMS
from scenarios.numerals import NONE, count, fixed, percent

_HEADS = ("border_hours", "coverage", "found", "controls", "waived", "officers", "cost")


class Price:
    """See the module. Counts the consignments that are through in every arm."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        voice = desk.voice
        with ui.element("section").classes("c-card c-7").props(f'aria-label="{voice("price")}"'):
            ui.html(
                f'<h2>{escape(voice("price"))} <small class="c-faint">{escape(voice("price.of"))}</small></h2>',
                sanitize=False,
            )
            self._table = ui.html("", sanitize=False).classes("w-full c-scroll").props("data-test=price tabindex=0")

    def refresh(self) -> None:
        """Show the numbers as they stand."""
        show, voice = self._desk.theatre.show, self._desk.voice
        if show is None:
            return
        arms = (show.partial or {}).get("arms", {})
        heads = "".join(f'<th scope="col">{escape(voice("price." + head))}</th>' for head in _HEADS)
        rows = "".join(
            f'<tr data-arm="{arm}"><th scope="row" class="c-ink-{arm}">{escape(self._desk.arm(arm))}</th>'
            f"{''.join(self._cells(arms.get(arm)))}</tr>"
            for arm in show.arms
        )
        text = f'<table class="c-table c-stacked"><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        if self._table.content != text:
            self._table.content = text

    def _cells(self, arm: Mapping[str, Any] | None) -> Iterator[str]:
        shown = dict.fromkeys(_HEADS, "–") if arm is None else dict(counted(self._desk.voice, arm))
        for head in _HEADS:
            title = "" if arm is None else self._said(head, arm)
            label, value = self._desk.voice("price." + head), self._desk.voice.figure(shown[head])
            yield (
                f'<td data-key="{head}" data-label="{escape(label)}" title="{escape(title)}">{escape(value)}</td>'
            )

    def _said(self, head: str, arm: Mapping[str, Any]) -> str:
        """Return what is said of a number when it is pointed at."""
        if head not in ("controls", "waived"):
            return ""
        voice = self._desk.voice
        return ", ".join(f"{voice('form.' + form)}: {count(arm[head][form])}" for form in FORMS if arm[head][form])


def counted(voice: Voice, arm: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the numbers of an arm of a summary as the page shows them, by the key of their column."""
    mean, goods, total = arm["border_hours"]["mean"], arm["irregular"], arm["cost_usd"]["total"]
    yield "border_hours", fixed(mean, 2)
    yield "coverage", percent(arm["coverage"], 1)
    yield "found", voice("found_of", found=goods["found"], present=goods["present"])
    for head in ("controls", "waived"):
        yield head, count(sum(arm[head][form] for form in FORMS))
    yield "officers", fixed(arm["officer_hours"])
    yield "cost", NONE if total is None else count(total)


__all__ = ["Price", "counted"]
