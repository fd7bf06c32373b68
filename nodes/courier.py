"""The courier: takes what is due out of the outbox, to each partner in the order (due, case, ordinal).

Stepped, everything that is due goes to each partner as one round. Live, messages go one after the other,
and a loop of the courier's own keeps the time. A retry signs the same bytes anew. Waiting times are node
time.
"""

from __future__ import annotations

import asyncio
import heapq
import json
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from exchange.codec import decode
from exchange.http import Answer, Client, Letter, Undelivered
from exchange.limits import Limits
from exchange.messages import Message
from exchange.store import OutboxRow, Store

log = logging.getLogger("corridor.courier")

Observer = Callable[[Message, bytes, Answer, datetime], None]
"""Told of each delivery that was accepted or refused, with its bytes and the node time."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the outbox and, while memory allows, its message and bytes."""

    row: OutboxRow
    message: Message | None = None
    data: bytes | None = None


class Outbox:
    """The pending rows, in memory: a mirror of the store's."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._heap: list[tuple[datetime, str, int, str]] = []
        self._rows: dict[str, Waiting] = {}
        self._lanes: Counter[str] = Counter()
        self._with_bytes = 0
        self.changed = asyncio.Event()

    def put(self, row: OutboxRow, message: Message | None = None, data: bytes | None = None) -> None:
        """Add a pending row."""
        if data is not None and self._with_bytes >= self._limits.outbox_bytes_rows:
            message = data = None
        self._with_bytes += data is not None
        self._rows[row.message_id] = Waiting(row, message, data)
        self._lanes[row.recipient] += 1
        heapq.heappush(self._heap, row.order)
        self.changed.set()

    def take(self, now: datetime) -> list[Waiting]:
        """Remove and return the rows that are due at ``now``, in the order (due, case, ordinal)."""
        due = []
        while self._heap and self._heap[0][0] <= now:
            waiting = self._rows.pop(heapq.heappop(self._heap)[3])
            self._with_bytes -= waiting.data is not None
            self._lanes[waiting.row.recipient] -= 1
            due.append(waiting)
        return due

    def next_due(self) -> datetime | None:
        """Return when the next row is due."""
        return self._heap[0][0] if self._heap else None

    def queued(self, partner: str) -> int:
        """Return how many rows wait for ``partner``."""
        return self._lanes[partner]

    def __len__(self) -> int:
        return len(self._rows)


@dataclass(frozen=True, slots=True)
class Reached:
    """What a round of sending learned of a partner: whether it answered, and a stepped partner's next
    due time."""

    answered: bool
    next_due: datetime | None


class Courier:
    """Sends for one node.

    ``mark`` takes outbox rows whose state has changed; they are stored with the next batch.
    """

    def __init__(
        self,
        client: Client,
        outbox: Outbox,
        store: Store,
        mark: Callable[[OutboxRow], None],
        limits: Limits,
        *,
        observer: Observer | None = None,
    ) -> None:
        self._client = client
        self._outbox = outbox
        self._store = store
        self._mark = mark
        self._limits = limits
        self._observer = observer

    async def send_due(self, now: datetime, *, rounds: bool) -> dict[str, Reached]:
        """Send everything due at ``now``; return what was learned of each partner tried.

        ``rounds``: as ``Pix-Batch`` (stepped), else one message after the other.
        """
        lanes: dict[str, list[Waiting]] = {}
        for waiting in self._outbox.take(now):
            lanes.setdefault(waiting.row.recipient, []).append(waiting)
        reached: dict[str, Reached] = {}
        if not lanes:
            return reached

        async def work(partner: str, lane: list[Waiting]) -> None:
            reached[partner] = await self._work(lane, now, rounds=rounds)

        async with asyncio.TaskGroup() as group:
            for partner, lane in lanes.items():
                group.create_task(work(partner, lane))
        return reached

    async def _work(self, lane: list[Waiting], now: datetime, *, rounds: bool) -> Reached:
        """Send one lane; after the first group that got no answer the rest is put off."""
        groups: Iterable[list[Waiting]]
        if rounds:
            groups = [list(group) for _, group in groupby(lane, key=lambda waiting: waiting.row.due)]
        else:
            groups = [[waiting] for waiting in lane]
        answered, next_due, wait = False, None, None
        for group in groups:
            if wait is not None:
                for waiting in group:
                    self._put_off(waiting, now, wait)
                continue
            full = [await self._complete(waiting) for waiting in group]
            letters = [Letter.of(message, data) for message, data in full]
            answers = await self._post(letters, group, now, rounds=rounds)
            for waiting, (message, data), answer in zip(group, full, answers, strict=True):
                if isinstance(answer, Undelivered):
                    tried = replace(waiting.row, attempts=waiting.row.attempts + 1)
                    wait = max(wait or timedelta(0), self._backoff(tried.attempts, answer.retry_after))
                    log.warning("%s for %s: %s", message.CODE, waiting.row.recipient, answer)
                    self._put_off(Waiting(tried, message, data), now, wait, str(answer))
                else:
                    answered = True
                    next_due = answer.next_due
                    self._settle(waiting.row, message, data, answer, now)
        return Reached(answered and wait is None, next_due)

    async def _post(
        self, letters: list[Letter], group: list[Waiting], now: datetime, *, rounds: bool
    ) -> list[Answer | Undelivered]:
        attempts = [waiting.row.attempts + 1 for waiting in group]
        if rounds:
            return await self._client.post_round(letters, now, attempts)
        try:
            return [await self._client.post(letters[0], now, attempt=attempts[0])]
        except Undelivered as error:
            return [error]

    async def _complete(self, waiting: Waiting) -> tuple[Message, bytes]:
        if waiting.message is not None and waiting.data is not None:
            return waiting.message, waiting.data
        row = waiting.row
        data = next(one.data for one in await self._store.message(row.message_id) if one.sender == row.sender)
        return decode(data), data

    def _backoff(self, attempts: int, retry_after: int | None) -> timedelta:
        wait = min(self._limits.first_backoff * (1 << min(attempts - 1, 20)), self._limits.longest_backoff)
        return max(wait, timedelta(seconds=retry_after or 0))

    def _put_off(self, waiting: Waiting, now: datetime, wait: timedelta, detail: str | None = None) -> None:
        row = replace(waiting.row, due=now + wait, detail=detail or waiting.row.detail)
        if now - row.since > self._limits.outbox_life:
            self._mark(replace(row, state="expired", settled=now))
            return
        self._outbox.put(row, waiting.message, waiting.data)
        self._mark(row)

    def _settle(self, row: OutboxRow, message: Message, data: bytes, answer: Answer, now: datetime) -> None:
        row = replace(row, attempts=row.attempts + 1, settled=now)
        if answer.accepted:
            self._mark(replace(row, state="delivered", receipt=answer.token, detail=None))
        else:
            errors = answer.problem.get("errors") or []
            detail = {"status": answer.status, "detail": answer.problem.get("detail"), "errors": errors[:10]}
            log.warning("%s to %s rejected: %s", message.CODE, row.recipient, detail["detail"])
            self._mark(replace(row, state="rejected", detail=json.dumps(detail, ensure_ascii=False)))
        if self._observer is not None:
            self._observer(message, data, answer, now)


async def run_live(
    outbox: Outbox,
    next_due: Callable[[], datetime | None],
    now: Callable[[], datetime],
    work: Callable[[datetime], Awaitable[object]],
) -> None:
    """Keep a live node's time: do ``work`` whenever something is due by the wall clock, until cancelled."""
    while True:
        outbox.changed.clear()
        due = next_due()
        wait = 1.0 if due is None else min(max((due - now()).total_seconds(), 0.0), 1.0)
        if wait > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(outbox.changed.wait(), wait)
        due = next_due()
        if due is not None and due <= now():
            try:
                await work(now())
            except Exception:
                log.exception("working what was due failed; going on in a second")
                await asyncio.sleep(1.0)


__all__ = ["Courier", "Observer", "Outbox", "Reached", "Waiting", "run_live"]
