"""What goes into the store and comes out of it: value objects, one per kind of row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from exchange.ledger import LedgerEntry

OutboxState = Literal["pending", "delivered", "rejected", "lost", "expired", "dead"]
"""``expired``: it missed the arrival it announces, and another message follows in its place under fallback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """The exact bytes of a message, and what it is found by.

    ``signature`` is the detached JWS it came under; None for the node's own messages, which are signed anew each time
    they are sent.
    """

    id: str
    sender: str
    recipient: str
    case: str
    sha256: str
    data: bytes
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class ReplyRef:
    """An immediate answer that went back with a receipt: the node's message and the signature it went
    under."""

    sender: str
    id: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """That a message was accepted: the duplicate key (sender, id), and what was answered."""

    id: str
    sender: str
    sha256: str
    position: int
    receipt: str
    replies: tuple[ReplyRef, ...] = ()


class OutboxRow(NamedTuple):
    """A message on its way (a named tuple: a run in memory makes them by the ten thousand).

    ``since`` is when it was decided, ``due`` from when on it is sent, ``until`` the end of its life (node time, UTC).
    ``trace`` is the W3C ``traceparent`` of what it follows from.
    """

    message_id: str
    sender: str
    recipient: str
    case: str
    ordinal: int
    since: datetime
    due: datetime
    attempts: int = 0
    state: OutboxState = "pending"
    settled: datetime | None = None
    receipt: str | None = None
    detail: str | None = None
    until: datetime | None = None
    trace: str | None = None

    @property
    def order(self) -> tuple[datetime, str, int, str]:
        """The order within a lane: due, case, ordinal."""
        return (self.due, self.case, self.ordinal, self.message_id)


@dataclass(frozen=True, slots=True, order=True)
class TimerRow:
    """A wake-up: ordered by due, case, purpose."""

    due: datetime
    case: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalNote:
    """That an authenticated member was refused, without what it sent."""

    at: datetime
    member: str
    sha256: str
    status: int
    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A case in the ledger: when its first and last entries were made (UTC), and how many there are."""

    case: str
    first: datetime
    last: datetime
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredImage:
    """An inspection image that is here whole. ``size`` in bytes."""

    sha256: str
    media_type: str
    size: int


@dataclass(slots=True)
class Writes:
    """Everything one transaction writes."""

    entries: list[LedgerEntry] = field(default_factory=list)
    messages: list[StoredMessage] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)
    outbox_changes: list[OutboxRow] = field(default_factory=list)
    timers: list[TimerRow] = field(default_factory=list)
    timers_done: list[TimerRow] = field(default_factory=list)
    refusals: list[RefusalNote] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in Writes.__slots__)


__all__ = [
    "Accepted",
    "CaseRow",
    "OutboxRow",
    "OutboxState",
    "RefusalNote",
    "ReplyRef",
    "StoredImage",
    "StoredMessage",
    "TimerRow",
    "Writes",
]
