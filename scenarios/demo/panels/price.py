"""At what price: coverage, controls, finds, officers and cost of each arm, beside the hours it saves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.metrics.measures import FORMS
from scenarios.report.words import number

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
            f'<tr data-arm="{arm}"><th scope="row" class="c-ink-{arm}">{escape(voice("arm." + arm))}</th>'
            f"{''.join(self._cells(arms.get(arm)))}</tr>"
            for arm in show.arms
        )
        text = f'<table class="c-table"><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        if self._table.content != text:
            self._table.content = text

    def _cells(self, arm: Mapping[str, Any] | None) -> Iterator[str]:
        for head in _HEADS:
            text, title = ("–", "") if arm is None else self._cell(head, arm)
            yield f'<td data-key="{head}" title="{escape(title)}">{escape(text)}</td>'

    def _cell(self, head: str, arm: Mapping[str, Any]) -> tuple[str, str]:
        """Return what is shown, and what is said of it when pointed at."""
        if head == "border_hours":
            mean = arm["border_hours"]["mean"]
            return ("–" if mean is None else f"{mean:.2f}"), ""
        if head == "coverage":
            return f"{arm['coverage'] * 100:.1f} %", ""
        if head == "found":
            return self._desk.voice(
                "found_of", found=arm["irregular"]["found"], present=arm["irregular"]["present"]
            ), ""
        if head in ("controls", "waived"):
            forms = {form: arm[head][form] for form in FORMS if arm[head][form]}
            said = ", ".join(f"{self._desk.voice('form.' + form)}: {number(count)}" for form, count in forms.items())
            return number(sum(forms.values())), said
        if head == "officers":
            return f"{arm['officer_hours']:.1f}", ""
        total = arm["cost_usd"]["total"]
        return ("–" if total is None else number(total)), ""


__all__ = ["Price"]
