"""``corridor up`` and the ``corridor run`` that it tells: what a user types, from an empty folder."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.live import SCENARIO, SETS
from tests.ports import free_ports
from tests.waiting import until

READY = 90
OF_TWO = "green_corridor_ru_cn"
"""A scenario of two services."""
ROOT = Path(__file__).parents[2]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}


@asynccontextmanager
async def up(
    folder: Path, scenario: str, *sets: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, Any]]]:
    arguments = ["up", scenario, "--json", "--no-tls", "--port-base", str(free_ports(5))]
    for change in sets:
        arguments += ["--set", change]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scenarios.cli", *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=folder, env=environment(),
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), READY)
        assert line, (await process.communicate())[1].decode()
        yield process, json.loads(line)
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), READY)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_the_command_that_up_tells_runs_the_scenario_and_sigterm_stops_all(tmp_path: Path) -> None:
    async with up(tmp_path, SCENARIO, *SETS) as (process, told):
        assert [node["node"] for node in told["nodes"]] == ["CN", "FI", "KZ", "RU"]
        assert all(alive(node["pid"]) for node in told["nodes"])
        following = shlex.split(told["next"])
        assert following[:3] == ["corridor", "run", SCENARIO]
        run = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "scenarios.cli", *following[1:], "-r", "1", "--arm", "recognition", "--json",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=tmp_path, env=environment(),
        )  # fmt: skip
        out, errors = await asyncio.wait_for(run.communicate(), READY)
        assert run.returncode in (0, 1), errors.decode()
        summary = json.loads(out)
        assert summary["transport"] == "members"
        assert summary["arms"]["recognition"]["messages"]["accepted"] > 100
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), READY) == 0
        await until(lambda: not any(alive(node["pid"]) for node in told["nodes"]))
    stores = sorted(path.name for path in (tmp_path / "out" / "up" / SCENARIO / "stores").glob("*.sqlite"))
    assert stores == ["CN.sqlite", "FI.sqlite", "KZ.sqlite", "RU.sqlite"]


async def test_a_node_that_dies_is_named_and_none_outlives_up(tmp_path: Path) -> None:
    async with up(tmp_path, OF_TWO) as (process, told):
        pids = {node["node"]: node["pid"] for node in told["nodes"]}
        os.kill(pids["CN"], signal.SIGKILL)
        _, errors = await asyncio.wait_for(process.communicate(), READY)
        assert process.returncode == 1
        assert "the node of CN was ended by SIGKILL; the end of " in errors.decode()
        await until(lambda: not any(map(alive, pids.values())))


async def test_nodes_end_with_an_up_that_was_killed(tmp_path: Path) -> None:
    async with up(tmp_path, OF_TWO) as (process, told):
        process.kill()
        await process.wait()
        await until(lambda: not any(alive(node["pid"]) for node in told["nodes"]))
