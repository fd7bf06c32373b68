"""Bars of border sides: a group a side, a row an arm, in pieces by what held the goods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from scenarios.numerals import fixed
from scenarios.report.palette import ARM_LOOKS, INK, PHASE_LOOKS, axis, layout

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
) -> go.Figure:
    """Return a group of bars for each of ``titles``, a row in it for each of ``arms``; ``under``: the axis' name.

    ``names`` and ``phases``: arms and phases in another language than the report's. ``said``: pieces long enough for
    it carry their phase in words.
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
            hovertemplate=title + ": %{x:.2f} h<extra></extra>",
            **(_said(title, data["x"][number]) if said else {}),
        )
    rows = [_row(arms, group, arm) for group in range(len(titles)) for arm in arms]
    for group, title in enumerate(titles):
        figure.add_annotation(
            x=0,
            xref="paper",
            xanchor="left",
            xshift=-40,
            y=_row(arms, group, arms[0]) - 0.95,
            text=f"<b>{title}</b>",
            font={"size": 12, "color": INK},
            showarrow=False,
        )
    last = max(rows) + 0.7 if rows else 1.0
    figure.update_layout(
        **layout(
            height=130 + int(25 * last),
            barmode="overlay",
            xaxis=axis(under, rangemode="tozero"),
            yaxis=axis(
                "",
                tickvals=rows,
                ticktext=[names[arm] if names else ARM_LOOKS[arm].short for _ in titles for arm in arms],
                range=[last, -0.6],
                showgrid=False,
                ticks="",
            ),
        )
    )
    figure.update_layout(legend={"traceorder": "normal"})
    return figure


def _said(title: str, hours: Iterable[float]) -> dict[str, Any]:
    return {
        "text": [f"{title} {fixed(value)}" for value in hours],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "textfont": {"size": 13, "color": INK},
        "constraintext": "none",
    }


def bar_data(arms: Sequence[str], pieces: Iterable[Piece]) -> dict[str, list[list[Any]]]:
    """Return rows, lengths and beginnings of the bars, a list for each phase."""
    by_phase: Mapping[str, list[tuple[float, float, float]]] = {phase: [] for phase in PHASE_LOOKS}
    for group, arm, phase, begin, hours in pieces:
        by_phase[phase].append((_row(arms, group, arm), round(hours, 3), round(begin, 3)))
    return {
        name: [[bar[index] for bar in bars] for bars in by_phase.values()]
        for index, name in enumerate(("y", "x", "base"))
    }


def _row(arms: Sequence[str], group: int, arm: str) -> float:
    """Return where the bar of ``arm`` stands; each group leaves room for its title above."""
    return group * (len(arms) + 1.5) + 1.0 + list(arms).index(arm)


__all__ = ["Piece", "bar_data", "phase_bars"]
