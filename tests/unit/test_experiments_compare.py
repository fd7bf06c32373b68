"""Whole experiments, small: stopped and gone on with, on one process or more, tables, manifest, report."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from exchange.errors import CorridorError
from scenarios.commands.compare import compare_command
from scenarios.experiments import compare as module
from scenarios.experiments.compare import compare, experiment_folder
from scenarios.experiments.plan import make_plan
from scenarios.experiments.runner import Settings
from scenarios.experiments.store import TrialStore
from scenarios.run import run_scenario
from tests.waiting import HANGS

NAME = "china_europe_transit_fi"
SMALL = ("flows.0.vehicles.count=1 trains", "warm_up=1 d")
REPLICATIONS = 2
OPTIONS = {
    "replications": 2,
    "precision": None,
    "sets": SMALL,
    "sweeps": (),
    "frontier": False,
    "seed": None,
    "workers": 1,
    "cluster": None,
    "resume": False,
    "events": "one",
    "only": None,
    "json_output": True,
}


def plan(**more):
    return make_plan(NAME, sets=SMALL, **more)


def content(folder) -> dict:
    """Return the statistics without how long they took."""
    return {k: v for k, v in json.loads((folder / "comparison.json").read_text()).items() if k != "run"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the outcome of two replications with a sweep and the frontier, on one process. To be read only."""
    out = tmp_path_factory.mktemp("whole")
    swept = plan(sweeps=["residual=2%,100%", "listed=0%,100%"], frontier=True)
    return swept, compare(swept, Settings(replications=REPLICATIONS, workers=1), out=out)


@pytest.fixture(scope="module")
def ran(whole, tmp_path_factory):
    """Return the summary of a run of the same scenario. To be read only."""
    scenario, out = whole[0].base.scenario, tmp_path_factory.mktemp("ran")
    return run_scenario(scenario, transport="memory", replications=REPLICATIONS, workers=1, out=out).summary


@pytest.fixture
def unreported(monkeypatch):
    """Leave the drawing of the report out, which takes longer than a small experiment itself."""
    monkeypatch.setattr("scenarios.report.compare.render", lambda *_: "")


def test_differences_equal_those_of_a_run(whole, ran):
    outcome, run = whole[1], ran
    for name, entry in run["saved"].items():
        ours = outcome.summary["saved"][name]
        assert ours["border_hours"]["mean"] == pytest.approx(entry["border_hours_mean"], abs=2e-6)
        assert ours["border_hours"]["ci95"] == pytest.approx(entry["ci95"], abs=2e-6)
        assert ours["border_hours"]["per_replication"] == pytest.approx(entry["per_replication"], abs=2e-6)
        assert ours["coverage_difference"]["mean"] == pytest.approx(entry["coverage_difference"], abs=2e-6)
    for arm, entry in run["arms"].items():
        for statistic in ("mean", "p50", "p90"):
            ours = outcome.summary["arms"][arm]["border_hours"][statistic]
            assert ours == pytest.approx(entry["border_hours"][statistic], abs=2e-6)


def test_sweep_ranking_and_frontier_say_what_theory_does(whole):
    swept, outcome = whole
    summary = outcome.summary
    assert [row["value"] for row in summary["sweeps"][0]["points"]] == ["2 %", "100 %"]
    assert {row["key"] for row in summary["ranking"]} == {"residual", "listed"}
    assert len(summary["frontier"]) == 4
    nobody = [row for row in summary["frontier"] if row["listed"] == "0 %"]
    assert {row["coverage_difference"] for row in nobody} == {0.0}, "nothing is recognised of whom nobody lists"
    by = {(row["listed"], row["residual"]): row["coverage"] for row in summary["frontier"]}
    assert by["100 %", "2 %"] < by["100 %", "100 %"], "what is controlled again is found more often"
    assert len(swept.points) == 4, "what comes to the same scenario is run once"


def test_the_report_and_the_tables_hold_what_was_run(whole):
    swept, outcome = whole
    text = (outcome.folder / "report.html").read_text(encoding="utf-8")
    assert 'id="plot-frontier"' in text and 'id="plot-ranking"' in text and "http-equiv" in text
    assert swept.base.scenario.digest in text
    pq = pytest.importorskip("pyarrow.parquet")
    replications = pq.read_table(outcome.folder / "replications.parquet")
    assert replications.num_rows == 4 * 3 * REPLICATIONS
    consignments = pq.read_table(outcome.folder / "consignments.parquet").to_pylist()
    hours = [
        row["border_hours"]
        for row in consignments
        if (row["variation"], row["arm"], row["irregularity"]) == ("as the file says", "baseline", None)
    ]
    expected = outcome.summary["arms"]["baseline"]["border_hours"]["mean"]
    assert sum(hours) / len(hours) == pytest.approx(expected, abs=0.6), "six consignments each: near the mean of means"
    assert all(row["cost_usd:total"] > 0 and row["km"] > 8000 for row in consignments if row["irregularity"] is None)
    stays = pq.read_table(outcome.folder / "stays.parquet").to_pylist()
    assert all(row["hours"] == pytest.approx((row["t10"] - row["t2"]) / 3600) for row in stays)
    assert {row["in_time"] for row in stays} == {True, False, None}
    events = pq.read_table(outcome.folder / "events.parquet").to_pylist()
    assert {row["replication"] for row in events} == {0}
    assert json.loads(events[0]["data"]) is not None


def test_every_figure_of_a_run_is_in_the_statistics_and_in_a_table(whole, ran):
    outcome, run = whole[1], ran
    figures = outcome.summary["figures"]
    for name, kept in (
        ("information.share_in_time", lambda arm: run["arms"][arm]["information"]["share_in_time"]),
        ("cost_usd.total", lambda arm: run["arms"][arm]["cost_usd"]["total"]),
        ("speed.with_delay_kmh", lambda arm: run["arms"][arm]["speed"]["with_delay_kmh"]),
        ("sides.99101-entry.utilisation.desks", lambda arm: run["borders"]["99101-entry"][arm]["utilisation"]["desks"]),
        ("sides.99101-entry.intervals.clearance.mean", lambda arm: clearance(run, arm)),
        ("officers.99101.before_arrival", lambda arm: run["arms"][arm]["officers"]["99101"]["before_arrival"]),
    ):
        for arm, entry in figures[name]["arms"].items():
            assert entry["of"] == REPLICATIONS
            assert entry["mean"] == pytest.approx(kept(arm), abs=2e-6), (name, arm)
    less = figures["cost_usd.total"]["less"]["recognition"]
    assert less["mean"] == pytest.approx(run["saved"]["recognition"]["cost_usd"]["mean"], abs=2e-6)
    assert less["ci95"] == pytest.approx(run["saved"]["recognition"]["cost_usd"]["ci95"], abs=2e-5), "of two: t is 12.7"
    assert any(name.startswith("stops.") for name in figures), "of the replication that keeps all its events"
    pq = pytest.importorskip("pyarrow.parquet")
    rows = pq.read_table(outcome.folder / "measures.parquet").to_pylist()
    ours = [row["value"] for row in rows if (row["variation"], row["arm"], row["measure"]) == COST]
    assert sum(ours) / REPLICATIONS == pytest.approx(figures["cost_usd.total"]["arms"]["advance"]["mean"])


COST = ("as the file says", "advance", "cost_usd.total")


def clearance(run, arm):
    return run["borders"]["99101-entry"][arm]["intervals"]["clearance"]["mean"]


def test_each_flow_has_its_hours_and_what_is_saved(whole):
    summary = whole[1].summary
    (flow,) = summary["flows"].values()
    assert flow["title"] and flow["saved"]["advance"]["mean"] == summary["saved"]["advance"]["border_hours"]["mean"]
    for sweep in summary["sweeps"]:
        for point in sweep["points"]:
            (entry,) = point["flows"].values()
            assert entry == point["saved"], "there is one flow only"


def test_two_processes_and_a_resume_give_the_same(whole, tmp_path, unreported):
    swept, outcome = whole
    stopped = 0

    def stop(step):
        nonlocal stopped
        stopped = step.done
        if step.done >= 5:
            raise KeyboardInterrupt

    settings = Settings(replications=REPLICATIONS, workers=2)
    with pytest.raises(KeyboardInterrupt):
        compare(swept, settings, out=tmp_path, watch=stop)
    folder = experiment_folder(swept, tmp_path)
    with TrialStore(folder / "trials.log") as store:
        before = len(store)
    assert before >= 5 and not (folder / "comparison.json").exists()
    with pytest.raises(CorridorError, match="--resume"):
        compare(swept, settings, out=tmp_path)
    steps = []
    compare(swept, replace(settings, workers=1), out=tmp_path, resume=True, watch=steps.append)
    assert steps[0].before == before and steps[0].done == before
    assert content(folder) == content(outcome.folder)


def test_a_finished_experiment_is_enlarged_by_a_resume(tmp_path, unreported):
    compare(plan(), Settings(replications=1, workers=1), out=tmp_path)
    steps = []
    outcome = compare(plan(), Settings(replications=2, workers=1), out=tmp_path, resume=True, watch=steps.append)
    assert [step.done for step in steps] == [1, 2]
    assert outcome.summary["method"]["replications"] == 2


def test_another_program_or_scenario_is_not_mixed_in(tmp_path, unreported):
    compare(plan(), Settings(replications=1, workers=1), out=tmp_path)
    manifest = experiment_folder(plan(), tmp_path) / "manifest.json"
    before = json.loads(manifest.read_text())
    assert before["finished"] and before["scenario_digest"] == plan().base.scenario.digest
    manifest.write_text(json.dumps(before | {"program_digest": "0" * 64}))
    with pytest.raises(CorridorError, match="another program"):
        compare(plan(), Settings(replications=2, workers=1), out=tmp_path, resume=True)
    manifest.write_text(json.dumps(before))
    with pytest.raises(CorridorError, match="--events one"):
        compare(plan(), Settings(replications=1, events="all", workers=1), out=tmp_path, resume=True)
    with pytest.raises(CorridorError, match="nothing to go on with"):
        compare(plan(seed=9), Settings(replications=1, workers=1), out=tmp_path, resume=True)


def test_a_precision_decides_on_the_number(tmp_path, monkeypatch, unreported):
    from scenarios.experiments import runner

    monkeypatch.setattr(runner, "LEAST", 2)
    monkeypatch.setattr(runner, "MOST", 3)
    loose = compare(plan(), Settings(precision=1000.0, workers=1), out=tmp_path / "loose")
    assert loose.summary["method"]["replications"] == 2 and loose.summary["method"]["precision_reached"]
    tight = compare(plan(), Settings(precision=1e-9, workers=1), out=tmp_path / "tight")
    assert tight.summary["method"]["replications"] == 3 and not tight.summary["method"]["precision_reached"]
    assert any("was not reached" in text for text in tight.summary["warnings"])


def test_without_pyarrow_there_are_csv_and_json(tmp_path, monkeypatch, unreported):
    from scenarios.experiments import tables

    monkeypatch.setattr(tables, "find_spec", lambda name: None)
    outcome = compare(plan(), Settings(replications=2, events="all", workers=1), out=tmp_path)
    assert {"replications.csv", "measures.csv", "consignments.csv", "stays.csv", "events.jsonl"} < set(outcome.files)
    with (outcome.folder / "replications.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["replication"], row["arm"]) for row in rows[:3]] == [
        ("0", arm) for arm in ("baseline", "advance", "recognition")
    ]
    events = [json.loads(line) for line in (outcome.folder / "events.jsonl").read_text().splitlines()]
    assert {event["replication"] for event in events} == {0, 1}
    assert isinstance(events[0]["data"], dict)


def test_only_runs_one_replication_again_with_its_trace(whole, tmp_path, capsys):
    trials = tmp_path / "trials.log"
    shutil.copy(whole[1].folder / "trials.log", trials)
    with TrialStore(trials) as store:
        stored = store.read((plan().base.scenario.digest, 1))
    assert compare_command(NAME, out=tmp_path, **OPTIONS | {"only": 1}) == 0
    again = json.loads(capsys.readouterr().out)
    folder = next(path for path in (tmp_path / NAME).iterdir() if path.name.endswith("-r1"))
    assert any(folder.glob("messages/*/*/*.xml")) and (folder / "events.jsonl").stat().st_size
    for measures in stored.measures:
        hours = [item.border_seconds / 3600 for item in measures.regular]
        assert again["arms"][measures.arm]["border_hours"]["mean"] == pytest.approx(sum(hours) / len(hours), abs=1e-5)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"precision": "5%"}, "leave --replications away"),
        ({"precision": "none", "replications": None}, "as 5%"),
        ({"sweeps": ("outage=lots",)}, "0 % to 100 %"),
        ({"sets": ("no.such.key=1",)}, "does not exist"),
        ({"cluster": "tcp://127.0.0.1:1"}, "no Dask scheduler answers"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(tmp_path, capsys, monkeypatch, wrong, said):
    from scenarios.experiments import cluster

    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    assert compare_command(NAME, out=tmp_path, **OPTIONS | wrong) == 2
    shown = capsys.readouterr()
    assert said in shown.err and not shown.out and "Traceback" not in shown.err


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    folder = experiment_folder(plan(), tmp_path)
    folder.mkdir(parents=True)
    (folder / "diary.txt").write_text("mine")
    with pytest.raises(CorridorError, match="no experiment"):
        module.compare(plan(), Settings(replications=1, workers=1), out=tmp_path)
    assert (folder / "diary.txt").read_text() == "mine"


def test_killed_at_any_moment_nothing_that_was_finished_is_lost(tmp_path, unreported):
    code = "import sys; from scenarios.cli import main; main()"
    sets = [part for setting in SMALL for part in ("--set", setting)]
    command = [
        sys.executable,
        "-c",
        code,
        "compare",
        NAME,
        *sets,
        "-r",
        "500",
        "--workers",
        "2",
        "--out",
        str(tmp_path),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    trials = experiment_folder(plan(), tmp_path) / "trials.log"
    try:
        deadline = time.monotonic() + HANGS
        while time.monotonic() < deadline and not (trials.exists() and trials.read_bytes().count(b"\n") >= 3):
            time.sleep(0.05)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
    with TrialStore(trials) as store:
        kept = sorted(key[1] for key in store.all_keys())
    assert len(kept) >= 3
    outcome = compare(plan(), Settings(replications=3, workers=1), out=tmp_path, resume=True)
    assert outcome.summary["method"]["replications"] == 3
