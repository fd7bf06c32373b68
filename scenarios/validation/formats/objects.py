"""Results as JSON: ``{"files": [{"file", "valid", "message", "version", "findings", "total"}], "summary": {…}}``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TextIO

from scenarios.validation.checking import Checked
from scenarios.validation.formats import Summary


def as_object(checked: Checked) -> dict[str, Any]:
    """Return one file as plain JSON."""
    return {
        "file": checked.file,
        "valid": checked.valid,
        "message": checked.code,
        "version": checked.version,
        "findings": [finding.as_json() for finding in checked.findings],
        "total": checked.total,
    }


def write(results: Iterable[Checked], out: TextIO) -> Summary:
    """Write all results as one JSON object, file after file."""
    summary = Summary()
    out.write('{"files": [')
    for checked in results:
        out.write(",\n" if summary.files else "\n")
        json.dump(as_object(checked), out, indent=1, ensure_ascii=False)
        summary = summary.plus(checked)
    counts = {
        "files": summary.files,
        "valid": summary.valid,
        "invalid": summary.invalid,
        "findings": summary.findings,
    }
    out.write('\n],\n"summary": ')
    json.dump(counts, out)
    out.write("}\n")
    return summary


__all__ = ["as_object", "write"]
