"""Inbox, outbox, timers and ledger against a model of a few lists, on SQLite and PostgreSQL: whatever is written,
refused, broken off or opened again, the store holds what the model holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.exc import SQLAlchemyError

from exchange.audit import audit
from exchange.ledger import Head, LedgerEntry, MessageRef, canonical, chained
from exchange.signatures import digest
from exchange.store import Accepted, OutboxRow, Store, StoredMessage, StoreError, TimerRow, Writes, open_store
from exchange.store.writing import _fill
from tests.postgres import run_sql

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SENDERS = st.sampled_from(["RU", "KZ.99101"])
IDS = st.integers(1, 6).map(lambda number: f"00000000-0000-0000-0000-{number:012}")
CASES = st.sampled_from(["8CN1", "8CN2", "8cn1", "8CNÄ"])
BODIES = st.sampled_from([b"<A/>", b"<B/>", b"\0\xff"])
TIMES = st.integers(0, 5).map(lambda hours: NOW + timedelta(hours=hours))


class Model(RuleBasedStateMachine):
    """``url`` and ``clear`` are set by the test: where the store is, and what empties it."""

    url: str
    clear: Callable[[], None]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.store: Store | None = None
        self.entries: list[LedgerEntry] = []
        self.messages: dict[tuple[str, str], StoredMessage] = {}
        self.accepted: dict[tuple[str, str], Accepted] = {}
        self.outbox: dict[str, OutboxRow] = {}
        self.timers: set[TimerRow] = set()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    @property
    def open(self) -> Store:
        assert self.store is not None
        return self.store

    @initialize()
    def begin(self) -> None:
        type(self).clear()
        self.store = self.do(open_store(self.url, "KZ", synchronous="OFF", threaded=False, wait=10))

    def teardown(self) -> None:
        if self.store is not None:
            self.do(self.store.close())
        self.runner.close()

    # --- what a node writes -----------------------------------------------------------------------------------

    def entry(self, case: str, ref: MessageRef | None) -> LedgerEntry:
        last = self.entries[-1] if self.entries else None
        head = Head(last.position, last.hash) if last else Head()
        return chained(head, kind="received", case=case, at=NOW, message=ref, data=canonical({"n": "ж"}))

    def batch(self, sender: str, ident: str, case: str, data: bytes) -> Writes:
        ref = MessageRef(sender, ident, digest(data))
        entry = self.entry(case, ref)
        receipt = f"receipt of {entry.position}"
        accepted = Accepted(id=ident, sender=sender, sha256=ref.sha256, position=entry.position, receipt=receipt)
        stored = StoredMessage(
            id=ident, sender=sender, recipient="KZ", case=case, sha256=ref.sha256, data=data, signature="head..sig"
        )
        return Writes(entries=[entry], messages=[stored], accepted=[accepted])

    def took(self, writes: Writes) -> None:
        """Let the model take over what was written."""
        self.entries += writes.entries
        self.messages |= {(one.sender, one.id): one for one in writes.messages}
        self.accepted |= {(one.sender, one.id): one for one in writes.accepted}
        self.outbox |= {row.message_id: row for row in (*writes.outbox, *writes.outbox_changes)}
        self.timers -= set(writes.timers_done)
        self.timers |= set(writes.timers)

    @rule(sender=SENDERS, ident=IDS, case=CASES, data=BODIES, due=TIMES)
    def receive(self, sender: str, ident: str, case: str, data: bytes, due: datetime) -> None:
        """A message comes: a new one is written with what follows from it, a known one is answered as before."""
        known = self.do(self.open.accepted(ident, sender))
        assert known == ([self.accepted[sender, ident]] if (sender, ident) in self.accepted else [])
        writes = self.batch(sender, ident, case, data)
        if not known:
            row_id = f"{sender}-{ident}"[-36:]
            if row_id not in self.outbox:
                writes.outbox.append(
                    OutboxRow(message_id=row_id, sender="KZ", recipient="RU", case=case, ordinal=1, since=NOW, due=due)
                )
            self.do(self.open.write(writes))
            self.took(writes)
            return
        with pytest.raises(SQLAlchemyError):
            self.do(self.open.write(writes))

    @rule(sender=SENDERS, ident=IDS, case=CASES, due=TIMES)
    def fork(self, sender: str, ident: str, case: str, due: datetime) -> None:
        """A batch whose last part is refused leaves nothing, and no position is given twice."""
        writes = self.batch(sender, ident, case, b"<F/>")
        writes.entries.append(replace(writes.entries[0], hash="0" * 64))
        writes.timers.append(TimerRow(due, case, "forked"))
        with pytest.raises(SQLAlchemyError):
            self.do(self.open.write(writes))

    @precondition(lambda self: any(row.state == "pending" for row in self.outbox.values()))
    @rule(data=st.data(), due=TIMES, state=st.sampled_from(["pending", "delivered", "rejected", "dead"]))
    def settle(self, data: st.DataObject, due: datetime, state: Any) -> None:
        """A delivery is tried: put off, done, refused or given up."""
        rows = sorted((row for row in self.outbox.values() if row.state == "pending"), key=lambda row: row.order)
        row = data.draw(st.sampled_from(rows))
        settled = None if state == "pending" else NOW
        changed = row._replace(due=due, state=state, attempts=row.attempts + 1, settled=settled, detail="a\nб")
        writes = Writes(outbox_changes=[changed])
        self.do(self.open.write(writes))
        self.took(writes)

    @rule(due=TIMES, case=CASES, purpose=st.sampled_from(["a", "B", "b"]))
    def set_or_fire_a_timer(self, due: datetime, case: str, purpose: str) -> None:
        timer = TimerRow(due, case, purpose)
        writes = Writes(timers_done=[timer]) if timer in self.timers else Writes(timers=[timer])
        self.do(self.open.write(writes))
        self.took(writes)

    # --- what happens to a node -------------------------------------------------------------------------------

    @rule()
    def open_again(self) -> None:
        self.do(self.open.close())
        self.store = self.do(open_store(self.url, "KZ", synchronous="OFF", threaded=False, wait=10))

    @rule(sender=SENDERS, ident=IDS, case=CASES)
    def crash_within_a_batch(self, sender: str, ident: str, case: str) -> None:
        """The process ends after the statements and before the commit: nothing of them is left."""
        writes = self.batch(sender, f"{ident[:-2]}99", case, b"<C/>")
        _fill(self.open._holding.connection, writes, 10)
        self.open._holding.close()
        self.store = self.do(open_store(self.url, "KZ", synchronous="OFF", threaded=False, wait=10))

    @precondition(lambda self: self.url.startswith("postgresql"))  # SQLite waits half a second before it says so
    @rule()
    def nobody_else_gets_in(self) -> None:
        with pytest.raises(StoreError):
            self.do(open_store(self.url, "KZ", threaded=False))

    # --- what must hold always --------------------------------------------------------------------------------

    @invariant()
    def the_ledger_is_the_models(self) -> None:
        if self.store is None:
            return
        found = self.do(audit(self.open))
        last = self.entries[-1] if self.entries else None
        assert found.head == (Head(last.position, last.hash) if last else Head())
        assert {fault.kind for fault in found.faults} <= {"receipt"}  # the model's receipts are none
        assert self.do(_all(self.open)) == self.entries
        assert {one.case for one in self.do(self.open.cases(100))} == {entry.case for entry in self.entries}

    @invariant()
    def inbox_and_outbox_are_the_models(self) -> None:
        if self.store is None:
            return
        ids = self.do(self.open.accepted_ids(100))
        wanted = sorted(self.accepted.values(), key=lambda one: one.position)
        assert ids == [(one.sender, one.id, one.sha256) for one in wanted]
        stored = self.do(self.open.messages_of({ident for _, ident in self.messages}))
        assert {(one.sender, one.id): one for one in stored} == self.messages
        assert self.do(self.open.outbox()) == sorted(self.outbox.values(), key=lambda row: row.order)
        assert self.do(self.open.timers()) == sorted(self.timers)


async def _all(store: Store) -> list[LedgerEntry]:
    return [entry async for entry in store.ledger()]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_store_is_its_model(kind: str, request: pytest.FixtureRequest) -> None:
    if kind == "postgres":
        url = str(request.getfixturevalue("postgres_url"))

        def clear() -> None:
            run_sql(url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    else:
        path = request.getfixturevalue("tmp_path") / "KZ.db"
        url = f"sqlite:///{path}"

        def clear() -> None:
            for file in path.parent.glob("KZ.db*"):
                file.unlink()

    bound = type("BoundModel", (Model,), {"url": url, "clear": staticmethod(clear)})
    run_state_machine_as_test(
        bound,
        settings=settings(
            max_examples=12 if kind == "sqlite" else 6,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
