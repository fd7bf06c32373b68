"""The store of trials: one file, a line a trial, appended when the trial is through, whole or not at all.

A line is the CRC-32 of what follows, a blank, and base64 of compressed JSON. What a crash left behind at the end of the
file is recognised by that and cut off when the file is opened again.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from exchange.errors import CorridorError
from scenarios.events import ArmRun, Event
from scenarios.experiments.plain import plain, restored
from scenarios.experiments.trial import TrialResult

Key = tuple[str, int]


class StoreError(CorridorError):
    """The store of an experiment cannot be used."""


class TrialStore:
    """The trials in the file ``path``; a context manager. One process at a time may hold it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = path.open("a+b")
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise StoreError(
                f"{path}: another experiment is at work there: let it end, or name another --out"
            ) from None
        except OSError as error:
            raise StoreError(f"{path}: cannot be opened: {error.strerror or error}") from error
        self._places: dict[Key, tuple[int, int]] = {}
        self.lost = self._open()
        """Bytes of a torn end that were cut off."""

    def __enter__(self) -> TrialStore:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __contains__(self, key: Key) -> bool:
        return key in self._places

    def __len__(self) -> int:
        return len(self._places)

    def _open(self) -> int:
        self._file.seek(0)
        good = 0
        for line in self._file:
            content = _content(line)
            if content is None:
                break
            self._places.setdefault((content["digest"], content["replication"]), (good, len(line)))
            good += len(line)
        size = os.fstat(self._file.fileno()).st_size
        if size > good:
            self._file.truncate(good)
        self._file.seek(0, os.SEEK_END)
        return size - good

    def put(self, key: Key, line: bytes) -> None:
        """Store the line of a trial durably; one that is there already is left as it is. Raise StoreError if that
        fails."""
        if key in self._places:
            return
        at = self._file.seek(0, os.SEEK_END)
        try:
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise StoreError(f"{self.path}: cannot be written: {error.strerror or error}") from error
        self._places[key] = (at, len(line))

    def read(self, key: Key) -> TrialResult:
        """Return a stored trial; KeyError if it is not there."""
        at, length = self._places[key]
        self._file.seek(at)
        content = _content(self._file.read(length))
        if content is None:
            raise StoreError(f"{self.path}: was changed while it was in use: begin the experiment anew")
        return _result(content)

    def all_keys(self) -> Iterator[Key]:
        """Yield what names the trials that are stored, in no order."""
        yield from self._places


def line_of(result: TrialResult) -> bytes:
    """Return the line of the store that holds ``result``."""
    content = {
        "digest": result.digest,
        "replication": result.replication,
        "program": result.program,
        "measures": [plain(item) for item in result.measures],
        "twins": [plain(item) for item in result.twins],
        "runs": [{"arm": run.arm, "events": [list(event) for event in run.events]} for run in result.runs],
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    packed = base64.b64encode(zlib.compress(text.encode(), 4))
    return b"%08x %b\n" % (zlib.crc32(packed), packed)


def _content(line: bytes) -> dict[str, Any] | None:
    if not line.endswith(b"\n") or line[8:9] != b" ":
        return None
    packed = line[9:-1]
    if b"%08x" % zlib.crc32(packed) != line[:8]:
        return None
    content: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(packed)))
    return content


def _result(content: dict[str, Any]) -> TrialResult:
    measures = tuple(map(restored, content["measures"]))
    by_arm = {item.arm: item for item in measures}
    runs = tuple(
        ArmRun(
            arm=run["arm"],
            replication=content["replication"],
            consignments=(),
            events=tuple(Event(*event) for event in run["events"]),
            utilisation=by_arm[run["arm"]].utilisation,
            messages=by_arm[run["arm"]].messages,
        )
        for run in content["runs"]
    )
    return TrialResult(
        digest=content["digest"],
        replication=content["replication"],
        program=content["program"],
        measures=measures,
        runs=runs,
        twins=tuple(map(restored, content["twins"])),
    )


__all__ = ["Key", "StoreError", "TrialStore", "line_of"]
