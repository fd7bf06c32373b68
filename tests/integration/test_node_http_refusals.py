"""A node over HTTP: every refusal, in the order promised."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from exchange.codec import encode
from exchange.limits import Limits
from exchange.signatures import PrivateKey, digest
from tests.desk import KEYS, NOW, STRANGER, Desk, arrival, desk

FAULTS = ("type", "size", "signature", "xml", "sender", "conflict", "window", "invalid", "agreement")


STATUS = dict(zip(FAULTS, (415, 413, 401, 400, 403, 409, 401, 422, 403), strict=True))


CODE = dict(
    zip(
        FAULTS,
        (
            "unsupported-type",
            "too-large",
            "signature",
            "not-xml",
            "sender",
            "conflict",
            "window",
            "invalid",
            "no-agreement",
        ),
        strict=True,
    )
)


def faulty(faults: set[str]) -> tuple[bytes, PrivateKey, datetime, dict[str, str]]:
    """Return (bytes, key, iat, headers) of a message that has all these faults.

    What no agreement covers is an arrival told by Finland in the arm without exchange.
    """
    sender = "FI" if "agreement" in faults else "KZ.99101"
    data = encode(arrival(2, sender=sender))
    if "conflict" in faults:
        data = data.replace(arrival(2).header.message_id.encode(), arrival(1).header.message_id.encode())
    if "invalid" in faults:
        data = data.replace(b"ENTRY", b"SIDEWAYS")
    if "xml" in faults:
        data = data.replace(b"</ArrivalAdvice>", b"</Nonsense>")
    if "size" in faults:
        data += b" " * 20_000
    key = KEYS[sender]
    if "sender" in faults:
        key = KEYS["CN"]
    if "signature" in faults:
        key = STRANGER
    headers = {"Content_Type": "text/plain"} if "type" in faults else {}
    return data, key, NOW - timedelta(days=1) if "window" in faults else NOW, headers


@pytest.mark.parametrize("first", range(len(FAULTS)))
async def test_of_several_faults_the_first_in_the_table_is_told(first: int) -> None:
    """A message with the fault number ``first`` and all that follow it (where they can meet in one message)."""
    async for kz in desk(Limits(body_bytes=10_000)):
        await kz.send(encode(arrival()))
        head = await kz.store.head()
        for last in range(first, len(FAULTS)):
            faults = set(FAULTS[first : last + 1])
            if {"conflict", "agreement"} <= faults:
                faults.discard("agreement")
            data, key, iat, headers = faulty(faults)
            status, body, _ = await kz.send(data, key=key, iat=iat, **headers)
            assert (status, body["type"].rpartition(":")[2]) == (STATUS[FAULTS[first]], CODE[FAULTS[first]]), faults
        assert await kz.store.head() == head
        assert (await kz.send(encode(arrival(2))))[0] == 202


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Encoding": "identity"}, 415),
        ({"Content_Encoding": "gzip"}, 415),
        ({"Content_Type": "application/xml; charset=utf-16"}, 415),
        ({"Content_Type": "application/xml; charset=UTF-8"}, 202),
        ({"Content_Type": "text/xml"}, 202),
        ({"Pix_Time": "yesterday"}, 400),
        ({"Pix_Batch": "2/1"}, 400),
        ({"Pix_Batch": "1/100000"}, 400),
        ({"Pix_Signature": "x..y"}, 401),
    ],
)
async def test_headers_are_read_strictly(kz: Desk, headers: dict[str, str], status: int) -> None:
    assert (await kz.send(encode(arrival()), **headers))[0] == status


async def test_a_signature_counts_for_the_exact_bytes(kz: Desk) -> None:
    data = encode(arrival())
    token = KEYS["KZ.99101"].sign_bytes(data, NOW)
    assert (await kz.send(data + b"\n", Pix_Signature=token))[0] == 401
    assert (await kz.send(data, key=None))[0] == 401


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"<a", b"not xml", b"<!DOCTYPE a><a/>", b"\xff\xfe<\x00a\x00/\x00>\x00"]
)
async def test_what_is_not_xml_is_told_so(kz: Desk, data: bytes) -> None:
    assert (await kz.send(data))[0] == 400


async def test_an_invalid_message_gets_all_its_findings(kz: Desk) -> None:
    data = encode(arrival()).replace(b"ENTRY", b"SIDEWAYS").replace(b"INTACT", b"SOUND")
    status, body, _ = await kz.send(data)
    assert status == 422
    assert {error["value"] for error in body["errors"]} >= {"SIDEWAYS", "SOUND"}
    assert all(error["line"] > 0 and error["xpath"] for error in body["errors"])


async def test_xml_that_is_no_message_is_invalid(kz: Desk) -> None:
    assert (await kz.send(b"<a/>"))[0] == 422


async def test_a_message_for_another_node_is_invalid_here(kz: Desk) -> None:
    assert (await kz.send(encode(arrival(recipient="RU"))))[0] == 422


async def test_another_services_post_is_not_heard(kz: Desk) -> None:
    status, body, _ = await kz.send(encode(arrival(sender="CN.9911")), key=KEYS["CN.9911"])
    assert (status, body["type"]) == (403, "urn:corridor:problem:no-agreement")


async def test_the_frameworks_own_errors_are_problems_too(kz: Desk) -> None:
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("DELETE", "/messages", 405),
        ("GET", "/messages", 405),
        ("POST", "/ledger/head", 405),
        ("GET", "/images", 404),
    ):
        async with kz.session.request(method, kz.node.url + path) as answer:
            assert (answer.status, answer.content_type) == (status, "application/problem+json")
            assert (await answer.json(content_type=None))["errors"]
            assert "Pix-Next-Due" in answer.headers


async def test_a_body_without_length_is_cut_off_at_the_limit() -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b" " * 1000

    async for kz in desk(Limits(body_bytes=10_000)):
        headers = {"Content-Type": "application/xml"}
        async with kz.session.post(f"{kz.node.url}/messages", data=endless(), headers=headers) as answer:
            assert (answer.status, answer.content_type) == (413, "application/problem+json")


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"<"
        await asyncio.sleep(5)

    async for kz in desk(patience=0.2):
        headers = {"Content-Type": "application/xml"}
        async with kz.session.post(f"{kz.node.url}/messages", data=slow(), headers=headers) as answer:
            assert (answer.status, answer.content_type) == (408, "application/problem+json")
        assert (await kz.send(encode(arrival())))[0] == 202


async def test_refusals_are_noted_after_authentication_and_counted_before(kz: Desk) -> None:
    bad = encode(arrival()).replace(b"ENTRY", b"SIDEWAYS")
    await kz.send(bad, key=STRANGER)
    await kz.send(bad)
    await kz.get("/health")
    await kz.node.writer.look([], lambda core: None)
    [note] = await kz.store.refusals()
    assert (note.member, note.status, note.code, note.sha256) == ("KZ.99101", 422, "invalid", digest(bad))
    assert kz.node.refusals.counts[(401, "signature")] == 1
    assert (await kz.store.head()).position == 0


async def test_nobody_fills_the_store_with_refusals() -> None:
    async for kz in desk(Limits(refusals_a_minute=3)):
        for number in range(6):
            await kz.send(encode(arrival(arrived_at=NOW - timedelta(seconds=number))).replace(b"ENTRY", b"X"))
        await kz.node.writer.look([], lambda core: None)
        assert 3 <= len(await kz.store.refusals()) <= 6
        assert kz.node.refusals.counts[(422, "invalid")] == 6


async def test_a_full_queue_says_when_to_come_again() -> None:
    async for kz in desk(Limits(queued_messages=0)):
        status, _, headers = await kz.send(encode(arrival()))
        assert (status, headers["Retry-After"]) == (503, "2")
