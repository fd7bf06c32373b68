"""The tables of an experiment: Parquet, or CSV and JSON lines where pyarrow is not installed.

What they hold, :mod:`scenarios.experiments.rows` says. They are written trial by trial, so that memory does not grow
with them, beside their place and renamed at the end.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from scenarios.experiments.rows import NAMES, Columns, Row

INSTALL = 'pip install "customs-corridor[parquet]"'


class _Table(Protocol):
    def write(self, rows: Sequence[Row]) -> None: ...

    def close(self) -> None: ...


def parquet() -> bool:
    """Return whether pyarrow is installed."""
    return find_spec("pyarrow") is not None


def write_tables(
    folder: Path,
    layouts: Mapping[str, Columns],
    trials: Iterable[Mapping[str, Sequence[Row]]],
    *,
    as_parquet: bool | None = None,
) -> list[str]:
    """Write tables with these columns and the rows of ``trials`` to ``folder``; return the names of the files.

    OSError if they cannot be written.
    """
    chosen = parquet() if as_parquet is None else as_parquet
    names = {name: f"{name}.{_ending(name, chosen)}" for name in NAMES}
    drafts = {name: folder / f".{file}.part" for name, file in names.items()}
    with ExitStack() as stack:
        tables = {name: _table(drafts[name], name, layouts[name], chosen) for name in NAMES}
        for table in tables.values():
            stack.callback(table.close)
        for rows in trials:
            for name, found in rows.items():
                tables[name].write(found)
    for name, file in names.items():
        drafts[name].replace(folder / file)
        other = folder / f"{name}.{_ending(name, not chosen)}"
        other.unlink(missing_ok=True)
    return list(names.values())


def _ending(name: str, as_parquet: bool) -> str:
    if as_parquet:
        return "parquet"
    return "jsonl" if name == "events" else "csv"


def _table(path: Path, name: str, layout: Columns, as_parquet: bool) -> _Table:
    if as_parquet:
        return _ParquetTable(path, layout)
    return _LinesTable(path, layout) if name == "events" else _CsvTable(path, layout)


class _ParquetTable:
    """Rows gathered into groups of some size; compressed."""

    GROUP = 50_000

    def __init__(self, path: Path, columns: Columns) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        kinds = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
        self._schema = pa.schema([(name, kinds[kind]) for name, kind in columns.items()])
        self._array, self._batch, self._table = pa.array, pa.RecordBatch.from_arrays, pa.Table.from_batches
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._batches: list[Any] = []
        self._waiting = 0

    def write(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        found = [
            self._array(values, field.type) for values, field in zip(zip(*rows, strict=True), self._schema, strict=True)
        ]
        self._batches.append(self._batch(found, schema=self._schema))
        self._waiting += len(rows)
        if self._waiting >= self.GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._batches:
            self._writer.write_table(self._table(self._batches, self._schema).combine_chunks())
            self._batches, self._waiting = [], 0

    def close(self) -> None:
        self._flush()
        self._writer.close()


class _CsvTable:
    def __init__(self, path: Path, columns: Columns) -> None:
        self._file = path.open("w", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(columns)

    def write(self, rows: Sequence[Row]) -> None:
        self._writer.writerows(
            [int(value) if isinstance(value, bool) else "" if value is None else value for value in row] for row in rows
        )

    def close(self) -> None:
        self._file.close()


class _LinesTable:
    def __init__(self, path: Path, columns: Columns) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._names = list(columns)

    def write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            content = dict(zip(self._names, row, strict=True))
            content["data"] = json.loads(content["data"])
            self._file.write(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n")

    def close(self) -> None:
        self._file.close()


__all__ = ["INSTALL", "NAMES", "parquet", "write_tables"]
