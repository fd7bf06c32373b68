"""Calibration of a border side from release stamps: fits, reading a file line by line, and the way there and back."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from scenarios.cli import app
from scenarios.run import Job, conduct
from scenarios.scenario import load_scenario
from scenarios.trs.fitting import fits, share_below
from scenarios.trs.reading import TrsError, read_study
from scenarios.trs.writing import write_stamps

SIDE = "99612020-entry"
PHYSICAL = 0.40
SETS = (
    f"policies.99612020.presentations.ENTRY.physical={PHYSICAL * 100:.0f} %",
    f"sides.{SIDE}.resources.bays.capacity=150 bays",
)


def study(tmp_path: Path, *lines: str, head: str = "case,form,T2,T6,T7,T10") -> Path:
    path = tmp_path / "study.csv"
    path.write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    return path


class TestFits:
    def test_a_lognormal_is_found_again(self) -> None:
        best = fits(list(np.random.default_rng(1).lognormal(np.log(4.0), 0.4, 600)))[0]
        assert best.distribution.kind == "lognormal"
        assert best.distribution.numbers == pytest.approx((4.0, 0.4), rel=0.06)
        assert best.distance is not None and best.distance < 0.05

    def test_a_triangular_is_found_again(self) -> None:
        best = fits(list(np.random.default_rng(2).triangular(1.0, 2.0, 6.0, 600)))[0]
        assert best.distribution.kind == "triangular"
        assert best.distribution.numbers == pytest.approx((1.0, 2.0, 6.0), rel=0.12)

    def test_the_triangular_fit_is_likelier_than_the_truth(self) -> None:
        values = np.random.default_rng(3).triangular(1.0, 2.0, 6.0, 200)
        fit = next(fit for fit in fits(list(values)) if fit.distribution.kind == "triangular")
        density = np.where(values < 2.0, 2 * (values - 1) / 5, 2 * (6 - values) / 20)
        assert fit.likelihood >= float(np.log(density).sum())

    def test_durations_that_hardly_differ_or_are_few_give_their_mean(self) -> None:
        assert fits([0.45] * 30)[0].text == "0.45 h"
        few = fits([1.0, 2.0, 0.0])[0]
        assert (few.text, few.count, few.zeros) == ("1.5 h", 2, 1)
        assert few.distance is None and few.distance_text == "–", "nothing was fitted"
        assert fits([0.0]) == []

    def test_the_named_family_comes_first(self) -> None:
        values = list(np.random.default_rng(2).triangular(1.0, 2.0, 6.0, 200))
        assert [fits(values, name)[0].distribution.kind for name in ("lognormal", "triangular")] == [
            "lognormal",
            "triangular",
        ]

    def test_a_wrong_distribution_lies_far_off(self) -> None:
        values = [*np.full(50, 0.5), *np.full(50, 9.5) + np.arange(50) / 100]
        assert min(fit.distance or 0.0 for fit in fits(values)) > 0.2

    def test_shares_below_are_those_of_the_quantiles(self) -> None:
        for fit in fits(list(np.random.default_rng(4).lognormal(0.0, 0.5, 50))):
            for u in (0.05, 0.3, 0.5, 0.8, 0.99):
                assert share_below(fit.distribution, fit.distribution.hours(u)) == pytest.approx(u, abs=1e-6)


class TestReading:
    def test_what_is_wrong_is_told_by_line_and_the_rest_is_used(self, tmp_path: Path) -> None:
        path = study(
            tmp_path,
            "A,scan,2024-03-01T08:00Z,2024-03-01T09:00Z,2024-03-01T09:30Z,2024-03-01T10:00Z",
            "A,scan,2024-03-01T08:00Z,2024-03-01T09:00Z,2024-03-01T09:30Z,2024-03-01T10:00Z",
            "A,physical,2024-03-01T08:00Z,,,2024-03-01T10:00Z",
            "B,none,2024-03-01T08:00Z,,,2024-03-01T07:00Z",
            "C,none,2024-03-01T08:00Z,,,",
            "D,x-ray,2024-03-01T08:00Z,,,2024-03-01T11:00Z",
            "D,none,2024-03-01T08:30Z,,,2024-03-01T11:00Z",
            "E,none,yesterday,,,2024-03-01T11:00Z",
        )
        found = read_study(path)
        assert [case.case for case in found.cases] == ["A", "D"]
        assert [(c.form, c.hours) for c in found.cases[0].controls] == [("scan", 0.5), ("physical", None)]
        told = "\n".join(found.problems)
        for text in (
            "line 3: case A stands above with the same control",
            "line 4: physical control without begin",
            "line 5: T10 lies before T2",
            "line 6: T10 missing",
            "line 7: form 'x-ray'",
            "line 8: case D stands above with other stamps",
            "line 9: T2 'yesterday' is no time",
        ):
            assert text in told

    def test_local_times_need_their_zone(self, tmp_path: Path) -> None:
        path = study(tmp_path, "A,2024-03-31T01:30,2024-03-31T03:30", head="case,arrived,crossed")
        with pytest.raises(TrsError, match="--timezone"):
            read_study(path)
        (case,) = read_study(path, timezone="Europe/Helsinki").cases
        assert case.stamps["T2"].utcoffset() is not None
        with pytest.raises(TrsError, match="no time zone"):
            read_study(path, timezone="Europe/Nowhere")

    def test_missing_columns_and_several_sides_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(TrsError, match=r"T10 \(crossed\) is missing"):
            read_study(study(tmp_path, "A,2024-03-31T01:30Z", head="case,T2"))
        with pytest.raises(TrsError, match=r"columns case, T10 \(crossed\) are missing"):
            read_study(study(tmp_path, "2024-03-31T01:30Z", head="T2"))
        with pytest.raises(TrsError, match="first line alone"):
            read_study(study(tmp_path, head="case,T2,T10"))
        (tmp_path / "empty.csv").touch()
        with pytest.raises(TrsError, match="is empty: write a first line"):
            read_study(tmp_path / "empty.csv")
        path = study(
            tmp_path, "A,X-exit,2024-01-01T00:00Z,2024-01-01T01:00Z", "A,Y-entry,2024-01-02T00:00Z,2024-01-02T01:00Z",
            head="case,side,T2,T10",
        )  # fmt: skip
        with pytest.raises(TrsError, match="choose one with --side"):
            read_study(path)
        assert len(read_study(path, side="Y-entry").cases) == 1


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the stamps of one baseline of the road to Chita, with many inspections."""
    scenario = load_scenario("green_corridor_ru_cn", SETS)
    job = Job(scenario=scenario, seed=1, run_id="r", replication=0, arm="baseline", transport="memory", trace=False)
    run, _ = asyncio.run(conduct(job))
    path = tmp_path_factory.mktemp("trs") / "trs.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        write_stamps(file, scenario, [run])
    return path


class TestThereAndBack:
    def calibrate(self, *arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["calibrate", *arguments])
        return result.exit_code, result.output

    def test_a_run_gives_back_what_its_scenario_has(self, stamped: Path, tmp_path: Path) -> None:
        out = tmp_path / "side.yaml"
        code, text = self.calibrate(
            "--trs", str(stamped), "--side", SIDE, "--scenario", "green_corridor_ru_cn", "--family", "lognormal",
            "--out", str(out), "--json",
        )  # fmt: skip
        assert code == 0, text
        found = json.loads(text)
        (documents,), (scan,) = (found["durations"][f"{form} control"] for form in ("documentary", "scan"))
        assert documents["numbers"] == pytest.approx([0.45], abs=0.001)  # 0.15 h capture and 0.30 h check
        assert scan["numbers"] == pytest.approx([0.24], abs=0.001)  # pass 0.07 h and reading 0.17 h
        inspection = found["durations"]["physical control"][0]
        assert inspection["numbers"][0] == pytest.approx(4.0, rel=0.18)  # LN(4, 0.4): three standard errors of some 45
        assert inspection["numbers"][1] == pytest.approx(0.4, rel=0.32)
        low, high = found["shares"]["physical"]["ci95"]
        assert low <= PHYSICAL <= high
        assert found["arrivals"]["a_day"] == pytest.approx(6.0, rel=0.05)
        assert max(found["arrivals"]["profile"]) == found["arrivals"]["profile"][2]  # peak 09 to 15 in Chita

        calibrated = load_scenario("green_corridor_ru_cn", [f"@{out}", SETS[1]])  # six bays could not inspect so many
        customs = calibrated.sides[SIDE].customs
        assert customs is not None
        assert customs.documents.check.value == pytest.approx(0.30, abs=0.001)
        assert customs.inspection.source.startswith("trs.csv: ")
        assert customs.inspection.value.numbers == pytest.approx(inspection["numbers"], rel=0.001)
        assert customs.documents.capture == load_scenario("green_corridor_ru_cn").sides[SIDE].customs.documents.capture  # type: ignore[union-attr]
        assert out.with_suffix(".svg").read_text(encoding="utf-8").startswith("<svg ")

    def test_a_whole_side_can_stand_in_a_scenario(self, stamped: Path, tmp_path: Path) -> None:
        out = tmp_path / "side.yaml"
        code, text = self.calibrate(
            "--trs", str(stamped), "--side", SIDE, "--timezone", "Asia/Chita", "--out", str(out)
        )
        assert code == 0, text
        assert "120 cases" in text
        from ruamel.yaml import YAML

        from scenarios.scenario.border import Side
        from scenarios.scenario.policy import ControlPolicyFile

        tree = YAML(typ="safe", pure=True).load(out.read_text(encoding="utf-8"))
        side = Side.model_validate(tree["sides"][SIDE])
        assert side.phases["queue"].bucket == "queue"
        assert side.phases["customs"].after == ("queue",)
        assert ControlPolicyFile.model_validate(tree["policies"]["99612020"]).presentations["ENTRY"].scan is not None

    def test_wrong_use_is_told(self, stamped: Path, tmp_path: Path) -> None:
        out = ("--out", str(tmp_path / "s.yaml"))
        assert self.calibrate("--trs", str(tmp_path / "none.csv"), *out)[0] == 2
        assert self.calibrate("--trs", str(stamped), "--scenario", "green_corridor_ru_cn", *out)[0] == 2
        assert self.calibrate("--trs", str(stamped), "--side", "99612020", *out)[0] == 2
        assert self.calibrate("--trs", str(stamped), "--side", SIDE, "--arm", "advance", *out)[0] == 2
