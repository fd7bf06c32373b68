"""The ledger's chain: every change is found, and named by its position."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from exchange.ledger import BrokenChain, Head, LedgerEntry, MessageRef, canonical, chained, parse_time, verify_chain

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
REF = MessageRef("KZ.99101", "m-1", "a" * 64)


def chain(count: int) -> list[LedgerEntry]:
    head, entries = Head(), []
    for number in range(count):
        entry = chained(
            head,
            kind="received",
            case=f"дело {number}",
            at=NOW + timedelta(seconds=number),
            message=REF if number % 2 else None,
            data=canonical({"n": number, "a": 'ä"'}),
        )
        head = Head(entry.position, entry.hash)
        entries.append(entry)
    return entries


def test_the_hash_is_what_the_module_promises() -> None:
    entry = chain(2)[1]
    content = {
        "kind": "received",
        "case": "дело 1",
        "at": "2026-03-01T12:00:01Z",
        "message": {"sender": REF.sender, "id": REF.id, "sha256": REF.sha256},
        "data": {"n": 1, "a": 'ä"'},
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = sha256(text.encode()).digest()
    previous = bytes.fromhex(chain(1)[0].hash)
    mark = sha256(previous + "дело 1".encode()).digest()
    assert entry.hash == sha256(previous + mark + digest).hexdigest()


def test_a_whole_chain_is_followed_to_its_head() -> None:
    entries = chain(5)
    assert verify_chain(entries) == Head(5, entries[-1].hash)
    assert verify_chain(entries[2:], Head(2, entries[1].hash)) == Head(5, entries[-1].hash)
    assert verify_chain([]) == Head()


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "issued"},
        {"case": "x"},
        {"at": NOW},
        {"message": None},
        {"message": replace(REF, sha256="b" * 64)},
        {"data": "{}"},
        {"hash": "0" * 64},
    ],
)
def test_a_changed_entry_is_named(change: dict[str, Any]) -> None:
    entries = chain(5)
    entries[3] = replace(entries[3], **change)
    with pytest.raises(BrokenChain) as caught:
        verify_chain(entries)
    assert caught.value.position == 4
    assert "position 4" in str(caught.value)


def test_a_missing_or_moved_entry_is_named() -> None:
    entries = chain(5)
    with pytest.raises(BrokenChain, match="position 3"):
        verify_chain([*entries[:2], *entries[3:]])
    with pytest.raises(BrokenChain, match="position 2"):
        verify_chain([entries[0], entries[2], entries[1]])


@pytest.mark.parametrize(
    "text", ["2026-03-01T12:00:00", "2026-03-01 12:00:00Z", "2026-03-01T12:00:00+00:00", "", "x" * 20]
)
def test_a_time_has_one_spelling(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_time(text)


def test_only_plain_json_goes_into_the_ledger() -> None:
    with pytest.raises(TypeError):
        canonical({"at": NOW})
    with pytest.raises(ValueError, match="JSON"):
        canonical({"n": float("nan")})
