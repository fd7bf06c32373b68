"""A node and the message set: two versions at once, and messages that it does not take."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

import schemas
from exchange.codec import decode, encode
from exchange.limits import Limits
from exchange.messages import ArrivalAdvice, Message, Position, SealFound, SealReading
from exchange.validation import parse_message, validate
from nodes.memory import Memory
from tests.desk import KEYS, NOW, Desk, arrival, desk, filing
from tests.journey import Journey


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


@pytest.mark.parametrize("code", ["ADV", "AMD", "CTD", "REG", "REL", "SLT"])
async def test_what_a_service_does_not_send_is_forbidden_and_leaves_no_case(kz: Desk, code: str) -> None:
    status, body, _ = await kz.send(from_china(code), key=KEYS["CN"])
    assert status == 403
    assert f"{code} ({decode(from_china(code)).NAME})" in body["detail"]
    assert body["type"].endswith("role")
    assert json.loads((await kz.get("/cases"))[1]) == {"cases": []}
    assert (await kz.send(encode(arrival())))[0] == 202


def from_china(code: str) -> bytes:
    message = decode(schemas.sample(code).read_bytes())
    changes = {"sender": "CN", "recipient": "KZ"}
    return encode(message.model_copy(update={"header": message.header.model_copy(update=changes)}))


@pytest.mark.parametrize("code", ["UNA", "UNC", "LST"])
async def test_notices_of_a_service_are_no_case_and_outlive_the_node(code: str) -> None:
    async for kz in desk(arm="advance"):
        assert (await kz.send(from_china(code), key=KEYS["CN"]))[0] == 202
        assert json.loads((await kz.get("/cases"))[1]) == {"cases": []}
        lived = kz.node.writer.core.standing  # type: ignore[attr-defined]
        entries = (await kz.store.entries_of([""]))[""]
        assert entries[0].kind == "opened"
        again = Journey("advance").cores["KZ"]
        await Memory(again, kz.store, Limits()).load()
        assert again.standing.participants == lived.participants
        assert again.standing.outages == lived.outages


@pytest.mark.parametrize("code", ["STQ", "ENQ", "DRQ", "MAQ", "ALR", "PDC"])
async def test_questions_and_alerts_of_a_service_are_taken(code: str) -> None:
    async for kz in desk(arm="advance"):
        status, body, _ = await kz.send(from_china(code), key=KEYS["CN"])
        assert status == 202, body
        assert body["replies"] == []


async def test_a_data_request_that_names_no_number_is_refused_and_leaves_no_case() -> None:
    async for kz in desk(arm="advance"):
        asked = decode(from_china("DRQ"))
        nameless = encode(asked.model_copy(update={"mrn": None, "export_declaration_number": None}))
        status, body, _ = await kz.send(nameless, key=KEYS["CN"])
        assert (status, body["type"].rpartition(":")[2]) == (422, "invalid"), body
        assert [finding["rule"] for finding in body["errors"]] == ["PIX-049"]
        assert json.loads((await kz.get("/cases"))[1]) == {"cases": []}
