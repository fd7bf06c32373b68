"""The time–distance diagram, and the stops of the vehicle it shows.

Time runs to the right, the way upwards. Where the goods stand still the line is flat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from scenarios.report.journeys import Journey, middle
from scenarios.report.palette import ARM_LOOKS, FAINT, PHASE_LOOKS, axis, layout

_DAYS_FROM = 96.0
"""Hours from which a journey is drawn in days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """The two pictures of one flow and what the page needs to show another vehicle in them.

    ``choices``: vehicle → the new data of the traces of ``way`` and of ``stops``, JSON as it stands.
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
    unit = 24.0 if longest >= _DAYS_FROM else 1.0
    return Diagram(
        way=_way(places, choice, shown, unit),
        stops=_stops(titles, choice, shown),
        shown=shown.vehicle,
        choices={
            item.vehicle: {"way": _way_data(item, unit), "stops": _stops_data(titles, item)}
            for item in choice
        },
    )


def _way(
    places: Sequence[tuple[str, float]], choice: Sequence[Journey], shown: Journey, unit: float
) -> go.Figure:
    figure = go.Figure()
    others: dict[str, list[float | None]] = {"x": [], "y": []}
    for journey in choice:
        line = next(iter(journey.lines.values()))
        others["x"] += [*(round(hour / unit, 4) for hour, _, _ in line.points), None]
        others["y"] += [*(km for _, km, _ in line.points), None]
    first = ARM_LOOKS[next(iter(shown.lines))]
    figure.add_scatter(
        **others,
        mode="lines",
        line={"color": "#c9cfd6", "width": 1},
        hoverinfo="skip",
        name=f"All others ({first.short.lower()})",
    )
    data = _way_data(shown, unit)
    for number, arm in enumerate(shown.lines):
        look = ARM_LOOKS[arm]
        figure.add_scatter(
            x=data["x"][number],
            y=data["y"][number],
            text=data["text"][number],
            name=look.short,
            mode="lines+markers",
            hovertemplate="%{text}<extra>" + look.short + "</extra>",
            line={"color": look.colour, "dash": look.dash, "width": look.width},
            marker={"size": 5, "symbol": look.symbol, "color": look.colour},
        )
    figure.update_layout(
        **layout(
            height=560,
            xaxis=axis("Days since departure" if unit > 1 else "Hours since departure", rangemode="tozero"),
            yaxis=axis(
                "", tickvals=[km for km, _ in _ticks(places)], ticktext=[text for _, text in _ticks(places)]
            ),
            margin={"l": 180, "r": 20, "t": 20, "b": 56},
        )
    )
    return figure


def _way_data(journey: Journey, unit: float) -> dict[str, list[list[Any]]]:
    return {
        "x": [[round(hour / unit, 4) for hour, _, _ in line.points] for line in journey.lines.values()],
        "y": [[km for _, km, _ in line.points] for line in journey.lines.values()],
        "text": [
            [f"{what}, {_clock(hour)} after departure, km {km:,.0f}" for hour, km, what in line.points]
            for line in journey.lines.values()
        ],
    }


def _clock(hours: float) -> str:
    days, rest = divmod(hours, 24)
    return f"{days:.0f} d {rest:.1f} h" if days else f"{rest:.1f} h"


def _ticks(places: Sequence[tuple[str, float]]) -> list[tuple[float, str]]:
    """Return kilometre and label of the places; neighbours too close to write apart share a label."""
    near = 0.035 * (places[-1][1] - places[0][1])
    groups: list[list[tuple[str, float]]] = []
    for place in places:
        if groups and place[1] - groups[-1][0][1] < near:
            groups[-1].append(place)
        else:
            groups.append([place])
    return [(group[0][1], " · ".join(dict.fromkeys(name for name, _ in group))) for group in groups]


def _stops(titles: Mapping[str, str], choice: Sequence[Journey], shown: Journey) -> go.Figure:
    figure = go.Figure()
    data = _stops_data(titles, shown)
    for number, (title, colour, pattern) in enumerate(PHASE_LOOKS.values()):
        figure.add_bar(
            orientation="h",
            y=data["y"][number],
            x=data["x"][number],
            base=data["base"][number],
            name=title,
            marker={
                "color": colour,
                "line": {"color": "#ffffff", "width": 1},
                "pattern": {"shape": pattern, "fgcolor": "#33404d", "size": 6, "solidity": 0.12},
            },
            hovertemplate=title + ": %{x:.2f} h<extra></extra>",
        )
    rows = list(dict.fromkeys(row for journey in choice for row in _rows(titles, journey)))
    figure.update_layout(
        **layout(
            height=120 + 26 * len(rows),
            barmode="overlay",
            bargap=0.25,
            xaxis=axis("Hours since arrival at the side", rangemode="tozero"),
            yaxis={
                "type": "multicategory",
                "autorange": "reversed",
                "automargin": True,
                "dividercolor": FAINT,
            },
        )
    )
    return figure


def _rows(titles: Mapping[str, str], journey: Journey) -> list[tuple[str, str]]:
    sides = [stop.side for stop in next(iter(journey.lines.values())).stops]
    return [(titles.get(side, side), ARM_LOOKS[arm].short) for side in sides for arm in journey.lines]


def _stops_data(titles: Mapping[str, str], journey: Journey) -> dict[str, list[list[Any]]]:
    """Return bars for each phase: rows (two levels), lengths and where they begin."""
    data: dict[str, list[list[Any]]] = {"y": [], "x": [], "base": []}
    for phase in PHASE_LOOKS:
        sides, arms, lengths, begins = [], [], [], []
        for number in range(len(next(iter(journey.lines.values())).stops)):
            for arm, line in journey.lines.items():
                stop, begin = line.stops[number], 0.0
                for held, hours in stop.segments:
                    if held == phase:
                        sides.append(titles.get(stop.side, stop.side))
                        arms.append(ARM_LOOKS[arm].short)
                        lengths.append(hours)
                        begins.append(round(begin, 3))
                    begin += hours
        data["y"].append([sides, arms])
        data["x"].append(lengths)
        data["base"].append(begins)
    return data


__all__ = ["Diagram", "diagram"]
