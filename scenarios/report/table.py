"""The tables of the console after a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scenarios.events import PHASES
from scenarios.metrics.measures import FORMS
from scenarios.numerals import count, fixed, percent, points, span
from scenarios.report import words
from scenarios.report.detail_table import show_detail
from scenarios.report.naming import arms_of
from scenarios.report.palette import ARM_LOOKS, COMPARISON_TITLES, PHASE_HEADS
from scenarios.report.stations import resource_title

Summary = Mapping[str, Any]
_STYLES = {"baseline": "", "advance": "cyan", "recognition": "yellow"}


def show(console: Console, summary: Summary) -> None:
    """Print what a run came to: sentences, arms, savings, border sides, controls, checks."""
    with arms_of(summary):
        _show(console, summary)


def _show(console: Console, summary: Summary) -> None:
    console.print()
    for text in words.headline(summary):
        console.print(Text(text, style="bold"))
    for check in summary["checks"]:
        if not check["ok"]:
            console.print(Text(f"Check failed: {check['text']}", style="bold red"))
    console.print()
    console.print(arms_table(summary))
    if summary["saved"]:
        console.print(saved_table(summary))
    if len(summary["flows"]) > 1:
        console.print(flows_table(summary))
    console.print(borders_table(summary))
    console.print(phases_table(summary))
    console.print(controls_table(summary))
    show_detail(console, summary)
    _assumed(console, summary)


def arms_table(summary: Summary) -> Table:
    """Return hours, coverage, finds, officer hours and messages, one row an arm."""
    replications = summary["method"]["replications"]
    table = _table(f"Arms ({replications} paired replication{'s' if replications != 1 else ''})")
    table.add_column("Arm", no_wrap=True)
    for head in ("Border hours\nmean / median / P90", "Door to door hours\nmean / median / P90"):
        table.add_column(head, justify="right")
    for head in ("Coverage", "Irregular\nfound", "Officer\nhours", "Messages\n(rejected)"):
        table.add_column(head, justify="right")
    for arm, entry in summary["arms"].items():
        irregular, messages = entry["irregular"], entry["messages"]
        table.add_row(
            ARM_LOOKS[arm].short,
            _triple(entry["border_hours"]),
            _triple(entry["door_to_door_hours"]),
            percent(entry["coverage"], 1),
            f"{irregular['found']} of {irregular['present']}",
            fixed(entry["officer_hours"]),
            f"{count(messages['sent'])} ({count(messages['rejected'])})",
            style=_STYLES[arm],
        )
    return table


def saved_table(summary: Summary) -> Table:
    """Return hours saved with their intervals, one row a comparison."""
    table = _table("Hours saved a consignment (negative: it took longer)")
    table.add_column("Comparison", min_width=14)
    for head in (
        "Border h",
        "95 % interval",
        "of border\ntime",
        "Door to\ndoor h",
        "95 % interval",
        "Coverage",
    ):
        table.add_column(head, justify="right")
    for name, entry in summary["saved"].items():
        journey = entry["door_to_door_hours_mean"]
        table.add_row(
            COMPARISON_TITLES[name],
            fixed(entry["border_hours_mean"], 2),
            span(entry["ci95"]),
            percent(entry["share_of_border_time"], 1),
            fixed(journey, 2),
            span(entry["door_to_door_ci95"]),
            points(entry["coverage_difference"], sign=True),
        )
    return table


def flows_table(summary: Summary) -> Table:
    """Return border hours and hours saved, one row an arm of each flow."""
    table = _table("Flows: border hours a consignment")
    table.add_column("Flow")
    for head in ("Mean", "Median", "P90", "Saved h", "95 % interval"):
        table.add_column(head, justify="right")
    for flow in summary["flows"].values():
        arms = [arm for arm in ARM_LOOKS if arm in flow]
        table.add_row(Text(flow["title"], style="bold"))
        for number, arm in enumerate(arms):
            hours, saving = flow[arm]["border_hours"], flow["saved"].get(arm)
            table.add_row(
                Text(f"  {ARM_LOOKS[arm].short}", style=_STYLES[arm]),
                *(fixed(hours[key]) for key in ("mean", "p50", "p90")),
                "" if saving is None else fixed(saving["hours_mean"], 2),
                "" if saving is None else span(saving["ci95"]),
                end_section=number == len(arms) - 1,
            )
    return table


def borders_table(summary: Summary) -> Table:
    """Return hours and hours saved at each border side, one row an arm, with the published band."""
    table = _table("Border sides: hours from arrival at the queue to crossing")
    table.add_column("Border side", min_width=13)
    for head in ("Mean", "Median", "P90", "Saved h", "95 % interval", "Published band"):
        table.add_column(head, justify="right", no_wrap=True)
    for side, arm, first, last in _rows(summary):
        if first:
            table.add_row(Text(side["title"], style="bold"))
        saving = side["saved"].get(arm)
        table.add_row(
            Text(f"  {ARM_LOOKS[arm].short}", style=_STYLES[arm]),
            *(fixed(side[arm]["hours"][key]) for key in ("mean", "p50", "p90")),
            "" if saving is None else fixed(saving["hours_mean"], 2),
            "" if saving is None else span(saving["ci95"]),
            band(side) if first else "",
            end_section=last,
        )
    return table


def phases_table(summary: Summary) -> Table:
    """Return where the mean hours at each border side went, one row an arm, and the busiest resource."""
    table = _table("Where the hours went: what held the goods, mean hours")
    table.add_column("Border side", min_width=13)
    for phase in PHASES:
        table.add_column(PHASE_HEADS[phase], justify="right", no_wrap=True)
    table.add_column("Busiest", justify="right", no_wrap=True)
    for side, arm, first, last in _rows(summary):
        if first:
            table.add_row(Text(side["title"], style="bold"))
        table.add_row(
            Text(f"  {ARM_LOOKS[arm].short}", style=_STYLES[arm]),
            *(fixed(side[arm]["phases"][phase], 2) for phase in PHASES),
            busiest(side[arm]["utilisation"]),
            end_section=last,
        )
    return table


def _rows(summary: Summary) -> Iterator[tuple[Summary, str, bool, bool]]:
    """Return border side and arm of each row, and whether it is the side's first or last."""
    for side in summary["borders"].values():
        arms = [arm for arm in ARM_LOOKS if arm in side]
        for number, arm in enumerate(arms):
            yield side, arm, number == 0, number == len(arms) - 1


def controls_table(summary: Summary) -> Table:
    """Return the controls made, departure included, and those waived against the baseline, by form."""
    table = _table("Controls made, departure included (waived against the baseline), all replications")
    table.add_column("Arm", no_wrap=True)
    for form in FORMS:
        table.add_column(form.capitalize(), justify="right")
    for arm, entry in summary["arms"].items():
        cells = []
        for form in FORMS:
            waived = "" if entry["waived"] is None else f" ({count(entry['waived'][form])})"
            cells.append(count(entry["controls"][form]) + waived)
        table.add_row(ARM_LOOKS[arm].short, *cells, style=_STYLES[arm])
    return table


def band(side: Summary) -> str:
    """Return the published band of a side and whether the baseline lies in it, or that there is none."""
    if side["band"] is None:
        return "none"
    low, high = side["band"]["low"], side["band"]["high"]
    published = f"{fixed(low)}–{fixed(high)}"
    if "baseline" not in side or side["baseline"]["hours"]["mean"] is None:
        return published
    return f"{published}: {'inside' if low <= side['baseline']['hours']['mean'] <= high else 'OUTSIDE'}"


def busiest(utilisation: Mapping[str, float]) -> str:
    """Return the resource in use for the largest share of the time, with that share."""
    if not utilisation:
        return "–"
    name, share = max(utilisation.items(), key=lambda item: (item[1], item[0]))
    return f"{resource_title(name)} {percent(share)}"


def _assumed(console: Console, summary: Summary) -> None:
    for check in summary["checks"]:
        mark, style = ("passed", "green") if check["ok"] else ("FAILED", "bold red")
        console.print(Text.assemble("Check ", (mark, style), f": {check['text']}"))
    console.print(Text(words.little(summary["little"]), style="dim" if summary["little"]["ok"] else "bold red"))
    for text in summary["what_if"]:
        console.print(Text(f"Assumed in force: {text}", style="dim"))
    for item in summary["assumptions"]:
        console.print(Text(f"Assumption: {item['title']}: {item['value']}", style="dim"))
    console.print()


def _table(title: str) -> Table:
    return Table(
        box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", header_style="bold", pad_edge=False
    )


def _triple(hours: Summary) -> str:
    return " / ".join(fixed(hours[key]) for key in ("mean", "p50", "p90"))


__all__ = [
    "arms_table",
    "band",
    "borders_table",
    "busiest",
    "controls_table",
    "flows_table",
    "phases_table",
    "saved_table",
    "show",
]
