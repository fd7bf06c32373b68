"""The conductor: SimPy owns time, asyncio owns I/O, and neither ever waits for the other by chance.

It steps world and nodes like co-simulation slaves: the next moment is the earliest of the world's next event and every
node's next due time. Between two moments all I/O is drained, and answers go to the world in the order asked, never in
the order completed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from math import inf
from typing import TYPE_CHECKING, Protocol

import simpy

from exchange.errors import CorridorError
from exchange.messages import Message
from scenarios.transport import Transport

if TYPE_CHECKING:
    from scenarios.world.clock import Clock

ROUNDS = 1000
"""More rounds than this at one moment means that nodes answer each other without end."""


class EndlessExchange(CorridorError):
    """World and nodes kept exchanging messages without simulated time passing."""


class Conducted(Protocol):
    """What the conductor needs of a world."""

    env: Clock
    finished: simpy.Event

    def deliver(self, message: Message) -> None:
        """Take a message that a node sent to a post or trader."""


class Conductor:
    """Runs one world against the nodes of one arm. Simulated time is whole seconds since ``start`` (UTC)."""

    def __init__(self, start: datetime, transport: Transport) -> None:
        self._start = start
        self._transport = transport
        self._world: Conducted | None = None
        self._asked: list[tuple[Message, simpy.Event]] = []

    def ask(self, message: Message) -> simpy.Event:
        """Return an event that succeeds, at the same simulated time, with the node's immediate replies."""
        assert self._world is not None
        event = simpy.Event(self._world.env)
        self._asked.append((message, event))
        return event

    def let_go(self) -> None:
        """Forget world and transport once all is over.

        World, conductor and nodes hold one another; a run leaves 100,000 objects that only the garbage collector could
        free then, ten times as slowly.
        """
        self._world = None
        del self._transport

    async def run(self, world: Conducted, watch: Callable[[], None] | None = None) -> None:
        """Run until the world is through and no node has anything left to do.

        ``watch`` is called after every moment. Raise :class:`EndlessExchange` if a moment does not end.
        """
        await self.play(world, inf, watch)

    async def play(
        self,
        world: Conducted,
        until: float,
        watch: Callable[[], None] | None = None,
        enough: Callable[[], bool] | None = None,
    ) -> bool:
        """Run to the end of second ``until`` (since the start) at most; return whether all is over, as :meth:`run`.

        ``enough`` is asked after every moment; if it says so, the rest is left for another time.
        """
        self._world = world
        env = world.env
        while True:
            limit = self._limit()
            if limit == inf and world.finished.triggered:
                return True
            if min(limit, env.peek()) > until:
                return limit == inf and env.peek() == inf
            self._run_world(world, limit, until)
            if not self._asked:
                if limit == inf:
                    if env.peek() == inf:
                        return True
                    continue
                if limit > until:
                    continue
                if env.now < limit:
                    env.go_to(int(limit))
            await self._moment(world)
            if watch is not None:
                watch()
            if enough is not None and enough():
                return False

    def _limit(self) -> float:
        """Return the earliest due time of any node, in seconds since the start; infinity if none."""
        dues = [due for due in self._transport.next_due().values() if due is not None]
        return (min(dues) - self._start) // timedelta(seconds=1) if dues else inf

    def _run_world(self, world: Conducted, limit: float, until: float) -> None:
        """Step the world up to ``limit`` or ``until``, or to the end of the moment in which it first asks something."""
        world.env.go_on(min(limit, until), self._asked, world.finished if limit == inf else None)

    async def _moment(self, world: Conducted) -> None:
        """Exchange everything that belongs to this moment, round by round."""
        env, transport = world.env, self._transport
        now = self._start + timedelta(seconds=int(env.now))
        last: list[Message] = []
        for _ in range(ROUNDS):
            env.settle()
            if self._asked:
                batch, self._asked = self._asked, []
                last = [message for message, _ in batch]
                answers = await transport.ask(now, last)
                for (_, event), replies in zip(batch, answers, strict=True):
                    event.succeed(replies)
                continue
            due = sorted([c for c, at in transport.next_due().items() if at is not None and at <= now])
            if not due:
                return
            for country in due:
                await transport.advance(country, now)
            delivered = transport.collect()
            last = delivered or last
            for message in delivered:
                world.deliver(message)
        names = ", ".join(f"{m.CODE} {m.header.sender}→{m.header.recipient} {m.header.message_id}" for m in last[:5])
        raise EndlessExchange(f"over {ROUNDS} rounds at {now:%Y-%m-%dT%H:%M:%SZ}; the last messages were {names}")


__all__ = ["Conducted", "Conductor", "EndlessExchange"]
