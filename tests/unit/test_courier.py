"""The courier by the wall clock: several cases at once, each in its order, and nothing sent twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from exchange.codec import encode
from exchange.http import Answer, Letter, Undelivered
from exchange.limits import Limits
from exchange.store import OutboxRow, Store
from nodes.courier import Courier
from nodes.metrics import Metrics, State
from nodes.outbox import Outbox
from tests.desk import arrival
from tests.journey import START


@dataclass
class Partner:
    """Answers what it is told to, after a moment; counts what is on its way."""

    says: Callable[[Letter, int], Answer | Undelivered]
    came: list[tuple[str, int, datetime]] = field(default_factory=list)
    inside: Counter[str] = field(default_factory=Counter)
    most: int = 0

    async def post(self, letter: Letter, now: datetime, *, attempt: int = 1) -> Answer:
        self.inside[letter.case] += 1
        assert self.inside[letter.case] == 1, "two messages of one case at once"
        self.most = max(self.most, self.inside.total())
        await asyncio.sleep(0.001)
        self.inside[letter.case] -= 1
        self.came.append((letter.case, letter.ordinal, now))
        said = self.says(letter, attempt)
        if isinstance(said, Undelivered):
            raise said
        return said


class Office:
    """A courier with its outbox, without a node. A second of node time goes by at each look at what is due: it is no
    matter how fast the machine is."""

    def __init__(self, partner: Partner, store: Store, **limits: Any) -> None:
        self.limits = Limits(**limits)
        self.outbox = Outbox(self.limits)
        self.marked: dict[str, OutboxRow] = {}
        self.settled: Counter[str] = Counter()
        metrics = Metrics(lambda: State(0, 0, 0, {}, START, ()))
        self.courier = Courier(partner, self.outbox, store, self.mark, self.now, self.limits, metrics)  # type: ignore[arg-type]
        self._seconds = 0

    def now(self) -> datetime:
        return START + timedelta(seconds=self._seconds)

    def mark(self, row: OutboxRow) -> None:
        self.marked[row.message_id] = row
        self.settled[row.message_id] += row.state != "pending"

    def put(self, case: str, ordinal: int, **others: Any) -> None:
        message = arrival(ordinal, ucr=f"8CNXA001-T01C{case}.ABCDEFGB")
        header = message.header
        values: Mapping[str, Any] = {"since": START, "due": START, "until": START + timedelta(days=3)}
        row = OutboxRow(
            message_id=header.message_id,
            sender="KZ.99101",
            recipient="KZ",
            case=message.ucr,
            ordinal=ordinal,
            **(values | others),
        )
        self.outbox.put(row, message, encode(message))

    async def until(self, count: int) -> None:
        """Do what is due, again and again, until so many messages are done with."""
        for _ in range(5000):
            due = self.courier.next_due()
            if due is not None and due <= self.now():
                await self.courier.begin_due(self.now())
            await asyncio.sleep(0.001)
            self._seconds += 1
            if self.settled.total() >= count:
                break
        await self.courier.finish(1)
        assert self.settled.total() == count


@pytest.fixture
async def store() -> Any:
    opened = await Store.open(None, "KZ", threaded=False)
    yield opened
    await opened.close()


TAKEN = Answer(status=202, token="receipt")


async def test_many_cases_go_at_once_and_each_in_its_order(store: Store) -> None:
    partner = Partner(lambda _letter, _attempt: TAKEN)
    office = Office(partner, store, lane_in_flight=8)
    for ordinal in range(1, 6):
        for case in range(20):
            office.put(str(case), ordinal)
    await office.until(100)
    assert partner.most == 8
    assert set(office.settled.values()) == {1}
    assert Counter(case for case, _, _ in partner.came).most_common()[-1][1] == 5
    for case in {case for case, _, _ in partner.came}:
        assert [ordinal for name, ordinal, _ in partner.came if name == case] == [1, 2, 3, 4, 5]


async def test_of_a_round_in_several_batches_nothing_goes_behind_one_that_broke(store: Store) -> None:
    """Stepped: of three batches the partner takes half of the first; no later message of the case goes before it."""
    came: list[tuple[str, int]] = []

    class Weak(Partner):
        async def post_round(
            self, letters: Sequence[Letter], now: datetime, attempts: Sequence[int]
        ) -> list[Answer | Undelivered]:
            assert len(letters) <= 2
            said = [self.says(letter, attempt) for letter, attempt in zip(letters, attempts, strict=True)]
            came.extend((one.case, one.ordinal) for one, s in zip(letters, said, strict=True) if isinstance(s, Answer))
            return said

    def says(letter: Letter, attempt: int) -> Answer | Undelivered:
        return Undelivered("the line broke") if letter.ordinal == 2 and attempt == 1 else TAKEN

    office = Office(Weak(says), store, round_messages=2)
    for ordinal in range(1, 6):
        office.put("1", ordinal)
    now = START
    for _ in range(9):
        await office.courier.send_due(now)
        now += timedelta(minutes=10)
    assert [ordinal for _, ordinal in came] == [1, 2, 3, 4, 5]
    assert set(office.settled.values()) == {1}


async def test_a_message_that_its_partner_cannot_work_holds_up_its_own_case_only(store: Store) -> None:
    def says(letter: Letter, attempt: int) -> Answer | Undelivered:
        bad = "C7." in letter.case and letter.ordinal == 1 and attempt < 4
        return Undelivered("answered 500") if bad else TAKEN

    partner = Partner(says)
    office = Office(partner, store)
    for ordinal in (1, 2):
        for case in range(10):
            office.put(str(case), ordinal)
    await office.until(20)
    sick = [(ordinal, at) for case, ordinal, at in partner.came if "C7." in case]
    assert [ordinal for ordinal, _ in sick] == [1, 1, 1, 1, 2]
    waits = [(b - a).total_seconds() for (_, a), (_, b) in pairwise(sick[:4])]
    assert waits[1] >= 1 and waits[2] >= 2
    assert len(partner.came) == 23
    others = [at for case, _, at in partner.came if "C7." not in case]
    assert max(others) <= sick[-1][1]


async def test_a_partner_that_is_away_is_asked_by_one_message_and_the_first_success_wakes_the_lane(
    store: Store,
) -> None:
    away = [True]

    def says(_letter: Letter, attempt: int) -> Answer | Undelivered:
        away[0] = away[0] and attempt < 5
        return Undelivered("not reached", passing=True) if away[0] else TAKEN

    partner = Partner(says)
    office = Office(partner, store, lane_in_flight=4)
    for case in range(12):
        office.put(str(case), 1)
    await office.until(12)
    assert len(partner.came) == 4 + 3 + 12, "four at once, then one at a time, then all"
    assert {row.state for row in office.marked.values()} == {"delivered"}


async def test_retry_after_is_obeyed_up_to_a_bound(store: Store) -> None:
    waits = iter((30, 10**8, None))

    def says(_letter: Letter, _attempt: int) -> Answer | Undelivered:
        wait = next(waits)
        return TAKEN if wait is None else Undelivered("busy", wait, passing=True)

    partner = Partner(says)
    office = Office(partner, store, longest_retry_after=timedelta(seconds=90))
    office.put("1", 1)
    await office.until(1)
    first, second = ((b - a).total_seconds() for (_, _, a), (_, _, b) in pairwise(partner.came))
    assert 30 <= first < 90 <= second < 1000


async def test_what_has_lived_long_enough_is_dead_and_the_rest_goes_on(store: Store) -> None:
    def says(letter: Letter, _attempt: int) -> Answer | Undelivered:
        return Undelivered("not reached", passing=True)

    office = Office(Partner(says), store)
    for case in range(5):
        office.put(str(case), 1, until=START + timedelta(seconds=20))
    office.put("9", 1)
    await office.until(5)
    assert sorted(row.state for row in office.marked.values() if row.state == "dead") == ["dead"] * 5
    assert office.outbox.queued("KZ") == 1


async def test_bytes_that_are_gone_do_not_stop_the_courier(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    office = Office(Partner(lambda _letter, _attempt: TAKEN), store, outbox_bytes_rows=0)
    office.put("1", 1, until=START + timedelta(seconds=5))
    await office.until(1)
    assert [row.state for row in office.marked.values()] == ["dead"]
    assert "holds no bytes" in caplog.text
