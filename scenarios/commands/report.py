"""``corridor report``: the report of a run or an experiment made again, or several of them beside each other."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from exchange.errors import CorridorError
from scenarios.numerals import several
from scenarios.printing import table_console
from scenarios.report.left import Left, ReportError, open_left

GOOD, WRONG, STOPPED = 0, 2, 130
SEVERAL = Path("out/runs.html")
"""Where several runs go unless told."""
SHOWN = 12
"""Keys changed that the console shows."""


def report_command(folders: Sequence[Path], *, out: Path | None, json_output: bool) -> int:
    """Make the report of one folder again, or one page of several; print where it went, or ``json_output``.

    ``out``: the file; else ``report.html`` in the one folder, or SEVERAL. Return 0, or 2 if that cannot be done; what
    stood in the file stays then.
    """
    error = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        runs = [open_left(folder) for folder in folders]
        told = _one(runs[0], out) if len(runs) == 1 else _several(runs, out or SEVERAL)
    except CorridorError as problem:
        error.print(str(problem), markup=False)
        return WRONG
    except KeyboardInterrupt:
        error.print("Stopped. Nothing was written.")
        return STOPPED
    if json_output:
        json.dump(told, sys.stdout, indent=1, ensure_ascii=False, allow_nan=False)
        sys.stdout.write("\n")
    else:
        _print(told)
    return GOOD


def _one(run: Left, out: Path | None) -> dict[str, Any]:
    from scenarios.report.several import beside

    path = out or run.folder / "report.html"
    data = run.render().encode()
    before = path.read_bytes() if path.is_file() else None
    _write(path, data)
    said = {"report": str(path), "bytes": len(data), "sha256": sha256(data).hexdigest(), "same_bytes": before == data}
    return said | beside([run])


def _several(runs: Sequence[Left], out: Path) -> dict[str, Any]:
    from scenarios.report.several import beside, render

    table = beside(runs)
    data = render(table).encode()
    _write(out, data)
    return {"report": str(out), "bytes": len(data), "sha256": sha256(data).hexdigest()} | table


def _write(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(data)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise ReportError(f"{path}: cannot be written: {error.strerror or error}; name another --out") from None


def _print(told: dict[str, Any]) -> None:
    from scenarios.report.naming import arms_of
    from scenarios.report.several import apart, cells, heads, shared

    console = table_console()
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("Run", overflow="fold")
    with arms_of(shared(told["runs"])):
        for head in heads():
            table.add_column(head, justify="right", no_wrap=True)
    for row in told["runs"]:
        table.add_row(row["label"], *cells(row))
    console.print(table)
    for text in apart(told["runs"]):
        console.print(text, markup=False, soft_wrap=True)
    if len(told["runs"]) > 1:
        _print_changed(console, told)
    same = ", the same bytes as before" if told.get("same_bytes") else ""
    console.print(f"Written to {told['report']} ({told['bytes'] / 1e6:.1f} MB{same}).", markup=False, soft_wrap=True)


def _print_changed(console: Console, told: dict[str, Any]) -> None:
    changed = told["changed"]
    if changed is None:
        console.print("They are runs of different scenarios, which are not held against each other key by key.")
        return
    if not changed:
        console.print("Their scenarios do not differ.")
    for row in changed[:SHOWN]:
        values = " | ".join("–" if value is None else value[:60] for value in row["values"])
        console.print(f"  {row['key']}: {values}", markup=False, soft_wrap=True)
    if len(changed) > SHOWN:
        console.print(f"  … and {several(len(changed) - SHOWN, 'key')} more: --json prints all")


__all__ = ["report_command"]
