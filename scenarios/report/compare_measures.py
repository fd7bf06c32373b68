"""Every measure of an experiment with its interval: rows of the tables, and a picture of what exchange changes.

Made of ``figures`` in ``comparison.json`` (:mod:`scenarios.experiments.figures`), over all replications.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from scenarios.metrics.measures import FORMS
from scenarios.numerals import NONE, fixed, span
from scenarios.report.palette import ARM_LOOKS, FAINT, axis, layout
from scenarios.report.stopped import ENDS, OUTCOMES, REASONS

Json = Mapping[str, Any]
AGAINST = ("advance", "recognition")
"""Arms that are held against the baseline."""
PARTS = {"departure": "at departure", "before_arrival": "before arrival", "at_the_border": "at the border"}
_PER = "a consignment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure in words: its ``unit``, decimals to show, and what it is multiplied with to be in that unit."""

    title: str
    unit: str
    digits: int = 1
    times: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A measure's cells: in each arm, and the change against the baseline; each a figure and its interval in words."""

    key: str
    title: str
    unit: str
    arms: Sequence[tuple[str, str]]
    changes: Sequence[tuple[str, str]]

    @property
    def cells(self) -> list[tuple[str, str]]:
        """Return all cells, the arms first."""
        return [*self.arms, *self.changes]


def _share(title: str) -> Measure:
    return Measure(title=title, unit="%", times=100.0)


MAIN: Mapping[str, Measure] = {
    "border_hours.mean": Measure(title="Border hours, mean", unit=f"h {_PER}", digits=2),
    "door_to_door_hours.mean": Measure(title="Door to door, mean", unit=f"h {_PER}", digits=2),
    "speed.with_delay_kmh": Measure(title="Speed with delay (time at borders counted)", unit="km/h", digits=2),
    "speed.without_delay_kmh": Measure(title="Speed without delay", unit="km/h", digits=2),
    "information.lead_hours.p50": Measure(title="Lead time, median", unit="h"),
    "information.share_in_time": Measure(title="Information there in time", unit="% of arrivals", times=100.0),
    "information.late": Measure(title="… late", unit="arrivals a replication"),
    "information.missing": Measure(title="… not there at all", unit="arrivals a replication"),
    "recognition.rate": _share("Control results recognised, of those answered"),
    "recognition.refused": Measure(title="… refused", unit="results a replication"),
    "recognition.lapsed": Measure(title="… lapsed at arrival", unit="results a replication"),
    **{f"controls.{form}": Measure(title=f"Controls made: {form}", unit="controls a replication") for form in FORMS},
    **{f"waived.{form}": Measure(title=f"Controls avoided: {form}", unit="controls a replication") for form in FORMS},
    "coverage": Measure(title="Chance to find an irregular consignment", unit="%", digits=2, times=100.0),
    "irregular.found": Measure(title="Irregular consignments found", unit="consignments a replication", digits=2),
    "officer_hours": Measure(title="Officers' work", unit="h a replication"),
    "cost_usd.total": Measure(title="Cost of moving the goods", unit=f"USD {_PER}", digits=2),
    "cost_usd.delay": Measure(title="… of it standing at borders", unit=f"USD {_PER}", digits=2),
    "messages.sent": Measure(title="Messages sent", unit="messages a replication", digits=0),
    "messages.rejected": Measure(title="… rejected", unit="messages a replication"),
    "images.taken": Measure(title="Inspection images taken", unit="images a replication"),
    "images.refused": Measure(title="… named missing or corrupt", unit="images a replication"),
    "faults.fallback": Measure(title="Consignments in fallback", unit="consignments a replication"),
    "faults.lost": Measure(title="Messages lost", unit="messages a replication"),
    "faults.doubled": Measure(title="Messages taken twice", unit="messages a replication"),
    "faults.parked": Measure(title="Messages parked", unit="messages a replication"),
    "matters.export_checks.asked": Measure(title="Export data asked for", unit="questions a replication"),
    "matters.discrepancies.noted": Measure(title="Discrepancies noted", unit="discrepancies a replication"),
    "matters.discrepancies.days_to_settle.mean": Measure(title="Days until settled, mean", unit="days"),
}
"""Figure → measure, in the order of the table; what a scenario does not have is left out."""
CHANGED = (
    "border_hours.mean",
    "border_hours.p90",
    "door_to_door_hours.mean",
    "speed.with_delay_kmh",
    "controls.documentary",
    "controls.scan",
    "controls.weighing",
    "controls.physical",
    "coverage",
    "officer_hours",
    "cost_usd.total",
)
"""Figures that the picture shows as a share of the baseline."""
_NAMES = {
    "recognition.reasons": ("Refused or lapsed: {}", "results a replication", REASONS["refused"]),
    "matters.export_checks.outcomes": ("Export data {}", "answers a replication", OUTCOMES),
    "matters.discrepancies.ends": ("Discrepancies {}", "discrepancies a replication", ENDS),
}
_FLOW = {
    "border_hours.mean": Measure(title="Border hours, mean", unit="h", digits=2),
    "door_to_door_hours.mean": Measure(title="Door to door, mean", unit="h", digits=2),
    "waits_for_ship_hours.mean": Measure(title="Waits for ships, mean", unit="h", digits=2),
    "waits_at_home_hours.mean": Measure(title="Waits at home for a slot, mean", unit="h", digits=2),
    "speed.with_delay_kmh": Measure(title="Speed with delay (time at borders counted)", unit="km/h", digits=2),
}


def main_rows(experiment: Json, officers: Json) -> list[Row]:
    """Return the rows of what is measured, in words; ``officers``: office → its title."""
    figures = experiment["figures"]
    chosen: dict[str, Measure] = {}
    for key, measure in MAIN.items():
        chosen[key] = measure
        if key == "recognition.lapsed":
            chosen |= _named(figures, "recognition.reasons")
        if key == "officer_hours":
            chosen |= _offices(figures, officers)
    chosen |= _named(figures, "matters.export_checks.outcomes") | _named(figures, "matters.discrepancies.ends")
    return [row for key, measure in chosen.items() if (row := _row(experiment, key, measure)) is not None]


def flow_rows(experiment: Json) -> list[tuple[str, list[Row]]]:
    """Return title and rows of each flow; nothing where there is one flow alone, which is the whole."""
    flows = experiment["flows"]
    if len(flows) < 2:
        return []
    found = (
        (flow["title"], [_row(experiment, f"flows.{key}.{name}", measure) for name, measure in _FLOW.items()])
        for key, flow in flows.items()
    )
    return [(title, [row for row in rows if row is not None]) for title, rows in found]


def rest(experiment: Json, shown: Sequence[Row], titles: Json) -> Iterator[tuple[str, list[Row]]]:
    """Yield title and rows, by name, of the figures that ``shown`` leaves out: of all goods, of each border side.

    ``titles``: border side → its title. Reasons of stops have a part of the report of their own.
    """
    known = {row.key for row in shown}
    groups: dict[str, list[Row]] = {side: [] for side in ("", *titles)}
    for key in experiment["figures"]:
        if key in known or key.startswith(("stops.", "flows.")):
            continue
        side = key.split(".")[1] if key.startswith("sides.") else ""
        name = key.removeprefix(f"sides.{side}.")
        row = _row(experiment, key, Measure(title=name, unit="", digits=2))
        if row is not None:
            groups.setdefault(side, []).append(row)
    for side, rows in groups.items():
        if rows:
            yield titles.get(side, side) or "All goods", rows


def changes(experiment: Json) -> go.Figure | None:
    """Return the change of each measure in per cent of the baseline's mean, with intervals; None without a baseline."""
    figures = experiment["figures"]
    keys = [key for key in CHANGED if key in figures and figures[key]["arms"].get("baseline", {}).get("mean")]
    names = [name for name in AGAINST if name in experiment["saved"]]
    if not keys or not names:
        return None
    figure = go.Figure()
    for number, name in enumerate(names):
        look = ARM_LOOKS[name]
        found = [(key, figures[key]["less"][name], figures[key]["arms"]["baseline"]["mean"]) for key in keys]
        points = [(key, less, whole) for key, less, whole in found if less["mean"] is not None]
        means = [-less["mean"] / whole * 100 for _, less, whole in points]
        half = [
            0.0 if less["ci95"] is None else (less["ci95"][1] - less["ci95"][0]) / whole * 50
            for _, less, whole in points
        ]
        figure.add_scatter(
            x=means,
            y=[keys.index(key) + 0.3 * (number - 0.5) for key, _, _ in points],
            error_x={"type": "data", "array": half, "thickness": 1.8, "width": 5, "color": look.colour},
            mode="markers",
            name=look.short,
            marker={"size": 10, "symbol": look.symbol, "color": look.colour},
            text=[
                f"{_title(key)}: {fixed(mean, 2, sign=True)} % ± {fixed(width, 2)}"
                for (key, _, _), mean, width in zip(points, means, half, strict=True)
            ],
            hovertemplate="%{text}<extra>" + look.short + "</extra>",
        )
    figure.add_vline(x=0, line={"color": FAINT, "width": 1.5})
    figure.update_layout(
        **layout(
            height=110 + 36 * len(keys),
            xaxis=axis("Change against the baseline, % of its mean", ticksuffix=" %"),
            yaxis=axis(
                "",
                tickvals=list(range(len(keys))),
                ticktext=[_title(key) for key in keys],
                range=[len(keys) - 0.4, -0.6],
            ),
        )
    )
    return figure


def _title(key: str) -> str:
    return "Border hours, P90" if key == "border_hours.p90" else MAIN[key].title


def _named(figures: Json, path: str) -> dict[str, Measure]:
    text, unit, known = _NAMES[path]
    codes = [key.removeprefix(f"{path}.") for key in figures if key.startswith(f"{path}.")]
    return {f"{path}.{code}": Measure(title=text.format(known.get(code, code)), unit=unit) for code in codes}


def _offices(figures: Json, officers: Json) -> dict[str, Measure]:
    """Return officers' hours by office and part, those that nobody has in any arm left out."""
    found = {}
    for office, title in officers.items():
        for part, where in PARTS.items():
            key = f"officers.{office}.{part}"
            if any(arm["mean"] for arm in figures.get(key, {"arms": {}})["arms"].values()):
                found[key] = Measure(title=f"… {title}, {where}", unit="h a replication")
    return found


def _row(experiment: Json, key: str, measure: Measure) -> Row | None:
    figure = experiment["figures"].get(key)
    if figure is None or all(not arm["mean"] for arm in figure["arms"].values()):
        return None
    return Row(
        key=key,
        title=measure.title,
        unit=measure.unit,
        arms=[_cell(figure["arms"][arm], measure) for arm in experiment["arms"]],
        changes=[_change(figure["less"][name], measure) for name in AGAINST if name in experiment["saved"]],
    )


def _change(less: Json, measure: Measure) -> tuple[str, str]:
    """Return a change and its interval in words; that of a share in percentage points."""
    mean, ends = _cell(less, measure, sign=-1.0)
    return (f"{mean} pp" if measure.unit.startswith("%") and mean != NONE else mean), ends


def _cell(figure: Json, measure: Measure, sign: float = 1.0) -> tuple[str, str]:
    """Return a figure and its interval in words; with ``sign`` -1 less becomes more, and a plus is shown."""
    if figure["mean"] is None:
        return NONE, ""
    times = sign * measure.times
    mean = fixed(times * figure["mean"], measure.digits, sign=sign < 0)
    if figure["ci95"] is None:
        return mean, ""
    return mean, span(sorted(times * end for end in figure["ci95"]), measure.digits)


__all__ = ["AGAINST", "MAIN", "Measure", "Row", "changes", "flow_rows", "main_rows", "rest"]
