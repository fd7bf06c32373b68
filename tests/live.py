"""Nodes of a small scenario as real processes, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from scenarios.events import ArmRun
from scenarios.live.children import Children
from scenarios.live.household import Household
from scenarios.live.transport import Outside
from scenarios.run import Job, Watch, conduct, default_run_id
from scenarios.scenario import Scenario, load_scenario
from scenarios.transport import Exchanged
from tests.ports import free_ports

SCENARIO = "china_europe_transit_fi"
SETS = ("flows.0.vehicles.count=1 trains", "warm_up=1 d")


def small() -> Scenario:
    """Return one train's scenario."""
    return load_scenario(SCENARIO, SETS)


def household(folder: Path, scenario: Scenario, *, tls: bool = False) -> Household:
    """Return a folder of keys for the services of ``scenario`` at ports that are free now."""
    return Household.set_up(folder, scenario, tls=tls, port_base=free_ports(len(scenario.services) + 1))


def command(home: Household, country: str, *more: str, patience: float = 30.0, live: bool = False) -> list[str]:
    """Return the arguments of ``corridor node`` for a node of the small scenario, stepped unless ``live``."""
    arguments = [country, "--members", str(home.members_file), "--store", home.store(country)]
    arguments += [] if live else ["--stepped"]
    arguments += ["--scenario", SCENARIO, "--patience", str(patience)]
    for change in SETS:
        arguments += ["--set", change]
    return [*arguments, *more]


@asynccontextmanager
async def nodes(
    home: Household, *more: str, only: Sequence[str] = (), patience: float = 30.0, live: bool = False
) -> AsyncIterator[Children]:
    """Run the nodes of ``home`` (those of ``only``, if any are named)."""
    countries = only or home.countries
    children = Children(
        {country: command(home, country, *more, patience=patience, live=live) for country in countries},
        {country: home.log(country) for country in countries},
    )
    await children.start()
    try:
        yield children
    finally:
        await children.stop()


async def drive(
    home: Household | None,
    *,
    progress: Watch | None = None,
    patience: float = 30.0,
    run_id: str | None = None,
    keys: Path | None = None,
) -> tuple[ArmRun, list[tuple[Any, ...]]]:
    """Run the recognition arm, on the nodes of ``home`` or in memory; return it and what was exchanged."""
    scenario = small()
    outside = None
    if home is not None:
        outside = Outside(members=home.members_file, keys=keys or home.folder, patience=patience)
    job = Job(
        scenario=scenario,
        seed=scenario.seed,
        run_id=run_id or default_run_id(scenario, scenario.seed),
        replication=0,
        arm="recognition",
        transport="memory",
        messages_to=Path("unused"),
        outside=outside,
    )
    run, log = await conduct(job, progress)
    return run, comparable(log)


def comparable(log: Sequence[Exchanged]) -> list[tuple[Any, ...]]:
    """Return what was exchanged, in an order of its own: time, who, what, accepted, bytes."""
    return sorted((one.at, one.header.sender, one.header.message_id, one.accepted, one.xml) for one in log)
