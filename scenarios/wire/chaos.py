"""The proof: two services as processes, realistic traffic, bad lines, kills, and nothing lost, doubled or believed
that was not sent."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from exchange.errors import CorridorError
from exchange.luck import Luck
from scenarios.wire.driving import Progress, Tell, drive
from scenarios.wire.faults import HEAVY, FaultKind, WireFaults
from scenarios.wire.journeys import the_scenario
from scenarios.wire.network import DOOMS, Network, clock
from scenarios.wire.reference import refer
from scenarios.wire.verdict import Evidence, Verdict, judge

MESSAGES_A_KILL = 800
"""So many messages for each kill, three kills at least."""
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
    evidence: Evidence
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


async def chaos(options: ChaosOptions, folder: Path, tell: Tell = lambda _: None) -> Outcome:
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
            kills = partial(_kill, options, network, moments, tell)
            handed_in = await drive(network, reference, options.seed, options.longest, kills, tell)
            seconds = time.monotonic() - begun
    tell("reading the ledgers")
    evidence = Evidence.of(network, options.seed, reference, handed_in)
    counts: Counter[str] = Counter()
    for proxy in network.proxies:
        counts.update(proxy.counts)
    return Outcome(
        verdict=await judge(evidence),
        evidence=evidence,
        attempts=faults.tries.total(),
        faults=dict(counts),
        moments=dict(moments),
        seconds=seconds,
    )


async def _kill(
    options: ChaosOptions, network: Network, moments: Counter[str], tell: Callable[[str], None], progress: Progress
) -> None:
    """Kill nodes one after the other while messages come in: which, and when, from the seed."""
    luck = Luck(options.seed)
    countries = sorted(network.nodes)
    for number in range(options.deaths):
        await progress.reaches((number + luck.uniform("chaos", "kill", "when", number)) / (options.deaths + 0.5))
        country = countries[int(luck.uniform("chaos", "kill", "whom", number) * len(countries))]
        moment = MOMENTS[number % len(MOMENTS)]
        await network.nodes[country].kill(moment)
        moments[moment or "anywhen"] += 1
        tell(f"{country} was killed {moment or 'where it stood'}, and is back")


__all__ = ["ChaosOptions", "Outcome", "chaos", "one_error"]
