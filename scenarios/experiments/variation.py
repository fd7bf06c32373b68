"""What turning a knob does: the sweeps, their ranking, and the frontier of hours saved against coverage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from scenarios.experiments.statistics import Readings, interval, replication_differences
from scenarios.metrics.summary import mean, rounded

if TYPE_CHECKING:
    from scenarios.experiments.plan import Point, Sweep

Json = dict[str, Any]
OfPoint = Callable[["Point"], Json]


def sweep_rows(sweep: Sweep, of: OfPoint) -> Json:
    """Return a sweep as plain JSON: a row for each value; ``of`` gives a point's summary."""
    return {
        "key": sweep.key,
        "title": sweep.title,
        "points": [{"value": dict(point.turned)[sweep.key], **_row(of(point))} for point in sweep.points],
    }


def _row(summary: Json) -> Json:
    arms, saved = summary["arms"], summary["saved"]
    return {
        "replications": summary["replications"],
        "border_hours": {arm: entry["border_hours"]["mean"] for arm, entry in arms.items()},
        "coverage": {arm: entry["coverage"]["mean"] for arm, entry in arms.items()},
        "saved": {name: {key: entry["border_hours"][key] for key in ("mean", "ci95")} for name, entry in saved.items()},
        "flows": {
            flow: {name: {key: part[key] for key in ("mean", "ci95")} for name, part in entry["saved"].items()}
            for flow, entry in summary["flows"].items()
        },
        "utilisation_highest": max(entry["busiest"]["utilisation_highest"] for entry in arms.values()),
    }


def ranking(sweeps: Sequence[Sweep], readings: Callable[[Point], Readings], comparison: str) -> list[Json]:
    """Return the sweeps by how far they move the hours that ``comparison`` saves, the strongest first.

    ``swing`` is the difference between the value with the most and the one with the least hours saved, paired
    replication by replication; its interval is Student's t. As the two values are chosen after looking, the interval
    of a key without any effect does not always hold zero; a swing is a screening figure.
    """
    rows = []
    for sweep in sweeps:
        found = [
            (replication_differences(readings(point), comparison), dict(point.turned)[sweep.key])
            for point in sweep.points
        ]
        usable = [(values, value) for values, value in found if values]
        if len(usable) < 2:
            continue
        low = min(usable, key=lambda pair: mean(pair[0]))
        high = max(usable, key=lambda pair: mean(pair[0]))
        paired = [b - a for a, b in zip(low[0], high[0], strict=False)]
        rows.append(
            {
                "key": sweep.key,
                "title": sweep.title,
                "swing_hours": rounded(mean(paired)),
                "ci95": interval(paired),
                "least": {"value": low[1], "saved_hours": rounded(mean(low[0]))},
                "most": {"value": high[1], "saved_hours": rounded(mean(high[0]))},
            }
        )
    return sorted(rows, key=lambda row: (-row["swing_hours"], row["key"]))


def frontier_rows(points: Sequence[Point], of: OfPoint, comparison: str) -> list[Json]:
    """Return a row for each point: hours saved and coverage, and whether no other point has more of both."""
    rows = []
    for point in points:
        summary = of(point)
        saved = summary["saved"][comparison]
        arm = comparison if comparison in summary["arms"] else "recognition"
        rows.append(
            {
                **dict(point.turned),
                "replications": summary["replications"],
                "saved_hours": saved["border_hours"]["mean"],
                "ci95": saved["border_hours"]["ci95"],
                "coverage": summary["arms"][arm]["coverage"]["mean"],
                "coverage_ci95": summary["arms"][arm]["coverage"]["ci95"],
                "coverage_difference": saved["coverage_difference"]["mean"],
            }
        )
    return [row | {"efficient": not any(_better(other, row) for other in rows)} for row in rows]


def _better(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    hours, coverage = one["saved_hours"], one["coverage_difference"]
    if hours is None or other["saved_hours"] is None:
        return False
    at_least = hours >= other["saved_hours"] and coverage >= other["coverage_difference"]
    return bool(at_least and (hours > other["saved_hours"] or coverage > other["coverage_difference"]))


__all__ = ["frontier_rows", "ranking", "sweep_rows"]
