"""A node over HTTP: what is read of it, by whom, and who steps it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from exchange.codec import decode, encode
from exchange.http import Client
from exchange.messages import AnticipatedTransitRecord, ControlResult, Header
from exchange.origin import prove
from exchange.receipts import credential
from exchange.references import message_id
from nodes.service import ServiceError, listen
from tests.desk import KEYS, NOW, Desk, arrival, desk, filing
from tests.journey import START, UCR, consignment


def header(code: str, ordinal: int) -> Header:
    return Header(
        message_id=message_id("CN", "KZ", code, UCR, ordinal), message_type=code, sender="CN", recipient="KZ",
        sent_at=NOW, ordinal=ordinal,
    )  # fmt: skip


async def test_two_senders_may_use_one_id(kz: Desk) -> None:
    one = arrival()
    other = filing()
    other = other.model_copy(update={"header": other.header.model_copy(update={"message_id": one.header.message_id})})
    assert (await kz.send(encode(one)))[0] == 202
    assert (await kz.send(encode(other), key=KEYS["KZ.KTZ"]))[0] == 202
    path = f"/messages/{one.header.message_id}"
    assert (await kz.get(path))[0] == 409
    assert await kz.get(f"{path}?sender=KZ.99101") == (200, encode(one))
    assert await kz.get(f"{path}?sender=KZ.KTZ") == (200, encode(other))
    assert (await kz.get(f"{path}?sender=KZ.STRANGER"))[0] == 404


async def test_reads_need_a_credential_and_show_each_what_is_theirs(kz: Desk) -> None:
    data, one = encode(arrival()), arrival()
    await kz.send(data)
    path = f"/messages/{one.header.message_id}"
    for who, status in (("KZ.OPERATOR", 200), ("KZ.99101", 200), ("KZ", 200), ("KZ.STRANGER", 404), ("FI", 404)):
        assert (await kz.get(path, who))[0] == status, who
        assert (await kz.get(f"/cases/{UCR}", who))[0] == status, who
        found, body = await kz.get("/cases", who)
        assert found == 200
        assert [row["ucr"] for row in json.loads(body)["cases"]] == ([UCR] if status == 200 else [])
    assert await kz.get(path) == (200, data)
    assert "receipt" in json.loads((await kz.get(f"{path}/receipt"))[1])
    head = json.loads((await kz.get("/ledger/head"))[1])
    assert head == {"position": (await kz.store.head()).position, "hash": (await kz.store.head()).hash}
    for bare in (path, "/cases", f"/cases/{UCR}", "/ledger/head"):
        async with kz.session.get(kz.node.url + bare) as answer:
            assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Pix")
    assert (await kz.get(path, now=NOW - timedelta(days=1)))[0] == 401
    assert (await kz.get("/cases?limit=0"))[0] == 400
    assert (await kz.get("/cases/8CNNONE"))[0] == 404


async def test_the_original_of_a_result_that_was_passed_on_is_shown_to_whom_it_went() -> None:
    record: dict[str, Any] = {
        "mrn": "18CN9911A0004711J2", "departure_office": "9911", "destination_office": "FI999900", "eta": NOW,
        "transit_office": "99101", "released_at": START, "control_result": "A1", "consignment": consignment(),
    }  # fmt: skip
    act: dict[str, Any] = {
        "mrn": "18CN9911A0004711J2", "act_number": "9911/8", "office": "9911", "presentation": "DEPARTURE",
        "form": "SCAN", "extent": "FULL", "result": "A1", "began_at": START - timedelta(hours=1), "ended_at": START,
        "offence_indicator": False, "may_forward": True,
    }  # fmt: skip
    about = [(AnticipatedTransitRecord, record), (ControlResult, act)]
    sent = [encode(cls(header=header(cls.CODE, n), ucr=UCR, **body)) for n, (cls, body) in enumerate(about, 1)]
    async for kz in desk(arm="recognition"):
        for data in sent:
            status, answered, _ = await kz.send(data, key=KEYS["CN"])
            assert status == 202, answered
        rows = json.loads((await kz.get("/outbox?partner=FI"))[1])["messages"]
        told = [decode((await kz.get(f"/messages/{row['message']}", "FI"))[1]) for row in rows]
        [came] = [message for message in told if isinstance(message, ControlResult)]
        path = f"/messages/{came.header.message_id}"
        headers = {"Authorization": credential(KEYS["FI"], "GET", f"{path}/origin", NOW)}
        async with kz.session.get(f"{kz.node.url}{path}/origin", headers=headers) as answer:
            assert (answer.status, await answer.read()) == (200, sent[1])
            assert prove(came, sent[1], answer.headers["Pix-Signature"], kz.members) == "CN"
        assert (await kz.get(f"{path}/origin", "RU"))[0] == 404
        other = message_id("CN", "KZ", "ATR", UCR, 1)
        assert (await kz.get(f"/messages/{other}/origin", "CN"))[0] == 404


async def test_health_and_description_are_open(kz: Desk) -> None:
    async with kz.session.get(f"{kz.node.url}/health") as answer:
        assert (await answer.json())["node"] == "KZ"
    async with kz.session.get(f"{kz.node.url}/openapi.json") as answer:
        paths = (await answer.json())["paths"]
    routes = {resource.canonical for resource in kz.node._app().router.resources()}
    assert set(paths) == routes


async def test_a_live_node_has_no_time_to_set() -> None:
    async for kz in desk(stepped=False):
        async with kz.session.post(f"{kz.node.url}/time", json={"now": "2026-01-01T00:00:00Z"}) as answer:
            assert (answer.status, answer.content_type) == (404, "application/problem+json")
            assert "Pix-Next-Due" not in answer.headers


async def test_only_the_operator_steps_a_node(kz: Desk) -> None:
    async with Client(kz.members, KEYS.__getitem__) as client:
        answer = await client.set_time("KZ", "KZ.OPERATOR", NOW)
        assert answer == {"now": "2018-03-11T00:00:00Z", "next_due": None, "partners": {}}
        answer = await client.set_time("KZ", "KZ.OPERATOR", NOW - timedelta(minutes=1))
        assert answer["now"] == "2018-03-11T00:00:00Z"
        for who in ("KZ.99101", "RU"):
            with pytest.raises(Exception, match="403"):
                await client.set_time("KZ", who, NOW)
    headers = {"Authorization": credential(KEYS["KZ.OPERATOR"], "POST", "/time", NOW)}
    for data, status in ((b"{}", 400), (b"[]", 400), (b'{"now": "soon"}', 400), (b" " * 2000, 413)):
        async with kz.session.post(f"{kz.node.url}/time", data=data, headers=headers) as answer:
            assert answer.status == status


def test_a_node_listens_on_loopback_only_and_says_what_is_wrong() -> None:
    for host in ("0.0.0.0", "192.0.2.1", "::"):
        with pytest.raises(ServiceError, match="TLS"):
            listen(host, 0)
    with pytest.raises(ServiceError, match="no IP address"):
        listen("customs.example", 0)
    with listen("127.0.0.1", 0) as sock:
        port = sock.getsockname()[1]
        with pytest.raises(ServiceError, match=f"port {port}: the port is in use"):
            listen("127.0.0.1", port)
    with pytest.raises(ServiceError, match="port 99999"):
        listen("127.0.0.1", 99999)
