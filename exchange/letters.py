"""What goes to a node and what comes back: a message ready to be sent, and the answer to it, or that there was none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from exchange.codec import encode
from exchange.errors import CorridorError
from exchange.messages import VERSION, Message
from exchange.receipts import Receipt
from exchange.signatures import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message ready to be sent: its exact bytes and what it is sorted and receipted by.

    ``signed_at``: when it is said to be signed, if the sender's clock is wrong on purpose.
    """

    id: str
    sender: str
    recipient: str
    case: str
    ordinal: int
    data: bytes
    sha256: str
    trace: str | None = None
    signed_at: datetime | None = None

    @classmethod
    def of(
        cls, message: Message, data: bytes | None = None, trace: str | None = None, version: str = VERSION
    ) -> Letter:
        """Return the letter of ``message``; ``data`` are its bytes where they exist already, ``trace`` the
        ``traceparent`` it goes under, ``version`` the one it is written in else."""
        header = message.header
        data = encode(message, version) if data is None else data
        return cls(
            id=header.message_id,
            sender=header.sender,
            recipient=header.recipient,
            case=message.ucr,
            ordinal=header.ordinal,
            data=data,
            sha256=digest(data),
            trace=trace,
        )

    @property
    def order(self) -> tuple[str, str, int, str]:
        """The order within a round: sender, case, ordinal."""
        return (self.sender, self.case, self.ordinal, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a node answered to a message.

    202: ``receipt`` is verified and stands beside its ``token``; ``replies`` are the verified bytes of the
    node's immediate answers. Otherwise ``problem`` holds the problem document. ``next_due`` is a stepped
    node's next due time; it is meant only if ``stepped``.
    """

    status: int
    token: str | None = None
    receipt: Receipt | None = None
    replies: tuple[bytes, ...] = ()
    replayed: bool = False
    stepped: bool = False
    next_due: datetime | None = None
    problem: Mapping[str, Any] = field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        """Whether the message was accepted."""
        return self.status == 202


class Undelivered(CorridorError):
    """A message or question got no answer that settles it; it may be tried again after ``retry_after``
    seconds. ``passing``: it lies with the whole partner for a while, not with this message."""

    def __init__(self, text: str, retry_after: int | None = None, *, passing: bool = False) -> None:
        super().__init__(text)
        self.retry_after = retry_after
        self.passing = passing


__all__ = ["Answer", "Letter", "Undelivered"]
