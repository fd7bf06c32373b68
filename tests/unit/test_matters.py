"""What services asked each other of goods: how it is counted, and what checks hold of it."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.matters import Discrepancy, Matters
from scenarios.metrics.checks import evaluate
from scenarios.metrics.matters import matters_summary
from scenarios.scenario.policy import Check

DAY = 86400


def ended(case: str, end: Any, way: Any = None, days: float | None = None) -> Discrepancy:
    return Discrepancy(case=case, noted=DAY, ended=None if days is None else int(DAY * (1 + days)), end=end, way=way)


FOUND = (
    Matters(
        asked=10,
        exports={"MATCH": 8, "MASS": 1, "UNKNOWN": 1},
        discrepancies=(ended("a", "WRITTEN_OFF", "people", 12), ended("b", "WRITTEN_OFF", "records", 0)),
    ),
    Matters(asked=10, exports={"MATCH": 9, "MASS": 1}, discrepancies=(ended("c", "RECOVERY", "time", 28),)),
    Matters(discrepancies=(ended("d", "NOT_ASKED"),)),
)


def test_shares_and_days_are_of_all_replications() -> None:
    found = matters_summary(FOUND)
    assert found["export_checks"] == {
        "asked": 20,
        "outcomes": {"MASS": 2, "MATCH": 17, "UNKNOWN": 1},
        "share_mass_differs": 0.1,
        "share_unknown_mrn": 0.05,
    }
    settled = found["discrepancies"]
    assert settled["ends"] == {"NOT_ASKED": 1, "RECOVERY": 1, "WRITTEN_OFF": 2}
    assert (settled["share_settled"], settled["share_recovery"]) == (0.5, 0.25)
    assert (settled["days_to_settle"]["mean"], settled["days_to_settle_by_people"]["mean"]) == (6, 12)
    assert matters_summary([Matters()])["discrepancies"]["share_settled"] is None


@pytest.mark.parametrize(
    ("kind", "low", "high", "ok"),
    [
        ("settled_between", 40, 60, True),
        ("settled_between", 60, 90, False),
        ("recovered_between", 20, 30, True),
        ("recovered_between", 0, 20, False),
        ("export_mass_differs_between", 5, 15, True),
        ("export_mass_differs_between", 0, 5, False),
        ("export_unknown_between", 1, 6, True),
        ("export_unknown_between", 6, 9, False),
    ],
)
def test_a_check_holds_shares_against_what_was_found(kind: str, low: int, high: int, ok: bool) -> None:
    shares = [{"is": f"{value} %", "mark": "designed", "source": "test"} for value in (low, high)]
    check = Check.model_validate({"name": "x", "kind": kind, "arm": "advance", "shares": shares})
    summary = {"matters": {"advance": matters_summary(FOUND)}}
    assert evaluate(check, summary)["ok"] is ok
    assert evaluate(check, {"matters": {"advance": matters_summary([Matters()])}})["ok"] is False
    assert evaluate(check, {})["ok"] is None


@pytest.mark.parametrize(("band", "ok"), [("5 to 28 d", True), ("13 to 28 d", False)])
def test_days_are_those_that_people_took(band: str, ok: bool) -> None:
    given = {"is": band, "mark": "designed", "source": "test"}
    check = Check.model_validate({"name": "x", "kind": "days_to_settle_between", "arm": "advance", "band": given})
    assert evaluate(check, {"matters": {"advance": matters_summary(FOUND)}})["ok"] is ok
    assert evaluate(check, {"matters": {"advance": matters_summary([Matters()])}})["ok"] is False
