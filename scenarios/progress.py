"""How far a long command is: a bar at a terminal, plain lines now and then where the output goes elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable

from rich.console import Console
from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn

from scenarios.numerals import count
from scenarios.rhythm import FIRST, Rhythm, span


class Following(Progress):
    """A bar at a terminal. Elsewhere ``console`` gets what ``line`` says of the first task, with the time that has
    passed, by the :class:`~scenarios.rhythm.Rhythm`, whether anything moved or not: who waits says for what."""

    def __init__(
        self, *columns: ProgressColumn, console: Console, line: Callable[[Task], str], first: float = FIRST
    ) -> None:
        super().__init__(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._line = line
        self._first = first
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Show the bar, or begin to write lines."""
        if not self.disable:
            super().start()
            return
        self._over.clear()
        self._thread = threading.Thread(target=self._write, args=(Rhythm(self._first),), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take the bar away, or write no more."""
        if not self.disable:
            super().stop()
        elif self._thread is not None:
            self._over.set()
            self._thread.join()
            self._thread = None

    def _write(self, rhythm: Rhythm) -> None:
        while not self._over.wait(rhythm.left):
            if rhythm.due() and self.tasks:
                self.console.print(f"{self._line(self.tasks[0])} ({span(rhythm.passed)})", markup=False)


def steps(console: Console) -> Following:
    """Return what names the step (the description of its task) that a command is at, where steps cannot be counted."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    return Following(*columns, console=console, line=lambda task: task.description)


def so_far(task: Task, what: str) -> str:
    """Return how much of a task is done: ``3 of 12 trains``, or what it says of itself while that is not known."""
    done = f"{count(task.completed)} of {count(task.total)} {what}" if task.total else "beginning"
    return f"{task.description}: {done}" if task.description else done


__all__ = ["Following", "so_far", "steps"]
