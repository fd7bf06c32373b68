"""The pictures of a run's summary: where hours go, how they spread, what was saved, what it cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from scenarios.metrics.measures import FORMS
from scenarios.numerals import count, fixed, percent
from scenarios.report.bars import phase_bars
from scenarios.report.groups import arm_bars
from scenarios.report.material import SHARES
from scenarios.report.palette import ARM_LOOKS, COMPARISON_TITLES, INK, PHASE_LOOKS, axis, layout

Summary = Mapping[str, Any]


def where_hours_go(summary: Summary) -> go.Figure:
    """Return stacked bars: mean hours by phase for every border side and arm."""
    sides = list(summary["borders"].values())
    arms = [arm for arm in ARM_LOOKS if arm in summary["arms"]]
    pieces = []
    for group, side in enumerate(sides):
        for arm in arms:
            begin = 0.0
            for phase in PHASE_LOOKS:
                hours = side[arm]["phases"][phase]
                if hours > 0:
                    pieces.append((group, arm, phase, begin, hours))
                begin += hours
    return phase_bars([side["title"] for side in sides], arms, pieces, "Mean hours a consignment")


def distribution(spread: Mapping[str, Sequence[float]]) -> go.Figure:
    """Return, for each arm, the share of consignments through within so many border hours.

    ``spread`` is arm → the hours at :data:`scenarios.report.material.SHARES`.
    """
    figure = go.Figure()
    for arm, values in spread.items():
        look = ARM_LOOKS[arm]
        figure.add_scatter(
            x=values,
            y=SHARES,
            mode="lines",
            name=look.short,
            line={"color": look.colour, "dash": look.dash, "width": look.width},
            hovertemplate="%{y:.0%} within %{x:.1f} h<extra>" + look.short + "</extra>",
        )
    figure.update_layout(
        **layout(
            height=400,
            xaxis=axis("Border hours of a consignment, all sides together", rangemode="tozero"),
            yaxis=axis("Share of consignments through", tickformat=".0%", range=[0, 1.01]),
        )
    )
    return figure


def savings(saved: Mapping[str, Any]) -> go.Figure:
    """Return, for each comparison, a dot a replication and the mean with its interval."""
    figure = go.Figure()
    names = [name for name in COMPARISON_TITLES if name in saved]
    for number, name in enumerate(names):
        entry, title = saved[name], COMPARISON_TITLES[name]
        look = ARM_LOOKS["advance" if name == "advance" else "recognition"]
        dots = entry["per_replication"]
        figure.add_scatter(
            x=dots,
            y=[number + 0.3] * len(dots),
            mode="markers",
            showlegend=False,
            marker={
                "size": 9,
                "color": look.colour,
                "opacity": 0.55,
                "symbol": "circle-open",
                "line": {"width": 2},
            },
            text=[f"replication {index}" for index in range(len(dots))],
            hovertemplate="%{text}: %{x:.2f} h<extra>" + title + "</extra>",
        )
        half = [0.0, 0.0] if entry["ci95"] is None else entry["ci95"]
        mean = entry["border_hours_mean"]
        error = {
            "type": "data",
            "symmetric": False,
            "array": [half[1] - mean],
            "arrayminus": [mean - half[0]],
            "thickness": 3,
            "width": 9,
            "color": INK,
        }
        figure.add_scatter(
            x=[mean],
            y=[number],
            mode="markers+text",
            showlegend=False,
            text=[f"{fixed(mean, 2)} h"],
            textfont={"size": 14},
            textposition="top center",
            cliponaxis=False,
            error_x=None if entry["ci95"] is None else error,
            marker={"size": 13, "color": INK, "symbol": look.symbol},
            hovertemplate="mean %{x:.2f} h<extra></extra>",
        )
    figure.add_vline(x=0, line={"color": INK, "width": 1.5})
    figure.update_layout(
        **layout(
            height=110 + 76 * len(names),
            margin={"l": 70, "r": 30, "t": 20, "b": 56},
            xaxis=axis("Border hours saved (negative: it took longer)"),
            yaxis=axis(
                "",
                tickvals=list(range(len(names))),
                ticktext=[COMPARISON_TITLES[name] for name in names],
                range=[len(names) - 0.4, -0.5],
                showgrid=False,
            ),
        )
    )
    return figure


def price(arms: Mapping[str, Any]) -> dict[str, go.Figure]:
    """Return three small pictures to stand beside one another: border hours, coverage and officer hours of each arm."""
    bare = {"showticklabels": False, "ticks": "", "showgrid": False}
    columns: Mapping[str, tuple[str, Callable[[Any], float], Callable[[float], str]]] = {
        "price_hours": (
            "Border hours a consignment",
            lambda arm: arm["border_hours"]["mean"] or 0.0,
            lambda value: f"{fixed(value)} h",
        ),
        "price_coverage": (
            "Chance to find an irregularity",
            lambda arm: arm["coverage"],
            lambda value: percent(value, 1),
        ),
        "price_officers": (
            "Officers' hours a replication",
            lambda arm: arm["officer_hours"],
            lambda value: f"{fixed(value)} h",
        ),
    }
    pictures = {}
    for name, (title, of, told) in columns.items():
        values = {arm: [of(entry)] for arm, entry in arms.items()}
        room = {"range": [0, 1.5 * max(value for (value,) in values.values()) or 1.0]}
        figure = arm_bars([title], values, "", told, **bare, **room)
        pictures[name] = figure.update_layout(height=54 + 28 * len(arms), margin={"l": 90, "r": 8, "t": 4, "b": 4})
    return pictures


def controls(arms: Mapping[str, Any]) -> go.Figure:
    """Return the number of controls made in each arm, by form."""
    forms = [form for form in FORMS if any(arm["controls"][form] for arm in arms.values())]
    made = {name: [arm["controls"][form] for form in forms] for name, arm in arms.items()}
    return arm_bars([form.capitalize() for form in forms], made, "Controls", count)


__all__ = ["Summary", "controls", "distribution", "price", "savings", "where_hours_go"]
