"""The outbox in memory: a bounded mirror of the store's pending rows, a lane for each partner."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from exchange.limits import Limits
from exchange.messages import Message
from exchange.messages.service import Unavailability, UnavailabilityCancelled
from exchange.store import OutboxRow
from nodes.lane import Lane, Order, Waiting


class Shelf(Protocol):
    """What is asked of a store here."""

    async def outbox(
        self, state: str, *, recipient: str | None = None, after: Order | None = None, limit: int | None = None
    ) -> list[OutboxRow]: ...
    async def outbox_counts(self) -> dict[str, int]: ...


class Outbox:
    """See the module. ``changed`` is set whenever there may be something new to do."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lanes: dict[str, Lane] = {}
        self.changed = asyncio.Event()

    def __iter__(self) -> Iterator[Lane]:
        return iter(self.lanes)

    @property
    def lanes(self) -> list[Lane]:
        """The lanes, in the order of the partners' ids."""
        return list(self._lanes.values())

    def __len__(self) -> int:
        return sum(len(lane) for lane in self._lanes.values())

    def lane(self, partner: str) -> Lane:
        """Return the lane of ``partner``, new if nothing has been sent there."""
        found = self._lanes.get(partner)
        if found is None:
            found = Lane(partner, self._limits.lane_rows)
            self._lanes = dict(sorted({**self._lanes, partner: found}.items()))
        return found

    def queued(self, partner: str) -> int:
        """Return how many rows wait for ``partner`` or are on their way to it."""
        found = self._lanes.get(partner)
        return 0 if found is None else len(found)

    def put(self, row: OutboxRow, message: Message | None = None, data: bytes | None = None) -> None:
        """Add a pending row; its message and bytes are held while there is room for them."""
        if data is not None and sum(lane.with_bytes for lane in self._lanes.values()) >= self._limits.outbox_bytes_rows:
            message = data = None
        self.lane(row.recipient).put(Waiting(row, message, data))
        self.changed.set()

    def told(self, message: Message) -> None:
        """Take in that a partner says when it cannot take messages (UNA), or that it can again (UNC)."""
        if not isinstance(message, Unavailability | UnavailabilityCancelled) or message.office is not None:
            return
        lane = self.lane(message.header.sender)
        if isinstance(message, UnavailabilityCancelled):
            lane.outage = None
            lane.wake()
        elif message.ends_at is not None:
            lane.outage = (message.begins_at, message.ends_at)
        self.changed.set()

    def next_due(self, most: int | None = None) -> datetime | None:
        """Return when the next row is due; ``most`` may be on their way to one partner at once (live)."""
        found: datetime | None = None
        for lane in self._lanes.values():
            due = lane.next_due(1 if most is not None and lane.failures else most)
            if due is not None and (found is None or due < found):
                found = due
        return found

    # --- from the store -----------------------------------------------------------------------------------

    async def open(self, store: Shelf) -> None:
        """Take up what the store holds."""
        for partner, count in sorted((await store.outbox_counts()).items()):
            self.lane(partner).beyond = count
        await self.fill(store)

    async def fill(self, store: Shelf, now: datetime | None = None) -> None:
        """Read rows that there is room for again or, with ``now``, all that may be due by then."""
        for lane in self:
            while lane.wants_more(now):
                await self._load(lane, store)

    async def _load(self, lane: Lane, store: Shelf) -> None:
        page = max(self._limits.lane_rows, 1)
        rows: Iterable[OutboxRow] = ()
        before, more = lane.beyond, 0
        lane.load_begins()
        try:
            found = await store.outbox("pending", recipient=lane.partner, after=lane.horizon, limit=page + 1)
            rows, more = found[:page], len(found) - page
            left = max(before - page, 1)
        except BaseException:
            rows, more, left = (), 1, before
            raise
        finally:
            lane.load_ends(rows, all_of_them=more <= 0, left=left)


__all__ = ["Outbox", "Shelf", "Waiting"]
