"""Many rows in one statement, for SQLite.

SQLite's driver lets go of the interpreter's lock at every step of a statement, and gets it back only when the thread
that has it lets go: five milliseconds later, if that thread is busy. A batch written row by row waits so at each row.
Here a statement takes up to 64 rows. Statements come in few lengths, so that the driver knows them already.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table

LENGTHS = (64, 16, 4, 1)
"""How many rows a statement takes: 64 of 14 columns are under 999 values, the least of all limits of SQLite."""
KNOWS_UPDATE_FROM = sqlite3.sqlite_version_info >= (3, 33)

Row = Mapping[str, Any]


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert ``rows``, which all have the same columns."""
    columns = tuple(rows[0])
    for part in _parts(rows):
        values = tuple(row[column] for row in part for column in columns)
        connection.exec_driver_sql(_insert(table.name, columns, len(part)), values)


def update_rows(connection: Connection, table: Table, key: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Set ``columns`` of the rows of ``table`` whose ``key`` is that of one of ``rows``."""
    names = (key, *columns)
    for part in _parts(rows):
        values = tuple(row[column] for row in part for column in names)
        connection.exec_driver_sql(_update(table.name, names, len(part)), values)


def delete_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Delete the rows of ``table`` that have all the values of one of ``rows``."""
    columns = tuple(rows[0])
    for part in _parts(rows):
        values = tuple(row[column] for row in part for column in columns)
        connection.exec_driver_sql(_delete(table.name, columns, len(part)), values)


def _parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    at = 0
    while at < len(rows):
        length = next(length for length in LENGTHS if length <= len(rows) - at)
        yield rows[at : at + length]
        at += length


def _values(columns: int, rows: int) -> str:
    row = f"({', '.join('?' * columns)})"
    return f"VALUES {', '.join([row] * rows)}"


@lru_cache
def _insert(table: str, columns: tuple[str, ...], rows: int) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    return f'INSERT INTO "{table}" ({names}) {_values(len(columns), rows)}'


@lru_cache
def _update(table: str, columns: tuple[str, ...], rows: int) -> str:
    changes = ", ".join(f'"{column}" = given.column{place}' for place, column in enumerate(columns[1:], 2))
    given = f"({_values(len(columns), rows)}) AS given"
    return f'UPDATE "{table}" SET {changes} FROM {given} WHERE "{table}"."{columns[0]}" = given.column1'


@lru_cache
def _delete(table: str, columns: tuple[str, ...], rows: int) -> str:
    same = " AND ".join(f'there."{column}" = given.column{place}' for place, column in enumerate(columns, 1))
    given = f"({_values(len(columns), rows)}) AS given"
    return (
        f'DELETE FROM "{table}" WHERE rowid IN '
        f'(SELECT there.rowid FROM {given} CROSS JOIN "{table}" AS there ON {same})'
    )


__all__ = ["KNOWS_UPDATE_FROM", "delete_rows", "insert_rows", "update_rows"]
