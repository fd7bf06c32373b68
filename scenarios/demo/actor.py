"""An actor: a stage in a process of its own, so that neither page nor arms wait for one another.

Calls travel through a pipe as ``(number, method, arguments)`` and are answered one after the other. The process ends
by itself when the other end of the pipe is closed, however that came about.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import os
import signal
from multiprocessing.connection import Connection
from typing import Any

from exchange.errors import CorridorError
from exchange.sentences import said
from scenarios.demo.stage import Part, Stage

_NICE = 3
"""Arms leave the processor to page and browser where it is scarce: the show then goes slower, but is still live."""
_PATIENCE = 5.0
"""Wall seconds that a process has to stop its nodes and end."""
_SOON = 0.5
"""Wall seconds that a process whose pipe is closed has until it can be asked how it ended."""


class ActorError(CorridorError):
    """The process of an arm could not do what it was asked to."""


class ActorLost(ActorError):
    """The process of ``arm`` has gone, without having been told to; ``how``: by which signal, or exit code."""

    def __init__(self, arm: str, how: str) -> None:
        super().__init__(f"the process of the arm {arm} has ended ({how})")
        self.arm, self.how = arm, how


class Actor:
    """Our end of the pipe to one stage. Calls may be made at any time; they are answered in order."""

    def __init__(self, part: Part) -> None:
        self.arm = part.arm
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_act, args=(theirs, part), daemon=True, name=f"corridor-{part.arm}")
        self._process.start()
        theirs.close()
        self._number = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._pipe.fileno(), self._read)
        os.set_blocking(self._pipe.fileno(), True)  # some loops do not leave it so, and then a long answer breaks off
        self._gone = False

    async def call(self, method: str, *arguments: object) -> Any:
        """Let the stage do ``method`` and return what it returns.

        Raise the :class:`~exchange.errors.CorridorError` it raises, or :class:`ActorError` if it cannot answer.
        """
        if self._gone:
            raise self._loss()
        self._number += 1
        future: asyncio.Future[Any] = self._loop.create_future()
        self._waiting[self._number] = future
        try:
            self._pipe.send((self._number, method, arguments))
        except OSError:
            self._lost()
        return await future

    def _read(self) -> None:
        try:
            while self._pipe.poll():
                number, good, content = self._pipe.recv()
                future = self._waiting.pop(number, None)
                if future is None or future.done():
                    continue
                if good:
                    future.set_result(content)
                else:
                    future.set_exception(content)
        except (EOFError, OSError):
            self._lost()

    def _lost(self) -> None:
        if not self._gone:
            self._gone = True
            self._loop.remove_reader(self._pipe.fileno())
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(self._loss())
        self._waiting.clear()

    def _loss(self) -> ActorLost:
        self._process.join(_SOON)
        code = self._process.exitcode
        if code is None:
            return ActorLost(self.arm, "no answer")
        return ActorLost(self.arm, f"signal {-code}" if code < 0 else f"exit code {code}")

    async def end(self) -> None:
        """Let the process stop its nodes and end; end it by force if it does not."""
        if not self._gone:
            self._gone = True
            self._loop.remove_reader(self._pipe.fileno())
        self._pipe.close()
        for future in self._waiting.values():
            future.cancel()
        self._waiting.clear()
        await asyncio.to_thread(self._process.join, _PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            await asyncio.to_thread(self._process.join)


def _act(pipe: Connection, part: Part) -> None:
    """Serve a stage until the pipe is closed; Ctrl-C is left to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    # what a node says of a line that somebody cut stands on the page; the terminal is not filled with it
    logging.getLogger("corridor").setLevel(logging.ERROR)
    with contextlib.suppress(EOFError, OSError):
        asyncio.run(_serve(pipe, part))


async def _serve(pipe: Connection, part: Part) -> None:
    loop = asyncio.get_running_loop()
    calls: asyncio.Queue[tuple[int, str, tuple[Any, ...]] | None] = asyncio.Queue()

    def read() -> None:
        try:
            while pipe.poll():
                calls.put_nowait(pipe.recv())
        except (EOFError, OSError):
            loop.remove_reader(pipe.fileno())
            calls.put_nowait(None)

    stage = Stage(part)
    loop.add_reader(pipe.fileno(), read)
    try:
        while (call := await calls.get()) is not None:
            number, method, arguments = call
            try:
                answer = (number, True, await getattr(stage, method)(*arguments))
            except CorridorError as error:
                answer = (number, False, ActorError(said(error)))
            except Exception as error:
                answer = (number, False, ActorError(f"arm {part.arm}: {type(error).__name__}: {error}"))
            pipe.send(answer)
    finally:
        await stage.close()


__all__ = ["Actor", "ActorError", "ActorLost"]
