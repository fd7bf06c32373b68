"""A small scenario with Kazakhstan run elsewhere, and the examples of docs/examples in its place, for tests."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from scenarios.live.transport import Outside
from scenarios.run import RunOutcome, run_scenario
from scenarios.scenario import Scenario, load_scenario
from tests.live import SCENARIO, free_ports

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
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        sys.path.insert(0, str(EXAMPLES))
        try:
            spec.loader.exec_module(module)
        finally:
            sys.path.remove(str(EXAMPLES))
    return sys.modules[name]


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
