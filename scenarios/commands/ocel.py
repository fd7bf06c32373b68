"""``corridor ocel``: the events of a run as an object-centric event log."""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path

from exchange.errors import CorridorError
from scenarios.ocel.reading import read_run
from scenarios.ocel.sqlite import write_sqlite

GOOD, WRONG = 0, 2
ENDINGS = (".json", ".jsonocel", ".sqlite")


def ocel_command(run: Path, *, out: Path, arm: str | None) -> int:
    """Write the log to ``out`` and say what it holds; return the exit code. A file that is there is replaced."""
    draft = out.with_name(f".{out.name}.part")
    try:
        if out.suffix not in ENDINGS:
            raise CorridorError(f"{out}: no kind of log ends in {out.suffix!r}: take {', '.join(ENDINGS)}")
        content = read_run(run, arm).as_json()
        draft.unlink(missing_ok=True)
        if out.suffix == ".sqlite":
            write_sqlite(content, draft)
        else:
            text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
            draft.write_text(text + "\n", encoding="utf-8")
        draft.replace(out)
    except (CorridorError, OSError, sqlite3.Error) as error:
        draft.unlink(missing_ok=True)
        sys.stderr.write(f"{error}\n")
        return WRONG
    kinds = len(content["eventTypes"]), len(content["objectTypes"])
    sys.stdout.write(
        f"{out}: {len(content['events']):,} events of {kinds[0]} types about {len(content['objects']):,} objects of "
        f"{kinds[1]} types\n"
    )
    return GOOD


__all__ = ["ocel_command"]
