"""The map: vehicles of all arms on their way, what is done at each border now, queues as they grow."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from html import escape

from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.demo.show import Show
from scenarios.demo.words import names
from scenarios.events import PHASES
from scenarios.report.map import CorridorMap, Tongue, corridor_map

SIGNS = {"baseline": "●", "advance": "■", "recognition": "◆"}
ASIDE = 11.0
"""Pixels between the marks of two arms at the same place."""


class Map:
    """See the module. What has not changed since the last look is not sent again."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._picture: CorridorMap | None = None
        self._of: Show | None = None
        self._vehicles: dict[str, tuple[float, float, bool]] = {}
        self._marks: dict[int, tuple[object, ...]] = {}
        with ui.element("section").classes("c-card c-6").props(f'aria-label="{desk.voice("map")}"'):
            self._legend = ui.html("", sanitize=False).classes("c-small")
            self._html = ui.html("", sanitize=False).classes("w-full c-chart").props("data-test=map")

    def refresh(self) -> None:
        """Move the vehicles, colour the borders."""
        show = self._desk.theatre.show
        if show is None:
            return
        if self._of is not show or self._picture is None:
            language = self._desk.voice.language
            self._of, self._picture = show, corridor_map(show.scenario, tongue=Tongue(language, names(language)))
            self._vehicles, self._marks = {}, {}
            self._html.content = self._picture.svg
            waiting = f'<span class="c-whole">▮ {escape(self._desk.voice("map.waiting"))}</span>'
            self._legend.content = " &nbsp; ".join([*map(self._key, show.arms), waiting])
        now = {key: (x, y, standing) for key, x, y, standing in self._where(show, self._picture)}
        moved = [[key, *place] for key, place in now.items() if self._vehicles.get(key) != place]
        gone = [key for key in self._vehicles if key not in now]
        marks = {number: tuple(mark) for number, mark in self._doing(show, self._picture)}
        changed = [[number, *mark] for number, mark in marks.items() if self._marks.get(number) != mark]
        self._vehicles, self._marks = now, marks
        if moved or gone or changed:
            place = json.dumps(f"c{self._html.id}")
            ui.run_javascript(f"corridor.map({place}, {json.dumps([moved, gone, changed])})")

    def _key(self, arm: str) -> str:
        sign = SIGNS.get(arm, SIGNS["baseline"])
        return f'<span class="c-whole"><span class="c-ink-{arm}">{sign}</span> {escape(self._desk.arm(arm))}</span>'

    def _where(self, show: Show, picture: CorridorMap) -> Iterator[tuple[str, float, float, bool]]:
        """Yield arm and vehicle, x and y, and whether it stands, of all that are under way."""
        for number, arm in enumerate(show.arms):
            tracks = show.tracks[arm]
            aside = ASIDE * (number - (len(show.arms) - 1) / 2)
            for track in tracks.under_way():
                x, y = picture.projection(*tracks.position(track, show.now))
                standing = track.last.kind in ("arrived", "reached")
                yield f"{arm} {track.vehicle}", round(x, 1), round(y + aside, 1), standing

    def _doing(self, show: Show, picture: CorridorMap) -> Iterator[tuple[int, tuple[object, ...]]]:
        """Yield for each mark its phase, what is done there in words, and who waits in which arm."""
        voice = self._desk.voice
        at = {side: number for number, mark in enumerate(picture.marks) for side in mark.sides}
        doing: list[Counter[str]] = [Counter() for _ in picture.marks]
        for arm in show.arms:
            story = show.stories[arm]
            for track in show.tracks[arm].under_way():
                if track.last.kind == "arrived" and track.last.where in at:
                    doing[at[track.last.where]].update(story.doing.get(track.vehicle, ()))
        for number, mark in enumerate(picture.marks):
            held = [phase for phase in PHASES if doing[number][phase]]
            named = [phase for phase in held if phase != "other"] or held
            queues = tuple(
                (
                    arm,
                    sum(
                        line.waiting for side in mark.sides for line in show.stories[arm].queues.get(side, {}).values()
                    ),
                )
                for arm in show.arms
            )
            said = " · ".join(voice(f"phase.{phase}") for phase in named[:2])
            yield number, (named[0] if named else "", said, queues)


__all__ = ["Map"]
