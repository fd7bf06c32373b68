"""Reports made again from what a run left, runs beside each other, and folders that are not what they should be."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from scenarios.cli import app
from scenarios.experiments.manifest import scenario_content
from scenarios.output import write_run
from scenarios.report.left import ReportError, open_left
from scenarios.report.material import as_json, from_json, gather, spread_of
from scenarios.report.several import beside
from scenarios.report.stopped import REASONS, matter_rows, stop_rows
from scenarios.scenario import load_scenario
from tests.unit.test_report import material

NAME = "china_europe_transit_fi"


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    summary, runs, measures = material()
    place = tmp_path_factory.mktemp("left") / "run"
    write_run(place, load_scenario(NAME), summary, runs, None, measures)
    return place


@pytest.fixture
def copy(left: Path, tmp_path: Path) -> Path:
    shutil.copytree(left, tmp_path / "copy")
    return tmp_path / "copy"


def change(path: Path, **values: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


class TestAgain:
    def test_the_report_is_the_same_to_the_byte(self, left: Path) -> None:
        assert open_left(left).render().encode() == (left / "report.html").read_bytes()

    def test_what_is_written_is_what_is_read(self) -> None:
        _, runs, measures = material()
        gathered = gather(load_scenario(NAME), runs, spread_of(measures))
        assert from_json(json.loads(json.dumps(as_json(gathered, {})))) == gathered

    @pytest.mark.parametrize("name", ["preliminary_information_conventions", "north_south", "chaos"])
    def test_a_scenario_that_was_left_has_its_digest(self, name: str, tmp_path: Path) -> None:
        scenario = load_scenario(name)
        (tmp_path / "scenario.json").write_text(json.dumps(scenario_content(scenario), ensure_ascii=False))
        assert load_scenario(tmp_path / "scenario.json").digest == scenario.digest

    def test_the_command_says_where_it_went(self, copy: Path) -> None:
        before = (copy / "report.html").read_bytes()
        (copy / "report.html").unlink()
        result = CliRunner().invoke(app, ["report", str(copy)])
        assert result.exit_code == 0, result.output
        assert (copy / "report.html").read_bytes() == before
        again = CliRunner().invoke(app, ["report", str(copy), "--json"])
        assert json.loads(again.stdout)["same_bytes"] is True


def older(folder: Path) -> None:
    (folder / "scenario.json").unlink()
    (folder / "report.json").unlink()


def torn(folder: Path) -> None:
    data = (folder / "report.json").read_bytes()
    (folder / "report.json").write_bytes(data[: len(data) // 2])


def emptied(folder: Path) -> None:
    for item in folder.iterdir():
        item.unlink()


def lacking(folder: Path) -> None:
    content = json.loads((folder / "summary.json").read_text())
    del content["borders"]
    (folder / "summary.json").write_text(json.dumps(content))


def unfinished(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"finished": false}')


WRONG: dict[str, tuple[Callable[[Path], None], str]] = {
    "an older version": (older, r"older version of Corridor.*has no scenario.json and no report.json.*--seed 1'"),
    "a half-copied one": (lambda folder: (folder / "report.json").unlink(), r"copied in part: it has no report.json"),
    "a torn file": (torn, r"report.json: is not whole"),
    "no run at all": (emptied, r"holds no run: name the folder of a finished run"),
    "another format": (lambda folder: change(folder / "report.json", format=99), r"another version.*format 99"),
    "files of two runs": (lambda folder: change(folder / "summary.json", seed=7), r"not of one run \(seed: 1"),
    "another scenario": (lambda folder: change(folder / "scenario.json", warm_up="3 d"), r"not of one run|was changed"),
    "a summary without borders": (lacking, r"not what this version of Corridor leaves"),
    "an unfinished experiment": (unfinished, r"not finished.*--resume"),
}


class TestWrong:
    @pytest.mark.parametrize("what", WRONG)
    def test_it_is_said_in_words(self, copy: Path, what: str) -> None:
        breaking, said = WRONG[what]
        breaking(copy)
        with pytest.raises(ReportError, match=said):
            open_left(copy).render()

    def test_a_folder_of_runs_names_them(self, copy: Path) -> None:
        with pytest.raises(ReportError, match="there are runs inside it: copy"):
            open_left(copy.parent)

    def test_nothing_and_a_file(self, copy: Path) -> None:
        with pytest.raises(ReportError, match="does not exist"):
            open_left(copy / "nowhere")
        with pytest.raises(ReportError, match="is a file"):
            open_left(copy / "summary.json")

    def test_the_command_leaves_the_former_report(self, copy: Path) -> None:
        before = (copy / "report.html").read_bytes()
        torn(copy)
        result = CliRunner().invoke(app, ["report", str(copy)])
        assert result.exit_code == 2
        assert "is not whole" in result.stderr and "Traceback" not in result.stderr
        assert (copy / "report.html").read_bytes() == before


class TestSeveral:
    def test_what_differs_is_named(self, left: Path, tmp_path: Path) -> None:
        summary, runs, measures = material()
        other = load_scenario(NAME, ["warm_up=10 d"])
        write_run(tmp_path / "other", other, summary, runs, None, measures)
        table = beside([open_left(left), open_left(tmp_path / "other")])
        (changed,) = table["changed"]
        assert changed["key"] == "warm_up" and changed["values"][1] == "10 d" != changed["values"][0]
        assert [row["label"] for row in table["runs"]] == ["Warm up 21 d", "Warm up 10 d"]
        assert table["runs"][0]["saved"]["advance"]["border_hours"] == summary["saved"]["advance"]["border_hours_mean"]
        page = tmp_path / "runs.html"
        result = CliRunner().invoke(app, ["report", str(left), str(tmp_path / "other"), "--out", str(page)])
        assert result.exit_code == 0, result.output
        assert "warm_up" in result.stdout and "warm_up" in page.read_text()

    def test_the_same_folder_twice_can_be_told_apart(self, left: Path) -> None:
        table = beside([open_left(left), open_left(left)])
        assert len({row["label"] for row in table["runs"]}) == 2
        assert table["changed"] == []


SUMMARY: dict[str, Any] = {
    "borders": {"1-entry": {"title": "Entry"}},
    "stops": {
        "baseline": {"controls": {"1-entry": {"RANDOM": 2}, "9": {"SCHEME": 1}}, "passed": {}, "refused": {}},
        "recognition": {
            "controls": {"1-entry": {"RANDOM": 1}},
            "passed": {"1-entry": {"RECOGNISED": 4}},
            "refused": {"1-entry": {"NEW_REASON": 3}},
        },
    },
}


class TestStopped:
    def test_reasons_are_added_over_places_and_named_at_each(self) -> None:
        rows = stop_rows(SUMMARY, by_side=False)
        assert [(row.part, row.code) for row in rows] == [
            ("controls", "RANDOM"),
            ("controls", "SCHEME"),
            ("passed", "RECOGNISED"),
            ("refused", "NEW_REASON"),
        ]
        assert rows[0].counts == {"baseline": 2, "recognition": 1} and rows[-1].text == "NEW_REASON"
        assert [row.side for row in stop_rows(SUMMARY, by_side=True)] == ["Entry", "Entry", "Entry", "Office 9"]

    def test_nothing_kept_is_nothing_shown(self) -> None:
        assert stop_rows({"borders": {}}, by_side=True) == [] and list(matter_rows({})) == []

    @pytest.mark.parametrize("page", ["why", "recognition"])
    def test_every_documented_reason_has_words(self, page: str) -> None:
        text = (Path(__file__).parents[2] / "docs" / f"{page}.md").read_text(encoding="utf-8")
        known = {code for codes in REASONS.values() for code in codes}
        named = set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE))
        assert named and named <= known
