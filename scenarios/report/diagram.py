"""The time–distance diagram, and the stops of the vehicle it shows.

Time runs to the right, the way upwards. Where the goods stand still the line is flat. The end of the way is drawn
again beside it, enlarged; below it where the page is narrow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from scenarios.numerals import count, fixed
from scenarios.report.bars import Piece, bar_data, phase_bars
from scenarios.report.journeys import Journey, Line, middle
from scenarios.report.palette import ARM_LOOKS, INK, axis, layout
from scenarios.report.way import DAYS_FROM, arm_line, place_ticks

_UNDER_STOPS = "Hours since arrival at the side"
_LETTER, _WIDE = 7.0, 850.0
"""Pixels of a letter, and of both parts together where the page is wide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """The two pictures of one flow and what the page needs to show another vehicle in them.

    ``choices``: vehicle → the new data of the traces of ``way`` (after the first) and of ``stops``, plain JSON.
    """

    way: go.Figure
    stops: go.Figure
    shown: str
    choices: Mapping[str, Mapping[str, Any]]


def diagram(
    places: Sequence[tuple[str, float]], titles: Mapping[str, str], choice: Sequence[Journey]
) -> Diagram | None:
    """Return the pictures of a flow, or None if none of its vehicles went through.

    ``places`` are (name, kilometres from the start), ``titles`` the names of border sides by key.
    """
    if not choice:
        return None
    shown = middle(choice)
    longest = max(line.hours for journey in choice for line in journey.lines.values())
    unit = 24.0 if longest >= DAYS_FROM else 1.0
    sides = [stop.side for stop in next(iter(shown.lines.values())).stops]
    arms = list(shown.lines)
    return Diagram(
        way=_way(places, titles, choice, shown, unit),
        stops=phase_bars([titles[side] for side in sides], arms, _pieces(sides, shown), _UNDER_STOPS),
        shown=shown.vehicle,
        choices={
            item.vehicle: {"way": _data(titles, item, unit), "stops": bar_data(arms, _pieces(sides, item))}
            for item in choice
        },
    )


def _pieces(sides: Sequence[str], journey: Journey) -> Iterator[Piece]:
    for arm, line in journey.lines.items():
        for stop in line.stops:
            begin = 0.0
            for phase, hours in stop.segments:
                yield sides.index(stop.side), arm, phase, begin, hours
                begin += hours


def _way(
    places: Sequence[tuple[str, float]],
    titles: Mapping[str, str],
    choice: Sequence[Journey],
    shown: Journey,
    unit: float,
) -> go.Figure:
    figure = go.Figure()
    first = next(iter(shown.lines))
    figure.add_scatter(
        **_others(choice, unit),
        mode="lines",
        line={"color": "#c9cfd6", "width": 1},
        hoverinfo="skip",
        name=f"All of them ({ARM_LOOKS[first].short.lower()})",
    )
    data = _data(titles, shown, unit)
    for number, arm in enumerate([*shown.lines, *shown.lines]):
        look, enlarged = ARM_LOOKS[arm], number >= len(shown.lines)
        figure.add_scatter(
            x=data["x"][number],
            y=data["y"][number],
            text=data["text"][number],
            name=look.short,
            showlegend=not enlarged,
            legendgroup=arm,
            xaxis="x2" if enlarged else "x",
            yaxis="y2" if enlarged else "y",
            hovertemplate="%{text}<extra>" + look.short + "</extra>",
            **arm_line(arm),
        )
    name = "Days" if unit > 1 else "Hours"
    ticks = place_ticks(places)
    enlarged_from = min(data["y"][len(shown.lines)])
    last = place_ticks([place for place in places if place[1] >= enlarged_from - 0.1])
    left, right = (_LETTER * max(len(text) for _, text in named) + 24 for named in (ticks, last))
    begin = min(0.6 + right / _WIDE, 0.78)
    figure.update_layout(
        **layout(
            height=480,
            xaxis=axis(f"{name} since departure", domain=[0, 0.58], rangemode="tozero"),
            yaxis=axis("", tickvals=[km for km, _ in ticks], ticktext=[text for _, text in ticks]),
            xaxis2=axis("Hours since departure", domain=[begin, 1], anchor="y2", nticks=5),
            yaxis2=axis(
                "",
                domain=[0, 0.9],
                anchor="x2",
                tickvals=[km for km, _ in last],
                ticktext=[text for _, text in last],
            ),
            margin={"l": min(left, 230), "r": 20, "t": 20, "b": 56},
        )
    )
    figure.add_annotation(
        name="enlarged",
        x=begin,
        y=0.93,
        xref="paper",
        yref="paper",
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
        text="<b>The end, enlarged</b>",
        font={"size": 13, "color": INK},
    )
    return figure


def _others(choice: Sequence[Journey], unit: float) -> dict[str, list[float | None]]:
    """Return the lines of all vehicles in the first arm as one trace with gaps."""
    trace: dict[str, list[float | None]] = {"x": [], "y": []}
    for journey in choice:
        line = next(iter(journey.lines.values()))
        trace["x"] += [*(round(hour / unit, 4) for hour, *_ in line.points), None]
        trace["y"] += [*(km for _, km, *_ in line.points), None]
    return trace


def _data(titles: Mapping[str, str], journey: Journey, unit: float) -> dict[str, list[list[Any]]]:
    """Return the lines of a vehicle: every arm whole, then every arm from the last border side on, in hours."""
    lines = list(journey.lines.values())
    whole = [_texts(titles, line, 0.0, unit) for line in lines]
    ends = [_texts(titles, line, line.stops[-1].arrived if line.stops else 0.0, 1.0) for line in lines]
    return {
        name: [[point[index] for point in points] for points in (*whole, *ends)]
        for index, name in enumerate(("x", "y", "text"))
    }


def _texts(titles: Mapping[str, str], line: Line, since: float, unit: float) -> list[tuple[float, float, str]]:
    points = []
    for hour, km, kind, where in line.points:
        if hour >= since:
            text = f"{kind} {titles.get(where, where)}, {_clock(hour)} after departure, km {count(km)}"
            points.append((round(hour / unit, 4), km, text))
    return points


def _clock(hours: float) -> str:
    days, rest = divmod(hours, 24)
    return f"{days:.0f} d {fixed(rest)} h" if days else f"{fixed(rest)} h"


__all__ = ["Diagram", "diagram"]
