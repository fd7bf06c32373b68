"""A node and the message set: two versions at once, and messages that it does not take."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

import schemas
from exchange.codec import decode, encode
from exchange.messages import ArrivalAdvice, Message, Position, SealFound, SealReading
from exchange.validation import parse_message, validate
from tests.integration.test_node_http import KEYS, NOW, Desk, arrival, desk, filing


@pytest.fixture
async def kz() -> AsyncIterator[Desk]:
    async for one in desk():
        yield one


def sealed(ordinal: int = 1) -> Message:
    """Return an arrival whose seal is electronic and has told where it was."""
    position = Position(latitude="+44.17300", longitude="+080.39100")
    reading = SealReading(read_at=NOW - timedelta(minutes=3), event="LOCKED", position=position)
    seal = SealFound(sequence_number=1, id="CN0001", state="INTACT", reading=reading)
    return arrival(ordinal, seals_found=(seal,))


async def test_partners_of_both_versions_are_heard_on_one_case(kz: Desk) -> None:
    older, newer = encode(filing(), "1.0"), encode(sealed(), "1.1")
    assert b"<Reading>" in newer
    assert (await kz.send(older, key=KEYS["KZ.KTZ"]))[0] == 202
    status, body, _ = await kz.send(newer)
    assert status == 202
    replies = [reply["message"].encode() for reply in body["replies"]]
    assert [parse_message(reply).CODE for reply in replies] == ["CTD"]
    assert [validate(reply).version for reply in replies] == ["1.0"]
    assert (await kz.get(f"/messages/{sealed().header.message_id}")) == (200, newer)
    again = decode(newer)
    assert isinstance(again, ArrivalAdvice)
    assert again.seals_found[0].reading is not None


async def test_an_addition_under_the_older_version_and_an_unknown_version_are_invalid(kz: Desk) -> None:
    newer = encode(sealed(), "1.1")
    for version in ("1.0", "7"):
        status, body, _ = await kz.send(newer.replace(b'schemaVersion="1.1"', f'schemaVersion="{version}"'.encode()))
        assert status == 422
        assert {error["gate"] for error in body["errors"]} == {"schema"}
    assert (await kz.send(newer))[0] == 202


@pytest.mark.parametrize("code", ["UNA", "UNC", "LST", "MAQ", "STQ", "IMG"])
async def test_what_the_node_does_not_take_yet_is_forbidden_and_leaves_no_case(kz: Desk, code: str) -> None:
    message = decode(schemas.sample(code).read_bytes())
    header = message.header.model_copy(update={"sender": "CN", "recipient": "KZ"})
    status, body, _ = await kz.send(encode(message.model_copy(update={"header": header})), key=KEYS["CN"])
    assert status == 403
    assert f"{code} ({message.NAME})" in body["detail"]
    assert json.loads((await kz.get("/cases"))[1]) == {"cases": []}
    assert (await kz.send(encode(arrival())))[0] == 202
