"""The time–distance diagram of one vehicle while it travels: a line an arm, flat where the goods stand still.

Figures are plain JSON as plotly takes it, so that a page can be sent one twice a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scenarios.numerals import fixed
from scenarios.report.palette import ARM_LOOKS, PHASE_LOOKS, axis, layout

Reached = tuple[float, float, str]
"""Hours since departure, kilometres, what is said of it."""
Flat = tuple[float, float, float, str]
"""Begin and end in hours since departure, kilometres, phase (a key of PHASE_LOOKS)."""

NESTED = {"baseline": 8.0, "advance": 4.5, "recognition": 2.2}
"""Width of an arm's line in pixels: lines that lie on one another all stay in sight."""
ASIDE = 0.022
"""Share of the way by which the flat pieces of neighbouring arms stand apart."""
DAYS_FROM = 96.0
"""Hours from which a journey is drawn in days."""


def way_figure(
    places: Sequence[tuple[str, float]],
    lines: Mapping[str, Sequence[Reached]],
    flats: Mapping[str, Sequence[Flat]],
    others: Sequence[Sequence[Reached]],
    *,
    names: Mapping[str, str],
    phases: Mapping[str, str],
    axes: tuple[str, str],
    height: int,
    whole: float,
    hours: str = "h",
) -> dict[str, Any]:
    """Return the diagram. ``places``: (name, km) of the way; ``lines`` and ``flats``: by arm; ``others``: faint lines.

    ``names``: arm → its name; ``phases``: phase → its name; ``axes``: name of the time axis in hours and in days;
    ``whole``: hours the journey is expected to take, so that the axis does not run away while it grows.
    """
    longest = max([whole, *(line[-1][0] for line in lines.values() if line)])
    unit = 24.0 if longest >= DAYS_FROM else 1.0
    data: list[dict[str, Any]] = [_faint(others, unit)]
    for arm, line in lines.items():
        data.append(
            {
                "type": "scatter",
                "name": names[arm],
                "x": [round(hour / unit, 3) for hour, *_ in line],
                "y": [km for _, km, _ in line],
                "text": [text for *_, text in line],
                "hovertemplate": "%{text}<extra>" + names[arm] + "</extra>",
                **arm_line(arm),
            }
        )
    data += _flats(lines, flats, names, phases, hours, unit, ASIDE * (places[-1][1] - places[0][1]))
    ticks = place_ticks(places)
    return {
        "data": data,
        "layout": layout(
            height=height,
            xaxis=axis(axes[1 if unit > 1 else 0], range=[0, longest * 1.03 / unit]),
            yaxis=axis("", range=_room(places), tickvals=[km for km, _ in ticks], ticktext=[text for _, text in ticks]),
            margin={"l": 20, "r": 16, "t": 10, "b": 40},
        ),
    }


def _room(places: Sequence[tuple[str, float]]) -> list[float]:
    """Return the kilometres from a little before the first place to a little beyond the last."""
    begin, end = places[0][1], places[-1][1]
    aside = 0.05 * (end - begin)
    return [begin - aside, end + aside]


def _faint(others: Sequence[Sequence[Reached]], unit: float) -> dict[str, Any]:
    x: list[float | None] = []
    y: list[float | None] = []
    for line in others:
        x += [*(round(hour / unit, 3) for hour, *_ in line), None]
        y += [*(km for _, km, _ in line), None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"color": "#9aa5b1", "width": 1},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _flats(
    lines: Mapping[str, Sequence[Reached]],
    flats: Mapping[str, Sequence[Flat]],
    names: Mapping[str, str],
    phases: Mapping[str, str],
    hours: str,
    unit: float,
    aside: float,
) -> list[dict[str, Any]]:
    """Return, for each phase, thick pieces on the flat parts of all lines, those of the arms beside each other."""
    traces = []
    for phase, (_, colour, _) in PHASE_LOOKS.items():
        x: list[float | None] = []
        y: list[float | None] = []
        said: list[str] = []
        for number, arm in enumerate(lines):
            off = aside * ((len(lines) - 1) / 2 - number)
            for begin, end, km, held in flats.get(arm, ()):
                if held == phase:
                    x += [round(begin / unit, 3), round(end / unit, 3), None]
                    y += [round(km + off, 1), round(km + off, 1), None]
                    said += [f"{names[arm]}: {phases[phase]} {fixed(end - begin)} {hours}"] * 3
        if x:
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": phases[phase],
                    "x": x,
                    "y": y,
                    "text": said,
                    "line": {"color": colour, "width": 6},
                    "hovertemplate": "%{text}<extra></extra>",
                }
            )
    return traces


def arm_line(arm: str) -> dict[str, Any]:
    """Return how the line of ``arm`` is drawn, on the page and in the report: nested where arms coincide."""
    look = ARM_LOOKS[arm]
    return {
        "mode": "lines+markers",
        "line": {"color": look.colour, "dash": look.dash, "width": NESTED[arm]},
        "marker": {"size": 6, "symbol": look.symbol, "color": look.colour},
    }


def place_ticks(places: Sequence[tuple[str, float]]) -> list[tuple[float, str]]:
    """Return kilometre and label of the places; neighbours too close to write apart share a label, of more than two
    the first and the last are named."""
    near = 0.08 * (places[-1][1] - places[0][1])
    groups: list[list[tuple[str, float]]] = []
    for place in places:
        if groups and place[1] - groups[-1][0][1] < near:
            groups[-1].append(place)
        else:
            groups.append([place])
    return [(group[0][1], _named(list(dict.fromkeys(name for name, _ in group)))) for group in groups]


def _named(names: Sequence[str]) -> str:
    return " · ".join(names) if len(names) < 3 else f"{names[0]} … {names[-1]}"


__all__ = ["DAYS_FROM", "Flat", "Reached", "arm_line", "place_ticks", "way_figure"]
