"""``POST /validate`` at a node and alone: the verdicts of the command, bounded, open to this machine only."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar

import aiohttp
import pytest
from aiohttp import web

import schemas
from exchange.limits import Limits
from exchange.validation import Verdict, validate
from nodes.api.problems import Problem
from nodes.api.validate import AT_ONCE, WAITING, Validation, as_json, validator_app
from tests.desk import Desk, desk

GOOD = schemas.sample("AAR").read_bytes()
BAD = GOOD.replace(b"CSQU3054383", b"CSQU3054384").replace(b"<Kind>CT<", b"<Kind>QX<")
XML = {"Content-Type": "application/xml"}


@pytest.fixture
async def kz() -> AsyncIterator[Desk]:
    async for one in desk():
        yield one


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("data", [GOOD, BAD, b"", b"<a", GOOD[:-40], b"<!DOCTYPE a><a/>"])
async def test_a_node_gives_the_verdict_of_the_validator_and_stores_nothing(kz: Desk, data: bytes) -> None:
    before = await kz.get("/ledger/head")
    async with kz.session.post(f"{kz.node.url}/validate", data=data, headers=XML) as answer:
        assert answer.status == 200
        assert await answer.json() == as_json(validate(data))
    assert await kz.get("/ledger/head") == before


async def test_rules_may_be_left_out(kz: Desk) -> None:
    bad = GOOD.replace(b"CSQU3054383", b"CSQU3054384")
    for given, valid in (("yes", False), ("no", True)):
        async with kz.session.post(f"{kz.node.url}/validate?rules={given}", data=bad, headers=XML) as answer:
            assert (await answer.json())["valid"] is valid
    async with kz.session.post(f"{kz.node.url}/validate?rules=perhaps", data=bad, headers=XML) as answer:
        assert answer.status == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Content-Type": "text/plain"}, 415), (XML | {"Content-Encoding": "gzip"}, 415)],
)
async def test_what_is_no_document_is_refused(kz: Desk, headers: dict[str, str], status: int) -> None:
    async with kz.session.post(f"{kz.node.url}/validate", data=GOOD, headers=headers) as answer:
        assert answer.status == status
        assert answer.content_type == "application/problem+json"


async def test_a_document_has_a_greatest_size() -> None:
    async for node in desk(Limits(body_bytes=1000)):
        async with node.session.post(f"{node.node.url}/validate", data=GOOD, headers=XML) as answer:
            assert answer.status == 413


async def test_the_description_names_the_call(kz: Desk) -> None:
    async with kz.session.get(f"{kz.node.url}/openapi.json") as answer:
        assert "post" in json.loads(await answer.read())["paths"]["/validate"]


async def test_one_document_too_many_is_told_to_come_again() -> None:
    release = threading.Event()

    def slow(_: bytes, __: bool) -> Verdict:
        release.wait(60)
        return validate(GOOD)

    async with (
        serving(validator_app(size=10_000, patience=60, judge=slow)) as url,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
    ):

        async def ask() -> int:
            async with session.post(f"{url}/validate", data=GOOD, headers=XML) as answer:
                return answer.status

        asked = [asyncio.create_task(ask()) for _ in range(AT_ONCE + WAITING + 3)]
        done, _ = await asyncio.wait(asked, timeout=60, return_when=asyncio.FIRST_COMPLETED)
        release.set()
        statuses = await asyncio.gather(*asked)
        assert {task.result() for task in done} == {503}
        assert sorted(set(statuses)) == [200, 503]
        assert statuses.count(503) == 3


@pytest.mark.parametrize("remote", ["192.0.2.7", "", "::ffff:192.0.2.7"])
async def test_a_caller_from_elsewhere_needs_a_credential(remote: str) -> None:
    class Far:
        query: ClassVar[dict[str, str]] = {}

        def __init__(self) -> None:
            self.remote = remote

    with pytest.raises(Problem) as refused:
        await Validation(size=1000, patience=1).post(Far())  # type: ignore[arg-type]
    assert refused.value.status == 403

    def unknown(_: web.Request) -> object:
        raise Problem(401, "signature", "who are you")

    with pytest.raises(Problem) as refused:
        await Validation(size=1000, patience=1, credential=unknown).post(Far())  # type: ignore[arg-type]
    assert refused.value.status == 401


async def test_a_document_that_does_not_come_is_not_waited_for() -> None:
    class Silent:
        remote = "127.0.0.1"
        query: ClassVar[dict[str, str]] = {}
        content_type = "application/xml"
        headers: ClassVar[dict[str, str]] = {}
        content_length = None

        async def read(self) -> bytes:
            await asyncio.Event().wait()
            return b""

    with pytest.raises(Problem) as refused:
        await Validation(size=1000, patience=0.01).post(Silent())  # type: ignore[arg-type]
    assert refused.value.status == 408


DOCUMENTS = {
    "good.xml": GOOD,
    "bad.xml": BAD,
    "warned.xml": schemas.sample("NCF").read_bytes(),
    "empty.xml": b"",
    "cut.xml": GOOD[:-40],
    "doctype.xml": b"<!DOCTYPE a><a/>",
    "utf16.xml": GOOD.decode().encode("utf-16"),
    "nul.xml": GOOD.replace(b"<Kind>", b"<Kind>\0"),
    "order.xml": GOOD.replace(b"MessageID", b"MessageIDs"),
    "other.xml": b"<Order/>",
    "unknown.xml": GOOD.replace(b'schemaVersion="1.0"', b'schemaVersion="7.7"'),
}


async def _same_as_the_command(session: aiohttp.ClientSession, url: str, folder: Path) -> None:
    """Hold the verdicts and findings of ``corridor validate --json`` and of the service at ``url`` to be the same."""
    for name, data in DOCUMENTS.items():
        (folder / name).write_bytes(data)
    code = "from scenarios.cli import main; main()"
    run = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, "validate", "--json", str(folder), stdout=asyncio.subprocess.PIPE
    )
    told, _ = await asyncio.wait_for(run.communicate(), 60)
    assert run.returncode == 1
    files = {Path(one.pop("file")).name: one for one in json.loads(told)["files"]}
    assert set(files) == set(DOCUMENTS)
    for name, data in DOCUMENTS.items():
        async with session.post(url, data=data, headers=XML) as answer:
            assert (answer.status, await answer.json()) == (200, files[name]), name


async def _bounded(session: aiohttp.ClientSession, url: str) -> None:
    """Hold that a document that is too long, and a head that is too long, are refused as problems."""
    async with session.post(url, data=b" " * (16 * 1024 * 1024 + 1), headers=XML) as answer:
        assert answer.status == 413
        assert answer.content_type == "application/problem+json"
    async with session.post(url, data=GOOD, headers=XML | {"X-Long": "x" * 9000}) as answer:
        assert answer.status in (400, 431)
        assert answer.content_type == "application/problem+json"
    async with session.post(url, data=GOOD, headers=XML | {f"X-{number}": "x" for number in range(80)}) as answer:
        assert answer.status in (400, 431)


async def test_the_command_serves_until_it_is_told_to_stop_and_answers_what_validate_does(tmp_path: Path) -> None:
    code = "from scenarios.cli import main; main()"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, "validator", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
        url = next(word for word in line.split() if word.startswith("http://")).rstrip(";")
        async with aiohttp.ClientSession() as session:
            async with session.post(url, data=BAD, headers=XML) as answer:
                assert await answer.json() == as_json(validate(BAD))
            async with session.get(url.replace("/validate", "/health")) as answer:
                assert answer.status == 200
            await _same_as_the_command(session, url, tmp_path)
            await _bounded(session, url)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 60) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
