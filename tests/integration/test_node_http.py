"""A node over HTTP: what it accepts, and that it answers the same again."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from exchange.codec import encode
from exchange.limits import Limits
from exchange.messages import format_time
from exchange.receipts import verify_receipt
from exchange.signatures import digest, verify_bytes
from tests.desk import KEYS, NOW, Desk, arrival, desk, filing


async def test_a_message_is_answered_with_a_receipt_and_the_nodes_replies(kz: Desk) -> None:
    assert (await kz.send(encode(filing()), key=KEYS["KZ.KTZ"]))[0] == 202
    data = encode(arrival())
    status, body, headers = await kz.send(data)
    assert status == 202
    receipt = verify_receipt(
        body["receipt"],
        kz.members,
        message=arrival().header.message_id,
        sender="KZ.99101",
        sha256=digest(data),
        recipient="KZ",
        now=NOW,
    )
    assert receipt.time == NOW
    chain = [entry async for entry in kz.store.ledger()]
    assert chain[receipt.position - 1].hash == receipt.hash
    [reply] = body["replies"]
    assert "<ControlDecision" in reply["message"]
    assert verify_bytes(reply["signature"], reply["message"].encode(), kz.members.finder(NOW)).kid == "KZ"
    due = kz.node.next_due()
    assert headers["Pix-Next-Due"] == ("none" if due is None else format_time(due))


async def test_the_same_bytes_get_the_same_answer_whenever_they_come(kz: Desk) -> None:
    data = encode(arrival())
    _, first, headers = await kz.send(data)
    assert "Pix-Replayed" not in headers
    head = await kz.store.head()
    for late in (timedelta(0), timedelta(days=30)):
        status, again, headers = await kz.send(data, iat=NOW - late)
        assert (status, again, headers["Pix-Replayed"]) == (202, first, "true")
    assert await kz.store.head() == head


async def test_other_bytes_under_a_used_id_are_a_conflict_even_if_late_or_invalid(kz: Desk) -> None:
    data = encode(arrival())
    await kz.send(data)
    for other in (encode(arrival(arrived_at=NOW - timedelta(hours=1))), data.replace(b"ENTRY", b"SIDEWAYS")):
        for iat in (NOW, NOW - timedelta(days=1)):
            status, _, _ = await kz.send(other, iat=iat)
            assert status == 409


async def test_little_memory_changes_no_answer() -> None:
    """Ids, cases and folds that are no longer held are looked up in the store."""
    messages = [arrival(ucr=f"8CNXA001-T01C{number}.ABCDEFGB") for number in range(5)]
    small = Limits(remembered_ids=1, remembered_cases=1, folded_cases=1, outbox_bytes_rows=0)
    answers: list[list[Any]] = []
    for limits in (Limits(), small):
        async for kz in desk(limits):
            seen: list[Any] = []
            for message in messages:
                assert (await kz.send(encode(message)))[0] == 202
            for message in messages:
                status, _, headers = await kz.send(encode(message))
                assert (status, headers.get("Pix-Replayed")) == (202, "true")
                changed = message.model_copy(update={"arrived_at": NOW - timedelta(hours=1)})
                assert (await kz.send(encode(changed)))[0] == 409
                seen.append(json.loads((await kz.get(f"/cases/{message.ucr}"))[1]))
            second = message.model_copy(
                update={"header": arrival(2).header.model_copy(update={"ordinal": 2}), "ucr": messages[0].ucr}
            )
            assert (await kz.send(encode(second)))[0] == 202
            seen.append(json.loads((await kz.get(f"/cases/{messages[0].ucr}"))[1]))
            answers.append(seen)
    assert answers[0] == answers[1]
