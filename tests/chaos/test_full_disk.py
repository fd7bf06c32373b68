"""A disk that is full: the node says so, goes on, and loses nothing."""

from __future__ import annotations

import asyncio
import resource
from pathlib import Path

import pytest

from exchange.http import Answer, Undelivered
from exchange.store import Store
from scenarios.wire.driving import Progress, drive
from scenarios.wire.faults import WireFaults
from scenarios.wire.journeys import the_scenario
from scenarios.wire.network import Network, clock
from scenarios.wire.reference import refer
from scenarios.wire.verdict import Evidence, judge
from tests.chaos.test_wire_faults import arrival, line, now
from tests.waiting import HANGS, until


async def pages(store: Store, pragma: str) -> int:
    """Run a pragma in the store's own connection; return what it answers."""
    return int(await store._run(lambda connection: connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one()))


async def test_a_node_without_room_answers_503_and_goes_on_when_there_is_some(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with line(tmp_path) as found:
        message = arrival(1)
        first = await found.post(message)
        assert isinstance(first, Answer) and first.accepted
        await pages(found.store, f"max_page_count={await pages(found.store, 'page_count') + 1}")
        taken, refused = [1], []
        for number in range(2, 40):
            answer = await found.post(arrival(number))
            if isinstance(answer, Answer):
                assert answer.accepted
                taken.append(number)
                continue
            assert isinstance(answer, Undelivered) and "answered 503" in str(answer)
            assert "the store cannot be written now" in str(answer)
            assert answer.passing and answer.retry_after == 2
            refused.append(number)
            if len(refused) == 3:
                break
        assert len(refused) == 3
        head = await found.store.head()
        status, _ = await found.client.read("KZ", "KZ", "/ledger/head", now())
        assert status == 200
        again = await found.post(message)
        assert isinstance(again, Answer) and again.replayed and again.token == first.token
        assert await found.store.head() == head
        await pages(found.store, "max_page_count=1000000")
        for number in refused:
            answer = await found.post(arrival(number))
            assert isinstance(answer, Answer) and answer.accepted and not answer.replayed
        assert len(await found.entries()) == len(taken) + len(refused)
        assert await found.store.verify() == await found.store.head()
        assert "KZ: the store cannot be written: database or disk is full" in caplog.messages
        assert "ArrivalAdvice" not in caplog.text, "a log holds no message's content"


async def test_nothing_is_lost_between_nodes_while_a_disk_is_full(tmp_path: Path) -> None:
    """The files of a process may not grow for some seconds: writing them fails as it does on a full disk."""
    scenario, seed = the_scenario(), 4
    reference = await refer(scenario, seed, clock(), messages=40)
    network = Network(tmp_path, scenario, seed, WireFaults(seed, {}))

    def said() -> str:
        return (tmp_path / "CN.log").read_text()

    async def fill(progress: Progress) -> None:
        await progress.reaches(0.3)
        node = network.nodes["CN"]
        full = (tmp_path / "CN.sqlite-wal").stat().st_size
        resource.prlimit(node.child.pid, resource.RLIMIT_FSIZE, (full, resource.RLIM_INFINITY))
        await until(lambda: "the store cannot be written:" in said())
        await asyncio.sleep(1)  # others speak to it meanwhile
        assert node.child.process.returncode is None
        resource.prlimit(node.child.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    async with network:
        handed_in = await drive(network, reference, seed, 2 * HANGS, fill)
    assert said().count("the store cannot be written:") == said().count("the store can be written again") >= 1
    assert "ArrivalAdvice" not in said()
    verdict = await judge(Evidence.of(network, seed, reference, handed_in))
    assert not verdict.offenders
    assert verdict.messages == len(reference.accepted)
