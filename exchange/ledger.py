"""The ledger: one append-only chain of entries per node.

The digest of an entry is SHA-256 over the canonical JSON (sorted keys, no blanks, UTF-8) of ``kind``,
``case``, ``at``, ``message`` (``{sender, id, sha256}`` or null) and ``data``. Its mark is SHA-256 over the
previous entry's hash and the case. Its hash is SHA-256 over the previous entry's hash, the mark and the
digest, 32 bytes each. Before the first entry stand 32 zero bytes. Positions count from 1.

The mark lets a node show that an entry is not of a case, without showing what it is: evidence of one case
(:mod:`exchange.evidence`) needs nothing of the others but their marks and digests.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from exchange.errors import CorridorError
from exchange.messages import format_time

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode

GENESIS = bytes(32).hex()
"""The hash before the first entry."""


class BrokenChain(CorridorError):
    """The ledger was changed after it was written; ``position`` is the first entry that does not fit."""

    def __init__(self, position: int, text: str) -> None:
        super().__init__(f"ledger position {position}: {text}")
        self.position = position


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message by its sender, id and the SHA-256 (hexadecimal) of its bytes."""

    sender: str
    id: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """An entry as it stands in the ledger. ``at`` is node time, ``data`` the canonical JSON text."""

    position: int
    hash: str
    kind: str
    case: str
    at: datetime
    message: MessageRef | None
    data: str


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a ledger: the last position (0 if empty) and its hash."""

    position: int = 0
    hash: str = GENESIS


def canonical(value: Mapping[str, Any]) -> str:
    """Return ``value`` as canonical JSON text.

    Raise ``TypeError`` or ``ValueError`` if it is not plain JSON.
    """
    return _CANONICAL(value)


def parse_time(text: str) -> datetime:
    """Return the UTC time of ``YYYY-MM-DDTHH:MM:SSZ``. Raise ``ValueError`` for anything else."""
    if len(text) != 20 or text[19] != "Z" or text[10] != "T":
        raise ValueError(f"{text!r} is no time such as 2026-01-01T00:00:00Z")
    return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)


def entry_digest(kind: str, case: str, at: datetime, message: MessageRef | None, data: str) -> bytes:
    """Return the SHA-256 of an entry's content; ``data`` is canonical JSON already."""
    about = "null"
    if message is not None:
        about = canonical({"id": message.id, "sender": message.sender, "sha256": message.sha256})
    # The keys stand in their sorted order, so that this is the canonical JSON of the whole.
    text = (
        f'{{"at":"{format_time(at)}","case":{_CANONICAL(case)},"data":{data},'
        f'"kind":{_CANONICAL(kind)},"message":{about}}}'
    )
    return sha256(text.encode()).digest()


def mark(previous: bytes, case: str) -> bytes:
    """Return the mark of an entry of ``case`` that follows the hash ``previous``."""
    return sha256(previous + case.encode()).digest()


def link(previous: bytes, mark: bytes, digest: bytes) -> bytes:
    """Return the hash of the entry with this mark and digest that follows the hash ``previous``."""
    return sha256(previous + mark + digest).digest()


def chained(head: Head, *, kind: str, case: str, at: datetime, message: MessageRef | None, data: str) -> LedgerEntry:
    """Return the entry that follows ``head``."""
    previous = bytes.fromhex(head.hash)
    hashed = link(previous, mark(previous, case), entry_digest(kind, case, at, message, data))
    return LedgerEntry(
        position=head.position + 1, hash=hashed.hex(), kind=kind, case=case, at=at, message=message, data=data
    )


def verify_chain(entries: Iterable[LedgerEntry], after: Head | None = None) -> Head:
    """Recompute every hash of ``entries`` (in order, following ``after``) and return the head reached.

    Raise :class:`BrokenChain` at the first entry that is missing, out of order or changed.
    """
    head = after or Head()
    for entry in entries:
        if entry.position != head.position + 1:
            raise BrokenChain(head.position + 1, f"the entry is missing; the next one found is {entry.position}")
        expected = chained(head, kind=entry.kind, case=entry.case, at=entry.at, message=entry.message, data=entry.data)
        if expected.hash != entry.hash:
            raise BrokenChain(entry.position, f"the entry ({entry.kind}, case {entry.case}) does not fit its hash")
        head = Head(entry.position, entry.hash)
    return head


__all__ = [
    "GENESIS",
    "BrokenChain",
    "Head",
    "LedgerEntry",
    "MessageRef",
    "canonical",
    "chained",
    "entry_digest",
    "link",
    "mark",
    "parse_time",
    "verify_chain",
]
