"""A lane: the messages that wait for one partner, in the order (due, case, ordinal).

A partner that does not answer closes its lane for a while; the messages keep their places meanwhile. Messages of one
case keep their order whatever happens: while one is on its way, or waits to be tried again by itself, those behind
it wait too. Only so many rows are held in memory; those behind the *horizon* stay in the store and are loaded when
their turn comes.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from exchange.messages import Message
from exchange.store import OutboxRow

Order = tuple[datetime, str, int, str]


class Waiting(NamedTuple):
    """A row of the outbox and, while memory allows, its message and bytes.

    ``told``: its recipient has it already, and whoever observes deliveries knows.
    """

    row: OutboxRow
    message: Message | None = None
    data: bytes | None = None
    told: bool = False


@dataclass(slots=True)
class _Blocked:
    """A case of which nothing may be sent: one message of it is on its way (None) or waits until a time."""

    until: datetime | None = None
    rows: list[Waiting] = field(default_factory=list)


class Lane:
    """See the module. ``longest`` is how many rows are held. All times are node time, UTC."""

    def __init__(self, partner: str, longest: int) -> None:
        self.partner = partner
        self.beyond = 0
        """Rows behind the horizon, in the store only."""
        self.horizon: Order | None = None
        self.failures = 0
        """Failures since the last success."""
        self.closed_until: datetime | None = None
        self.outage: tuple[datetime, datetime] | None = None
        """From when until when the partner has said that it cannot take messages."""
        self.with_bytes = 0
        """Rows held whose bytes are held too."""
        self.in_flight: dict[str, Waiting] = {}
        self._longest = max(longest, 1)
        self._heap: list[Order] = []
        self._rows: dict[str, Waiting] = {}
        self._blocked: dict[str, _Blocked] = {}
        self._furthest: Order | None = None
        self._meanwhile: list[Waiting] | None = None

    def __len__(self) -> int:
        return len(self._rows) + len(self.in_flight) + self.beyond

    @property
    def held(self) -> list[Waiting]:
        """The rows held in memory that are not on their way."""
        return list(self._rows.values())

    @property
    def oldest(self) -> datetime | None:
        """Since when the first message of the lane has been due (or will be), as far as rows are held."""
        dues = [waiting.row.due for waiting in self.in_flight.values()]
        dues.extend(one.row.due for blocked in self._blocked.values() for one in blocked.rows[:1])
        if self._heap:
            dues.append(self._heap[0][0])
        return min(dues, default=self.horizon[0] if self.horizon else None)

    # --- in -----------------------------------------------------------------------------------------------

    def put(self, waiting: Waiting) -> bool:
        """Add a pending row; return whether it is held, or left to the store."""
        if waiting.row.message_id in self._rows or waiting.row.message_id in self.in_flight:
            return True
        if self._meanwhile is not None:
            self._meanwhile.append(waiting)
            return True
        if self.horizon is not None and waiting.row.order > self.horizon:
            self.beyond += 1
            return False
        self._hold(waiting)
        if len(self._rows) > 2 * self._longest:
            self._trim()
        return waiting.row.message_id in self._rows

    def _hold(self, waiting: Waiting) -> None:
        self._rows[waiting.row.message_id] = waiting
        self.with_bytes += waiting.data is not None
        blocked = self._blocked.get(waiting.row.case)
        if blocked is not None:
            blocked.rows.append(waiting)
        else:
            heapq.heappush(self._heap, waiting.row.order)

    def _trim(self) -> None:
        """Let go of the rows whose turn comes last. What was taken once is held: its state may not be stored yet."""
        orders = sorted(one.row.order for one in self._rows.values())
        last = orders[self._longest - 1]
        if self._furthest is not None:
            last = max(last, self._furthest)
        over = {order[3] for order in orders if order > last}
        if over:
            self.beyond += len(over)
            self.horizon = last
            self._remove(over)

    def _remove(self, over: Collection[str]) -> None:
        for message_id in over:
            self.with_bytes -= self._rows.pop(message_id).data is not None
        self._heap = [order for order in self._heap if order[3] not in over]
        heapq.heapify(self._heap)
        for blocked in self._blocked.values():
            blocked.rows = [one for one in blocked.rows if one.row.message_id not in over]

    # --- from the store -----------------------------------------------------------------------------------

    def wants_more(self, now: datetime | None) -> bool:
        """Return whether rows behind the horizon should be read: there is room, or some may be due at ``now``."""
        if self.beyond == 0 or self._meanwhile is not None:
            return False
        if now is not None:
            return self.horizon is None or self.horizon[0] <= now
        return len(self._rows) < max(self._longest // 2, 1)

    def load_begins(self) -> None:
        """Keep apart what is put while rows are read from the store."""
        self._meanwhile = []

    def load_ends(self, rows: Iterable[OutboxRow], *, all_of_them: bool, left: int) -> None:
        """Take in ``rows`` behind the horizon, in order; ``left`` are in the store behind them."""
        meanwhile, self._meanwhile = self._meanwhile or [], None
        last = self.horizon
        for row in rows:
            last = row.order
            if row.message_id not in self._rows and row.message_id not in self.in_flight:
                self._hold(Waiting(row))
        self.horizon = None if all_of_them else last
        self.beyond = 0 if all_of_them else left
        for waiting in meanwhile:
            if waiting.row.message_id not in self._rows:
                self.put(waiting)

    # --- out ----------------------------------------------------------------------------------------------

    def next_due(self, most: int | None = None) -> datetime | None:
        """Return when the lane next has something to send, or None; ``most`` (live) may be on their way at once."""
        if not (self._blocked or self.horizon):
            if not self._heap:
                return None
            if most is None:  # a round, which asks by the ten thousand
                return self._opening(self._heap[0][0])
        if most is not None and len(self.in_flight) >= most:
            return None
        dues = [blocked.until for blocked in self._blocked.values() if blocked.until is not None]
        if self._heap:
            dues.append(self._heap[0][0])
        elif self.horizon is not None and self.wants_more(None):
            dues.append(self.horizon[0])
        if not dues:
            return None
        return self._opening(min(dues))

    def take(self, now: datetime, most: int | None = None) -> list[Waiting]:
        """Return the rows that may be sent at ``now``, in order, and hold them as on their way.

        With ``most`` (live) at most so many, each of another case; without it (a round) all that are due.
        """
        if not (self._heap or self._blocked) or self._opening(now) > now:
            return []
        if self._blocked:
            self._free(now)
        taken: list[Waiting] = []
        while self._heap and self._heap[0][0] <= now and (most is None or len(taken) < most):
            order = heapq.heappop(self._heap)
            waiting = self._rows.get(order[3])
            if waiting is None:
                continue
            blocked = self._blocked.get(waiting.row.case)
            if blocked is not None:
                blocked.rows.append(waiting)
                continue
            del self._rows[order[3]]
            self.with_bytes -= waiting.data is not None
            self.in_flight[order[3]] = waiting
            if self._furthest is None or order > self._furthest:
                self._furthest = order
            if most is not None:
                self._blocked[waiting.row.case] = _Blocked()
            taken.append(waiting)
        return taken

    def _free(self, now: datetime) -> None:
        for case in [case for case, one in self._blocked.items() if one.until is not None and one.until <= now]:
            self._release(case)

    def _release(self, case: str) -> None:
        blocked = self._blocked.pop(case, None)
        for waiting in blocked.rows if blocked is not None else ():
            heapq.heappush(self._heap, waiting.row.order)

    def settled(self, waiting: Waiting) -> None:
        """A row that was taken is done with: delivered, rejected or dead."""
        self.in_flight.pop(waiting.row.message_id, None)
        blocked = self._blocked.get(waiting.row.case)
        if blocked is not None and blocked.until is None:
            self._release(waiting.row.case)

    def back(self, waiting: Waiting, until: datetime | None = None) -> None:
        """Put a row that was taken back to its place; with ``until`` its case waits so long."""
        self.in_flight.pop(waiting.row.message_id, None)
        blocked = self._blocked.get(waiting.row.case)
        if blocked is not None and blocked.until is None and until is None:
            self._release(waiting.row.case)
        elif until is not None:
            blocked = self._blocked.setdefault(waiting.row.case, _Blocked())
            blocked.until = until if blocked.until is None else max(until, blocked.until)
        self._hold(waiting)

    def overdue(self, now: datetime) -> list[Waiting]:
        """Take those that wait and whose life ended by ``now`` out of the lane, and return them."""
        over = {one.row.message_id: one for one in self._rows.values() if one.row.until and one.row.until <= now}
        self._remove(over)
        return list(over.values())

    # --- open and closed ----------------------------------------------------------------------------------

    def failed(self, now: datetime, wait: timedelta) -> None:
        """The partner did not answer at ``now``: try again after ``wait``. What fails while the lane is closed already
        was sent before and counts as the same failure."""
        if self.closed_until is None or self.closed_until <= now:
            self.failures += 1
        self.close(now + wait)

    def close(self, until: datetime) -> None:
        """Send nothing before ``until``."""
        self.closed_until = until if self.closed_until is None else max(until, self.closed_until)

    def _opening(self, at: datetime) -> datetime:
        """Return from when on something may be sent that is due ``at``."""
        if self.closed_until is not None:
            at = max(at, self.closed_until)
        if self.outage is not None and self.outage[0] <= at < self.outage[1]:
            at = self.outage[1]
        return at

    def wake(self) -> None:
        """The partner is there (again)."""
        self.failures = 0
        self.closed_until = None


__all__ = ["Lane", "Order", "Waiting"]
