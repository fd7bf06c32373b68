"""The page of agreements: who with whom, one agreement with its sources, and what another status would change."""

from __future__ import annotations

import asyncio
import re
from html import escape

import pytest

from exchange.agreements import registry
from exchange.agreements.views import Standing, as_json, chosen, grid, matrix
from scenarios.demo.judging import Bench
from scenarios.demo.panels.matrix import whole_agreement
from scenarios.demo.panels.whatif import concerned, result_table
from scenarios.demo.supposing import Trial, suppose, supposed
from scenarios.demo.words import LANGUAGES, Language, Voice
from scenarios.parties import agreements_in
from scenarios.scenario import Scenario, load_scenario

RECOGNITION = "china-europe-transit-recognition"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("china_europe_transit_fi", ["flows.0.vehicles.count=2 trains"])


def test_every_pair_stands_in_the_grid_on_both_sides() -> None:
    pairs = matrix(chosen(registry()))
    countries = sorted({country for pair in pairs for country in pair.countries})
    whole = grid(pairs, countries)
    seen = {
        frozenset((country, column)): pair
        for names, row in whole.rows
        for country in names
        for column, pair in zip(whole.columns, row, strict=True)
        if pair is not None
    }
    assert set(seen) == {frozenset(pair.countries) for pair in pairs}
    assert sorted(country for names, _ in whole.rows for country in names) == countries


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_agreement_is_told_whole_in_every_language(language: Language) -> None:
    voice = Voice(language)
    for one in registry():
        told = re.sub(r"<[^>]*>", "", whole_agreement(as_json(Standing(agreement=one, status=one.status)), voice))
        assert escape(voice.name(one.history[-1].basis.source)) in told
        assert voice("agree.history") in told and "{" not in told


def test_a_supposition_changes_the_arms_that_have_the_agreement_in_force(scenario: Scenario) -> None:
    one = suppose(scenario, RECOGNITION, "signed")
    assert one.arms == ("recognition",)
    then = supposed(scenario, one)
    assert agreements_in(then, "recognition")[RECOGNITION].status == "signed"
    assert agreements_in(scenario, "recognition")[RECOGNITION].status == "in force"
    assert suppose(scenario, "recognition-ru-cn-mn", "in force").arms == ("advance", "recognition")


def test_the_agreements_on_offer_begin_with_those_assumed(scenario: Scenario) -> None:
    names = list(concerned(scenario))
    assert names[:2] == list(scenario.what_if)
    assert "recognition-ru-cn" in names and "eu-law" not in names and "information-ru-uy" not in names


def test_without_recognition_its_arm_comes_to_what_advance_information_does(scenario: Scenario) -> None:
    told: list[int] = []

    async def work() -> Trial:
        bench = Bench(seconds=60.0)
        trial = Trial(
            scenario, suppose(scenario, RECOGNITION, "signed"), seed=1, run_id="x", bench=bench, replications=2
        )
        try:
            await trial.run(lambda: told.append(trial.done))
        finally:
            bench.close()
        return trial

    trial = asyncio.run(work())
    assert (trial.error, trial.done, trial.total) == ("", 8, 8)
    assert told == [1, 2, 3, 4, 5, 6, 7, 8, 8]
    assert trial.usual is not None and trial.other is not None
    assert trial.other["recognition"] == trial.other["advance"] == trial.usual["advance"]
    assert trial.usual["recognition"] != trial.usual["advance"]
    table = result_table(trial, Voice("en"))
    assert table.count("<tr>") == 5 and "no difference" not in table
