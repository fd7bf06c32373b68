"""A node that goes away in the middle of a stepped run: simulated time waits for it, or the run ends and names it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from exchange.errors import CorridorError
from scenarios.live.children import Children
from scenarios.live.household import Household
from scenarios.run import Progress
from tests.live import drive, household, nodes, small

EARLY, MIDDLE = 30, 100
"""Messages of posts and traders after which something happens to a node; the run has some three hundred."""


async def interrupted(
    home: Household, happens: Mapping[int, Callable[[], Awaitable[None]]], patience: float = 30.0
) -> object:
    """Drive the nodes of ``home``; let ``happens`` happen after so many messages. Return what was exchanged."""
    reached = {messages: asyncio.Event() for messages in happens}

    def watch(report: Progress) -> None:
        for messages, event in reached.items():
            if report.messages >= messages:
                event.set()

    async def act() -> None:
        for messages, what in happens.items():
            await reached[messages].wait()
            await what()

    acting = asyncio.create_task(act())
    try:
        run, exchanged = await drive(home, progress=watch, patience=patience)
        assert acting.done(), "the run was over before everything had happened"
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


async def test_nodes_that_stand_still_or_are_killed_and_come_back_change_nothing(tmp_path: Path) -> None:
    home = household(tmp_path, small())
    async with nodes(home) as children, AsyncExitStack() as later:

        async def stand_still() -> None:
            os.kill(pid(children, "KZ"), signal.SIGSTOP)
            await asyncio.sleep(1.0)
            os.kill(pid(children, "KZ"), signal.SIGCONT)

        async def die_and_return() -> None:
            for country in ("RU", "KZ"):
                os.kill(pid(children, country), signal.SIGKILL)
            await asyncio.sleep(0.2)
            await later.enter_async_context(nodes(home, only=["RU", "KZ"]))

        found = await interrupted(home, {EARLY: stand_still, MIDDLE: die_and_return})
    assert found == await undisturbed()


async def test_a_node_that_stays_away_ends_the_run_by_name(tmp_path: Path) -> None:
    home = household(tmp_path, small())
    async with nodes(home, patience=3.0) as children:

        async def die() -> None:
            os.kill(pid(children, "KZ"), signal.SIGKILL)

        with pytest.raises(CorridorError, match=rf"KZ: not reached at {home.members.url('KZ')}.*tried for \d s"):
            await interrupted(home, {EARLY: die}, patience=3.0)
