"""``corridor schema``: a reference of a set of schemas to read, and what changed between two sets."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from exchange.schema_sets import Change, Comparison

GOOD, BAD, WRONG = 0, 1, 2
Required = Literal["backward", "forward", "both"]


def _complain(command: str, text: str) -> int:
    print(f"corridor schema {command}: {text}", file=sys.stderr)
    return WRONG


def _mark(change: Change) -> str:
    """Return whom ``change`` breaks, in the margin: old messages, new ones for old readers, both, nobody."""
    return {(True, True): "  ", (False, True): "! ", (True, False): "+ ", (False, False): "!+"}[
        (change.backward, change.forward)
    ]


def _print(comparison: Comparison) -> None:
    if not comparison.changes:
        print(f"{comparison.old} and {comparison.new} take the same documents: nothing changed")
    else:
        print(f"From {comparison.old} to {comparison.new}")
    for change in comparison.changes:
        print(f"  {_mark(change)} {change.where} {change.text} ({change.what})")
    if comparison.changes:
        print("  !  an old message may not be valid any more   +  an old reader may refuse a new message")
    stay = "stay valid" if comparison.backward else "may be invalid"
    read = "are valid" if comparison.forward else "may be invalid"
    print(f"Backward: old messages {stay} against {comparison.new}.")
    print(f"Forward: new messages {read} against {comparison.old}.")
    print(f"{comparison.tried} documents made from both sides were tried.")


def diff_command(old: str, new: str, *, json_output: bool, required: Required) -> int:
    """Print what changed from ``old`` to ``new`` (versions, files or folders); return the exit code.

    0 compatible in the ``required`` direction, 1 not, 2 wrong use: one of them is no schema that can be used.
    """
    from exchange.generation import SchemaRefused
    from exchange.schema_sets import compare, read_schema_set

    try:
        comparison = compare(read_schema_set(old), read_schema_set(new))
    except SchemaRefused as error:
        return _complain("diff", str(error))
    if json_output:
        print(json.dumps(comparison.as_json(), indent=1, ensure_ascii=False))
    else:
        _print(comparison)
    kept = {"backward": comparison.backward, "forward": comparison.forward}
    held = all(kept.values()) if required == "both" else kept[required]
    return GOOD if held else BAD


def doc_command(schema: Path | None, message_set: str | None, *, out: Path) -> int:
    """Write the reference of ``schema`` (a file or folder) or of a version of our own set as one HTML file.

    Return the exit code: 0 written, 2 wrong use: two things named, no schema that can be used, or the file cannot be
    written.
    """
    from exchange.generation import SchemaRefused
    from exchange.schema_sets import read_schema_set
    from exchange.schema_sets.page import reference_page

    if schema is not None and message_set is not None:
        return _complain("doc", "name one of --schema and --set, not both")
    try:
        page = reference_page(read_schema_set(str(schema) if schema is not None else message_set or "pix"))
        out.write_text(page, encoding="utf-8")
    except SchemaRefused as error:
        return _complain("doc", str(error))
    except OSError as error:
        return _complain("doc", f"{out} cannot be written: {error.strerror or error}")
    print(f"{out}: {len(page.encode()) // 1024 + 1} kB")
    return GOOD


__all__ = ["diff_command", "doc_command"]
