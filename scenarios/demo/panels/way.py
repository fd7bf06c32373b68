"""The time–distance diagram of one vehicle, its arms beside each other, growing as they travel.

It zooms into a border, where the hours are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.demo.panels.picture import Picture
from scenarios.demo.show import Show
from scenarios.demo.tracks import Point, Track, followed
from scenarios.events import PHASES
from scenarios.report.way import Flat, Reached, way_figure
from scenarios.scenario import HOUR

HEIGHT = 380


class Way:
    """See the module. The visitor may follow another vehicle; else the page follows the first that is under way."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._chosen: str | None = None
        self._vehicles: list[str] = []
        voice = desk.voice
        with ui.element("section").classes("c-card c-8").props(f'aria-label="{voice("way")}"'):
            with ui.row().classes("items-center w-full"):
                ui.html(f"<h2>{voice('way')}</h2>", sanitize=False)
                ui.space()
                self._vehicle = ui.select([], label=voice("vehicle"), on_change=self._choose)
                self._vehicle.props("dense outlined options-dense").classes("min-w-24").mark("vehicle")
                self._zoom = ui.select({"": voice("whole_way")}, value="", label=voice("zoom"), on_change=self._zoomed)
                self._zoom.props("dense outlined options-dense").classes("min-w-48").mark("zoom")
            self._picture = Picture("way", HEIGHT)

    @property
    def _show(self) -> Show | None:
        return self._desk.theatre.show

    def _choose(self) -> None:
        self._chosen = self._vehicle.value or None
        self._desk.seen = -1

    def refresh(self) -> None:
        """Draw the lines as far as they have come."""
        show, voice = self._show, self._desk.voice
        if show is None or not show.tracks[show.arms[0]].vehicles:
            return
        vehicles = list(show.tracks[show.arms[0]].vehicles)
        if vehicles != self._vehicles:
            self._vehicles, self._chosen = vehicles, None
            self._vehicle.set_options({"": voice("follow"), **{name: name for name in vehicles}}, value="")
            sides = {key: side.title for key, side in show.scenario.sides.items()}
            self._zoom.set_options({"": voice("whole_way"), **sides}, value="")
        name = self._chosen or followed(show.tracks)
        if name is None:
            return
        tracks = {arm: show.tracks[arm].vehicles[name] for arm in show.arms if name in show.tracks[arm].vehicles}
        flow = next(flow for flow in show.scenario.flows if flow.id == next(iter(tracks.values())).flow)
        others = [
            self._line(track, show.now, None)
            for track in show.tracks[show.arms[0]].vehicles.values()
            if track.flow == flow.id and track.vehicle != name and track.points
        ]
        self._picture.show(
            way_figure(
                [(point.name, point.km) for point in flow.route],
                {arm: self._line(track, show.now, show) for arm, track in tracks.items()},
                {arm: self._flats(track, show.now, show, arm) for arm, track in tracks.items()},
                others,
                names={arm: voice(f"arm.{arm}") for arm in show.arms},
                phases={phase: voice(f"phase.{phase}") for phase in PHASES},
                axes=(voice("hours_since"), voice("days_since")),
                height=HEIGHT,
                whole=_whole(others),
            )
        )

    def _line(self, track: Track, now: int, show: Show | None) -> list[Reached]:
        if not track.points:
            return []
        begin = track.points[0].at
        line = [((p.at - begin) / HOUR, round(p.km, 1), self._said(p)) for p in track.points]
        if show is not None and not track.over:
            km = show.tracks[show.arms[0]].km(track, now)
            line.append(((now - begin) / HOUR, round(km, 1), self._desk.voice("now")))
        return line

    def _said(self, point: Point) -> str:
        return f"{self._desk.voice('event.' + point.kind)} {point.where}"

    def _flats(self, track: Track, now: int, show: Show, arm: str) -> list[Flat]:
        if not track.points:
            return []
        begin, flats = track.points[0].at, []
        for stay in track.stays:
            km = next(point.km for point in track.points if point.kind == "arrived" and point.where == stay.side)
            for phase, since, until in stay.segments:
                flats.append(((since - begin) / HOUR, (until - begin) / HOUR, km, phase))
            if stay.crossed is None and not track.over:
                doing = show.stories[arm].doing.get(track.vehicle, ("other",))
                phase = next((one for one in PHASES if one in doing and one != "other"), "other")
                flats.append(((stay.arrived - begin) / HOUR, (now - begin) / HOUR, km, phase))
        return flats

    def _zoomed(self) -> None:
        """Zoom into the stay of the vehicle at the chosen border in all arms, or out."""
        show, side = self._show, self._zoom.value
        place = json.dumps(self._picture.place)
        name = show and (self._chosen or followed(show.tracks))
        if not side or show is None or not name:
            ui.run_javascript(f"corridor.zoom({place}, null, null)")
            return
        spans: list[tuple[float, float, float]] = []
        for arm in show.arms:
            track = show.tracks[arm].vehicles[name]
            for stay in track.stays:
                if stay.side == side:
                    begin = track.points[0].at
                    until = show.now if stay.crossed is None else stay.crossed
                    km = next(p.km for p in track.points if p.kind == "arrived" and p.where == side)
                    spans.append(((stay.arrived - begin) / HOUR, (until - begin) / HOUR, km))
        if not spans:
            ui.notify(self._desk.voice("not_there_yet"))
            return
        unit = 24.0 if _whole([self._line(show.tracks[show.arms[0]].vehicles[name], show.now, None)]) >= 96 else 1.0
        first, last, km = min(s[0] for s in spans), max(s[1] for s in spans), spans[0][2]
        x, y = [(first - 2) / unit, (last + 2) / unit], [km - 60, km + 60]
        ui.run_javascript(f"corridor.zoom({place}, {json.dumps(x)}, {json.dumps(y)})")


def _whole(lines: Sequence[Sequence[Reached]]) -> float:
    return max((line[-1][0] for line in lines if line), default=0.0)


__all__ = ["Way"]
