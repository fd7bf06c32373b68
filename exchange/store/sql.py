"""The store over SQLAlchemy Core, the same on SQLite and PostgreSQL.

One connection in one thread of its own, used by one caller at a time: a node has one writer, and its reads
are few. Everything of a batch is one function run in that thread, so a transaction costs one change of
threads and not one a statement; where nothing is pressed to the disk it may run without a thread at all.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from sqlalchemy import (
    Connection,
    func,
    literal,
    select,
    tuple_,
)

from exchange.codec import decode
from exchange.entries import Entry
from exchange.ledger import Head, LedgerEntry, parse_time, verify_chain
from exchange.messages import Message, format_time
from exchange.store import images
from exchange.store import mapping as m
from exchange.store import tables as t
from exchange.store.holding import Holding
from exchange.store.rows import (
    Accepted,
    CaseRow,
    OutboxRow,
    RefusalNote,
    StoredImage,
    StoredMessage,
    TimerRow,
    Writes,
)
from exchange.store.sqlite import open_sqlite
from exchange.store.writing import write

Synchronous = Literal["OFF", "NORMAL", "FULL"]
"""How hard SQLite presses the disk: OFF for what can be repeated (a run), FULL for a node."""

T = TypeVar("T")
_PAGE = 500
_ENTRIES_AND_BYTES = (
    select(t.entries, t.messages.c.data.label("bytes"))
    .outerjoin(t.messages, (t.messages.c.sender == t.entries.c.sender) & (t.messages.c.id == t.entries.c.message_id))
    .order_by(t.entries.c.position)
)


class Store:
    """A node's store. Make it with :meth:`open`; :meth:`close` it when done. Times are node time, UTC."""

    def __init__(self, holding: Holding, thread: ThreadPoolExecutor | None, kept_refusals: int) -> None:
        self._holding = holding
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
        """Open (or make) the store of ``node`` in the SQLite file ``path``; None keeps it in memory.

        ``threaded=False`` works in the caller's thread: quicker for a stepped run with
        ``synchronous="OFF"``, whose caller has nothing else to do meanwhile.

        Raise :class:`StoreError` if the file cannot be opened, is in use, or belongs to another node.
        """
        if not threaded:
            return cls(open_sqlite(path, node, synchronous), None, kept_refusals)
        thread = ThreadPoolExecutor(1, thread_name_prefix=f"store {node}")
        try:
            work = asyncio.get_running_loop().run_in_executor(thread, open_sqlite, path, node, synchronous)
            return cls(await work, thread, kept_refusals)
        except BaseException:
            thread.shutdown(wait=False)
            raise

    @property
    def held(self) -> bool:
        """Whether this process is the store's writer still, as far as it can know without asking the server."""
        return self._holding.held

    async def lost(self) -> None:
        """Return when this process has lost the store (:attr:`held`), looked at twice a second; cancel it at will."""
        while self._holding.held:  # noqa: ASYNC110 - no event tells that a socket broke
            await asyncio.sleep(0.5)

    async def close(self) -> None:
        """Close the store. What was written stays."""
        await self._run(lambda _: self._holding.close())
        if self._thread is not None:
            self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[[Connection], T]) -> T:
        """Return what ``work`` makes of the connection, in the store's thread."""
        if self._thread is None:
            return work(self._holding.connection)
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, self._holding.connection)

    async def write(self, writes: Writes) -> None:
        """Write everything of one batch in one transaction.

        Raise :class:`LostLock` if another process took over, ``SQLAlchemyError`` if it could not be written; then
        nothing was.
        """
        await self._run(lambda _: write(self._holding, writes, self._kept_refusals))

    async def _rows(self, statement: Any) -> Sequence[Any]:
        def read(connection: Connection) -> Sequence[Any]:
            try:
                return connection.execute(statement).fetchall()
            finally:
                connection.rollback()

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
            statement = _ENTRIES_AND_BYTES.where(t.entries.c["case"].in_(wanted[start : start + _PAGE]))
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

    async def entries_with_messages(self, case: str) -> AsyncIterator[tuple[LedgerEntry, Message | None]]:
        """Yield the ledger entries of ``case`` in order, each with the message it names, if its bytes can be read."""
        rows = await self._rows(_ENTRIES_AND_BYTES.where(t.entries.c["case"] == case))
        for row in rows:
            yield m.ledger_entry(row), decode(row.bytes) if row.bytes is not None else None

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

    async def messages_of(self, ids: Iterable[str]) -> list[StoredMessage]:
        """Return the stored messages of these ids, whoever sent them."""
        statement = select(t.messages).where(t.messages.c.id.in_(list(ids)))
        return [m.stored_message(row) for row in await self._rows(statement)]

    async def receipts_given(self, ids: Iterable[str]) -> dict[tuple[str, str], tuple[int, str]]:
        """Return by (sender, id) the ledger position and the receipt of accepted messages of these ids."""
        c = t.accepted.c
        rows = await self._rows(select(c.sender, c.id, c.position, c.receipt).where(c.id.in_(list(ids))))
        return {(row[0], row[1]): (row[2], row[3]) for row in rows}

    async def outbox_of(self, ids: Iterable[str]) -> list[OutboxRow]:
        """Return the outbox rows of the messages of these ids."""
        statement = select(t.outbox).where(t.outbox.c.message_id.in_(list(ids)))
        return [m.outbox_of(row) for row in await self._rows(statement)]

    async def receipts_got(self, recipient: str, limit: int, after: str = "") -> list[tuple[str, str]]:
        """Return (message id, receipt) of what ``recipient`` receipted, by id, those behind ``after``."""
        c = t.outbox.c
        wanted = (c.recipient == recipient) & c.receipt.is_not(None) & (c.message_id > after)
        statement = select(c.message_id, c.receipt).where(wanted).order_by(c.message_id).limit(limit)
        return [(row[0], row[1]) for row in await self._rows(statement)]

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

    async def outbox(
        self,
        state: str | None = None,
        message_id: str | None = None,
        *,
        recipient: str | None = None,
        after: tuple[datetime, str, int, str] | None = None,
        limit: int | None = None,
    ) -> list[OutboxRow]:
        """Return outbox rows in the order (due, case, ordinal): all, or those of a state, of one message or to one
        recipient; those behind ``after`` (:attr:`OutboxRow.order`), at most ``limit``."""
        c = t.outbox.c
        order = (c.due, c["case"], c.ordinal, c.message_id)
        statement = select(t.outbox).order_by(*order).limit(limit)
        for column, wanted in ((c.state, state), (c.message_id, message_id), (c.recipient, recipient)):
            if wanted is not None:
                statement = statement.where(column == wanted)
        if after is not None:
            statement = statement.where(
                tuple_(*order) > tuple_(*(literal(v) for v in (format_time(after[0]), *after[1:])))
            )
        return [m.outbox_of(row) for row in await self._rows(statement)]

    async def outbox_counts(self, state: str = "pending") -> dict[str, int]:
        """Return how many outbox rows of this state there are for each recipient."""
        c = t.outbox.c
        rows = await self._rows(select(c.recipient, func.count()).where(c.state == state).group_by(c.recipient))
        return {row[0]: row[1] for row in rows}

    async def timers(self) -> list[TimerRow]:
        """Return all wake-ups that have not fired, in their order."""
        c = t.timers.c
        rows = await self._rows(select(c.due, c["case"], c.purpose).order_by(c.due, c["case"], c.purpose))
        return [TimerRow(parse_time(row[0]), row[1], row[2]) for row in rows]

    async def put_image(self, data: bytes, media_type: str, case: str) -> StoredImage:
        """Store an inspection image of ``case``: whole or not at all, and once. Raise as :meth:`write` does."""
        return await self._run(lambda _: images.put_image(self._holding, data, media_type, case))

    async def image(self, sha256: str) -> tuple[StoredImage, list[str]] | None:
        """Return what is known of an inspection image, and the cases to which it belongs; None if it is not here."""

        def read(connection: Connection) -> tuple[StoredImage, list[str]] | None:
            try:
                found = images.find_image(connection, sha256)
                return None if found is None else (found, images.cases_of(connection, sha256))
            finally:
                connection.rollback()

        return await self._run(read)

    async def image_bytes(self, sha256: str, first: int, last: int) -> bytes:
        """Return the bytes ``first`` to ``last`` (both included) of an inspection image."""

        def read(connection: Connection) -> bytes:
            try:
                return images.read_image(connection, sha256, first, last)
            finally:
                connection.rollback()

        return await self._run(read)

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


__all__ = ["Store", "Synchronous"]
