"""Templates: what a scenario file takes from one, what it says itself, and what is refused and how."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from scenarios.scenario import ScenarioError, load_scenario, schema_text
from scenarios.scenario.template import fill, template_names, template_text

NAMES = ("air_violation_prevention", "preliminary_information_conventions")
PARTS: dict[str, Any] = {
    "side": {"note": "a note", "stay": {"is": "2 h", "mark": "designed"}, "desks": {"like": "desks"}},
    "desks": {"number": 3, "open": ["08", "18"]},
    "one": {"like": "two"},
    "two": {"like": "one"},
}


def filled(tree: dict[str, Any]) -> dict[str, Any]:
    fill("test.yaml", tree, lambda _file, _text: PARTS, lambda _location: 7)
    return tree


def like(part: str, **own: Any) -> dict[str, Any]:
    return {"template": template_names()[0], "a": {"like": part, **own}}


def test_a_mapping_has_what_its_part_has_and_what_that_is_like() -> None:
    assert filled(like("side")) == {"a": {**PARTS["side"], "desks": PARTS["desks"]}}
    assert PARTS["side"]["desks"] == {"like": "desks"}  # the template itself stays as it is


def test_what_a_mapping_says_itself_governs_and_a_figure_is_replaced_as_a_whole() -> None:
    own = filled(like("side", note="mine", stay={"is": "3 h"}, desks={"open": ["10"]}))["a"]
    assert own == {"note": "mine", "stay": {"is": "3 h"}, "desks": {"number": 3, "open": ["10"]}}


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("sides", "no part of the template: take one of desks, one, side, two"),
        ("one", r"in a circle \(one → two → one\)"),
    ],
)
def test_a_part_that_is_none_or_like_itself_is_told(part: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=rf"test.yaml: line 7, field a.like: .*{said}"):
        filled(like(part))


def test_an_unknown_template_is_told_with_those_there_are(tmp_path: Path) -> None:
    text = (files("scenarios") / "files" / "air_violation_prevention.yaml").read_text("utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace("template: air_and_sea", "template: by_balloon"), "utf-8")
    with pytest.raises(
        ScenarioError, match="line 15, field template: 'by_balloon' is no template: take one of air_and_"
    ):
        load_scenario(path)
    path.write_text(text.replace("template: air_and_sea\n", ""), "utf-8")
    with pytest.raises(ScenarioError, match="like: unknown key"):
        load_scenario(path)


@pytest.mark.parametrize("name", NAMES)
def test_the_files_fit_the_published_schema(name: str) -> None:
    content = YAML(typ="safe", pure=True).load((files("scenarios") / "files" / f"{name}.yaml").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(YAML(typ="safe", pure=True).load(schema_text()))
    validator.validate(content)
    del content["detection"]["like"]
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(content)


@pytest.mark.parametrize("name", NAMES)
def test_no_figure_of_theirs_claims_to_be_measured(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.illustrative is not None
    marks = {row.path: row.mark for row in scenario.figures()}
    assert len(marks) > 100
    assert {path for path, mark in marks.items() if mark == "verified"} == set()


def test_what_comes_from_a_template_can_be_set_in_one_place_alone() -> None:
    plain = load_scenario(NAMES[1])
    changed = load_scenario(NAMES[1], ["sides.99217010-entry.resources.desks.capacity=4 desks"])
    desks = {key: side.resources["desks"].capacity.number for key, side in changed.sides.items()}
    assert desks.pop("99217010-entry") == 4
    assert set(desks.values()) == {3}
    assert changed.digest != plain.digest


def test_every_template_that_ships_is_a_mapping_of_parts() -> None:
    for name in template_names():
        parts = YAML(typ="safe", pure=True).load(template_text(name))
        assert all(isinstance(part, dict) for part in parts.values())
