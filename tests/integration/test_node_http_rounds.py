"""A node over HTTP: rounds, and batches that fail."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from exchange.codec import encode
from tests.desk import Desk, arrival


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
