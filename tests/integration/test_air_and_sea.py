"""Air cargo with alerts, and nine conventions by air and sea: each run in small in both arms."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from exchange.messages import AnticipatedArrivalRecord, Message, ViolationAlert
from nodes.core import NodeCore
from scenarios.events import ArmRun
from scenarios.parties import agreements_in
from scenarios.run import Job, conduct, run_scenario
from scenarios.scenario import Scenario, load_scenario

AIR, CONVENTIONS = "air_violation_prevention", "preliminary_information_conventions"
FLIGHTS = tuple(f"flows.{flow}.vehicles.count=12 flights" for flow in ("paris-moscow", "frankfurt-moscow"))
PARTNERS = ("vietnam", "israel", "jordan", "lebanon", "morocco", "syria", "uruguay", "france", "ethiopia")
SMALL: dict[str, tuple[str, ...]] = {
    AIR: (
        *FLIGHTS,
        "flows.tokyo-moscow.vehicles.count=12 flights",
        "warm_up=2 d",
        "detection.irregular_off_list=25 %",
        *(f"flows.{flow}.alert.knows=60 %" for flow in ("paris-moscow", "frankfurt-moscow", "tokyo-moscow")),
    ),
    CONVENTIONS: (
        *(f"flows.{partner}.vehicles.count=3 ships" for partner in PARTNERS),
        "flows.uruguay.vehicles.first=2 d",
        *(f"sides.{side}-entry.background.rate=20 trucks/d" for side in ("99317010", "99217010", "99717010")),
        "sides.99117010-entry.background.rate=20 trucks/d",
    ),
}
"""What makes each small: fewer vehicles; and more that is irregular, so that few vehicles show what alerts do."""


@cache
def small(name: str, *sets: str) -> Scenario:
    return load_scenario(name, (*SMALL[name], *sets))


@cache
def ran(name: str, arm: str, *sets: str) -> tuple[ArmRun, tuple[Message, ...], dict[str, NodeCore]]:
    """Return what happened, the messages that nodes took, and the nodes, of one arm in small."""
    nodes: dict[str, NodeCore] = {}
    job = Job(scenario=small(name, *sets), seed=1, run_id="small", replication=0, arm=arm, transport="memory")
    run = asyncio.run(conduct(job, keep=nodes.update))[0]
    taken = [
        entry.message
        for core in nodes.values()
        for case in core._cases.values()
        for entry in case.timeline
        if entry.kind == "received" and entry.message is not None
    ]
    return run, tuple(taken), nodes


def controls(run: ArmRun) -> dict[str, set[tuple[str, str]]]:
    """Return (office, form) of the controls that each consignment got."""
    made: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for event in run.events:
        if event.kind == "control":
            made[event.case].add((event.data["office"], event.data["form"]))
    return made


def of_kind(run: ArmRun, kind: str) -> list[tuple[int, str, Any]]:
    return [(event.at, event.case, sorted(event.data.items())) for event in run.events if event.kind == kind]


@pytest.mark.parametrize("name", SMALL)
def test_every_check_holds_and_nothing_is_refused(name: str, tmp_path: Path) -> None:
    summary = run_scenario(
        small(name), transport="memory", replications=1, workers=1, out=tmp_path, run_id="small"
    ).summary
    assert [check["text"] for check in summary["checks"] if not check["ok"]] == []
    assert summary["checks_left_out"] == []
    for arm in summary["arms"].values():
        assert arm["delivered"] + arm["seized"] == arm["consignments"] > 0
        assert arm["messages"]["rejected"] == 0
    assert len(summary["what_if"]) == len(small(name).what_if)
    for flow in summary["flows"].values():
        assert flow["saved"]["advance"]["hours_mean"] > 0.2  # the papers, whatever the way
    assert summary["illustrative"] == small(name).illustrative
    report = (tmp_path / name / "small" / "report.html").read_text("utf-8")
    assert f"Illustrative: {summary['illustrative']}" in report


def test_the_services_of_departure_suspect_the_same_in_both_arms_and_only_one_tells() -> None:
    (baseline, before, _), (advance, after, _) = ran(AIR, "baseline"), ran(AIR, "advance")
    alerts = of_kind(baseline, "alert")
    assert alerts == of_kind(advance, "alert")
    assert len(alerts) >= 3
    assert not [m for m in before if isinstance(m, ViolationAlert) and "." not in m.header.sender]
    heard = [m for m in after if isinstance(m, ViolationAlert) and "." not in m.header.sender]
    assert len(heard) == len(alerts)
    assert {m.header.agreement_id for m in heard} <= {"air-ru-fr", "air-ru-de", "air-ru-jp"}


def test_alerts_add_inspections_of_what_was_warned_of_and_change_nothing_else() -> None:
    baseline, advance = (ran(AIR, arm)[0] for arm in ("baseline", "advance"))
    warned = {case for _, case, _ in of_kind(advance, "alert")}
    ended = {event.case for event in advance.events if event.kind == "seized"}
    before, after = controls(baseline), controls(advance)
    added = {case: made - before[case] for case, made in after.items() if made - before[case]}
    assert added
    assert set(added) <= warned
    assert {control for made in added.values() for control in made} == {("99117010", "PHYSICAL")}
    lost = {case for case, made in before.items() if made - after[case]}
    assert lost <= ended  # what was found sooner is controlled no further
    found = {arm: {e.case for e in run.events if e.kind == "seized"} for arm, run in (("b", baseline), ("a", advance))}
    assert found["b"] < found["a"]
    assert found["a"] - found["b"] <= warned


def test_without_anything_suspected_both_arms_select_the_same() -> None:
    silent = [f"flows.{flow.id}.alert.{share}=0 %" for flow in small(AIR).flows for share in ("knows", "mistaken")]
    baseline, advance = (ran(AIR, arm, *silent)[0] for arm in ("baseline", "advance"))
    assert of_kind(advance, "alert") == []
    assert controls(baseline) == controls(advance)


def test_without_a_convention_nothing_is_told_and_what_is_told_is_refused() -> None:
    _, before, nodes = ran(CONVENTIONS, "baseline")
    assert [m for m in before if "." not in m.header.sender and m.header.sender != m.header.recipient] == []
    _, after, _ = ran(CONVENTIONS, "advance")
    records = {m.header.sender: m for m in after if isinstance(m, AnticipatedArrivalRecord)}
    assert set(records) == {"VN", "IL", "JO", "LB", "MA", "SY", "UY", "FR", "ET"}
    for sender, record in records.items():
        refusal = nodes["RU"].decide(record, record.header.sent_at).refusal
        assert refusal is not None, sender
        assert (refusal.status, refusal.code) == (403, "no-agreement")


def test_a_single_convention_can_be_brought_into_force() -> None:
    others = [f"arms.advance.information-ru-{c}=negotiated" for c in ("il", "jo", "lb", "ma", "sy", "uy", "fr", "et")]
    scenario = small(CONVENTIONS, *others)
    day = scenario.start.date()
    known = agreements_in(scenario, "advance")
    assert [c for c in scenario.services if c != "RU" and known.covering("AAR", c, "RU", day)] == ["VN"]
