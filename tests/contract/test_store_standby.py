"""One process writes and others stand by: PostgreSQL, with real processes that are killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from exchange.ledger import Head, LedgerEntry, canonical, chained
from exchange.store import LostLock, Store, StoreInUse, TimerRow, Writes, open_store
from tests.postgres import run_sql
from tests.waiting import HANGS

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from exchange.ledger import Head, canonical, chained
from exchange.store import Writes, open_store

async def work(url):
    store = await open_store(url, "RU")
    head = await store.head()
    while True:
        entry = chained(head, kind="received", case="8CN1", at=datetime(2026, 3, 1, tzinfo=UTC), message=None,
                        data=canonical({}))
        await store.write(Writes(entries=[entry]))
        head = Head(entry.position, entry.hash)
        print(head.position, head.hash, flush=True)

asyncio.run(work(sys.argv[1]))
"""


def entry_after(head: Head) -> LedgerEntry:
    return chained(head, kind="received", case="8CN1", at=NOW, message=None, data=canonical({}))


async def ask(store: Store, sql: str) -> Any:
    """Return the first value of a question put through the store's own connection."""

    def work(connection: Any) -> Any:
        value = connection.exec_driver_sql(sql).scalar()
        connection.rollback()
        return value

    return await store._run(work)


@pytest.fixture
def writer(postgres_url: str) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the database and writes entry after entry, telling each when it is stored."""
    running = subprocess.Popen(
        [sys.executable, "-c", WRITER, postgres_url],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    yield running
    running.kill()
    running.wait(10)


async def test_a_standby_takes_over_after_kill_9_and_nothing_is_lost(
    writer: subprocess.Popen[str], postgres_url: str
) -> None:
    assert writer.stdout is not None
    told = [await asyncio.to_thread(writer.stdout.readline) for _ in range(20)]
    with pytest.raises(StoreInUse, match=r"another process works for RU .corridor RU, server process"):
        await open_store(postgres_url, "RU")
    standby = asyncio.create_task(open_store(postgres_url, "RU", standby=True))
    await asyncio.sleep(0.7)
    assert not standby.done()
    writer.send_signal(signal.SIGKILL)
    told += (await asyncio.to_thread(writer.stdout.read)).splitlines(keepends=True)
    store = await asyncio.wait_for(standby, HANGS)
    try:
        head = await store.verify()
        position, hashed = next(line for line in reversed(told) if line.endswith("\n")).split()
        found = {entry.position: entry.hash async for entry in store.ledger()}
        assert found[int(position)] == hashed
        assert int(position) <= head.position <= int(position) + 1  # the last may have been stored and not told
        entry = entry_after(head)
        await store.write(Writes(entries=[entry]))
        assert await store.verify() == Head(entry.position, entry.hash)
    finally:
        await store.close()


async def test_a_writer_whose_lock_ended_writes_no_more(postgres_url: str) -> None:
    store = await open_store(postgres_url, "RU")
    assert store.held
    lost = asyncio.create_task(store.lost())
    own = await ask(store, "SELECT pg_backend_pid()")
    run_sql(
        postgres_url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'corridor RU' "
        f"AND pid <> {own}",
    )
    await asyncio.wait_for(lost, HANGS)
    assert not store.held
    with pytest.raises(LostLock, match="nothing was written"):
        await store.write(Writes(timers=[TimerRow(NOW, "8CN1", "a")]))
    assert await store.timers() == []
    await store.close()


async def test_a_writer_that_was_superseded_is_fenced_even_if_it_believes_it_holds(postgres_url: str) -> None:
    store = await open_store(postgres_url, "RU")
    await store.write(Writes(timers=[TimerRow(NOW, "8CN1", "a")]))
    run_sql(postgres_url, "UPDATE about SET value = '7' WHERE name = 'epoch'")
    assert store.held
    with pytest.raises(LostLock):
        await store.write(Writes(timers=[TimerRow(NOW, "8CN1", "b")]))
    assert not store.held
    assert [timer.purpose for timer in await store.timers()] == ["a"]
    await store.close()


async def test_every_take_over_counts_the_epoch_up(postgres_url: str) -> None:
    for number in ("1", "2", "3"):
        store = await open_store(postgres_url, "RU")
        assert await ask(store, "SELECT value FROM about WHERE name = 'epoch'") == number
        await store.close()


async def test_a_store_in_use_is_waited_for_as_long_as_told(postgres_url: str) -> None:
    store = await open_store(postgres_url, "RU")
    with pytest.raises(StoreInUse):
        await open_store(postgres_url, "RU", wait=0.6)
    waiting = asyncio.create_task(open_store(postgres_url, "RU", wait=20))
    await asyncio.sleep(0.6)
    await store.close()
    await (await waiting).close()


async def test_a_standby_that_is_called_off_leaves_nothing_behind(postgres_url: str) -> None:
    store = await open_store(postgres_url, "RU")
    standby = asyncio.create_task(open_store(postgres_url, "RU", standby=True))
    await asyncio.sleep(0.7)
    standby.cancel()
    with pytest.raises(asyncio.CancelledError):
        await standby
    await store.close()
    again = await open_store(postgres_url, "RU", wait=HANGS)
    await again.close()


async def test_a_broken_connection_costs_one_batch_and_the_next_is_written(postgres_url: str) -> None:
    store = await open_store(postgres_url, "RU")
    own = await ask(store, "SELECT pg_backend_pid()")
    run_sql(postgres_url, f"SELECT pg_terminate_backend({own})")
    entry = entry_after(Head())
    with pytest.raises(DBAPIError):
        await store.write(Writes(entries=[entry]))
    await store.write(Writes(entries=[entry]))
    assert await store.verify() == Head(1, entry.hash)
    await store.close()


async def test_a_commit_whose_answer_was_lost_counts_as_written(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_store(postgres_url, "RU")
    connection = store._holding.connection
    commit = connection.commit

    def cut() -> None:
        commit()
        monkeypatch.undo()
        raise OperationalError("COMMIT", {}, Exception("server closed the connection"), connection_invalidated=True)

    monkeypatch.setattr(connection, "commit", cut)
    entry = entry_after(Head())
    await store.write(Writes(entries=[entry]))
    assert await store.head() == Head(1, entry.hash)
    await store.close()


async def test_a_connection_that_breaks_behind_the_commit_counts_as_written(postgres_url: str) -> None:
    store = await open_store(postgres_url, "RU")
    connection = store._holding.connection
    commit = connection.commit

    def cut() -> None:
        commit()
        connection.commit = commit  # type: ignore[method-assign]
        own = connection.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
        run_sql(postgres_url, f"SELECT pg_terminate_backend({own})")
        connection.connection.driver_connection.execute("SELECT 1").fetchone()  # type: ignore[union-attr]

    connection.commit = cut  # type: ignore[method-assign]
    entry = entry_after(Head())
    await store.write(Writes(entries=[entry]))
    assert await store.head() == Head(1, entry.hash)
    await store.close()
