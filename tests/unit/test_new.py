"""What 'corridor new' writes runs as it stands."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from scenarios.cli import app
from scenarios.run import run_scenario
from scenarios.scenario import load_scenario
from scenarios.scenario.schema import SCHEMA, TITLE

RUN = CliRunner().invoke


def test_a_new_scenario_runs_and_its_checks_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = RUN(app, ["new", "scenario", "my_corridor"])
    assert told.exit_code == 0
    assert "corridor run my_corridor.yaml" in told.stdout
    first, _, _ = (tmp_path / "my_corridor.yaml").read_text().partition("\n")
    schema = json.loads((tmp_path / first.partition("$schema=")[2]).read_text())
    jsonschema.validate(YAML(typ="safe", pure=True).load(tmp_path / "my_corridor.yaml"), schema)
    scenario = load_scenario(tmp_path / "my_corridor.yaml")
    assert scenario.id == "my_corridor"
    outcome = run_scenario(scenario, transport="memory", replications=3, out=tmp_path, workers=1)
    assert [check for check in outcome.summary["checks"] if not check["ok"]] == []
    assert outcome.summary["saved"]["advance"]["border_hours_mean"] > 0


def test_nothing_is_overwritten_and_a_bad_name_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text("kept")
    assert RUN(app, ["new", "scenario", "mine"]).exit_code == 2
    assert (tmp_path / "mine.yaml").read_text() == "kept"
    assert RUN(app, ["new", "scenario", "My Corridor"]).exit_code == 2
    assert not (tmp_path / SCHEMA).exists()
    (tmp_path / SCHEMA).write_text("{}")
    assert RUN(app, ["new", "scenario", "other"]).exit_code == 2
    assert (tmp_path / SCHEMA).read_text() == "{}" and not (tmp_path / "other.yaml").exists()
    (tmp_path / SCHEMA).write_text(json.dumps({"title": TITLE, "older": True}))
    assert RUN(app, ["new", "scenario", "other"]).exit_code == 0
    assert "older" not in json.loads((tmp_path / SCHEMA).read_text())
    assert RUN(app, ["new", "node", str(tmp_path / "no" / "folder.py")]).exit_code == 2


def test_a_new_node_is_the_example_of_the_documentation(tmp_path: Path) -> None:
    path = tmp_path / "node.py"
    assert RUN(app, ["new", "node", str(path)]).exit_code == 0
    packaged = resources.files("scenarios.starting").joinpath("outside_node.py.txt").read_text(encoding="utf-8")
    example = Path(__file__).parents[2] / "docs" / "examples" / "outside_node.py"
    assert packaged == example.read_text(encoding="utf-8")
    assert path.read_text(encoding="utf-8") == packaged.replace("docs/examples/outside_node.py", "node.py")
    assert "python node.py --port" in path.read_text(encoding="utf-8")
    assert RUN(app, ["new", "node", str(path)]).exit_code == 2
