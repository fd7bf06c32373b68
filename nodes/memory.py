"""What a node holds in memory of its store, so that it need not ask: accepted ids, cases, timers, folds.

All of it is bounded. What is no longer held is looked up, so that a long ledger costs time and not memory.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from exchange.entries import FETCH, Decision, Entry, Fetch, Input, Wake
from exchange.limits import Limits
from exchange.messages import Message
from exchange.store import Store, TimerRow
from nodes.case import Case
from nodes.plan import Outcome, Plan, Reply
from nodes.standing import Standing


class Core(Protocol):
    """What decides: :class:`nodes.core.NodeCore`. No I/O, no clock."""

    @property
    def country(self) -> str: ...
    @property
    def standing(self) -> Standing: ...
    def read(self, data: bytes) -> Message: ...
    def decide(self, given: Input, now: datetime) -> Decision: ...
    def has(self, ucr: str) -> bool: ...
    def case(self, ucr: str) -> Case | None: ...
    def describe(self) -> dict[str, Any]: ...
    def load(self, ucr: str, entries: Iterable[Entry]) -> None: ...
    def drop(self, ucrs: Iterable[str]) -> None: ...
    def view(self, ucr: str) -> dict[str, Any] | None: ...
    def cases(self) -> list[dict[str, Any]]: ...
    def last_eta(self, ucr: str) -> datetime | None: ...
    def wakes(self) -> Iterable[Wake]: ...
    def missed(self, message: Message, due: datetime, now: datetime) -> bool: ...
    def may_read(self, member: str, ucr: str) -> bool: ...
    def may_see_image(self, member: str, ucr: str, sha256: str) -> bool: ...
    def may_give_image(self, member: str, ucr: str) -> bool: ...
    def carried(self, data: bytes, fetch: Fetch) -> bytes: ...


class Memory:
    """The mirrors of one store. They move on only after a commit (:meth:`committed`)."""

    def __init__(self, core: Core, store: Store, limits: Limits) -> None:
        self._core = core
        self._store = store
        self._limits = limits
        self._ids: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._all_ids_held = True
        self._cases: set[str] | None = set()
        self._timers: list[TimerRow] = []
        self._fetches: list[TimerRow] = []
        self.timer_set: set[TimerRow] = set()
        self._folded: OrderedDict[str, None] = OrderedDict()
        self.opening: dict[str, Any] | None = None
        """The standing that the next entries rest on, if the ledger does not say so yet."""

    async def load(self) -> None:
        """Read what is held from the store; see in the node's own stream whether its standing has changed."""
        for sender, message_id, sha256 in await self._store.accepted_ids(self._limits.remembered_ids):
            self._ids[(sender, message_id)] = sha256
        self._all_ids_held = len(self._ids) < self._limits.remembered_ids
        self._remember(await self._store.case_names(self._limits.remembered_cases))
        rows = await self._store.timers()
        self.timer_set = set(rows)
        for row in rows:
            self.put_back(row)
        own = (await self._store.entries_of([""]))[""]
        opened = next((entry.data for entry in reversed(own) if entry.kind == "opened"), None)
        if own:
            self._core.load("", own)
        for wake in self._core.wakes():
            self.put_back(TimerRow(wake.due, wake.case, wake.purpose))
        standing = self._core.describe()
        self.opening = standing if opened != standing else None

    # --- messages -----------------------------------------------------------------------------------------

    async def digest_of(self, sender: str, message_id: str) -> str | None:
        """Return the digest under which (sender, id) was accepted, or None."""
        known = self._ids.get((sender, message_id))
        if known is None and not self._all_ids_held:
            found = await self._store.accepted(message_id, sender)
            known = found[0].sha256 if found else None
        return known

    async def stored_digest(self, sender: str, message_id: str) -> str | None:
        """Return the digest of any stored message, accepted or issued, or None."""
        key = (sender, message_id)
        return self._ids.get(key) or (await self._store.refs([key])).get(key)

    async def answered(self, sender: str, message_id: str) -> Outcome:
        """Return again what was answered to an accepted message."""
        accepted = (await self._store.accepted(message_id, sender))[0]
        replies = []
        for ref in accepted.replies:
            stored = next(one for one in await self._store.message(ref.id) if one.sender == ref.sender)
            replies.append(Reply(stored.data, ref.signature))
        return Outcome(accepted, tuple(replies), replayed=True)

    # --- timers -------------------------------------------------------------------------------------------

    def next_timer(self) -> datetime | None:
        """Return when the next timer is due."""
        return self._timers[0].due if self._timers else None

    def take_timers(self, now: datetime) -> list[TimerRow]:
        """Remove and return the timers due at ``now``, in the order due, case, purpose."""
        rows = []
        while self._timers and self._timers[0].due <= now:
            rows.append(heapq.heappop(self._timers))
        return rows

    def next_fetch(self) -> datetime | None:
        """Return when the next image is to be fetched."""
        return self._fetches[0].due if self._fetches else None

    def take_fetches(self, now: datetime, most: int | None = None) -> list[TimerRow]:
        """Remove and return the timers that stand for images to be fetched by ``now``, at most so many, in order."""
        rows: list[TimerRow] = []
        while self._fetches and self._fetches[0].due <= now and (most is None or len(rows) < most):
            rows.append(heapq.heappop(self._fetches))
        return rows

    def put_back(self, timer: TimerRow) -> None:
        """Put a timer to its place, also one that could not be worked."""
        heapq.heappush(self._fetches if timer.purpose.startswith(FETCH) else self._timers, timer)

    # --- cases --------------------------------------------------------------------------------------------

    async def fold(self, ucrs: Iterable[str]) -> None:
        """Bring the cases that are not in memory back from the ledger, and the node's own stream with them."""
        missing = {ucr for ucr in (*ucrs, "") if not self._core.has(ucr)}
        if self._cases is not None:
            missing &= self._cases
        if not missing:
            return
        for ucr, entries in (await self._store.entries_of(sorted(missing))).items():
            if entries:
                self._core.load(ucr, entries)

    def forget(self, ucrs: set[str]) -> None:
        """Drop folds, because what they rest on was not stored."""
        self._core.drop(ucrs)
        for ucr in ucrs:
            self._folded.pop(ucr, None)

    def used(self, ucrs: Iterable[str]) -> None:
        """Keep the cases used last folded and let those go that were not used for longest."""
        for ucr in ucrs:
            if ucr and self._core.has(ucr):
                self._folded[ucr] = None
                self._folded.move_to_end(ucr)
        while len(self._folded) > self._limits.folded_cases:
            oldest, _ = self._folded.popitem(last=False)
            self._core.drop([oldest])

    def _remember(self, cases: Iterable[str]) -> None:
        """Hold the names of the ledger's cases while they are few, so that a new case is known to be new."""
        if self._cases is not None:
            self._cases.update(cases)
            if len(self._cases) >= self._limits.remembered_cases:
                self._cases = None

    def committed(self, plan: Plan) -> None:
        """Take over what a transaction wrote."""
        if plan.opened:
            self.opening = None
        for done in plan.writes.timers_done:
            self.timer_set.discard(done)
        for timer in plan.writes.timers:
            self.put_back(timer)
            self.timer_set.add(timer)
        for key, (sha256, _) in plan.accepted.items():
            self._ids[key] = sha256
        while len(self._ids) > self._limits.remembered_ids:
            self._ids.popitem(last=False)
            self._all_ids_held = False
        self._remember(entry.case for entry in plan.writes.entries)


__all__ = ["Core", "Memory"]
