"""Scenario files: what is read, what is refused and how, and that the published schema is the current one."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from exchange.errors import InvalidMessage
from exchange.luck import Luck
from exchange.messages import Message
from exchange.validation.grading import OWN_GRADES
from scenarios.parties import build_cores
from scenarios.scenario import (
    Distribution,
    ScenarioError,
    load_scenario,
    scenario_names,
    schema_text,
)
from scenarios.scenario.figures import DayProfile, Duration, Hours, HoursRange, Share, Speed, split_unit
from scenarios.scenario.schema import SCHEMA
from tests.rule_cases import sample, swap

NAMES = ("china_europe_transit_fi", "green_corridor_ru_cn")
TEXT = (files("scenarios") / "files" / "china_europe_transit_fi.yaml").read_text(encoding="utf-8")


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(keepends=True), 1) if part in line)


@pytest.fixture
def changed(tmp_path: Path) -> Callable[..., str]:
    """Return a function that writes the Finnish scenario with parts replaced and gives the file's name."""

    def write(*pairs: tuple[str, str]) -> str:
        text = TEXT
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / "changed.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_the_scenarios_that_ship_are_found_and_read() -> None:
    assert set(NAMES) <= set(scenario_names())
    for name in NAMES:
        scenario = load_scenario(name)
        assert scenario.id == name
        assert set(scenario.arms) == {"baseline", "advance", "recognition"}
        assert scenario.checks


def test_routes_add_up_to_the_published_lengths() -> None:
    route = load_scenario("china_europe_transit_fi").flows[0].route
    assert [point.place for point in route][0::7] == ["xian", "kouvola"]
    assert route[-1].km == 8506
    assert all(before.km < after.km for before, after in pairwise(route))


def test_each_side_knows_country_and_band() -> None:
    scenario = load_scenario("china_europe_transit_fi")
    assert [scenario.sides[key].country for key in scenario.flows[0].sides] == ["CN", "KZ", "RU", "FI"]
    assert scenario.sides["99101-entry"].band is not None
    assert scenario.sides["99101-entry"].band[:2] == (20.6, 39.9)
    assert scenario.sides["FI542700-entry"].band is None


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_has_a_unit_a_mark_and_a_source(name: str) -> None:
    rows = load_scenario(name).figures()
    assert len(rows) > 150
    for row in rows:
        assert row.mark in ("verified", "recalled", "designed")
        assert len(row.source) >= 3
        assert row.unit or row.value in ("yes", "no") or "-" in row.value, row


def test_the_schema_that_files_name_in_their_first_line_is_the_current_one() -> None:
    folder = files("scenarios") / "files"
    shipped = folder / SCHEMA
    assert shipped.read_text(encoding="utf-8") == schema_text(), "write it again: python -m scenarios.reference"
    for name in scenario_names():
        first, _, _ = (folder / f"{name}.yaml").read_text(encoding="utf-8").partition("\n")
        assert first == f"# yaml-language-server: $schema={SCHEMA}", name


@pytest.mark.parametrize("name", NAMES)
def test_the_files_fit_the_published_schema(name: str) -> None:
    schema = YAML(typ="safe", pure=True).load(schema_text())
    content = YAML(typ="safe", pure=True).load((files("scenarios") / "files" / f"{name}.yaml").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(content)
    content["flows"][0]["legs"][0]["surprise"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(content)


def test_the_digest_follows_the_content_and_nothing_else(changed: Callable[..., str]) -> None:
    plain = load_scenario("china_europe_transit_fi").digest
    assert load_scenario(changed(("# The two modelling choices", "# Two modelling choices"))).digest == plain
    assert load_scenario("china_europe_transit_fi", ["seed=2"]).digest != plain


def test_a_figure_may_be_set_by_its_path() -> None:
    scenario = load_scenario(
        "china_europe_transit_fi",
        ["assumptions.scan_share_at_entry.share=100 %", "flows.xian-kouvola.vehicles.count=3 trains", "replications=4"],
    )
    assert scenario.controls["99101"].presentations["ENTRY"].scan == 1.0
    assert scenario.flows[0].vehicles.count.number == 3
    assert scenario.replications == 4
    row = next(row for row in scenario.figures() if row.path == "assumptions.scan_share_at_entry.share")
    assert (row.value, row.unit, row.mark, row.source) == ("100", "%", "designed", "set for this run")


def test_setting_a_figure_leaves_others_that_share_it_alone() -> None:
    scenario = load_scenario("china_europe_transit_fi", ["sides.99101-entry.customs.documents.check=0.4 h"])
    checks = {key: side.customs.documents.check.value for key, side in scenario.sides.items() if side.customs}
    assert checks.pop("99101-entry") == 0.4
    assert set(checks.values()) == {0.3}


@pytest.mark.parametrize(
    ("setting", "field", "says"),
    [
        ("sides.9912-entry.title=x", "sides.9912-entry", "does not exist"),
        ("seed", "seed", "write key.path=value"),
        ("flows.0.mismatch=2 h", "flows.0.mismatch", "'15 %'"),
    ],
)
def test_a_setting_that_cannot_be_made_is_refused(setting: str, field: str, says: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario("china_europe_transit_fi", [setting])
    assert caught.value.problems[0].field == field
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "says"),
    [
        ("seed: 1", "seeed: 1", "seeed: 1", "seeed", "unknown key"),
        ('is: "2.6 h"', 'is: "2.6 km"', '"2.6 km"', "sides.9912-exit.phases.transfer.takes.0", "such as '2.6 h'"),
        ('hs_code: "847130"', "hs_code: 847130", "847130", "flows.0.goods.0.hs_code", "write it in quotes"),
        ('start: "2018-03-05T00:00:00Z"', "start: 2018-03-05T00:00:00Z", "start:", "start", "in quotes"),
        ("{place: khorgos, side", "{place: korgos, side", "place: korgos", "flows.0.stops.1.place", "does not exist"),
        ("to: altynkol\n", "to: almaty\n", "to: almaty", "flows.0.legs.1.to", "do not join"),
        ("timezone: Asia/Almaty", "timezone: Asia/Nowhere", "Asia/Nowhere", "sides.99101-entry.timezone", "IANA"),
        ("after: [technical]}", "after: [tecnical]}", "[tecnical]", "sides.99206010-exit.phases.customs.after", ""),
        ("consignors: [XA001", "consignors: [XA009", "consignors: [XA009", "flows.0.consignors.0", "does not exist"),
        ("consignors: [XA001", "consignors: [KV001", "consignors: [KV001", "flows.0.consignors.0", "trader of CN"),
        ('"tri(2, 3, 5) h"', '"tri(5, 3, 2) h"', "tri(5, 3, 2)", "sides.9912-exit.phases.technical.takes.0", "fall"),
        ("resource: slot", "resource: slots", "resource: slots", "sides.9912-exit.phases.transfer.resource", "slot"),
        ("follows: 9912-exit", "follows: 9912-in", "follows: 9912-in", "sides.99101-entry.background.follows", "known"),
    ],
)
def test_an_error_names_line_field_and_remedy(
    changed: Callable[..., str], old: str, new: str, line: str, field: str, says: str
) -> None:
    file = changed((old, new))
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    problem = next(problem for problem in caught.value.problems if problem.field == field)
    assert problem.line == line_of(Path(file).read_text(encoding="utf-8"), line)
    assert says in problem.text
    assert str(caught.value).startswith(file)


def test_all_errors_come_at_once(changed: Callable[..., str]) -> None:
    file = changed(("seed: 1", "seed: one"), ('is: "2.6 h"', 'is: "2.6"'), ("mode: rail", "mode: river"))
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    assert len(caught.value.problems) == 3
    lines = [problem.line for problem in caught.value.problems]
    assert None not in lines
    assert lines == sorted(lines, key=lambda line: line or 0)


def test_a_circle_of_phases_is_an_error(changed: Callable[..., str]) -> None:
    file = changed(("customs: {bucket: customs, after: [technical]}", "customs: {bucket: customs, after: [crossing]}"))
    with pytest.raises(ScenarioError, match="circle"):
        load_scenario(file)


def test_yaml_that_cannot_be_parsed_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("id: a\ntitle: [b\nseed: 1\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert caught.value.problems[0].line is not None
    path.write_text("id: a\nid: b\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="duplicate key"):
        load_scenario(path)


def test_a_file_that_does_not_exist_says_what_does() -> None:
    with pytest.raises(ScenarioError, match="china_europe_transit_fi"):
        load_scenario("no_such_scenario")


def test_durations_are_read_with_their_units() -> None:
    def duration(text: str) -> Distribution:
        return Duration.model_validate({"is": text, "mark": "designed", "source": "test"}).value

    assert duration("90 min").seconds(0.5) == 5400
    assert duration("tri(2, 3, 5) h").mean == pytest.approx(10 / 3)
    assert duration("LN(8, 0.6) h").hours(0.5) == pytest.approx(8)
    assert duration("U(12, 36) h").hours(0.25) == pytest.approx(18)
    assert duration("1 d") == Distribution("fixed", (24.0,))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Duration, "4"),
        (Duration, "tri(1, 2) h"),
        (Duration, "LN(0, 1) h"),
        (Hours, "four h"),
        (Share, "120 %"),
        (Share, "0.2"),
        (Speed, "0 km/d"),
        (HoursRange, "5 to 4 h"),
        (DayProfile, "00-12 1, 13-24 1"),
    ],
)
def test_a_wrong_unit_or_form_is_an_error(kind: type[Hours], text: str) -> None:
    with pytest.raises(ValueError, match="Value error"):
        kind.model_validate({"is": text, "mark": "designed", "source": "test"})


def test_value_and_unit_are_told_apart() -> None:
    assert split_unit("tri(2, 3, 5) h") == ("tri(2, 3, 5)", "h")
    assert split_unit("14.0 to 34.8 h") == ("14.0 to 34.8", "h")
    assert split_unit("7.5 trains/d") == ("7.5", "trains/d")
    assert split_unit("yes") == ("yes", "")


def test_rules_are_graded_anew_for_the_nodes(changed: Callable[..., str]) -> None:
    plain = load_scenario("china_europe_transit_fi")
    assert plain.grades == OWN_GRADES
    path = changed(("\nchecks:", "\nrules: {PIX-017: warning, PIX-024a: off}\nchecks:"))
    graded = load_scenario(path)
    assert graded.rules == {"PIX-017": "warning", "PIX-024a": "off"}
    assert graded.digest != plain.digest
    core = build_cores(graded, "advance", Luck(1))["KZ"]
    data = swap("<HSCode>847130", "<HSCode>777130")(sample("AAR"))
    assert isinstance(core.read(data), Message)
    with pytest.raises(InvalidMessage, match="chapter"):
        build_cores(plain, "advance", Luck(1))["KZ"].read(data)
    assert core.describe()["rules"] == graded.rules


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("{PIX-999: warning}", "there is no rule 'PIX-999'"),
        ("{PIX-019: off}", "PIX-019 is kept by the schema"),
        ("{PIX-017: loud}", "'loud'"),
    ],
)
def test_a_rule_that_cannot_be_graded_is_named_with_its_line(
    changed: Callable[..., str], rules: str, said: str
) -> None:
    path = changed(("\nchecks:", f"\nrules: {rules}\nchecks:"))
    line = Path(path).read_text(encoding="utf-8").splitlines().index(f"rules: {rules}") + 1
    with pytest.raises(ScenarioError, match=said) as caught:
        load_scenario(path)
    assert f"line {line}, field rules" in str(caught.value)


@pytest.mark.parametrize(
    ("agreement", "arms"),
    [
        ("recognition-ru-cn-mn", {"recognition"}),
        ("information-cn-mn-ru", {"advance", "recognition"}),
        ("recognition-ru-mn", {"advance", "recognition"}),  # no arm of the file names it
    ],
)
def test_what_if_sets_a_date_where_the_agreement_would_be_in_force(agreement: str, arms: set[str]) -> None:
    said = "in force from 2019-06-10"
    scenario = load_scenario("trilateral_cn_mn_ru", [f"what_if.{agreement}={said}"])
    assert {arm for arm, statuses in scenario.arms.items() if statuses.get(agreement) == said} == arms
    assert agreement in scenario.what_if
    with pytest.raises(ScenarioError, match="recognition-ru-cn-mm"):
        load_scenario("trilateral_cn_mn_ru", ["what_if.recognition-ru-cn-mm=in force"])
    with pytest.raises(ScenarioError, match="no status"):
        load_scenario("trilateral_cn_mn_ru", [f"what_if.{agreement}=perhaps"])


def test_a_residual_share_that_the_file_leaves_to_the_agreement_can_be_set() -> None:
    assert load_scenario("trilateral_cn_mn_ru").controls["99301"].residual is None
    chosen = load_scenario("trilateral_cn_mn_ru", ["policies.99301.residual=7 %"])
    assert (chosen.controls["99301"].residual, chosen.controls["99602010"].residual) == (0.07, None)
