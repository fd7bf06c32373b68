"""``corridor node``: one service as a process of its own, as a user and a supervisor see it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from typer.testing import CliRunner

from exchange.http import Client, Letter
from exchange.members import Members
from exchange.messages import AdvanceDeclaration, Header
from exchange.references import message_id
from exchange.trust import client_context
from nodes.profile import profiles
from scenarios.cli import app
from scenarios.live.credentials import Credentials
from scenarios.live.household import Household
from tests.journey import consignment
from tests.live import household, small

READY = 60
"""Wall seconds after which a process that says nothing counts as hanging."""


class Node:
    """A process of ``corridor node`` and what it says."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def line(self) -> dict[str, Any]:
        """Return the next line it says of itself."""
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), READY)
        assert line, (await self.process.communicate())[1].decode()
        found: dict[str, Any] = json.loads(line)
        return found

    async def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; return exit code and standard error."""
        self.process.send_signal(number)
        return await self.ended()

    async def ended(self) -> tuple[int, str]:
        """Return exit code and standard error once it has ended by itself."""
        _, errors = await asyncio.wait_for(self.process.communicate(), READY)
        assert self.process.returncode is not None
        return self.process.returncode, errors.decode()


@asynccontextmanager
async def running(*arguments: str) -> AsyncIterator[Node]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scenarios.cli", "node", *arguments, "--json",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Node(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def refused(*arguments: str) -> str:
    """Return what a process says that cannot start; its exit code is 2, and it shows no traceback."""
    async with running(*arguments) as node:
        code, errors = await node.ended()
    assert code == 2, errors
    assert "Traceback" not in errors
    return errors


def refused_here(*arguments: str) -> str:
    """As :func:`refused`, in this process: for what is told before anything is opened."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scenarios.commands.node.log_to", lambda **_: None)  # the log of a process is not that of tests
        told = CliRunner().invoke(app, ["node", *arguments])
    assert told.exit_code == 2, told.output
    assert "Traceback" not in told.output
    return told.stderr


@pytest.fixture
def home(tmp_path: Path) -> Household:
    return household(tmp_path / "home", small())


def declaration(now: datetime, ordinal: int = 1) -> AdvanceDeclaration:
    header = Header(
        message_id=message_id("CN.XA001", "CN", "ADV", f"8CNLIVE{ordinal:03d}", 1),
        message_type="ADV",
        sender="CN.XA001",
        recipient="CN",
        sent_at=now,
        ordinal=1,
    )
    goods = consignment()
    stops = tuple(
        stop.model_copy(update={"eta": now + timedelta(days=day)}) for day, stop in enumerate(goods.itinerary, 1)
    )
    return AdvanceDeclaration(
        header=header,
        ucr=f"8CNLIVE{ordinal:03d}",
        kind="EXPORT_TRANSIT",
        office="9911",
        consignment=goods.model_copy(update={"itinerary": stops}),
    )


async def health(url: str) -> tuple[int, dict[str, Any]]:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/health") as answer:
        return answer.status, await answer.json()


def client(home: Household, members: Members) -> Client:
    found = {who: Credentials.load(home.folder, who, members) for who in ("CN.XA001", "CN.OPERATOR")}

    def tls(who: str) -> Any:
        identity = found[who].identity
        assert identity is not None
        return client_context(identity, members)

    return Client(members, lambda who: found[who].key, tls=tls)


async def test_a_live_node_takes_messages_keeps_them_and_ends_when_asked(home: Household, tmp_path: Path) -> None:
    arguments = ("CN", "--members", str(home.members_file), "--store", f"sqlite:///{tmp_path}/cn.db")
    now = datetime.now(UTC).replace(microsecond=0)
    async with running(*arguments) as node:
        told = await node.line()
        assert told == {"node": "CN", "url": home.members.url("CN"), "pid": node.process.pid, "status": "ok"}
        status, found = await health(told["url"])
        assert (status, found["status"], found["stepped"]) == (200, "ok", False)
        async with client(home, home.members) as speaking:
            answer = await speaking.post(Letter.of(declaration(now)), now)
            assert answer.accepted
        async with aiohttp.ClientSession() as session, session.post(f"{told['url']}/time", json={}) as reply:
            assert reply.status == 404
        assert await node.end() == (0, "") or node.process.returncode == 0
    async with running(*arguments) as node:
        await node.line()
        async with client(home, home.members) as speaking:
            again = await speaking.post(Letter.of(declaration(now)), now)
            assert again.replayed and again.token == answer.token
        code, errors = await node.end(signal.SIGINT)
        assert code == 0, errors


def test_what_is_wrong_is_told_in_one_line(home: Household, tmp_path: Path) -> None:
    file = str(home.members_file)
    store = ("--store", f"sqlite:///{tmp_path}/cn.db")
    corridor = ("--scenario", "green_corridor_ru_cn")
    assert "none.yaml: cannot be read" in refused_here("CN", "--members", str(tmp_path / "none.yaml"), *store)
    unknown = refused_here("ZZ", "--members", file, *store)
    assert "ZZ is not in the members file" in unknown and "CN.XA001" in unknown
    key = refused_here("CN", "--members", file, "--keys", str(home.folder / "KZ"), *store)
    assert "its public half is not among the keys" in key
    host = refused_here("CN", "--members", file, *corridor, "--arm", "advance", "--host", "10.0.0.1")
    assert "--insecure" in host
    service = refused_here("FI", "--members", file, *corridor, *store)
    assert "FI is no service of green_corridor_ru_cn; it has" in service
    assert "is no address of a store" in refused_here("CN", "--members", file, "--store", "mysql://x/y")


def test_a_country_that_there_is_not_is_told_with_the_profiles_there_are(tmp_path: Path) -> None:
    from exchange.keyring import make

    make(tmp_path / "keys", {"QQ": "http://127.0.0.1:0"})
    said = refused_here("QQ", "--members", str(tmp_path / "keys" / "members.yaml"), "--port", "0")
    assert "QQ is no country" in said and ", ".join(profiles()) in said


async def test_port_and_store_in_use_are_told(home: Household, tmp_path: Path) -> None:
    first = ("CN", "--members", str(home.members_file), "--store", f"sqlite:///{tmp_path}/cn.db")
    async with running(*first) as node:
        await node.line()
        port, store = await asyncio.gather(
            refused("CN", "--members", str(home.members_file), "--store", f"sqlite:///{tmp_path}/other.db"),
            refused(*first, "--port", "0"),
        )
    assert "the port is in use" in port
    assert "another process uses it" in store


async def test_a_standby_takes_over_with_nothing_lost(home: Household, postgres_url: str) -> None:
    arguments = ("CN", "--members", str(home.members_file), "--store", postgres_url)
    now = datetime.now(UTC).replace(microsecond=0)
    async with running(*arguments) as first:
        await first.line()
        async with running(*arguments, "--port", "0") as second:
            standing_by = await second.line()
            assert standing_by["status"] == "standby", standing_by
            status, found = await health(standing_by["url"])
            assert (status, found["status"]) == (503, "standby")
            async with client(home, home.members) as speaking:
                answers = [await speaking.post(Letter.of(declaration(now, n)), now) for n in range(1, 6)]
            os.kill(first.process.pid, signal.SIGKILL)
            took_over = await asyncio.wait_for(second.line(), READY)
            assert took_over == standing_by | {"status": "ok"}
            assert (await health(took_over["url"]))[0] == 200
            moved = Members(
                type(member)(member.id, took_over["url"] if member.id == "CN" else member.url, member.keys)
                for member in home.members
            )
            async with client(home, moved) as speaking:
                for number, answer in enumerate(answers, 1):
                    again = await speaking.post(Letter.of(declaration(now, number)), now)
                    assert again.replayed and again.token == answer.token
                assert (await speaking.post(Letter.of(declaration(now, 9)), now)).accepted
            code, errors = await second.end()
            assert code == 0, errors


async def test_a_standby_ends_when_asked(home: Household, postgres_url: str) -> None:
    arguments = ("CN", "--members", str(home.members_file), "--store", postgres_url)
    async with running(*arguments) as first:
        await first.line()
        async with running(*arguments, "--port", "0") as second:
            assert (await second.line())["status"] == "standby"
            code, errors = await second.end()
            assert code == 0, errors


async def test_a_node_that_loses_its_database_ends(home: Household, postgres_url: str) -> None:
    from tests.postgres import run_sql

    arguments = ("CN", "--members", str(home.members_file), "--store", postgres_url)
    async with running(*arguments) as node:
        await node.line()
        server = postgres_url.rpartition("/")[0] + "/postgres"
        run_sql(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'corridor CN'")
        code, errors = await node.ended()
    assert code == 2
    assert "no longer holds its database" in errors
