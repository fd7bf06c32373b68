"""What is said on standard error while many files are checked: a bar at a terminal, elsewhere a line now and then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from scenarios.numerals import count
from scenarios.rhythm import Rhythm, span
from scenarios.validation.checking import Checked

if TYPE_CHECKING:
    from rich.console import Console

_STEP = 50
"""Files between two looks at the bar."""


def with_progress(results: Iterable[Checked], total: int, *, asked: bool = False) -> Iterator[Checked]:
    """Yield ``results`` and say on standard error how many of ``total`` are done and how many invalid.

    ``asked``: it was asked for, so that the last is told too, however soon it comes.
    """
    from rich.console import Console

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if console.is_terminal:
        return _with_bar(results, total, console)
    return _with_lines(results, total, console, last=asked)


def _with_lines(results: Iterable[Checked], total: int, console: Console, *, last: bool) -> Iterator[Checked]:
    """Say it by the rhythm, between two files: there may be processes that check, which a thread would disturb."""
    rhythm, bad = Rhythm(), 0
    for done, checked in enumerate(results, 1):
        bad += not checked.valid
        if rhythm.due() or (last and done == total):
            text = f"checking: {count(done)} of {count(total)} files, {count(bad)} invalid"
            console.print(f"{text} ({span(rhythm.passed)})", markup=False)
        yield checked


def _with_bar(results: Iterable[Checked], total: int, console: Console) -> Iterator[Checked]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("checking"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[bad]} invalid"))
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True, auto_refresh=False) as bar:
        task = bar.add_task("checking", total=total, bad=0)
        bad = 0
        for done, checked in enumerate(results, 1):
            bad += not checked.valid
            if done % _STEP == 0 or done == total:
                bar.update(task, completed=done, bad=bad, refresh=True)
            yield checked


__all__ = ["with_progress"]
