"""The tables of the console after an experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scenarios.numerals import fixed, percent, points, span
from scenarios.report import compare_words, words
from scenarios.report.naming import arms_of
from scenarios.report.palette import ARM_LOOKS, COMPARISON_TITLES
from scenarios.report.stations import station_title

Json = Mapping[str, Any]


def show(console: Console, summary: Json, sides: Mapping[str, str]) -> None:
    """Print what an experiment came to: sentences, arms, differences, ranking, sweeps, frontier.

    ``sides``: border side → title.
    """
    with arms_of(summary):
        _show(console, summary, sides)


def _show(console: Console, summary: Json, sides: Mapping[str, str]) -> None:
    console.print()
    for text in compare_words.headline(summary):
        console.print(Text(text, style="bold"))
    console.print(Text(compare_words.warm_up(summary)))
    console.print()
    console.print(_arms(summary, sides))
    if summary["saved"]:
        console.print(_saved(summary))
    if sum("border_hours" in flow for flow in summary.get("flows", {}).values()) > 1:
        console.print(_flows(summary["flows"]))
    if summary["ranking"]:
        console.print(_ranking(summary["ranking"]))
    for rows in summary["sweeps"]:
        console.print(_sweep(rows))
    if summary["frontier"]:
        console.print(_frontier(summary["frontier"]))


def _arms(summary: Json, sides: Mapping[str, str]) -> Table:
    table = _table(
        "Arms: border hours, with 95 % intervals", ["Arm"], [*_heads(), "Coverage", "Officer hours", "Busiest resource"]
    )
    for arm, entry in summary["arms"].items():
        busiest = entry["busiest"]
        table.add_row(
            ARM_LOOKS[arm].short,
            *_cells(entry["border_hours"]),
            percent(entry["coverage"]["mean"], 1),
            fixed(entry["officer_hours"]["mean"]),
            f"{station_title(busiest['resource'], sides)} {percent(busiest['utilisation_mean'])}",
        )
    return table


def _saved(summary: Json) -> Table:
    table = _table(
        "Hours saved, with 95 % intervals of the paired differences",
        ["Comparison", "Of"],
        [*_heads(), "Coverage"],
    )
    for name, entry in summary["saved"].items():
        for number, (measure, title) in enumerate(compare_words.MEASURE_TITLES.items()):
            first = number == 0
            table.add_row(
                COMPARISON_TITLES[name] if first else "",
                title.removesuffix(" hours"),
                *_cells(entry[measure]),
                points(entry["coverage_difference"]["mean"], 2, sign=True) if first else "",
            )
    return table


def _ranking(rows: Sequence[Json]) -> Table:
    table = _table("What moves the hours saved most", ["Key", ""], ["Swing", "Least saved at", "Most saved at"])
    for row in rows:
        ends = [f"{row[end]['value']}: {fixed(row[end]['saved_hours'], 2)} h" for end in ("least", "most")]
        if said := compare_words.without_effect(row):
            ends = ["no difference", said.partition(": ")[2]]
        table.add_row(row["key"], row["title"], _cell(row["swing_hours"], row["ci95"]), *ends)
    return table


def _sweep(rows: Json) -> Table:
    points = rows["points"]
    arms, names = list(points[0]["border_hours"]), list(points[0]["saved"])
    table = _table(
        f"{rows['title']} ({rows['key']}): border hours, and hours saved",
        ["Value"],
        [*(ARM_LOOKS[arm].short for arm in arms), *(COMPARISON_TITLES[name] for name in names), "Highest use"],
    )
    for point in points:
        table.add_row(
            point["value"],
            *(words.hours(point["border_hours"][arm], 2) for arm in arms),
            *(_cell(point["saved"][name]["mean"], point["saved"][name]["ci95"]) for name in names),
            percent(point["utilisation_highest"]),
        )
    return table


def _flows(flows: Json) -> Table:
    known = [flow for flow in flows.values() if flow.get("border_hours")]
    arms, names = list(known[0]["border_hours"]), list(known[0]["saved"])
    table = _table(
        "Flows: border hours, and hours saved",
        ["Flow"],
        [*(ARM_LOOKS[arm].short for arm in arms), *(COMPARISON_TITLES[name] for name in names)],
    )
    for flow in known:
        table.add_row(
            flow["title"],
            *(words.hours(flow["border_hours"][arm]["mean"], 2) for arm in arms),
            *(_cell(flow["saved"][name]["mean"], flow["saved"][name]["ci95"]) for name in names),
        )
    return table


def _frontier(rows: Sequence[Json]) -> Table:
    table = _table(
        "Frontier: hours saved against coverage (*: beaten by no other choice in both)",
        ["Listed", "Residual"],
        ["Border hours saved", "Coverage", "Against the baseline", ""],
    )
    for row in rows:
        table.add_row(
            row["listed"],
            row["residual"],
            _cell(row["saved_hours"], row["ci95"]),
            percent(row["coverage"], 2),
            points(row["coverage_difference"], 2, sign=True),
            "*" if row["efficient"] else "",
        )
    return table


def _heads() -> list[str]:
    return list(compare_words.STATISTIC_TITLES.values())


def _cells(entry: Json) -> list[str]:
    return [
        _cell(entry[statistic], entry["ci95" if statistic == "mean" else f"{statistic}_ci95"])
        for statistic in compare_words.STATISTIC_TITLES
    ]


def _cell(value: float | None, interval: list[float] | None) -> str:
    text = fixed(value, 2)
    return text if interval is None else f"{text}\n{span(interval)}"


def _table(title: str, left: Sequence[str], right: Sequence[str]) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    for head in left:
        table.add_column(head, no_wrap=True)
    for head in right:
        table.add_column(head, justify="right")
    return table


__all__ = ["show"]
