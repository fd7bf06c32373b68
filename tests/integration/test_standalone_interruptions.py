"""A node that goes away in the middle of a stepped run: simulated time waits for it, or the run ends and names it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from exchange.errors import CorridorError
from scenarios.live.children import Children
from scenarios.live.household import Household
from scenarios.run import Progress
from tests.live import drive, household, nodes, small

MIDDLE = 40
"""Messages of posts and traders after which a node goes away; the run has some three hundred."""


async def interrupted(home: Household, happens: Callable[[], Awaitable[None]], patience: float = 30.0) -> object:
    """Drive the nodes of ``home``; let ``happens`` happen in the middle. Return what was exchanged."""
    middle = asyncio.Event()

    def watch(report: Progress) -> None:
        if report.messages >= MIDDLE:
            middle.set()

    async def act() -> None:
        await middle.wait()
        await happens()

    acting = asyncio.create_task(act())
    try:
        run, exchanged = await drive(home, progress=watch, patience=patience)
        assert acting.done(), "nothing happened in the middle"
        await acting
        return run.messages, run.utilisation, exchanged
    finally:
        acting.cancel()
        await asyncio.wait([acting])


async def undisturbed() -> object:
    run, exchanged = await drive(None)
    return run.messages, run.utilisation, exchanged


def pid(children: Children, country: str) -> int:
    return next(child.pid for child in children.running if child.country == country)


async def test_a_node_that_stood_still_for_a_while_changes_nothing(tmp_path: Path) -> None:
    home = household(tmp_path, small())
    async with nodes(home) as children:

        async def stand_still() -> None:
            os.kill(pid(children, "KZ"), signal.SIGSTOP)
            await asyncio.sleep(1.5)
            os.kill(pid(children, "KZ"), signal.SIGCONT)

        assert await interrupted(home, stand_still) == await undisturbed()


async def test_a_node_killed_and_started_again_on_its_store_changes_nothing(tmp_path: Path) -> None:
    home = household(tmp_path, small())
    async with nodes(home) as children, AsyncExitStack() as later:

        async def die_and_return() -> None:
            for country in ("RU", "KZ"):
                os.kill(pid(children, country), signal.SIGKILL)
            await asyncio.sleep(0.3)
            await later.enter_async_context(nodes(home, only=["RU", "KZ"]))

        assert await interrupted(home, die_and_return) == await undisturbed()


async def test_a_node_that_stays_away_ends_the_run_by_name(tmp_path: Path) -> None:
    home = household(tmp_path, small())
    async with nodes(home, patience=1.0) as children:

        async def die() -> None:
            os.kill(pid(children, "KZ"), signal.SIGKILL)

        began = time.monotonic()
        with pytest.raises(CorridorError, match=rf"KZ: not reached at {home.members.url('KZ')}.*tried for 1 s"):
            await interrupted(home, die, patience=1.0)
        assert time.monotonic() - began < 60, "the run went on without the node"
