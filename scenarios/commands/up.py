"""``corridor up``: the services of a scenario as processes of their own, side by side on this machine."""

from __future__ import annotations

import asyncio
import json
import shlex
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table

from exchange.errors import CorridorError
from nodes.service import listen
from scenarios.live.children import Children
from scenarios.live.household import HOST, Household
from scenarios.printing import table_console
from scenarios.scenario import ScenarioError, load_scenario

GOOD, BAD, WRONG = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class UpOptions:
    """What is to stand: the scenario with its changes, the arm, the luck; where, and whether the time is stepped."""

    scenario: str
    arm: str
    seed: int | None = None
    sets: Sequence[str] = field(default_factory=tuple)
    folder: Path | None = None
    port_base: int | None = None
    stepped: bool = True
    tls: bool = True
    fresh: bool = False
    log_format: str = "text"


def up_command(options: UpOptions, *, json_output: bool) -> int:
    """Start the nodes of ``options``, tell where they are, and stay until a signal comes or a node dies.

    Return the exit code: 0 when stopped, 1 if a node died, 2 if they could not be started.
    """
    try:
        return asyncio.run(_up(options, json_output=json_output))
    except (CorridorError, ScenarioError) as error:
        print(f"corridor up: {error}", file=sys.stderr)
        return WRONG


async def _up(options: UpOptions, *, json_output: bool) -> int:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    scenario = load_scenario(options.scenario, options.sets)
    folder = options.folder or Path("out") / "up" / scenario.id
    household = Household.set_up(folder, scenario, tls=options.tls, port_base=options.port_base)
    if options.fresh:
        household.forget_stores()
    people = next(member for member in household.members if member.url is not None and "." in member.id)
    _free(str(people.url))
    seed = scenario.seed if options.seed is None else options.seed
    commands = {country: _arguments(options, household, country, seed) for country in household.countries}
    children = Children(commands, {country: household.log(country) for country in household.countries})
    ending = asyncio.create_task(ended.wait())
    starting = asyncio.create_task(children.start())
    await asyncio.wait({starting, ending}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        await asyncio.wait({starting})
        return GOOD
    await starting
    try:
        return await _stay(_told(options, household, children, scenario.id, seed), children, ending, json_output)
    finally:
        await children.stop()


async def _stay(told: dict[str, Any], children: Children, ending: asyncio.Task[Any], json_output: bool) -> int:
    """Tell what stands and wait for the end, the nodes' or ours; return the exit code."""
    if json_output:
        print(json.dumps(told), flush=True)
    else:
        _show(told)
    died = asyncio.create_task(children.died())
    await asyncio.wait({died, ending}, return_when=asyncio.FIRST_COMPLETED)
    if not ending.done():
        print(f"corridor up: {await died}\nThe others are being stopped.", file=sys.stderr)
        return BAD
    died.cancel()
    if not json_output:
        print("Stopping the nodes; what they accepted is kept.", flush=True)
    return GOOD


def _free(url: str) -> None:
    """Make sure that a run will be able to listen for posts and traders. Raise :class:`ServiceError` otherwise."""
    from urllib.parse import urlsplit

    listen(HOST, urlsplit(url).port or 0).close()


def _arguments(options: UpOptions, household: Household, country: str, seed: int) -> list[str]:
    arguments = [country, "--members", str(household.members_file), "--keys", str(household.folder)]
    arguments += ["--store", household.store(country), "--scenario", options.scenario]
    arguments += ["--arm", options.arm, "--seed", str(seed)]
    for change in options.sets:
        arguments += ["--set", change]
    return [*arguments, "--stepped"] if options.stepped else arguments


def _told(options: UpOptions, household: Household, children: Children, scenario: str, seed: int) -> dict[str, Any]:
    nodes = [
        {
            "node": child.country,
            "url": child.url,
            "pid": child.pid,
            "store": household.store(child.country),
            "log": str(child.log),
        }
        for child in children.running
    ]
    following = ["corridor", "run", options.scenario, "--members", str(household.members_file), "--seed", str(seed)]
    if options.arm != "recognition":
        following += ["--members-arm", options.arm]
    for change in options.sets:
        following += ["--set", change]
    if not options.stepped:
        first = children.running[0]
        following = ["corridor", "outbox", "list", first.url, "--node", first.country, "--keys", str(household.folder)]
    return {
        "scenario": scenario,
        "arm": options.arm,
        "seed": seed,
        "stepped": options.stepped,
        "members": str(household.members_file),
        "keys": str(household.folder),
        "nodes": nodes,
        "next": shlex.join(following),
    }


def _show(told: dict[str, Any]) -> None:
    clock = "stepped" if told["stepped"] else "live"
    title = f"{told['scenario']}, arm {told['arm']}, seed {told['seed']}: {len(told['nodes'])} nodes, {clock}"
    table = Table(title=title, title_justify="left", header_style="bold", pad_edge=False)
    for name in ("Country", "URL", "Process", "Store"):
        table.add_column(name, no_wrap=True)
    for node in told["nodes"]:
        table.add_row(node["node"], node["url"], str(node["pid"]), node["store"])
    table_console().print(table)
    print(f"Members and keys: {told['members']}. Logs: {told['keys']}/logs. Ctrl-C stops all.")
    print(f"Next, in another terminal:\n  {told['next']}", flush=True)


__all__ = ["UpOptions", "up_command"]
