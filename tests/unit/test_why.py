"""``corridor why``: the reasons that a run or a ledger holds, told and counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scenarios.commands.why import WhyError, read_reasons, sentences, why_command
from scenarios.metrics.stops import counted
from scenarios.reasons import reasons_of
from scenarios.run import Job, conduct
from scenarios.scenario import load_scenario
from tests.journey import Journey
from tests.unit.test_decide import through_altynkol


@pytest.fixture
async def run_folder(tmp_path: Path) -> Path:
    lines = []
    for arm in ("baseline", "recognition"):
        journey = Journey(arm)
        await through_altynkol(journey)
        lines += [json.dumps({"arm": arm, **line}) for line in reasons_of(journey.cores)]
    (tmp_path / "reasons.jsonl").write_text("\n".join(lines) + "\n")
    return tmp_path


def told(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: Any, **options: Any) -> Any:
    capsys.readouterr()
    given = {"arm": None, "node": None, "json_output": True} | options
    assert why_command(str(folder), *(arguments or (None,)), **given) == 0
    out = capsys.readouterr().out
    return json.loads(out) if given["json_output"] else out


def test_each_presentation_is_told_with_rule_clause_and_message(
    run_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = told(run_folder, capsys, "8CNXA001-T01C1", arm="recognition")
    assert [(line["service"], line["office"]) for line in lines] == [("CN", "9911"), ("CN", "9912"), ("KZ", "99101")]
    text = told(run_folder, capsys, "8CNXA001-T01C1", json_output=False)
    assert "KZ 99101, entry: stopped" in text and "selected by chance" in text
    assert "scan waived: the result of CN (act 9911/SCAN/FULL, A1) stands for it" in text
    assert "agreement china-europe-transit-recognition, recognition.forms; message CTR" in text


def test_without_a_case_the_reasons_are_counted_by_arm_and_side(
    run_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(run_folder, capsys)
    assert found["baseline"]["controls"]["99101-entry"] == {"NO_INFORMATION": 1, "RANDOM": 1}
    assert found["recognition"]["passed"]["99101-entry"] == {"RECOGNISED": 1}
    assert found["recognition"]["refused"] == {}
    assert "RECOGNISED" in told(run_folder, capsys, json_output=False)


@pytest.mark.parametrize(
    ("source", "case", "options", "hint"),
    [
        (".", "8CNXA001-T01C2", {}, "nearest are 8CNXA001-T01C1"),
        (".", None, {"arm": "advance"}, "the run has no arm advance"),
        (".", None, {"node": "KZ"}, "--node goes with"),
        ("nothing.sqlite", None, {}, "--node RU"),
        ("nothing.sqlite", None, {"node": "KZ", "arm": "advance"}, "no arms"),
    ],
)
def test_a_question_without_an_answer_says_what_to_do(
    run_folder: Path, capsys: pytest.CaptureFixture[str], source: str, case: str | None, options: Any, hint: str
) -> None:
    given = {"arm": None, "node": None, "json_output": False} | options
    assert why_command(str(run_folder / source), case, **given) == 2
    assert hint in capsys.readouterr().err


def test_a_line_that_is_no_reason_is_named(tmp_path: Path) -> None:
    (tmp_path / "reasons.jsonl").write_text("{}\n")
    with pytest.raises(WhyError, match="line 1"):
        list(read_reasons(tmp_path))


async def test_every_control_of_a_run_has_its_reason_on_both_transports() -> None:
    scenario = load_scenario("green_corridor_ru_mn_images", ["flows.0.vehicles.count.is=4 trains"])
    found = []
    for transport in ("memory", "http"):
        job = Job(scenario=scenario, seed=1, run_id="t", replication=0, arm="recognition", transport=transport)
        run, _ = await conduct(job)
        made = [event for event in run.events if event.kind == "control"]
        lines = run.reasons
        assert len(made) == sum(
            len(line["controls"]) + any(one["because"] == "CHECKED_BEFORE" for one in line["controls"])
            for line in lines
        )
        assert all(one["text"] for line in lines for part in ("controls", "passed", "refused") for one in line[part])
        assert all(line["controls"] or line["passed"] for line in lines)
        assert all(list(sentences(line)) for line in lines)
        found.append(counted(lines))
    assert found[0] == found[1] and found[0]["controls"]
