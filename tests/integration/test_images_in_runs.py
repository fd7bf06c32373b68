"""Runs in which scans count only with their images: the same on both transports, and left to look at."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from exchange.agreements import Agreements, registry
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


def inspected(out: Path, *sets: str) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Return the events of a run in which most consignments are inspected where they set out, and its images."""
    many = ("policies.99303.presentations.DEPARTURE.physical=60 %", "images.corrupted=0 %", "detection.hard=100 %")
    scenario = load_scenario("green_corridor_ru_mn_images", (*SETS, *many, "detection.irregular_on_list=30 %", *sets))
    ran = run_scenario(scenario, transport="memory", replications=1, arms=["recognition"], out=out)
    events = [json.loads(line) for line in (ran.folder / "events.jsonl").read_text().splitlines()]
    return events, ran.summary["images"]["recognition"]


def test_an_inspection_counts_with_the_scan_of_what_was_stowed_back(tmp_path: Path) -> None:
    events, counts = inspected(tmp_path / "with")
    acts = [e["data"] for e in events if e["kind"] == "control" and e["data"]["office"] == "99303"]
    physical = [act for act in acts if act["form"] == "PHYSICAL"]
    sound = [act for act in physical if not act["found"]]
    assert 0 < len(sound) < len(physical), "some find something; what they find is seized, and not scanned"
    scans = sum(act["form"] == "SCAN" for act in acts)
    assert counts["taken"] == scans + len(sound)
    assert counts["unrepaired"] == 0
    without, other = inspected(tmp_path / "without", "images.inspections=false")
    assert other["taken"] == scans
    assert other["unrepaired"] > 0, "an inspection that nobody pictures counts for nothing"
    longer = lasted(events, "99303") - lasted(without, "99303")
    assert longer == len(sound) * 4 * 900, "four containers each, a quarter of an hour a container"


def lasted(events: list[dict[str, Any]], office: str) -> int:
    """Return the seconds of all inspections of an office."""
    acts = [e["data"] for e in events if e["kind"] == "control" and e["data"]["office"] == office]
    return sum(act["ended"] - act["began"] for act in acts if act["form"] == "PHYSICAL")


IMAGES = """{
    offices: ["9930"],
    stands_for: {is: "25 MB", mark: designed, source: a test},
    line: {is: "20 Mbit/s", mark: designed, source: a test},
    corrupted: {is: "30 %", mark: designed, source: a test},
}"""


def test_along_a_chain_images_go_with_their_results_alike_on_both_transports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What of the trilateral agreement no source says is assumed otherwise here: that it asks for images."""
    chain, folders = "recognition-ru-cn-mn", []
    terms = registry()[chain].recognition
    assert terms is not None
    strict = replace(terms, image_duty=True)
    known = Agreements(replace(one, recognition=strict) if one.id == chain else one for one in registry())
    monkeypatch.setattr("scenarios.parties.registry", lambda: known)
    sets = [f"flows.{n}.vehicles.count=1 train" for n in (0, 1)] + ["warm_up=1 h", f"images={IMAGES}"]
    for transport in ("http", "memory"):
        scenario = load_scenario("trilateral_cn_mn_ru", sets)
        out = tmp_path / transport
        ran = run_scenario(scenario, transport=transport, replications=1, arms=["recognition"], out=out)
        folders.append(ran.folder)
    sent = {path.stem.partition("-")[2] for path in folders[0].rglob("*.xml")}
    assert {"IMG-CN-MN", "IMG-MN-RU", "RCG-RU-MN"} <= sent
    counts = ran.summary["images"]["recognition"]
    assert counts["announced"] >= 2 * counts["taken"] > 0, "each is announced to Mongolia, and then to Russia"
    assert counts["repaired"] >= 1
    for name in ("events.jsonl", "reasons.jsonl"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("images=null", "asks for an image .* name one that scans under images.offices"),
        ('images.offices=["99602010"]', "no office that makes them for its parties .99303"),
        ('images.offices=["99302"]', "scans nothing"),
        ("images.offices=[nowhere]", "does not exist"),
        ("offices.99303.customs.scan.0.per=vehicle", "what an inspection stowed back cannot be scanned alone"),
        ("images.line=20 MB", "a speed of a line"),
        ("images.stands_for=25", "a size"),
    ],
)
def test_images_that_cannot_be_are_named(change: str, words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        load_scenario("green_corridor_ru_mn_images", [change, "checks=[{name: a, kind: delivered_all}]"])
