"""``corridor validate``: say of files and folders whether they hold valid messages, and exactly why not."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from exchange.validation import Finding, Verdict

GOOD, BAD, WRONG = 0, 1, 2
STDIN = Path("-")
_WIDEST = 160
"""Most characters of a line that are quoted."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One file with its verdict and, as long as there is something to quote from it, its bytes."""

    file: str
    verdict: Verdict
    data: bytes


def messages_in(path: Path) -> Iterator[Path]:
    """Yield ``path`` itself or, if it is a folder, the ``.xml`` files below it in order; links to folders are
    left."""
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders.sort()
        yield from (Path(folder, name) for name in sorted(names) if name.lower().endswith(".xml"))


def _read(path: Path, limit: int) -> bytes:
    """Return at most ``limit`` + 1 bytes of ``path``, or of standard input for ``-``."""
    if path == STDIN:
        return sys.stdin.buffer.read(limit + 1)
    with path.open("rb") as file:
        return file.read(limit + 1)


def _unreadable(error: OSError) -> Verdict:
    from exchange.validation import Finding, Verdict

    text = f"The file cannot be read: {error.strerror or error}."
    finding = Finding(gate="bytes", code="READ", expected="a readable file", text=text)
    return Verdict(valid=False, code=None, version=None, message=None, findings=(finding,), total=1)


def check(paths: Iterable[Path], *, rules: bool = True) -> Iterator[Checked]:
    """Yield each file of ``paths`` (see :func:`messages_in`) with its verdict."""
    from exchange.validation import LIMITS
    from exchange.validation import validate as verdict_on

    for path in (file for named in paths for file in messages_in(named)):
        name = "<stdin>" if path == STDIN else str(path)
        try:
            data = _read(path, LIMITS.size)
        except OSError as error:
            yield Checked(name, _unreadable(error), b"")
            continue
        verdict = verdict_on(data, rules=rules)
        yield Checked(name, verdict, data if verdict.findings else b"")


def quoted(data: bytes, finding: Finding) -> str:
    """Return the line of ``finding`` with a caret under its column, or nothing if it has no place."""
    if finding.line < 1:
        return ""
    lines = data.split(b"\n", finding.line)
    if finding.line > len(lines):
        return ""
    line = lines[finding.line - 1].decode("utf-8", "replace").replace("\r", "").replace("\t", " ")
    column = max(finding.column, 1) - 1
    start = 0 if column < _WIDEST - 20 else column - _WIDEST // 2
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line[start : start + _WIDEST])
    return f"    {shown}\n    {' ' * (column - start)}^"


def _heading(checked: Checked, finding: Finding) -> str:
    place = f"{checked.file}:{finding.line}:{finding.column}" if finding.line else checked.file
    rule = f" {finding.rule}" if finding.rule else ""
    return f"{place}: {finding.severity} {finding.code}{rule} {finding.text}"


def _write_text(results: Iterable[Checked], out: TextIO) -> tuple[int, int]:
    valid = invalid = 0
    for checked in results:
        verdict = checked.verdict
        for finding in verdict.findings:
            print(_heading(checked, finding), file=out)
            quote = quoted(checked.data, finding)
            if quote:
                print(quote, file=out)
        if verdict.total > len(verdict.findings):
            more = f"{len(verdict.findings)} of {verdict.total} findings are shown"
            print(f"{checked.file}: {more}", file=out)
        valid += verdict.valid
        invalid += not verdict.valid
    count = valid + invalid
    print(f"{count} {'message' if count == 1 else 'messages'}: {valid} valid, {invalid} invalid", file=out)
    return valid, invalid


def _as_json(checked: Checked) -> dict[str, Any]:
    verdict = checked.verdict
    return {
        "file": checked.file,
        "valid": verdict.valid,
        "message": verdict.code,
        "version": verdict.version,
        "findings": [finding.as_json() for finding in verdict.findings],
        "total": verdict.total,
    }


def _write_json(results: Iterable[Checked], out: TextIO) -> tuple[int, int]:
    files = [_as_json(checked) for checked in results]
    valid = sum(file["valid"] for file in files)
    findings = sum(file["total"] for file in files)
    summary = {"files": len(files), "valid": valid, "invalid": len(files) - valid, "findings": findings}
    json.dump({"files": files, "summary": summary}, out, indent=1, ensure_ascii=False)
    out.write("\n")
    return valid, len(files) - valid


def validate(paths: Sequence[Path], *, json_output: bool = False, rules: bool = True) -> int:
    """Check ``paths`` (files, folders, ``-`` for standard input) and report on standard output; return the
    exit code.

    0 all valid, 1 some invalid or unreadable inside a folder, 2 a named path does not exist or cannot be
    read, or there is nothing to check.
    """
    for path in paths:
        if path != STDIN and not path.exists():
            print(
                f"corridor validate: {path} does not exist; name a file, a folder, or - for standard input",
                file=sys.stderr,
            )
            return WRONG
        if path.is_file() and not os.access(path, os.R_OK):
            print(f"corridor validate: {path} cannot be read; check its permissions", file=sys.stderr)
            return WRONG
    results = check(paths, rules=rules)
    valid, invalid = _write_json(results, sys.stdout) if json_output else _write_text(results, sys.stdout)
    if not valid + invalid:
        print(f"corridor validate: no .xml file in {', '.join(map(str, paths))}", file=sys.stderr)
        return WRONG
    return BAD if invalid else GOOD


__all__ = ["BAD", "GOOD", "WRONG", "Checked", "check", "messages_in", "quoted", "validate"]
