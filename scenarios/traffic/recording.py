"""A recording: everything that one arm's members and nodes exchanged, in the order in which it was taken.

The file is gzip of JSON lines. The first line tells what was run (``format``, scenario, arm, seed …); every other line
is one message: ``at`` (node time of the recipient), ``sender``, ``recipient``, ``code``, ``case``, ``id``,
``accepted`` and ``xml``.
"""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from exchange.codec import decode
from exchange.errors import CorridorError
from exchange.ledger import parse_time
from exchange.messages import Message, format_time
from scenarios.transport import Exchanged

FORMAT = "corridor-traffic/1"
_KEYS = ("at", "sender", "recipient", "code", "case", "id", "accepted", "xml")


class RecordingError(CorridorError):
    """A file is no recording, or cannot be read or written."""


@dataclass(frozen=True)
class Passed:
    """One message of a recording. ``at`` is UTC."""

    at: datetime
    sender: str
    recipient: str
    code: str
    case: str
    id: str
    accepted: bool
    xml: bytes

    @cached_property
    def message(self) -> Message:
        """The message, read. Raise :class:`RecordingError` if it is none."""
        try:
            return decode(self.xml)
        except (CorridorError, ValueError) as error:
            raise RecordingError(f"the recorded {self.code} {self.id} cannot be read: {error}") from error

    def row(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        values = {key: getattr(self, key) for key in _KEYS}
        return values | {"at": format_time(self.at), "xml": self.xml.decode()}


@dataclass(frozen=True)
class Recording:
    """What was run, and what passed. ``about``: scenario, digest, arm, seed, replication, start, services, program."""

    about: Mapping[str, Any]
    messages: tuple[Passed, ...]

    @property
    def services(self) -> tuple[str, ...]:
        """The services whose nodes took part."""
        return tuple(self.about["services"])

    @property
    def members(self) -> tuple[str, ...]:
        """Everybody who sent or received anything, sorted."""
        return tuple(sorted({who for one in self.messages for who in (one.sender, one.recipient)}))

    def to(self, country: str) -> Iterator[Passed]:
        """Yield what was sent to a service."""
        return (one for one in self.messages if one.recipient == country)

    def by(self, country: str) -> Iterator[Passed]:
        """Yield what a service sent."""
        return (one for one in self.messages if one.sender == country)

    def write(self, path: Path) -> None:
        """Write the file whole, or leave what stands there. Raise :class:`RecordingError` if that fails."""
        draft = path.with_name(f".{path.name}.draft")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
                for line in ({"format": FORMAT, **self.about}, *(one.row() for one in self.messages)):
                    packed.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            os.replace(draft, path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise RecordingError(f"{path}: cannot be written: {error.strerror or error}") from error

    @classmethod
    def read(cls, path: Path) -> Recording:
        """Read a recording. Raise :class:`RecordingError` that says what is wrong with the file."""
        try:
            with gzip.open(path, "rt", encoding="utf-8") as file:
                lines = [json.loads(line) for line in file]
        except FileNotFoundError:
            raise RecordingError(f"{path}: there is no such file; 'corridor record SCENARIO' makes one") from None
        except (OSError, EOFError, zlib.error, ValueError) as error:
            raise RecordingError(f"{path}: is no recording, or is damaged: {error}") from error
        if not lines or not isinstance(lines[0], dict) or lines[0].get("format") != FORMAT:
            raise RecordingError(f"{path}: is no recording ({FORMAT}); 'corridor record SCENARIO' makes one")
        return cls(lines[0], tuple(_read_row(path, number, row) for number, row in enumerate(lines[1:], 2)))


def _read_row(path: Path, number: int, row: Any) -> Passed:
    try:
        values = {key: row[key] for key in _KEYS}
        return Passed(**values | {"at": parse_time(row["at"]), "xml": row["xml"].encode()})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RecordingError(f"{path}, line {number}: is no recorded message: {error!r}") from error


def recorded(about: Mapping[str, Any], log: Iterable[Exchanged]) -> Recording:
    """Return the recording of a transport's log that was kept with its XML, in its order."""
    return Recording(about, tuple(passed(item) for item in log))


def passed(item: Exchanged) -> Passed:
    """Return an entry of a transport's log as a recording has it."""
    header = item.header
    return Passed(
        at=item.at,
        sender=header.sender,
        recipient=header.recipient,
        code=header.message_type,
        case=item.ucr,
        id=header.message_id,
        accepted=item.accepted,
        xml=item.xml or b"",
    )


__all__ = ["FORMAT", "Passed", "Recording", "RecordingError", "passed", "recorded"]
