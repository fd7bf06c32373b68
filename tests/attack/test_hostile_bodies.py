"""Bodies made to exhaust or to deceive: too large, too slow, compressed, and XML that is a weapon."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from exchange.limits import Limits
from tests.attack.target import KEYS, STEPPED_NOW, Target, arrival, target
from tests.waiting import HANGS

DATA = arrival(STEPPED_NOW)
PLACES = ("/messages", "/validate")
XML = {"Content-Type": "application/xml"}


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("chunked", [False, True])
async def test_an_oversized_body_is_cut_off(path: str, chunked: bool) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(60):
            yield b" " * 1000

    async with target(limits=Limits(body_bytes=10_000)) as kz:
        told = await kz.ask("POST", path, parts() if chunked else b" " * 60_000, headers=XML)
        assert (told.status, told.code) == (413, "too-large")
        assert await kz.head() == 0


async def test_a_body_said_to_be_huge_is_refused_before_it_comes(kz: Target) -> None:
    head = (
        b"POST /messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/xml\r\nContent-Length: 9999999999999\r\n\r\n"
    )
    assert (await kz.raw(head, answer=True)).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("path", [*PLACES, "/time"])
async def test_a_slow_body_is_not_waited_for(path: str) -> None:
    async with target(timeouts={"request": 0.2}) as kz:
        kind = b"application/json" if path == "/time" else b"application/xml"
        head = b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\nContent-Length: 100\r\n\r\n<" % (
            path.encode(),
            kind,
        )
        got = await kz.raw(head, answer=True)
        assert got.startswith(b"HTTP/1.1 408 ") and b"application/problem+json" in got
        assert (await kz.send(DATA)).status == 202


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "identity", "gzip, gzip", "x"])
@pytest.mark.parametrize("path", PLACES)
async def test_a_compressed_body_is_refused_unread(kz: Target, path: str, coding: str) -> None:
    bomb = gzip.compress(b" " * 50_000_000) if "gzip" in coding else zlib.compress(b" " * 1_000_000)
    token = KEYS["KZ.99101"].sign_bytes(bomb, STEPPED_NOW)
    told = await kz.ask("POST", path, bomb, headers=XML | {"Content-Encoding": coding, "Pix-Signature": token})
    assert (told.status, told.code) == (415, "unsupported-type")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/json", "multipart/form-data; boundary=x", "image/svg+xml", ""]
)
async def test_another_type_is_refused(kz: Target, kind: str) -> None:
    assert (await kz.send(DATA, headers={"Content-Type": kind})).status == 415


BOMB = b"<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
    b"<!ENTITY %c '&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;'>" % (n + 1, *([n] * 8)) for n in range(97, 110)
)


def hostile(secret: Path) -> dict[str, bytes]:
    """Return documents that attack whoever reads them; one of them points at the file ``secret``."""
    entity = f"<!DOCTYPE a [<!ENTITY x SYSTEM 'file://{secret}'>]><a>&x;</a>".encode()
    return {
        "entity bomb": BOMB + b"]><a>&n;</a>",
        "external entity": entity,
        "parameter entity": f"<!DOCTYPE a [<!ENTITY % x SYSTEM 'file://{secret}'> %x;]><a/>".encode(),
        "external DTD": b"<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/x.dtd'><a/>",
        "plain DOCTYPE": b"<!DOCTYPE a><a/>",
        "DOCTYPE in UTF-16": "<?xml version='1.0' encoding='UTF-16'?><!DOCTYPE a><a/>".encode("utf-16"),
        "DOCTYPE in UTF-7": b"<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE a><a/>",
        "deep": b"<a>" * 100_000 + b"</a>" * 100_000,
        "deep, never closed": b"<a>" * 300_000,
        "many attributes": b"<a " + b" ".join(b"a%d='1'" % n for n in range(50_000)) + b"/>",
        "one long attribute": b"<a b='" + b"x" * 3_000_000 + b"'/>",
        "many siblings": b"<a>" + b"<b/>" * 300_000 + b"</a>",
        "NUL": DATA.replace(b"<Office>", b"<Office>\0"),
        "truncated": DATA[: len(DATA) // 2],
        "two roots": DATA + DATA,
        "UTF-16": DATA.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        "binary": bytes(range(256)) * 100,
        "stylesheet": b"<?xml-stylesheet href='http://127.0.0.1:1/'?><a/>",
        "XInclude": f"<a xmlns:x='http://www.w3.org/2001/XInclude'><x:include href='file://{secret}'/></a>".encode(),
        "schema location": b"<a xmlns:i='http://www.w3.org/2001/XMLSchema-instance'"
        b" i:noNamespaceSchemaLocation='http://127.0.0.1:1/x.xsd'/>",
        "empty": b"",
    }


NAMES = tuple(hostile(Path("/")))


@pytest.mark.parametrize("name", NAMES)
async def test_hostile_xml_is_refused_and_tells_nothing(kz: Target, name: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the-secret-of-this-machine")
    data = hostile(secret)[name]
    async with asyncio.timeout(HANGS):
        told = await kz.send(data)
    assert told.status in (400, 422), told.body
    assert "the-secret" not in str(told.body)
    assert await kz.head() == 0
    async with asyncio.timeout(HANGS):
        verdict = await kz.ask("POST", "/validate", data, headers=XML)
    assert verdict.status == 200 and verdict.body["valid"] is False
    assert "the-secret" not in str(verdict.body)
    assert (await kz.send(DATA)).status == 202
