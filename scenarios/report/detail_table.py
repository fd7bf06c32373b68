"""Console tables beside the hours: what services knew and recognised, officers by office, costs, what stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scenarios.metrics.effort import PARTS
from scenarios.numerals import NONE, count, fixed, percent
from scenarios.report.detail_words import SHOWN, phase_title, saved_cell, unsaved_sentences
from scenarios.report.palette import ARM_LOOKS
from scenarios.report.stopped import PARTS as STOP_PARTS
from scenarios.report.stopped import heads, matter_rows, stop_rows

Summary = Mapping[str, Any]
PART_HEADS = {
    "departure": "At\ndeparture",
    "before_arrival": "Before\narrival",
    "at_the_border": "At the\nborder",
    "destination": "At desti-\nnation",
}
"""Part of officers' work → head of its column."""


def show_detail(console: Console, summary: Summary) -> None:
    """Print these tables, and where no saving can be told from chance."""
    console.print(knowledge_table(summary))
    console.print(officers_table(summary))
    if "stops" in summary:
        console.print(stops_table(summary))
    if "matters" in summary:
        console.print(matters_table(summary))
    if summary["unsaved"] is not None:
        console.print(unsaved_table(summary))
    for text in unsaved_sentences(summary):
        console.print(Text(text))


def unsaved_table(summary: Summary) -> Table:
    """Return what held goods as long with exchange as without, the longest first."""
    phases = summary["unsaved"]["phases"]
    rest = len(phases) - SHOWN
    more = f" ({rest} shorter ones are in report.html)" if rest > 0 else ""
    table = _table(f"Where no saving can be told from chance{more}")
    table.add_column("Border side, what held the goods")
    table.add_column("Baseline h", justify="right")
    arms = list(phases[0]["saved"]) if phases else []
    for arm in arms:
        table.add_column(f"Saved by {ARM_LOOKS[arm].short.lower()}\n(95 % interval)", justify="right")
    for entry in phases[:SHOWN]:
        cells = (saved_cell(entry["saved"][arm]) for arm in arms)
        table.add_row(f"{entry['title']}: {phase_title(entry).lower()}", fixed(entry["hours"], 2), *cells)
    return table


def knowledge_table(summary: Summary) -> Table:
    """Return lead time, what came in time, what was recognised, speeds and dollars, one row an arm."""
    table = _table("Known before arrival, recognised, speed, and cost of a consignment")
    table.add_column("Arm", no_wrap=True)
    for head in (
        "Lead time\nh median",
        "Known\nin time",
        "Results\nrecognised",
        "Refused,\nlapsed",
        "km/h (on\nthe move)",
        "Cost\nUSD",
        "of it\ndelay",
    ):
        table.add_column(head, justify="right")
    for arm, entry in summary["arms"].items():
        told, answers, pace, cost = entry["information"], entry["recognition"], entry["speed"], entry["cost_usd"]
        answered = answers["answered"]
        table.add_row(
            ARM_LOOKS[arm].short,
            fixed(told["lead_hours"]["p50"]),
            percent(told["share_in_time"]),
            f"{count(answers['accepted'])} of {count(answered)}" if answered else "–",
            f"{count(answers['refused'])}, {count(answers['lapsed'])}" if answered else "–",
            f"{fixed(pace['with_delay_kmh'])} ({fixed(pace['without_delay_kmh'])})",
            _whole(cost["total"]),
            _whole(cost["delay"]),
        )
    return table


def officers_table(summary: Summary) -> Table:
    """Return officers' hours of a replication by part, all offices together, one row an arm."""
    table = _table("Officers' hours, a replication (by office: report.html)")
    table.add_column("Arm", no_wrap=True)
    for part in PARTS:
        table.add_column(PART_HEADS[part], justify="right", no_wrap=True)
    for arm, entry in summary["arms"].items():
        sums = (sum(hours[part] for hours in entry["officers"].values()) for part in PARTS)
        table.add_row(ARM_LOOKS[arm].short, *(fixed(hours or None) for hours in sums))
    return table


def stops_table(summary: Summary) -> Table:
    """Return how often each reason stopped goods or let them pass in replication 0, one column an arm."""
    table = _table(
        "Why goods were stopped, the first replication (by place: report.html; by consignment: corridor why)"
    )
    table.add_column("What")
    table.add_column("Reason")
    for head in heads(summary["stops"]):
        table.add_column(head, justify="right")
    last = ""
    for row in stop_rows(summary, by_side=False):
        counts = (count(row.counts.get(arm, 0)) for arm in summary["stops"])
        table.add_row("" if row.part == last else STOP_PARTS[row.part], row.text, *counts)
        last = row.part
    return table


def matters_table(summary: Summary) -> Table:
    """Return what services asked each other of goods and how discrepancies ended, one column an arm."""
    table = _table("Mutual assistance, all replications")
    table.add_column("")
    for head in heads(summary["matters"]):
        table.add_column(head, justify="right")
    for title, cells in matter_rows(summary):
        table.add_row(title, *cells)
    return table


def officer_rows(summary: Summary) -> Iterator[tuple[str, list[tuple[str, Summary]]]]:
    """Yield title and (arm, hours by part) of each office at which officers worked in some arm."""
    offices: dict[str, str] = {}
    for entry in summary["arms"].values():
        offices |= {office: hours["title"] for office, hours in entry["officers"].items()}
    for office, title in sorted(offices.items()):
        yield title, [(arm, entry["officers"].get(office, {})) for arm, entry in summary["arms"].items()]


def _whole(value: float | None) -> str:
    return NONE if value is None else count(value)


def _table(title: str) -> Table:
    return Table(
        box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", header_style="bold", pad_edge=False
    )


__all__ = [
    "PART_HEADS",
    "knowledge_table",
    "matters_table",
    "officer_rows",
    "officers_table",
    "show_detail",
    "stops_table",
    "unsaved_table",
]
