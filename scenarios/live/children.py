"""Nodes as child processes: started, watched, and stopped by their ids, never by a name."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from exchange.errors import CorridorError

READY = 60.0
"""Wall seconds within which a node must have said where it listens."""
PATIENCE = 15.0
"""Wall seconds that a node is given to stop by itself."""
_TAIL = 12
"""Lines of a log that are shown of a node that died."""


class ChildDied(CorridorError):
    """A node's process ended by itself, or never came to listen."""


@dataclass(frozen=True, slots=True)
class Child:
    """A running node: where it listens, and its process id."""

    country: str
    url: str
    process: asyncio.subprocess.Process
    log: Path

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid


class Children:
    """Starts nodes (:meth:`start`), watches them (:meth:`died`) and stops them (:meth:`stop`).

    ``commands`` has the arguments of ``corridor node`` for each country, ``logs`` the files for what they say on
    standard error.
    """

    def __init__(self, commands: Mapping[str, Sequence[str]], logs: Mapping[str, Path]) -> None:
        self._commands = commands
        self._logs = logs
        self._started: dict[str, asyncio.subprocess.Process] = {}
        self.running: tuple[Child, ...] = ()

    async def start(self) -> None:
        """Start all nodes and wait until they listen. Raise :class:`ChildDied` if one does not; then none runs."""
        try:
            for country, arguments in self._commands.items():
                await self._start(country, arguments)
            urls = await asyncio.gather(*(self._ready(country) for country in self._started))
        except BaseException:
            await self.stop()
            raise
        self.running = tuple(
            Child(country, url, self._started[country], self._logs[country])
            for country, url in zip(self._started, urls, strict=True)
        )

    async def _start(self, country: str, arguments: Sequence[str]) -> None:
        with self._logs[country].open("ab") as log:
            self._started[country] = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "scenarios.cli",
                "node",
                *arguments,
                "--json",
                "--until-eof",
                stdin=asyncio.subprocess.PIPE,  # ends with this process, and the node with it
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )

    async def _ready(self, country: str) -> str:
        process = self._started[country]
        assert process.stdout is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(READY):
                while line := await process.stdout.readline():
                    told = json.loads(line)
                    if told["status"] == "ok":
                        return str(told["url"])
                await process.wait()
        raise ChildDied(self._obituary(country, f"did not come to listen within {READY:g} s"))

    def _obituary(self, country: str, otherwise: str) -> str:
        code = self._started[country].returncode
        how = otherwise
        if code is not None:
            how = f"ended with exit code {code}" if code >= 0 else f"was ended by {signal.Signals(-code).name}"
        log = self._logs[country]
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL:]
        said = "\n  ".join(lines) or "(it said nothing)"
        return f"the node of {country} {how}; the end of {log}:\n  {said}"

    async def died(self) -> str:
        """Return, as soon as a node has ended by itself, which one and what it said last."""
        waiting = {asyncio.create_task(one.wait()): country for country, one in self._started.items()}
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        return self._obituary(waiting[done.pop()], "")

    async def stop(self) -> None:
        """Ask all nodes to stop, and end those that do not within the patience."""
        going = [one for one in self._started.values() if one.returncode is None]
        for one in going:
            with suppress(ProcessLookupError):
                one.send_signal(signal.SIGTERM)
        if going:
            _, late = await asyncio.wait([asyncio.create_task(one.wait()) for one in going], timeout=PATIENCE)
            if late:
                for one in going:
                    if one.returncode is None:
                        with suppress(ProcessLookupError):
                            one.kill()
                await asyncio.wait(late)


__all__ = ["Child", "ChildDied", "Children"]
