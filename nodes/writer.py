"""The writer: the one task of a node that decides and writes.

It takes whatever is queued, decides one after the other, and writes entries, duplicate keys, outbox and
timers in one transaction. Positions are known as soon as the entries are chained, so receipts are signed
before the transaction and stored in it; nothing is handed out before it is committed. If a batch fails its
folds are dropped and it is split, so that one bad message takes no other with it. If the store cannot be written
at all (a full disk) nothing is split or given up: who asked is told to come again, and marks wait.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any, TypeVar

from exchange.entries import FaultPlan, Fetched, Timer
from exchange.ledger import Head
from exchange.limits import Limits
from exchange.signatures import PrivateKey
from exchange.store import OutboxRow, RefusalNote, Store, TimerRow, cannot_write
from nodes.failures import QueueFull, StoreFails, WriteFailed
from nodes.memory import Core, Memory
from nodes.metrics import Metrics
from nodes.outbox import Outbox
from nodes.plan import Job, Outcome, Plan, parted
from nodes.retrying import end_of_life

log = logging.getLogger("corridor.writer")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class _Due:
    """Fire the timers that are due at ``now``; with ``rows`` these, which nobody had set."""

    now: datetime
    done: asyncio.Future[None]
    rows: Sequence[TimerRow] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """Look at the folds between two batches."""

    ucrs: tuple[str, ...]
    see: Callable[[Core], Any]
    done: asyncio.Future[Any]


class Writer:
    """See the module. Make it, :meth:`start` it, :meth:`stop` it; it works in a task of its own."""

    def __init__(
        self,
        core: Core,
        store: Store,
        key: PrivateKey,
        now: Callable[[], datetime],
        outbox: Outbox,
        limits: Limits,
        metrics: Metrics,
        *,
        fault_plan: FaultPlan | None = None,
        linger: float | None = None,
    ) -> None:
        self.core = core
        self._store = store
        self._key = key
        self._now = now
        self._outbox = outbox
        self._limits = limits
        self._metrics = metrics
        self._fault_plan = fault_plan
        self._linger = linger
        self._flushing: asyncio.TimerHandle | None = None
        self._ending = False
        self.head = Head()
        self.memory = Memory(core, store, limits)
        self._queue: asyncio.Queue[Sequence[Job] | _Due | _Look | None] = asyncio.Queue()
        self._waiting: Counter[str] = Counter()
        self._queued = 0
        self._flush = False
        self._marks: dict[str, OutboxRow] = {}
        self._fetched: dict[TimerRow, Fetched] = {}
        self._notes: list[RefusalNote] = []
        self._task: asyncio.Task[None] | None = None
        self._failing = False

    # --- life ---------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Take up where the store stopped: head, accepted ids, timers, outbox, the node's own stream."""
        self.head = await self._store.head()
        await self.memory.load()
        await self._outbox.open(self._store)
        self._task = asyncio.create_task(self._run(), name=f"writer {self.core.country}")

    async def stop(self, patience: float) -> None:
        """Finish what is queued within ``patience`` wall seconds, store the marks, and end."""
        if self._task is None:
            return
        self._ending = True
        if self._flushing is not None:
            self._flushing.cancel()
        self._queue.put_nowait(None)
        try:
            await asyncio.wait_for(self._task, patience)
        except TimeoutError:
            log.warning("writer %s: stopped with work left in its queue", self.core.country)
        finally:
            self._task = None

    # --- what others ask of it ----------------------------------------------------------------------------

    def submit(self, jobs: Sequence[Job]) -> None:
        """Queue messages that are to be written in one transaction. Raise :class:`QueueFull`."""
        if self._ending:
            raise QueueFull("the node is stopping; come again when it is back", share=False)
        for sender, more in Counter(job.key[0] for job in jobs).items():
            self._make_room(sender, more)
        if self._queued + len(jobs) > self._limits.queued_messages:
            self._make_room("", len(jobs))
        self._waiting.update(job.key[0] for job in jobs)
        self._queued += len(jobs)
        self._queue.put_nowait(jobs)

    @property
    def queued(self) -> int:
        """How many messages wait."""
        return self._queued

    @property
    def full(self) -> bool:
        """Whether no further message can be queued."""
        return self._queued >= self._limits.queued_messages

    def _make_room(self, sender: str, more: int) -> None:
        if self._queued + more > self._limits.queued_messages:
            raise QueueFull(f"{self._queued} messages wait for the writer; come again a little later", share=False)
        share = max(self._limits.queued_messages // 2, 1)
        if self._waiting[sender] + more > share:
            raise QueueFull(f"{self._waiting[sender]} messages of {sender} wait already", share=True)

    async def fire_due(self, now: datetime) -> None:
        """Decide on the timers due at ``now``, in the order due, case, purpose.

        Timers that these decisions set wait for the next call, even if they are due already.

        Raise :class:`WriteFailed` naming the first timer that failed; those that failed are due still.
        """
        due = self.memory.next_timer()
        if due is None or due > now:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait(_Due(now, done))
        await done

    async def follow(self, rows: Sequence[TimerRow]) -> None:
        """Decide on messages that missed their arrival, each named by a timer that is due now."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait(_Due(self._now(), done, rows))
        await done

    async def fetched(self, results: Mapping[TimerRow, Fetched]) -> None:
        """Decide on what became of images fetched, in the order of the timers that stood for them."""
        self._fetched.update(results)
        try:
            await self.follow(sorted(results))
        finally:
            for row in results:
                self._fetched.pop(row, None)

    async def look(self, ucrs: Sequence[str], see: Callable[[Core], T]) -> T:
        """Return ``see(core)``, called between two batches with the folds of ``ucrs`` in memory."""
        if self._ending:
            raise QueueFull("the node is stopping; come again when it is back", share=False)
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait(_Look(tuple(ucrs), see, done))
        return await done

    def mark(self, row: OutboxRow) -> None:
        """Store the new state of an outbox row with the next batch; live, within the time that others may linger."""
        self._marks[row.message_id] = row
        if self._linger is not None and self._flushing is None and not self._ending:
            self._flushing = asyncio.get_running_loop().call_later(self._linger, self.flush)

    async def keep(self, row: OutboxRow) -> bool:
        """Store the new state of an outbox row now; return whether that was done."""
        self._marks[row.message_id] = row
        self.flush()
        await self.look((), lambda _: None)
        return self._marks.get(row.message_id) is not row

    def note(self, refusal: RefusalNote) -> None:
        """Store a refusal with the next batch; a batch is made if none comes."""
        self._notes.append(refusal)
        if self._queue.empty():
            self._queue.put_nowait(())

    def flush(self) -> None:
        """Have marks stored soon, even if no batch comes."""
        self._flushing = None
        self._flush = True
        self._queue.put_nowait(())

    def next_due(self) -> datetime | None:
        """Return when the next timer is due."""
        return self.memory.next_timer()

    # --- the task -----------------------------------------------------------------------------------------

    async def _run(self) -> None:
        going = True
        while going or not self._queue.empty():
            jobs: list[Job] = []
            given = await self._queue.get()
            while True:
                if given is None:
                    going = False
                elif isinstance(given, _Due):
                    await self._work(jobs)
                    jobs = []
                    await self._fire(given)
                elif isinstance(given, _Look):
                    await self._work(jobs)
                    jobs = []
                    await self._see(given)
                else:
                    jobs.extend(given)
                if self._queue.empty() or len(jobs) >= self._limits.transaction_messages:
                    break
                given = self._queue.get_nowait()
            await self._work(jobs)
        await self._settle()

    async def _settle(self) -> None:
        """Write marks and notes that found no batch to ride with."""
        if self._marks or self._notes:
            await self._attempt([], self._now())

    async def _see(self, look: _Look) -> None:
        try:
            await self.memory.fold(look.ucrs)
            self.memory.used(look.ucrs)
            result = look.see(self.core)
        except Exception as error:
            if not look.done.done():
                look.done.set_exception(error)
            return
        if not look.done.done():
            look.done.set_result(result)

    async def _work(self, jobs: Sequence[Job]) -> None:
        """Decide and write ``jobs``; every one of them gets its outcome or its exception."""
        if not jobs and not self._notes and not (self._flush and self._marks):
            return
        self._flush = False
        self._queued -= len(jobs)
        for job in jobs:
            self._waiting[job.key[0]] -= 1
            if not self._waiting[job.key[0]]:
                del self._waiting[job.key[0]]
        for item, error in await self._attempt(jobs, self._now()):
            if isinstance(item, Job) and not item.done.done():
                item.done.set_exception(error)

    async def _fire(self, due: _Due) -> None:
        rows = self.memory.take_timers(due.now) if due.rows is None else due.rows
        failures = await self._attempt(rows, due.now)
        for item, _ in failures:
            if isinstance(item, TimerRow):
                self.memory.put_back(item)
        if due.done.done():
            return
        if failures:
            due.done.set_exception(failures[0][1])
        else:
            due.done.set_result(None)

    async def _attempt(
        self, items: Sequence[Job | TimerRow], now: datetime
    ) -> list[tuple[Job | TimerRow, WriteFailed]]:
        """Decide and write ``items`` in one transaction, or in halves if that fails; return what failed."""
        plan = Plan(
            self.head,
            self.core.country,
            self._key,
            now,
            self.memory.stored_digest,
            self.memory.timer_set,
            self._fault_plan,
            self._until,
        )
        begun = perf_counter()
        notes, marks = self._notes, self._marks
        self._notes, self._marks = [], {}
        try:
            await self.memory.fold(_ucr(item) for item in items)
            if self.memory.opening is not None:
                await plan.open(self.memory.opening)
            for item in items:
                await self._decide(item, now, plan)
            plan.settle()
            plan.writes.refusals.extend(notes)
            plan.writes.outbox_changes.extend(marks.values())
            if plan.writes:
                await self._store.write(plan.writes)
        except Exception as error:
            self._notes, self._marks = notes + self._notes, marks | self._marks
            self.memory.forget({_ucr(item) for item in items} | plan.touched)
            if cannot_write(error):
                return self._cannot_write(items, error)
            if len(items) > 1:
                half = len(items) // 2
                failed = await self._attempt(items[:half], now)
                behind, rest = parted(items[half:], failed)
                return [*failed, *behind, *(await self._attempt(rest, now) if rest else ())]
            if not items:
                self._notes = []
                log.exception("%s: refusals or delivery marks could not be stored", self.core.country)
                return []
            log.exception("%s: %s failed", self.core.country, _name(items[0]))
            return [(items[0], WriteFailed(f"{_name(items[0])} could not be worked: {error}"))]
        if self._failing and plan.writes:
            self._failing = False
            log.warning("%s: the store can be written again", self.core.country)
        if items:
            self._metrics.commit.observe(perf_counter() - begun)
            self._metrics.batch.observe(len(items))
        self._publish(plan, items)
        return []

    def _cannot_write(
        self, items: Sequence[Job | TimerRow], error: Exception
    ) -> list[tuple[Job | TimerRow, WriteFailed]]:
        """Let all of ``items`` come again later, and try again to store the marks; log it once."""
        if not self._failing:
            self._failing = True
            log.error("%s: the store cannot be written: %s", self.core.country, getattr(error, "orig", error))
        self._notes = self._notes[-self._limits.noted_refusals :]
        if self._linger is not None and self._flushing is None and not self._ending:
            self._flushing = asyncio.get_running_loop().call_later(1.0, self.flush)
        text = "the store cannot be written now; come again a little later"
        return [(item, StoreFails(text)) for item in items]

    def _until(self, case: str, due: datetime) -> datetime:
        """Return when the life of a message ends: so long after the last ETA of its case, or after it is due."""
        return end_of_life(self._limits, due, self.core.last_eta(case))

    def _publish(self, plan: Plan, items: Sequence[Job | TimerRow]) -> None:
        """After the commit: move the mirrors on and give the answers out."""
        self.head = plan.head
        self.memory.committed(plan)
        if plan.writes.timers:
            self._outbox.changed.set()
        for row, message, data in plan.pending:
            self._outbox.put(row, message, data)
        self.memory.used(_ucr(item) for item in items)
        for job, outcome in plan.outcomes:
            if outcome.accepted is not None:
                self._metrics.accepted(job.message.CODE, replayed=outcome.replayed)
                if not job.message.ucr:
                    self._outbox.told(job.message)
            if not job.done.done():
                job.done.set_result(outcome)

    # --- deciding -----------------------------------------------------------------------------------------

    async def _decide(self, item: Job | TimerRow, now: datetime, plan: Plan) -> None:
        if isinstance(item, TimerRow):
            given = self._fetched.get(item) or Timer(case=item.case, purpose=item.purpose, due=item.due)
            await plan.add_timer(item, self.core.decide(given, now))
            return
        earlier = plan.accepted.get(item.key)
        if earlier is None and (known := await self.memory.digest_of(*item.key)) is not None:
            same = known == item.sha256
            earlier = (known, await self.memory.answered(*item.key) if same else Outcome())
        if earlier is not None:
            plan.repeat(item, *earlier)
            return
        await plan.add_message(item, self.core.decide(item.message, now))


def _ucr(item: Job | TimerRow) -> str:
    return item.case if isinstance(item, TimerRow) else item.message.ucr


def _name(item: Job | TimerRow) -> str:
    if isinstance(item, TimerRow):
        return f"timer {item.purpose} of case {item.case}"
    return f"{item.message.CODE} {item.message.header.message_id} of {item.message.header.sender}"


__all__ = ["QueueFull", "StoreFails", "WriteFailed", "Writer"]
