"""Rows in groups, as pictures lay them out: the group's title above, then a row for each arm.

A title has the whole width for itself, so that long names of borders and scenarios need no margin beside the bars.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from scenarios.report.palette import ARM_LOOKS, INK, axis, layout

BETWEEN = 1.5
"""Rows that a group leaves for its title and the air above it."""
_LETTER = 6.2
"""Pixels that a letter of a row's name takes at the least."""


def row(arms: Sequence[str], group: int, arm: str) -> float:
    """Return where the row of ``arm`` stands; each group leaves room for its title above."""
    return group * (len(arms) + BETWEEN) + 1.0 + list(arms).index(arm)


def lay_out(
    figure: go.Figure,
    titles: Sequence[str],
    arms: Sequence[str],
    under: str,
    *,
    names: Mapping[str, str] | None = None,
    high: float = 25.0,
    **x: Any,
) -> None:
    """Give ``figure`` its groups ``titles`` and in each a row for each of ``arms``; ``under``: name of the axis below.

    ``names``: arms in another language than the report's. ``high``: pixels a row. ``x``: more of the axis below.
    """
    names = names or {arm: look.short for arm, look in ARM_LOOKS.items()}
    rows = [row(arms, group, arm) for group in range(len(titles)) for arm in arms]
    for group, title in enumerate(titles):
        figure.add_annotation(
            name="group",
            x=0,
            xref="paper",
            xanchor="left",
            xshift=-_LETTER * max((len(names[arm]) for arm in arms), default=0),
            y=row(arms, group, arms[0]) - 0.5,
            yanchor="bottom",
            text=f"<b>{title}</b>",
            align="left",
            font={"size": 12, "color": INK},
            showarrow=False,
        )
    last = max(rows) + 0.7 if rows else 1.0
    figure.update_layout(
        **layout(
            height=130 + int(high * last),
            xaxis=axis(under, rangemode="tozero") | x,
            yaxis=axis(
                "",
                tickvals=rows,
                ticktext=[names[arm] for _ in titles for arm in arms],
                range=[last, -0.6],
                showgrid=False,
                ticks="",
            ),
        )
    )
    figure.update_layout(legend={"traceorder": "normal"})


def arm_bars(
    titles: Sequence[str],
    values: Mapping[str, Sequence[float | None]],
    under: str,
    told: Callable[[float], str],
    **x: Any,
) -> go.Figure:
    """Return a bar for each arm of each group, its value in words at its end.

    ``values``: arm → a number for each of ``titles``, None where it has none there. ``told``: a number in words.
    """
    figure = go.Figure()
    arms = list(values)
    for arm, numbers in values.items():
        known = [(group, number) for group, number in enumerate(numbers) if number is not None]
        figure.add_bar(
            orientation="h",
            x=[number for _, number in known],
            y=[row(arms, group, arm) for group, _ in known],
            width=0.78,
            name=ARM_LOOKS[arm].short,
            text=[told(number) for _, number in known],
            textposition="outside",
            textfont={"color": INK},
            cliponaxis=False,
            showlegend=False,
            marker={"color": ARM_LOOKS[arm].colour},
            hovertemplate="%{text}<extra>" + ARM_LOOKS[arm].short + "</extra>",
        )
    most = max((number for numbers in values.values() for number in numbers if number is not None), default=0.0)
    lay_out(figure, titles, arms, under, **{"range": [0, 1.3 * most or 1.0]} | x)
    figure.update_layout(barmode="overlay")
    return figure


__all__ = ["BETWEEN", "arm_bars", "lay_out", "row"]
