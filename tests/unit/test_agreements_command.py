"""``corridor agreements``: what a user asks and gets; and what a scenario assumes of agreements."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from exchange.agreements import registry, statuses
from scenarios.cli import app
from scenarios.parties import agreements_in, what_if
from scenarios.scenario import ScenarioError, load_scenario

ZABAIKALSK = "recognition-ru-cn-zabaikalsk"


def told(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["agreements", *words], env={"COLUMNS": "120"})
    assert result.exit_code == code, result.output
    return result.output


def as_json(*words: str, code: int = 0) -> Any:
    return json.loads(told(*words, "--json", code=code))


def test_the_list_has_every_agreement_with_its_status() -> None:
    said = told()
    assert all(one.id in said for one in registry())
    found = as_json()["agreements"]
    assert [one["id"] for one in found] == [one.id for one in registry()]
    assert all(one["status"] in statuses() and one["history"] and one["source"] for one in found)


def test_the_list_can_be_narrowed() -> None:
    found = as_json("--country", "ru", "--country", "Mongolia", "--covers", "recognition", "--covers", "images")
    assert {one["id"] for one in found["agreements"]} == {
        "recognition-ru-mn",
        "recognition-ru-cn-mn",
        "images-ru-mn",
        "xray-protocol-ru-mn",
    }
    found = as_json("--status", "signed", "--at", "2016")
    assert {one["status"] for one in found["agreements"]} == {"signed"}
    assert found["at"] == "2016-12-31"
    assert "discussed (assumed by us)" in " ".join(told("show", "information-cn-mn-ru").split())
    assert "began or were found later" in told("--at", "2016")
    assert "Assumed by us, without a date, and so shown for any: 2." in told("--at", "1800")
    assert "no agreement is like that" in told("--country", "JP", "--country", "UY", code=1)
    assert as_json("--country", "JP", "--country", "UY", code=1) == {"at": None, "agreements": []}


def test_the_matrix_names_countries_beside_their_codes() -> None:
    said = told("--matrix", "--at", "2016")
    assert "Columns: Belgium BE, Belarus BY, China CN" in said
    assert "Estonia EE" in said
    assert "Numbers: 1 contact, 2 discussed" in said
    assert "information: in test" in told("--matrix", "--country", "IT")
    found = as_json("--matrix", "--country", "MN", "--at", "2016")
    assert {tuple(pair["countries"]) for pair in found["pairs"]} == {("CN", "MN"), ("MN", "RU")}
    assert found["countries"] == {"CN": "China", "MN": "Mongolia", "RU": "Russia"}


def test_the_history_tells_when_and_who_says_so() -> None:
    said = told("--history", "--country", "IT", "--country", "RU")
    assert said.index("2013-11-26") < said.index("2015-03-20")
    rows = as_json("--history", "--country", "IT", "--covers", "information", "--country", "RU")["changes"]
    assert [row["status"] for row in rows if row["agreement"] == "green-corridor-ru-it"] == ["signed", "in test"]


def test_one_agreement_shows_all_its_sources() -> None:
    said = " ".join(told("show", "recognition-ru-cn-mn").split())
    assert "China CN, Mongolia MN, Russia RU" in said
    assert "tass.com 884259: Tashkent, 23 June 2016" in said
    assert "controlled by chance all the same: 2%" in said
    shown = as_json("show", "recognition-ru-cn-mn")
    assert shown["scope"]["hs"][-3:] == ["2701", "2702", "2704"]
    assert shown["forwarding"]["to"] == ["CN", "MN", "RU"]
    assert shown["residual"]["share"] == 0.02


def test_the_directory_tells_whom_to_ask() -> None:
    said = " ".join(told("liaison", "FI").split())
    assert "attache@fi.customs.example.org" in said
    assert "Membership is no legal basis" in said
    assert "13 services" in said
    found = as_json("liaison")
    assert found["legal_basis"] is False
    assert {one["country"] for one in found["contacts"]} >= {"RU", "US", "MN", "ZA"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "green-ru"], "no agreement is called 'green-ru'; like it are green-corridor-ru"),
        (["--country", "XX"], "'XX' is no country"),
        (["--at", "2016-13"], "--at: '2016-13' is no date"),
        (["liaison", "Nowhere"], "'Nowhere' is no country"),
        (["--status", "done"], "'done' is not one of"),
    ],
)
def test_wrong_use_is_told_in_one_sentence(words: list[str], said: str) -> None:
    assert said in " ".join(told(*words, code=2).replace("│", "").split())


# ----------------------------------------------------------------------------------------------------------- scenarios


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("signed", "signed"),
        ("in force from 2019-03-05", "in force from 2019-03-05"),
        ("{status: in force, from: 2019-03-05}", "in force from 2019-03-05"),
        ('{status: in force, from: "2019-03-05", until: 2020-01-01}', "in force from 2019-03-05 until 2020-01-01"),
    ],
)
def test_a_scenario_may_assume_status_and_dates(given: str, text: str) -> None:
    scenario = load_scenario("trilateral_cn_mn_ru", [f"what_if={{recognition-ru-mn: {given}}}"])
    assert scenario.what_if == {"recognition-ru-mn": text}
    for arm in scenario.arms:
        assumed = agreements_in(scenario, arm)["recognition-ru-mn"]
        assert str(assumed.since or "") == ("2019-03-05" if "from" in text else "")
        assert assumed.status == text.partition(" from")[0]
        assert assumed.real is not None and assumed.real.status == "in preparation"


def test_what_an_arm_says_goes_before_what_holds_everywhere() -> None:
    scenario = load_scenario("green_corridor_ru_cn", [f"what_if={{{ZABAIKALSK}: signed, recognition-ru-cn: signed}}"])
    agreements = agreements_in(scenario, "recognition")
    assert (agreements[ZABAIKALSK].status, agreements["recognition-ru-cn"].status) == ("in force", "signed")
    [sentence] = [one for one in what_if(scenario) if "Suifenhe" in one]
    assert "assumed signed, real status: in force" in sentence


def test_a_date_is_told_among_the_assumptions() -> None:
    scenario = load_scenario("green_corridor_ru_cn", [f"arms.recognition.{ZABAIKALSK}=in force from 2019-03-15"])
    assert any("assumed in force from 2019-03-15, real status: discussed" in one for one in what_if(scenario))
    earlier = load_scenario("china_europe_transit_fi", ["what_if={eaeu-law: in force from 2010-01-01}"])
    assert any("assumed in force from 2010-01-01, really in force from 2015-01-01" in one for one in what_if(earlier))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (f"arms.recognition.{ZABAIKALSK}=in forc", f"field arms.recognition.{ZABAIKALSK}: 'in forc' is no status"),
        (f"arms.recognition.{ZABAIKALSK}=in force from May", "'May' is no date"),
        (f"arms.recognition.{ZABAIKALSK}=signed from 2019-01-01", "dates go with the status 'in force'"),
        (f"arms.recognition.{ZABAIKALSK}=in force from 2019-02-01 until 2019-01-01", "before it begins"),
        ("arms.recognition.green-corridor-ru-c=signed", "like it are green-corridor-ru-cn"),
        ("what_if={green-corridor-ru-c: signed}", "field what_if.green-corridor-ru-c: no agreement is called"),
        ("what_if={green-corridor-ru-cn: {state: signed}}", "state: unknown, a status has status, from, until"),
        ("what_if={green-corridor-ru-cn: {from: 2018-01-01}}", "has no status: add it"),
        ("what_if={green-corridor-ru-cn: {status: in force, from: 7}}", "from: 7 is no date"),
        ("what_if=7", "must be a list of agreements, or a mapping"),
    ],
)
def test_what_cannot_be_assumed_is_told_with_its_line(setting: str, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario("green_corridor_ru_cn", [setting])
    assert said in str(caught.value)
    assert "line " in str(caught.value)
