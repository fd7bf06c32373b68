"""A node that is killed."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from exchange.http import Client, Letter, Undelivered
from exchange.members import Member, Members
from exchange.messages import Message
from exchange.signatures import PrivateKey
from exchange.store import Store
from nodes.service import NodeService, listen, url_of
from tests.journey import UCR, Journey
from tests.partner import PEOPLE

VICTIM = """
import asyncio, sys
from pathlib import Path
from exchange.members import Members
from exchange.signatures import PrivateKey
from exchange.store import Store
from nodes.service import NodeService, listen, url_of
from tests.journey import Journey

async def main(folder):
    sock = listen("127.0.0.1", 0)
    store = await Store.open(folder / "CN.sqlite", "CN", synchronous="FULL")
    key = PrivateKey.load(folder / "CN.pem", "CN")
    members = Members.load(folder / "members.yaml")
    async with NodeService(Journey("recognition").cores["CN"], store, key, members, sock, stepped=True):
        print(url_of(sock), flush=True)
        await asyncio.sleep(60)

asyncio.run(main(Path(sys.argv[1])))
"""


async def test_a_killed_node_goes_on_where_it_stopped(tmp_path: Path) -> None:
    keys = {m: PrivateKey.generate(m) for m in ("CN", "KZ", "RU", "FI", "CN.OPERATOR", *PEOPLE)}
    keys["CN"].save(tmp_path / "CN.pem")
    Members(Member.of(m, None, key.public) for m, key in keys.items()).save(tmp_path / "members.yaml")
    victim = await asyncio.create_subprocess_exec(
        sys.executable, "-c", VICTIM, str(tmp_path), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    try:
        assert victim.stdout is not None
        url = (await asyncio.wait_for(victim.stdout.readline(), 30)).decode().strip()
        members = Members(Member.of(m, url if m == "CN" else None, key.public) for m, key in keys.items())
        journey, answers = Journey("recognition"), []
        async with Client(members, keys.__getitem__) as client:

            class Asking:
                async def ask(self, now: datetime, messages: list[Message]) -> list[tuple[Message, ...]]:
                    from exchange.codec import decode

                    answer = await client.post(Letter.of(messages[0]), now)
                    answers.append((messages[0], answer))
                    return [tuple(decode(data) for data in answer.replies)]

                def next_due(self) -> dict[str, None]:
                    return {}

                def collect(self) -> list[Message]:
                    return []

            journey.transport = Asking()  # type: ignore[assignment]
            await journey.declare()
            await journey.work("9911", "DEPARTURE", await journey.arrive("9911", "DEPARTURE"))
            _, before = await client.read("CN", "CN.OPERATOR", f"/cases/{UCR}", journey.now)
            victim.send_signal(signal.SIGKILL)
            await victim.wait()
            with pytest.raises(Undelivered, match="not reached"):
                await client.read("CN", "CN.OPERATOR", "/ledger/head", journey.now)
    finally:
        if victim.returncode is None:
            victim.kill()
            await victim.wait()

    sock = listen("127.0.0.1", 0)
    members = Members(Member.of(m, url_of(sock) if m == "CN" else None, key.public) for m, key in keys.items())
    store = await Store.open(tmp_path / "CN.sqlite", "CN")
    assert await store.verify() == await store.head()
    core = Journey("recognition").cores["CN"]
    async with (
        NodeService(core, store, keys["CN"], members, sock, stepped=True) as node,
        Client(members, keys.__getitem__) as client,
    ):
        assert not core.has(UCR)
        assert node.next_due() == journey.now + timedelta(seconds=1)
        _, after = await client.read("CN", "CN.OPERATOR", f"/cases/{UCR}", journey.now)
        assert json.loads(after) == json.loads(before)
        for message, answer in answers:
            again = await client.post(Letter.of(message), journey.now)
            assert again.replayed
            assert (again.token, again.replies) == (answer.token, answer.replies)
        assert core.has(UCR)
        head = await store.head()
        answer = await client.post(Letter.of(answers[0][0].model_copy(update={"ucr": "8CNOTHER"})), journey.now)
        assert answer.status == 409
        assert await store.head() == head
    await store.close()
