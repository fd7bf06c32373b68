"""What a person answers to another service, by an order of the node's operator."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest

from exchange.codec import encode
from exchange.messages import AssistanceRequest, Header
from exchange.receipts import credential
from exchange.references import message_id
from tests.desk import KEYS, NOW, Desk, desk, filing
from tests.journey import UCR


@pytest.fixture
async def asked() -> AsyncIterator[tuple[Desk, str]]:
    """A node of Kazakhstan that China has asked for assistance, and the id of the request."""
    async for kz in desk(arm="advance"):
        await kz.send(encode(filing()), key=KEYS["KZ.KTZ"])
        header = Header(
            message_id=message_id("CN", "KZ", "MAQ", UCR, 1),
            message_type="MAQ",
            sender="CN",
            recipient="KZ",
            sent_at=NOW,
            ordinal=1,
            agreement_id="china-europe-transit-information",
        )
        request = AssistanceRequest(
            header=header,
            ucr=UCR,
            reference="CN-1",
            legal_basis="Agreement of 2016",
            measure="VERIFICATION",
            subject="GOODS",
            urgent=False,
            text="Who loaded the goods?",
        )
        status, body, _ = await kz.send(encode(request), key=KEYS["CN"])
        assert status == 202, body
        yield kz, header.message_id


async def order(kz: Desk, matter: str, who: str = "KZ.OPERATOR", ucr: str = UCR, **query: str) -> tuple[int, Any]:
    path = f"/cases/{ucr}/matters/{matter}/answer"
    path += f"?{urlencode(query)}" if query else ""
    headers = {"Authorization": credential(KEYS[who], "POST", path, NOW)}
    async with kz.session.post(kz.node.url + path, headers=headers) as answer:
        return answer.status, json.loads(await answer.read())


async def case(kz: Desk) -> dict[str, Any]:
    _, body = await kz.get(f"/cases/{UCR}")
    return dict(json.loads(body))


async def test_an_operators_answer_goes_out_and_closes_the_matter(asked: tuple[Desk, str]) -> None:
    kz, matter = asked
    assert [one["id"] for one in (await case(kz))["open_matters"]] == [matter]
    status, said = await order(kz, matter, text="Zhetysu Loading", offence="no", evidence="yes")
    assert (status, said["code"], said["answered_by"]) == (200, "MAQ", "KZ.OPERATOR")
    view = await case(kz)
    assert view["open_matters"] == []
    sent = [one for one in view["timeline"] if one["code"] == "MAS"]
    assert [(one["from"], one["to"]) for one in sent] == [("KZ", "CN")]
    _, xml = await kz.get(f"/messages/{sent[0]['id']}")
    assert b"<Text>Zhetysu Loading</Text>" in xml and b"<CorrelationID>" + matter.encode() in xml
    assert (await order(kz, matter, text="Once more"))[0] == 404
    ordered = [e for e in (await kz.store.entries_of([UCR]))[UCR] if e.kind == "timer-fired"]
    assert [entry.data["answer"]["by"] for entry in ordered] == ["KZ.OPERATOR"]


async def test_only_operators_answer_and_they_are_told_what_an_answer_has(asked: tuple[Desk, str]) -> None:
    kz, matter = asked
    for who in ("CN", "KZ.KTZ", "KZ.99101"):
        assert (await order(kz, matter, who, text="x"))[0] == 403
    for query in (
        {},
        {"text": ""},
        {"text": "x" * 513},
        {"text": "x", "outcome": "MAYBE"},
        {"text": "x", "explained": "perhaps"},
        {"text": "x", "colour": "red"},
    ):
        status, problem = await order(kz, matter, **query)
        assert (status, problem["type"].rpartition(":")[2]) == (400, "bad-query"), query
    assert (await order(kz, "00000000-0000-4000-8000-000000000000", text="x"))[0] == 404
    assert (await order(kz, matter, ucr="8CNXA001-T01C2.ABCDEFGB", text="x"))[0] == 404
    assert [one["id"] for one in (await case(kz))["open_matters"]] == [matter]


async def test_the_case_tells_the_operator_why_goods_were_stopped_and_nobody_else(asked: tuple[Desk, str]) -> None:
    kz, _ = asked
    assert (await case(kz))["stops"] == []
    for who in ("KZ.KTZ", "CN"):
        status, body = await kz.get(f"/cases/{UCR}", who)
        assert status == 200 and "stops" not in json.loads(body)
