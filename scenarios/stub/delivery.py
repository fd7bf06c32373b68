"""What becomes of a stub's messages to partners: held back, doubled, out of order, or never sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from exchange.faults import UNHARMED, Fate
from exchange.messages import Message
from scenarios.stub.marks import asked

AGAIN = timedelta(seconds=1)
"""Until the copy of a message that is delivered twice."""
APART = timedelta(seconds=2)
"""Between two messages that change places."""
TURNED = 16
"""Messages of one moment that change places at most."""


class Deliveries:
    """Asked by a node when a message enters its outbox, and before each attempt to deliver it."""

    def __call__(self, message: Message, due: datetime) -> datetime | None:
        """Return when ``message``, due then, is sent; None if never."""
        found = asked(message.ucr)
        if not found or "." in message.header.recipient:
            return due
        if "MUTE" in found.words:
            return None
        if "REORDER" in found.words:
            due += APART * (TURNED - message.header.ordinal % TURNED)
        held = found.delay is not None and not found.any("SLOW", "SILENT")
        return due + found.delay if held and found.delay is not None else due

    def delivery(self, message: Message, attempt: int, now: datetime) -> Fate:
        """Return the fate of an attempt (from 1) at node time ``now``."""
        if attempt == 1 and "DUPLICATE" in asked(message.ucr).words and "." not in message.header.recipient:
            return Fate(again=AGAIN, reason="the reference asks for it twice")
        return UNHARMED


__all__ = ["Deliveries"]
