"""PostgreSQL: one process writes, further ones stand by.

The writer holds a session-level advisory lock, keyed by the node, on a connection of its own. A server gives the lock
free as soon as that connection ends, and keepalives end it within about 8 s if its host has vanished, so that a
standby takes over within 10 s. Who takes over counts ``about.epoch`` up, and every transaction of a writer holds that
row shared: one that was superseded, whatever it believes, fails with :class:`LostLock` and writes nothing.
"""

from __future__ import annotations

import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from exchange.store import about
from exchange.store import tables as t
from exchange.store.errors import LostLock, StoreError, StoreInUse

_SERVER = {
    "tcp_keepalives_idle": "3",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "2",
    "tcp_user_timeout": "6000",
    "statement_timeout": "60000",
    "idle_in_transaction_session_timeout": "60000",
}
"""Settings of our sessions: seconds of the keepalives, milliseconds of the others."""
_CLIENT = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 3,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 6000,
}
_MAKING = text("SELECT pg_advisory_xact_lock(:key)")
_LOCK = text("SELECT pg_try_advisory_lock(:key)")
_HOLDER = text(
    "SELECT a.application_name, a.pid, a.client_addr FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
    "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.database = "
    "(SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND (l.classid::bigint << 32 | l.objid::bigint) = :key"
)
_EPOCH = f"SELECT value FROM {t.about.name} WHERE name = '{about.EPOCH}' FOR SHARE"


def _key(name: str) -> int:
    """Return the key of an advisory lock: 64 bits, signed."""
    return int.from_bytes(blake2b(f"corridor {name}".encode(), digest_size=8).digest(), "big", signed=True)


class PostgresHolding:
    """A PostgreSQL database held for one node: see the module."""

    def __init__(self, engine: Engine, connection: Connection, lock: Connection | None, epoch: str) -> None:
        self._engine = engine
        self.connection = connection
        self._lock = lock
        self._epoch = epoch
        self._lost = False
        self._looking = threading.Lock()

    @property
    def held(self) -> bool:
        """Whether the connection that carries the lock stands; a look at its socket, no question to the server."""
        with self._looking:
            if not self._lost:
                self._lost = self._lock is None or not _stands(self._lock)
            return not self._lost

    def fence(self, connection: Connection) -> None:
        """Raise :class:`LostLock` unless this process is the last that took over; hold that until the commit.

        It is asked past SQLAlchemy, which within a pipeline would not wait for the answer.
        """
        driver: Any = connection.connection.driver_connection
        found = driver.execute(_EPOCH).fetchone() if self.held else None
        if found is not None and found[0] == self._epoch:
            return
        self._lost = True
        raise LostLock(
            "this process no longer holds the database: the connection with its lock ended or another process took "
            "over; nothing was written. End this process; start it anew to stand by"
        )

    @contextmanager
    def together(self) -> Iterator[None]:
        """Return the driver's pipeline mode: a batch takes two round trips then, and not one a statement.

        An error of a statement comes up when an answer is waited for; it is raised as SQLAlchemy would raise it.
        """
        import psycopg

        driver: Any = self.connection.connection.driver_connection
        try:
            with driver.pipeline():
                yield
        except psycopg.Error as error:
            if driver.closed:
                self.connection.invalidate(error)
            raise DBAPIError.instance(
                "a batch",
                (),
                error,
                psycopg.Error,
                connection_invalidated=driver.closed,
                dialect=self.connection.dialect,
            ) from error

    def close(self) -> None:
        """Give the lock free and close the database."""
        self._lost = True
        for connection in (self.connection, self._lock):
            if connection is not None:
                connection.close()
        self._engine.dispose()


def _stands(lock: Connection) -> bool:
    if lock.closed or lock.invalidated:
        return False
    driver: Any = lock.connection.driver_connection
    if driver.closed:
        return False
    look = select.poll()
    look.register(driver.fileno(), select.POLLIN)
    if not look.poll(0):
        return True
    # The server said something unasked: a notice, or that it ends the connection.
    try:
        lock.execute(text("SELECT 1"))
    except DBAPIError:
        return False
    return True


def _engine(url: URL, node: str, synchronous: str, *, reading: bool) -> Engine:
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise StoreError(
            "PostgreSQL needs its driver, which is not installed: pip install 'customs-corridor[postgres]'"
        ) from error
    settings = _SERVER | {"synchronous_commit": "on" if synchronous == "FULL" else "off"}
    if reading:
        settings["default_transaction_read_only"] = "on"
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    arguments = _CLIENT | {"application_name": f"corridor {node}", "options": options}
    # Errors go into logs, and parameters hold messages.
    made = url.set(drivername="postgresql+psycopg")
    return create_engine(made, poolclass=NullPool, connect_args=arguments, hide_parameters=True)


def open_postgres(url: URL, node: str, synchronous: str, *, reading: bool = False) -> PostgresHolding:
    """Open (or make) the database of ``node`` and take it over.

    ``reading``: only to look, beside a process that writes: no lock, no changes.

    Raise :class:`StoreInUse` if another process holds it, naming that process; :class:`StoreError` if the server cannot
    be reached, the driver is missing, or the database belongs to another node.
    """
    where = url.render_as_string(hide_password=True)
    engine = _engine(url, node, synchronous, reading=reading)
    opened: list[Connection] = []
    try:
        connection = engine.connect()
        opened.append(connection)
        if reading:
            about.check(about.prepare(connection, node, make=False), node, where)
            connection.rollback()
            return PostgresHolding(engine, connection, None, "")
        found = about.read(connection)
        connection.rollback()
        if found:
            about.check(found, node, where)
        lock = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        opened.append(lock)
        if not lock.execute(_LOCK, {"key": _key(node)}).scalar_one():
            raise StoreInUse(f"{where}: another process works for {node}{_holder(lock, node)}; stop it, or stand by")
        connection.execute(_MAKING, {"key": _key("making tables")})
        about.check(about.prepare(connection, node), node, where)
        epoch = about.take_over(connection)
        connection.commit()
        return PostgresHolding(engine, connection, lock, epoch)
    except DBAPIError as error:
        _close(engine, opened)
        raise StoreError(f"{where}: cannot be opened: {' '.join(str(error.orig).split())}") from error
    except BaseException:
        _close(engine, opened)
        raise


def _holder(lock: Connection, node: str) -> str:
    row = lock.execute(_HOLDER, {"key": _key(node)}).first()
    return f" ({row[0]}, server process {row[1]}, from {row[2] or 'this host'})" if row else ""


def _close(engine: Engine, opened: list[Connection]) -> None:
    for connection in opened:
        connection.close()
    engine.dispose()


__all__ = ["PostgresHolding", "open_postgres"]
