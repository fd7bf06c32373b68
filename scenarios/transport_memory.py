"""The in-memory transport: the nodes' decisions, exchanged as model objects.

It is the HTTP transport without sockets, XML, signatures and storage: the same decisions in the same order, for
experiments of thousands of trains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from heapq import heappop, heappush

from exchange.codec import encode
from exchange.entries import Decision, FaultPlan, Timer
from exchange.messages import VERSION, Message
from nodes.core import NodeCore
from scenarios.transport import Exchanged


class MemoryTransport:
    """The nodes of one arm, called directly. ``keep_xml`` also encodes every message, as the HTTP transport would."""

    def __init__(
        self, cores: Mapping[str, NodeCore], *, keep_xml: bool = False, faults: FaultPlan | None = None
    ) -> None:
        self.log: list[Exchanged] = []
        self._cores = dict(sorted(cores.items()))
        self._keep_xml = keep_xml
        self._faults = faults
        self._outboxes: dict[str, list[tuple[datetime, str, int, str, Message, str]]] = {c: [] for c in self._cores}
        self._timers: dict[str, list[tuple[datetime, str, str]]] = {c: [] for c in self._cores}
        self._delivered: list[Message] = []

    async def start(self) -> None:
        """Nothing has to be started."""

    async def finish(self) -> None:
        """Nothing has to be gathered."""

    async def stop(self) -> None:
        """Nothing has to be stopped."""

    async def ask(self, now: datetime, messages: Sequence[Message]) -> list[tuple[Message, ...]]:
        """Let the nodes decide on one round of messages; return their replies in the order asked."""
        answers: list[tuple[Message, ...]] = [()] * len(messages)
        for country in self._cores:
            mine = [(m, n) for n, m in enumerate(messages) if m.header.recipient == country]
            mine.sort(key=lambda pair: (pair[0].header.sender, pair[0].ucr, pair[0].header.ordinal))
            for message, place in mine:
                answers[place] = self._receive(country, message, now)
        return answers

    async def advance(self, country: str, now: datetime) -> None:
        """Fire the node's due timers, then hand over what is due in its outbox, partner by partner."""
        timers, fired = self._timers[country], []
        while timers and timers[0][0] <= now:
            fired.append(heappop(timers))
        for due, case, purpose in fired:
            timer = Timer(case=case, purpose=purpose, due=due)
            self._keep(country, self._cores[country].decide(timer, now), now)
        outbox, lanes = self._outboxes[country], {}  # type: ignore[var-annotated]
        while outbox and outbox[0][0] <= now:
            *_, message, version = heappop(outbox)
            lanes.setdefault(message.header.recipient, []).append((message, version))
        for recipient in sorted(lanes):
            lane = sorted(
                lanes[recipient], key=lambda pair: (pair[0].header.sender, pair[0].ucr, pair[0].header.ordinal)
            )
            for message, version in lane:
                if recipient in self._cores:
                    self._receive(recipient, message, now, version)
                else:
                    self._record(message, now, accepted=True)
                    self._delivered.append(message)

    def next_due(self) -> Mapping[str, datetime | None]:
        """Return when each node next has something to do."""
        due: dict[str, datetime | None] = {}
        for country in self._cores:
            heads = [heap[0][0] for heap in (self._outboxes[country], self._timers[country]) if heap]
            due[country] = min(heads, default=None)
        return due

    def collect(self) -> list[Message]:
        """Return what came for posts and traders, sorted by (sender, case, ordinal)."""
        if not self._delivered:
            return []
        messages, self._delivered = self._delivered, []
        return sorted(messages, key=lambda m: (m.header.sender, m.ucr, m.header.ordinal))

    def _receive(self, country: str, message: Message, now: datetime, version: str = VERSION) -> tuple[Message, ...]:
        decision = self._cores[country].decide(message, now)
        self._record(message, now, accepted=decision.refusal is None, version=version)
        self._keep(country, decision, now)
        for reply in decision.reply:
            self._record(reply, now, accepted=True)
        return decision.reply

    def _keep(self, country: str, decision: Decision, now: datetime) -> None:
        for outgoing in decision.send:
            due = outgoing.due if self._faults is None else self._faults(outgoing.message, outgoing.due)
            if due is not None:
                message = outgoing.message
                header = message.header
                row = (due, message.ucr, header.ordinal, header.message_id, message, outgoing.version)
                heappush(self._outboxes[country], row)
        for wake in decision.wake:
            heappush(self._timers[country], (wake.due, wake.case, wake.purpose))

    def _record(self, message: Message, now: datetime, *, accepted: bool, version: str = VERSION) -> None:
        xml = encode(message, version) if self._keep_xml else None
        self.log.append(Exchanged(at=now, ucr=message.ucr, header=message.header, accepted=accepted, xml=xml))


__all__ = ["MemoryTransport"]
