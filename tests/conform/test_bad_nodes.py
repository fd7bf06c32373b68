"""Systems that hang, lie or answer garbage fail by check, and never hold up the run beyond its time limit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from nodes.listening import listen
from scenarios.conform.forms import as_json, as_junit, as_page
from scenarios.conform.run import Options, conform
from scenarios.conform.text import line
from tests.conform.bench import Call, Inner, Said, checked, node, numbers, scenario
from tests.ports import free_ports
from tests.waiting import HANGS

Behave = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
ANY_ID = (
    "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nX-Odd: \xff\x9b\r\n"
    "Content-Length: {}\r\nConnection: close\r\n\r\n{}"
)


def says(body: str) -> Behave:
    """Return somebody who answers every request so."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANY_ID.format(len(body), body).encode("latin-1"))

    return behave


async def hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


async def is_no_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"\x00\xff garbage \x1b[2J\r\n\r\n")


async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"1\r\n \r\n")
        await asyncio.sleep(0.02)


async def never_ends(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"100000\r\n" + b" " * 0x100000 + b"\r\n")
        await writer.drain()


@asynccontextmanager
async def somebody(behave: Behave) -> AsyncIterator[str]:
    """Serve connections as told; yield the URL."""
    sock = listen("127.0.0.1", 0)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await behave(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, sock=sock)
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        server.close()


@pytest.mark.parametrize("behave", [hangs, hangs_up, is_no_http, drips, never_ends], ids=lambda one: one.__name__)
async def test_a_system_that_gives_no_answer_fails_and_is_asked_no_more(behave: Behave) -> None:
    async with somebody(behave) as url:
        report = await asyncio.wait_for(checked(url, patience=0.3), HANGS)
    assert numbers(report, "failed") <= {"T01", "T02", "T03"} and not report.conforms
    assert "T01" in numbers(report, "failed") and report.count("passed") == 0
    [health] = [result for result in report.results if result.check.number == "T01"]
    assert "no answer" in health.text
    assert "not asked" in report.results[-1].text


async def test_nobody_at_all_fails_in_the_same_way() -> None:
    report = await checked(f"http://127.0.0.1:{free_ports(1)}")
    assert "T01" in numbers(report, "failed") and not report.conforms


@pytest.mark.parametrize(
    "body",
    [
        "[" * 5000,
        r'{"receipt": "\ud800", "replies": [{"message": "\ud800", "signature": "\ud800"}], "detail": "\ud800"}',
        '{"receipt": "e30.W10.e30", "replies": [{"message": "<a/>", "signature": ""}]}',
        '{"status": "ok", "node": "KZ", "stepped": true, "now": "9999-12-31T23:59:59Z", "setting": {"scenario": 1}}',
        '{"stepped": true, "now": "soon", "setting": {"arm": "../../etc", "scenario": "../../etc/passwd"}}',
    ],
)
async def test_a_system_that_says_yes_to_everything_fails_without_a_traceback(body: str) -> None:
    async with somebody(says(body)) as url:
        report = await checked(url, patience=2)
    assert not report.conforms and report.count("failed") > 40
    as_junit(report).encode()
    as_page(report).encode()
    json.dumps(as_json(report), ensure_ascii=False).encode()
    "".join(line(result, verbose=True) for result in report.results).encode()


async def test_a_node_that_hangs_at_one_thing_fails_there_and_the_rest_is_checked() -> None:
    async def hangs_at_receipts(call: Call, inner: Inner) -> Said:
        if call.path.endswith("/receipt"):
            await asyncio.sleep(60)
        return await inner(call)

    async with node(fault=hangs_at_receipts) as slow:
        report = await checked(slow.url, patience=1.0, only=("receipt",))
    assert numbers(report, "failed") == {"R10"}
    [failed] = [result for result in report.results if result.outcome == "failed"]
    assert "no answer within 1 s" in failed.text


async def test_a_node_that_answers_slowly_is_left_when_the_time_of_the_run_is_over() -> None:
    async def is_slow(call: Call, inner: Inner) -> Said:
        await asyncio.sleep(0.2)
        return await inner(call)

    async with node(fault=is_slow) as slow:
        asked = Options(url=slow.url, country="KZ", within=1.5, only=("signature",))
        report = await asyncio.wait_for(conform(asked, loaded=scenario()), HANGS)
    assert not report.conforms
    failed = [result for result in report.results if result.outcome == "failed"]
    assert "so slowly that the 1.5 s" in failed[0].text
    assert "the time of the run was over" in report.results[-1].text
