"""HTTP that is not quite HTTP: requests in requests, huge or endless heads, methods and paths nobody offers."""

from __future__ import annotations

import asyncio
import logging
import re

import pytest

from exchange.limits import Limits
from tests.attack.target import STEPPED_NOW, Target, arrival, target
from tests.waiting import HANGS, until

DATA = arrival(STEPPED_NOW)
OK = b"HTTP/1.1 200"
REFUSED = re.compile(rb"HTTP/[01]\.[019] (4\d\d) ")
INNER = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"


def refused(got: bytes) -> bytes:
    """Return the status of an answer, which must be a refusal."""
    found = REFUSED.match(got)
    assert found is not None, got
    return found[1]


def post(*lines: bytes, body: bytes = b"") -> bytes:
    return b"POST /messages HTTP/1.1\r\nHost: a\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


SMUGGLED = {
    "CL.TE": post(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + INNER),
    "TE.CL": post(b"Transfer-Encoding: chunked", b"Content-Length: 3", body=b"0\r\n\r\n" + INNER),
    "two lengths": post(b"Content-Length: 0", b"Content-Length: 34", body=INNER),
    "length list": post(b"Content-Length: 0, 34", body=INNER),
    "signed length": post(b"Content-Length: +0", body=INNER),
    "negative length": post(b"Content-Length: -1", body=INNER),
    "hex length": post(b"Content-Length: 0x0", body=INNER),
    "TE not chunked last": post(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n" + INNER),
    "TE twice": post(b"Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n" + INNER),
    "TE with a tab": post(b"Transfer-Encoding:\tx-chunked", b"Content-Length: 0", body=INNER),
    "space before colon": post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n" + INNER),
    "folded header": post(b"Content-Type: application/xml\r\n  ; x=y", body=INNER),
    "bare LF": b"POST /messages HTTP/1.1\nHost: a\nContent-Length: 0\n\n" + INNER,
    "chunk size with sign": post(b"Transfer-Encoding: chunked", body=b"+5\r\nhello\r\n0\r\n\r\n" + INNER),
    "chunk longer than said": post(b"Transfer-Encoding: chunked", body=b"2\r\nhello\r\n0\r\n\r\n" + INNER),
    "NUL in a header": post(b"X-A: a\0b", b"Content-Length: 0", body=INNER),
}


@pytest.mark.parametrize("name", SMUGGLED)
async def test_no_request_is_smuggled_within_another(kz: Target, name: str) -> None:
    got = await kz.raw(SMUGGLED[name])
    assert REFUSED.match(got), got
    assert b"application/problem+json" in got
    assert OK not in got, "the inner request was answered"


NOT_HTTP = {
    "TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 600,
    "binary": bytes(range(256)),
    "HTTP/0.9": b"GET /health\r\n\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no version": b"GET /health HTTP/x\r\n\r\n",
    "bad method": b"G@T /health HTTP/1.1\r\nHost: a\r\n\r\n",
    "header without colon": b"GET /health HTTP/1.1\r\nHost a\r\n\r\n",
}


@pytest.mark.parametrize("name", NOT_HTTP)
async def test_what_is_no_http_is_told_so_in_few_words(kz: Target, name: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        got = await kz.raw(NOT_HTTP[name])
    assert refused(got) == b"400" and b"application/problem+json" in got
    assert "Traceback" not in caplog.text and b"Traceback" not in got


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\nX-Long: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(5000)) + b"\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\n" + b"a" * 200_000,
    ],
    ids=["path", "one header", "many headers", "endless header"],
)
async def test_a_huge_head_is_refused(kz: Target, head: bytes) -> None:
    got = await kz.raw(head)
    assert refused(got) in (b"431", b"400") and b"application/problem+json" in got


async def test_a_head_that_drips_in_is_not_waited_for() -> None:
    async with target(timeouts={"head": 0.3}) as kz:
        port = int(kz.node.url.rpartition(":")[2])
        silent = await asyncio.open_connection("127.0.0.1", port)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /health HTTP/1.1\r\nHost: a\r\n")
        got = b""
        async with asyncio.timeout(HANGS):
            while not got:
                writer.write(b"X-A: a\r\n")
                try:
                    got = await asyncio.wait_for(reader.read(1000), 0.05)
                except TimeoutError:
                    continue
        assert got.startswith(b"HTTP/1.1 408 ") and b"application/problem+json" in got
        assert await asyncio.wait_for(silent[0].read(), HANGS) == b""
        writer.close()
        silent[1].close()
        assert kz.node.refusals.counts[(408, "too-slow")] == 2
        assert (await kz.send(DATA)).status == 202


async def test_a_connection_too_many_is_closed_and_the_others_are_served() -> None:
    async with target(limits=Limits(connections=4)) as kz:
        assert (await kz.send(DATA)).status == 202
        port = int(kz.node.url.rpartition(":")[2])
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        await until(lambda: len(kz.node._runner.server.connections) == 4)  # type: ignore[union-attr]
        assert await kz.raw(INNER) == b""
        assert (await kz.send(DATA)).status == 202
        for _, writer in idle:
            writer.close()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "CONNECT", "PROPFIND", "FOO"])
@pytest.mark.parametrize("path", ["/messages", "/cases", "/health", "/time", "/messages/1"])
async def test_methods_that_nobody_offers_are_405(kz: Target, method: str, path: str) -> None:
    request = f"{method} {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    got = await kz.raw(request.encode())
    assert refused(got) in {"CONNECT": (b"404", b"405"), "FOO": (b"400",)}.get(method, (b"405",)), got
    assert b"application/problem+json" in got


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_messages_are_not_listed(kz: Target, method: str) -> None:
    assert (await kz.ask(method, "/messages")).status == 405


async def test_an_upgrade_is_not_made(kz: Target) -> None:
    head = b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n"
    assert (await kz.raw(head)).startswith(OK)


async def test_expectations_that_cannot_be_met_are_refused(kz: Target) -> None:
    got = await kz.raw(post(b"Expect: 200-maybe", b"Content-Length: 0", b"Connection: close"))
    assert got.startswith(b"HTTP/1.1 417 ") and b"application/problem+json" in got
