"""A batch decided but not written yet: what the decisions made, chained, signed and ready for one
transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exchange.codec import encode
from exchange.entries import Decision, Entry, FaultPlan, Refusal
from exchange.ledger import Head, MessageRef, canonical, chained
from exchange.messages import VERSION, Message
from exchange.receipts import Receipt
from exchange.signatures import PrivateKey, digest
from exchange.store import Accepted, OutboxRow, ReplyRef, StoredMessage, TimerRow, Writes
from nodes.failures import WriteFailed

CONFLICT = "the sender has used this message id for other bytes; a new message needs a new id"

DigestOf = Callable[[str, str], Awaitable[str | None]]
"""The digest of a message stored earlier, by sender and id."""


UntilOf = Callable[[str, datetime], datetime]
"""When the life of a message ends that has not been delivered, by its case and when it is due first."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An immediate answer to go back with a receipt."""

    data: bytes
    signature: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message: accepted (perhaps before), refused, or in conflict with an earlier one."""

    accepted: Accepted | None = None
    replies: tuple[Reply, ...] = ()
    replayed: bool = False
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A message that passed every gate before the decision. ``done`` gets its :class:`Outcome`.

    ``signature`` is the one it came under, kept as the proof of where it comes from; ``trace`` is the
    ``traceparent`` it is worked under.
    """

    message: Message
    data: bytes
    sha256: str
    done: asyncio.Future[Outcome]
    signature: str | None = None
    trace: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """The duplicate key: (sender, message id)."""
        return (self.message.header.sender, self.message.header.message_id)

    @property
    def order(self) -> tuple[str, str, int, str]:
        """The order within a round: sender, case, ordinal."""
        header = self.message.header
        return (header.sender, self.message.ucr, header.ordinal, header.message_id)


class Plan:
    """Collects what the decisions of one batch write and answer. ``head`` is where the ledger would end."""

    def __init__(
        self,
        head: Head,
        country: str,
        key: PrivateKey,
        now: datetime,
        digest_of: DigestOf,
        timer_set: set[TimerRow],
        fault_plan: FaultPlan | None,
        until: UntilOf,
    ) -> None:
        self.head = self._start = head
        self.writes = Writes()
        self.outcomes: list[tuple[Job, Outcome]] = []
        self.pending: list[tuple[OutboxRow, Message, bytes]] = []
        self.accepted: dict[tuple[str, str], tuple[str, Outcome]] = {}
        self._country = country
        self._key = key
        self._now = now
        self._digest_of = digest_of
        self._digests: dict[tuple[str, str], str] = {}
        self._timers = timer_set
        self._new_timers: set[TimerRow] = set()
        self._done_timers: set[TimerRow] = set()
        self._fault_plan = fault_plan
        self._until = until
        self._trace: str | None = None
        self.touched: set[str] = set()
        """The cases, and with the empty UCR the node's own stream, that decisions were folded into."""

    @property
    def opened(self) -> bool:
        """Whether an opening entry is among what will be written."""
        return any(entry.kind == "opened" for entry in self.writes.entries)

    async def open(self, standing: dict[str, Any]) -> None:
        """Record, before anything else, the standing that the decisions rest on."""
        await self._chain(Entry(kind="opened", case="", at=self._now, data=standing))

    def settle(self) -> None:
        """Take an opening back that nothing follows: a refusal leaves the ledger as it was."""
        if [entry.kind for entry in self.writes.entries] == ["opened"]:
            self.writes.entries.clear()
            self.head = self._start

    def repeat(self, job: Job, sha256: str, outcome: Outcome) -> None:
        """Answer a message whose id was accepted before under ``sha256``: again the same, or a conflict."""
        if sha256 != job.sha256:
            outcome = Outcome(refusal=Refusal(status=409, code="conflict", text=CONFLICT))
        else:
            outcome = Outcome(outcome.accepted, outcome.replies, replayed=True)
        self.outcomes.append((job, outcome))

    async def add_message(self, job: Job, decision: Decision) -> None:
        """Take in the decision on a message."""
        if decision.refusal is not None:
            self.outcomes.append((job, Outcome(refusal=decision.refusal)))
            return
        header = job.message.header
        self._trace = job.trace
        self._digests[job.key] = job.sha256
        self.writes.messages.append(_stored(job.message, job.data, job.sha256, job.signature))
        first = len(self.writes.entries)
        replies = await self._record(decision)
        at = self._place_of(job.key, first)
        receipt = Receipt(
            message=header.message_id,
            sender=header.sender,
            sha256=job.sha256,
            recipient=self._country,
            time=self._now,
            position=at.position,
            hash=at.hash,
        )
        accepted = Accepted(
            id=header.message_id,
            sender=header.sender,
            sha256=job.sha256,
            position=at.position,
            receipt=receipt.sign(self._key),
            replies=tuple(ref for ref, _ in replies),
        )
        self.writes.accepted.append(accepted)
        outcome = Outcome(accepted, tuple(reply for _, reply in replies))
        self.accepted[job.key] = (job.sha256, outcome)
        self.outcomes.append((job, outcome))

    async def add_timer(self, timer: TimerRow, decision: Decision) -> None:
        """Take in the decision on a timer that fired."""
        self._trace = None
        self.writes.timers_done.append(timer)
        self._done_timers.add(timer)
        await self._record(decision)

    async def _record(self, decision: Decision) -> list[tuple[ReplyRef, Reply]]:
        replies = []
        self.touched.update(entry.case for entry in decision.entries)
        for message in decision.reply:
            data = self._issue(message)
            signature = self._key.sign_bytes(data, self._now)
            header = message.header
            replies.append((ReplyRef(header.sender, header.message_id, signature), Reply(data, signature)))
        for outgoing in decision.send:
            self._post_out(outgoing.message, outgoing.due, outgoing.version)
        timers = [TimerRow(wake.due, wake.case, wake.purpose) for wake in decision.wake]
        timers += [TimerRow(fetch.due, fetch.case, fetch.purpose) for fetch in decision.fetch]
        for timer in timers:
            standing = timer in self._timers and timer not in self._done_timers
            if not standing and timer not in self._new_timers:
                self._new_timers.add(timer)
                self.writes.timers.append(timer)
        for entry in decision.entries:
            await self._chain(entry)
        return replies

    def _issue(self, message: Message, version: str = VERSION) -> bytes:
        data = encode(message, version)
        stored = _stored(message, data, digest(data))
        self.writes.messages.append(stored)
        self._digests[(stored.sender, stored.id)] = stored.sha256
        return data

    def _post_out(self, message: Message, due: datetime, version: str) -> None:
        data = self._issue(message, version)
        header = message.header
        sent = due if self._fault_plan is None else self._fault_plan(message, due)
        row = OutboxRow(
            message_id=header.message_id,
            sender=header.sender,
            recipient=header.recipient,
            case=message.ucr,
            ordinal=header.ordinal,
            since=self._now,
            due=due if sent is None else sent,
            until=self._until(message.ucr, header.sent_at if header.fallback_indicator else sent or due),
            trace=self._trace,
            state="lost" if sent is None else "pending",
            settled=self._now if sent is None else None,
        )
        self.writes.outbox.append(row)
        if sent is not None:
            self.pending.append((row, message, data))

    async def _chain(self, entry: Entry) -> None:
        ref = None
        if entry.message is not None:
            header = entry.message.header
            key = (header.sender, header.message_id)
            sha256 = self._digests.get(key) or await self._digest_of(*key)
            ref = MessageRef(*key, sha256 or digest(self._issue(entry.message)))
        linked = chained(
            self.head, kind=entry.kind, case=entry.case, at=entry.at, message=ref, data=canonical(entry.data)
        )
        self.head = Head(linked.position, linked.hash)
        self.writes.entries.append(linked)

    def _place_of(self, key: tuple[str, str], first: int) -> Head:
        """Return where the decision whose entries begin at index ``first`` recorded the message of this
        key."""
        for entry in self.writes.entries[first:]:
            if entry.message is not None and (entry.message.sender, entry.message.id) == key:
                return Head(entry.position, entry.hash)
        return self.head


def _stored(message: Message, data: bytes, sha256: str, signature: str | None = None) -> StoredMessage:
    header = message.header
    return StoredMessage(
        id=header.message_id,
        sender=header.sender,
        recipient=header.recipient,
        case=message.ucr,
        sha256=sha256,
        data=data,
        signature=signature,
    )


def parted(
    items: Sequence[Job | TimerRow], failed: Sequence[tuple[Job | TimerRow, WriteFailed]]
) -> tuple[list[tuple[Job | TimerRow, WriteFailed]], list[Job | TimerRow]]:
    """Return what of ``items`` stands behind a message of the same sender and case that failed, and fails with it, and
    the rest."""
    stopped = {item.order[:2] for item, _ in failed if isinstance(item, Job)}
    if not stopped:
        return [], list(items)
    error = WriteFailed("a message of the same case that came before it could not be worked; it waits for that one")
    behind: list[tuple[Job | TimerRow, WriteFailed]] = []
    rest: list[Job | TimerRow] = []
    for item in items:
        if isinstance(item, Job) and item.order[:2] in stopped:
            behind.append((item, error))
        else:
            rest.append(item)
    return behind, rest


__all__ = ["CONFLICT", "DigestOf", "Job", "Outcome", "Plan", "Reply", "UntilOf", "parted"]
