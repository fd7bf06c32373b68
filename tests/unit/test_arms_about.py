"""Arms are called what they are about: by the agreements they have in force beyond the arm before them."""

from __future__ import annotations

import pytest

from scenarios.demo.arms import arm_names
from scenarios.demo.words import LANGUAGES, Voice
from scenarios.report.naming import NAMES, arms_of, name_of
from scenarios.report.several import apart, heads, shared
from scenarios.scenario import load_scenario
from scenarios.scenario.arms import SUBJECTS, arms_about
from scenarios.scenario.loader import scenario_names

OTHER = {"mutual_assistance": {"recognition": "assistance"}, "air_violation_prevention": {"advance": "air"}}


@pytest.mark.parametrize("name", scenario_names())
def test_only_arms_that_are_about_something_else_than_their_name_are_called_otherwise(name: str) -> None:
    assert arms_about(load_scenario(name)) == OTHER.get(name, {})


def test_an_arm_that_has_nothing_more_keeps_its_name() -> None:
    scenario = load_scenario("mutual_assistance", ["arms.recognition.assistance-ru-ir=signed"])
    assert arms_about(scenario) == {}


def test_every_subject_has_a_name_in_report_and_page() -> None:
    scenario = load_scenario("mutual_assistance")
    assert set(NAMES) == set(SUBJECTS)
    for language in LANGUAGES:
        voice = Voice(language)
        assert all(voice(f"about.{subject}") for subject in SUBJECTS)
        names = arm_names(voice, scenario, scenario.arms)
        assert names["advance"] == voice("arm.advance")
        assert names["recognition"] == voice("about.assistance")


def test_runs_beside_each_other_are_called_alike_only_where_they_are_about_the_same() -> None:
    row = {"label": "a", "arms_about": OTHER["mutual_assistance"]}
    assert shared([row, row]) == {"arms_about": OTHER["mutual_assistance"]} and apart([row, row]) == []
    with arms_of(shared([row, row])):
        assert "Mutual assistance\nborder h" in heads()
    assert name_of("recognition") is None
    (said,) = apart([row, {"label": "b"}])
    assert said.startswith("In a the arm recognition is about something else: Mutual assistance:")
