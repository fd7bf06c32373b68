"""The tables of an experiment: Parquet, or CSV and JSON lines where pyarrow is not installed.

``replications``: a row a variation, replication and arm. ``consignments``: a row a consignment of each of these, the
hours at each side as ``hours:<side>``. ``events``: what happened, of the traced replications; ``data`` is JSON. They
are written trial by trial, so that memory does not grow with them, beside their place and renamed at the end.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from scenarios.events import PHASES
from scenarios.experiments.reading import read
from scenarios.experiments.trial import TrialResult
from scenarios.metrics.measures import FORMS, ArmMeasures, ConsignmentMeasures

INSTALL = 'pip install "customs-corridor[parquet]"'
NAMES = ("replications", "consignments", "events")
Row = dict[str, Any]
Columns = Mapping[str, type]

REPLICATIONS: Columns = {
    "variation": str,
    "scenario_digest": str,
    "replication": int,
    "arm": str,
    "consignments": int,
    "regular": int,
    "delivered": int,
    "seized": int,
    "border_hours_mean": float,
    "door_to_door_hours_mean": float,
    "coverage": float,
    "officer_hours": float,
    "controls": int,
    "busiest": str,
    "busiest_utilisation": float,
    "messages_sent": int,
    "messages_rejected": int,
}
EVENTS: Columns = {
    "variation": str,
    "replication": int,
    "arm": str,
    "at": int,
    "case": str,
    "ordinal": int,
    "kind": str,
    "data": str,
}


class _Table(Protocol):
    def write(self, rows: Sequence[Row]) -> None: ...

    def close(self) -> None: ...


def parquet() -> bool:
    """Return whether pyarrow is installed."""
    return find_spec("pyarrow") is not None


def write_tables(
    folder: Path, trials: Iterable[TrialResult], labels: Mapping[str, str], *, as_parquet: bool | None = None
) -> list[str]:
    """Write the tables of ``trials`` to ``folder`` and return the names of the files.

    ``labels``: digest of a variation → its name. OSError if they cannot be written.
    """
    chosen = parquet() if as_parquet is None else as_parquet
    trials = iter(trials)
    first = next(trials, None)
    if first is None:
        return []
    sides = list(dict.fromkeys(side for run in first.measures for item in run.consignments for side in item.stays))
    layouts = {"replications": REPLICATIONS, "consignments": _consignment_columns(sides), "events": EVENTS}
    names = {name: f"{name}.{_ending(name, chosen)}" for name in NAMES}
    drafts = {name: folder / f".{file}.part" for name, file in names.items()}
    with ExitStack() as stack:
        tables = {name: _table(drafts[name], layouts[name], chosen) for name in NAMES}
        for table in tables.values():
            stack.callback(table.close)
        for trial in _chain(first, trials):
            label = labels[trial.digest]
            tables["replications"].write([_replication(trial, label, run) for run in trial.measures])
            tables["consignments"].write(
                [
                    _consignment(label, run, item, layouts["consignments"])
                    for run in trial.measures
                    for item in run.consignments
                ]
            )
            tables["events"].write(list(_events(trial, label)))
    for name, file in names.items():
        drafts[name].replace(folder / file)
        other = folder / f"{name}.{_ending(name, not chosen)}"
        other.unlink(missing_ok=True)
    return list(names.values())


def _ending(name: str, as_parquet: bool) -> str:
    if as_parquet:
        return "parquet"
    return "jsonl" if name == "events" else "csv"


def _chain(first: TrialResult, others: Iterator[TrialResult]) -> Iterator[TrialResult]:
    yield first
    yield from others


def _replication(trial: TrialResult, label: str, run: ArmMeasures) -> Row:
    reading = read(run)
    means = {name: float(hours.mean()) if len(hours) else None for name, hours in reading.hours.items()}
    return {
        "variation": label,
        "scenario_digest": trial.digest,
        "replication": run.replication,
        "arm": run.arm,
        "consignments": reading.consignments,
        "regular": len(reading.hours["border_hours"]),
        "delivered": reading.delivered,
        "seized": reading.seized,
        "border_hours_mean": means["border_hours"],
        "door_to_door_hours_mean": means["door_to_door_hours"],
        "coverage": reading.coverage,
        "officer_hours": reading.officer_hours,
        "controls": reading.controls,
        "busiest": reading.busiest[0],
        "busiest_utilisation": reading.busiest[1],
        "messages_sent": int(run.messages.get("sent", 0)),
        "messages_rejected": int(run.messages.get("rejected", 0)),
    }


def _consignment_columns(sides: Sequence[str]) -> Columns:
    return {
        **{"variation": str, "replication": int, "arm": str, "case": str, "flow": str, "vehicle": str},
        **{"containers": int, "on_list": bool, "irregularity": str, "found": bool, "seized": bool},
        **{"border_hours": float, "door_to_door_hours": float},
        **{f"hours:{side}": float for side in sides},
        **{f"phase:{phase}": float for phase in PHASES},
        **{f"controls:{form}": int for form in FORMS},
        **{"officer_hours": float, "coverage": float},
    }


def _consignment(label: str, run: ArmMeasures, item: ConsignmentMeasures, columns: Columns) -> Row:
    hours = {f"hours:{side}": stay.seconds / 3600.0 for side, stay in item.stays.items()}
    forms = [form for _, form in item.controls]
    return {
        **dict.fromkeys(columns),
        "variation": label,
        "replication": run.replication,
        "arm": run.arm,
        "case": item.case,
        "flow": item.flow,
        "vehicle": item.vehicle,
        "containers": item.containers,
        "on_list": item.on_list,
        "irregularity": item.irregularity,
        "found": item.found,
        "seized": item.seized,
        "border_hours": item.border_seconds / 3600.0,
        "door_to_door_hours": None if item.journey_seconds is None else item.journey_seconds / 3600.0,
        **{name: value for name, value in hours.items() if name in columns},
        **{
            f"phase:{phase}": sum(stay.phases[number] for stay in item.stays.values()) / 3600.0
            for number, phase in enumerate(PHASES)
        },
        **{f"controls:{form}": forms.count(form) for form in FORMS},
        "officer_hours": item.officer_seconds / 3600.0,
        "coverage": item.coverage,
    }


def _events(trial: TrialResult, label: str) -> Iterator[Row]:
    for run in trial.runs:
        for event in run.events:
            yield {
                "variation": label,
                "replication": trial.replication,
                "arm": run.arm,
                "at": event.at,
                "case": event.case,
                "ordinal": event.ordinal,
                "kind": event.kind,
                "data": json.dumps(event.data, sort_keys=True, ensure_ascii=False, separators=(",", ":")),
            }


def _table(path: Path, columns: Columns, as_parquet: bool) -> _Table:
    if as_parquet:
        return _ParquetTable(path, columns)
    return _LinesTable(path) if columns is EVENTS else _CsvTable(path, columns)


class _ParquetTable:
    """Rows gathered into groups of some size; compressed."""

    GROUP = 50_000

    def __init__(self, path: Path, columns: Columns) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        kinds = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
        self._schema = pa.schema([(name, kinds[kind]) for name, kind in columns.items()])
        self._make = pa.Table.from_pylist
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[Row] = []

    def write(self, rows: Sequence[Row]) -> None:
        self._rows += rows
        if len(self._rows) >= self.GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(self._make(self._rows, schema=self._schema))
            self._rows = []

    def close(self) -> None:
        self._flush()
        self._writer.close()


class _CsvTable:
    def __init__(self, path: Path, columns: Columns) -> None:
        self._file = path.open("w", newline="", encoding="utf-8")
        self._writer = csv.DictWriter(self._file, list(columns), lineterminator="\n")
        self._writer.writeheader()

    def write(self, rows: Sequence[Row]) -> None:
        self._writer.writerows(
            {k: int(v) if isinstance(v, bool) else "" if v is None else v for k, v in row.items()} for row in rows
        )

    def close(self) -> None:
        self._file.close()


class _LinesTable:
    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8")

    def write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            content = row | {"data": json.loads(row["data"])}
            self._file.write(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n")

    def close(self) -> None:
        self._file.close()


__all__ = ["INSTALL", "NAMES", "parquet", "write_tables"]
