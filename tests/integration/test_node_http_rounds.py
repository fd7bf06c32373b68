"""A node over HTTP: rounds, and batches that fail."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from exchange.codec import encode
from tests.desk import Desk, arrival
from tests.journey import UCR


async def test_a_round_is_sorted_and_written_as_one(kz: Desk) -> None:
    messages = [arrival(ucr=f"8CNXA001-T01C{number}.ABCDEFGB") for number in range(6)]
    writes = []
    write = kz.store.write

    async def counted(given: Any) -> None:
        writes.append(given)
        await write(given)

    kz.store.write = counted  # type: ignore[method-assign]
    numbered = [(4, 1), (2, 2), (5, 3), (0, 4), (3, 5), (1, 6)]
    answers = await asyncio.gather(*(kz.send(encode(messages[n]), Pix_Batch=f"{k}/6") for n, k in numbered))
    assert [status for status, _, _ in answers] == [202] * 6
    assert len(writes) == 1
    assert [entry.case for entry in writes[0].entries if entry.kind == "received"] == [m.ucr for m in messages]


async def test_a_refused_message_does_not_keep_its_round_waiting(kz: Desk) -> None:
    good, bad = encode(arrival()), encode(arrival(2)).replace(b"ENTRY", b"SIDEWAYS")
    answers = await asyncio.gather(kz.send(bad, Pix_Batch="1/2"), kz.send(good, Pix_Batch="2/2"))
    assert [status for status, _, _ in answers] == [422, 202]
    assert answers[0][2]["Pix-Next-Due"] == answers[1][2]["Pix-Next-Due"]


async def test_a_round_that_stays_incomplete_is_worked_as_far_as_it_came(kz: Desk) -> None:
    assert (await kz.send(encode(arrival()), Pix_Batch="1/2"))[0] == 202


async def test_what_stands_right_behind_a_gap_comes_again_so_that_a_case_keeps_its_order(kz: Desk) -> None:
    """Of a round's four messages the first does not come: the rest of its case waits, the next case does not."""
    first, second, third = (encode(arrival(ordinal)) for ordinal in (1, 2, 3))
    other = encode(arrival(ucr="8CNXA001-T01C9.ABCDEFGB"))
    sent = (kz.send(data, Pix_Batch=f"{k}/4") for k, data in ((2, second), (3, third), (4, other)))
    answers = await asyncio.gather(*sent)
    assert [status for status, _, _ in answers] == [503, 503, 202]
    assert "has not come" in answers[0][1]["detail"]
    assert int(answers[0][2]["Retry-After"]) >= 1
    again = await asyncio.gather(
        *(kz.send(data, Pix_Batch=f"{k}/3") for k, data in enumerate((first, second, third), 1))
    )
    assert [status for status, _, _ in again] == [202, 202, 202]
    assert await received(kz, UCR) == [1, 2, 3]


async def test_what_stands_behind_a_message_that_cannot_be_worked_waits_for_it(kz: Desk) -> None:
    write = kz.store.write

    async def failing(given: Any) -> None:
        if any(message.id == arrival().header.message_id for message in given.messages):
            raise OSError("the disk says no")
        await write(given)

    kz.store.write = failing  # type: ignore[method-assign]
    given = [arrival(), arrival(2), arrival(ucr="8CNXA001-T01C9.ABCDEFGB")]
    answers = await asyncio.gather(*(kz.send(encode(one), Pix_Batch=f"{k}/3") for k, one in enumerate(given, 1)))
    assert [status for status, _, _ in answers] == [500, 500, 202]
    kz.store.write = write  # type: ignore[method-assign]
    again = await asyncio.gather(*(kz.send(encode(one), Pix_Batch=f"{k}/2") for k, one in enumerate(given[:2], 1)))
    assert [status for status, _, _ in again] == [202, 202]
    assert await received(kz, UCR) == [1, 2]


async def received(kz: Desk, ucr: str) -> list[int]:
    """Return the ordinals of what the node received of a case, as its ledger has them."""
    numbers = {arrival(n, ucr=ucr).header.message_id: n for n in range(1, 9)}
    kept = [e async for e in kz.store.ledger() if e.case == ucr and e.kind == "received"]
    return [numbers[e.message.id] for e in kept if e.message is not None]


async def test_the_same_message_twice_in_one_round_is_one(kz: Desk) -> None:
    data = encode(arrival())
    answers = await asyncio.gather(kz.send(data, Pix_Batch="1/2"), kz.send(data, Pix_Batch="2/2"))
    assert [status for status, _, _ in answers] == [202, 202]
    assert answers[0][1] == answers[1][1]
    assert sorted("Pix-Replayed" in headers for _, _, headers in answers) == [False, True]


async def test_a_batch_that_fails_is_split_and_takes_no_other_with_it(
    kz: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    poison = "8CNXA001-T01C3.ABCDEFGB"
    write = kz.store.write

    async def failing(given: Any) -> None:
        if any(entry.case == poison for entry in given.entries):
            raise OSError("the disk says no")
        await write(given)

    kz.store.write = failing  # type: ignore[method-assign]
    messages = [arrival(ucr=f"8CNXA001-T01C{number}.ABCDEFGB") for number in range(6)]
    answers = await asyncio.gather(
        *(kz.send(encode(message), Pix_Batch=f"{k}/6") for k, message in enumerate(messages, 1))
    )
    assert [status for status, _, _ in answers] == [202, 202, 202, 500, 202, 202]
    kz.store.write = write  # type: ignore[method-assign]
    assert "the disk says no" in caplog.text
    status, _, headers = await kz.send(encode(messages[3]))
    assert (status, "Pix-Replayed" in headers) == (202, False)
    assert (await kz.store.verify()).position > 0
    case = json.loads((await kz.get(f"/cases/{poison}"))[1])
    assert case["messages"] == len([e async for e in kz.store.ledger() if e.case == poison])
