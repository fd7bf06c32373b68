"""A small scenario with Kazakhstan run elsewhere, and the examples of docs/examples in its place, for tests."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from scenarios.live.transport import Outside
from scenarios.run import RunOutcome, run_scenario
from scenarios.scenario import Scenario, load_scenario
from tests.live import SCENARIO
from tests.ports import free_ports

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"
SETS = (
    "flows.0.vehicles.count=1 trains",
    "flows.0.vehicles.units=2 containers",
    "flows.0.vehicles.consignments=1 consignments",
    "sides.9912-exit.background.rate=1 trains/d",
    "sides.99206010-exit.background.rate=1 trains/d",
    "warm_up=1 d",
)
"""One train, one consignment, little else on the line."""
PROGRAMS = {
    "py": (sys.executable, "outside_node.py"),
    "mjs": ("node", "outside_node.mjs"),
    "minimal": (sys.executable, "minimal_node.py"),
    "minimal-mjs": ("node", "minimal_node.mjs"),
}
"""Size and language → program and file of an example."""
PLACES = {"CN": 1, "FI": 2, "KZ": 3, "RU": 4}
"""Where the demo trust has the services, behind posts and traders."""


def scenario(base: int, *more: str) -> Scenario:
    """Return the scenario with Kazakhstan at its place behind ``base``."""
    return load_scenario(SCENARIO, (*SETS, f"services.KZ.url={url(base, 'KZ')}", *more))


def url(base: int, service: str) -> str:
    return f"http://127.0.0.1:{base + PLACES[service]}"


def partners(base: int) -> dict[str, str]:
    """Return where the services are that the run starts itself."""
    return {service: url(base, service) for service in PLACES if service != "KZ"}


async def run(base: int, out: Path, *more: str) -> RunOutcome:
    """Run the recognition arm once, on the demo trust."""
    loaded = scenario(base, *more)
    outside = Outside(services=loaded.elsewhere, port_base=base)
    return await asyncio.to_thread(
        run_scenario, loaded, replications=1, arms=("recognition",), out=out, outside=outside, workers=1
    )


def checks(outcome: RunOutcome) -> Mapping[str, bool]:
    return {check["name"]: check["ok"] for check in outcome.summary["checks"]}


def example() -> Any:
    """Return the module docs/examples/outside_node.py."""
    name = "outside_node"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
        assert spec is not None and spec.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


@asynccontextmanager
async def started(kind: str, *arguments: str) -> AsyncIterator[None]:
    """Run an example of ``PROGRAMS`` as a user does, once it says where it listens."""
    program, file = PROGRAMS[kind]
    command = (program, str(EXAMPLES / file), *(alone(arguments) if kind.startswith("minimal") else arguments))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 30)
        assert b"http://127.0.0.1:" in line, line
        yield
    finally:
        process.kill()
        await process.wait()


def alone(arguments: Sequence[str]) -> list[str]:
    """Return the arguments without those that say where partners are."""
    return [one for one in arguments if "=" not in one]


def ports() -> int:
    return free_ports(len(PLACES) + 1)


@asynccontextmanager
async def serving(app: web.Application, base: int) -> AsyncIterator[None]:
    """Have ``app`` listen in the place of Kazakhstan."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", base + PLACES["KZ"]).start()
    try:
        yield
    finally:
        await runner.cleanup()
