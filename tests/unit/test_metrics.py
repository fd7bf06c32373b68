"""Metrics, against runs made by hand with known answers."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from scenarios.events import ArmRun, Irregularity
from scenarios.metrics import MetricsError, Yardstick, measure, summarise
from scenarios.metrics import summary as s
from scenarios.metrics.coverage import ControlsGot, Detection, coverage
from scenarios.metrics.measures import ArmMeasures
from scenarios.metrics.student import central_probability, interval, quantile
from tests.handmade import H, Log, at_real_sides, load_scenario, run

TABLE = Detection(
    grades={"easy": 0.5, "hard": 0.5},
    found={
        "easy": {"documentary": 0.2, "scan": 0.85, "weighing": 0.2, "physical": 0.95},
        "hard": {"documentary": 0.05, "scan": 0.35, "weighing": 0.05, "physical": 0.75},
    },
    on_the_way=0.12,
    seal_check=0.5,
)
ROUTE = (("X-exit", False), ("E-entry", True))
YARDSTICK = Yardstick(routes={"f": ROUTE}, detection=TABLE)


def simple(arm: str, replication: int, *hours: int) -> ArmRun:
    """Return a run of consignments that stood so many hours at the entry side, one hour of them for documents."""
    logs = []
    for number, stood in enumerate(hours):
        log = Log(f"C{number}").stay("X-exit", ("queue", 2 * H))
        log.stay("E-entry", ("documents", H), ("other", (stood - 1) * H)).control("SCAN", "E-entry")
        logs.append(log.deliver(after=10 * H))
    return run(arm, replication, logs)


class TestStudent:
    @pytest.mark.parametrize(
        ("freedom", "factor"),
        [
            (1, 12.7062047),
            (2, 4.3026527),
            (3, 3.1824463),
            (9, 2.2621572),
            (10, 2.2281389),
            (29, 2.0452296),
            (200, 1.9718962),
        ],
    )
    def test_quantile_agrees_with_printed_tables(self, freedom: int, factor: float) -> None:
        assert quantile(0.95, freedom) == pytest.approx(factor, abs=2e-7)

    def test_quantile_inverts_the_distribution(self) -> None:
        for freedom in (1, 2, 5, 8, 31):
            for probability in (0.5, 0.9, 0.99):
                assert central_probability(quantile(probability, freedom), freedom) == pytest.approx(probability)

    def test_interval_of_known_values(self) -> None:
        low, high = interval([1.0, 2.0, 3.0]) or (0.0, 0.0)
        assert (low, high) == pytest.approx((2 - 4.3026527 / 3**0.5, 2 + 4.3026527 / 3**0.5), abs=1e-6)

    def test_one_value_has_no_interval(self) -> None:
        assert interval([1.0]) is None

    def test_senseless_arguments_are_refused(self) -> None:
        with pytest.raises(ValueError, match="degree of freedom"):
            central_probability(1.0, 0)
        with pytest.raises(ValueError, match="between 0 and 1"):
            quantile(1.0, 3)


class TestCoverage:
    def test_nothing_controlled_leaves_the_seal_check(self) -> None:
        got = ControlsGot(departure=(), sides=[(False, ()), (True, ())], entries=1)
        assert coverage(got, TABLE) == pytest.approx(0.12 * 0.5)

    def test_scan_at_departure_is_blind_to_what_arises_on_the_way(self) -> None:
        got = ControlsGot(departure={"scan"}, sides=[(True, ())], entries=1)
        assert coverage(got, TABLE) == pytest.approx(0.88 * (0.85 + 0.35) / 2 + 0.12 * 0.5)

    def test_grade_is_shared_by_repeated_scans(self) -> None:
        got = ControlsGot(departure=(), sides=[(True, {"scan"}), (True, {"scan"})], entries=2)
        before = (1 - 0.15**2 + 1 - 0.65**2) / 2
        first = (1 - 0.15**2 * 0.25 + 1 - 0.65**2 * 0.25) / 2
        second = (1 - 0.15 * 0.5 + 1 - 0.65 * 0.5) / 2
        assert coverage(got, TABLE) == pytest.approx(0.88 * before + 0.06 * first + 0.06 * second)

    def test_exit_before_an_entry_cannot_find_what_arises_after_it(self) -> None:
        got = ControlsGot(departure=(), sides=[(False, {"physical"}), (True, ())], entries=1)
        assert coverage(got, TABLE) == pytest.approx(0.88 * (0.95 + 0.75) / 2 + 0.12 * 0.5)

    def test_a_seized_consignment_has_no_later_seal_check(self) -> None:
        got = ControlsGot(departure={"scan"}, sides=[], entries=2)
        assert coverage(got, TABLE) == pytest.approx(0.88 * 0.6)

    def test_route_without_entry_side_puts_everything_before_departure(self) -> None:
        got = ControlsGot(departure={"scan"}, sides=[(False, ())], entries=0)
        assert coverage(got, TABLE) == pytest.approx(0.6)

    def test_orders_of_the_published_arithmetic(self) -> None:
        """Documents at both entries, every train scanned at the second: about 0.72; scan at departure instead: 0.66."""
        scanned = ControlsGot(departure=(), sides=[(True, {"documentary"}), (True, {"documentary", "scan"})], entries=2)
        recognised = ControlsGot(departure={"scan"}, sides=[(True, {"documentary"})] * 2, entries=2)
        assert 0.65 < coverage(recognised, TABLE) < coverage(scanned, TABLE) < 0.75


class TestMeasure:
    def test_hours_are_from_arrival_to_crossing_over_all_sides(self) -> None:
        log = Log("C").stay("X-exit", ("queue", 100), ("other", 50))
        log.at += 1000
        log.stay("E-entry", ("documents", 30), ("scan", 20)).deliver(after=500)
        (item,) = YARDSTICK.measure(run("baseline", 0, [log])).consignments
        assert item.border_seconds == 200
        assert item.journey_seconds == 1700
        assert item.stays["X-exit"].phases == (100, 0, 0, 0, 0, 50)
        assert item.stays["E-entry"].phases == (0, 30, 20, 0, 0, 0)

    def test_documents_in_two_steps_count_once(self) -> None:
        log = Log("C")
        log.control("DOCUMENTARY", "E-entry", extent="CHECK", before_arrival=True)
        log.stay("X-exit", ("queue", 1)).stay("E-entry", ("documents", 10))
        log.control("DOCUMENTARY", "E-entry", extent="MATCH").control("SCAN", None, "DEPARTURE").deliver()
        (item,) = YARDSTICK.measure(run("advance", 0, [log])).consignments
        assert item.controls == {("E-entry", "documentary"), ("D", "scan")}
        assert item.officer_seconds == 1800

    def test_irregular_consignments_are_no_part_of_the_population_but_are_controlled(self) -> None:
        seized = (
            Log("S").control("SCAN", None, "DEPARTURE", found=True).add("seized", office="D", side=None, form="SCAN")
        )
        good = Log("G").stay("X-exit", ("queue", 5)).stay("E-entry", ("other", 5)).deliver()
        measures = YARDSTICK.measure(run("baseline", 0, [seized, good], {"S": Irregularity(grade="easy", arises=0)}))
        assert [item.case for item in measures.regular] == ["G"]
        found = next(item for item in measures.consignments if item.case == "S")
        assert (found.found, found.seized, found.journey_seconds) == (True, True, None)
        assert found.coverage == pytest.approx(0.88 * 0.6)

    def test_segments_that_do_not_sum_are_an_error(self) -> None:
        log = Log("C").stay("X-exit", ("queue", 100))
        crossed = log.events[-1]
        log.events[-1] = crossed._replace(data={**crossed.data, "segments": [["queue", 0, 99]]})
        with pytest.raises(MetricsError, match=r"stood 100 s at X-exit but its segments sum to 99 s"):
            YARDSTICK.measure(run("baseline", 0, [log]))

    def test_a_regular_consignment_that_never_crossed_is_an_error(self) -> None:
        log = Log("C").add("arrived", side="X-exit", vehicle="V", km=1.0)
        with pytest.raises(MetricsError, match="arrived at X-exit and never crossed"):
            YARDSTICK.measure(run("baseline", 0, [log]))

    def test_measures_can_be_sent_between_processes(self) -> None:
        measures = YARDSTICK.measure(simple("baseline", 0, 4, 6))
        assert pickle.loads(pickle.dumps(measures)) == measures

    def test_order_of_the_log_does_not_matter(self) -> None:
        made = simple("baseline", 0, 4, 6)
        assert YARDSTICK.measure(replace(made, events=made.events[::-1])) == YARDSTICK.measure(made)


def measured(arm: str, *replications: tuple[int, ...]) -> list[ArmMeasures]:
    return [YARDSTICK.measure(simple(arm, number, *hours)) for number, hours in enumerate(replications)]


class TestSummary:
    def test_mean_is_of_replication_means_and_points_are_pooled(self) -> None:
        runs = measured("baseline", (1, 2, 3), (10,))
        hours = s.statistics(s.regular(runs), s.side_hours("E-entry"))
        assert hours == {"mean": 6.0, "p50": 2.5, "p90": pytest.approx(7.9)}

    def test_phases_sum_to_the_mean(self) -> None:
        side = s.side_summary(measured("baseline", (1, 2, 6), (10, 3)), "E-entry")
        assert sum(side["phases"].values()) == pytest.approx(side["hours"]["mean"], abs=1e-5)
        assert side["phases"]["documents"] == 1.0
        assert side["utilisation"] == {"desks": 0.55}

    def test_saved_hours_and_their_interval_are_of_paired_differences(self) -> None:
        saving = s.saved(
            s.regular(measured("baseline", (10,), (20,), (30,))), s.regular(measured("advance", (9,), (18,), (27,)))
        )
        assert saving["border_hours_mean"] == 2.0
        assert saving["per_replication"] == [1.0, 2.0, 3.0]
        assert saving["ci95"] == pytest.approx([2 - 2.484138, 2 + 2.484138], abs=1e-5)
        assert saving["share_of_border_time"] == pytest.approx(2 / 22, abs=1e-6)
        assert saving["door_to_door_hours_mean"] == 2.0

    def test_longer_is_negative_and_kept(self) -> None:
        saving = s.saved(s.regular(measured("baseline", (5,))), s.regular(measured("advance", (7,))))
        assert saving["border_hours_mean"] == -2.0
        assert saving["ci95"] is None

    def test_sums_counts_and_messages_of_replication_0(self) -> None:
        runs = [
            YARDSTICK.measure(replace(simple("baseline", 1, 3), messages={"sent": 99, "accepted": 99, "rejected": 0})),
            YARDSTICK.measure(simple("baseline", 0, 3, 4)),
        ]
        entry = s.arm_summary(s.by_arm(runs)["baseline"], None)
        assert (entry["consignments"], entry["delivered"], entry["seized"]) == (3, 3, 0)
        assert entry["controls"] == {"documentary": 0, "scan": 3, "weighing": 0, "physical": 0}
        assert entry["messages"] == {"sent": 3, "accepted": 2, "rejected": 1}
        assert entry["officer_hours"] == pytest.approx((2 / 6 + 1 / 6) / 2, abs=1e-6)
        assert entry["waived"] is None

    def test_waived_is_what_the_baseline_made_where_the_consignment_came_too(self) -> None:
        def log(scan: bool, case: str = "C") -> Log:
            made = Log(case).stay("X-exit", ("queue", 1)).stay("E-entry", ("other", 1))
            return (made.control("SCAN", "E-entry") if scan else made).deliver()

        gone = Log("S").add("seized", office="D", side=None, form="SCAN")
        irregular = {"S": Irregularity(grade="easy", arises=0)}
        baseline = [YARDSTICK.measure(run("baseline", 0, [log(True), log(True, "S")], irregular))]
        waiving = [YARDSTICK.measure(run("recognition", 0, [log(False), gone], irregular))]
        assert s.arm_summary(waiving, baseline)["waived"]["scan"] == 1
        assert s.arm_summary(baseline, baseline)["waived"]["scan"] == 0

    def test_numbers_are_rounded_and_never_negative_zero(self) -> None:
        assert str(s.rounded(-1e-9)) == "0.0"
        assert s.rounded(1 / 3) == 0.333333


class TestContract:
    """The JSON of ``corridor run --json``, key by key."""

    HOURS = frozenset({"mean", "p50", "p90"})

    def summary(self, arms: Mapping[str, int], replications: int = 2) -> dict[str, Any]:
        scenario = load_scenario("china_europe_transit_fi")
        runs = [at_real_sides(arm, number, held) for number in range(replications) for arm, held in arms.items()]
        return summarise(
            scenario,
            [measure(scenario, made) for made in runs],
            run_id="r",
            seed=1,
            transport="memory",
            what_if=["an agreement"],
            wall_seconds=1.5,
        )

    def test_all_keys_are_there(self) -> None:
        found = self.summary({"baseline": 6, "advance": 5, "recognition": 3})
        assert found["scenario"] == "china_europe_transit_fi"
        assert (found["seed"], found["transport"], found["what_if"]) == (1, "memory", ["an agreement"])
        assert found["method"] == {"replications": 2, "unit": "replication", "warm_up_hours": 504.0}
        assert set(found["arms"]) == {"baseline", "advance", "recognition"}
        for arm in found["arms"].values():
            assert self.HOURS == set(arm["border_hours"]) == set(arm["door_to_door_hours"])
            assert set(arm["controls"]) == {"documentary", "scan", "weighing", "physical"}
            assert set(arm["irregular"]) == {"present", "found"}
            assert set(arm["messages"]) == {"sent", "accepted", "rejected"}
            assert {"consignments", "delivered", "officer_hours", "coverage"} <= set(arm)
        assert found["arms"]["baseline"]["border_hours"] == {"mean": 24.0, "p50": 24.0, "p90": 24.0}
        assert set(found["saved"]) == {"advance", "recognition", "recognition_over_advance"}
        for saving in found["saved"].values():
            assert set(saving) >= {
                "border_hours_mean", "ci95", "door_to_door_hours_mean", "door_to_door_ci95",
                "coverage_difference", "per_replication",
            }  # fmt: skip
        assert found["saved"]["recognition_over_advance"]["border_hours_mean"] == 8.0
        assert list(found["borders"]) == ["9912-exit", "99101-entry", "99206010-exit", "FI542700-entry"]
        for side in found["borders"].values():
            for arm in ("baseline", "advance", "recognition"):
                assert set(side[arm]) >= {"hours", "phases", "utilisation", "queues"}
                assert list(side[arm]["phases"]) == ["queue", "documents", "scan", "inspection", "gauge", "other"]
        assert all(set(check) >= {"name", "ok"} for check in found["checks"])
        assert found["wall_seconds"] == 1.5

    def test_arms_left_out_leave_their_keys_out(self) -> None:
        found = self.summary({"advance": 5, "recognition": 3})
        assert set(found["arms"]) == {"advance", "recognition"}
        assert set(found["saved"]) == {"recognition_over_advance"}
        assert all("baseline" not in side for side in found["borders"].values())

    def test_checks_hold_or_fail_by_the_numbers(self) -> None:
        def outcome(arms: Mapping[str, int]) -> dict[str, bool]:
            return {check["kind"]: check["ok"] for check in self.summary(arms)["checks"]}

        good = outcome({"baseline": 6, "advance": 6, "recognition": 6})
        assert good["journey_between"] is True
        assert good["coverage_loss_at_most"] is True
        assert outcome({"baseline": 90, "advance": 6, "recognition": 6})["journey_between"] is False

    def test_a_check_that_needs_a_missing_arm_is_left_out_not_passed(self) -> None:
        found = self.summary({"advance": 5})
        assert "coverage_loss_at_most" not in {check["kind"] for check in found["checks"]}
        assert "coverage_loss_at_most" in {check["kind"] for check in found["checks_left_out"]}

    def test_one_replication_has_no_interval(self) -> None:
        found = self.summary({"baseline": 6, "advance": 5}, replications=1)
        assert found["saved"]["advance"]["ci95"] is None
        assert found["saved"]["advance"]["door_to_door_ci95"] is None
