"""The tables of the console after a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scenarios.events import PHASES
from scenarios.metrics.measures import FORMS
from scenarios.report import words
from scenarios.report.palette import ARM_LOOKS, COMPARISON_TITLES

Summary = Mapping[str, Any]
_STYLES = {"baseline": "", "advance": "cyan", "recognition": "yellow"}
_PHASE_HEADS = {
    "queue": "Queue",
    "documents": "Docu-\nments",
    "scan": "Scan",
    "inspection": "In-\nspect.",
    "gauge": "Gauge",
    "other": "Other",
}


def show(console: Console, summary: Summary) -> None:
    """Print what a run came to: sentences, arms, savings, border sides, controls, checks."""
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
    console.print(borders_table(summary))
    console.print(controls_table(summary))
    _assumed(console, summary)


def arms_table(summary: Summary) -> Table:
    """Return hours, coverage, finds, officer hours and messages, one row an arm."""
    replications = summary["method"]["replications"]
    table = _table(f"Arms ({replications} paired replication{'s' if replications != 1 else ''})")
    table.add_column("Arm")
    for head in ("Border h\nmean", "\nmedian", "\nP90", "Door to door h\nmean", "\nmedian", "\nP90"):
        table.add_column(head, justify="right")
    for head in ("Coverage", "Irregular\nfound", "Officer\nhours", "Messages\nsent", "\nrejected"):
        table.add_column(head, justify="right")
    for arm, entry in summary["arms"].items():
        border, journey, irregular = entry["border_hours"], entry["door_to_door_hours"], entry["irregular"]
        table.add_row(
            ARM_LOOKS[arm].short,
            *(_hours(border[key]) for key in ("mean", "p50", "p90")),
            *(_hours(journey[key]) for key in ("mean", "p50", "p90")),
            f"{entry['coverage']:.3f}",
            f"{irregular['found']} of {irregular['present']}",
            f"{entry['officer_hours']:.1f}",
            words.number(entry["messages"]["sent"]),
            words.number(entry["messages"]["rejected"]),
            style=_STYLES[arm],
        )
    return table


def saved_table(summary: Summary) -> Table:
    """Return hours saved with their intervals, one row a comparison."""
    table = _table("Hours saved a consignment (negative: it took longer)")
    table.add_column("Comparison")
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
            f"{entry['border_hours_mean']:.2f}",
            words.span(entry["ci95"]),
            f"{entry['share_of_border_time'] * 100:.1f} %",
            "–" if journey is None else f"{journey:.2f}",
            words.span(entry["door_to_door_ci95"]),
            f"{entry['coverage_difference']:+.3f}",
        )
    return table


def borders_table(summary: Summary) -> Table:
    """Return hours and where they went, one row an arm at each border side, with the published band."""
    table = _table("Border sides: hours from arrival at the queue to crossing, and what held the goods")
    table.add_column("Border side", max_width=24)
    table.add_column("Arm")
    for head in ("Mean", "Median", "P90"):
        table.add_column(head, justify="right")
    for phase in PHASES:
        table.add_column(_PHASE_HEADS[phase], justify="right")
    table.add_column("Saved h", justify="right")
    table.add_column("Busiest", justify="right")
    table.add_column("Published band", max_width=18)
    for side in summary["borders"].values():
        arms = [arm for arm in ARM_LOOKS if arm in side]
        for number, arm in enumerate(arms):
            entry, hours = side[arm], side[arm]["hours"]
            saving = side["saved"].get(arm)
            table.add_row(
                side["title"] if number == 0 else "",
                Text(ARM_LOOKS[arm].short, style=_STYLES[arm]),
                *(_hours(hours[key]) for key in ("mean", "p50", "p90")),
                *(f"{entry['phases'][phase]:.2f}" for phase in PHASES),
                "" if saving is None else f"{saving['hours_mean']:.2f}",
                busiest(entry["utilisation"]),
                band(side) if arm == "baseline" else "",
                end_section=number == len(arms) - 1,
            )
    return table


def controls_table(summary: Summary) -> Table:
    """Return the controls made, departure included, and those waived against the baseline, by form."""
    table = _table("Controls made, departure included (waived against the baseline), all replications")
    table.add_column("Arm")
    for form in FORMS:
        table.add_column(form.capitalize(), justify="right")
    for arm, entry in summary["arms"].items():
        cells = []
        for form in FORMS:
            waived = "" if entry["waived"] is None else f" ({words.number(entry['waived'][form])})"
            cells.append(words.number(entry["controls"][form]) + waived)
        table.add_row(ARM_LOOKS[arm].short, *cells, style=_STYLES[arm])
    return table


def band(side: Summary) -> str:
    """Return the published band of a side, or that there is none."""
    if side["band"] is None:
        return "no published band"
    low, high = side["band"]["low"], side["band"]["high"]
    mean = side["baseline"]["hours"]["mean"] if "baseline" in side else None
    verdict = "" if mean is None else ("inside " if low <= mean <= high else "OUTSIDE ")
    return f"{verdict}{low:.1f}–{high:.1f} h"


def busiest(utilisation: Mapping[str, float]) -> str:
    """Return the resource in use for the largest share of the time, with that share."""
    if not utilisation:
        return "–"
    name, share = max(utilisation.items(), key=lambda item: (item[1], item[0]))
    return f"{name} {share * 100:.0f} %"


def _assumed(console: Console, summary: Summary) -> None:
    for check in summary["checks"]:
        mark, style = ("passed", "green") if check["ok"] else ("FAILED", "bold red")
        console.print(Text.assemble("Check ", (mark, style), f": {check['text']}"))
    for text in summary["what_if"]:
        console.print(Text(f"Assumed in force: {text}", style="dim"))
    for item in summary["assumptions"]:
        console.print(Text(f"Assumption: {item['title']}: {item['value']}", style="dim"))
    console.print()


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", header_style="bold", pad_edge=False)


def _hours(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


__all__ = ["arms_table", "band", "borders_table", "busiest", "controls_table", "saved_table", "show"]
