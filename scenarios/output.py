"""What a run leaves behind: one folder, put in its place as a whole.

::

    summary.json       the published summary
    events.jsonl       the events of replication 0, sorted by time, case and ordinal; a JSON object a line
    reasons.jsonl      why its goods were stopped or not (scenarios.reasons), sorted by consignment and time
    scenario.json      the scenario with all that was set; a scenario file itself
    consignments.csv   every consignment of every arm and replication
    trs.csv            the stamps of replication 0 as a release study takes them; 'corridor calibrate' reads it
    messages/          <arm>/<case>/<nnn>-<CODE>-<sender>-<recipient>.xml, what replication 0 exchanged
    images/            <sha256>.png, the pictures that posts took in replication 0, where any do
    report.json        what the report needs beside summary and scenario (scenarios.report.material)
    report.html        the report; 'corridor report' makes it again from the three

It is written beside its place under another name and renamed at the end, so that a half-written folder never
stands under its name. The same seed gives the same bytes on both transports (``transport`` and
``wall_seconds`` aside).
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exchange.errors import CorridorError
from exchange.references import strip_run
from scenarios.events import ArmRun
from scenarios.metrics.measures import FORMS, ArmMeasures, ConsignmentMeasures
from scenarios.metrics.summary import ARMS

if TYPE_CHECKING:
    from scenarios.scenario import Scenario
    from scenarios.transport import Exchanged

FILES = (
    "summary.json",
    "scenario.json",
    "events.jsonl",
    "reasons.jsonl",
    "consignments.csv",
    "trs.csv",
    "report.json",
    "report.html",
)
"""The files of a run's folder, ``messages/`` aside."""


class OutputError(CorridorError):
    """The folder for a run's output cannot be used."""


def write_run(
    out_dir: Path,
    scenario: Scenario,
    summary: Mapping[str, Any],
    runs: Sequence[ArmRun],
    messages: Path | None,
    measures: Sequence[ArmMeasures],
) -> None:
    """Write a run to ``out_dir``, in place of an earlier run that stands there.

    ``runs`` are the arms of replication 0, ``messages`` a folder that :func:`write_messages` filled, arm by arm
    (it is moved, not copied, where that can be, with the folder ``images`` beside it), ``measures`` those of all
    replications. Raise OutputError if ``out_dir`` holds something else, or cannot be written.
    """
    from scenarios.experiments.manifest import scenario_content
    from scenarios.report.material import as_json, gather, spread_of
    from scenarios.report.page import render
    from scenarios.trs.writing import write_stamps

    check_place(out_dir)
    draft = out_dir.with_name(f".{out_dir.name}.{os.getpid()}.part")
    try:
        draft.mkdir(parents=True)
        material = gather(scenario, runs, spread_of(measures))
        about = {"scenario_digest": scenario.digest, "seed": summary["seed"], "run_id": summary["run_id"]}
        _write_json(draft / "summary.json", summary)
        _write_json(draft / "scenario.json", scenario_content(scenario))
        _write_json(draft / "report.json", as_json(material, about), indent=None)
        _write(draft / "events.jsonl", _event_lines(runs))
        _write(draft / "reasons.jsonl", _reason_lines(runs))
        _write_consignments(draft / "consignments.csv", measures)
        with (draft / "trs.csv").open("w", encoding="utf-8", newline="") as file:
            write_stamps(file, scenario, runs)
        if messages is not None and messages.is_dir():
            shutil.move(messages, draft / "messages")
            if (images := messages.with_name("images")).is_dir():
                shutil.move(images, draft / "images")
        _write(draft / "report.html", [render(scenario, summary, material)])
        _put(draft, out_dir)
    except OSError as error:
        raise OutputError(f"{out_dir}: cannot write the run's output: {error.strerror or error}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def check_place(out_dir: Path) -> None:
    """Make the folder above ``out_dir``, so that a run need not find out at its end that it cannot be written.

    Raise OutputError if that fails, or if ``out_dir`` is there already and is no folder of an earlier run.
    """
    try:
        out_dir.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out_dir.parent}: cannot be made a folder: {error.strerror or error}") from error
    if not out_dir.exists():
        return
    if not out_dir.is_dir():
        raise OutputError(f"{out_dir} is a file: name another folder with --out, or move the file away")
    if any(out_dir.iterdir()) and not (out_dir / "summary.json").is_file():
        raise OutputError(f"{out_dir} holds something that is no run: name another folder with --out or --run-id")


def _put(draft: Path, place: Path) -> None:
    """Rename ``draft`` to ``place``; what stood there goes once the new one stands."""
    former = place.with_name(f".{place.name}.{os.getpid()}.old")
    if place.exists():
        place.rename(former)
    draft.rename(place)
    shutil.rmtree(former, ignore_errors=True)


def _event_lines(runs: Iterable[ArmRun]) -> Iterator[str]:
    events = [
        (event.at, event.case, event.ordinal, ARMS.index(run.arm), run.arm, event)
        for run in runs
        for event in run.events
    ]
    for _, _, _, _, arm, event in sorted(events, key=lambda item: item[:4]):
        entry = {"at": event.at, "case": event.case, "ordinal": event.ordinal, "arm": arm, "kind": event.kind}
        yield json.dumps(entry | {"data": dict(sorted(event.data.items()))}, ensure_ascii=False) + "\n"


def _reason_lines(runs: Iterable[ArmRun]) -> Iterator[str]:
    for run in sorted(runs, key=lambda run: ARMS.index(run.arm)):
        for line in run.reasons:
            yield json.dumps({"arm": run.arm, **line}, ensure_ascii=False) + "\n"


def _write_consignments(path: Path, measures: Iterable[ArmMeasures]) -> None:
    ordered = sorted(measures, key=lambda item: (item.replication, ARMS.index(item.arm)))
    sides = sorted({side for run in ordered for item in run.consignments for side in item.stays})
    with path.open("w", newline="", encoding="utf-8") as file:
        table: csv.DictWriter[str] | None = None
        for run in ordered:
            for item in run.consignments:
                row = {"replication": run.replication, "arm": run.arm} | _row(item, sides)
                if table is None:
                    table = csv.DictWriter(file, list(row), lineterminator="\n")
                    table.writeheader()
                table.writerow(row)


def _row(item: ConsignmentMeasures, sides: Sequence[str]) -> dict[str, Any]:
    """Return a consignment as a row of the table; hours with four decimals, empty where there are none."""
    stays = {side: item.stays.get(side) for side in sides}
    return {
        "case": item.case,
        "flow": item.flow,
        "vehicle": item.vehicle,
        "containers": item.containers,
        "on_list": int(item.on_list),
        "irregularity": item.irregularity or "",
        "found": int(item.found),
        "seized": int(item.seized),
        "border_hours": _hours(item.border_seconds),
        "door_to_door_hours": _hours(item.journey_seconds),
        **{f"hours:{side}": _hours(stay.seconds if stay else None) for side, stay in stays.items()},
        **{f"controls:{form}": sum(made == form for _, made in item.controls) for form in FORMS},
        "officer_hours": _hours(item.officer_seconds),
        "coverage": f"{item.coverage:.6f}",
    }


def _hours(seconds: int | None) -> str:
    return "" if seconds is None else f"{seconds / 3600:.4f}"


def write_messages(folder: Path, exchanged: Iterable[Exchanged]) -> None:
    """Write the messages of one arm to ``folder``, a folder a case, numbered within it in order of time.

    A message is written once: a repeated delivery has the same sender and id. The transport must have kept the XML.
    """
    cases: dict[str, dict[tuple[str, str], Exchanged]] = defaultdict(dict)
    known = list(exchanged)
    answered = {item.header.message_id: item for item in known}
    for item in sorted(known, key=lambda item: _order(item, answered)):
        header = item.header
        cases[strip_run(item.ucr)].setdefault((header.sender, header.message_id), item)
    for case, items in sorted(cases.items()):
        place = folder / (case or "services")  # what services tell of themselves belongs to no case
        place.mkdir(parents=True)
        for number, item in enumerate(items.values(), start=1):
            header = item.header
            refused = "" if item.accepted else "-REFUSED"
            name = f"{number:03d}-{item.code}-{header.sender}-{header.recipient}{refused}.xml"
            if item.xml is None:
                raise OutputError(f"{name} of case {case}: the transport kept no XML, so it cannot be written")
            (place / name).write_bytes(item.xml)


def _order(item: Exchanged, answered: Mapping[str, Exchanged]) -> tuple[Any, ...]:
    """Return the place of a message: by time, and within a second what is answered before its answer."""
    header, depth, before = item.header, 0, item
    while (asked := answered.get(before.header.correlation_id or "")) is not None and asked.at == item.at:
        depth, before = depth + 1, asked
        if depth > 99:
            break
    return item.at, item.ucr, depth, header.sender, header.ordinal, header.message_id, not item.accepted


def _write_json(path: Path, content: Mapping[str, Any], indent: int | None = 1) -> None:
    _write(path, [json.dumps(content, indent=indent, ensure_ascii=False, allow_nan=False), "\n"])


def _write(path: Path, parts: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(parts)


__all__ = ["FILES", "OutputError", "check_place", "write_messages", "write_run"]
