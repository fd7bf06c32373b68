"""One batch into one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Integer, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from exchange.ledger import LedgerEntry
from exchange.messages import format_time
from exchange.store import mapping as m
from exchange.store import tables as t
from exchange.store.holding import Holding
from exchange.store.many import KNOWS_UPDATE_FROM, delete_rows, insert_rows, update_rows
from exchange.store.rows import OutboxRow, TimerRow, Writes

_CHANGED = ("due", "attempts", "state", "settled", "receipt", "detail", "until")
_CHANGE_OUTBOX = (
    update(t.outbox)
    .where(t.outbox.c.message_id == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGED})
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
    tables = (
        (t.entries, m.entry_row, writes.entries),
        (t.messages, m.message_row, writes.messages),
        (t.accepted, m.accepted_row, writes.accepted),
        (t.outbox, m.outbox_row, writes.outbox),
    )
    for table, row_of, given in tables:
        _insert(connection, table, row_of, given)
    if writes.outbox_changes:
        _change(connection, writes.outbox_changes)
    if writes.timers_done:
        _forget(connection, writes.timers_done)
    _insert(connection, t.timers, m.timer_row, writes.timers)
    if writes.refusals:
        _insert(connection, t.refusals, m.refusal_row, writes.refusals)
        connection.execute(_DELETE_OLD_REFUSALS, {"kept": kept_refusals})


def _insert(
    connection: Connection, table: Table, row_of: Callable[[Any], dict[str, Any]], given: Sequence[Any]
) -> None:
    if not given:
        return
    rows = [row_of(one) for one in given]
    if _many_at_once(connection):
        insert_rows(connection, table, rows)
    else:
        connection.execute(insert(table), rows)


def _change(connection: Connection, given: Sequence[OutboxRow]) -> None:
    if _many_at_once(connection) and KNOWS_UPDATE_FROM:
        latest = {row.message_id: row for row in given}
        update_rows(connection, t.outbox, "message_id", _CHANGED, [m.outbox_row(row) for row in latest.values()])
    else:
        connection.execute(_CHANGE_OUTBOX, [m.outbox_change(row) for row in given])


def _forget(connection: Connection, given: Sequence[TimerRow]) -> None:
    if _many_at_once(connection):
        delete_rows(connection, t.timers, [m.timer_row(row) for row in given])
    else:
        done = [{"d": format_time(r.due), "c": r.case, "p": r.purpose} for r in given]
        connection.execute(_DELETE_TIMER, done)


def _many_at_once(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


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
