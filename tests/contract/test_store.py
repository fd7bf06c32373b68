"""What every store promises: over SQLite in a file and in memory, with and without a thread of its own, and over
PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from exchange.codec import encode
from exchange.ledger import BrokenChain, Head, LedgerEntry, MessageRef, canonical, chained
from exchange.messages import Header, Message, WriteOff
from exchange.signatures import digest
from exchange.store import (
    Accepted,
    LostLock,
    OutboxRow,
    RefusalNote,
    ReplyRef,
    Store,
    StoredMessage,
    StoreError,
    StoreInUse,
    TimerRow,
    Writes,
    open_store,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KINDS = ("memory", "memory in thread", "file", "file in thread", "postgres", "postgres in thread")
LASTING = ("file", "file in thread", "postgres", "postgres in thread")


def address(request: pytest.FixtureRequest, kind: str) -> str:
    """Return the URL of a new store of this kind."""
    if kind.startswith("postgres"):
        return str(request.getfixturevalue("postgres_url"))
    if kind.startswith("file"):
        return f"sqlite:///{request.getfixturevalue('tmp_path')}/KZ.sqlite"
    return "sqlite://"


async def make(kind: str, url: str) -> Store:
    return await open_store(url, "KZ", synchronous="OFF", threaded="thread" in kind, kept_refusals=5)


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    made = await make(request.param, address(request, request.param))
    yield made
    await made.close()


def message(number: int, sender: str = "RU", case: str = "8CN1") -> Message:
    header = Header(
        message_id=f"00000000-0000-0000-0000-{number:012}",
        message_type="WRO",
        sender=sender,
        recipient="KZ",
        sent_at=NOW,
        ordinal=number,
    )
    return WriteOff(header=header, ucr=case, mrn="26KZ123456789ABCD1", written_off_at=NOW, result="A1")


def stored(given: Message) -> StoredMessage:
    data = encode(given)
    header = given.header
    return StoredMessage(
        id=header.message_id,
        sender=header.sender,
        recipient=header.recipient,
        case=given.ucr,
        sha256=digest(data),
        data=data,
    )


def entries(head: Head, *given: Message) -> list[LedgerEntry]:
    made = []
    for one in given:
        ref = MessageRef(one.header.sender, one.header.message_id, stored(one).sha256)
        entry = chained(head, kind="received", case=one.ucr, at=NOW, message=ref, data=canonical({"ä": [1, None]}))
        head = Head(entry.position, entry.hash)
        made.append(entry)
    return made


def outbox_row(number: int, **changes: Any) -> OutboxRow:
    row = OutboxRow(
        message_id=f"00000000-0000-0000-0000-{number:012}",
        sender="KZ",
        recipient="RU",
        case="8CN1",
        ordinal=number,
        since=NOW,
        due=NOW + timedelta(seconds=1),
    )
    return row._replace(**changes)


async def fill(store: Store, *given: Message) -> list[LedgerEntry]:
    linked = entries(await store.head(), *given)
    await store.write(Writes(entries=linked, messages=[stored(one) for one in given]))
    return linked


async def test_an_empty_store_has_an_empty_ledger(store: Store) -> None:
    assert await store.head() == Head()
    assert await store.verify() == Head()
    assert await store.cases(10) == []
    assert await store.timers() == []


async def test_entries_come_back_as_they_went_in(store: Store) -> None:
    first, second, other = message(1), message(2), message(3, case="8CN2")
    linked = await fill(store, first, other, second)
    assert [entry async for entry in store.ledger()] == linked
    assert [entry async for entry in store.ledger(after=1)] == linked[1:]
    assert await store.head() == Head(3, linked[2].hash)
    assert await store.verify() == await store.head()
    found = await store.entries_of(["8CN1", "8CN2", "8CN3"])
    assert [entry.message for entry in found["8CN1"]] == [first, second]
    assert found["8CN1"][0].data == {"ä": [1, None]}
    assert found["8CN1"][0].at == NOW
    assert found["8CN3"] == []


async def test_a_long_ledger_is_read_in_pages_without_a_gap(store: Store) -> None:
    linked = await fill(store, *(message(number) for number in range(1, 1202)))
    assert [entry.position async for entry in store.ledger()] == [entry.position for entry in linked]
    assert (await store.verify()).position == 1201


async def test_messages_are_found_by_id_and_sender(store: Store) -> None:
    ours, theirs = message(1, sender="RU"), message(1, sender="CN")
    await fill(store, ours, theirs)
    found = await store.message(ours.header.message_id)
    assert found == [stored(theirs), stored(ours)]
    assert await store.message("nothing") == []
    key = ("CN", ours.header.message_id)
    assert await store.refs([key, ("CN", "nothing")]) == {key: stored(theirs).sha256}


async def test_cases_are_listed_latest_first_and_by_party(store: Store) -> None:
    await fill(store, message(1, case="8CN1"), message(2, case="8CN2", sender="CN"), message(3, case="8CN1"))
    assert [(row.case, row.entries) for row in await store.cases(10)] == [("8CN1", 2), ("8CN2", 1)]
    assert [row.case for row in await store.cases(1)] == ["8CN1"]
    assert [row.case for row in await store.cases(10, party="CN")] == ["8CN2"]
    assert await store.cases(10, party="FI") == []
    assert sorted(await store.case_names(10)) == ["8CN1", "8CN2"]


async def test_an_answer_is_kept_under_its_duplicate_key(store: Store) -> None:
    reply = ReplyRef("KZ", "r-1", "sig")
    one = Accepted(id="m-1", sender="RU", sha256="a" * 64, position=2, receipt="token", replies=(reply,))
    two = replace(one, sender="CN", position=1, replies=())
    await store.write(Writes(accepted=[one, two]))
    assert await store.accepted("m-1") == [two, one]
    assert await store.accepted("m-1", "RU") == [one]
    assert await store.accepted_ids(10) == [("CN", "m-1", "a" * 64), ("RU", "m-1", "a" * 64)]
    assert await store.accepted_ids(1) == [("RU", "m-1", "a" * 64)]
    with pytest.raises(SQLAlchemyError):
        await store.write(Writes(accepted=[replace(one, sha256="b" * 64)]))


async def test_the_outbox_is_in_order_and_changes_state(store: Store) -> None:
    late, early = outbox_row(1, due=NOW + timedelta(hours=1)), outbox_row(2)
    await store.write(Writes(outbox=[late, early]))
    assert await store.outbox("pending") == [early, late]
    done = early._replace(state="delivered", attempts=1, settled=NOW, receipt="token")
    put_off = late._replace(due=NOW + timedelta(hours=2), attempts=1, detail="not reached")
    await store.write(Writes(outbox_changes=[done, put_off]))
    assert await store.outbox("pending") == [put_off]
    assert await store.outbox(message_id=early.message_id) == [done]


async def test_timers_stay_until_they_fire(store: Store) -> None:
    one, two = TimerRow(NOW + timedelta(hours=1), "8CN1", "a"), TimerRow(NOW, "8CN2", "b")
    await store.write(Writes(timers=[one, two]))
    assert await store.timers() == [two, one]
    await store.write(Writes(timers_done=[two], timers=[two]))
    assert await store.timers() == [two, one]
    await store.write(Writes(timers_done=[two]))
    assert await store.timers() == [one]


async def test_only_the_latest_refusals_are_kept(store: Store) -> None:
    notes = [
        RefusalNote(at=NOW, member="RU", sha256="a" * 64, status=422, code="invalid", text=str(number))
        for number in range(12)
    ]
    for start in range(0, 12, 3):
        await store.write(Writes(refusals=notes[start : start + 3]))
    assert [note.text for note in await store.refusals()] == ["11", "10", "9", "8", "7"]


async def test_a_batch_is_written_whole_or_not_at_all(store: Store) -> None:
    linked = await fill(store, message(1))
    more = entries(Head(1, linked[0].hash), message(2))
    bad = Writes(entries=more, messages=[stored(message(1))], timers=[TimerRow(NOW, "8CN1", "a")])
    with pytest.raises(SQLAlchemyError):
        await store.write(bad)
    assert await store.head() == Head(1, linked[0].hash)
    assert await store.timers() == []
    await fill(store, message(2))
    assert (await store.verify()).position == 2


@pytest.mark.parametrize(
    ("change", "position"),
    [
        ("UPDATE entries SET data = '{}' WHERE position = 2", 2),
        ("UPDATE entries SET at = '2026-03-01T12:00:01Z' WHERE position = 3", 3),
        ("DELETE FROM entries WHERE position = 2", 2),
        ("UPDATE messages SET data = x'3c' WHERE id LIKE '%3'", 3),
        ("DELETE FROM messages WHERE id LIKE '%1'", 1),
    ],
)
async def test_what_was_changed_behind_its_back_is_named(store: Store, change: str, position: int) -> None:
    await fill(store, *(message(number) for number in range(1, 5)))

    def tamper(connection: Any) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text(change.replace("x'3c'", "'<'::bytea")))
        else:
            connection.execute(text(change))
        connection.commit()

    await store._run(tamper)
    with pytest.raises(BrokenChain) as caught:
        await store.verify()
    assert caught.value.position == position


@pytest.mark.parametrize("kind", LASTING)
async def test_what_was_written_is_there_after_opening_again(kind: str, request: pytest.FixtureRequest) -> None:
    url = address(request, kind)
    store = await make(kind, url)
    linked = await fill(store, message(1))
    await store.write(Writes(outbox=[outbox_row(1)], timers=[TimerRow(NOW, "8CN1", "a")]))
    await store.close()
    again = await make(kind, url)
    try:
        assert await again.head() == Head(1, linked[0].hash)
        assert await again.outbox("pending") == [outbox_row(1)]
        assert await again.timers() == [TimerRow(NOW, "8CN1", "a")]
    finally:
        await again.close()


@pytest.mark.parametrize("kind", ["file", "postgres"])
async def test_a_url_leads_to_a_store_of_one_node_and_one_user(kind: str, request: pytest.FixtureRequest) -> None:
    url = address(request, kind)
    store = await make(kind, url)
    assert store.held
    with pytest.raises(StoreInUse, match="another process"):
        await open_store(url, "KZ")
    await store.close()
    assert not store.held
    with pytest.raises(StoreError, match="holds node KZ, not RU"):
        await open_store(url, "RU")


@pytest.mark.parametrize("kind", ["file", "postgres"])
async def test_a_store_opened_for_reading_changes_nothing(kind: str, request: pytest.FixtureRequest) -> None:
    url = address(request, kind)
    with pytest.raises(StoreError, match=r"no (such )?store"):
        await open_store(url, "KZ", reading=True)
    store = await make(kind, url)
    linked = await fill(store, message(1))
    if kind == "file":
        await store.close()
    reader = await open_store(url, "KZ", reading=True)
    assert await reader.head() == Head(1, linked[0].hash)
    with pytest.raises((SQLAlchemyError, LostLock)):
        await reader.write(Writes(timers=[TimerRow(NOW, "8CN1", "a")]))
    assert await reader.timers() == []
    await reader.close()
    if kind == "postgres":
        await store.close()


@pytest.mark.parametrize("kind", ["file", "postgres"])
async def test_a_store_of_an_earlier_layout_is_refused_in_words(kind: str, request: pytest.FixtureRequest) -> None:
    url = address(request, kind)
    store = await make(kind, url)

    def age(connection: Any) -> None:
        connection.execute(text("UPDATE about SET value = '1' WHERE name = 'format'"))
        connection.commit()

    await store._run(age)
    await store.close()
    with pytest.raises(StoreError, match=r"format 1, and this version works with format 2.*new store"):
        await open_store(url, "KZ")


@pytest.mark.parametrize("url", ["mysql://u:secret@h/x", "KZ.sqlite", "", "postgresql+asyncpg://h/x"])
async def test_what_is_no_address_of_a_store_is_told(url: str) -> None:
    with pytest.raises(StoreError, match="no address of a store; write sqlite:///") as caught:
        await open_store(url, "KZ")
    assert "secret" not in str(caught.value)


async def test_a_server_that_is_not_there_is_told_without_its_password() -> None:
    with pytest.raises(StoreError, match="cannot be opened") as caught:
        await open_store("postgresql://u:secret@127.0.0.1:1/x", "KZ")
    assert "secret" not in str(caught.value)
    with pytest.raises(StoreError, match="cannot be opened"):
        await open_store("postgresql://u@127.0.0.1:1/x", "KZ", standby=True)
    with pytest.raises(StoreError, match="a standby needs PostgreSQL"):
        await open_store("sqlite://", "KZ", standby=True)


async def test_words_of_a_partner_that_no_database_takes_are_stored_without_them(store: Store) -> None:
    await store.write(Writes(outbox=[outbox_row(1, detail="a\0b\ud800c")]))
    (row,) = await store.outbox()
    assert row.detail == "a\N{REPLACEMENT CHARACTER}b?c"


async def test_the_signature_of_a_message_comes_back(store: Store) -> None:
    signed = replace(stored(message(1)), signature="head..sig")
    await store.write(Writes(messages=[signed, stored(message(2))]))
    assert await store.message(signed.id) == [signed]
    assert (await store.message(message(2).header.message_id))[0].signature is None


async def test_a_store_has_one_node_and_one_user(tmp_path: Path) -> None:
    path = tmp_path / "KZ.sqlite"
    store = await Store.open(path, "KZ")
    with pytest.raises(StoreError, match=r"KZ\.sqlite.*another process uses it"):
        await Store.open(path, "KZ")
    await store.close()
    with pytest.raises(StoreError, match="holds node KZ"):
        await Store.open(path, "RU")
    with pytest.raises(StoreError, match="cannot be opened"):
        await Store.open(tmp_path / "no such folder" / "KZ.sqlite", "KZ")
    (tmp_path / "text").write_text("this is not a database, whatever its name may say" * 100)
    with pytest.raises(StoreError, match="cannot be opened"):
        await Store.open(tmp_path / "text", "KZ")


async def test_callers_side_by_side_do_not_disturb_one_another(store: Store) -> None:
    writing = [store.write(Writes(timers=[TimerRow(NOW, "8CN1", str(number))])) for number in range(20)]
    reading = [store.head() for _ in range(20)]
    await asyncio.gather(*writing, *reading)
    assert len(await store.timers()) == 20
