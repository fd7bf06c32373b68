"""A partner's lane: its order, what closes it, and that memory is bounded while nothing is forgotten."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from exchange.limits import Limits
from exchange.store import OutboxRow, Store, Writes
from nodes.lane import Lane, Waiting
from nodes.outbox import Outbox
from tests.journey import START


def row(number: int, case: str = "A", due: int = 0, **others: object) -> OutboxRow:
    values = {"message_id": f"m{number:05}", "sender": "KZ", "recipient": "RU", "case": case, "ordinal": number}
    return OutboxRow(**(values | {"since": START, "due": START + timedelta(seconds=due)} | others))  # type: ignore[arg-type]


def ids(taken: list[Waiting]) -> list[str]:
    return [waiting.row.message_id for waiting in taken]


def lane_of(*rows: OutboxRow, longest: int = 100) -> Lane:
    lane = Lane("RU", longest)
    for one in rows:
        lane.put(Waiting(one))
    return lane


def test_rows_come_by_due_case_and_ordinal() -> None:
    lane = lane_of(row(1, "B"), row(3, "A"), row(2, "A"), row(4, "A", due=-5))
    assert ids(lane.take(START)) == ["m00004", "m00002", "m00003", "m00001"]


def test_live_one_message_of_a_case_is_on_its_way_at_a_time() -> None:
    lane = lane_of(row(1, "A"), row(2, "A"), row(3, "B"))
    first, other = lane.take(START, 8)
    assert ids([first, other]) == ["m00001", "m00003"]
    assert lane.take(START, 8) == []
    lane.back(first)
    assert ids(lane.take(START, 8)) == ["m00001"], "a message that failed goes before those behind it"
    lane.settled(first)
    assert ids(lane.take(START, 8)) == ["m00002"]
    assert len(lane) == 2


def test_a_message_that_waits_by_itself_holds_up_its_case_only() -> None:
    lane = lane_of(row(1, "A"), row(2, "A"), row(3, "B"))
    [first] = lane.take(START, 1)
    lane.back(first, START + timedelta(seconds=30))
    assert ids(lane.take(START, 8)) == ["m00003"]
    assert lane.next_due() == START + timedelta(seconds=30)
    assert ids(lane.take(START + timedelta(seconds=30), 8)) == ["m00001"]


def test_a_closed_lane_opens_in_time_or_when_woken() -> None:
    lane = lane_of(row(1))
    lane.failed(START, timedelta(seconds=4))
    lane.failed(START, timedelta(seconds=6))
    assert lane.failures == 1, "what failed while the lane was closed already is the same failure"
    assert lane.next_due() == START + timedelta(seconds=6)
    assert lane.take(START + timedelta(seconds=5)) == []
    lane.wake()
    assert ids(lane.take(START)) == ["m00001"]


def test_an_announced_outage_is_waited_for() -> None:
    lane = lane_of(row(1, due=10), row(2, due=100))
    lane.outage = (START, START + timedelta(seconds=60))
    assert lane.next_due() == START + timedelta(seconds=60)
    assert lane.take(START + timedelta(seconds=59)) == []
    assert ids(lane.take(START + timedelta(seconds=60))) == ["m00001"]


def test_those_whose_life_is_over_are_taken_out() -> None:
    soon, late = START + timedelta(hours=1), START + timedelta(hours=2)
    lane = lane_of(row(1, until=soon), row(2, until=late), row(3, "B", until=soon))
    assert sorted(ids(lane.overdue(soon))) == ["m00001", "m00003"]
    assert ids(lane.take(START)) == ["m00002"]


def test_the_same_row_is_put_once() -> None:
    lane = lane_of(row(1), row(1))
    assert ids(lane.take(START)) == ["m00001"]
    assert not lane.put(Waiting(row(1))) or lane.take(START) == []


@pytest.mark.parametrize("seed", range(8))
async def test_little_memory_loses_doubles_and_disorders_nothing(seed: int) -> None:
    """Rows come, go, fail and are stored in any order; each is delivered once, those of a case in their order."""
    luck = random.Random(seed)
    store = await Store.open(None, "KZ", threaded=False)
    outbox = Outbox(Limits(lane_rows=4))
    await outbox.open(store)
    delivered: list[str] = []
    flying: list[Waiting] = []
    unstored: list[OutboxRow] = []
    made = 0
    lane = outbox.lane("RU")
    largest = 0
    now = START
    while made < 300 or len(lane):
        now += timedelta(seconds=luck.randrange(3))
        what = luck.random()
        if made < 300 and what < 0.5:
            rows = [row(made + n, luck.choice("ABC"), due=int((now - START).total_seconds())) for n in range(7)]
            made += len(rows)
            await store.write(Writes(outbox=rows, outbox_changes=unstored))
            unstored = []
            for one in rows:
                outbox.put(one)
        elif what < 0.8:
            await outbox.fill(store)
            flying += lane.take(now, 3 - len(flying))
        elif flying:
            waiting = flying.pop(luck.randrange(len(flying)))
            if luck.random() < 0.3:
                lane.back(waiting)
            else:
                lane.settled(waiting)
                delivered.append(waiting.row.message_id)
                unstored.append(waiting.row._replace(state="delivered"))
        largest = max(largest, len(lane.held))
    assert len(delivered) == len(set(delivered)) == made
    await store.write(Writes(outbox_changes=unstored))
    cases = {one.message_id: one.case for one in await store.outbox("delivered")}
    for case in "ABC":
        mine = [one for one in delivered if cases[one] == case]
        assert mine == sorted(mine)
    assert largest < 40
    await store.close()


async def test_a_long_outbox_is_taken_up_a_page_at_a_time() -> None:
    store = await Store.open(None, "KZ", threaded=False)
    rows = [row(number, f"C{number:02}") for number in range(50)]
    await store.write(Writes(outbox=rows))
    outbox = Outbox(Limits(lane_rows=10))
    await outbox.open(store)
    assert outbox.queued("RU") == 50
    assert len(outbox.lane("RU").held) == 10
    await outbox.fill(store, START)
    assert ids(outbox.lane("RU").take(START)) == [one.message_id for one in rows]
    await store.close()
