"""The courier: sends what is due out of the outbox, lane by lane, until it is answered or its life is over.

Stepped, everything that is due goes to each partner as one round. Live, a loop of the courier's own keeps the time
and has several messages of different cases on the way to each partner at once. A retry signs the same bytes anew.
A partner that does not answer closes its lane: for a second, then twice as long each time up to five minutes, less a
part that luck takes off (so that many do not come back at once), and never shorter than its ``Retry-After``
(:mod:`nodes.retrying`). Then one message goes ahead; the first success opens the lane. All waiting times are node time.
What has missed the arrival it announces is taken out and follows under fallback (:mod:`nodes.fallback`).
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, groupby

from exchange.codec import decode
from exchange.errors import CorridorError
from exchange.faults import DeliveryFaults, Fate
from exchange.http import Answer, Client, Letter, Undelivered
from exchange.limits import Limits
from exchange.messages import Message
from exchange.signatures import digest
from exchange.store import OutboxRow, Store, TimerRow
from nodes.fallback import timer_for
from nodes.lane import Lane
from nodes.logs import about
from nodes.metrics import Metrics
from nodes.outbox import Outbox, Waiting
from nodes.retrying import Late, OnPurpose, again, fate_of, given_back, held_up, lost, missed, setting_out

log = logging.getLogger("corridor.courier")

Observer = Callable[[Message, bytes, Answer, datetime], None]
"""Told of each delivery that was accepted or refused, with its bytes and the node time."""
Follow = Callable[[Sequence[TimerRow]], Awaitable[None]]
"""Has messages that missed their arrival issued again, under fallback."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What a round of sending learned of a partner: whether it answered, and a stepped partner's next
    due time."""

    answered: bool
    next_due: datetime | None


class Courier:
    """Sends for one node.

    ``mark`` takes outbox rows whose state has changed, to be stored. ``now`` is the node's clock. ``faults`` is asked
    for the fate of each attempt. ``late`` says what has missed its arrival, and ``follow`` has it issued again.
    """

    def __init__(
        self,
        client: Client,
        outbox: Outbox,
        store: Store,
        mark: Callable[[OutboxRow], None],
        now: Callable[[], datetime],
        limits: Limits,
        metrics: Metrics,
        *,
        observer: Observer | None = None,
        faults: DeliveryFaults | None = None,
        late: Late | None = None,
        follow: Follow | None = None,
    ) -> None:
        self._client = client
        self._outbox = outbox
        self._store = store
        self._mark = mark
        self._now = now
        self._limits = limits
        self._metrics = metrics
        self._observer = observer
        self._faults = faults
        self._late = late
        self._follow = follow
        self._going: set[asyncio.Task[None]] = set()

    # --- stepped ------------------------------------------------------------------------------------------

    async def send_due(self, now: datetime) -> dict[str, Reached]:
        """Send everything due at ``now`` as rounds; return what was learned of each partner tried."""
        await self._outbox.fill(self._store, now)
        taken = [(lane, rows) for lane in self._outbox if (rows := await self._in_time(lane, lane.take(now), now))]
        reached: dict[str, Reached] = {}

        async def work(lane: Lane, rows: Sequence[Waiting]) -> None:
            reached[lane.partner] = await self._rounds(lane, rows, now)

        if taken:
            async with asyncio.TaskGroup() as group:
                for lane, rows in taken:
                    group.create_task(work(lane, rows))
        return reached

    async def _rounds(self, lane: Lane, rows: Sequence[Waiting], now: datetime) -> Reached:
        """Send one lane's rows, those due together as one round; what follows a round that failed goes back."""
        answered, broken, next_due = False, False, None
        rounds = [list(group) for _, group in groupby(rows, key=lambda waiting: waiting.row.due)]
        for number, group in enumerate(rounds, 1):
            full = [await self._complete(waiting) for waiting in group]
            attempts = setting_out(lane, full, self._faults, now)
            undelivered = attempts.lost
            for part in self._batches(attempts.go):
                if broken:  # a later message of a case must not come before an earlier one
                    for waiting, _ in part:
                        lane.back(waiting)
                    continue
                answers = await self._client.post_round(
                    [self._letter(waiting, fate, now) for waiting, fate in part],
                    now,
                    [waiting.row.attempts + 1 for waiting, _ in part],
                )
                for (waiting, fate), answer in zip(part, answers, strict=True):
                    if isinstance(answer, Undelivered):
                        broken = True
                        undelivered.append((waiting, answer))
                        continue
                    answered, next_due = True, answer.next_due
                    unsettled = self._answered(lane, waiting, fate, answer, now)
                    if unsettled is not None:
                        undelivered.append(unsettled)
            if undelivered:
                for waiting in chain.from_iterable(rounds[number:]):
                    lane.back(waiting)
                self._failed(lane, undelivered, now)
                break
        return Reached(answered and not broken, next_due)

    def _batches(self, going: Sequence[tuple[Waiting, Fate]]) -> Iterator[list[tuple[Waiting, Fate]]]:
        """Yield what goes to one partner at once, in batches as large as a round may be, sorted by case and ordinal."""
        rows = sorted(going, key=lambda pair: (pair[0].row.sender, pair[0].row.case, pair[0].row.ordinal))
        for start in range(0, len(rows), self._limits.round_messages):
            yield rows[start : start + self._limits.round_messages]

    async def _in_time(self, lane: Lane, rows: list[Waiting], now: datetime) -> list[Waiting]:
        """Return ``rows`` without those that missed their arrival: those are issued again, under fallback."""
        if not rows or self._late is None or self._follow is None:
            return rows
        going, over = missed(lane, rows, self._late, now)
        for waiting in over:
            log.info("not delivered to %s in time: follows under fallback", lane.partner, extra=_about(waiting.row))
            self._mark(waiting.row._replace(state="expired", settled=now))
        if over:
            await self._follow([timer_for(waiting.row, now) for waiting in over])
        return going

    # --- live ---------------------------------------------------------------------------------------------

    def next_due(self) -> datetime | None:
        """Return when a live courier next has something to send that it may send."""
        return self._outbox.next_due(self._limits.lane_in_flight)

    async def begin_due(self, now: datetime) -> None:
        """Set the messages due at ``now`` on their way, as many as the lanes take at once (live)."""
        await self._outbox.fill(self._store)
        for lane in self._outbox:
            most = 1 if lane.failures else self._limits.lane_in_flight
            room = most - len(lane.in_flight)
            for waiting in await self._in_time(lane, lane.take(now, room), now) if room > 0 else ():
                task = asyncio.create_task(self._deliver(lane, waiting), name=f"to {lane.partner}")
                self._going.add(task)
                task.add_done_callback(self._going.discard)

    async def finish(self, patience: float) -> None:
        """Wait for what is on its way, ``patience`` wall seconds at most; what is late then will be sent again."""
        if self._going:
            _, late = await asyncio.wait(self._going, timeout=patience)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    async def _deliver(self, lane: Lane, waiting: Waiting) -> None:
        try:
            waiting = await self._complete(waiting)
            fate = fate_of(waiting, self._faults, self._now())
            if fate.hold > timedelta(0):
                held_up(lane, waiting, fate, self._now())
                return
            if fate.lost == "request":
                raise lost(waiting, fate)
            letter = self._letter(waiting, fate, self._now())
            answer = await self._client.post(letter, self._now(), attempt=waiting.row.attempts + 1)
        except Undelivered as error:
            self._failed(lane, [(waiting, error)], self._now())
        except asyncio.CancelledError:
            lane.back(waiting)
            raise
        except Exception as error:
            log.exception("message %s could not be sent", waiting.row.message_id)
            self._failed(lane, [(waiting, Undelivered(f"not sent: {error}"))], self._now())
        else:
            undelivered = self._answered(lane, waiting, fate, answer, self._now())
            if undelivered is not None:
                self._failed(lane, [undelivered], self._now())
        finally:
            self._outbox.changed.set()

    # --- both ---------------------------------------------------------------------------------------------

    def _letter(self, waiting: Waiting, fate: Fate, now: datetime) -> Letter:
        row = waiting.row
        assert waiting.data is not None
        return Letter(
            id=row.message_id,
            sender=row.sender,
            recipient=row.recipient,
            case=row.case,
            ordinal=row.ordinal,
            data=waiting.data,
            sha256=digest(waiting.data),
            trace=row.trace,
            signed_at=now + fate.skew if fate.skew else None,
        )

    async def _complete(self, waiting: Waiting) -> Waiting:
        if waiting.data is not None:
            return waiting
        row = waiting.row
        found = [one.data for one in await self._store.message(row.message_id) if one.sender == row.sender]
        if not found:
            raise CorridorError(f"the store holds no bytes of message {row.message_id}")
        return waiting._replace(data=found[0])

    def _answered(
        self, lane: Lane, waiting: Waiting, fate: Fate, answer: Answer, now: datetime
    ) -> tuple[Waiting, Undelivered] | None:
        """Take an answer in; return the row and what its sender learns if that is no settlement."""
        if answer.status == 401 and str(answer.problem.get("type", "")).endswith(":window"):
            told = f"{lane.partner}: refused: {answer.problem.get('detail')}"
            return waiting, OnPurpose(told) if fate.skew else Undelivered(told)
        if fate.lost == "response":
            self._tell(waiting, answer, now)
            return waiting._replace(told=True), lost(waiting, fate)
        self._settle(lane, waiting, answer, now)
        again(lane, waiting, fate, now)
        return None

    def _failed(self, lane: Lane, undelivered: Sequence[tuple[Waiting, Undelivered]], now: datetime) -> None:
        """Put back what was not delivered, close the lane for a while and give up what is too old."""
        for waiting, error in undelivered:
            self._metrics.attempt_failed(lane.partner)
            level = logging.DEBUG if isinstance(error, OnPurpose) else logging.WARNING
            log.log(level, "not delivered to %s: %s", lane.partner, error, extra=_about(waiting.row))
        for row in given_back(lane, undelivered, now, self._limits):
            if row.state == "dead":
                self._metrics.delivered(row.recipient, "dead")
                log.error("given up after %s attempts: %s", row.attempts, row.detail, extra=_about(row))
            self._mark(row)

    def _settle(self, lane: Lane, waiting: Waiting, answer: Answer, now: datetime) -> None:
        assert waiting.data is not None
        lane.settled(waiting)
        lane.wake()
        row = waiting.row._replace(attempts=waiting.row.attempts + 1, settled=now)
        if answer.accepted:
            self._mark(row._replace(state="delivered", receipt=answer.token, detail=None))
            self._metrics.delivered(lane.partner, "delivered", (now - row.due).total_seconds())
            log.debug("delivered to %s", lane.partner, extra=_about(row))
        else:
            errors = answer.problem.get("errors") or []
            detail = {"status": answer.status, "detail": answer.problem.get("detail"), "errors": errors[:10]}
            log.warning("rejected by %s: %s", lane.partner, detail["detail"], extra=_about(row))
            self._mark(row._replace(state="rejected", detail=json.dumps(detail, ensure_ascii=False)))
            self._metrics.delivered(lane.partner, "rejected")
        self._tell(waiting, answer, now)

    def _tell(self, waiting: Waiting, answer: Answer, now: datetime) -> None:
        """Tell the observer of a delivery, once."""
        if self._observer is not None and not waiting.told:
            assert waiting.data is not None
            self._observer(waiting.message or decode(waiting.data), waiting.data, answer, now)


def _about(row: OutboxRow) -> dict[str, object]:
    return about(message=row.message_id, case=row.case, trace=row.trace)


async def run_live(
    changed: asyncio.Event,
    next_due: Callable[[], datetime | None],
    now: Callable[[], datetime],
    work: Callable[[datetime], Awaitable[object]],
) -> None:
    """Keep a live node's time: do ``work`` whenever something is due by the wall clock, until cancelled."""
    while True:
        changed.clear()
        due = next_due()
        wait = 1.0 if due is None else min(max((due - now()).total_seconds(), 0.0), 1.0)
        if wait > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), wait)
        due = next_due()
        if due is not None and due <= now():
            try:
                await work(now())
            except Exception:
                log.exception("working what was due failed; going on in a second")
                await asyncio.sleep(1.0)


__all__ = ["Courier", "Observer", "Outbox", "Reached", "run_live"]
