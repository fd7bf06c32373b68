"""The command line: what it prints, where, and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from scenarios.cli import app
from scenarios.metrics import measure, summarise
from scenarios.run import Progress, RunError, RunOutcome
from tests.handmade import ARMS, at_real_sides

FINNISH = "china_europe_transit_fi"
HEAVY = ("aiohttp", "lxml", "numpy", "plotly", "pydantic", "ruamel.yaml", "simpy", "sqlalchemy", "xmlschema")


def corridor(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def hand_made_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """Put hand-made replications in the place of simulated ones; return what the command asked for."""
    asked: dict[str, Any] = {"hours": ARMS}

    def run_scenario(scenario: Any, **options: Any) -> RunOutcome:
        asked.update(options, scenario=scenario)
        if isinstance(asked.get("raises"), BaseException):
            raise asked["raises"]
        measures = []
        for number in range(options["replications"]):
            for arm in options["arms"]:
                made = at_real_sides(arm, number, asked["hours"][arm])
                measures.append(measure(scenario, made))
                options["progress"](Progress(replication=number, arm=arm, through=1, total=1, messages=9, done=True))
        summary = summarise(
            scenario,
            measures,
            run_id="r",
            seed=options["seed"] or 1,
            transport=options["transport"],
            what_if=[],
            wall_seconds=1.0,
        )
        return RunOutcome(summary=summary, folder=tmp_path / "out")

    monkeypatch.setattr("scenarios.commands.run.run_scenario", run_scenario)
    return asked


class TestHelp:
    def test_help_teaches_by_examples(self) -> None:
        result = corridor("--help")
        assert result.exit_code == 0
        assert "corridor run china_europe_transit_fi" in result.stdout
        assert "Exit codes" in result.stdout

    @pytest.mark.parametrize("command", ["run", "scenarios", "validate"])
    def test_every_command_explains_itself(self, command: str) -> None:
        assert corridor(command, "--help").exit_code == 0

    def test_version(self) -> None:
        result = corridor("--version")
        assert (result.exit_code, result.stdout.startswith("corridor")) == (0, True)

    def test_nothing_heavy_is_imported_before_it_is_needed(self) -> None:
        code = f"import sys, scenarios.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[]"


class TestScenarios:
    def test_list(self) -> None:
        result = corridor("scenarios")
        assert result.exit_code == 0
        assert FINNISH in result.stdout
        assert "green_corridor_ru_cn" in result.stdout

    def test_json(self) -> None:
        found = {entry["id"]: entry for entry in json.loads(corridor("scenarios", "--json").stdout)}
        assert found[FINNISH]["services"] == ["CN", "KZ", "RU", "FI"]
        assert found[FINNISH]["sides"][0] == "9912-exit"


class TestRun:
    def test_tables_and_paths(self, hand_made_run: dict[str, Any], tmp_path: Path) -> None:
        result = corridor("run", FINNISH)
        assert result.exit_code == 0, result.output
        assert "Khorgos, exit from China" in result.stdout
        assert str(tmp_path / "out" / "report.html") in result.stdout
        assert hand_made_run["transport"] == "http"
        assert hand_made_run["replications"] == 10
        assert hand_made_run["arms"] == ["baseline", "advance", "recognition"]

    def test_json_alone_on_standard_output(self, hand_made_run: dict[str, Any]) -> None:
        result = corridor("run", FINNISH, "--json", "-r", "2", "--transport", "memory", "--seed", "7")
        summary = json.loads(result.stdout)
        assert (summary["seed"], summary["transport"], summary["method"]["replications"]) == (7, "memory", 2)

    def test_arms_in_their_order_whatever_is_asked(self, hand_made_run: dict[str, Any]) -> None:
        result = corridor("run", FINNISH, "--arm", "recognition", "--arm", "baseline", "-r", "2", "--json")
        assert list(json.loads(result.stdout)["arms"]) == ["baseline", "recognition"]

    def test_settings_reach_the_scenario(self, hand_made_run: dict[str, Any]) -> None:
        result = corridor("run", FINNISH, "-r", "1", "--set", "replications=3", "--set", "seed=5")
        assert result.exit_code == 0, result.output
        assert hand_made_run["scenario"].seed == 5

    def test_a_failed_check_is_exit_1(self, hand_made_run: dict[str, Any]) -> None:
        hand_made_run["hours"] = dict.fromkeys(ARMS, 90)
        result = corridor("run", FINNISH, "-r", "1")
        assert result.exit_code == 1
        assert "Check failed" in result.stdout

    def test_ctrl_c_is_one_line_and_130(self, hand_made_run: dict[str, Any]) -> None:
        hand_made_run["raises"] = KeyboardInterrupt()
        result = corridor("run", FINNISH)
        assert result.exit_code == 130
        assert result.stderr.strip().count("\n") == 0
        assert "Stopped" in result.stderr

    def test_what_went_wrong_is_told_without_a_traceback(self, hand_made_run: dict[str, Any]) -> None:
        hand_made_run["raises"] = RunError("a worker died: run it again")
        result = corridor("run", FINNISH)
        assert (result.exit_code, result.stderr.strip()) == (2, "a worker died: run it again")


class TestWrongUse:
    @pytest.mark.parametrize(
        ("arguments", "needed"),
        [
            (["run", "no_such_scenario"], "china_europe_transit_fi"),
            (["run", FINNISH, "--set", "replication=3"], "replication"),
            (["run", FINNISH, "--set", "warm_up.is=three weeks"], "warm_up"),
            (["run", FINNISH, "--run-id", "../elsewhere"], "--run-id"),
            (["run", FINNISH, "--transport", "pigeon"], "pigeon"),
            (["run", FINNISH, "--arm", "fourth"], "fourth"),
            (["run", FINNISH, "--replications", "0"], "replications"),
            (["run"], "scenario"),
            (["sail"], "sail"),
        ],
    )
    def test_it_is_exit_2_and_says_what(self, arguments: list[str], needed: str) -> None:
        result = corridor(*arguments)
        assert result.exit_code == 2
        assert needed.lower() in result.stderr.lower()
        assert "Traceback" not in result.output
        assert result.stdout == ""
