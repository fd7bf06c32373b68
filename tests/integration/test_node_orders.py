"""What operators order their node: an officer's refusal, a change of the list, the status of an agreement."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest
from yarl import URL

from exchange.messages import ParticipantList, format_time
from exchange.receipts import credential
from nodes.core import NodeCore
from tests.desk import KEYS, NOW, Desk, desk

RECOGNITION = "china-europe-transit-recognition"


@pytest.fixture
async def kz() -> AsyncIterator[Desk]:
    async for found in desk(arm="recognition"):
        yield found


async def order(kz: Desk, path: str, who: str = "KZ.OPERATOR", **query: Any) -> tuple[int, Any]:
    text = f"{path}?{urlencode(query, doseq=True)}" if query else path
    headers = {"Authorization": credential(KEYS[who], "POST", text, NOW), "Pix-Time": format_time(NOW)}
    async with kz.session.post(URL(kz.node.url + text, encoded=True), headers=headers) as answer:
        return answer.status, json.loads(await answer.read())


def core(kz: Desk) -> NodeCore:
    found = kz.node.writer.core
    assert isinstance(found, NodeCore)
    return found


async def test_a_trader_is_taken_off_the_list_and_put_back_and_the_ledger_knows(kz: Desk) -> None:
    assert "XA001" in core(kz).standing.participants
    status, said = await order(kz, "/lists/corridor", remove="XA001", text="Left the scheme", to=["CN", "RU"])
    assert (status, said) == (200, {"list": "corridor", "trader": "XA001", "listed": False})
    assert "XA001" not in core(kz).standing.participants
    rows = await kz.store.outbox()
    assert {row.recipient for row in rows} == {"CN", "RU"}
    told = [entry.message for entry in core(kz)._own.timeline if isinstance(entry.message, ParticipantList)]
    assert {(one.list_version, one.previous_version) for one in told} == {(2, 1)}
    assert [one.id for one in told[0].removed] == ["XA001"]
    assert "XA001" not in {one.id for one in told[0].participants}
    assert (await order(kz, "/lists/corridor", remove="XA001", text="again"))[0] == 409
    assert (await order(kz, "/lists/corridor", restore="XA001", text="back"))[0] == 200
    assert "XA001" in core(kz).standing.participants
    entries = (await kz.store.entries_of([""]))[""]
    fresh = NodeCore(core(kz)._given)
    fresh.load("", entries[:-1])
    assert "XA001" not in fresh.standing.participants
    fresh.load("", entries)
    assert fresh.standing.participants == core(kz).standing.participants


async def test_an_agreement_is_of_another_status_from_now_on(kz: Desk) -> None:
    day = NOW.date()
    assert core(kz).standing.agreements.recognising("CN", "KZ", day)
    status, _ = await order(kz, f"/agreements/{RECOGNITION}", status="signed")
    assert status == 200
    assert not core(kz).standing.agreements.recognising("CN", "KZ", day)
    assert (await order(kz, f"/agreements/{RECOGNITION}", status="in force from 2010-01-01"))[0] == 200
    assert core(kz).standing.agreements.recognising("CN", "KZ", day)


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/lists/corridor", {}, 400),
        ("/lists/corridor", {"remove": "XA001"}, 400),
        ("/lists/corridor", {"remove": "XA001", "restore": "XA001", "text": "x"}, 400),
        ("/lists/corridor", {"remove": "XA001", "text": "x", "to": "KZ"}, 400),
        ("/lists/corridor", {"remove": "X" * 36, "text": "x"}, 400),
        ("/lists/Corridor!", {"remove": "XA001", "text": "x"}, 404),
        ("/agreements/none", {"status": "in force"}, 404),
        (f"/agreements/{RECOGNITION}", {"status": "excellent"}, 400),
        (f"/agreements/{RECOGNITION}", {"status": "signed", "more": "1"}, 400),
        ("/cases/NONE/offers/none/refuse", {"text": "x"}, 404),
        ("/cases/NONE/offers/none/refuse", {}, 400),
    ],
)
async def test_what_cannot_be_ordered_is_refused_in_words(kz: Desk, path: str, query: Any, status: int) -> None:
    head = (await kz.store.head()).position
    got, problem = await order(kz, path, **query)
    assert got == status, problem
    assert problem["detail"]
    assert (await order(kz, path, who="KZ.99101", **query))[0] == 403
    assert (await kz.store.head()).position == head
