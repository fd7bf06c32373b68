"""``corridor bench validate``: its messages are valid and differ, its figures are there, a missing rival is said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from exchange.validation import parse_message, validate
from scenarios.commands import bench
from scenarios.validation.corpus import make


def test_the_messages_are_valid_of_ordinary_size_and_all_different(tmp_path: Path) -> None:
    messages = [path.read_bytes() for path in make(tmp_path, 30)]
    for data in messages:
        assert validate(data).findings == ()
        assert 2000 < len(data) < 6000
    consignments = {parse_message(data).model_dump_json(include={"consignment"}) for data in messages}
    assert len(consignments) == 30
    assert messages == [path.read_bytes() for path in make(tmp_path, 30)]


@pytest.mark.parametrize("rival", [True, False])
def test_the_figures(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], rival: bool) -> None:
    if rival and shutil.which("xmllint") is None:
        pytest.skip("xmllint is not installed")
    if not rival:
        monkeypatch.setattr("scenarios.commands.bench.shutil.which", lambda _: None)
    monkeypatch.setattr(bench, "ROUNDS", 1)
    assert bench.bench_validate(12, json_output=True) == 0
    captured = capsys.readouterr()
    figures = json.loads(captured.out)
    assert figures["documents"] == 12
    assert figures["documents_per_s"] > 0
    assert figures["ratio_to_xmlschema"] > 0
    for key in ("ratio_to_xmllint", "schema_only_ratio_to_xmllint"):
        assert (figures[key] is not None) == rival
    assert ("install it" in captured.err) != rival


def test_a_rival_that_finds_a_message_invalid_stops_the_measurement(tmp_path: Path) -> None:
    paths = make(tmp_path, 3)
    paths[1].write_bytes(b"<a/>")
    with pytest.raises(RuntimeError, match="found 1 of"):
        bench._library(paths)


def test_the_schema_gate_alone_refuses_what_the_schema_refuses(tmp_path: Path) -> None:
    data = make(tmp_path, 1)[0].read_bytes()
    assert bench.schema_alone(data).valid
    assert not bench.schema_alone(data.replace(b"<UCR>", b"<Odd/><UCR>")).valid
    assert not bench.schema_alone(b"\x00").valid
