"""The proof of 'corridor bench chaos' in small, and that it would find what it looks for."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from scenarios.commands.bench_chaos import figures_of, told
from scenarios.wire.chaos import ChaosOptions, Outcome, chaos
from scenarios.wire.faults import HEAVY, WireFaults, corrupt
from scenarios.wire.verdict import Verdict, judge


async def test_nothing_is_lost_doubled_or_believed_that_was_not_sent(tmp_path: Path) -> None:
    outcome = await chaos(ChaosOptions(messages=100, seed=3, kills=3, longest=150), tmp_path)
    assert not outcome.verdict.offenders
    figures = figures_of(outcome)
    assert figures == {
        "messages": outcome.verdict.messages,
        "kills": 3,
        "lost": 0,
        "doubled": 0,
        "tampered_accepted": 0,
    }
    assert figures["messages"] == len(outcome.evidence.reference.accepted) >= 100
    assert outcome.moments == {"anywhen": 1, "behind the commit": 1, "before the commit": 1}
    assert sum(outcome.faults.values()) > 10
    text = told(outcome, figures, 3)
    assert "kill -9: 3 times" in text and "as without faults" in text
    await _finds_what_it_looks_for(outcome, tmp_path)


async def _finds_what_it_looks_for(outcome: Outcome, folder: Path) -> None:
    """Break copies of the ledgers, each in one way, and see that it is named."""

    async def broken(name: str, *statements: str) -> Verdict:
        copies = {}
        for country in outcome.evidence.stores:
            path = folder / f"{name}-{country}.sqlite"
            shutil.copy(folder / f"{country}.sqlite", path)
            copies[country] = f"sqlite:///{path}"
        with sqlite3.connect(folder / f"{name}-CN.sqlite") as database:
            for statement in statements:
                assert database.execute(statement).rowcount > 0, statement
        database.close()
        return await judge(replace(outcome.evidence, stores=copies))

    of_partner = "SELECT max(position) FROM entries WHERE kind = 'received' AND sender = 'RU'"
    lost = await broken("lost", f"UPDATE entries SET kind = 'issued' WHERE position = ({of_partner})")
    assert len(lost.lost) == 1 and "from RU to CN: is not in the recipient's ledger" in lost.lost[0]
    assert len(lost.broken) == 1 and "does not fit its hash" in lost.broken[0]

    unheard = await broken("unheard", "DELETE FROM entries WHERE kind = 'received' AND sender LIKE 'CN.9%'")
    assert any("at CN:" in one and "is not that of the run without faults" in one for one in unheard.different)

    columns = 'hash, kind, "case", at, sender, message_id, sha256, data'
    doubled = await broken(
        "doubled",
        f"INSERT INTO entries (position, {columns}) SELECT (SELECT max(position) + 1 FROM entries), {columns} "
        f"FROM entries WHERE position = ({of_partner})",
    )
    assert len(doubled.doubled) == 1 and "stands 2 times" in doubled.doubled[0]

    changed = await broken("changed", f"UPDATE entries SET sha256 = '{'0' * 64}' WHERE position = ({of_partner})")
    assert len(changed.tampered) == 1 and "did not send" in changed.tampered[0]

    undelivered = await broken(
        "undelivered",
        "UPDATE outbox SET state = 'rejected' WHERE message_id = "
        "(SELECT message_id FROM outbox WHERE recipient = 'RU' LIMIT 1)",
    )
    assert len(undelivered.lost) == 1 and "is rejected in the sender's outbox" in undelivered.lost[0]

    believed = replace(outcome.evidence, tampered={next(iter(outcome.evidence.handed_in.values()))})
    assert len((await judge(believed)).tampered) == 1


def test_the_same_seed_damages_the_same_attempts() -> None:
    first, again, other = (WireFaults(seed) for seed in (5, 5, 6))
    fates = [[faults.fate("CN", f"message {n % 100}") for n in range(1000)] for faults in (first, again, other)]
    assert fates[0] == fates[1] != fates[2]
    share = sum(fate.kind is not None for fate in fates[0]) / 1000
    assert share == pytest.approx(sum(HEAVY.values()), abs=0.05)
    assert {fate.kind for fate in fates[0]} > set(HEAVY)
    first.on = False
    assert first.fate("CN", "message 1").kind is None


def test_damage_changes_bytes_and_no_lengths() -> None:
    faults = WireFaults(1, {"corrupt_request": 1.0})
    data = b"<Message>" * 50
    for number in range(200):
        damaged = corrupt(data, faults.fate("CN", str(number)))
        assert len(damaged) == len(data)
        assert 1 <= sum(a != b for a, b in zip(data, damaged, strict=True)) <= 3
    assert corrupt(b"", faults.fate("CN", "empty")) == b""
