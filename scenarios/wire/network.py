"""A network to be put to the proof: nodes as processes, each behind a bad line of its own, and everybody's keys.

Posts and traders of all services are reached at one listener, behind a bad line too. Everything is on loopback and
ends with this process.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from exchange.errors import CorridorError
from exchange.keyring import make
from exchange.limits import Limits, Timeouts
from exchange.members import OPERATOR, Members
from exchange.signatures import PrivateKey
from nodes.service import listen, url_of
from scenarios.listener import Listener
from scenarios.live.children import Child, Children
from scenarios.live.credentials import Credentials
from scenarios.parties import members as participants
from scenarios.scenario import Scenario
from scenarios.wire.faults import WireFaults
from scenarios.wire.journeys import SETS
from scenarios.wire.pace import LATENCY
from scenarios.wire.proxy import Proxy
from scenarios.wire.reference import ARM

HOST = "127.0.0.1"
DOOMS = {"behind the commit": signal.SIGUSR1, "before the commit": signal.SIGUSR2}
BACKOFF = 2
"""Wall seconds between two attempts of a node at most; else a run would mostly wait."""
DYING = 5.0
"""Wall seconds that a node which was doomed has to reach its next commit; then it is killed where it stands."""


class NetworkError(CorridorError):
    """A node did not do what a network needs of it."""


class LiveNode:
    """One node's process behind its proxy. ``kills`` counts how often it was killed."""

    def __init__(self, country: str, proxy: Proxy, arguments: Sequence[str], log: Path) -> None:
        self.country = country
        self.proxy = proxy
        self.kills = 0
        self.log = log
        self._arguments = arguments
        self._children: Children | None = None

    @property
    def child(self) -> Child:
        """The running process."""
        if self._children is None or not self._children.running:
            raise NetworkError(f"the node of {self.country} does not run")
        return self._children.running[0]

    async def start(self) -> None:
        """Start the process and let the proxy forward to it."""
        self._children = Children({self.country: self._arguments}, {self.country: self.log})
        await self._children.start()
        self.proxy.upstream = (HOST, int(self.child.url.rpartition(":")[2]))

    async def kill(self, moment: str = "") -> None:
        """End the process by SIGKILL: now, or at the next ``moment`` of :data:`DOOMS`. Then start it again."""
        child = self.child
        if moment:
            os.kill(child.pid, DOOMS[moment])
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(child.process.wait()), DYING)
        if child.process.returncode is None:
            with suppress(ProcessLookupError):
                child.process.kill()
        if await child.process.wait() != -signal.SIGKILL:
            raise NetworkError(f"the node of {self.country} ended by itself; its log is {self.log}")
        self.kills += 1
        self.proxy.hang_up()
        await self.start()

    async def die(self) -> None:
        """End the process by SIGKILL, for good."""
        self.child.process.kill()
        await self.child.process.wait()
        self.kills += 1
        self.proxy.hang_up()

    async def stop(self) -> None:
        """Ask the process to end, and wait for it."""
        if self._children is not None:
            await self._children.stop()


class Network:
    """Nodes of ``scenario`` in ``folder``, an asynchronous context manager.

    ``stores`` are URLs of stores by country, where they are not SQLite files in the folder. ``extra`` are further
    arguments of ``corridor node``.
    """

    def __init__(
        self,
        folder: Path,
        scenario: Scenario,
        seed: int,
        faults: WireFaults,
        *,
        stores: Mapping[str, str] | None = None,
        extra: Sequence[str] = (),
    ) -> None:
        self._folder = folder
        self.scenario = scenario
        self._seed = seed
        self._faults = faults
        self._extra = extra
        self._stores = dict(stores or {})
        self.nodes: dict[str, LiveNode] = {}
        self.people: Proxy | None = None
        self.members = Members(())
        self.keys: dict[str, PrivateKey] = {}
        self._listener: Listener | None = None
        self._runner: web.AppRunner | None = None

    @property
    def proxies(self) -> list[Proxy]:
        """All bad lines."""
        return [*(node.proxy for node in self.nodes.values()), *([self.people] if self.people else [])]

    def store(self, country: str) -> str:
        """Return the URL of a node's store."""
        return self._stores.get(country) or f"sqlite:///{self._folder / country}.sqlite"

    async def __aenter__(self) -> Network:
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _start(self) -> None:
        doors = {country: listen(HOST, 0) for country in sorted(self.scenario.services)}
        people, room = listen(HOST, 0), listen(HOST, 0)
        who = participants(self.scenario)
        wanted: dict[str, str | None] = {country: url_of(sock) for country, sock in doors.items()}
        wanted |= {f"{country}.{OPERATOR}": None for country in doors}
        wanted |= {member: f"{url_of(people)}/{member}" for member in who}
        keys = self._folder / "keys"
        self.members = make(keys, wanted)
        self.keys = {
            member: Credentials.load(keys, member, self.members).key for member in wanted if member not in doors
        }
        self._listener = Listener({member: self.keys[member] for member in who}, self.members, Limits())
        self._runner = await self._listener.serve(room, Timeouts())
        self.people = Proxy("people", people, self._faults)
        self.people.upstream = room.getsockname()[:2]
        await self.people.start()
        for country, sock in doors.items():
            proxy = Proxy(country, sock, self._faults)
            await proxy.start()
            self.nodes[country] = LiveNode(country, proxy, self._arguments(country), self._folder / f"{country}.log")
        async with asyncio.TaskGroup() as group:
            for node in self.nodes.values():
                group.create_task(node.start())

    def another(self, country: str) -> LiveNode:
        """Return a further process on the store of ``country``, behind the same line: it is reached once it works."""
        return LiveNode(country, self.nodes[country].proxy, self._arguments(country), self._folder / "another.log")

    def _arguments(self, country: str) -> list[str]:
        arguments = [country, "--members", str(self._folder / "keys" / "members.yaml"), "--port", "0"]
        arguments += ["--store", self.store(country), "--scenario", self.scenario.id, "--arm", ARM]
        arguments += ["--seed", str(self._seed), "--doomed", "--latency", str(LATENCY)]
        arguments += ["--longest-backoff", str(BACKOFF), *self._extra]
        for change in SETS:
            arguments += ["--set", change]
        return arguments

    async def stop(self) -> None:
        """Stop nodes and proxies. What the nodes accepted is in their stores."""
        await asyncio.gather(*(node.stop() for node in self.nodes.values()))
        for proxy in self.proxies:
            await proxy.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


def clock() -> datetime:
    """Return the time as messages tell it: UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


__all__ = ["DOOMS", "HOST", "LiveNode", "Network", "NetworkError", "clock"]
