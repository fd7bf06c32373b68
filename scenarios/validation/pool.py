"""Many files on all cores: worker processes that survive one another, results in the order of the files."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from scenarios.validation.checking import Checked, Judge, Options, check, crashed, judge
from scenarios.validation.files import STDIN, Input

Chunk = list[int]
_CHUNK = 64
_FEW = 48
"""Fewer files than this are not worth a process."""
_SMALL = 4_000_000
"""Bytes that are not worth a process either."""
_GARBAGE = 100_000
"""Objects between two looks for garbage in a worker."""
_AHEAD = 4096
"""Files that may be begun before the oldest unfinished one is done, so that waiting results stay bounded."""


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _work(pipe: Connection, given: Sequence[Input], options: Options, verdict_on: Judge | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    made = verdict_on or judge(options)
    # What was there before the fork stays; what a document leaves behind holds no cycles worth looking for often.
    gc.freeze()
    gc.set_threshold(_GARBAGE)
    while True:
        try:
            chunk: Chunk = pipe.recv()
            pipe.send([check(given[index], made, options.quote) for index in chunk])
        except (EOFError, OSError):
            return


def _bytes(given: Sequence[Input]) -> int:
    """Return how large the files are together, as far as that can be known."""
    total = 0
    for one in given:
        with suppress(OSError):
            total += one.path.stat().st_size
    return total


class _Worker:
    """One process and what it is at."""

    def __init__(self, start: Callable[[Connection], BaseProcess]) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        self.chunk: Chunk = []
        self.process = start(theirs)
        self.process.start()
        theirs.close()

    def give(self, chunk: Chunk) -> None:
        self.chunk = chunk
        self.pipe.send(chunk)

    def end(self) -> None:
        self.pipe.close()
        self.process.terminate()
        self.process.join()


class Pool:
    """Judges ``given`` with ``workers`` processes; an iterator over the results in the order of the files.

    A process that dies takes only its chunk with it: the files of the chunk are checked one by one, and the one that
    is fatal gets a finding of its own.
    """

    def __init__(self, given: Sequence[Input], options: Options, verdict_on: Judge, workers: int) -> None:
        self._given = given
        self._options = options
        self._judge = verdict_on
        self._count = workers
        size = max(1, min(_CHUNK, len(given) // (workers * 4)))
        self._waiting = deque(list(range(i, min(i + size, len(given)))) for i in range(0, len(given), size))
        self._done: dict[int, Checked] = {}
        self._next = 0

    def _start(self, theirs: Connection) -> BaseProcess:
        forks = "fork" in multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("fork" if forks else "spawn")
        arguments = (theirs, self._given, self._options, self._judge if forks else None)
        process: BaseProcess = context.Process(  # type: ignore[attr-defined]
            target=_work, args=arguments, daemon=True
        )
        return process

    def __iter__(self) -> Iterator[Checked]:
        workers = [_Worker(self._start) for _ in range(self._count)]
        try:
            while self._next < len(self._given):
                self._hand_out(workers)
                for pipe in wait([worker.pipe for worker in workers if worker.chunk]):
                    at = next(i for i, worker in enumerate(workers) if worker.pipe is pipe)
                    self._collect(workers, at)
                while self._next in self._done:
                    yield self._done.pop(self._next)
                    self._next += 1
        finally:
            for worker in workers:
                worker.end()

    def _hand_out(self, workers: list[_Worker]) -> None:
        for at, worker in enumerate(workers):
            if not worker.chunk and self._waiting and self._waiting[0][0] < self._next + _AHEAD:
                try:
                    worker.give(self._waiting.popleft())
                except OSError:
                    self._replace(workers, at)

    def _collect(self, workers: list[_Worker], at: int) -> None:
        worker = workers[at]
        try:
            results: list[Checked] = worker.pipe.recv()
        except (EOFError, OSError):
            self._replace(workers, at)
            return
        self._done.update(zip(worker.chunk, results, strict=True))
        worker.chunk = []

    def _replace(self, workers: list[_Worker], at: int) -> None:
        """Put a new process in the place of a dead one, and its files back in the queue."""
        chunk = workers[at].chunk
        workers[at].end()
        workers[at] = _Worker(self._start)
        if len(chunk) == 1:
            self._done[chunk[0]] = crashed(self._given[chunk[0]].name)
        else:
            self._waiting.extendleft([index] for index in reversed(chunk))


def check_all(
    given: Sequence[Input], options: Options, verdict_on: Judge | None = None, workers: int | None = None
) -> Iterator[Checked]:
    """Yield each file with its verdict, in order, worked on ``workers`` processes (as many as processors).

    Raise :class:`exchange.errors.CorridorError` if what ``options`` name cannot be used.
    """
    made = verdict_on or judge(options)
    count = min(workers or cores(), max(1, len(given)))
    small = len(given) < _FEW and workers is None and _bytes(given) < _SMALL
    if count == 1 or small or any(one.path == STDIN for one in given):
        for one in given:
            yield check(one, made, options.quote)
    else:
        yield from Pool(given, options, made, count)


__all__ = ["Pool", "check_all", "cores"]
