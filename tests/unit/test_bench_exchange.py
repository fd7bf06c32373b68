"""``corridor bench exchange``: what it sends is valid, all of it is settled, and the figures are there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exchange.codec import encode
from exchange.entries import Timer
from exchange.signatures import PrivateKey
from exchange.validation import validate
from scenarios.commands import bench_exchange as bench
from scenarios.live.setting import part_of
from scenarios.throughput.processes import BenchFailed, Worker, memory_of, processor_of
from scenarios.throughput.sender import FROM, PURPOSE, Issuing, ucr_of


def test_the_messages_are_valid_and_all_different() -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    core = Issuing(part_of(FROM, None, PrivateKey.generate()).core.standing)
    made = [core.decide(Timer(case=ucr_of(number), purpose=PURPOSE, due=now), now) for number in range(1, 30)]
    messages = [decision.send[0].message for decision in made]
    for message in messages:
        data = encode(message)
        assert validate(data).findings == ()
        assert 2000 < len(data) < 6000
    assert len({message.header.message_id for message in messages}) == len(messages)
    assert len({encode(message).split(b"<Consignment>")[1] for message in messages}) == len(messages)


def test_the_figures(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bench, "SLICE", 0.3)
    monkeypatch.setattr(bench, "MARKS", (1,))
    assert bench.bench_exchange(bench.Wanted(seconds=0.2, connections=8), json_output=True) == 0
    figures = json.loads(capsys.readouterr().out)
    assert list(figures)[:5] == ["messages_per_s", "bare_echo_per_s", "ratio", "p50_ms", "p99_ms"]
    assert figures["messages"] > 0 and figures["slices"] > 0
    assert 0 < figures["ratio_min"] <= figures["ratio"] <= figures["ratio_max"]
    assert figures["p50_ms"] <= figures["p99_ms"]
    assert set(figures["processor_ms"]) == {"sender", "receiver", "echo_client", "echo_server"}
    assert set(figures["sender_memory_mb"]) == {"1"}


def test_a_store_that_cannot_be_opened_ends_it_with_what_the_node_said(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = bench.Wanted(seconds=0.2, connections=2, store="sqlite:////nowhere/at/all.db")
    assert bench.bench_exchange(wanted, json_output=True) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "corridor bench exchange" in captured.err and "/nowhere/at/all.db" in captured.err


async def test_a_process_that_ends_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(BenchFailed, match="No module named"):
        async with Worker(["scenarios.throughput.nothing"], tmp_path / "log"):
            pass


def test_a_process_that_there_is_not_has_no_figures() -> None:
    assert memory_of(2**22 + 1) is processor_of(2**22 + 1) is None
