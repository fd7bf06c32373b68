"""The map: vehicles of all arms on their way, what is done at each border now, queues as they grow."""

from __future__ import annotations

import json
from collections.abc import Iterator

from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.demo.show import Show
from scenarios.events import PHASES
from scenarios.report.map import CorridorMap, corridor_map

ASIDE = 11.0
"""Pixels between the marks of two arms at the same place."""


class Map:
    """See the module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._picture: CorridorMap | None = None
        self._of = ""
        with ui.element("section").classes("c-card c-8").props(f'aria-label="{desk.voice("map")}"'):
            self._html = ui.html("", sanitize=False).classes("w-full").mark("map")
            with ui.row().classes("gap-4 c-faint text-sm"):
                self._legend = ui.html("", sanitize=False)

    def refresh(self) -> None:
        """Move the vehicles, colour the borders."""
        show = self._desk.theatre.show
        if show is None:
            return
        if self._of != show.scenario.digest or self._picture is None:
            self._of, self._picture = show.scenario.digest, corridor_map(show.scenario)
            self._html.content = self._picture.svg
            self._legend.content = " &nbsp; ".join(self._key(arm) for arm in show.arms)
        vehicles, marks = list(self._vehicles(show, self._picture)), list(self._marks(show, self._picture))
        place = json.dumps(f"c{self._html.id}")
        ui.run_javascript(f"corridor.map({place}, {json.dumps(vehicles)}, {json.dumps(marks)})")

    def _key(self, arm: str) -> str:
        signs = {"baseline": "●", "advance": "■", "recognition": "◆"}
        return f'<span class="c-ink-{arm}">{signs[arm]}</span> {self._desk.voice("arm." + arm)}'

    def _vehicles(self, show: Show, picture: CorridorMap) -> Iterator[list[object]]:
        for number, arm in enumerate(show.arms):
            tracks = show.tracks[arm]
            aside = ASIDE * (number - (len(show.arms) - 1) / 2)
            for track in tracks.under_way():
                x, y = picture.projection(*tracks.position(track, show.now))
                standing = track.last.kind in ("arrived", "reached")
                title = f"{track.vehicle} · {self._desk.voice('arm.' + arm)}"
                yield [track.vehicle, arm, round(x, 1), round(y + aside, 1), standing, title]

    def _marks(self, show: Show, picture: CorridorMap) -> Iterator[list[object]]:
        voice = self._desk.voice
        for number, mark in enumerate(picture.marks):
            doing: dict[str, int] = {}
            queues = []
            for arm in show.arms:
                story, tracks = show.stories[arm], show.tracks[arm]
                for track in tracks.under_way():
                    if track.last.kind == "arrived" and track.last.where in mark.sides:
                        for bucket in story.doing.get(track.vehicle, ()):
                            doing[bucket] = doing.get(bucket, 0) + 1
                waiting = sum(line.waiting for side in mark.sides for line in story.queues.get(side, {}).values())
                queues.append([arm, waiting])
            bucket = next((phase for phase in PHASES if phase in doing and phase != "other"), "")
            bucket = bucket or ("other" if doing else "")
            yield [number, bucket, voice(f"phase.{bucket}") if bucket else "", queues]


__all__ = ["Map"]
