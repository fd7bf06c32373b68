"""SQLite in a file or in memory, locked exclusively: a second process on the same file fails at once instead of
forking the ledger."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from exchange.store.about import check, prepare
from exchange.store.errors import StoreError, StoreInUse


class SqliteHolding:
    """See the module. SQLite's own lock on the file is the hold; it cannot be lost while the file is open."""

    def __init__(self, engine: Engine, connection: Connection) -> None:
        self._engine = engine
        self.connection = connection
        self.held = True

    def fence(self, connection: Connection) -> None:
        """Do nothing: the lock on the file is the fence."""

    def together(self) -> AbstractContextManager[object]:
        """Return a context that does nothing: there are no round trips to save."""
        return nullcontext()

    def close(self) -> None:
        """Close the database; what was committed stays."""
        self.held = False
        self.connection.close()
        self._engine.dispose()


def open_sqlite(path: Path | None, node: str, synchronous: str, *, reading: bool = False) -> SqliteHolding:
    """Open (or make) the database of ``node`` in the file ``path``, or in memory for None.

    ``reading``: only to look: the file must be there, and nothing in it can be changed through this holding.

    Raise :class:`StoreInUse` if another process has it open, :class:`StoreError` for whatever else is wrong.
    """
    where = str(path) if path is not None else "the store in memory"
    if reading and (path is None or not path.is_file()):
        raise StoreError(f"{where}: there is no such store; give the path of a file that a node has written")
    engine = create_engine(
        "sqlite://" + (f"/{path}" if path is not None else ""),
        poolclass=StaticPool,
        connect_args={"timeout": 0.5},
        hide_parameters=True,  # errors go into logs, and parameters hold messages
    )

    @event.listens_for(engine, "connect")
    def _tune(connection: Any, _record: object) -> None:
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", f"synchronous={synchronous}"):
            connection.execute(f"PRAGMA {pragma}")
        if reading:
            connection.execute("PRAGMA query_only=ON")

    try:
        connection = engine.connect()
        try:
            check(prepare(connection, node, make=not reading), node, where)
            connection.commit()
        except BaseException:
            connection.close()
            raise
    except DBAPIError as error:
        engine.dispose()
        if "locked" in str(error.orig):
            raise StoreInUse(f"{where}: cannot be opened: another process uses it; stop that one first") from error
        raise StoreError(f"{where}: cannot be opened: {error.orig}") from error
    except BaseException:
        engine.dispose()
        raise
    return SqliteHolding(engine, connection)


__all__ = ["SqliteHolding", "open_sqlite"]
