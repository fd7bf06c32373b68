"""The bar on standard error while many files are checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scenarios.validation.checking import Checked

_STEP = 50
"""Files between two looks at the bar."""


def with_bar(results: Iterable[Checked], total: int) -> Iterator[Checked]:
    """Yield ``results`` and show on standard error how many of ``total`` are done and how many invalid."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("checking"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[bad]} invalid"))
    console = Console(stderr=True)
    with Progress(
        *columns, TimeRemainingColumn(), console=console, transient=console.is_terminal, auto_refresh=False
    ) as bar:
        task = bar.add_task("checking", total=total, bad=0)
        bad = 0
        for done, checked in enumerate(results, 1):
            bad += not checked.valid
            if done % _STEP == 0 or done == total:
                bar.update(task, completed=done, bad=bad, refresh=True)
            yield checked


__all__ = ["with_bar"]
