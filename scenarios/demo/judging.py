"""Judging messages for the page in a process of its own, so that nothing a visitor pastes can slow the show or end it.

The process does one task after another. It may use MEMORY bytes and, for one task, the seconds its caller gives it;
a task that takes more ends the process, its caller is told, and the next task gets a new one.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import multiprocessing
import os
import signal
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from exchange.errors import CorridorError
from exchange.sentences import said, tell
from scenarios.validation.checking import Checked, Judge, Options, check_bytes, judge

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from exchange.generation import Kind, Mutant

SECONDS = 60.0
"""Wall seconds that one task may take."""
MEMORY = 2 * 1024**3
"""Bytes of address space that the process may use."""
BIGGEST = 10 * 1024 * 1024
"""Most bytes of one document or schema pack that the page takes; ``corridor validate`` takes more."""

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class JudgingError(CorridorError):
    """A task could not be done: it took too long, or what it was given cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schemas:
    """Schemas of others to judge by: a file's name (``.zip`` of a pack, or one ``.xsd``) and its bytes."""

    name: str
    data: bytes


class Bench:
    """The process, started when it is first needed; :meth:`do` gives it a task. ``nice``: how far it gives way."""

    def __init__(self, seconds: float = SECONDS, nice: int = 0) -> None:
        self._seconds = seconds
        self._nice = nice
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._turn = asyncio.Lock()
        self._scratch = tempfile.TemporaryDirectory(prefix="corridor-judging-", ignore_cleanup_errors=True)

    async def do(self, task: Callable[Given, Answer], *given: Given.args, **named: Given.kwargs) -> Answer:
        """Return what ``task``, a function of a module, returns of ``given``.

        Raise :class:`JudgingError` if it takes too long, kills its process, or raises an error of ours.
        """
        # whoever waits may leave; the task is brought to its end all the same, before the next is given
        good, content = await asyncio.shield(asyncio.ensure_future(self._in_turn((task, given, named))))
        if not good:
            raise JudgingError(content)
        answer: Answer = content
        return answer

    async def _in_turn(self, task: object) -> tuple[bool, Any]:
        async with self._turn:
            return await asyncio.to_thread(self._exchange, task)

    def _exchange(self, task: object) -> tuple[bool, Any]:
        if self._process is None or self._pipe is None or not self._process.is_alive():
            self._start()
        assert self._pipe is not None
        try:
            self._pipe.send(task)
            if self._pipe.poll(self._seconds):
                good, content = self._pipe.recv()
                return good, content
            said = tell(
                "it took more than {seconds:g} seconds and was stopped; do it with the command line",
                seconds=self._seconds,
            )
        except (EOFError, OSError):
            said = tell("it took its process down, perhaps for want of memory; do it with the command line")
        self.close()
        return False, said

    def _start(self) -> None:
        self.close()
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, self._scratch.name, self._nice), daemon=True, name="corridor-judging"
        )
        self._process.start()
        theirs.close()

    def close(self) -> None:
        """End the process."""
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._process = self._pipe = None

    def end(self) -> None:
        """End the process for good, and forget what it left behind."""
        self.close()
        self._scratch.cleanup()


def _serve(pipe: Connection, scratch: str, nice: int) -> None:
    tempfile.tempdir = scratch  # whatever is left behind when the process is killed goes with the page
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with contextlib.suppress(OSError):
        os.nice(nice)
    with contextlib.suppress(EOFError, OSError):
        while True:
            task, given, named = pipe.recv()
            pipe.send(_done(task, given, named))


def _done(task: Callable[..., object], given: Sequence[object], named: dict[str, object]) -> tuple[bool, object]:
    try:
        return True, task(*given, **named)
    except MemoryError:
        return False, tell("it needs more memory than the page gives it; do it with the command line")
    except (CorridorError, LookupError) as problem:
        return False, said(problem)


@cache
def _own() -> Judge:
    return judge(Options())


@lru_cache(maxsize=2)
def _foreign(name: str, digest: str, data: bytes) -> tuple[Judge, tuple[str, ...]]:
    notes: list[str] = []
    folder = tempfile.mkdtemp(prefix="corridor-pack-")
    path = Path(folder, f"{digest}{'.xsd' if name.lower().endswith('.xsd') else '.zip'}")
    path.write_bytes(data)
    options = Options(schema=path) if path.suffix == ".xsd" else Options(pack=path)
    try:
        made = judge(options, lambda _, note: notes.append(note))
    except CorridorError as problem:  # told with the name that the visitor knows
        raise JudgingError(str(problem).replace(str(path), name)) from None
    return made, tuple(notes)


def _judge_of(schemas: Schemas | None) -> Judge:
    if schemas is None:
        return _own()
    return _foreign(schemas.name, hashlib.sha256(schemas.data).hexdigest(), schemas.data)[0]


def check_documents(documents: Sequence[tuple[str, bytes]], schemas: Schemas | None) -> list[Checked]:
    """Return what is told of each (name, bytes), by our message set or ``schemas``."""
    verdict_on = _judge_of(schemas)
    return [check_bytes(name, data, verdict_on, True) for name, data in documents]


def read_schemas(schemas: Schemas) -> tuple[str, ...]:
    """Return what is noted of ``schemas``; raise :class:`CorridorError` if they cannot be used."""
    return _foreign(schemas.name, hashlib.sha256(schemas.data).hexdigest(), schemas.data)[1]


def sample(code: str, version: str, kind: Kind, seed: int) -> bytes:
    """Return a valid message of our set."""
    from exchange.generation import make_sample

    return make_sample(code, version, kind=kind, seed=seed)


@lru_cache(maxsize=4)
def _mutants(code: str, version: str, kind: Kind, seed: int) -> tuple[Mutant, ...]:
    from exchange.generation import mutate_message

    return mutate_message(sample(code, version, kind, seed)).mutants


def mutant_names(code: str, version: str, kind: Kind, seed: int) -> list[tuple[str, str]]:
    """Return what each mutant of a sample breaks, and the name of the element or attribute."""
    return [(one.breaks, one.at.rpartition("/")[2]) for one in _mutants(code, version, kind, seed)]


def mutant(code: str, version: str, kind: Kind, seed: int, number: int) -> Mutant:
    """Return mutant ``number`` (from 0) of a sample."""
    return _mutants(code, version, kind, seed)[number]


__all__ = [
    "BIGGEST",
    "SECONDS",
    "Bench",
    "JudgingError",
    "Schemas",
    "check_documents",
    "mutant",
    "mutant_names",
    "read_schemas",
    "sample",
]
