"""From a URL to an open store: ``sqlite://`` (in memory), ``sqlite:///relative.db``, ``sqlite:////absolute.db``,
``postgresql://user@host:port/database``."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from exchange.store.errors import StoreError, StoreInUse
from exchange.store.holding import Holding
from exchange.store.sql import Store, Synchronous
from exchange.store.sqlite import open_sqlite

log = logging.getLogger("corridor.store")
T = TypeVar("T")
POLL = 0.5
"""Seconds between two looks of a process that waits for a store."""


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.drivername not in ("sqlite", "postgresql", "postgresql+psycopg"):
        given = url.rpartition("@")[2]  # without a password
        raise StoreError(
            f"'{given}' is no address of a store; write sqlite:///FILE.db (a fourth slash for an absolute path), "
            "sqlite:// for memory, or postgresql://USER@HOST:PORT/DATABASE"
        )
    return parsed


def _opener(url: str, node: str, synchronous: Synchronous, *, reading: bool) -> Callable[[], Holding]:
    parsed = _parsed(url)
    if parsed.drivername == "sqlite":
        path = Path(parsed.database) if parsed.database else None
        return partial(open_sqlite, path, node, synchronous, reading=reading)
    from exchange.store.postgres import open_postgres

    return partial(open_postgres, parsed, node, synchronous, reading=reading)


async def open_store(
    url: str,
    node: str,
    *,
    synchronous: Synchronous = "FULL",
    threaded: bool = True,
    standby: bool = False,
    wait: float = 0.0,
    reading: bool = False,
    kept_refusals: int = 10_000,
) -> Store:
    """Open (or make) the store of ``node`` at ``url``, as its one writer.

    ``wait``: how many seconds to go on trying while another process works on it. ``standby``: wait without end, and
    through failures of the server too, until this process can take over (PostgreSQL only); cancel the task to give
    up. ``reading``: only to look; the store must be there, and on PostgreSQL a writer may be at work beside it; an
    empty ``node`` then takes any node's.

    Raise :class:`StoreInUse` if another process works on it, :class:`StoreError` for any other reason why not.
    """
    opener = _opener(url, node, synchronous, reading=reading)
    if standby and _parsed(url).drivername == "sqlite":
        raise StoreError("a standby needs PostgreSQL; a SQLite file has one process")
    thread = ThreadPoolExecutor(1, thread_name_prefix=f"store {node}") if threaded else None
    try:
        holding = await _patiently(opener, thread, standby=standby, until=time.monotonic() + wait)
    except BaseException:
        if thread is not None:
            thread.shutdown(wait=False)
        raise
    return Store(holding, thread, kept_refusals)


async def _patiently(
    opener: Callable[[], Holding], thread: ThreadPoolExecutor | None, *, standby: bool, until: float
) -> Holding:
    told = ""
    opened_once = False
    while True:
        try:
            return await _in(thread, opener)
        except StoreInUse as error:
            opened_once = True
            if not standby and time.monotonic() >= until:
                raise
            reason = str(error)
        except StoreError as error:
            # A server that went away while this process stands by may come back; a wrong address never worked.
            if not (standby and opened_once and "cannot be opened" in str(error)):
                raise
            reason = str(error)
        if reason != told:
            log.info("waiting: %s", reason)
            told = reason
        await asyncio.sleep(POLL)


async def _in(thread: ThreadPoolExecutor | None, opener: Callable[[], Holding]) -> Holding:
    if thread is None:
        return opener()
    work = thread.submit(opener)
    try:
        return await asyncio.wrap_future(work)
    except asyncio.CancelledError:
        # The thread may be opening still: what it opens nobody would close.
        work.add_done_callback(
            lambda done: done.result().close() if not done.cancelled() and not done.exception() else None
        )
        raise


__all__ = ["POLL", "open_store"]
