"""A replay: one service's node is told everything that was recorded for it, at the recorded times.

Its partners, posts and traders are spoken for from the recording. What the node answers and sends is compared with what
was recorded of it. Inspection images are not in a recording; a node that fetches them gets none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Protocol

from exchange.codec import decode
from scenarios.traffic.difference import TIMES, Comparison, Pair
from scenarios.traffic.kinds import partings
from scenarios.traffic.recording import Passed, Recording, passed
from scenarios.transport import Log, Transport

ROUNDS = 1000
"""More rounds at one moment than this: the node sends without end."""
PATIENCE = 5.0
"""Wall seconds for which is waited, in all, for what a live node should have said and does not: it may have found its
partner away, and try again after two seconds, and once more."""
LEAST = 0.25
"""Wall seconds that it is given for each further message when that time is used up: it may be slow."""


class Told(Protocol):
    """The node that is told a recording: ours in memory (:class:`InMemory`), or one elsewhere."""

    log: Log

    async def tell(self, at: datetime, data: bytes) -> None:
        """Hand the XML of a message to the node."""

    async def advance(self, country: str, now: datetime) -> None:
        """Let it do what is due."""

    async def wait(self, done: Callable[[], bool], seconds: float) -> bool:
        """Let time pass until ``done``, ``seconds`` at most, if its time passes by itself; return whether it is."""

    def next_due(self) -> Mapping[str, datetime | None]:
        """Return when it next has something to do, as far as is known."""


class InMemory:
    """Our own node, decided in this process."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.log = transport.log

    async def tell(self, at: datetime, data: bytes) -> None:
        """Hand the message over as it is read."""
        await self._transport.ask(at, [decode(data)])

    async def advance(self, country: str, now: datetime) -> None:
        """Let the node do what is due; what came for posts and traders stands in the log."""
        await self._transport.advance(country, now)
        self._transport.collect()

    async def wait(self, done: Callable[[], bool], seconds: float) -> bool:
        """Return whether it is done: nothing happens by itself."""
        return done()

    def next_due(self) -> Mapping[str, datetime | None]:
        """Return when the node next has something to do."""
        return self._transport.next_due()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a replay. ``judged``: messages told to the node whose acceptance differs from the recording.

    ``troubles``: ids of messages → what about the answer to them, or about how they came, does not hold. ``parted``:
    base UCR → when the consignment went another way than recorded (:mod:`scenarios.traffic.kinds`). ``refusals``: ids
    of messages that were not accepted → why, where the node says so.
    """

    country: str
    told: int
    pairs: Sequence[Pair]
    judged: Sequence[tuple[Passed, bool]]
    troubles: Mapping[str, str] = field(default_factory=dict)
    parted: Mapping[str, datetime] = field(default_factory=dict)
    refusals: Mapping[str, str] = field(default_factory=dict)

    @property
    def same(self) -> bool:
        """Whether the node did all that was recorded of it, and nothing else."""
        return not self.judged and not self.troubles and all(pair.verdict == "same" for pair in self.pairs)


class Replay:
    """Tells ``node``, that of ``country``, what ``recording`` has for it.

    ``timed``: whether it goes by the recorded times; what it does at its own is compared without moments.
    ``ignore``: fields that are not compared. ``patience``: wall seconds to wait, where times are its own, for what does
    not come: once while it is told, and once when it was told everything. ``progress`` is told how many messages were
    told of how many, and ``waiting`` what is waited for.
    """

    def __init__(
        self,
        recording: Recording,
        country: str,
        node: Told,
        *,
        timed: bool = True,
        ignore: Collection[str] = (),
        patience: float = PATIENCE,
        progress: Callable[[int, int], None] | None = None,
        waiting: Callable[[Sequence[Passed]], None] | None = None,
    ) -> None:
        self._country = country
        self._node = node
        self._timed = timed
        self._messages = tuple(recording.to(country))
        ids = {one.id for one in recording.messages}
        self._comparison = Comparison(recording.by(country), ignore if timed else {*ignore, TIMES}, ids)
        self._patience = patience
        self._left = patience
        self._progress = progress
        self._waiting = waiting
        self._read = 0
        self._given_up: set[str] = set()
        self._judged: list[tuple[Passed, bool]] = []
        self._last = max((one.at for one in recording.messages), default=None)

    async def run(self) -> Outcome:
        """Tell the node everything, let it do what is due until the recording ends, and compare."""
        for number, one in enumerate(self._messages, 1):
            await self._until(one.at)
            await self._tell(one)
            if self._progress is not None:
                self._progress(number, len(self._messages))
        if self._last is not None:
            self._left, self._given_up = self._patience, set()
            await self._until(self._last, inclusive=True)
        pairs = self._comparison.pairs()
        parted = partings(pairs, {one.id: one.at for one in self._messages})
        troubles = dict(getattr(self._node, "troubles", {}))
        refusals = dict(getattr(self._node, "refusals", {}))
        return Outcome(self._country, len(self._messages), pairs, self._judged, troubles, parted, refusals)

    async def _tell(self, one: Passed) -> None:
        data = self._comparison.names.renamed(one.xml)
        await self._node.tell(one.at, data)
        self._take(decode(data).header.message_id, one)

    def _take(self, told: str = "", one: Passed | None = None) -> None:
        """Compare what is new; ``told`` is the id under which ``one`` was handed in."""
        for item in self._fresh():
            if one is not None and item.id == told:
                if item.accepted != one.accepted:
                    self._judged.append((one, item.accepted))
            elif item.sender == self._country:
                self._comparison.take(item)

    async def _until(self, moment: datetime, *, inclusive: bool = False) -> None:
        """Let the node do what is due before ``moment``, or at it too."""
        if not self._timed:
            await self._come(moment + timedelta(seconds=1) if inclusive else moment)
            return
        for _ in range(ROUNDS * 1000):
            due = self._node.next_due().get(self._country)
            if due is None or due > moment or (due == moment and not inclusive):
                return
            await self._node.advance(self._country, due)
            self._take()

    async def _come(self, moment: datetime) -> None:
        """Wait for what was recorded of the node before ``moment``; what does not come is not waited for again."""

        def outstanding() -> list[Passed]:
            self._take()
            return [one for one in self._comparison.outstanding(moment) if one.id not in self._given_up]

        wanted = outstanding()
        if not wanted:
            return
        if self._waiting is not None:
            self._waiting(wanted)
        began = monotonic()
        if not await self._node.wait(lambda: not outstanding(), max(self._left, min(LEAST, self._patience))):
            self._left = max(0.0, self._left - (monotonic() - began))
            self._given_up |= {one.id for one in outstanding()}
        if self._waiting is not None:
            self._waiting(())

    def _fresh(self) -> list[Passed]:
        log = self._node.log
        fresh, self._read = log[self._read :], len(log)
        return [passed(item) for item in fresh]


__all__ = ["PATIENCE", "InMemory", "Outcome", "Replay", "Told"]
