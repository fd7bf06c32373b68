"""The proof: two services as processes, realistic traffic, bad lines, kills, and nothing lost, doubled or believed
that was not sent."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from exchange.errors import CorridorError
from exchange.http import Client
from exchange.limits import Limits, Timeouts
from exchange.luck import Luck
from scenarios.wire.faults import HEAVY, FaultKind, WireFaults
from scenarios.wire.journeys import anew, the_scenario
from scenarios.wire.network import DOOMS, Network, clock
from scenarios.wire.reference import Reference, refer
from scenarios.wire.traffic import OverTheWire, Quiet, TrafficError
from scenarios.wire.verdict import Verdict, judge

MESSAGES_A_KILL = 800
"""So many messages for each kill, three kills at least."""
STARTS_WITHIN = 6.0
"""Wall seconds over which the journeys of 5,000 messages begin."""
MOMENTS = ("", *DOOMS)
"""Anywhen, just behind a commit (no answer has gone out), just before one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaosOptions:
    """How much, from which seed, how bad the lines are, how many kills (None: by the number of messages), and how many
    wall seconds it may take at most."""

    messages: int = 5000
    seed: int = 1
    shares: Mapping[FaultKind, float] = field(default_factory=lambda: dict(HEAVY))
    kills: int | None = None
    longest: float = 600.0

    @property
    def deaths(self) -> int:
        """How many times a node is killed."""
        return max(3, self.messages // MESSAGES_A_KILL) if self.kills is None else self.kills


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was done, and what came of it. ``seconds``: from the first message until all outboxes were empty."""

    verdict: Verdict
    journeys: int
    attempts: int
    faults: Mapping[str, int]
    moments: Mapping[str, int]
    seconds: float

    @property
    def kills(self) -> int:
        """How many times a node was killed."""
        return sum(self.moments.values())


@contextmanager
def one_error() -> Iterator[None]:
    """Let the first :class:`CorridorError` of a group of errors stand for all."""
    try:
        yield
    except BaseExceptionGroup as group:
        ours = group.subgroup(CorridorError)
        while isinstance(ours, BaseExceptionGroup):
            ours = ours.exceptions[0]  # type: ignore[assignment]
        if ours is None:
            raise
        raise ours from group


async def chaos(options: ChaosOptions, folder: Path, tell: Callable[[str], None] = lambda _: None) -> Outcome:
    """Put two services to the proof in ``folder``, which is empty; ``tell`` hears what is going on.

    Raise a :class:`CorridorError` if it cannot be done or does not come to its end.
    """
    scenario = the_scenario()
    tell("the same traffic without faults, in memory")
    reference = await refer(scenario, options.seed, clock(), messages=options.messages)
    faults = WireFaults(options.seed, options.shares)
    network = Network(folder, scenario, options.seed, faults)
    moments: Counter[str] = Counter()
    tell("starting the nodes")
    with one_error():
        async with network:
            begun = time.monotonic()
            handed_in = await _work(options, network, reference, moments, tell)
            seconds = time.monotonic() - begun
    tell("reading the ledgers")
    tampered = {sha256 for proxy in network.proxies for sha256 in proxy.tampered}
    stores = {country: network.store(country) for country in network.nodes}
    verdict = await judge(scenario, options.seed, stores, reference, handed_in, tampered)
    counts: Counter[str] = Counter()
    for proxy in network.proxies:
        counts.update(proxy.counts)
    return Outcome(
        verdict=verdict,
        journeys=len(reference.journeys),
        attempts=faults.tries.total(),
        faults=dict(counts),
        moments=dict(moments),
        seconds=seconds,
    )


async def _work(
    options: ChaosOptions, network: Network, reference: Reference, moments: Counter[str], tell: Callable[[str], None]
) -> dict[tuple[str, str, str], str]:
    """Tell all journeys and kill nodes meanwhile, until all outboxes are empty; return what was handed in."""
    own = sum("." in sender for _, sender, _ in reference.accepted)
    handed_in, changed = 0, asyncio.Event()

    def progress() -> None:
        nonlocal handed_in
        handed_in += 1
        changed.set()
        if handed_in % 250 == 0:
            tell(f"{handed_in} of {own} messages of posts and traders accepted")

    async def kill() -> None:
        luck = Luck(options.seed)
        countries = sorted(network.nodes)
        for number in range(options.deaths):
            place = (number + luck.uniform("chaos", "kill", "when", number)) / (options.deaths + 0.5)
            while handed_in < place * own:
                changed.clear()
                await changed.wait()
            country = countries[int(luck.uniform("chaos", "kill", "whom", number) * len(countries))]
            moment = MOMENTS[number % len(MOMENTS)]
            await network.nodes[country].kill(moment)
            moments[moment or "anywhen"] += 1
            tell(f"{country} was killed {moment or 'where it stood'}, and is back")

    client = Client(network.members, network.keys.__getitem__, limits=Limits(), timeouts=Timeouts(request=10.0))
    async with client:
        quiet = Quiet(client, sorted(network.nodes))
        carrier = OverTheWire(client, quiet, options.seed, progress)
        spread = STARTS_WITHIN * min(options.messages / 5000, 5.0)

        async def journey(number: int) -> None:
            await asyncio.sleep(spread * number / len(reference.journeys))
            await anew(reference.journeys[number]).go(carrier)

        watching = asyncio.create_task(quiet.watch())
        try:
            async with asyncio.timeout(options.longest), asyncio.TaskGroup() as group:
                group.create_task(kill())
                for number in range(len(reference.journeys)):
                    group.create_task(journey(number))
            async with asyncio.timeout(options.longest):
                await quiet.everywhere()
        except TimeoutError as error:
            raise TrafficError(
                f"after {options.longest:g} s {handed_in} of {own} messages were accepted, and outboxes were not empty"
            ) from error
        finally:
            watching.cancel()
    return carrier.accepted


__all__ = ["ChaosOptions", "Outcome", "chaos"]
