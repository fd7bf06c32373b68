"""Where hours were saved, border side by border side and phase by phase; and one run's draw among others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from scenarios.report.bars import phase_bars
from scenarios.report.palette import ARM_LOOKS, INK, PHASE_LOOKS, axis, layout

Summary = Mapping[str, Any]
LEAST = 0.005
"""Hours below which a difference of a phase is not drawn."""


def where_saved(
    summary: Summary,
    under: str,
    *,
    names: Mapping[str, str] | None = None,
    phases: Mapping[str, str] | None = None,
    titles: Mapping[str, str] | None = None,
    hours: str = "h",
) -> go.Figure:
    """Return bars of the mean hours that each arm saved a consignment, by border side and phase.

    What was saved goes to the right, what took longer to the left. The first arm of ``summary`` is compared with.
    Sides at which no arm made a difference have no group. ``names``, ``phases`` and ``hours`` as in :func:`phase_bars`;
    ``titles``: side → its name, where it is another than that of ``summary``.
    """
    reference, *compared = [arm for arm in ARM_LOOKS if arm in summary["arms"]]
    groups: dict[str, dict[str, list[tuple[str, float, float]]]] = {}
    for key, side in summary["borders"].items():
        by_arm = {arm: _pieces(side[reference]["phases"], side[arm]["phases"]) for arm in compared}
        if any(by_arm.values()):
            groups[side["title"] if titles is None else titles[key]] = by_arm
    flat = [
        (number, arm, *piece)
        for number, by_arm in enumerate(groups.values())
        for arm, pieces in by_arm.items()
        for piece in pieces
    ]
    figure = phase_bars(list(groups), compared, flat, under, names=names, phases=phases, hours=hours)
    figure.add_vline(x=0, line={"color": INK, "width": 1.5})
    return figure


def _pieces(before: Mapping[str, float], after: Mapping[str, float]) -> list[tuple[str, float, float]]:
    """Return phase, beginning and hours of the pieces, gains to the right of zero and losses to its left."""
    found, right, left = [], 0.0, 0.0
    for phase in PHASE_LOOKS:
        hours = before[phase] - after[phase]
        if abs(hours) < LEAST:
            continue
        found.append((phase, right if hours > 0 else left, hours))
        if hours > 0:
            right += hours
        else:
            left += hours
    return found


def draws(
    saved: Mapping[str, Mapping[str, Any]], shown: Mapping[str, float], under: str, names: Mapping[str, str]
) -> go.Figure:
    """Return, for each arm of ``saved``, a dot a replication, their mean with its interval, and a mark at ``shown``.

    ``saved``: arm → ``per_replication``, ``mean`` and ``ci95`` (None of a single one), in hours a consignment.
    ``shown``: arm → what the run that is looked at saved, where it is known. ``names``: arm → its name; ``this``,
    ``mean`` and ``replication``: the words for these; ``hours``: the unit.
    """
    hours = names.get("hours", "h")
    figure = go.Figure()
    for number, (arm, entry) in enumerate(saved.items()):
        look, dots = ARM_LOOKS[arm], entry["per_replication"]
        figure.add_scatter(
            x=dots,
            y=list(_heaped(dots, number)),
            mode="markers",
            showlegend=False,
            marker={"size": 9, "color": look.colour, "opacity": 0.6},
            hovertemplate=f"{names['replication']}: %{{x:.2f}} {hours}<extra>{names[arm]}</extra>",
        )
        low, high = entry["ci95"] or (entry["mean"], entry["mean"])
        figure.add_scatter(
            x=[low, high],
            y=[number + 0.16] * 2,
            mode="lines",
            name=names["mean"],
            showlegend=number == 0,
            line={"color": INK, "width": 5},
            hovertemplate=f"{names['mean']}: %{{x:.2f}} {hours}<extra></extra>",
        )
        if arm in shown:
            figure.add_scatter(
                x=[shown[arm]],
                y=[number - 0.1],
                mode="markers",
                name=names["this"],
                showlegend=number == 0,
                marker={"size": 17, "symbol": "triangle-down", "color": "#f0e442", "line": {"color": INK, "width": 2}},
                hovertemplate=f"{names['this']}: %{{x:.2f}} {hours}<extra></extra>",
            )
    figure.add_vline(x=0, line={"color": INK, "width": 1.5})
    figure.update_layout(
        **layout(
            height=90 + 80 * len(saved),
            margin={"l": 20, "r": 16, "t": 10, "b": 46},
            xaxis=axis(under),
            yaxis=axis(
                "",
                tickvals=list(range(len(saved))),
                ticktext=[names[arm] for arm in saved],
                range=[len(saved) - 0.6, -0.6],
                showgrid=False,
                ticks="",
            ),
        )
    )
    return figure


def _heaped(dots: Sequence[float], number: int) -> Iterator[float]:
    """Yield a height for each dot: those that would cover one another stand apart."""
    wide = (max(dots) - min(dots)) / 30 if dots else 0.0
    placed: list[tuple[float, int]] = []
    for dot in dots:
        level = 0
        while any(abs(dot - other) < wide and level == taken for other, taken in placed) and level < 5:
            level += 1
        placed.append((dot, level))
        yield number - 0.09 * level


__all__ = ["draws", "where_saved"]
