"""Many journeys side by side over a live network, and somebody who meddles with it meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from exchange.http import Client
from exchange.limits import Limits, Timeouts
from scenarios.wire.journeys import anew
from scenarios.wire.network import Network
from scenarios.wire.reference import Reference
from scenarios.wire.traffic import OverTheWire, Quiet, TrafficError
from scenarios.wire.verdict import Key

BEGINNINGS = 100.0
"""Journeys that begin in a wall second at most."""
REQUEST = 10.0
"""Wall seconds that posts and traders wait for an answer."""
TOLD_EVERY = 500

Tell = Callable[[str], None]


class Progress:
    """How many of the messages of posts and traders have been accepted."""

    def __init__(self, total: int, tell: Tell) -> None:
        self.total = total
        self.done = 0
        self._tell = tell
        self._changed = asyncio.Event()

    def one_more(self) -> None:
        """Count a message."""
        self.done += 1
        self._changed.set()
        if self.done % TOLD_EVERY == 0:
            self._tell(f"{self.done} of {self.total} messages of posts and traders accepted")

    async def reaches(self, share: float) -> None:
        """Return when this share (0 to 1) is done."""
        while self.done < share * self.total:
            self._changed.clear()
            await self._changed.wait()


Meddle = Callable[[Progress], Awaitable[None]]


async def drive(
    network: Network,
    reference: Reference,
    seed: int,
    longest: float,
    meddle: Meddle | None = None,
    tell: Tell = lambda _: None,
) -> dict[Key, str]:
    """Tell all journeys of ``reference`` until nothing is due in any outbox; return digests of what was handed in.

    ``meddle`` works beside them. Raise :class:`TrafficError` if that takes more than ``longest`` wall seconds.
    """
    progress = Progress(sum("." in sender for _, sender, _ in reference.accepted), tell)
    client = Client(network.members, network.keys.__getitem__, limits=Limits(), timeouts=Timeouts(request=REQUEST))
    async with client:
        quiet = Quiet(client, sorted(network.nodes))
        carrier = OverTheWire(client, quiet, seed, progress.one_more)

        async def journey(number: int) -> None:
            await asyncio.sleep(number / BEGINNINGS)
            await anew(reference.journeys[number]).go(carrier)

        async def meddling() -> None:
            if meddle is not None:
                await meddle(progress)

        watching = asyncio.create_task(quiet.watch())
        try:
            async with asyncio.timeout(longest):
                async with asyncio.TaskGroup() as group:
                    group.create_task(meddling())
                    for number in range(len(reference.journeys)):
                        group.create_task(journey(number))
                await quiet.everywhere()
        except TimeoutError as error:
            raise TrafficError(
                f"after {longest:g} s {progress.done} of {progress.total} messages were accepted, and outboxes were "
                f"not empty"
            ) from error
        finally:
            watching.cancel()
    return carrier.accepted


__all__ = ["BEGINNINGS", "Meddle", "Progress", "Tell", "drive"]
