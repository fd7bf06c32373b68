"""The in-memory transport: the nodes' decisions, exchanged as model objects.

It is the HTTP transport without sockets, XML, signatures and storage: the same decisions in the same order, for
experiments of thousands of trains. Messages wait in the same lanes, and are tried again by the same rules.

Where no delivery can fail, lanes have nothing to do: what a node sends then waits in one heap, a fourth of the work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from heapq import heappop, heappush
from itertools import chain, groupby
from operator import itemgetter

from exchange.codec import encode
from exchange.entries import Decision, FaultPlan, Fetch, Fetched, Outgoing, Timer, quick
from exchange.faults import DeliveryFaults
from exchange.letters import Undelivered
from exchange.limits import Limits
from exchange.messages import VERSION, Message
from exchange.messages.service import Unavailability
from exchange.store import OutboxRow
from nodes.core import NodeCore
from nodes.fallback import timer_for
from nodes.lane import Lane, Waiting
from nodes.outbox import Outbox
from nodes.retrying import again, end_of_life, given_back, lost, missed, setting_out
from nodes.transfer import judge
from scenarios.told import HEARD
from scenarios.transport import Exchanged, ImageOf, Log, no_images, recognition_of

LIMITS = Limits(lane_rows=2**31)
"""Nothing is left to a store: there is none."""

_Prompt = tuple[datetime, str, str, int, str, Outgoing, datetime]
"""A message that arrives when it is due: due, recipient, case, ordinal, id, the message, when it was decided."""
_BY_PARTNER = itemgetter(1, 0, 2, 3, 4)
"""The order in which lanes give what is due: partner after partner, each by (due, case, ordinal)."""


class MemoryTransport:
    """The nodes of one arm, called directly. ``keep_xml`` also encodes every message, as the HTTP transport would.

    ``brief``: only messages that tell something are kept in the log, the others counted.

    ``images`` gives the bytes of an inspection image by its SHA-256, or None where no post took it.
    """

    def __init__(
        self,
        cores: Mapping[str, NodeCore],
        *,
        keep_xml: bool = False,
        brief: bool = False,
        faults: FaultPlan | None = None,
        images: ImageOf = no_images,
    ) -> None:
        self.log = Log()
        self._brief = brief
        self._cores = dict(sorted(cores.items()))
        self._keep_xml = keep_xml
        self._plan = faults
        self._faults = faults if isinstance(faults, DeliveryFaults) else None
        self._outboxes = {country: Outbox(LIMITS) for country in self._cores}
        self._prompt: dict[str, list[_Prompt]] = {} if self._faults else {country: [] for country in self._cores}
        """What is on its way from nodes whose partners are there, as all are until one says that it will not be."""
        self._timers: dict[str, list[tuple[datetime, str, str]]] = {
            country: sorted((wake.due, wake.case, wake.purpose) for wake in core.wakes())
            for country, core in self._cores.items()
        }
        self._fetches: dict[str, list[tuple[datetime, str, str]]] = {country: [] for country in self._cores}
        self._images = images
        self._dues: dict[str, datetime | None] = dict.fromkeys(self._cores)
        self._changed = set(self._cores)
        self._versions: dict[str, str] = {}
        self._known: set[tuple[str, str]] = set()
        self._delivered: list[Message] = []

    async def start(self) -> None:
        """Nothing has to be started."""

    async def finish(self) -> None:
        """Nothing has to be gathered."""

    async def stop(self) -> None:
        """Nothing has to be stopped."""

    async def ask(self, now: datetime, messages: Sequence[Message]) -> list[tuple[Message, ...]]:
        """Let the nodes decide on one round of messages; return their replies in the order asked."""
        if len(messages) == 1:
            return [self._asked(messages[0], now)]
        answers: list[tuple[Message, ...]] = [()] * len(messages)
        order = [(m.header.recipient, m.header.sender, m.ucr, m.header.ordinal, n) for n, m in enumerate(messages)]
        for *_, place in sorted(order):
            answers[place] = self._asked(messages[place], now)
        return answers

    def _asked(self, message: Message, now: datetime) -> tuple[Message, ...]:
        country = message.header.recipient
        return self._receive(country, message, now) if country in self._cores else ()

    async def advance(self, country: str, now: datetime) -> None:
        """Fire the node's due timers, then hand over what is due in its outbox, partner by partner."""
        self._changed.add(country)
        timers, fired = self._timers[country], []
        while timers and timers[0][0] <= now:
            fired.append(heappop(timers))
        for due, case, purpose in fired:
            self._wake(country, Timer(case=case, purpose=purpose, due=due), now)
        fetches, due_now = self._fetches[country], []
        while fetches and fetches[0][0] <= now:
            due_now.append(heappop(fetches))
        for due, case, purpose in due_now:
            self._wake(country, self._fetched(country, Fetch.of(case, purpose, due)), now)
        self._hand_over_prompt(country, now)
        for lane in self._outboxes[country].lanes:
            rows = lane.take(now)
            if not rows:
                continue
            going, over = missed(lane, rows, self._cores[country].missed, now)
            for waiting in over:
                timer = timer_for(waiting.row, now)
                self._wake(country, Timer(case=timer.case, purpose=timer.purpose, due=timer.due), now)
            self._rounds(lane, going, now)

    def _wake(self, country: str, timer: Timer, now: datetime) -> None:
        self._keep(country, self._cores[country].decide(timer, now), now)

    def _fetched(self, country: str, fetch: Fetch) -> Fetched:
        """Fetch an image from a partner that showed it to this node, as the HTTP service would."""
        core = self._cores.get(fetch.partner)
        shown = core is not None and core.may_see_image(country, fetch.case, fetch.sha256)
        data = self._images(fetch.sha256) if shown else None
        data = None if data is None else self._cores[country].carried(data, fetch)
        outcome, text = judge(data, fetch.size, fetch.sha256)
        return Fetched(case=fetch.case, purpose=fetch.purpose, due=fetch.due, outcome=outcome, text=text)

    def _hand_over_prompt(self, country: str, now: datetime) -> None:
        """Hand over what is due of what arrives when it is due."""
        waiting = self._prompt.get(country)
        if not waiting or waiting[0][0] > now:
            return
        if waiting[0][0] < now:  # the node was not asked in time: lanes know what becomes of what is late
            self._use_lanes(country)
            return
        going = [heappop(waiting)]
        while waiting and waiting[0][0] <= now:
            going.append(heappop(waiting))
        if len(going) > 1:
            going.sort(key=_BY_PARTNER)
        for _, recipient, _, _, _, (message, _, version), _ in going:
            if recipient in self._cores:
                self._receive(recipient, message, now, version)
            else:
                self._record(message, now, accepted=True, version=version)
                self._delivered.append(message)
            self._left(message)

    def _use_lanes(self, country: str) -> None:
        """Let what the node sends wait in lanes from now on, by partner."""
        for due, _, _, _, _, outgoing, since in self._prompt.pop(country, ()):
            self._outboxes[country].put(self._row(country, outgoing, due, since), outgoing.message)

    def _rounds(self, lane: Lane, rows: Sequence[Waiting], now: datetime) -> None:
        """Hand over one lane's rows, those due together as one round; what follows a round that failed goes back."""
        if self._faults is None:  # all arrives, in the order in which the lane gives it
            for waiting in rows:
                self._hand_over(waiting, now)
                lane.settled(waiting)
            lane.wake()
            return
        rounds = [list(group) for _, group in groupby(rows, key=lambda waiting: waiting.row.due)]
        for number, group in enumerate(rounds, 1):
            attempts = setting_out(lane, group, self._faults, now)
            undelivered = attempts.lost
            for waiting, fate in sorted(attempts.go, key=lambda pair: _order(pair[0])):
                if abs(fate.skew) > LIMITS.replay_window and not self._has(waiting):
                    undelivered.append((waiting, Undelivered(f"{lane.partner}: refused: {fate.reason}")))
                    continue
                self._hand_over(waiting, now)
                if fate.lost == "response":
                    undelivered.append((Waiting(waiting.row, waiting.message, told=True), lost(waiting, fate)))
                    continue
                lane.settled(waiting)
                lane.wake()
                again(lane, waiting, fate, now)
            if undelivered:
                for waiting in chain.from_iterable(rounds[number:]):
                    lane.back(waiting)
                given_back(lane, undelivered, now, LIMITS)
                return

    def _has(self, waiting: Waiting) -> bool:
        """Return whether the recipient has the message: it answers a copy, whatever the clock of its sender says."""
        return (waiting.row.sender, waiting.row.message_id) in self._known

    def _hand_over(self, waiting: Waiting, now: datetime) -> None:
        message = waiting.message
        assert message is not None
        recipient = message.header.recipient
        version = self._versions.get(message.header.message_id, VERSION)
        if recipient in self._cores:
            if (message.header.sender, message.header.message_id) not in self._known:
                self._receive(recipient, message, now, version, told=waiting.told)
        elif not waiting.told:
            self._record(message, now, accepted=True, version=version)
            self._delivered.append(message)
        self._left(message)

    def _left(self, message: Message) -> None:
        """Do what there is to do once a message has left; nothing here."""

    def next_due(self) -> Mapping[str, datetime | None]:
        """Return when each node next has something to do."""
        for country in self._changed:  # few of them between two questions, which come by the thousand
            prompt = self._prompt.get(country)
            due = self._outboxes[country].next_due() if prompt is None else prompt[0][0] if prompt else None
            for others in (self._timers[country], self._fetches[country]):
                if others and (due is None or others[0][0] < due):
                    due = others[0][0]
            self._dues[country] = due
        self._changed.clear()
        return self._dues

    def collect(self) -> list[Message]:
        """Return what came for posts and traders, sorted by (sender, case, ordinal)."""
        if not self._delivered:
            return []
        messages, self._delivered = self._delivered, []
        return sorted(messages, key=lambda m: (m.header.sender, m.ucr, m.header.ordinal))

    def _receive(
        self, country: str, message: Message, now: datetime, version: str = VERSION, *, told: bool = False
    ) -> tuple[Message, ...]:
        decision = self._cores[country].decide(message, now)
        if not told:
            self._record(message, now, accepted=decision.refusal is None, version=version)
        if decision.refusal is None and "." not in message.header.sender:
            if self._faults is not None:
                self._known.add((message.header.sender, message.header.message_id))
            if not message.ucr:
                if isinstance(message, Unavailability):
                    self._use_lanes(country)
                self._outboxes[country].told(message)
                self._changed.add(country)
        self._keep(country, decision, now)
        for reply in decision.reply:
            self._record(reply, now, accepted=True)
        return decision.reply

    def _keep(self, country: str, decision: Decision, now: datetime) -> None:
        if decision.send or decision.wake or decision.fetch:
            self._changed.add(country)
        prompt = self._prompt.get(country)
        for outgoing in decision.send:
            message = outgoing.message
            due = outgoing.due if self._plan is None else self._plan(message, outgoing.due)
            if due is None:
                continue
            if prompt is None:
                self._outboxes[country].put(self._row(country, outgoing, due, now), message)
                continue
            header = message.header
            on_its_way = (due, header.recipient, message.ucr, header.ordinal, header.message_id, outgoing, now)
            heappush(prompt, on_its_way)
        for wake in decision.wake:
            heappush(self._timers[country], (wake.due, wake.case, wake.purpose))
        for fetch in decision.fetch:
            heappush(self._fetches[country], (fetch.due, fetch.case, fetch.purpose))

    def _row(self, country: str, outgoing: Outgoing, due: datetime, now: datetime) -> OutboxRow:
        message = outgoing.message
        header = message.header
        if outgoing.version != VERSION:
            self._versions[header.message_id] = outgoing.version
        return OutboxRow(
            message_id=header.message_id,
            sender=header.sender,
            recipient=header.recipient,
            case=message.ucr,
            ordinal=header.ordinal,
            since=now,
            due=due,
            until=self._end_of_life(country, message, due) if self._faults is not None else None,
        )

    def _end_of_life(self, country: str, message: Message, due: datetime) -> datetime:
        since = message.header.sent_at if message.header.fallback_indicator else due
        return end_of_life(LIMITS, since, self._cores[country].last_eta(message.ucr))

    def _record(self, message: Message, now: datetime, *, accepted: bool, version: str = VERSION) -> None:
        if self._brief and message.CODE not in HEARD:
            self.log.others += 1
            self.log.others_refused += not accepted
            return
        xml = encode(message, version) if self._keep_xml else None
        answered = recognition_of(message) if message.CODE == "RCG" else None
        self.log.append(quick(Exchanged, (now, message.ucr, message.header, accepted, xml, answered, "")))


def _order(waiting: Waiting) -> tuple[str, str, int, str]:
    """The order within a round: sender, case, ordinal."""
    row = waiting.row
    return (row.sender, row.case, row.ordinal, row.message_id)


__all__ = ["MemoryTransport"]
