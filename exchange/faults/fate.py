"""What becomes of one attempt to deliver a message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol, runtime_checkable

from exchange.messages import Message

NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """``lost``: the request never comes, or it comes and its answer does not.

    ``hold``: how long the message is held up on its way; what follows in its case waits behind it. ``again``: after
    what time a copy of it comes too, None if none does. ``skew``: by how much the sender's clock seems ahead to the
    recipient. ``reason``: a sentence on what is behind it.
    """

    lost: Literal["", "request", "response"] = ""
    hold: timedelta = NOTHING
    again: timedelta | None = None
    skew: timedelta = NOTHING
    reason: str = ""


UNHARMED = Fate()


@runtime_checkable
class DeliveryFaults(Protocol):
    """Asked before each attempt to deliver a message to another service."""

    def delivery(self, message: Message, attempt: int, now: datetime) -> Fate:
        """Return the fate of attempt number ``attempt`` (from 1) at node time ``now`` (UTC)."""


__all__ = ["NOTHING", "UNHARMED", "DeliveryFaults", "Fate"]
