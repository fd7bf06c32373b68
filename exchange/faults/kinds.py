"""The kinds of delivery faults. Each says what it makes of an attempt, and is a pure function of it.

Figures stand in scenario files with their sources; here they are plain numbers. Times are UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from exchange.faults.fate import UNHARMED, Fate
from exchange.luck import Luck
from exchange.messages import Header, Message
from exchange.references import strip_run

Seconds = Callable[[float], int]
"""Turns luck (0–1) into a duration in whole seconds."""
_ONE_OF_SEVERAL = ("office", "presentation", "form", "extent", "stage")
"""Fields that tell messages of one kind in one case apart."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to deliver a message, as faults see it: without run and arm."""

    header: Header
    entity: str
    """What luck knows the case by."""
    name: str
    """What luck knows the message by, within its case and link."""
    number: int
    at: datetime

    @classmethod
    def of(cls, message: Message, number: int, at: datetime) -> Attempt:
        """Return attempt ``number`` (from 1; 0 asks when it leaves) to deliver ``message`` at ``at``."""
        header = message.header
        parts = [message.CODE, *(str(getattr(message, name, None) or "") for name in _ONE_OF_SEVERAL)]
        if header.fallback_indicator:
            parts.append("fallback")
        return cls(header, strip_run(message.ucr), "/".join(parts), number, at)

    def uniform(self, luck: Luck, fault: str, purpose: str) -> float:
        """Return luck's number (0–1) for this attempt and what a fault asks it for."""
        place = f"{self.header.sender}>{self.header.recipient}"
        return luck.uniform(self.entity, place, f"{fault}/{purpose}/{self.name}", self.number)


@dataclass(frozen=True, slots=True)
class Link:
    """The messages that a fault concerns: from some services to some, of some codes; an empty set means all."""

    senders: frozenset[str] = frozenset()
    recipients: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()

    def carries(self, header: Header) -> bool:
        """Return whether a message with this header goes this way."""
        return (
            (not self.senders or header.sender in self.senders)
            and (not self.recipients or header.recipient in self.recipients)
            and (not self.codes or header.message_type in self.codes)
        )


class Fault:
    """A fault. ``id`` names it within its scenario, and is part of what luck is asked."""

    id: str

    def fate(self, attempt: Attempt, luck: Luck) -> Fate:
        """Return what the fault makes of an attempt."""
        return UNHARMED

    def later(self, attempt: Attempt, luck: Luck) -> timedelta:
        """Return by how much a message leaves late, before it is tried at all."""
        return timedelta(0)


@dataclass(frozen=True, slots=True)
class Loss(Fault):
    """A share of the attempts on a link is lost: the request, or the answer to it."""

    id: str
    link: Link
    share: float
    what: Literal["request", "response"] = "request"

    def fate(self, attempt: Attempt, luck: Luck) -> Fate:
        if not self.link.carries(attempt.header) or attempt.uniform(luck, self.id, "lost") >= self.share:
            return UNHARMED
        return Fate(lost=self.what, reason=f"{self.id}: the {self.what} was lost")


@dataclass(frozen=True, slots=True)
class Delay(Fault):
    """A share of the messages on a link is held up, and what follows them in their case with them."""

    id: str
    link: Link
    share: float
    by: Seconds

    def fate(self, attempt: Attempt, luck: Luck) -> Fate:
        if attempt.number != 1 or not self.link.carries(attempt.header):
            return UNHARMED
        if attempt.uniform(luck, self.id, "held") >= self.share:
            return UNHARMED
        wait = max(1, self.by(attempt.uniform(luck, self.id, "by")))
        return Fate(hold=timedelta(seconds=wait), reason=f"{self.id}: held up for {wait} s")


@dataclass(frozen=True, slots=True)
class Duplicate(Fault):
    """A share of the messages on a link comes a second time, some time later."""

    id: str
    link: Link
    share: float
    after: Seconds

    def fate(self, attempt: Attempt, luck: Luck) -> Fate:
        if attempt.number != 1 or not self.link.carries(attempt.header):
            return UNHARMED
        if attempt.uniform(luck, self.id, "again") >= self.share:
            return UNHARMED
        wait = max(0, self.after(attempt.uniform(luck, self.id, "after")))
        return Fate(again=timedelta(seconds=wait), reason=f"{self.id}: comes twice")


@dataclass(frozen=True, slots=True)
class Reorder(Fault):
    """A share of the messages on a link leaves late, and what follows overtakes them."""

    id: str
    link: Link
    share: float
    by: Seconds

    def later(self, attempt: Attempt, luck: Luck) -> timedelta:
        if not self.link.carries(attempt.header) or attempt.uniform(luck, self.id, "overtaken") >= self.share:
            return timedelta(0)
        return timedelta(seconds=max(1, self.by(attempt.uniform(luck, self.id, "by"))))


@dataclass(frozen=True, slots=True)
class Partition(Fault):
    """Two groups of services cannot reach each other from ``begins`` until ``ends``."""

    id: str
    one: frozenset[str]
    other: frozenset[str]
    begins: datetime
    ends: datetime

    def fate(self, attempt: Attempt, luck: Luck) -> Fate:
        ends = {attempt.header.sender, attempt.header.recipient}
        if not (self.begins <= attempt.at < self.ends and ends & self.one and ends & self.other):
            return UNHARMED
        return Fate(lost="request", reason=f"{self.id}: the network is parted until {self.ends:%Y-%m-%dT%H:%M:%SZ}")


@dataclass(frozen=True, slots=True)
class Outage(Fault):
    """A service reaches no other and is reached by none from ``begins`` until ``ends``."""

    id: str
    node: str
    begins: datetime
    ends: datetime

    def fate(self, attempt: Attempt, luck: Luck) -> Fate:
        if not (self.begins <= attempt.at < self.ends and _concerns(self.node, attempt.header)):
            return UNHARMED
        return Fate(lost="request", reason=f"{self.id}: {self.node} is down")


@dataclass(frozen=True, slots=True)
class RandomOutages(Fault):
    """Each of ``nodes`` (none given: every service) is down on a share of the days, once, for some time.

    Which days, from when and for how long is the luck of node and day: the same in all arms.
    """

    id: str
    nodes: frozenset[str]
    share: float
    lasts: Seconds
    longest: int
    """The longest outage in seconds."""
    _known: dict[tuple[Luck, str, datetime], tuple[datetime, datetime] | None] = field(
        default_factory=dict, repr=False, compare=False
    )

    def fate(self, attempt: Attempt, luck: Luck) -> Fate:
        for node in sorted({attempt.header.sender, attempt.header.recipient}):
            if (not self.nodes or node in self.nodes) and self.down(node, attempt.at, luck):
                return Fate(lost="request", reason=f"{self.id}: {node} is down")
        return UNHARMED

    def down(self, node: str, at: datetime, luck: Luck) -> bool:
        """Return whether ``node`` is down at ``at``."""
        return any(begins <= at < ends for begins, ends in self._near(node, at, luck))

    def _near(self, node: str, at: datetime, luck: Luck) -> Iterator[tuple[datetime, datetime]]:
        day = datetime.combine(at.date(), time(), UTC)
        for back in range(self.longest // 86400 + 2):
            key = (luck, node, day - timedelta(days=back))
            if key not in self._known:
                self._known[key] = self._drawn(node, key[2], luck)
            found = self._known[key]
            if found is not None:
                yield found

    def _drawn(self, node: str, day: datetime, luck: Luck) -> tuple[datetime, datetime] | None:
        purpose, number = f"outage/{self.id}", day.toordinal()
        if luck.uniform(node, "day", purpose, number) >= self.share:
            return None
        begins = day + timedelta(seconds=int(luck.uniform(node, "begins", purpose, number) * 86400))
        lasts = self.lasts(luck.uniform(node, "lasts", purpose, number))
        return begins, begins + timedelta(seconds=min(lasts, self.longest))


@dataclass(frozen=True, slots=True)
class Clock(Fault):
    """The clock of a service is ``off`` (ahead if positive) from ``begins`` until ``ends``."""

    id: str
    node: str
    off: timedelta
    begins: datetime
    ends: datetime

    def fate(self, attempt: Attempt, luck: Luck) -> Fate:
        if not (self.begins <= attempt.at < self.ends and _concerns(self.node, attempt.header)):
            return UNHARMED
        skew = self.off if attempt.header.sender == self.node else -self.off
        return Fate(skew=skew, reason=f"{self.id}: the clock of {self.node} is off")


def _concerns(node: str, header: Header) -> bool:
    return node in (header.sender, header.recipient)


__all__ = [
    "Attempt",
    "Clock",
    "Delay",
    "Duplicate",
    "Fault",
    "Link",
    "Loss",
    "Outage",
    "Partition",
    "RandomOutages",
    "Reorder",
    "Seconds",
]
