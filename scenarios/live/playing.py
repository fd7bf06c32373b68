"""Playing a world on nodes that somebody else runs: no faster than its pace, and not beyond its time limit.

With a pace the wall clock leads: simulated time is ``start`` and ``pace`` times the wall seconds since the run began.
Nodes that live by clocks of their own then send when they want; what they sent is looked at a few times a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from math import inf

from exchange.errors import CorridorError
from scenarios.conductor import Conductor
from scenarios.conversation import TransportError
from scenarios.live.complaints import CONVERSATION, IN_TIME
from scenarios.live.transport import OutsideTransport
from scenarios.world import World

LOOK = 0.05
"""Wall seconds between two looks at what nodes with clocks of their own have sent."""
QUIET = 5.0
"""Wall seconds without a message after which a world in which nothing else happens is over."""


async def play(
    conductor: Conductor,
    world: World,
    transport: OutsideTransport,
    watch: Callable[[], None],
    *,
    start: datetime,
    time_limit: float | None = None,
) -> None:
    """Run until the world is through and no node has anything left to do.

    Raise :class:`TransportError` naming service and check if it cannot go on, or is not through within ``time_limit``
    wall seconds.
    """
    try:
        async with asyncio.timeout(time_limit):
            if transport.pace is None:
                await conductor.run(world, watch)
            else:
                await _paced(conductor, world, transport, watch, start, transport.pace)
            await transport.finish()
    except TimeoutError as error:
        text = f"{world.through} of {world.total} consignments are through after {time_limit:g} s, its time limit"
        raise TransportError(transport.watch.blame(TransportError(text), IN_TIME)) from error
    except CorridorError as error:
        raise TransportError(transport.watch.blame(error, CONVERSATION)) from error
    if world.through < world.total:
        text = f"only {world.through} of {world.total} consignments got through; the others wait for what never comes"
        raise TransportError(transport.watch.blame(TransportError(text), CONVERSATION))


async def _paced(
    conductor: Conductor,
    world: World,
    transport: OutsideTransport,
    watch: Callable[[], None],
    start: datetime,
    pace: float,
) -> None:
    loop = asyncio.get_running_loop()
    began = heard = loop.time()
    said = 0
    while True:
        second = int((loop.time() - began) * pace)
        over = await conductor.play(world, second, watch)
        watch()
        if transport.living:
            transport.move_to(start + timedelta(seconds=second))
            if world.env.now < second and not world.finished.triggered:
                world.env.run(until=second)
            for message in transport.collect():
                world.deliver(message)
                over = False
            if len(transport.log) > said:
                said, heard = len(transport.log), loop.time()
            over = over and (world.finished.triggered or loop.time() - heard > QUIET)
        if over:
            return
        await asyncio.sleep(LOOK if transport.living else _until(transport, world, start, began, pace))


def _until(transport: OutsideTransport, world: World, start: datetime, began: float, pace: float) -> float:
    """Return the wall seconds until something is due, a second at most."""
    dues = [(due - start).total_seconds() for due in transport.next_due().values() if due is not None]
    due = min(world.env.peek(), *dues) if dues else world.env.peek()
    if due == inf:
        return LOOK
    return min(max(began + (due + 1) / pace - asyncio.get_running_loop().time(), 0.0), 1.0)


__all__ = ["play"]
