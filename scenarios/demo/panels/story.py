"""A consignment's whole story over all countries, its arms beside each other: what happened, and why it was stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from nicegui import background_tasks, ui

from exchange.errors import CorridorError
from scenarios.demo.desk import Desk
from scenarios.demo.panels.letter import Letter
from scenarios.demo.panels.markup import tag
from scenarios.demo.panels.telling import Teller
from scenarios.demo.show import Show
from scenarios.demo.tale import ArmTale, Cell, Stage, hours_at, hours_in_all, stages, stops_of

REST = 1.5
"""Wall seconds between two questions to the nodes about the same consignment."""
Views = Mapping[str, Mapping[str, Any]]


class Story:
    """See the module. ``case``: the consignment to begin with, if there is one of this name."""

    def __init__(self, desk: Desk, case: str) -> None:
        self._desk = desk
        self._wanted = case
        self._of: Show | None = None
        self._tales: dict[str, ArmTale] = {}
        self._views: dict[str, Views] = {}
        self._asked = -1
        self._asking = False
        self._trouble = ""
        self._told = ""
        voice = desk.voice
        with ui.element("section").classes("c-card c-12 c-story").props(f'aria-label="{voice("story")}"'):
            with ui.row().classes("items-center w-full gap-2"):
                ui.html(f"<h2>{voice('story')}</h2>", sanitize=False)
                ui.space()
                self._every = ui.checkbox(voice("story.every"), on_change=self.refresh).props(
                    'dense data-test="every-message"'
                )
                self._case = ui.select({"": ""}, value="", label=voice("consignment"), on_change=self._chosen)
                self._case.props('dense outlined options-dense use-input input-debounce=200 data-test="case"')
                self._case.classes("min-w-64")
            self._html = ui.html("", sanitize=False).classes("w-full").props('data-test="story"')
        with ui.dialog() as self._dialog, ui.card().classes("c-dialog"):
            self._letter = Letter(desk)
            ui.button(voice("close"), on_click=self._dialog.close).props("flat no-caps").classes("self-end")
        ui.on("corridor_letter", self._picked)

    def _picked(self, event: Any) -> None:
        picked = event.args
        if isinstance(picked, dict) and self._of is not None and picked.get("arm") in self._of.stories:
            self._letter.show(str(picked["arm"]), str(picked.get("id", "")))
            self._dialog.open()

    def _chosen(self) -> None:
        self._wanted, self._tales, self._views, self._asked = str(self._case.value or ""), {}, {}, -1
        self.refresh()

    def refresh(self) -> None:
        """Tell what is known now; the nodes are asked again if something has happened to the consignment."""
        show = self._desk.theatre.show
        if show is None:
            return
        if self._of is not show and not self._open(show):
            return
        if not self._wanted:
            return
        for arm, story in show.stories.items():
            self._tales.setdefault(arm, ArmTale(self._wanted)).take(story)
        size = sum(tale.size for tale in self._tales.values())
        if size != self._asked and not self._asking:
            self._asking, self._asked = True, size
            background_tasks.create(self._ask(show, self._wanted))
        self._draw(show)
        self._letter.refresh()

    def _open(self, show: Show) -> bool:
        opened = show.stories[show.arms[0]].opened
        if opened is None:
            return False
        self._of, self._tales, self._views, self._asked = show, {}, {}, -1
        cases = {facts.case: f"{facts.vehicle} · {facts.case}" for facts in opened.consignments}
        self._wanted = self._wanted if self._wanted in cases else next(iter(cases), "")
        self._case.set_options(cases, value=self._wanted)
        return True

    async def _ask(self, show: Show, case: str) -> None:
        """Ask the nodes of all arms about the consignment, then rest."""
        try:
            told = await asyncio.gather(*(show.ask(arm, "cases", case) for arm in show.arms))
            if case == self._wanted and self._of is show:
                self._views, self._trouble = dict(zip(show.arms, told, strict=True)), ""
        except (CorridorError, KeyError) as problem:
            self._trouble = self._desk.voice("story.reason_failed", text=str(problem))
        if self._of is show and not self._html.is_deleted:
            self._draw(show)
        await asyncio.sleep(REST)
        self._asking = False
        self._desk.seen = -1

    def _draw(self, show: Show) -> None:
        content = "".join(self._page(show))
        if content != self._told:
            self._told = content
            self._html.content = content

    def _page(self, show: Show) -> Iterator[str]:
        voice = self._desk.voice
        opened = show.stories[show.arms[0]].opened
        facts = next((one for one in opened.consignments if one.case == self._wanted), None) if opened else None
        if facts is None or set(self._tales) != set(show.arms):
            return
        listed = voice("story.listed" if facts.on_list else "story.unlisted")
        said = voice("story.facts", vehicle=facts.vehicle, containers=facts.containers, listed=listed)
        yield tag("p", text=said)
        if facts.irregularity is not None:
            yield tag("p", text=voice("story.irregular"), class_="c-bad")
        if self._trouble:
            yield tag("p", text=self._trouble, class_="c-bad", role="alert")
        if not any(tale.size for tale in self._tales.values()):
            yield tag("p", text=voice("story.nothing"), class_="c-faint")
            return
        arms = show.arms
        stops = {arm: stops_of(self._views.get(arm, {}), show.scenario.start) for arm in arms}
        cells = {arm: self._tales[arm].cells(stops[arm]) for arm in arms}
        rows = [
            self._row(show, stage, cells)
            for stage in stages(self._tales.values())
            if any(stage in cells[arm] and not cells[arm][stage].empty for arm in arms)
        ]
        heads = [self._head(arm, show.now) for arm in arms]
        yield tag("table", tag("thead", tag("tr", tag("td"), *heads)), tag("tbody", *rows), class_="c-tale")

    def _head(self, arm: str, now: int) -> str:
        voice = self._desk.voice
        found = hours_in_all(self._tales[arm], now)
        total = ""
        if found is not None:
            total = voice("story.total" if found[1] else "story.so_far", hours=f"{found[0]:.1f}")
        return tag(
            "th", tag("span", text=self._desk.arm(arm), class_=f"c-ink-{arm}"), tag("small", text=total), scope="col"
        )

    def _row(self, show: Show, stage: Stage, cells: Mapping[str, Mapping[Stage, Cell]]) -> str:
        voice = self._desk.voice
        there = {arm: cells[arm][stage] for arm in show.arms if stage in cells[arm]}
        differs = len({repr(cell.essence()) for cell in there.values()}) > 1
        mark = tag("small", text=f"≠ {voice('story.differs')}", class_="c-differs") if differs else ""
        head = tag("th", tag("span", text=self._title(show, stage)), mark, scope="row")
        columns = []
        for arm in show.arms:
            cell = there.get(arm)
            told = "" if cell is None else self._cell(show, arm, stage, cell)
            columns.append(tag("td", told, data_label=self._desk.arm(arm), data_arm_of=arm))
        return tag("tr", head, *columns, class_=f"c-stage-{stage.kind}")

    def _cell(self, show: Show, arm: str, stage: Stage, cell: Cell) -> str:
        keepers = {
            str(image["sha256"]): node
            for node, view in reversed(list(self._views.get(arm, {}).items()))
            for image in view["images"]
        }
        tale = self._tales[arm]
        said = ""
        hours = hours_at(tale, stage.key) if stage.kind == "side" else None
        if hours is not None:
            said = tag("p", text=self._desk.voice("story.hours", hours=f"{hours:.1f}"), class_="c-hours")
        known = {message.id: message for message in tale.messages}
        places = {key: self._desk.voice.name(place.name) for key, place in show.scenario.places.items()}
        every = bool(self._every.value)
        teller = Teller(self._desk.voice, arm, show.scenario.start, keepers, places, every=every)
        return said + teller.cell(cell, known)

    def _title(self, show: Show, stage: Stage) -> str:
        voice = self._desk.voice
        if stage.kind == "side":
            side = show.scenario.sides.get(stage.key)
            return voice("story.at", place=stage.key if side is None else voice.name(side.title))
        if stage.kind == "way":
            return voice("story.way", place=self._next(show, int(stage.key)))
        return voice(f"story.{stage.kind}")

    def _next(self, show: Show, passed: int) -> str:
        """Return where the goods go after ``passed`` sides: the next side, or the end of their route."""
        opened = show.stories[show.arms[0]].opened
        facts = next(one for one in opened.consignments if one.case == self._wanted) if opened else None
        flow = next(flow for flow in show.scenario.flows if facts is not None and flow.id == facts.flow)
        if passed < len(flow.sides):
            return self._desk.voice.name(show.scenario.sides[flow.sides[passed]].title)
        return self._desk.voice.name(flow.route[-1].name)


__all__ = ["Story"]
