"""Worker processes on this machine: tasks in, results as they come; a process that dies is replaced.

What a dead process was at is given to another one, so that every task is done once and counted once. A task on which
three processes have died is given up, for then it is the task.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from exchange.errors import CorridorError

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

log = logging.getLogger("corridor.workers")
Task = TypeVar("Task")
Result = TypeVar("Result")
Report = Callable[[Any], None]
Work = Callable[[Task, Report], Result]
"""What a process does with a task: a function of a module, given the task and whom to report progress to."""

ATTEMPTS = 3
"""Processes that may die on one task before it is given up."""
_PATIENCE = 5.0
"""Wall seconds that an idle process has to end by itself."""


class WorkerError(CorridorError):
    """A task could not be finished by any worker process."""


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Worker:
    """One process, our end of its pipe, and the number and content of the task it is at."""

    def __init__(self, work: Any) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.task: tuple[int, Any] | None = None
        self.serving = False
        self.process: SpawnProcess = context.Process(target=_serve, args=(theirs, work), daemon=True)
        self.process.start()
        theirs.close()

    def end(self, *, at_once: bool) -> None:
        self.pipe.close()
        if not at_once:
            self.process.join(_PATIENCE)
        if self.process.is_alive():
            self.process.kill()
        self.process.join()


class Pool(Generic[Task, Result]):
    """``count`` processes that do ``work``; a context manager. With one, the tasks are done in this process.

    ``watch`` is given what the work reports. Leaving by an exception (Ctrl-C too) kills the processes.
    """

    def __init__(self, work: Work[Task, Result], count: int, watch: Report | None = None) -> None:
        self._work = work
        self._watch = watch
        self._count = count
        self._workers: list[_Worker] = []

    def __enter__(self) -> Pool[Task, Result]:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with _undisturbed(kind):
            for worker in self._workers:
                worker.end(at_once=kind is not None)
        self._workers = []

    @property
    def processes(self) -> list[int]:
        """Return the ids of the processes at work."""
        return [worker.process.pid for worker in self._workers if worker.process.pid is not None]

    def run(self, tasks: Iterable[Task]) -> Iterator[Result]:
        """Do ``tasks`` and yield the results as they come; a task is taken from the iterable when a process is free.

        An error that the work raises is raised here. Raise WorkerError for a task that no process survives.
        """
        if self._count <= 1:
            for task in tasks:
                yield self._work(task, self._watch or _nobody)
            return
        waiting, again = enumerate(tasks), list[tuple[int, Task]]()
        deaths: Counter[int] = Counter()
        while True:
            self._hand_out(waiting, again)
            busy = {worker.pipe: place for place, worker in enumerate(self._workers) if worker.task is not None}
            if not busy:
                return
            for pipe in wait(list(busy)):
                place = busy[pipe]  # type: ignore[index]
                try:
                    kind, content = self._workers[place].pipe.recv()
                except (EOFError, OSError):
                    again.append(self._replace(place, deaths))
                    continue
                if kind == "serving":
                    self._workers[place].serving = True
                    continue
                if kind == "report":
                    if self._watch is not None:
                        self._watch(content)
                    continue
                self._workers[place].task = None
                if kind == "error":
                    raise content
                yield content

    def _hand_out(self, waiting: Iterator[tuple[int, Task]], again: list[tuple[int, Task]]) -> None:
        """Give every idle process a task, those left by dead ones first; start processes as long as tasks need them."""
        for place in range(self._count):
            if place < len(self._workers) and self._workers[place].task is not None:
                continue
            task = again.pop() if again else next(waiting, None)
            if task is None:
                return
            if place == len(self._workers):
                self._workers.append(_Worker(self._work))
            worker = self._workers[place]
            worker.task = task
            with suppress(OSError):  # a process that died while it was idle shows at the next reading of its pipe
                worker.pipe.send(task[1])

    def _replace(self, place: int, deaths: Counter[int]) -> tuple[int, Any]:
        """Put a new process in the place of a dead one; return what that was at."""
        dead = self._workers[place]
        assert dead.task is not None
        number = dead.task[0]
        deaths[number] += 1
        dead.process.join(_PATIENCE)  # the pipe ends a little before the process: it is given time for its exit code
        dead.end(at_once=True)
        if deaths[number] >= ATTEMPTS:
            raise WorkerError(_cause(dead.process.exitcode or 0, dead.serving))
        log.warning("a worker process ended (exit code %s): another repeats what it was at", dead.process.exitcode)
        self._workers[place] = _Worker(self._work)
        return dead.task


def _cause(code: int, served: bool) -> str:
    """Return what to say of a task that no process survived: the last exit ``code``, and whether that one had begun."""
    if code < 0:
        return (
            f"{ATTEMPTS} worker processes died on the same task (the last was killed by signal {-code}, as a machine "
            "does that is out of memory): run again with fewer --workers"
        )
    if served:
        return (
            f"{ATTEMPTS} worker processes died on the same task (the last ended itself, with exit code {code}; what it "
            "wrote is above): run again with --workers 1 to see where"
        )
    return (
        f"{ATTEMPTS} worker processes ended before they could begin (exit code {code}; what they wrote is above): each "
        "imports the main module anew, so let that be a file whose work stands under if __name__ == '__main__', or run "
        "with --workers 1"
    )


class _undisturbed:
    """Keeps a second Ctrl-C from breaking the tidying up after the first."""

    def __init__(self, kind: type[BaseException] | None) -> None:
        self._needed = kind is not None and issubclass(kind, KeyboardInterrupt)
        self._before: Any = None

    def __enter__(self) -> None:
        import signal

        if self._needed:
            with suppress(ValueError):  # only the main thread has signals
                self._before = signal.signal(signal.SIGINT, signal.SIG_IGN)

    def __exit__(self, *_: object) -> None:
        import signal

        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)


def _nobody(_report: Any) -> None:
    return None


def _serve(pipe: Connection, work: Any) -> None:
    """Do the tasks that come through ``pipe`` until the other end is closed; Ctrl-C is left to the parent."""
    import gc
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    frozen = False
    with suppress(OSError):
        pipe.send(("serving", None))

    def report(content: Any) -> None:
        pipe.send(("report", content))

    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer = ("result", work(task, report))
        except Exception as error:
            answer = ("error", _told(error))
        try:
            pipe.send(answer)
        except OSError:
            return
        del task, answer
        if not frozen:
            gc.collect()
            gc.freeze()  # what stays for good, the modules, need not be looked through after every task
            frozen = True


def _told(error: Exception) -> Exception:
    """Return ``error`` as it can be sent to the parent."""
    import pickle

    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return WorkerError(f"{type(error).__name__}: {error}")
    return error


__all__ = ["ATTEMPTS", "Pool", "WorkerError", "processors"]
