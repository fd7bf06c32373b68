"""An audit names what was done to a ledger's file, at its position, and nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exchange.audit import Audit, Claim, audit
from exchange.ledger import Head, LedgerEntry, MessageRef, canonical, chained
from exchange.receipts import Receipt
from exchange.signatures import PrivateKey, digest
from exchange.store import Accepted, StoredMessage, Writes, open_store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = PrivateKey.generate("KZ-1")
COUNT = 12


def ident(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012}"


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    """A ledger of twelve entries of three cases; every one but each fourth names a message of RU."""
    path, head, writes = tmp_path / "KZ.db", Head(), Writes()
    for number in range(1, COUNT + 1):
        data = f"<M>{number}</M>".encode()
        ref = MessageRef("RU", ident(number), digest(data)) if number % 4 else None
        case = f"8CN{number % 3}"
        entry = chained(head, kind="received", case=case, at=NOW, message=ref, data=canonical({"n": number}))
        head = Head(entry.position, entry.hash)
        writes.entries.append(entry)
        if ref is not None:
            message = StoredMessage(id=ref.id, sender="RU", recipient="KZ", case=case, sha256=ref.sha256, data=data)
            receipt = Receipt(
                message=ref.id,
                sender="RU",
                sha256=ref.sha256,
                recipient="KZ",
                time=NOW,
                position=number,
                hash=head.hash,
            )
            writes.messages.append(message)
            writes.accepted.append(
                Accepted(id=ref.id, sender="RU", sha256=ref.sha256, position=number, receipt=receipt.sign(KEY))
            )
    store = await open_store(f"sqlite:///{path}", "KZ", synchronous="OFF")
    await store.write(writes)
    await store.close()
    return path


async def audited(path: Path, claims: Iterable[Claim] = ()) -> Audit:
    store = await open_store(f"sqlite:///{path}", "KZ", reading=True)
    try:
        return await audit(store, claims)
    finally:
        await store.close()


async def entries(path: Path) -> list[LedgerEntry]:
    store = await open_store(f"sqlite:///{path}", "KZ", reading=True)
    try:
        return [entry async for entry in store.ledger()]
    finally:
        await store.close()


def tamper(path: Path, *statements: str) -> None:
    with sqlite3.connect(path) as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount > 0, statement
    connection.close()


async def test_a_good_ledger_has_no_fault(file: Path) -> None:
    found = await audited(file)
    assert found.faults == ()
    assert (found.entries, found.head.position) == (COUNT, COUNT)


CHANGES = [
    ("kind", "'issued'"),
    ('"case"', "'8CN9'"),
    ('"case"', "x'ff'"),
    ("at", "'2026-03-01T12:00:01Z'"),
    ("at", "'2026-W09-7T12:00:00Z'"),
    ("at", "'yesterday'"),
    ("data", "'{}'"),
    ("data", "data || ' '"),
    ("sender", "'CN'"),
    ("sender", "NULL"),
    ("message_id", "NULL"),
    ("sha256", "replace(sha256, substr(sha256, 1, 1), 'g')"),
]


@pytest.mark.parametrize(("column", "value"), CHANGES)
@pytest.mark.parametrize("position", [1, 6, COUNT - 1])
async def test_a_changed_entry_is_named_and_no_other(file: Path, column: str, value: str, position: int) -> None:
    tamper(file, f"UPDATE entries SET {column} = {value} WHERE position = {position}")
    found = await audited(file)
    assert {fault.position for fault in found.faults} == {position}
    assert "changed" in {fault.kind for fault in found.faults}


@pytest.mark.parametrize("value", ["replace(hash, substr(hash, 1, 1), 'g')", "''", f"'{'0' * 64}'"])
@pytest.mark.parametrize("position", [1, 6, COUNT])
async def test_a_changed_hash_is_named_and_no_other(file: Path, value: str, position: int) -> None:
    tamper(file, f"UPDATE entries SET hash = {value} WHERE position = {position}")
    found = await audited(file)
    assert {fault.position for fault in found.faults} == {position}


@pytest.mark.parametrize("position", range(1, COUNT))
async def test_a_removed_entry_is_named(file: Path, position: int) -> None:
    tamper(file, f"DELETE FROM entries WHERE position = {position}")
    found = await audited(file)
    assert [(fault.position, fault.kind) for fault in found.faults] == [(position, "missing")]


@pytest.mark.parametrize("value", ["data || ' '", "'text'", "x''"])
async def test_changed_bytes_are_named(file: Path, value: str) -> None:
    tamper(file, f"UPDATE messages SET data = {value} WHERE id = '{ident(6)}'")
    assert [(fault.position, fault.kind) for fault in (await audited(file)).faults] == [(6, "bytes")]


@pytest.mark.parametrize("value", ["''", "x'00'", "'a.b.c'", "7", "replace(receipt, '.', '-')"])
async def test_a_changed_receipt_of_its_own_is_named(file: Path, value: str) -> None:
    tamper(file, f"UPDATE accepted SET replies = 'x', receipt = {value} WHERE id = '{ident(6)}'")
    assert [(fault.position, fault.kind) for fault in (await audited(file)).faults] == [(6, "receipt")]


async def test_several_faults_are_all_named(file: Path) -> None:
    tamper(
        file,
        "DELETE FROM entries WHERE position IN (3, 4)",
        "UPDATE entries SET kind = 'x' WHERE position = 8",
        f"UPDATE messages SET data = x'3c' WHERE id = '{ident(11)}'",
        f"DELETE FROM messages WHERE id = '{ident(10)}'",
    )
    found = await audited(file)
    assert [(fault.position, fault.kind) for fault in found.faults] == [
        (3, "missing"),
        (8, "changed"),
        (10, "bytes"),
        (11, "bytes"),
    ]
    assert "entries 3 to 4 are missing" in found.faults[0].text


@pytest.mark.parametrize(("one", "other"), [(5, 6), (2, 9), (1, 2), (1, 12), (11, 12)])
async def test_entries_that_changed_places_are_named(file: Path, one: int, other: int) -> None:
    tamper(
        file,
        f"UPDATE entries SET position = 99 WHERE position = {one}",
        f"UPDATE entries SET position = {one} WHERE position = {other}",
        f"UPDATE entries SET position = {other} WHERE position = 99",
    )
    found = await audited(file)
    assert [(fault.position, fault.kind) for fault in found.faults] == [(one, "moved"), (other, "moved")]
    assert f"written at position {other}" in found.faults[0].text
    assert f"written at position {one}" in found.faults[1].text


async def test_a_missing_tail_is_found_by_what_others_hold(file: Path) -> None:
    written = await entries(file)
    claim = Claim(COUNT, written[-1].hash, "the receipt of RU")
    assert (await audited(file, [claim])).faults == ()
    tamper(file, f"DELETE FROM entries WHERE position > {COUNT - 3}")
    assert (await audited(file)).faults == ()
    (fault,) = (await audited(file, [claim])).faults
    assert (fault.position, fault.kind) == (COUNT, "tail")
    assert "ends at 9: its tail is missing" in fault.text


async def test_a_chain_written_anew_is_found_by_own_receipts_and_by_what_others_hold(file: Path) -> None:
    written = await entries(file)
    claims = [Claim(entry.position, entry.hash, "the receipt of RU", entry.message) for entry in written]
    head, statements = Head(4, written[3].hash), []
    for entry in written[4:]:
        data = "{}" if entry.position == 5 else entry.data
        made = chained(head, kind=entry.kind, case=entry.case, at=entry.at, message=entry.message, data=data)
        head = Head(made.position, made.hash)
        statements.append(f"UPDATE entries SET data = '{data}', hash = '{made.hash}' WHERE position = {made.position}")
    tamper(file, *statements)
    own = await audited(file)
    assert {(fault.position, fault.kind) for fault in own.faults} == {(n, "receipt") for n in (5, 6, 7, 9, 10, 11)}
    tamper(file, "DELETE FROM accepted")
    assert (await audited(file)).faults == ()
    found = await audited(file, claims)
    assert [(fault.position, fault.kind) for fault in found.faults] == [(n, "rewritten") for n in range(5, COUNT + 1)]


async def test_a_receipt_for_another_message_is_named(file: Path) -> None:
    written = await entries(file)
    claim = Claim(2, written[1].hash, "the receipt of RU", written[2].message)
    (fault,) = (await audited(file, [claim])).faults
    assert (fault.position, fault.kind) == (2, "rewritten")
