"""The time–distance diagram of one vehicle, its arms beside each other, growing as they travel.

It zooms into a border, where the hours are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from nicegui import ui

from scenarios.demo.desk import Desk
from scenarios.demo.panels.picture import Picture
from scenarios.demo.show import Show
from scenarios.demo.tracks import Point, Stay, Track, expected_hours, followed
from scenarios.events import PHASES
from scenarios.report.bars import phase_bars
from scenarios.report.way import Flat, Reached, way_figure
from scenarios.scenario import HOUR

HEIGHT = 260
SMALLEST = 11
"""Pixels of letters below which a piece of a stay is not named: the legend has its colour."""
FAINT = 30
"""How many other vehicles are drawn, those nearest in the order of departure."""


class Way:
    """See the module. The visitor may follow another vehicle; else the page follows the first that is under way."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._of: Show | None = None
        self._names: dict[str, str] = {}
        voice = desk.voice
        with ui.element("section").classes("c-card c-6").props(f'aria-label="{voice("way")}"'):
            with ui.row().classes("items-center w-full gap-2"):
                ui.html(f"<h2>{voice('way')}</h2>", sanitize=False)
                self._flow = self._select("flow", "c-choice")
                self._vehicle = self._select("vehicle", "c-choice")
                self._zoom = self._select("zoom", "c-choice")
            self._nothing = ui.label().classes("c-faint").props("data-test=nothing-there")
            self._picture = Picture("way", HEIGHT)

    def _select(self, key: str, classes: str) -> ui.select:
        select = ui.select([], label=self._desk.voice(key), on_change=self._chosen)
        return select.props(f"dense outlined options-dense data-test={key}").classes(classes)

    def _chosen(self) -> None:
        self._desk.seen = -1

    def _opened(self, show: Show) -> None:
        """Offer what there is to choose from in ``show``."""
        voice = self._desk.voice
        self._of = show
        flows = {flow.id: voice.name(flow.title) for flow in show.scenario.flows}
        self._flow.set_options({"": voice("any_flow"), **flows}, value="")
        self._flow.set_visibility(len(flows) > 1)
        sides = {key: voice.name(side.title) for key, side in show.scenario.sides.items()}
        self._names = {key: voice.name(place.name) for key, place in show.scenario.places.items()} | sides
        self._zoom.set_options({"": voice("whole_way"), **sides}, value="")
        self._vehicle.set_options({"": voice("follow")}, value="")

    def _followed(self, show: Show) -> str | None:
        """Return the vehicle that is shown, and offer those of the flow that is looked at."""
        tracks = show.tracks[show.arms[0]].vehicles
        names = [name for name, track in tracks.items() if self._flow.value in ("", track.flow)]
        offered = {"": self._desk.voice("follow"), **{name: name for name in names}}
        if offered != self._vehicle.options:
            value = self._vehicle.value
            self._vehicle.set_options(offered, value=value if value in offered else "")
        return self._vehicle.value or followed(show.tracks, names)

    def refresh(self) -> None:
        """Draw the lines as far as they have come, or the stays at the border looked at."""
        show, voice = self._desk.theatre.show, self._desk.voice
        if show is None or not show.tracks[show.arms[0]].vehicles:
            return
        if show is not self._of:
            self._opened(show)
        name = self._followed(show)
        if name is None:
            return
        tracks = {arm: show.tracks[arm].vehicles[name] for arm in show.arms if name in show.tracks[arm].vehicles}
        names = {arm: self._desk.arm(arm) for arm in tracks}
        phases = {phase: voice(f"phase.{phase}") for phase in PHASES}
        flow = next(flow for flow in show.scenario.flows if flow.id == next(iter(tracks.values())).flow)
        side = str(self._zoom.value)
        missing = bool(side) and not any(stay.side == side for track in tracks.values() for stay in track.stays)
        self._nothing.text = voice("not_there_yet" if side in flow.sides else "not_its_way") if missing else ""
        self._nothing.set_visibility(missing)
        self._picture.set_visibility(not missing)
        if missing:
            return
        if side:
            self._picture.show(self._border(show, side, tracks, names, phases))
            return
        others = [self._line(track, show.now, None) for track in _near(show, name, flow.id)]
        self._picture.show(
            way_figure(
                [(voice.name(point.name), point.km) for point in flow.route],
                {arm: self._line(track, show.now, show) for arm, track in tracks.items()},
                {arm: self._flats(track, show.now, show, arm) for arm, track in tracks.items()},
                others,
                names=names,
                phases=phases,
                axes=(voice("hours_since"), voice("days_since")),
                hours=voice("unit.hours"),
                height=HEIGHT,
                whole=_whole(others) or expected_hours(show.scenario, flow),
            )
        )

    def _border(
        self, show: Show, side: str, tracks: Mapping[str, Track], names: Mapping[str, str], phases: Mapping[str, str]
    ) -> go.Figure:
        """Return the stays of a vehicle at ``side``, a row an arm, in pieces that say what they are."""
        pieces = []
        for arm, track in tracks.items():
            for stay in track.stays:
                if stay.side == side:
                    pieces += [
                        (0, arm, phase, (begin - stay.arrived) / HOUR, (end - begin) / HOUR)
                        for phase, begin, end in _segments(stay, track, show, arm)
                    ]
        title = self._desk.voice.name(show.scenario.sides[side].title)
        under = self._desk.voice("hours_since_arrival")
        hours = self._desk.voice("unit.hours")
        figure = phase_bars([title], list(tracks), pieces, under, names=names, phases=phases, said=True, hours=hours)
        fitting = {"mode": "hide", "minsize": SMALLEST}
        figure.update_layout(height=HEIGHT, margin={"l": 20, "r": 16, "t": 10, "b": 40}, uniformtext=fitting)
        return figure

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
        return self._desk.voice(f"event.{point.kind}", where=self._names.get(point.where, point.where))

    def _flats(self, track: Track, now: int, show: Show, arm: str) -> list[Flat]:
        if not track.points:
            return []
        begin, flats = track.points[0].at, []
        for stay in track.stays:
            km = next(point.km for point in track.points if point.kind == "arrived" and point.where == stay.side)
            for phase, since, until in _segments(stay, track, show, arm):
                flats.append(((since - begin) / HOUR, (until - begin) / HOUR, km, phase))
        return flats


def _segments(stay: Stay, track: Track, show: Show, arm: str) -> Sequence[tuple[str, int, int]]:
    """Return what held a vehicle at a side: phase, begin and end in seconds; of a stay that lasts, what does now."""
    if stay.crossed is not None:
        return stay.segments
    if track.over:
        return []
    doing = show.stories[arm].doing.get(track.vehicle, ("other",))
    phase = next((one for one in PHASES if one in doing and one != "other"), "other")
    return [(phase, stay.arrived, show.now)]


def _near(show: Show, name: str, flow: str) -> list[Track]:
    """Return the vehicles of a flow in the first arm that left not long before or after ``name``."""
    left = [track for track in show.tracks[show.arms[0]].vehicles.values() if track.flow == flow and track.points]
    place = next((number for number, track in enumerate(left) if track.vehicle == name), 0)
    first = max(0, place - FAINT // 2)
    return [track for track in left[first : first + FAINT] if track.vehicle != name]


def _whole(lines: Sequence[Sequence[Reached]]) -> float:
    return max((line[-1][0] for line in lines if line), default=0.0)


__all__ = ["Way"]
