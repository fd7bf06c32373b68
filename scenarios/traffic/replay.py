"""A replay: one service's node is told everything that was recorded for it, at the recorded times.

Its partners, posts and traders are spoken for from the recording. What the node answers and sends is compared with what
was recorded of it. Inspection images are not in a recording; a node that fetches them gets none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from exchange.codec import decode
from scenarios.traffic.difference import Comparison, Pair
from scenarios.traffic.recording import Passed, Recording, passed
from scenarios.transport import Transport

ROUNDS = 1000
"""More rounds at one moment than this: the node sends without end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a replay. ``judged``: messages told to the node whose acceptance differs from the recording."""

    country: str
    told: int
    pairs: Sequence[Pair]
    judged: Sequence[tuple[Passed, bool]]

    @property
    def same(self) -> bool:
        """Whether the node did all that was recorded of it, and nothing else."""
        return not self.judged and all(pair.verdict == "same" for pair in self.pairs)


class Replay:
    """Drives ``transport``, which has the one node of ``country``, by ``recording``.

    ``ignore``: fields that are not compared. ``progress`` is told how many messages were told of how many.
    """

    def __init__(
        self,
        recording: Recording,
        country: str,
        transport: Transport,
        *,
        ignore: Collection[str] = (),
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self._country = country
        self._transport = transport
        self._messages = tuple(recording.to(country))
        self._comparison = Comparison(recording.by(country), ignore)
        self._progress = progress
        self._read = 0
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
            await self._until(self._last, inclusive=True)
        return Outcome(self._country, len(self._messages), self._comparison.pairs(), self._judged)

    async def _tell(self, one: Passed) -> None:
        message = decode(self._comparison.names.renamed(one.xml))
        await self._transport.ask(one.at, [message])
        for item in self._fresh():
            if item.id == message.header.message_id:
                if item.accepted != one.accepted:
                    self._judged.append((one, item.accepted))
            elif item.sender == self._country:
                self._comparison.take(item)

    async def _until(self, moment: datetime, *, inclusive: bool = False) -> None:
        """Let the node do what is due before ``moment``, or at it too."""
        for _ in range(ROUNDS * 1000):
            due = self._transport.next_due().get(self._country)
            if due is None or due > moment or (due == moment and not inclusive):
                return
            await self._transport.advance(self._country, due)
            self._transport.collect()
            for item in self._fresh():
                if item.sender == self._country:
                    self._comparison.take(item)

    def _fresh(self) -> list[Passed]:
        log = self._transport.log
        fresh, self._read = log[self._read :], len(log)
        return [passed(item) for item in fresh]


__all__ = ["Outcome", "Replay"]
