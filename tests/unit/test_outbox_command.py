"""``corridor outbox`` over the store of a node that is stopped, as a person types it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from exchange.store import OutboxRow, Store, Writes, open_store
from scenarios.cli import app

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


def row(number: int, recipient: str, state: str) -> OutboxRow:
    return OutboxRow(
        message_id=f"0000000{number}-0000-4000-8000-000000000000",
        sender="KZ",
        recipient=recipient,
        case=f"8CN{number}",
        ordinal=1,
        since=NOW,
        due=NOW + timedelta(seconds=number),
        until=NOW + timedelta(hours=72),
        state=state,  # type: ignore[arg-type]
        attempts=number,
        detail="RU: not reached" if state == "dead" else None,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    async def make() -> None:
        store = await open_store(f"sqlite:///{tmp_path}/kz.sqlite", "KZ")
        rows = [row(1, "RU", "dead"), row(2, "RU", "pending"), row(3, "CN", "delivered")]
        await store.write(Writes(outbox=rows))
        await store.close()

    asyncio.run(make())
    return tmp_path / "kz.sqlite"


def corridor(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["outbox", *words])
    return result.exit_code, result.stdout, result.stderr


def ids(text: str) -> Sequence[str]:
    return [message["message"][7] for message in json.loads(text)["messages"]]


def test_what_is_listed_and_when_it_exits_with_one(file: Path) -> None:
    for options, found, code in (
        ((), ["1", "2", "3"], 1),
        (("--state", "pending"), ["2"], 0),
        (("--partner", "CN"), ["3"], 0),
        (("--limit", "1"), ["1"], 1),
    ):
        exit_code, out, _ = corridor("list", str(file), "--node", "KZ", "--json", *options)
        assert (exit_code, ids(out)) == (code, found), options
    code, out, _ = corridor("list", str(file), "--node", "KZ", "--state", "dead")
    assert code == 1
    assert "Outbox of KZ" in out
    assert "reached" in out


def test_what_is_dead_is_sent_again_and_what_waits_is_not(file: Path) -> None:
    code, out, _ = corridor("requeue", str(file), row(1, "RU", "dead").message_id, "--node", "KZ")
    assert (code, "will be sent again" in out) == (0, True)

    async def look() -> OutboxRow:
        store: Store = await open_store(f"sqlite:///{file}", "KZ")
        [found] = await store.outbox(message_id=row(1, "RU", "dead").message_id)
        await store.close()
        return found

    found = asyncio.run(look())
    assert (found.state, found.detail, found.attempts) == ("pending", None, 1)
    assert found.until is not None and found.until - found.due == timedelta(hours=72)
    code, _, err = corridor("requeue", str(file), row(1, "RU", "dead").message_id, "--node", "KZ")
    assert (code, "is pending; only what is dead, rejected or lost" in err) == (2, True)
    code, _, err = corridor("requeue", str(file), "nothing", "--node", "KZ")
    assert (code, "no message nothing" in err) == (2, True)


def test_wrong_use_is_told(file: Path, tmp_path: Path) -> None:
    for words, said in (
        (("list", str(tmp_path / "none.sqlite"), "--node", "KZ"), "none.sqlite"),
        (("list", str(file), "--node", "RU"), "KZ"),
        (("list", "https://127.0.0.1:1", "--node", "KZ"), "--keys"),
        (("list", "https://127.0.0.1:1", "--node", "KZ", "--keys", str(tmp_path)), "members.yaml"),
    ):
        code, _, err = corridor(*words)
        assert code == 2
        assert said in err, err
