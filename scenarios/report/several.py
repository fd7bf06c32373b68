"""Several runs or experiments beside each other: hours, coverage, and what differs in their scenarios."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from scenarios.numerals import fixed, percent, span
from scenarios.report import compare_words, words
from scenarios.report.compare_figures import interval_bars
from scenarios.report.groups import arm_bars, lay_out
from scenarios.report.groups import row as place_of
from scenarios.report.left import Left
from scenarios.report.naming import NAMES, arms_of
from scenarios.report.palette import ARM_LOOKS, INK
from scenarios.report.run_names import key_words, run_names

Json = Mapping[str, Any]
MOST = 60
"""Keys changed that are shown."""
AGAINST = ("advance", "recognition")
"""Arms that are held against the baseline."""


def beside(runs: Sequence[Left]) -> dict[str, Any]:
    """Return the table as plain JSON: ``runs``, a row each, and ``changed``, a row a key with a value for each run.

    Keys are compared within one scenario: between runs of different scenarios ``changed`` is null. Marks and sources
    of figures, titles and descriptions are left out, as they change no result.
    """
    same = len({run.scenario.id for run in runs}) == 1
    return {
        "runs": [_row(run, label) for run, label in zip(runs, run_names(runs, _changed), strict=True)],
        "changed": _changed(runs) if same else None,
    }


def _row(run: Left, label: str) -> dict[str, Any]:
    row = {
        "label": label,
        "folder": str(run.folder),
        "made_by": run.made_by,
        "scenario": run.scenario.id,
        "title": run.scenario.title,
        "seed": run.summary["seed"],
        "version": run.summary["versions"]["corridor"],
        "scenario_digest": run.scenario.digest,
        **({"arms_about": about} if (about := run.summary.get("arms_about")) else {}),
    }
    if run.experiment is None:
        saved, arms, count = run.summary["saved"], run.summary["arms"], run.summary["method"]["replications"]
    else:
        saved, count = compare_words.as_savings(run.experiment["saved"]), run.experiment["method"]["replications"]
        arms = {
            arm: entry | {"coverage": entry["coverage"]["mean"], "officer_hours": entry["officer_hours"]["mean"]}
            for arm, entry in run.experiment["arms"].items()
        }
    return row | {
        "replications": count,
        "arms": {
            arm: {
                "border_hours": entry["border_hours"]["mean"],
                "coverage": entry["coverage"],
                "officer_hours": entry["officer_hours"],
            }
            for arm, entry in arms.items()
        },
        "saved": {
            name: {"border_hours": entry["border_hours_mean"], "ci95": entry["ci95"]}
            | {"share_of_border_time": entry["share_of_border_time"]}
            for name, entry in saved.items()
        },
    }


def _changed(runs: Sequence[Left]) -> list[dict[str, Any]]:
    flat = [_flat(run.content) for run in runs]
    keys = sorted({key for one in flat for key in one})
    differing = [key for key in keys if len({one.get(key) for one in flat}) > 1]
    return [
        {"key": key, "words": key_words(key, runs[0]), "values": [one.get(key) for one in flat]} for key in differing
    ]


def _flat(content: Any, path: str = "") -> dict[str, str]:
    """Return key path → value as text; of a figure its value alone."""
    if isinstance(content, Mapping):
        if "is" in content:
            return {path: str(content["is"])}
        found: dict[str, str] = {}
        for key, part in content.items():
            if path or key not in ("title", "description", "checks"):
                found |= _flat(part, f"{path}.{key}" if path else str(key))
        return found
    if isinstance(content, list):
        found = {}
        for number, part in enumerate(content):
            found |= _flat(part, f"{path}.{number}")
        return found
    return {path: str(content)}


def render(table: Json) -> str:
    """Return the page that shows ``table`` (of :func:`beside`)."""
    with arms_of(shared(table["runs"])):
        return _rendered(table)


def shared(rows: Sequence[Json]) -> dict[str, Any]:
    """Return what arms are about in all the runs; nothing where the runs differ in it, see :func:`apart`."""
    about = rows[0].get("arms_about", {})
    return {"arms_about": about} if all(row.get("arms_about", {}) == about for row in rows) else {}


def apart(rows: Sequence[Json]) -> list[str]:
    """Return a sentence for each run in which an arm is about something else than what it is called beside others."""
    if shared(rows):
        return []
    return [
        f"In {row['label']} the arm {ARM_LOOKS[arm].short.lower()} is about something else: {NAMES[about].title}."
        for row in rows
        for arm, about in row.get("arms_about", {}).items()
    ]


def _rendered(table: Json) -> str:
    from scenarios.report.page import fill, script_json

    changed = table["changed"]
    return fill(
        "several.html.j2",
        {"hours": hours(table["runs"]), "saved": saved(table["runs"]), "coverage": coverage(table["runs"])},
        runs=table["runs"],
        titles=list(dict.fromkeys(row["title"] for row in table["runs"])),
        apart=apart(table["runs"]),
        changed=None if changed is None else changed[:MOST],
        more=0 if changed is None else max(0, len(changed) - MOST),
        choices=script_json({}),
    )


def hours(rows: Sequence[Json]) -> go.Figure:
    """Return the mean border hours of each run's arms side by side."""
    return _arms(rows, "border_hours", "Mean border hours a consignment", lambda value: f"{fixed(value, 2)} h")


def coverage(rows: Sequence[Json]) -> go.Figure:
    """Return the chance to find an irregularity in each run's arms side by side."""
    under = "Chance that an irregular consignment is found"
    return _arms(rows, "coverage", under, lambda value: percent(value, 1), tickformat=".0%")


def _arms(rows: Sequence[Json], of: str, under: str, told: Callable[[float], str], **x: Any) -> go.Figure:
    arms = [arm for arm in ARM_LOOKS if any(arm in row["arms"] for row in rows)]
    values = {arm: [row["arms"].get(arm, {}).get(of) for row in rows] for arm in arms}
    return arm_bars([row["label"] for row in rows], values, under, told, **x)


def saved(rows: Sequence[Json]) -> go.Figure:
    """Return the border hours that each run's arms saved against its baseline, with 95 % intervals."""
    figure = go.Figure()
    names = [name for name in AGAINST if any(name in row["saved"] for row in rows)]
    for name in names:
        look, mine = ARM_LOOKS[name], [(place, row) for place, row in enumerate(rows) if name in row["saved"]]
        entries = [{"mean": row["saved"][name]["border_hours"], "ci95": row["saved"][name]["ci95"]} for _, row in mine]
        figure.add_scatter(
            x=[entry["mean"] for entry in entries],
            y=[place_of(names, group, name) for group, _ in mine],
            error_x=interval_bars(entries, look.colour),
            mode="markers",
            name=look.short,
            showlegend=False,
            marker={"size": 11, "symbol": look.symbol, "color": look.colour},
            hovertemplate="%{x:.2f} h<extra>" + look.short + "</extra>",
        )
    under = "Border hours saved against the baseline, with 95 % intervals"
    lay_out(figure, [row["label"] for row in rows], names, under)
    figure.add_vline(x=0, line={"color": INK, "width": 1.5})
    return figure


def cells(row: Json) -> list[str]:
    """Return the cells of a row after its label: arms' hours, hours saved with intervals, arms' coverage."""
    arms, gained = row["arms"], row["saved"]
    return [
        *(words.hours(arms[arm]["border_hours"], 2).removesuffix(" h") if arm in arms else "–" for arm in ARM_LOOKS),
        *(
            f"{fixed(gained[name]['border_hours'], 2)} ({span(gained[name]['ci95'])})" if name in gained else "–"
            for name in AGAINST
        ),
        *(percent(arms[arm]["coverage"], 1) if arm in arms else "–" for arm in ARM_LOOKS),
    ]


def heads() -> list[str]:
    """Return the heads of the columns of :func:`cells`."""
    return [
        *(f"{look.short}\nborder h" for look in ARM_LOOKS.values()),
        *(f"{ARM_LOOKS[name].short}\nsaved h (95 %)" for name in AGAINST),
        *(f"{look.short}\ncoverage" for look in ARM_LOOKS.values()),
    ]


__all__ = ["MOST", "apart", "beside", "cells", "coverage", "heads", "hours", "render", "saved", "shared"]
