"""The store over SQLAlchemy Core: SQLite in a file or in memory.

One connection in one thread of its own, used by one caller at a time: a node has one writer, and its reads
are few. Everything of a batch is one function run in that thread, so a transaction costs one change of
threads and not one a statement; where nothing is pressed to the disk it may run without a thread at all.
SQLite is locked exclusively, so that a second node on the same file fails at once instead of forking the
ledger.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from sqlalchemy import Connection, Engine, bindparam, create_engine, delete, event, func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from exchange.codec import decode
from exchange.entries import Entry
from exchange.errors import CorridorError
from exchange.ledger import Head, LedgerEntry, parse_time, verify_chain
from exchange.messages import format_time
from exchange.store import mapping as m
from exchange.store import tables as t
from exchange.store.rows import (
    Accepted,
    CaseRow,
    OutboxRow,
    RefusalNote,
    StoredMessage,
    TimerRow,
    Writes,
)

Synchronous = Literal["OFF", "NORMAL", "FULL"]
"""How hard SQLite presses the disk: OFF for what can be repeated (a run), FULL for a node."""

T = TypeVar("T")
_PAGE = 500


class StoreError(CorridorError):
    """The store cannot be opened, or belongs to another node."""


_INSERT_ENTRY = insert(t.entries)
_INSERT_MESSAGE = insert(t.messages)
_INSERT_ACCEPTED = insert(t.accepted)
_INSERT_OUTBOX = insert(t.outbox)
_INSERT_TIMER = insert(t.timers)
_INSERT_REFUSAL = insert(t.refusals)
_CHANGE_OUTBOX = (
    update(t.outbox)
    .where(t.outbox.c.message_id == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in ("due", "attempts", "state", "settled", "receipt", "detail")})
)
_DELETE_TIMER = delete(t.timers).where(
    t.timers.c.due == bindparam("d"),
    t.timers.c["case"] == bindparam("c"),
    t.timers.c.purpose == bindparam("p"),
)


class Store:
    """A node's store. Make it with :meth:`open`; :meth:`close` it when done. Times are node time, UTC."""

    def __init__(
        self, engine: Engine, connection: Connection, thread: ThreadPoolExecutor | None, kept_refusals: int
    ) -> None:
        self._engine = engine
        self._connection = connection
        self._thread = thread
        self._kept_refusals = kept_refusals

    @classmethod
    async def open(
        cls,
        path: Path | None,
        node: str,
        *,
        synchronous: Synchronous = "FULL",
        threaded: bool = True,
        kept_refusals: int = 10_000,
    ) -> Self:
        """Open (or make) the store of ``node`` in the file ``path``; None keeps it in memory.

        ``threaded=False`` works in the caller's thread: quicker for a stepped run with
        ``synchronous="OFF"``, whose caller has nothing else to do meanwhile.

        Raise :class:`StoreError` if the file cannot be opened, is in use, or belongs to another node.
        """
        if not threaded:
            engine, connection = _open(path, node, synchronous)
            return cls(engine, connection, None, kept_refusals)
        thread = ThreadPoolExecutor(1, thread_name_prefix=f"store {node}")
        try:
            work = asyncio.get_running_loop().run_in_executor(thread, _open, path, node, synchronous)
            engine, connection = await work
        except BaseException:
            thread.shutdown(wait=False)
            raise
        return cls(engine, connection, thread, kept_refusals)

    async def close(self) -> None:
        """Close the store. What was written stays."""

        def end(connection: Connection) -> None:
            connection.close()
            self._engine.dispose()

        await self._run(end)
        if self._thread is not None:
            self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[[Connection], T]) -> T:
        """Return what ``work`` makes of the connection, in the store's thread."""
        if self._thread is None:
            return work(self._connection)
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, self._connection)

    async def write(self, writes: Writes) -> None:
        """Write everything of one batch in one transaction. Raise ``SQLAlchemyError`` if nothing was written."""
        await self._run(lambda connection: self._write(connection, writes))

    def _write(self, connection: Connection, writes: Writes) -> None:
        try:
            if writes.entries:
                connection.execute(_INSERT_ENTRY, [m.entry_row(entry) for entry in writes.entries])
            if writes.messages:
                connection.execute(_INSERT_MESSAGE, [m.message_row(message) for message in writes.messages])
            if writes.accepted:
                connection.execute(_INSERT_ACCEPTED, [m.accepted_row(one) for one in writes.accepted])
            if writes.outbox:
                connection.execute(_INSERT_OUTBOX, [m.outbox_row(row) for row in writes.outbox])
            if writes.outbox_changes:
                connection.execute(_CHANGE_OUTBOX, [m.outbox_change(row) for row in writes.outbox_changes])
            if writes.timers_done:
                done = [{"d": format_time(r.due), "c": r.case, "p": r.purpose} for r in writes.timers_done]
                connection.execute(_DELETE_TIMER, done)
            if writes.timers:
                connection.execute(_INSERT_TIMER, [m.timer_row(row) for row in writes.timers])
            if writes.refusals:
                connection.execute(_INSERT_REFUSAL, [m.refusal_row(note) for note in writes.refusals])
                last = connection.execute(select(func.max(t.refusals.c.number))).scalar_one()
                connection.execute(delete(t.refusals).where(t.refusals.c.number <= last - self._kept_refusals))
            connection.commit()
        except BaseException:
            connection.rollback()
            raise

    async def _rows(self, statement: Any) -> Sequence[Any]:
        def read(connection: Connection) -> Sequence[Any]:
            rows = connection.execute(statement).fetchall()
            connection.commit()
            return rows

        return await self._run(read)

    async def head(self) -> Head:
        """Return the end of the ledger."""
        last = select(t.entries.c.position, t.entries.c.hash).order_by(t.entries.c.position.desc()).limit(1)
        rows = await self._rows(last)
        return Head(rows[0][0], rows[0][1]) if rows else Head()

    async def ledger(self, after: int = 0) -> AsyncIterator[LedgerEntry]:
        """Yield the entries behind position ``after``, in order."""
        while True:
            page = select(t.entries).where(t.entries.c.position > after).order_by(t.entries.c.position).limit(_PAGE)
            rows = await self._rows(page)
            for row in rows:
                yield m.ledger_entry(row)
            if len(rows) < _PAGE:
                return
            after = rows[-1].position

    async def verify(self) -> Head:
        """Recompute the whole chain, and the digest of every message that an entry names; return its head.

        Raise :class:`exchange.ledger.BrokenChain` at the first entry that does not fit.
        """
        from exchange.ledger import BrokenChain
        from exchange.signatures import digest

        head = Head()
        async for entry in self.ledger():
            head = verify_chain((entry,), head)
            if entry.message is not None:
                found = [one for one in await self.message(entry.message.id) if one.sender == entry.message.sender]
                if not found or digest(found[0].data) != entry.message.sha256:
                    raise BrokenChain(entry.position, f"the bytes of message {entry.message.id} do not fit the entry")
        return head

    async def entries_of(self, cases: Iterable[str]) -> dict[str, list[Entry]]:
        """Return the entries of each case in order, their messages read from the stored bytes."""
        found: dict[str, list[Entry]] = {case: [] for case in cases}
        wanted = list(found)
        for start in range(0, len(wanted), _PAGE):
            statement = (
                select(t.entries, t.messages.c.data.label("bytes"))
                .outerjoin(
                    t.messages,
                    (t.messages.c.sender == t.entries.c.sender) & (t.messages.c.id == t.entries.c.message_id),
                )
                .where(t.entries.c["case"].in_(wanted[start : start + _PAGE]))
                .order_by(t.entries.c.position)
            )
            for row in await self._rows(statement):
                message = decode(row.bytes) if row.bytes is not None else None
                found[row.case].append(
                    Entry(
                        kind=row.kind,
                        case=row.case,
                        at=parse_time(row.at),
                        message=message,
                        data=json.loads(row.data),
                    )
                )
        return found

    async def cases(self, limit: int, party: str | None = None) -> list[CaseRow]:
        """Return the cases with the latest entries, newest first.

        With ``party`` only those of which this member sent or got a message.
        """
        c, sent = t.entries.c, t.messages.c
        wanted = c["case"] != ""
        if party is not None:
            wanted = c["case"].in_(select(sent["case"]).where((sent.sender == party) | (sent.recipient == party)))
        statement = (
            select(c["case"], func.min(c.at), func.max(c.at), func.count(), func.max(c.position))
            .where(wanted)
            .group_by(c["case"])
            .order_by(func.max(c.position).desc())
            .limit(limit)
        )
        return [
            CaseRow(case=row[0], first=parse_time(row[1]), last=parse_time(row[2]), entries=row[3])
            for row in await self._rows(statement)
        ]

    async def case_names(self, limit: int) -> list[str]:
        """Return the names of at most ``limit`` cases."""
        c = t.entries.c
        return [row[0] for row in await self._rows(select(c["case"]).distinct().limit(limit))]

    async def message(self, message_id: str) -> list[StoredMessage]:
        """Return the stored messages of this id: none, one, or one for each sender that used it."""
        statement = select(t.messages).where(t.messages.c.id == message_id).order_by(t.messages.c.sender)
        return [m.stored_message(row) for row in await self._rows(statement)]

    async def refs(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Return the digests of stored messages by (sender, id)."""
        wanted = set(keys)
        ids = {message_id for _, message_id in wanted}
        c = t.messages.c
        rows = await self._rows(select(c.sender, c.id, c.sha256).where(c.id.in_(ids)))
        return {(row[0], row[1]): row[2] for row in rows if (row[0], row[1]) in wanted}

    async def accepted(self, message_id: str, sender: str | None = None) -> list[Accepted]:
        """Return what was answered to accepted messages of this id (of this sender, if one is given)."""
        statement = select(t.accepted).where(t.accepted.c.id == message_id).order_by(t.accepted.c.sender)
        if sender is not None:
            statement = statement.where(t.accepted.c.sender == sender)
        return [m.accepted_of(row) for row in await self._rows(statement)]

    async def accepted_ids(self, limit: int) -> list[tuple[str, str, str]]:
        """Return (sender, id, digest) of the latest accepted messages, oldest first, at most ``limit``."""
        c = t.accepted.c
        rows = await self._rows(select(c.sender, c.id, c.sha256).order_by(c.position.desc()).limit(limit))
        return [(row[0], row[1], row[2]) for row in reversed(rows)]

    async def outbox(self, state: str | None = None, message_id: str | None = None) -> list[OutboxRow]:
        """Return outbox rows in the order (due, case, ordinal), all or those of a state or of one message."""
        c = t.outbox.c
        statement = select(t.outbox).order_by(c.due, c["case"], c.ordinal, c.message_id)
        if state is not None:
            statement = statement.where(c.state == state)
        if message_id is not None:
            statement = statement.where(c.message_id == message_id)
        return [m.outbox_of(row) for row in await self._rows(statement)]

    async def timers(self) -> list[TimerRow]:
        """Return all wake-ups that have not fired, in their order."""
        c = t.timers.c
        rows = await self._rows(select(c.due, c["case"], c.purpose).order_by(c.due, c["case"], c.purpose))
        return [TimerRow(parse_time(row[0]), row[1], row[2]) for row in rows]

    async def refusals(self, limit: int = 100) -> list[RefusalNote]:
        """Return the latest refusals, newest first."""
        rows = await self._rows(select(t.refusals).order_by(t.refusals.c.number.desc()).limit(limit))
        return [
            RefusalNote(
                at=parse_time(r.at),
                member=r.member,
                sha256=r.sha256,
                status=r.status,
                code=r.code,
                text=r.text,
            )
            for r in rows
        ]


def _open(path: Path | None, node: str, synchronous: Synchronous) -> tuple[Engine, Connection]:
    where = str(path) if path is not None else "the store in memory"
    url = "sqlite://" + (f"/{path}" if path is not None else "")
    engine = create_engine(url, poolclass=StaticPool, connect_args={"timeout": 0.5})

    @event.listens_for(engine, "connect")
    def _tune(connection: Any, _record: object) -> None:
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", f"synchronous={synchronous}"):
            connection.execute(f"PRAGMA {pragma}")

    try:
        connection = engine.connect()
        try:
            found = _prepare(connection, node)
        except BaseException:
            connection.close()
            raise
    except DBAPIError as error:
        engine.dispose()
        reason = "another process uses it" if "locked" in str(error.orig) else str(error.orig)
        raise StoreError(f"{where}: cannot be opened: {reason}") from error
    if found != (node, t.FORMAT):
        connection.close()
        engine.dispose()
        raise StoreError(f"{where}: holds node {found[0]} in format {found[1]}, not {node} in format {t.FORMAT}")
    return engine, connection


def _prepare(connection: Connection, node: str) -> tuple[str, str]:
    t.metadata.create_all(connection)
    found: dict[str, str] = {row.name: row.value for row in connection.execute(select(t.about))}
    if not found:
        found = {"node": node, "format": t.FORMAT}
        connection.execute(insert(t.about), [{"name": name, "value": value} for name, value in found.items()])
    connection.commit()
    return found.get("node", ""), found.get("format", "")


__all__ = ["Store", "StoreError", "Synchronous"]
