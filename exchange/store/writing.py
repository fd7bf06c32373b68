"""One batch into one transaction."""

from __future__ import annotations

from sqlalchemy import Connection, Integer, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from exchange.ledger import LedgerEntry
from exchange.messages import format_time
from exchange.store import mapping as m
from exchange.store import tables as t
from exchange.store.holding import Holding
from exchange.store.rows import Writes

_INSERT_ENTRY = insert(t.entries)
_INSERT_MESSAGE = insert(t.messages)
_INSERT_ACCEPTED = insert(t.accepted)
_INSERT_OUTBOX = insert(t.outbox)
_INSERT_TIMER = insert(t.timers)
_INSERT_REFUSAL = insert(t.refusals)
_CHANGE_OUTBOX = (
    update(t.outbox)
    .where(t.outbox.c.message_id == bindparam("key"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("due", "attempts", "state", "settled", "receipt", "detail", "until")
        }
    )
)
_DELETE_TIMER = delete(t.timers).where(
    t.timers.c.due == bindparam("d"),
    t.timers.c["case"] == bindparam("c"),
    t.timers.c.purpose == bindparam("p"),
)
_DELETE_OLD_REFUSALS = delete(t.refusals).where(
    t.refusals.c.number <= select(func.max(t.refusals.c.number)).scalar_subquery() - bindparam("kept", type_=Integer)
)


def write(holding: Holding, writes: Writes, kept_refusals: int) -> None:
    """Write all of ``writes`` in one transaction, or nothing.

    If the connection breaks during the commit, the database is asked whether the batch is in it: what was
    committed counts as written.

    Raise :class:`exchange.store.LostLock` if another process took over, ``SQLAlchemyError`` for other failures.
    """
    connection = holding.connection
    try:
        with holding.together():
            _fill(connection, writes, kept_refusals)
            holding.fence(connection)  # last: the one answer that is waited for before the commit
            connection.commit()
    except DBAPIError as error:
        connection.rollback()
        if error.connection_invalidated and writes.entries and _written(connection, writes.entries[-1]):
            return
        raise
    except BaseException:
        connection.rollback()
        raise


def _fill(connection: Connection, writes: Writes, kept_refusals: int) -> None:
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
        connection.execute(_DELETE_OLD_REFUSALS, {"kept": kept_refusals})


def _written(connection: Connection, last: LedgerEntry) -> bool:
    """Say whether the ledger has this entry: whether a commit that got no answer was made."""
    try:
        found = connection.execute(select(t.entries.c.hash).where(t.entries.c.position == last.position)).scalar()
        connection.rollback()
    except SQLAlchemyError:
        connection.rollback()
        return False
    return bool(found == last.hash)


__all__ = ["write"]
