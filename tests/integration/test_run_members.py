"""A run on nodes that run elsewhere: the same result, and a clear word where they cannot be used."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from exchange.errors import CorridorError
from scenarios.live.transport import Outside
from scenarios.run import run_scenario
from tests.live import drive, household, nodes, small


def kept(folder: Path) -> dict[str, bytes]:
    skipped = ("summary.json", "report.html")
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name not in skipped
    }


def figures(summary: Any) -> str:
    return json.dumps({name: value for name, value in summary.items() if name not in ("transport", "wall_seconds")})


async def test_the_result_equals_that_of_one_process_over_tls_too_and_no_run_is_made_twice(tmp_path: Path) -> None:
    scenario = small()
    home = household(tmp_path / "home", scenario, tls=True)
    outside = Outside(members=home.members_file, keys=home.folder)
    arms = ("baseline", "recognition")
    async with nodes(home):
        there = await asyncio.to_thread(
            run_scenario, scenario, replications=1, arms=arms, out=tmp_path / "there", outside=outside, workers=1
        )
        with pytest.raises(CorridorError, match="--run-id"):
            await drive(home)
        again, _ = await drive(home, run_id="another")
    here = await asyncio.to_thread(
        run_scenario, scenario, transport="memory", replications=1, arms=arms, out=tmp_path / "here", workers=1
    )
    assert there.summary["transport"] == "members"
    assert figures(there.summary) == figures(here.summary)
    assert kept(there.folder) == kept(here.folder)
    assert sum(name.endswith(".xml") for name in kept(there.folder)) > 100
    alone, _ = await drive(None)
    assert (again.messages, again.utilisation) == (alone.messages, alone.utilisation)


async def test_a_node_of_another_setting_is_refused(tmp_path: Path) -> None:
    home = household(tmp_path, small())
    async with nodes(home, "--seed", "77", only=["CN"]):
        with pytest.raises(CorridorError, match=r"CN at http://\S+ was started with seed 77 and not"):
            await drive(home)
    async with nodes(home, "--set", "warm_up=2 d", only=["CN"]):
        with pytest.raises(CorridorError, match="another version of china_europe_transit_fi"):
            await drive(home)


async def test_a_live_node_is_refused(tmp_path: Path) -> None:
    home = household(tmp_path, small())
    async with nodes(home, only=["CN"], live=True):
        with pytest.raises(CorridorError, match=r"lives by the wall clock.*--stepped"):
            await drive(home)


async def test_keys_that_are_not_those_of_the_file_are_refused(tmp_path: Path) -> None:
    home = household(tmp_path / "one", small())
    other = household(tmp_path / "other", small())
    with pytest.raises(CorridorError, match=r"signing.pem: its public half is not among the keys"):
        await drive(home, keys=other.folder)
    with pytest.raises(CorridorError, match="cannot be read"):
        await drive(home, keys=tmp_path)
