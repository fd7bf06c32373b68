"""A recording told over mutual TLS, and the words for a connection that cannot be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from exchange.http import Undelivered
from exchange.keyring import make
from exchange.members import Members
from exchange.store import Store
from nodes.patient import PatientClient
from nodes.service import NodeService, listen
from scenarios.commands.traffic import record_command
from scenarios.conform.trust import trust_for
from scenarios.live.credentials import Credentials
from scenarios.live.setting import Setting, part_of
from scenarios.traffic.outside import OutsideError, OutsideNode
from scenarios.traffic.recording import Recording
from scenarios.traffic.replay import Replay
from tests.integration.test_traffic import SETS
from tests.live import SCENARIO
from tests.ports import free_ports
from tests.waiting import HANGS

PLAYED = ("CN", "RU", "FI", "KZ.99101", "KZ.STEPPE-RAIL")


def keys(folder: Path, port: int) -> Path:
    """Make keys for the node at ``port`` and for everybody else, who is played at the next; return the members file."""
    places = {one: f"https://127.0.0.1:{port + 1}/{one}" for one in PLAYED}
    make(folder, {"KZ": f"https://127.0.0.1:{port}", "KZ.OPERATOR": None, **places})
    return folder / "members.yaml"


@asynccontextmanager
async def secured(file: Path, port: int) -> AsyncIterator[str]:
    """Run Kazakhstan's node over mutual TLS, with the keys beside ``file``."""
    members = Members.load(file)
    own = Credentials.load(file.parent, "KZ", members)
    part = part_of("KZ", Setting(scenario=SCENARIO, sets=SETS), own.key)
    store = await Store.open(None, "KZ", threaded=False)
    sock = listen("127.0.0.1", port, tls=True)
    node = NodeService(part.core, store, own.key, members, sock, stepped=True, identity=own.identity)
    try:
        async with node:
            yield node.url
    finally:
        await store.close()


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """What was recorded of one consignment."""
    file = tmp_path_factory.mktemp("traffic") / "all.gz"
    assert record_command(SCENARIO, arm="recognition", seed=None, sets=SETS, out=file, json_output=True) == 0
    made = Recording.read(file)
    return Recording(made.about, tuple(m for m in made.messages if "-T01C1." in m.case))


async def told(recording: Recording, url: str, file: Path, port: int) -> tuple[bool, int, Mapping[str, str]]:
    async with OutsideNode(url, "KZ", trust_for(url, file, None), port=port, timeout=5, within=30) as node:
        strayed = node.strayed(PLAYED)
        await node.begin(recording.messages[0].at)
        outcome = await Replay(recording, "KZ", node, timed=node.stepped).run()
        return outcome.same, len(outcome.pairs), strayed


async def test_a_node_that_speaks_tls_is_told_the_recording_and_does_the_same(one: Recording, tmp_path: Path) -> None:
    port = free_ports(2)
    file = keys(tmp_path / "ours", port)
    async with secured(file, port) as url:
        same, answers, strayed = await told(one, url, file, port + 1)
        assert same and answers == 17 and not strayed
        other = OutsideNode(url, "KZ", trust_for(url, file, None), port=0)
        async with other:
            assert other.strayed(["CN"]) == {"CN": f"https://127.0.0.1:{port + 1}/CN"}, "it is played elsewhere"
        with pytest.raises(OutsideError, match=r"it was not issued by an authority of the members file"):
            await told(one, url, keys(tmp_path / "other", port), port + 1)
        strange = trust_for(url, tmp_path / "other" / "members.yaml", None)
        async with PatientClient(strange.members, strange.key, tls=strange.tls, patience=HANGS) as client:
            with pytest.raises(Undelivered, match=r"not issued by an authority"):
                await asyncio.wait_for(client.health("KZ"), HANGS / 2)
    with pytest.raises(OutsideError, match=r"is not there: .* nobody listens there"):
        await told(one, url, file, port + 1)


@asynccontextmanager
async def raw(manner: str, port: int) -> AsyncIterator[None]:
    """Listen and answer as no node does: say nothing, hang up, or write plain HTTP."""

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if manner == "plain":
            writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
        if manner == "silent":
            await reader.read()
        writer.close()

    server = await asyncio.start_server(met, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()


@pytest.mark.parametrize(
    ("manner", "scheme", "said"),
    [
        ("silent", "http", "no answer within 0.3 s"),
        ("shut", "http", "the connection was closed before an answer came"),
        ("plain", "https", "it speaks plain HTTP at an https address"),
    ],
)
async def test_why_no_answer_came_is_said_in_words(tmp_path: Path, manner: str, scheme: str, said: str) -> None:
    port = free_ports(2)
    url = f"{scheme}://127.0.0.1:{port}"
    trust = trust_for(url, keys(tmp_path, port), None)
    async with raw(manner, port):
        with pytest.raises(OutsideError) as found:
            await OutsideNode(url, "KZ", trust, port=port + 1, timeout=0.3).__aenter__()
    assert str(found.value).endswith(said)
