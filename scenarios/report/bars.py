"""Bars of border sides: a group a side, a row an arm, in pieces by what held the goods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from scenarios.numerals import fixed
from scenarios.report.groups import lay_out, row
from scenarios.report.palette import INK, PHASE_LOOKS

Piece = tuple[int, str, str, float, float]
"""Number of the group, arm, phase, hour at which it begins, hours."""


def phase_bars(
    titles: Sequence[str],
    arms: Sequence[str],
    pieces: Iterable[Piece],
    under: str,
    *,
    names: Mapping[str, str] | None = None,
    phases: Mapping[str, str] | None = None,
    said: bool = False,
    hours: str = "h",
) -> go.Figure:
    """Return a group of bars for each of ``titles``, a row in it for each of ``arms``; ``under``: the axis' name.

    ``names``, ``phases`` and ``hours`` (the unit): in another language than the report's. ``said``: pieces long enough
    for it carry their phase in words.
    """
    figure = go.Figure()
    data = bar_data(arms, pieces)
    for number, (phase, (own, colour, pattern)) in enumerate(PHASE_LOOKS.items()):
        title = phases[phase] if phases else own
        figure.add_bar(
            orientation="h",
            y=data["y"][number],
            x=data["x"][number],
            base=data["base"][number],
            width=0.78,
            name=title,
            marker={
                "color": colour,
                "line": {"color": "#ffffff", "width": 1},
                "pattern": {
                    "shape": pattern,
                    "fillmode": "overlay",
                    "fgcolor": "#1f2933",
                    "fgopacity": 0.45,
                    "size": 7,
                    "solidity": 0.16,
                },
            },
            hovertemplate=f"{title}: %{{x:.2f}} {hours}<extra></extra>",
            **(_said(title, data["x"][number]) if said else {}),
        )
    lay_out(figure, titles, arms, under, names=names)
    figure.update_layout(barmode="overlay", showlegend=True)  # of a single phase too, which else would have no name
    return figure


def _said(title: str, hours: Iterable[float]) -> dict[str, Any]:
    return {
        "text": [f"{title} {fixed(value)}" for value in hours],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "textfont": {"size": 13, "color": INK},
        "constraintext": "inside",
    }


def bar_data(arms: Sequence[str], pieces: Iterable[Piece]) -> dict[str, list[list[Any]]]:
    """Return rows, lengths and beginnings of the bars, a list for each phase."""
    by_phase: Mapping[str, list[tuple[float, float, float]]] = {phase: [] for phase in PHASE_LOOKS}
    for group, arm, phase, begin, hours in pieces:
        by_phase[phase].append((row(arms, group, arm), round(hours, 3), round(begin, 3)))
    return {
        name: [[bar[index] for bar in bars] for bars in by_phase.values()]
        for index, name in enumerate(("y", "x", "base"))
    }


__all__ = ["Piece", "bar_data", "phase_bars"]
