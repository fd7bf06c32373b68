"""The scenario of mutual assistance in small: what is settled without and with an agreement in force."""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path

import pytest

from scenarios.events import ArmRun
from scenarios.matters import Matters
from scenarios.report.naming import arms_of
from scenarios.report.page import rests_on
from scenarios.report.palette import ARM_LOOKS, COMPARISON_TITLES
from scenarios.report.words import headline
from scenarios.run import Job, conduct, run_scenario
from scenarios.scenario import load_scenario

SMALL = ("flows.tehran-moscow.vehicles.count=12 trucks", "flows.tehran-moscow.differs.share=70 %")


@cache
def ran(arm: str, transport: str = "memory") -> tuple[ArmRun, tuple[str, ...]]:
    """Return one arm in small, and the codes of what services exchanged, in order."""
    scenario = load_scenario("mutual_assistance", SMALL)
    job = Job(scenario=scenario, seed=1, run_id="small", replication=0, arm=arm, transport=transport)
    run, log = asyncio.run(conduct(job))
    assert all(item.accepted for item in log)
    between = [item for item in log if "." not in item.header.sender + item.header.recipient]
    return run, tuple(item.code for item in sorted(between, key=lambda item: (item.at, item.ucr, item.header.ordinal)))


def matters(arm: str, transport: str = "memory") -> Matters:
    found = ran(arm, transport)[0].matters
    assert found is not None
    return found


def ends(arm: str) -> dict[str, tuple[str, str | None]]:
    return {one.case: (one.end, one.way) for one in matters(arm).discrepancies}


def test_in_the_baseline_nobody_can_be_asked() -> None:
    assert {end for end, _ in ends("baseline").values()} == {"NOT_ASKED"}
    assert "DSC" not in ran("baseline")[1]


def test_records_settle_what_was_scanned_and_assistance_what_people_can_explain() -> None:
    assert ends("baseline").keys() == ends("advance").keys() == ends("recognition").keys()
    records = {case for case, (_, way) in ends("advance").items() if way == "records"}
    assert records == {case for case, (_, way) in ends("recognition").items() if way == "records"}
    people = [case for case, found in ends("recognition").items() if found == ("WRITTEN_OFF", "people")]
    assert people and all(ends("advance")[case] == ("RECOVERY", "time") for case in people)


def test_no_request_passes_under_an_agreement_that_is_only_signed() -> None:
    assert "MAQ" not in ran("advance")[1]
    assert ran("recognition")[1].count("MAQ") >= ran("recognition")[1].count("MAS") > 0


def test_people_take_days_and_all_ends_within_the_time_given() -> None:
    days = {
        one.way: (one.ended - one.noted) / 86400
        for one in matters("recognition").discrepancies
        if one.ended is not None
    }
    assert 5 <= days["people"] < 28.1
    assert {one.end for one in matters("recognition").discrepancies} <= {"WRITTEN_OFF", "RECOVERY", "NOT_ASKED"}


def test_assistance_changes_no_hour_at_the_border() -> None:
    def crossed(arm: str) -> list[tuple[str, int]]:
        return [(event.case, event.at) for event in ran(arm)[0].events if event.kind == "crossed"]

    assert crossed("advance") == crossed("recognition")


@pytest.mark.parametrize("arm", ["recognition"])
def test_both_transports_settle_the_same(arm: str) -> None:
    assert matters(arm) == matters(arm, "http")
    assert ran(arm)[0].reasons == ran(arm, "http")[0].reasons
    assert ran(arm)[0].events == ran(arm, "http")[0].events


def test_its_checks_hold_in_small(tmp_path: Path) -> None:
    scenario = load_scenario("mutual_assistance", SMALL)
    summary = run_scenario(
        scenario, transport="memory", replications=1, workers=1, out=tmp_path, run_id="small"
    ).summary
    assert [check["text"] for check in summary["checks"] if not check["ok"]] == []
    assert summary["checks_left_out"] == []
    said = " ".join(headline(summary))
    assert "recognised control results" not in said and "ecognition" not in said
    assert "Preliminary information with mutual assistance" in said
    assert summary["arms_about"] == {"recognition": "assistance"}
    with arms_of(summary):
        assert ARM_LOOKS["recognition"].short == "Mutual assistance"
        assert COMPARISON_TITLES["recognition_over_advance"] == "Mutual assistance against advance"
    assert COMPARISON_TITLES["recognition_over_advance"] == "Recognition against advance"
    assert [item["key"] for item in rests_on(scenario, summary)] == ["scan_share_at_entry"], "trucks need no wagons"
    assert {arm: found["discrepancies"]["noted"] > 0 for arm, found in summary["matters"].items()} == dict.fromkeys(
        ("baseline", "advance", "recognition"), True
    )
    assert summary["stops"]["advance"]["controls"]["99501-entry"]["NO_INFORMATION"] == 12
