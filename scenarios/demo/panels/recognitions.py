"""The list of recognitions: which results of other services were accepted, refused or lapsed, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.demo.panels.markup import tag
from scenarios.demo.panels.telling import because
from scenarios.demo.recognised import FATES, OPEN, Recognised, Recognitions
from scenarios.demo.show import Show

MOST = 200
"""Rows that are listed."""


class RecognitionList:
    """See the module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._of: Show | None = None
        self._found: dict[str, Recognitions] = {}
        self._told = ""
        voice = desk.voice
        label = voice("recognitions")
        with ui.element("section").classes("c-card c-12 c-recognitions").props(f'aria-label="{label}"'):
            with ui.row().classes("items-center w-full gap-2"):
                ui.html(f"<h2>{label}</h2>", sanitize=False)
                ui.space()
                self._arm = self._select("arm", {"": ""})
                self._fate = self._select(
                    "recognitions.fate", {"": voice("all"), **{fate: self._said(fate) for fate in FATES}}
                )
                self._reason = self._select("recognitions.reason", {"": voice("all")})
            self._html = ui.html("", sanitize=False).classes("w-full").props('data-test="recognitions"')

    def _select(self, key: str, options: dict[str, str]) -> ui.select:
        select = ui.select(options, value="", label=self._desk.voice(key), on_change=self.refresh)
        return select.props(f'dense outlined options-dense data-test="{key}"').classes("c-select")

    def _said(self, fate: str) -> str:
        return self._desk.voice("recognitions.open" if fate == OPEN else f"fate.{fate}")

    def refresh(self) -> None:
        """List what has been answered so far."""
        show = self._desk.theatre.show
        if show is None:
            return
        if self._of is not show:
            self._of, self._found = show, {arm: Recognitions() for arm in show.arms}
            names = {arm: self._desk.arm(arm) for arm in show.arms}
            self._arm.set_options(names, value=show.arms[-1])
        for arm, found in self._found.items():
            found.take(show.stories[arm].messages)
        self._name_reasons()
        content = "".join(self._page(show))
        if content != self._told:
            self._told = content
            self._html.content = content

    def _name_reasons(self) -> None:
        codes = {code for found in self._found.values() for one in found.found.values() for code in one.reasons}
        options = {"": self._desk.voice("all"), **{c: because(self._desk.voice, c) for c in sorted(codes)}}
        if options != self._reason.options:
            self._reason.set_options(options)

    def _page(self, show: Show) -> Iterator[str]:
        voice, arm = self._desk.voice, str(self._arm.value)
        everything = list(self._found[arm].found.values()) if arm in self._found else []
        yield self._counts(show)
        rows = sorted(filter(self._wanted, everything), key=lambda one: one.at, reverse=True)
        if not everything:
            yield tag("p", text=voice("recognitions.none"), class_="c-faint")
            return
        heads = ("at", "of", "by", "form", "fate", "reason")
        names = [voice("consignment"), *(voice(f"recognitions.{key}") for key in heads)]
        head = tag("tr", *(tag("th", text=name, scope="col") for name in names))
        body = [self._row(show, one) for one in rows[:MOST]]
        yield tag("div", tag("table", tag("thead", head), tag("tbody", *body), class_="c-list"), class_="c-scroll")
        if len(rows) > MOST:
            yield tag("p", text=voice("recognitions.first", count=MOST), class_="c-faint")

    def _wanted(self, one: Recognised) -> bool:
        reason = self._reason.value
        return self._fate.value in ("", one.fate) and (not reason or reason in one.reasons)

    def _counts(self, show: Show) -> str:
        """Return how many results came to what, the arms beside each other."""
        counts = {arm: Counter(one.fate for one in found.found.values()) for arm, found in self._found.items()}
        head = tag(
            "tr", tag("td"), *(tag("th", text=self._desk.arm(a), scope="col", class_=f"c-ink-{a}") for a in show.arms)
        )
        rows = [
            tag(
                "tr",
                tag("th", text=self._said(fate), scope="row"),
                *(tag("td", text=str(counts[arm][fate])) for arm in show.arms),
            )
            for fate in FATES
        ]
        return tag("table", tag("thead", head), tag("tbody", *rows), class_="c-table c-counts")

    def _row(self, show: Show, one: Recognised) -> str:
        voice = self._desk.voice
        at = show.scenario.start + timedelta(seconds=one.at)
        link = tag("a", text=one.case, href="/story?" + urlencode({"case": one.case}))
        mark = {"accepted": "✓", "partial": "◐", OPEN: "…", "refused": "✗", "lapsed": "✗"}[one.fate]
        bad = "c-bad" if one.fate in ("refused", "lapsed") else ""
        reasons = ", ".join(because(voice, code) for code in one.reasons)
        cells = [
            tag("td", link),
            tag("td", text=f"{at:%Y-%m-%d %H:%M}"),
            tag("td", text=one.of),
            tag("td", text=one.by),
            tag("td", text=voice(f"form.{one.form}")),
            tag("td", text=f"{mark} {self._said(one.fate)}", class_=bad),
            tag("td", text=reasons),
        ]
        return tag("tr", *cells)


__all__ = ["MOST", "RecognitionList"]
