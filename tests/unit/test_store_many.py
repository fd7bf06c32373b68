"""Many rows in one statement say the same as each by itself."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, create_engine, select

from exchange.store import tables as t
from exchange.store.many import delete_rows, insert_rows, update_rows


@pytest.fixture
def connection() -> Connection:
    connection = create_engine("sqlite://").connect()
    t.metadata.create_all(connection)
    return connection


def timer(number: int) -> dict[str, str]:
    return {"due": f"2026-01-01T00:00:{number % 60:02d}Z", "case": f"case {number}", "purpose": "list"}


@pytest.mark.parametrize("count", [1, 3, 64, 65, 150, 1000])
def test_rows_go_in_are_changed_and_go_out(connection: Connection, count: int) -> None:
    rows = [timer(number) for number in range(count)]
    insert_rows(connection, t.timers, rows)
    stored = connection.execute(select(t.timers).order_by(t.timers.c["case"])).mappings().all()
    assert sorted((dict(row) for row in stored), key=lambda row: row["case"]) == sorted(rows, key=lambda r: r["case"])
    changed = [{"case": row["case"], "purpose": f"of {row['case']}"} for row in rows[::2]]
    update_rows(connection, t.timers, "case", ("purpose",), [*changed, {"case": "unknown", "purpose": "none"}])
    found = {row.case: row.purpose for row in connection.execute(select(t.timers))}
    assert found == {row["case"]: (f"of {row['case']}" if n % 2 == 0 else "list") for n, row in enumerate(rows)}
    delete_rows(connection, t.timers, [*rows[1::2], {**rows[0], "purpose": "another"}])
    left = {row.case for row in connection.execute(select(t.timers))}
    assert left == {row["case"] for row in rows[::2]}


def test_bytes_none_and_quotes_stay_as_they_are(connection: Connection) -> None:
    row = {
        "id": "a'b",
        "sender": '"',
        "recipient": "?",
        "case": ":x",
        "sha256": "%s",
        "data": b"\0\xff",
        "signature": None,
    }
    insert_rows(connection, t.messages, [row])
    assert dict(connection.execute(select(t.messages)).mappings().one()) == row
