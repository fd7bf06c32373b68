"""The processes of the bench: started, told what to do, and ended by their ids."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from exchange.errors import CorridorError

PATIENCE = 120.0
"""Wall seconds within which an order is answered beyond what it takes by itself."""


class BenchFailed(CorridorError):
    """A process of the bench ended, or did not answer."""


class Worker:
    """A worker process as an asynchronous context manager. ``log`` takes what it says on standard error."""

    def __init__(self, arguments: Sequence[str], log: Path) -> None:
        self._arguments = arguments
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self.ready: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *self._arguments,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log,
                limit=64 * 1024 * 1024, start_new_session=True,
            )  # fmt: skip
        try:
            self.ready = await self._answer(0.0)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        process = self._process
        assert process is not None and process.stdin is not None
        process.stdin.close()  # each ends with its standard input
        try:
            await asyncio.wait_for(process.wait(), PATIENCE)
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid

    async def run(self, seconds: float) -> dict[str, Any]:
        """Have it work for ``seconds``; return what it tells."""
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(json.dumps({"seconds": seconds}).encode() + b"\n")
        return await self._answer(seconds)

    async def _answer(self, seconds: float) -> dict[str, Any]:
        assert self._process is not None and self._process.stdout is not None
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), seconds + PATIENCE)
        except TimeoutError:
            line = b""
        if not line:
            said = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:]
            raise BenchFailed(f"a process of the bench did not answer ({self._arguments[0]}): " + "\n  ".join(said))
        found: dict[str, Any] = json.loads(line)
        return found


def memory_of(pid: int) -> int | None:
    """Return the resident memory of a process in bytes, None where the system does not tell (no /proc)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    line = next((line for line in status.splitlines() if line.startswith("VmRSS:")), None)
    return None if line is None else int(line.split()[1]) * 1024


def processor_of(pid: int) -> float | None:
    """Return the processor seconds that a process has used, None where the system does not tell (no /proc)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


__all__ = ["BenchFailed", "Worker", "memory_of", "processor_of"]
