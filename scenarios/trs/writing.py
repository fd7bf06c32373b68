"""The stamps of a run as a Time Release Study would have taken them: ``trs.csv``, for ``corridor calibrate``."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, TextIO

from exchange.messages import format_time
from scenarios.metrics import yardstick
from scenarios.metrics.stamps import stamps

if TYPE_CHECKING:
    from scenarios.events import ArmRun, Event
    from scenarios.scenario import Scenario

COLUMNS = ("arm", "side", "case", "vehicle", "units", "form", *(f"T{number}" for number in range(11)))


def write_stamps(file: TextIO, scenario: Scenario, runs: Iterable[ArmRun]) -> None:
    """Write the stamps of all consignments that crossed a border side, a line a control, times in UTC."""
    table = csv.writer(file, lineterminator="\n")
    table.writerow(COLUMNS)
    measured = yardstick(scenario)
    for run in runs:
        logs: dict[str, list[Event]] = {}
        for event in run.events:
            if event.kind != "message":
                logs.setdefault(event.case, []).append(event)
        for facts in sorted(run.consignments, key=lambda facts: facts.case):
            log = sorted(logs.get(facts.case, []), key=lambda event: (event.at, event.ordinal))
            found = stamps(log, measured.spots, run.told, measured.departs.get(facts.flow, ""))
            for side, stay in found.items():
                taken = [None if second is None else _time(scenario, second) for second in stay[:11]]
                for form, began, ended in _controls(log, side):
                    taken[6:8] = [None if second is None else _time(scenario, second) for second in (began, ended)]
                    table.writerow([run.arm, side, facts.case, facts.vehicle, facts.containers, form, *taken])


def _controls(log: Iterable[Event], side: str) -> Iterator[tuple[str, int | None, int | None]]:
    found = [event.data for event in log if event.kind == "control" and event.data["side"] == side]
    for data in found:
        yield str(data["form"]).lower(), int(data["began"]), int(data["ended"])
    if not found:
        yield "none", None, None


def _time(scenario: Scenario, second: int) -> str:
    return format_time(scenario.start + timedelta(seconds=second))


__all__ = ["COLUMNS", "write_stamps"]
