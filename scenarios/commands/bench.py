"""``corridor bench validate``: the validator beside xmllint and the xmlschema library, over the same files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.resources import as_file
from pathlib import Path

import schemas
from exchange.validation import LIMITS, Verdict, engines
from exchange.validation.document import check_bytes, read_prolog
from exchange.validation.findings import Finding
from exchange.validation.schema_gate import schema_gate
from scenarios.validation.checking import Judge, Options, judge
from scenarios.validation.corpus import make
from scenarios.validation.files import Input
from scenarios.validation.pool import check_all, cores

ROUNDS = 3
"""Rounds; in each every contestant has its turn, and a contestant's best turn counts."""
SLOW_SAMPLE = 400
"""Documents that the xmlschema library gets: it needs milliseconds for each."""
VERSION = "1.0"
TOLD_AS_JSON = ("documents_per_s", "ratio_to_xmllint", "schema_only_ratio_to_xmllint", "ratio_to_xmlschema")
RIVALS = {
    "xmllint_documents_per_s": "xmllint is not installed: its ratios are null; install it (Debian: libxml2-utils)",
    "xmlschema_documents_per_s": "the xmlschema library is not installed: its ratio is null; pip install xmlschema",
}
"""What to say of a rival that is not there, by the figure that is missing then."""


def schema_alone(data: bytes) -> Verdict:
    """Return the verdict of bytes, well-formedness and schema only."""
    first = check_bytes(data, LIMITS) or read_prolog(data)
    found = [first] if isinstance(first, Finding) else schema_gate(data, engines.pix(VERSION), LIMITS).findings
    return Verdict(valid=not found, code=None, version=None, message=None, findings=tuple(found), total=len(found))


def _ours(paths: Sequence[Path], verdict_on: Judge) -> float:
    given = [Input(path) for path in paths]
    begun = time.perf_counter()
    valid = sum(checked.valid for checked in check_all(given, Options(quote=False), verdict_on, cores()))
    spent = time.perf_counter() - begun
    _all_valid("corridor", valid, len(paths))
    return spent


def _command(paths: Sequence[Path], _: Judge | None = None) -> float:
    begun = time.perf_counter()
    code = "import sys; from scenarios.cli import main; main()"
    command = [sys.executable, "-c", code, "validate", str(paths[0].parent), "--no-progress"]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    _all_valid("corridor validate", len(paths) if done.returncode == 0 else 0, len(paths))
    return time.perf_counter() - begun


def _xmllint(paths: Sequence[Path]) -> float | None:
    """Return the seconds of one call of xmllint on all files; None if there is no xmllint."""
    program = shutil.which("xmllint")
    if program is None:
        return None
    with as_file(schemas.message_set(VERSION)) as folder:
        command = [program, "--noout", "--schema", str(folder / "pix.xsd"), *(path.name for path in paths)]
        begun = time.perf_counter()
        done = subprocess.run(command, cwd=paths[0].parent, stderr=subprocess.DEVNULL, check=False)
        spent = time.perf_counter() - begun
    _all_valid("xmllint", len(paths) if done.returncode == 0 else 0, len(paths))
    return spent


def _library(paths: Sequence[Path]) -> float | None:
    """Return the seconds of the xmlschema library, its schema built before the clock starts; None if there is none."""
    try:
        schema = engines.explained(VERSION)
    except ModuleNotFoundError:
        return None
    begun = time.perf_counter()
    valid = sum(schema.is_valid(str(path)) for path in paths)
    spent = time.perf_counter() - begun
    _all_valid("xmlschema", valid, len(paths))
    return spent


def _all_valid(who: str, valid: int, count: int) -> None:
    if valid != count:
        raise RuntimeError(f"{who} found {count - valid} of the generated messages invalid; that is a fault of ours")


def measure(paths: Sequence[Path], progress: Callable[[str], None]) -> dict[str, float | int | None]:
    """Return the figures over ``paths``: documents a second, and ratios of rates (above 1: we are faster; None: the
    rival is not there)."""
    everything = judge(Options(quote=False))
    library_paths = paths[:SLOW_SAMPLE]
    spent: dict[str, list[float]] = {}
    for number in range(ROUNDS):
        progress(f"round {number + 1} of {ROUNDS}")
        turns: list[tuple[str, float | None]] = [
            ("xmllint", _xmllint(paths)),
            ("all", _ours(paths, everything)),
            ("schema", _ours(paths, schema_alone)),
            ("command", _command(paths)),
            ("library", _library(library_paths)),
        ]
        for name, seconds in turns:
            if seconds is not None:
                spent.setdefault(name, []).append(seconds)
    rate = {
        name: (len(library_paths) if name == "library" else len(paths)) / min(rounds) for name, rounds in spent.items()
    }
    lint, library = rate.get("xmllint"), rate.get("library")

    def ratio(name: str, rival: float | None) -> float | None:
        return round(rate[name] / rival, 3) if rival else None

    return {
        "documents": len(paths),
        "bytes": sum(path.stat().st_size for path in paths),
        "cores": cores(),
        "documents_per_s": round(rate["all"]),
        "ratio_to_xmllint": ratio("all", lint),
        "schema_only_ratio_to_xmllint": ratio("schema", lint),
        "ratio_to_xmlschema": ratio("all", library),
        "command_ratio_to_xmllint": ratio("command", lint),
        "xmllint_documents_per_s": round(lint) if lint else None,
        "xmlschema_documents_per_s": round(library) if library else None,
    }


def _told(figures: dict[str, float | int | None]) -> str:
    def times(key: str) -> str:
        value = figures[key]
        return "not measured" if value is None else f"{value} times"

    size = (figures["bytes"] or 0) / (figures["documents"] or 1) / 1000
    lines = [
        f"{figures['documents']} messages of {size:.1f} kB on average, {figures['cores']} processors",
        f"all gates                       {figures['documents_per_s']} documents/s",
        f"  beside one call of xmllint    {times('ratio_to_xmllint')} as fast",
        f"  beside the xmlschema library  {times('ratio_to_xmlschema')} as fast",
        f"schema gate alone, to xmllint   {times('schema_only_ratio_to_xmllint')} as fast",
        f"the whole command, to xmllint   {times('command_ratio_to_xmllint')} as fast",
    ]
    return "\n".join(lines)


def _busy() -> str | None:
    """Return what to say if others keep this machine busy: who uses all processors loses most by that."""
    if not hasattr(os, "getloadavg"):
        return None
    load = os.getloadavg()[0]
    if load < cores() / 4:
        return None
    return f"the machine is busy (load {load:.1f} on {cores()} processors): ratios come out too low; measure again idle"


def bench_validate(documents: int, *, json_output: bool) -> int:
    """Generate ``documents`` messages in a temporary folder, measure, print; return the exit code, 0."""

    def progress(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    busy = _busy()
    with tempfile.TemporaryDirectory(prefix="corridor-bench-") as folder:
        progress(f"writing {documents} messages")
        figures = measure(make(Path(folder), documents), progress)
    print(json.dumps({name: figures[name] for name in TOLD_AS_JSON}) if json_output else _told(figures))
    if busy is not None:
        print(busy, file=sys.stderr)
    for figure, missing in RIVALS.items():
        if figures[figure] is None:
            print(missing, file=sys.stderr)
    return 0


__all__ = ["bench_validate", "measure", "schema_alone"]
