"""The same traffic without faults: nodes in memory, in simulated time, as fast as it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from exchange.luck import Luck
from exchange.messages import Message
from nodes.core import NodeCore
from scenarios.parties import build_cores
from scenarios.scenario import Scenario
from scenarios.transport_memory import MemoryTransport
from scenarios.wire.journeys import Journey, anew, journeys
from scenarios.wire.pace import at_one_pace

ARM = "recognition"
PAUSE = timedelta(seconds=1)
SETTLE = timedelta(seconds=30)


class InMemory:
    """Carries journeys to nodes in memory, one after the other (:class:`scenarios.wire.journeys.Carrier`)."""

    def __init__(self, cores: Mapping[str, NodeCore], start: datetime) -> None:
        self._transport = MemoryTransport(cores)
        self._now = start

    @property
    def accepted(self) -> list[tuple[str, str, str]]:
        """(recipient, sender, id) of what services have accepted so far."""
        return [
            (one.header.recipient, one.header.sender, one.header.message_id)
            for one in self._transport.log
            if one.accepted and "." not in one.header.recipient
        ]

    def now(self) -> datetime:
        return self._now

    async def ask(self, message: Message) -> tuple[Message, ...]:
        [replies] = await self._transport.ask(self._now, [message])
        return replies

    async def pause(self) -> None:
        await self._pass(PAUSE)

    async def settle(self, ucr: str) -> None:
        await self._pass(SETTLE)

    async def _pass(self, duration: timedelta) -> None:
        until = self._now + duration
        while True:
            dues = {country: due for country, due in self._transport.next_due().items() if due is not None}
            first = min(dues.values(), default=until + duration)
            if first > until:
                break
            self._now = max(self._now, first)
            for country in sorted(country for country, due in dues.items() if due <= self._now):
                await self._transport.advance(country, self._now)
            self._transport.collect()
        self._now = until


@dataclass(frozen=True, slots=True)
class Reference:
    """What must come out: the journeys told, what services accepted, and each node's cases."""

    journeys: tuple[Journey, ...]
    accepted: frozenset[tuple[str, str, str]]
    cases: Mapping[tuple[str, str], dict[str, Any]]


def cores_of(scenario: Scenario, seed: int) -> dict[str, NodeCore]:
    """Return the deciding part of each service, as the live nodes have it too."""
    return {country: at_one_pace(core) for country, core in build_cores(scenario, ARM, Luck(seed)).items()}


async def refer(scenario: Scenario, seed: int, start: datetime, *, messages: int) -> Reference:
    """Tell journeys to nodes in memory until services have accepted ``messages`` messages at least."""
    cores = cores_of(scenario, seed)
    carrier = InMemory(cores, start)
    told: list[Journey] = []
    source = journeys(scenario, seed)
    while len(carrier.accepted) < messages:
        for journey in islice(source, 2):
            await anew(journey).go(carrier)
            told.append(journey)
    cases = {
        (country, journey.ucr): essence(view)
        for country, core in cores.items()
        for journey in told
        if (view := core.view(journey.ucr)) is not None
    }
    return Reference(tuple(told), frozenset(carrier.accepted), cases)


def essence(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return what must be equal of a case, whenever it happened: states, control results, recognitions, and which
    messages were applied."""
    return {
        "state": view["state"],
        "movements": sorted((one["mrn"], one["state"], one["usable"]) for one in view["movements"]),
        "sides": sorted((one["office"], one["presentation"], one["seal"] or "") for one in view["sides"]),
        "control_results": sorted(
            (one["id"], one["office"], one["form"], one["extent"], one["result"]) for one in view["control_results"]
        ),
        "recognitions": _recognitions(view["recognitions"]),
        "recognised_elsewhere": _recognitions(view["recognised_elsewhere"]),
        "parked": list(view["parked"]),
        "messages": sorted((one["from"], one["id"], one.get("applied", True)) for one in view["timeline"]),
    }


def _recognitions(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return sorted(
        (one["control_result"], one["form"], one["outcome"], one["stage"], tuple(one["reasons"])) for one in rows
    )


__all__ = ["ARM", "InMemory", "Reference", "cores_of", "essence", "refer"]
