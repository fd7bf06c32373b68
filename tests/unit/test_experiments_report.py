"""The report of an experiment: its measures in words with intervals, and the labels of its frontier."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from scenarios.experiments import compare
from scenarios.experiments.knobs import expand
from scenarios.experiments.manifest import repeat_command
from scenarios.experiments.plan import make_plan
from scenarios.experiments.statistics import summarise_figures
from scenarios.experiments.store import TrialStore, line_of
from scenarios.experiments.trial import Trial, run_trial
from scenarios.report import compare_figures, compare_measures
from scenarios.report.compare_words import coverage, no_help, officers, without_effect
from scenarios.report.frontier import _MARK, _PLACES, _over, _pixels, placed, ranges
from scenarios.report.naming import arms_of
from scenarios.scenario import load_scenario

FIGURES = {
    "baseline": [{"border_hours.mean": 10.0 + n, "officer_hours": 5.0, "coverage": 0.5} for n in range(3)],
    "recognition": [
        {"border_hours.mean": 8.0 + n, "officer_hours": 6.0 + n / 10, "coverage": 0.4}
        | ({"recognition.reasons.MASS": 3.0} if n == 0 else {})
        for n in range(3)
    ],
}


def experiment() -> dict[str, Any]:
    return {
        "arms": {arm: {} for arm in FIGURES},
        "saved": {"recognition": {}},
        "figures": summarise_figures(FIGURES),
        "flows": {"one": {"title": "One"}},
    }


def test_a_count_that_a_replication_lacks_is_zero_there():
    found = experiment()["figures"]["recognition.reasons.MASS"]
    assert found["arms"]["recognition"] == {"mean": 1.0, "ci95": pytest.approx([-3.302653, 5.302653]), "of": 3}
    assert found["less"]["recognition"]["mean"] == -1.0


def test_measures_stand_in_words_with_the_change_and_its_interval():
    rows = {row.key: row for row in compare_measures.main_rows(experiment(), {})}
    hours = rows["border_hours.mean"]
    assert (hours.title, hours.unit) == ("Border hours, mean", "h a consignment")
    assert hours.arms[0] == ("11.00", "8.52 to 13.48") and hours.changes == [("-2.00", "-2.00 to -2.00")]
    low, high = map(float, rows["officer_hours"].changes[0][1].split(" to "))
    assert low < float(rows["officer_hours"].changes[0][0]) < high, "more is a plus, the interval rises"
    assert rows["coverage"].changes == [("-10.00 pp", "-10.00 to -10.00")], "points of per cent"
    assert rows["recognition.reasons.MASS"].title == "Refused or lapsed: the mass differs"
    assert "speed.with_delay_kmh" not in rows, "what is not measured is left out"
    assert compare_measures.flow_rows(experiment()) == [], "one flow alone is the whole"
    drawn = compare_measures.changes(experiment())
    assert drawn is not None and drawn.data[0].x[0] == pytest.approx(-2 / 11 * 100)


def test_an_arm_where_nothing_was_offered_for_recognition_is_not_called_so():
    figures = {"recognition.answered": {"arms": {"recognition": {"mean": 0.0}}}}
    same = {"mean": 0.0, "ci95": [0.0, 0.0]}
    saved = {"coverage_difference": same, "officer_hours": {"mean": 7.5, "ci95": None}}
    arms = {arm: {"coverage": {"mean": 0.5}} for arm in ("baseline", "recognition")}
    found = {"saved": {"recognition": saved}, "figures": figures, "arms": arms}
    assert coverage(found).endswith("stayed at 50.0 %.") and "in the third arm" in officers(found)
    saved["coverage_difference"] = {"mean": -0.031, "ci95": [-0.04, -0.022]}
    assert "fell by 3.1 percentage points with what is in force in the third arm" in coverage(found)
    assert "points with recognition, from 50.0 % to 50.0 % (95 % interval of the change -4.0 to -2.2 points)" in (
        coverage({"saved": {"recognition": saved}, "arms": arms})
    )


def test_alerts_are_not_left_out_of_the_price() -> None:
    arms = {"baseline": {"coverage": {"mean": 0.25}}, "advance": {"coverage": {"mean": 0.43}}}
    saved = {"advance": {"coverage_difference": {"mean": 0.18, "ci95": None}}}
    with arms_of({"arms_about": {"advance": "air"}}):
        told = coverage({"saved": saved, "arms": arms})
    assert told.endswith("rose by 18.0 percentage points with alerts, from 25.0 % to 43.0 %.")


def test_what_did_not_help_is_said():
    run = {
        "saved": {"recognition": {}},
        "borders": {"x": {"title": "Khorgos", "saved": {"recognition": {"hours_mean": 0.0, "ci95": [0.0, 0.0]}}}},
        "checks": [{"ok": False, "text": "it is quicker"}, {"ok": True, "text": "unseen"}],
    }
    assert no_help(run) == [
        "Nothing was saved that can be told from chance at Khorgos.",
        "Check failed: it is quicker",
    ]
    run["borders"] |= {"y": {**run["borders"]["x"], "title": "Altynkol, entry"}}
    assert no_help(run)[0] == "Nothing was saved that can be told from chance at Khorgos; and Altynkol, entry."
    less = {"mean": -24.8, "ci95": [-28.9, -20.8]}
    assert "24.8 h more" in officers({"saved": {"recognition": {"officer_hours": less}}})
    assert "20.8 to 28.9" in officers({"saved": {"recognition": {"officer_hours": less}}})
    unoffered = {"figures": {"recognition.answered": {"arms": {"recognition": {"mean": 0.0}}}}}
    said = officers({"saved": {"recognition": {"officer_hours": less}}, **unoffered})
    assert "in the third arm" in said and "recognition" not in said


def test_labels_of_the_frontier_do_not_overlap():
    rows = [
        {"saved_hours": saved, "ci95": [saved - 0.05, saved + 0.05], "coverage_difference": (0.85 - saved) / 40}
        | {"listed": f"{listed} %", "residual": f"{number} %", "efficient": True}
        for listed in (0, 50, 100)
        for number, saved in enumerate([0.85] * 4 if listed == 0 else [0.85 + 0.4 * n * listed / 100 for n in range(4)])
    ]
    labels = placed(rows)
    assert labels[0][0] == "1–5, 9", "marks on one another have one label"
    assert all(text == "" for text, _ in labels[1:4])
    boxes = []
    for (text, place), (x, y, _, _) in zip(labels, _pixels(rows), strict=True):
        if text:
            right, up = _PLACES[place]
            x, y, wide = x + right * (8 * len(text) + _MARK) / 2, y + up * (16 + _MARK) / 2, 8 * len(text)
            boxes.append((x - wide / 2, y - 8, x + wide / 2, y + 8))
    assert len(boxes) >= 6 and not any(_over(a, b) for a, b in itertools.combinations(boxes, 2))
    assert ranges([1, 2, 3, 7, 9, 10]) == "1–3, 7, 9–10"


def test_the_command_that_repeats_an_experiment_names_everything_but_what_is_in_the_file():
    plan = make_plan("china_europe_transit_fi", sets=["warm_up=1 d"], sweeps=["residual=0%,5%"], frontier=True, seed=7)
    assert repeat_command(plan, 5, None, "all") == (
        "corridor compare scenario.json --seed 7 --replications 5 --sweep 'residual=0 %,5 %' --frontier --events all"
    )
    assert repeat_command(make_plan("china_europe_transit_fi"), 20, 0.055, "one") == (
        "corridor compare scenario.json --seed 1 --precision 5.5%"
    )


def test_a_trial_with_faults_is_held_against_the_same_without_and_stored_so(tmp_path):
    small = ["flows.0.vehicles.count=1 trains", "warm_up=0 d"]
    sound = load_scenario("china_europe_transit_fi", small)
    scenario = load_scenario("china_europe_transit_fi", [*small, *expand(sound, ["outage=100%"])])
    found = run_trial(Trial(scenario=scenario, seed=1, replication=0, arms=("advance",), trace=False, twins=True))
    alone = run_trial(Trial(scenario=sound, seed=1, replication=0, arms=("advance",), trace=False))
    assert found.twins[0].consignments == alone.measures[0].consignments
    assert found.measures[0].account is not None and found.twins[0].account is not None
    with TrialStore(tmp_path / "trials.log") as store:
        store.put(found.key, line_of(found))
        assert store.read(found.key).twins == found.twins


def test_a_disk_that_is_full_leaves_no_half_file(tmp_path, monkeypatch):
    def full(self: Path, text: str, **_: object) -> int:
        self.write_bytes(text[:3].encode())
        raise OSError(28, "No space left on device")

    (tmp_path / "report.html").write_bytes(b"before")
    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        compare._write(tmp_path / "report.html", "the report")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("report.html", b"before")]


def test_a_key_that_moves_nothing_is_said_to_make_no_difference_and_why() -> None:
    same = {"value": "0 %", "saved_hours": 12.5}
    row = {"key": "outage", "title": "Days with an outage", "swing_hours": 0.0, "least": same, "most": same}
    said = without_effect(row)
    assert said.startswith("no difference (12.50 h saved whatever its value): what waited for a node")
    assert list(compare_figures.ranking([row]).data[0].text) == ["no difference"]
    moves = row | {"swing_hours": 1.0, "least": {"value": "50 %", "saved_hours": 11.5}}
    assert without_effect(moves) == ""
    assert list(compare_figures.ranking([moves]).data[0].text) == ["50 % → 0 %: 1.00 h"]
