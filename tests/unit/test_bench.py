"""``corridor bench validate``: its messages are valid and differ, its figures are there, a missing rival is said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

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


def measured(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], str]:
    monkeypatch.setattr(bench, "ROUNDS", 1)
    assert bench.bench_validate(12, json_output=True) == 0
    captured = capsys.readouterr()
    figures = json.loads(captured.out)
    assert list(figures) == list(bench.TOLD_AS_JSON)
    assert figures["documents_per_s"] > 0
    return figures, captured.err


def test_the_figures(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which("xmllint") is None:
        pytest.skip("xmllint is not installed")
    figures, told = measured(capsys, monkeypatch)
    assert all(figure > 0 for figure in figures.values())
    assert "install" not in told


def test_without_xmllint_its_ratios_are_null_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("scenarios.commands.bench.shutil.which", lambda _: None)
    figures, told = measured(capsys, monkeypatch)
    assert figures["ratio_to_xmllint"] is figures["schema_only_ratio_to_xmllint"] is None
    assert figures["ratio_to_xmlschema"] > 0
    assert "xmllint is not installed" in told
    assert "libxml2-utils" in told


def test_without_the_xmlschema_library_its_ratio_is_null_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(_: str) -> None:
        raise ModuleNotFoundError("No module named 'xmlschema'", name="xmlschema")

    monkeypatch.setattr("scenarios.commands.bench.engines.explained", missing)
    figures, told = measured(capsys, monkeypatch)
    assert figures["ratio_to_xmlschema"] is None
    assert "pip install xmlschema" in told


def test_the_words_name_all_figures(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bench, "ROUNDS", 1)
    monkeypatch.setattr("scenarios.commands.bench.shutil.which", lambda _: None)
    assert bench.bench_validate(12, json_output=False) == 0
    told = capsys.readouterr().out
    assert "12 messages" in told
    assert "not measured" in told
    assert "documents/s" in told


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
