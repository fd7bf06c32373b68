"""Statistics of experiments, against independent computations."""

from __future__ import annotations

import json

import numpy as np
import pytest

from scenarios.experiments.bootstrap import DRAWS, Sample, draws, percentile_interval
from scenarios.experiments.reading import Reading
from scenarios.experiments.runner import GROWTH, LEAST, MOST, next_count
from scenarios.experiments.statistics import half_widths, replication_differences, summarise_figures, summarise_point
from scenarios.experiments.variation import frontier_rows
from scenarios.metrics import student


def reading(arm: str, number: int, hours, coverage: float = 0.5) -> Reading:
    values = np.asarray(hours, dtype=np.float64)
    return Reading(
        replication=number,
        arm=arm,
        hours={"border_hours": values, "door_to_door_hours": values + 100.0},
        flows={},
        coverage=coverage,
        officer_hours=float(len(values)),
        controls=len(values),
        early=float(values[: len(values) // 2].mean()),
        late=float(values[len(values) // 2 :].mean()),
        busiest=("side desks", 0.5 + number / 1000),
        delivered=len(values),
        seized=0,
        consignments=len(values),
    )


def paired(count: int, saved: float = 2.0, seed: int = 3):
    """Return readings of two arms that share the luck of a replication; the second saves ``saved`` hours."""
    generator = np.random.default_rng(seed)
    found = {"baseline": [], "advance": []}
    for number in range(count):
        luck = generator.normal(50, 5) + generator.gamma(2, 5, size=40)
        found["baseline"].append(reading("baseline", number, luck, 0.7))
        found["advance"].append(reading("advance", number, luck - saved - generator.normal(0, 0.5, size=40), 0.69))
    return found


def test_a_weighted_sample_equals_numpy_over_the_repeated_replications():
    generator = np.random.default_rng(1)
    runs = [generator.gamma(2, 10, size=size) for size in (30, 7, 19, 44)]
    sample = Sample(runs)
    for times in ([1, 1, 1, 1], [0, 3, 1, 0], [4, 0, 0, 0], [1, 0, 2, 1]):
        whole = np.concatenate([np.tile(run, n) for run, n in zip(runs, times, strict=True)])
        expected = [np.quantile(whole, 0.5), np.quantile(whole, 0.9), whole.std(ddof=1)]
        assert sample.statistics(np.array([times], dtype=float))[0] == pytest.approx(expected, rel=1e-9)


def test_draws_are_seeded_and_each_has_as_many_replications_as_there_are():
    table = draws(25, 7)
    assert table.shape == (DRAWS, 25)
    assert set(table.sum(axis=1)) == {25.0}
    assert (table == draws(25, 7)).all()
    assert (table != draws(25, 8)).any()


def test_the_bootstrap_covers_the_true_median_about_as_often_as_it_says():
    """Of 200 samples of 30 replications with common luck inside each; 95 % nominal, percentile intervals run low."""
    generator = np.random.default_rng(11)
    held = 0
    for sample in range(200):
        runs = [generator.normal(0, 1) + generator.normal(0, 1, size=12) for _ in range(30)]
        interval = percentile_interval(Sample(runs).statistics(draws(30, sample)[:200])[:, 0])
        held += interval[0] <= 0 <= interval[1]
    assert 0.85 <= held / 200 <= 0.99


def test_intervals_are_of_the_paired_differences_and_know_what_pairing_was_worth():
    found = paired(40)
    entry = summarise_point(found, seed=1)["saved"]["advance"]
    before = [run.hours["border_hours"].mean() for run in found["baseline"]]
    after = [run.hours["border_hours"].mean() for run in found["advance"]]
    expected = student.interval([b - a for b, a in zip(before, after, strict=True)])
    assert entry["border_hours"]["ci95"] == pytest.approx(expected, abs=1e-6)
    low, high = entry["border_hours"]["ci95"]
    assert low < 2.0 < high and high - low < 0.2
    assert entry["border_hours"]["p90"] == pytest.approx(2.0, abs=0.5)
    assert entry["border_hours"]["p90_ci95"][0] < 2.0 < entry["border_hours"]["p90_ci95"][1]
    assert entry["coverage_difference"]["mean"] == pytest.approx(-0.01)
    assert entry["pairing"] > 50, "replications differ by hours, pairs by minutes"


def test_the_interval_of_the_mean_covers_the_truth():
    """400 experiments of 20 replications: 95 % of their intervals hold the hours that are truly saved."""
    held = sum(
        low <= 2.0 <= high
        for seed in range(400)
        for low, high in [student.interval(replication_differences(paired(20, seed=seed), "advance"))]
    )
    assert 0.92 <= held / 400 <= 0.98


def test_the_bootstrap_covers_the_true_difference_of_the_p90_about_as_often_as_it_says(monkeypatch):
    """Waits of two arms on common numbers; the true difference of their P90 is known: 2 h times what is exponential."""
    monkeypatch.setattr("scenarios.experiments.bootstrap.DRAWS", 150)  # many rounds say more here than many draws
    held, rounds = 0, 150
    generator = np.random.default_rng(11)
    truth = (5.0 - 3.0) * np.log(10.0)
    for number in range(rounds):
        waits = generator.exponential(size=(30, 40))
        readings = {
            arm: [reading(arm, n, scale * hours) for n, hours in enumerate(waits)]
            for arm, scale in (("baseline", 5.0), ("recognition", 3.0))
        }
        low, high = summarise_point(readings, number)["saved"]["recognition"]["border_hours"]["p90_ci95"]
        held += low <= truth <= high
    assert 0.88 <= held / rounds <= 0.99, held / rounds


def test_figures_are_paired_and_say_how_many_replications_have_them():
    runs = {
        "baseline": [{"a": 5.0, "b": 1.0}, {"a": 7.0}, {"a": 6.0}],
        "recognition": [{"a": 3.0, "b": 1.0}, {"a": 4.0}, {"a": 5.0}],
    }
    found = summarise_figures(runs)
    assert found["a"]["less"]["recognition"]["mean"] == 2.0
    low, high = found["a"]["less"]["recognition"]["ci95"]
    assert (low + high) / 2 == pytest.approx(2.0) and high - low == pytest.approx(2 * 4.302653 / 3**0.5, abs=1e-5)
    assert found["b"]["arms"]["baseline"] == {"mean": 1.0, "ci95": None, "of": 1}


def test_one_replication_gives_no_interval():
    summary = summarise_point(paired(1), seed=1)
    assert summary["saved"]["advance"]["border_hours"]["ci95"] is None
    assert summary["saved"]["advance"]["border_hours"]["p50_ci95"] is None
    assert summary["saved"]["advance"]["pairing"] is None
    assert half_widths(paired(1))["advance"] == float("inf")


@pytest.mark.filterwarnings("ignore:Mean of empty slice", "ignore:invalid value encountered")
def test_of_a_single_consignment_there_is_a_mean_saved_and_no_dispersion():
    """What cannot be told is None: a number that is none cannot be written as JSON."""
    readings = {"baseline": [reading("baseline", 0, [50.0])], "advance": [reading("advance", 0, [48.0])]}
    saved = summarise_point(readings, seed=1)["saved"]["advance"]["border_hours"]
    assert saved["mean"] == 2.0 and saved["sd"] is None
    json.dumps(saved, allow_nan=False)


def test_a_trend_from_early_to_late_vehicles_is_seen():
    found = {"baseline": [reading("baseline", n, np.linspace(10, 30 + n, 40)) for n in range(10)]}
    drift = summarise_point(found, seed=1)["warm_up"]
    assert drift["ci95"][0] > 5
    assert drift["difference"] == pytest.approx(drift["late_mean"] - drift["early_mean"], abs=1e-5)


def test_precision_decides_by_the_readings_alone():
    found = paired(LEAST)
    width = half_widths(found)["advance"]
    assert next_count(found, LEAST, width * 1.01) is None
    assert next_count(found, LEAST, width / 1.2) == int(np.ceil(LEAST * 1.2**2 * 1.05))
    assert next_count(found, LEAST, width / 100) == LEAST * GROWTH
    assert next_count(found, MOST, width / 100) is None


def test_the_frontier_marks_what_nothing_beats():
    points = {"a": (3.0, -0.1), "b": (2.0, -0.2), "c": (1.0, 0.0), "d": (1.0, -0.05)}

    class Fake:
        def __init__(self, name):
            self.turned = (("residual", name),)
            self.name = name

    def of(point):
        hours, coverage = points[point.name]
        return {
            "replications": 20,
            "arms": {"recognition": {"coverage": {"mean": 0.7 + coverage, "ci95": None}}},
            "saved": {
                "recognition": {
                    "border_hours": {"mean": hours, "ci95": None},
                    "coverage_difference": {"mean": coverage},
                }
            },
        }

    rows = frontier_rows([Fake(name) for name in points], of, "recognition")
    assert {row["residual"]: row["efficient"] for row in rows} == {"a": True, "b": False, "c": True, "d": False}
