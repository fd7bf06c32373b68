"""All faults of one run together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from exchange.faults.fate import NOTHING, UNHARMED, Fate
from exchange.faults.kinds import Attempt, Fault
from exchange.luck import Luck
from exchange.messages import Message


class Faults:
    """The faults of one replication, by its ``luck``.

    Called with a message and when it is due, it returns when it leaves (a :data:`exchange.entries.FaultPlan`);
    :meth:`delivery` is asked before each attempt. Messages to and from a service's own posts and traders are unharmed.
    """

    def __init__(self, faults: Sequence[Fault], luck: Luck) -> None:
        self._faults = tuple(faults)
        self._luck = luck

    def __call__(self, message: Message, due: datetime) -> datetime | None:
        """Return when a message due at ``due`` is tried first."""
        if not _between_services(message):
            return due
        attempt = Attempt.of(message, 0, due)
        return due + sum((fault.later(attempt, self._luck) for fault in self._faults), timedelta(0))

    def delivery(self, message: Message, attempt: int, now: datetime) -> Fate:
        """Return the fate of an attempt: of several faults the first that loses it, the longest hold, all skews."""
        if not _between_services(message):
            return UNHARMED
        asked = Attempt.of(message, attempt, now)
        fates = [fate for fault in self._faults if (fate := fault.fate(asked, self._luck)) is not UNHARMED]
        if not fates:
            return UNHARMED
        lost = next((fate for fate in fates if fate.lost == "request"), None) or next(
            (fate for fate in fates if fate.lost), None
        )
        copies = [fate.again for fate in fates if fate.again is not None]
        return Fate(
            lost=lost.lost if lost is not None else "",
            hold=max(fate.hold for fate in fates),
            again=min(copies, default=None),
            skew=sum((fate.skew for fate in fates), NOTHING),
            reason=lost.reason if lost is not None else "; ".join(fate.reason for fate in fates),
        )


def _between_services(message: Message) -> bool:
    return "." not in message.header.sender and "." not in message.header.recipient


__all__ = ["Faults"]
