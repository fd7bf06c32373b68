"""Rounds: the n messages of one ``Pix-Batch`` come in side by side and are written in one transaction.

A round is known by who speaks and by n; its messages are sorted by (sender, case, ordinal), so that it does
not matter which connection was quicker. A round that stays incomplete is worked as far as it came after a
time-out, but for what stands right behind a gap: what is missing there may be of the same case, and messages of a
case keep their order. That comes again.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from nodes.failures import OutOfTurn
from nodes.plan import Job

log = logging.getLogger("corridor.node")
_BATCH = re.compile(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})")


def parse_batch(text: str, longest: int) -> tuple[int, int]:
    """Return (k, n) of a ``Pix-Batch`` header. Raise ``ValueError`` unless 1 ≤ k ≤ n ≤ ``longest``."""
    found = _BATCH.fullmatch(text)
    if found is None:
        raise ValueError("Pix-Batch is k/n, the number of the message and how many there are")
    k, n = int(found[1]), int(found[2])
    if k > n:
        raise ValueError(f"Pix-Batch says message {k} of {n}")
    if n > longest:
        raise ValueError(f"a batch has at most {longest} messages, not {n}; send the round in several")
    return k, n


class _Round:
    """One round while it gathers. A refused message stands in it as None."""

    def __init__(self) -> None:
        self.jobs: dict[int, Job | None] = {}
        self.handed_over: asyncio.Future[list[Job]] = asyncio.get_running_loop().create_future()
        self.timer: asyncio.TimerHandle | None = None


class Rounds:
    """Gathers rounds and hands each over as one. ``silence`` is in wall-clock seconds."""

    def __init__(self, submit: Callable[[Sequence[Job]], None], silence: float) -> None:
        self._submit = submit
        self._silence = silence
        self._open: dict[tuple[str, int], _Round] = {}

    async def hand_in(self, source: str, k: int, n: int, job: Job | None) -> None:
        """Add message k of n of ``source``; return when its round was handed to the writer.

        ``job`` is None for a message that was refused: the round counts it, and this returns when the
        others are done, so that the answer tells what is due after them. Raise what the writer raises when
        it cannot take them, and :class:`OutOfTurn` for what may stand behind a message that has not come.
        """
        round_ = self._open.get((source, n))
        if round_ is not None and k in round_.jobs:
            self._close((source, n))
            round_ = None
        if round_ is None:
            round_ = self._open[(source, n)] = _Round()
        round_.jobs[k] = job
        if round_.timer is not None:
            round_.timer.cancel()
        if len(round_.jobs) == n:
            self._close((source, n))
        else:
            self._wait(source, n, round_)
        jobs = await asyncio.shield(round_.handed_over)
        if job is None and jobs:
            await asyncio.wait([other.done for other in jobs])
        elif job is not None and not any(other is job for other in jobs):
            raise OutOfTurn(f"{job.message.ucr}: what stands before this message in its round has not come")

    def _wait(self, source: str, n: int, round_: _Round) -> None:
        loop = asyncio.get_running_loop()
        round_.timer = loop.call_later(self._silence, self._late, (source, n), round_)

    def _late(self, key: tuple[str, int], round_: _Round) -> None:
        if self._open.get(key) is round_:
            loop = asyncio.get_running_loop()
            if round_.timer is not None and loop.time() - round_.timer.when() > self._silence / 2:
                # This process stood still; the others may have come meanwhile and wait to be read.
                self._wait(*key, round_)
                return
            log.warning("a round of %s is incomplete: %s of %s came", key[0], len(round_.jobs), key[1])
            self._close(key)

    def _close(self, key: tuple[str, int]) -> None:
        round_ = self._open.pop(key)
        if round_.timer is not None:
            round_.timer.cancel()
        jobs = sorted(_in_turn(round_.jobs), key=lambda job: job.order)
        try:
            if jobs:
                self._submit(jobs)
        except Exception as error:
            round_.handed_over.set_exception(error)
            round_.handed_over.exception()
        else:
            round_.handed_over.set_result(jobs)


def _in_turn(jobs: Mapping[int, Job | None]) -> Iterator[Job]:
    """Yield what may be worked of a round, by its place there: not what follows a gap, nor the rest of its case."""
    held: tuple[str, str] | None = None
    for k in sorted(jobs):
        job = jobs[k]
        if job is None:
            held = None
            continue
        case = job.order[:2]
        if case == held or (k > 1 and k - 1 not in jobs):
            held = case
            continue
        held = None
        yield job


__all__ = ["Rounds", "parse_batch"]
