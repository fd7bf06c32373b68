"""The conductor: order of answers, moments and rounds, and that nothing depends on who is quicker."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import simpy

from exchange.messages import ArrivalAdvice, Header, Message
from scenarios.conductor import Conductor, EndlessExchange
from scenarios.transport import Exchanged
from scenarios.world.clock import Clock
from tests.journey import START


def advice(sender: str, ordinal: int) -> ArrivalAdvice:
    return ArrivalAdvice(
        header=Header(
            message_id=f"00000000-0000-0000-0000-{ordinal:012d}",
            message_type="ARR",
            sender=sender,
            recipient="KZ",
            sent_at=START,
            ordinal=ordinal,
        ),
        ucr="8CNXA001-T01C1",
        office="99101",
        presentation="ENTRY",
        arrived_at=START,
    )


class Echo:
    """A transport whose one node answers each message with itself, and owes the post a message later."""

    def __init__(self, dues: Sequence[int] = (), endless: bool = False) -> None:
        self.log: list[Exchanged] = []
        self.rounds: list[tuple[datetime, list[int]]] = []
        self.advanced: list[datetime] = []
        self._dues = [START + timedelta(seconds=due) for due in dues]
        self._endless = endless
        self._waiting: list[Message] = []

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def ask(self, now: datetime, messages: Sequence[Message]) -> list[tuple[Message, ...]]:
        self.rounds.append((now, [m.header.ordinal for m in messages]))
        return [(message,) for message in messages]

    async def advance(self, country: str, now: datetime) -> None:
        self.advanced.append(now)
        if not self._endless:
            self._dues.pop(0)
        self._waiting.append(advice("KZ", 99))

    def next_due(self) -> Mapping[str, datetime | None]:
        return {"KZ": self._dues[0] if self._dues else None}

    def collect(self) -> list[Message]:
        waiting, self._waiting = self._waiting, []
        return waiting


class Posts:
    """A world of posts that ask at given seconds and note when they were answered."""

    def __init__(self, conductor: Conductor, asks: Mapping[int, Sequence[int]]) -> None:
        self.env = Clock()
        self.finished = self.env.event()
        self.answers: list[tuple[int, int]] = []
        self.delivered: list[int] = []
        self._conductor = conductor
        self._left = sum(len(ordinals) for ordinals in asks.values())
        for second, ordinals in asks.items():
            for ordinal in ordinals:
                self.env.process(self._post(second, ordinal))

    def _post(self, second: int, ordinal: int) -> Generator[simpy.Event, Any, None]:
        yield self.env.timeout(second)
        [answer] = yield self._conductor.ask(advice("KZ.99101", ordinal))
        self.answers.append((int(self.env.now), answer.header.ordinal))
        self._left -= 1
        if not self._left:
            self.finished.succeed()

    def deliver(self, message: Message) -> None:
        self.delivered.append(int(self.env.now))


async def test_all_that_is_asked_at_one_moment_goes_in_one_round_and_is_answered_in_the_order_asked() -> None:
    transport = Echo()
    conductor = Conductor(START, transport)
    world = Posts(conductor, {5: [3, 1, 2], 9: [4]})
    await conductor.run(world)
    assert transport.rounds == [
        (START + timedelta(seconds=5), [3, 1, 2]),
        (START + timedelta(seconds=9), [4]),
    ]
    assert world.answers == [(5, 3), (5, 1), (5, 2), (9, 4)]


async def test_nodes_are_advanced_at_their_due_times_between_and_after_the_worlds_events() -> None:
    transport = Echo(dues=[2, 7, 30])
    conductor = Conductor(START, transport)
    world = Posts(conductor, {5: [1], 9: [2]})
    await conductor.run(world)
    assert transport.advanced == [START + timedelta(seconds=s) for s in (2, 7, 30)]
    assert world.delivered == [2, 7, 30]


async def test_a_moment_without_end_is_an_error_that_names_the_messages() -> None:
    conductor = Conductor(START, Echo(dues=[3], endless=True))
    world = Posts(conductor, {1: [1]})
    with pytest.raises(EndlessExchange, match=r"2018-03-05T00:00:03Z.*ARR KZ→KZ"):
        await conductor.run(world)
