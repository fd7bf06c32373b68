"""Ledger entries and what a decision makes: the vocabulary between deciding and storing.

An entry is a fact about one case (its UCR) or, with an empty case, about the node itself. Messages stand in entries
as model objects; the stores keep their bytes by (sender, message id) and the digest in the entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from exchange.messages import VERSION, Message

EntryKind = Literal[
    "opened", "received", "issued", "selected", "parked", "resumed", "timer-set", "timer-fired", "refused"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One fact. ``at`` is node time (UTC); ``data`` is plain JSON."""

    kind: EntryKind
    case: str
    at: datetime
    message: Message | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message for the outbox: sent to its recipient at ``due`` (node time), in the order (due, case, ordinal).

    ``version``: the version of the message set it is written in, that of the agreement it goes under.
    """

    message: Message
    due: datetime
    version: str = VERSION


FaultPlan = Callable[[Message, datetime], datetime | None]
"""Asked once for each message that enters an outbox: given its due time, when it is sent; None if it is
lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """A timer of a case: at ``due`` the node decides on ``Timer(case, purpose)``."""

    case: str
    purpose: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """Something to be fetched from a partner (an inspection image by its SHA-256)."""

    case: str
    partner: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """An input: a wake-up that has come due."""

    case: str
    purpose: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A message is not accepted: the HTTP status, a short code, one sentence. Nothing but a note is stored."""

    status: int
    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a node made of one input.

    ``entries`` are appended to the ledger, ``send`` goes to the outbox, ``wake`` to the timers, ``reply`` back in
    the answer to the caller (a node's own posts and traders only). ``entries`` include an ``issued`` entry for each
    message in ``send`` and ``reply``. With a ``refusal`` all the others are empty.
    """

    entries: tuple[Entry, ...] = ()
    send: tuple[Outgoing, ...] = ()
    wake: tuple[Wake, ...] = ()
    fetch: tuple[Fetch, ...] = ()
    reply: tuple[Message, ...] = ()
    refusal: Refusal | None = None


Input = Message | Timer
"""What a node decides on."""

__all__ = ["Decision", "Entry", "EntryKind", "FaultPlan", "Fetch", "Input", "Outgoing", "Refusal", "Timer", "Wake"]
