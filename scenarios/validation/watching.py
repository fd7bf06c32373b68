"""Checking again what has changed, until somebody stops it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from scenarios.validation.checking import Judge, check
from scenarios.validation.files import Input, NothingThere, inputs
from scenarios.validation.formats.text import tell

EVERY = 0.5
"""Seconds between two looks."""
Marks = dict[Path, tuple[int, int]]


def marks(given: Sequence[Input]) -> Marks:
    """Return by path what shows that a file has changed: its time of change (ns) and its size."""
    found: Marks = {}
    for one in given:
        try:
            state = one.path.stat()
        except OSError:
            continue
        found[one.path] = (state.st_mtime_ns, state.st_size)
    return found


def changes(paths: Sequence[Path], known: Marks, sleep: Callable[[float], None] = time.sleep) -> Iterator[list[Input]]:
    """Yield again and again the files that are new or have changed since ``known``; forget those that are gone."""
    while True:
        sleep(EVERY)
        try:
            given = inputs(paths)
        except NothingThere:
            given = []
        now = marks(given)
        changed = [one for one in given if one.path in now and known.get(one.path) != now[one.path]]
        known = now
        if changed:
            yield changed


def watch(paths: Sequence[Path], known: Marks, verdict_on: Judge) -> None:
    """Tell on standard output of each file that changes, until Ctrl-C."""
    print("watching for changes; Ctrl-C ends", file=sys.stderr)
    for changed in changes(paths, known):
        for one in changed:
            checked = check(one, verdict_on, True)
            tell(checked, sys.stdout)
            print(f"{checked.file}: {'valid' if checked.valid else 'invalid'}", flush=True)


__all__ = ["EVERY", "changes", "marks", "watch"]
