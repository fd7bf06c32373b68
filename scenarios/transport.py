"""How the conductor reaches the nodes of one arm: the contract of the two transports.

``memory`` (:mod:`scenarios.transport_memory`) calls the nodes' decisions directly with model objects, ``http``
(:mod:`scenarios.transport_http`) starts real services on loopback and sends signed XML. Both give identical case
histories; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from exchange.messages import Header, Message, RecognitionResponse
from exchange.validation.offices import country_of
from scenarios.told import Answer


class Exchanged(NamedTuple):
    """A message that was handed over, or refused by its recipient. ``at`` is the recipient's node time (UTC).

    ``xml`` holds its bytes where the transport was asked to keep them; the message itself is not kept. ``recognition``:
    of an answer to a control result offered (RCG), the id of that result and what was answered. ``reason``: why the
    recipient refused it, in the recipient's words, where the transport has such.
    """

    at: datetime
    ucr: str
    header: Header
    accepted: bool
    xml: bytes | None = None
    recognition: tuple[str, Answer] | None = None
    reason: str = ""

    @property
    def code(self) -> str:
        """The message's code (ADV, AAR …)."""
        return self.header.message_type


class Log(list[Exchanged]):
    """Everything exchanged in one arm (asks, replies, deliveries), in no promised order.

    Where nobody will look at each message, those that tell nothing (:mod:`scenarios.told`) are counted and not kept:
    ``others``, of which ``others_refused`` were refused.
    """

    def __init__(self) -> None:
        super().__init__()
        self.others = 0
        self.others_refused = 0

    @property
    def sent(self) -> int:
        """Return how many messages were handed over, or refused."""
        return len(self) + self.others

    def counts(self) -> dict[str, int]:
        """Return how many messages were sent, accepted and rejected."""
        rejected = len([item for item in self if not item.accepted]) + self.others_refused
        return {"sent": self.sent, "accepted": self.sent - rejected, "rejected": rejected}


def recognition_of(message: Message) -> tuple[str, Answer] | None:
    """Return what ``message`` answers to which control result, None if it is no such answer."""
    if not isinstance(message, RecognitionResponse):
        return None
    reasons = tuple(reason.code for reason in message.reasons)
    place = country_of(message.office)
    of = "" if place is None or place == message.header.sender else place
    return message.control_result_id, Answer(message.form, message.outcome, message.stage, reasons, of)


ImageOf = Callable[[str], bytes | None]
"""Gives the bytes of an inspection image that a post of the run took, by its SHA-256; None if none did."""


def no_images(_: str) -> None:
    """Return None: no post takes images."""


class Transport(Protocol):
    """What the conductor may ask of the nodes of one arm. All times are UTC, whole seconds."""

    log: Log
    """Everything exchanged so far."""

    async def start(self) -> None:
        """Start the nodes."""

    async def ask(self, now: datetime, messages: Sequence[Message]) -> list[tuple[Message, ...]]:
        """Hand the posts' and traders' messages of one round to their nodes; return the replies in the order asked."""

    async def advance(self, country: str, now: datetime) -> None:
        """Let the node of ``country`` do what is due at ``now``: timers, then its outbox."""

    def next_due(self) -> Mapping[str, datetime | None]:
        """Return for each node (country code) when it next has something to do, as far as is known without asking."""

    def collect(self) -> list[Message]:
        """Return, and forget, what nodes sent to posts and traders, sorted by (sender, case, ordinal)."""

    async def finish(self) -> None:
        """Complete the log, once the world is through; before :meth:`stop`."""

    async def stop(self) -> None:
        """Stop the nodes; what they stored stays readable."""


__all__ = ["Exchanged", "ImageOf", "Transport", "no_images", "recognition_of"]
