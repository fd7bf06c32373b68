"""What a database says of itself: whose it is, in which layout, and which writer it has seen last."""

from __future__ import annotations

from sqlalchemy import Connection, insert, inspect, select, update

from exchange.store import tables as t
from exchange.store.errors import StoreError

EPOCH = "epoch"
"""The row that every take-over counts up (PostgreSQL); who works by an older number is out."""


def read(connection: Connection) -> dict[str, str]:
    """Return the rows of ``about``; nothing if there is no such table."""
    if not inspect(connection).has_table(t.about.name):
        return {}
    return {row.name: row.value for row in connection.execute(select(t.about))}


def prepare(connection: Connection, node: str, *, make: bool = True) -> dict[str, str]:
    """Return what the database says of itself; an empty one becomes ``node``'s if ``make``. Commits nothing."""
    found = read(connection)
    if make and not found:
        t.metadata.create_all(connection)
        found = {"node": node, "format": t.FORMAT, EPOCH: "0"}
        connection.execute(insert(t.about), [{"name": name, "value": value} for name, value in found.items()])
    elif make and found.get("node") == node and found.get("format") == t.FORMAT:
        t.metadata.create_all(connection, tables=t.IMAGE_TABLES)
    return found


def check(found: dict[str, str], node: str, where: str) -> None:
    """Raise :class:`StoreError` unless ``found`` says that the store is ``node``'s (anybody's for an empty one) and in
    today's layout."""
    node = node or found.get("node", "")
    if not found:
        raise StoreError(f"{where}: is no store of a node (it has no table 'about')")
    if found.get("node") != node:
        raise StoreError(f"{where}: holds node {found.get('node')}, not {node}; name the store of {node}")
    if found.get("format") != t.FORMAT:
        raise StoreError(
            f"{where}: holds node {node} in format {found.get('format')}, and this version works with format "
            f"{t.FORMAT}; go on with the version that made it, or begin with a new store"
        )


def take_over(connection: Connection) -> str:
    """Count the epoch up and return it. Commits nothing."""
    value = str(int(connection.execute(select(t.about.c.value).where(t.about.c.name == EPOCH)).scalar_one()) + 1)
    connection.execute(update(t.about).where(t.about.c.name == EPOCH).values(value=value))
    return value


__all__ = ["EPOCH", "check", "prepare", "read", "take_over"]
