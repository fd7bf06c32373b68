"""Checks on what a border side saves and on booked times: they hold and fail where they should, and say why."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.metrics.checks import evaluate
from scenarios.scenario import Check

SUMMARY: dict[str, Any] = {
    "arms": {"baseline": {}, "advance": {}},
    "borders": {"A-entry": {"baseline": {"hours": {"mean": 10.0}}, "advance": {"hours": {"mean": 9.2}}}},
    "flows": {
        "one": {"baseline": {"last_through_hours": 160.0, "waits_at_home_hours": {"mean": 55.0}}},
        "two": {"baseline": {"last_through_hours": 163.0, "waits_at_home_hours": {"mean": None}}},
    },
}


def figure(text: str) -> dict[str, str]:
    return {"is": text, "mark": "designed", "source": "a test"}


def outcome(**fields: Any) -> tuple[bool | None, str]:
    found = evaluate(Check.model_validate({"name": "it holds", **fields}), SUMMARY)
    return found["ok"], found["text"]


@pytest.mark.parametrize(
    ("kind", "hours", "ok"),
    [
        ("side_saves_at_least", "0.79 h", True),
        ("side_saves_at_least", "0.81 h", False),
        ("side_saves_at_most", "0.81 h", True),
        ("side_saves_at_most", "0.5 h", False),
    ],
)
def test_hours_saved_at_a_side_are_held_to_a_limit(kind: str, hours: str, ok: bool) -> None:
    held, text = outcome(kind=kind, side="A-entry", arm="advance", hours=figure(hours))
    assert held is ok
    assert "+0.80 h" in text


def test_hours_saved_at_a_side_can_be_counted_from_another_arm() -> None:
    held, text = outcome(
        kind="side_saves_at_least", side="A-entry", arm="advance", over="advance", hours=figure("0.1 h")
    )
    assert held is False
    assert " 0.00 h there over advance" in text


def test_an_arm_that_was_not_run_tells_nothing() -> None:
    held, text = outcome(kind="side_saves_at_least", side="A-entry", arm="recognition", hours=figure("1 h"))
    assert held is None
    assert "has not the arms" in text


@pytest.mark.parametrize(("hours", "ok"), [("3 h", True), ("2.9 h", False)])
def test_two_flows_end_together_or_not(hours: str, ok: bool) -> None:
    held, text = outcome(kind="last_through_within", flow="one", other="two", hours=figure(hours))
    assert held is ok
    assert "160.0 h" in text
    assert "163.0 h" in text


@pytest.mark.parametrize(
    ("flow", "band", "ok"), [("one", "40 to 60 h", True), ("one", "60 to 70 h", False), ("two", "0 to 1 h", False)]
)
def test_waiting_at_home_is_held_to_a_band(flow: str, band: str, ok: bool) -> None:
    assert outcome(kind="waits_at_home_between", flow=flow, band=figure(band))[0] is ok


@pytest.mark.parametrize("kind", ["last_through_within", "waits_at_home_between"])
def test_a_flow_of_which_nobody_is_through_yet_tells_nothing(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SUMMARY["flows"], "two", {"baseline": {}})
    assert outcome(kind=kind, flow="two", other="one", hours=figure("3 h"))[0] is None
