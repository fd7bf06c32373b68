"""The spread: further replications of what is shown, run beside the show, so that nobody shops for a seed.

They run in memory, one after the other, in one process that gives way to all others; while the show cannot keep its
pace, none is begun. Replication 0 is the show itself; these are 1 to DRAWS of the same seed.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import fsum
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from exchange.errors import CorridorError
from scenarios.metrics import student

if TYPE_CHECKING:
    from scenarios.demo.show import Show
    from scenarios.scenario import Scenario

DRAWS = 20
"""Replications beside the show."""
SETTLED = 2.0
"""Wall seconds after the show has begun to play before the first begins: the page comes first."""
_NICE = 15
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What the process is to run."""

    scenario: Scenario
    arms: tuple[str, ...]
    seed: int
    run_id: str


class Spread:
    """Runs the replications; ``changed`` is called after each. ``error`` says why no more come, if none do."""

    def __init__(self, show: Show, changed: Callable[[], None], *, settled: float = SETTLED) -> None:
        self._show = show
        self._changed = changed
        self._settled = settled
        self._hours: dict[str, list[float]] = {arm: [] for arm in show.arms[1:] if show.arms[0] == "baseline"}
        self._task: asyncio.Task[None] | None = None
        self._process: Any = None
        self._pipe: Connection | None = None
        self.done = 0
        self.error = ""

    @property
    def saved(self) -> Mapping[str, Mapping[str, Any]]:
        """Arm → ``per_replication``, ``mean`` and ``ci95``, in hours a consignment; empty before the first."""
        return {
            arm: {"per_replication": hours, "mean": fsum(hours) / len(hours), "ci95": student.interval(hours)}
            for arm, hours in self._hours.items()
            if hours
        }

    def begin(self) -> None:
        """Begin, unless the show has nothing to compare."""
        if self._hours and self._task is None:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """End the process."""
        if self._task is not None:
            self._task.cancel()
            self._end()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        show, changed = self._show, asyncio.Event()
        deaf = show.listen(changed.set)
        while not show.begun:
            await changed.wait()
            changed.clear()
        await asyncio.sleep(self._settled)
        order = _Order(scenario=show.scenario, arms=show.arms, seed=show.seed, run_id=show.run_id)
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, order), daemon=True, name="corridor-spread")
        await asyncio.to_thread(self._process.start)
        theirs.close()
        pipe = self._pipe
        try:
            for replication in range(1, DRAWS + 1):
                while show.strained:
                    changed.clear()
                    await changed.wait()
                pipe.send(replication)
                good, content = await asyncio.to_thread(pipe.recv)
                if not good:
                    self.error = content
                    break
                for arm, hours in content.items():
                    self._hours[arm].append(hours)
                self.done = replication
                self._changed()
        except (EOFError, OSError):
            self.error = "the process that ran them has died"
        finally:
            deaf()
            self._end()
        self._changed()

    def _end(self) -> None:
        if self._process is not None and self._process.is_alive():
            self._process.kill()
            self._process.join(_PATIENCE)


def _serve(pipe: Connection, order: _Order) -> None:
    """Run the replications asked for until the pipe is closed; Ctrl-C is left to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    with contextlib.suppress(EOFError, OSError):
        while True:
            replication = pipe.recv()
            try:
                answer: tuple[bool, Any] = (True, _saved(order, replication))
            except CorridorError as error:
                answer = (False, str(error))
            except Exception as error:
                answer = (False, f"{type(error).__name__}: {error}")
            pipe.send(answer)


def _saved(order: _Order, replication: int) -> dict[str, float]:
    """Return arm → mean border hours saved a consignment against the baseline, in one replication."""
    from scenarios.metrics import summarise
    from scenarios.run import Job, run_job

    measures = [
        run_job(
            Job(
                scenario=order.scenario,
                seed=order.seed,
                run_id=order.run_id,
                replication=replication,
                arm=arm,
                transport="memory",
                trace=False,
            )
        ).measures
        for arm in order.arms
    ]
    summary = summarise(
        order.scenario,
        measures,
        run_id=order.run_id,
        seed=order.seed,
        transport="memory",
        what_if=(),
        wall_seconds=0.0,
    )
    saved = summary["saved"]
    return {arm: saved[arm]["border_hours_mean"] for arm in order.arms[1:] if arm in saved}


__all__ = ["DRAWS", "SETTLED", "Spread"]
