"""Ledger entries and what a decision makes: the vocabulary between deciding and storing.

An entry is a fact about one case (its UCR) or, with an empty case, about the node itself. Messages stand in entries
as model objects; the stores keep their bytes by (sender, message id) and the digest in the entry.

What a decision makes by the ten thousand is named tuples: they are made in half the time of frozen dataclasses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, Self

from exchange.messages import VERSION, Message

FETCH = "fetch:"
"""How the purpose of a timer begins that stands for a fetch."""
EntryKind = Literal[
    "opened", "received", "issued", "selected", "parked", "resumed", "timer-set", "timer-fired", "refused", "booked"
]


quick = tuple.__new__
"""Makes a named tuple of its class and a tuple of *all* its values, in half the time of calling the class."""
_NO_DATA: Mapping[str, Any] = {}


class Entry(NamedTuple):
    """One fact. ``at`` is node time (UTC); ``data`` is plain JSON."""

    kind: EntryKind
    case: str
    at: datetime
    message: Message | None = None
    data: Mapping[str, Any] = _NO_DATA


class Outgoing(NamedTuple):
    """A message for the outbox: sent to its recipient at ``due`` (node time), in the order (due, case, ordinal).

    ``version``: the version of the message set it is written in, that of the agreement it goes under.
    """

    message: Message
    due: datetime
    version: str = VERSION


FaultPlan = Callable[[Message, datetime], datetime | None]
"""Asked once for each message that enters an outbox: given its due time, when it is sent; None if it is
lost."""


class Wake(NamedTuple):
    """A timer of a case: at ``due`` the node decides on ``Timer(case, purpose)``."""

    case: str
    purpose: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """An inspection image to be fetched from a partner by its SHA-256, so that it is here at ``due`` (node time).

    ``size``: its bytes, as announced; ``attempt``: which announcement of it this follows, from 1. It waits among a
    node's timers, so that a node that was stopped fetches it when it is back.
    """

    case: str
    partner: str
    sha256: str
    size: int
    attempt: int
    due: datetime

    @property
    def purpose(self) -> str:
        """The purpose of the timer that stands for it."""
        return f"{FETCH}{self.partner}:{self.attempt}:{self.size}:{self.sha256}"

    @classmethod
    def of(cls, case: str, purpose: str, due: datetime) -> Self:
        """Return the fetch that a timer of this purpose stands for; raise ValueError if it stands for none."""
        kind, partner, attempt, size, sha256 = purpose.split(":")
        if f"{kind}:" != FETCH:
            raise ValueError(f"{purpose!r} is no fetch")
        return cls(case=case, partner=partner, sha256=sha256, size=int(size), attempt=int(attempt), due=due)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """An input: a wake-up that has come due."""

    case: str
    purpose: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched(Timer):
    """An input: a fetch that has ended. ``text`` says what is wrong unless the image came whole."""

    outcome: Literal["WHOLE", "CORRUPT", "MISSING"]
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A message is not accepted: the HTTP status, a short code, one sentence. Nothing but a note is stored."""

    status: int
    code: str
    text: str


class Decision(NamedTuple):
    """What a node made of one input.

    ``entries`` are appended to the ledger, ``send`` goes to the outbox, ``wake`` and ``fetch`` to the timers, and
    ``reply`` back in the answer to the caller (a node's own posts and traders only). ``entries`` include an ``issued``
    entry for each message in ``send`` and ``reply``. With a ``refusal`` all the others are empty.
    """

    entries: tuple[Entry, ...] = ()
    send: tuple[Outgoing, ...] = ()
    wake: tuple[Wake, ...] = ()
    fetch: tuple[Fetch, ...] = ()
    reply: tuple[Message, ...] = ()
    refusal: Refusal | None = None


Input = Message | Timer
"""What a node decides on."""

__all__ = [
    "FETCH",
    "Decision",
    "Entry",
    "EntryKind",
    "FaultPlan",
    "Fetch",
    "Fetched",
    "Input",
    "Outgoing",
    "Refusal",
    "Timer",
    "Wake",
    "quick",
]
