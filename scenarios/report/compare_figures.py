"""The pictures of an experiment: sweeps, their ranking, and intervals as error bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from scenarios.numerals import fixed
from scenarios.report.compare_words import without_effect
from scenarios.report.palette import ARM_LOOKS, INK, axis, layout

Json = Mapping[str, Any]


def sweep(rows: Json) -> go.Figure:
    """Return the border hours saved over the values of one key, with intervals, for the arms against the baseline."""
    figure = go.Figure()
    values = [point["value"] for point in rows["points"]]
    for name in ("advance", "recognition"):
        entries = [point["saved"].get(name) for point in rows["points"]]
        if any(entry is None or entry["mean"] is None for entry in entries):
            continue
        look = ARM_LOOKS[name]
        figure.add_scatter(
            x=values,
            y=[entry["mean"] for entry in entries],
            error_y=interval_bars(entries, look.colour),
            mode="lines+markers",
            name=look.short,
            line={"color": look.colour, "dash": look.dash, "width": look.width},
            marker={"size": 9, "symbol": look.symbol, "color": look.colour},
            hovertemplate="%{x}: %{y:.2f} h<extra>" + look.short + "</extra>",
        )
    figure.update_layout(
        **layout(
            height=320,
            xaxis=axis(rows["title"], type="category"),
            yaxis=axis("Border hours saved", rangemode="tozero"),
        )
    )
    return figure


def ranking(rows: Sequence[Json]) -> go.Figure:
    """Return a bar from the least to the most hours saved for each key that was swept, the strongest on top."""
    figure = go.Figure()
    figure.add_bar(
        orientation="h",
        y=[row["title"] for row in rows],
        base=[row["least"]["saved_hours"] for row in rows],
        x=[row["swing_hours"] for row in rows],
        marker={"color": "#56b4e9", "line": {"color": INK, "width": 1}},
        text=["no difference" if without_effect(row) else _swing(row) for row in rows],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    highest = max(row["most"]["saved_hours"] for row in rows)
    lowest = min(0.0, *(row["least"]["saved_hours"] for row in rows))
    figure.update_layout(
        **layout(
            height=90 + 56 * len(rows),
            showlegend=False,
            xaxis=axis("Border hours saved", range=[lowest, highest + 0.45 * (highest - lowest)]),
            yaxis=axis("", autorange="reversed"),
        )
    )
    return figure


def _swing(row: Json) -> str:
    return f"{row['least']['value']} → {row['most']['value']}: {fixed(row['swing_hours'], 2)} h"


def interval_bars(entries: Sequence[Json], colour: str = INK) -> dict[str, Any] | None:
    """Return the intervals as error bars; None where there are none."""
    if any(entry["ci95"] is None for entry in entries):
        return None
    return {
        "type": "data",
        "symmetric": False,
        "array": [entry["ci95"][1] - entry["mean"] for entry in entries],
        "arrayminus": [entry["mean"] - entry["ci95"][0] for entry in entries],
        "thickness": 1.5,
        "width": 5,
        "color": colour,
    }


__all__ = ["interval_bars", "ranking", "sweep"]
