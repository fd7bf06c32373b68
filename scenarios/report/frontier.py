"""The picture of the frontier: hours saved against coverage, each choice numbered as in the table below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from scenarios.report.compare_figures import interval_bars
from scenarios.report.palette import FAINT, axis, layout

Json = Mapping[str, Any]
Box = tuple[float, float, float, float]
_LOOKS = (
    ("#4a4a4a", "circle"),
    ("#0072b2", "square"),
    ("#c44e00", "diamond"),
    ("#009e73", "triangle-up"),
    ("#cc79a7", "triangle-down"),
    ("#56b4e9", "pentagon"),
)
_WIDE, _HIGH = 600.0, 380.0
"""Pixels that the picture has for its marks where it is narrow: on paper."""
_CHARACTER, _LINE, _MARK = 8.0, 16.0, 14.0
_PLACES = {
    "top center": (0, 1),
    "bottom center": (0, -1),
    "top right": (1, 1),
    "bottom right": (1, -1),
    "top left": (-1, 1),
    "bottom left": (-1, -1),
    "middle right": (1, 0),
    "middle left": (-1, 0),
}
"""Place of a label → which way it lies from its mark, the one liked best first."""


def frontier(rows: Sequence[Json]) -> go.Figure:
    """Return hours saved against the change of coverage: a line for each share of the list, a mark a residual rate.

    Marks carry the number of their row; those that lie on one another share a label.
    """
    figure = go.Figure()
    labels = placed(rows)
    numbered = list(enumerate(rows))
    for number, share in enumerate(dict.fromkeys(row["listed"] for row in rows)):
        colour, symbol = _LOOKS[number % len(_LOOKS)]
        mine = [(index, row) for index, row in numbered if row["listed"] == share]
        figure.add_scatter(
            x=[row["saved_hours"] for _, row in mine],
            y=[row["coverage_difference"] * 100 for _, row in mine],
            error_x=interval_bars([{"mean": row["saved_hours"], "ci95": row["ci95"]} for _, row in mine], colour),
            mode="lines+markers+text",
            name=f"{share} of the consignors listed",
            text=[labels[index][0] for index, _ in mine],
            textposition=[labels[index][1] for index, _ in mine],
            line={"color": colour, "width": 1.5, "dash": "dot"},
            marker={
                "size": 12,
                "symbol": [symbol if row["efficient"] else f"{symbol}-open" for _, row in mine],
                "color": colour,
                "line": {"width": 2, "color": colour},
            },
            customdata=[f"{index + 1}: residual {row['residual']}" for index, row in mine],
            hovertemplate="%{customdata}: %{x:.2f} h saved, coverage %{y:+.2f} points"
            f"<extra>{share} listed</extra>",
        )
    figure.add_hline(y=0, line={"color": FAINT, "width": 1})
    figure.update_layout(
        **layout(
            height=460,
            xaxis=axis("Border hours saved against the baseline", rangemode="tozero"),
            yaxis=axis("Coverage against the baseline, percentage points", tickformat="+", nticks=8),
        )
    )
    return figure


def placed(rows: Sequence[Json]) -> list[tuple[str, str]]:
    """Return label and place of each row's mark, where it lies on no other, no mark and no interval if there is room.

    Marks that lie on one another have one label, at the first of them; the others have an empty one.
    """
    spots = _pixels(rows)
    found = [("", "top center")] * len(rows)
    marks = [_box(x, y, _MARK, _MARK) for x, y, _, _ in spots]
    taken = marks + [(left, y - 2, right, y + 2) for _, y, left, right in spots]
    done: set[int] = set()
    for index, (x, y, _, _) in enumerate(spots):
        if index in done:
            continue
        same = [
            other
            for other, spot in enumerate(spots)
            if other not in done and abs(spot[0] - x) < _MARK / 2 and abs(spot[1] - y) < _MARK / 2
        ]
        done.update(same)
        text = ranges([other + 1 for other in same])
        wide = len(text) * _CHARACTER

        def at(place: str, x: float = x, y: float = y, wide: float = wide) -> Box:
            right, up = _PLACES[place]
            return _box(x + right * (wide + _MARK) / 2, y + up * (_LINE + _MARK) / 2, wide, _LINE)

        best = min(_PLACES, key=lambda place: sum(_over(at(place), box) for box in taken))
        taken.append(at(best))
        found[index] = (text, best)
    return found


def ranges(numbers: Sequence[int]) -> str:
    """Return rising numbers in few characters: 1–4, 7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _pixels(rows: Sequence[Json]) -> list[tuple[float, float, float, float]]:
    """Return, for each row, where its mark lies and where its interval begins and ends, in pixels, up is more."""
    ends = [row["ci95"] or [row["saved_hours"]] * 2 for row in rows]
    low, high = min(0.0, *(end[0] for end in ends)), max(end[1] for end in ends)
    heights = [row["coverage_difference"] for row in rows]
    floor, top = min(0.0, *heights), max(0.0, *heights)
    wide, tall = _WIDE / ((high - low) or 1.0), _HIGH / ((top - floor) or 1.0)
    return [
        ((row["saved_hours"] - low) * wide, (height - floor) * tall, (end[0] - low) * wide, (end[1] - low) * wide)
        for row, height, end in zip(rows, heights, ends, strict=True)
    ]


def _box(x: float, y: float, wide: float, tall: float) -> Box:
    return x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2


def _over(one: Box, other: Box) -> float:
    """Return the area in which two boxes overlap."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    tall = min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0.0) * max(tall, 0.0)


__all__ = ["frontier", "placed", "ranges"]
