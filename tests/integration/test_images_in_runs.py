"""Runs in which scans count only with their images: the same on both transports, and left to look at."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from scenarios.metrics import checks
from scenarios.run import RunOutcome, run_scenario
from scenarios.scenario import ScenarioError, load_scenario

SETS = ("flows.0.vehicles.count=3 trains", "warm_up=2 d", "images.corrupted=50 %")


def ran(transport: str, out: Path) -> RunOutcome:
    scenario = load_scenario("green_corridor_ru_mn_images", SETS)
    return run_scenario(scenario, transport=transport, replications=1, arms=["recognition"], out=out)


def test_images_are_fetched_refused_and_sent_again_alike_on_both_transports(tmp_path: Path) -> None:
    http, memory = (ran(transport, tmp_path / transport) for transport in ("http", "memory"))
    assert http.summary["images"] == memory.summary["images"]
    counts = http.summary["images"]["recognition"]
    assert counts["taken"] >= 6
    assert counts["repaired"] >= 1
    assert counts["refused"] >= counts["repaired"]
    assert counts["announced"] > counts["taken"], "those that came corrupt are announced again"
    found = next(check for check in load_scenario("green_corridor_ru_mn_images").checks if "image" in check.kind)
    assert checks.evaluate(found, http.summary)["ok"] is True
    for name in ("events.jsonl", "reasons.jsonl"):
        assert (http.folder / name).read_bytes() == (memory.folder / name).read_bytes()
    pictures = {path.name: path.read_bytes() for path in (http.folder / "images").iterdir()}
    assert pictures == {path.name: path.read_bytes() for path in (memory.folder / "images").iterdir()}
    assert all(name == f"{sha256(data).hexdigest()}.png" for name, data in pictures.items())
    events = [json.loads(line) for line in (http.folder / "events.jsonl").read_text().splitlines()]
    named = {event["data"]["sha256"] for event in events if event["kind"] == "image"}
    assert {f"{digest}.png" for digest in named} == set(pictures)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ('images.offices=["99302"]', "scans nothing"),
        ("images.offices=[nowhere]", "does not exist"),
        ("images.line=20 MB", "a speed of a line"),
        ("images.stands_for=25", "a size"),
    ],
)
def test_images_that_cannot_be_are_named(change: str, words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        load_scenario("green_corridor_ru_mn_images", [change])
