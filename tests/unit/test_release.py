"""Release intervals, knowledge, speed, officers, costs and what nobody saves: against stays made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scenarios.events import ArmRun
from scenarios.metrics import Yardstick, summarise, yardstick
from scenarios.metrics.costs import Tariff, read_costs
from scenarios.metrics.coverage import Detection
from scenarios.metrics.intervals import PARTS, side_intervals
from scenarios.metrics.knowledge import information, recognition
from scenarios.metrics.pace import officer_hours, speed
from scenarios.metrics.stamps import Spot, covered
from scenarios.told import Answer, Told
from tests.handmade import ARMS, H, Log, at_real_sides, load_scenario, run

NOTHING = Detection(grades={"easy": 1.0}, found={"easy": {}}, on_the_way=0.0, seal_check=0.0)
YARDSTICK = Yardstick(
    routes={"f": (("X-exit", False), ("E-entry", True))},
    detection=NOTHING,
    spots={"X-exit": Spot("AA", False, 2 * H), "E-entry": Spot("BB", True, 2 * H)},
    departs={"f": "AA"},
)


def stay(case: str = "C", *, early: bool = False) -> Log:
    """Return a stay: queue 2 h, documents until 3 h (before arrival if early), a scan 4–5 h, gauge to 7 h, 8 in all."""
    log = Log(case)
    log.at = at = 100 * H
    log.add("arrived", side="E-entry", vehicle="V", km=500.0)
    log.at = at + 2 * H
    log.add("presented", side="E-entry")
    papers = (at - 5 * H, at - 4 * H) if early else (at + 2 * H, at + 3 * H)
    log.at = at + 3 * H
    log.control("DOCUMENTARY", "E-entry", began=papers[0], ended=papers[1], before_arrival=early, officer_seconds=H)
    log.at = at + 5 * H
    log.control("SCAN", "E-entry", began=at + 4 * H, ended=at + 5 * H, officer_seconds=2 * H)
    log.add("released", side="E-entry")
    log.at = at + 8 * H
    log.add("handled", side="E-entry", expected=at - H, gauge=at + 7 * H, worked=[[at + 4 * H, at + 7 * H]])
    log.add("crossed", side="E-entry", vehicle="V", km=500.0, segments=[["queue", at, at + 8 * H]])
    log.km = 1000.0
    return log.deliver(after=10 * H)


def measured(*logs: Log, told: Told | None = None) -> Any:
    return YARDSTICK.measure(replace(run("baseline", 0, logs), told=told or Told()))


class TestStamps:
    def test_every_stamp_is_read_from_the_log(self) -> None:
        told = Told(informed={("C", "BB"): 50 * H}, lodged={("C", "BB"): 90 * H})
        (item,) = measured(stay(), told=told).consignments
        found = item.stamps["E-entry"]
        hours = [stamp // H for stamp in found[:11] if stamp is not None]
        assert hours == [99, 50, 100, 102, 90, 103, 104, 105, 107, 105, 108]
        assert (found.channel, found.in_time) == ("red", True)
        assert found.worked == 4 * H  # 2 to 3 h and 4 to 7 h: what overlaps counts once

    def test_late_and_missing_information_is_not_in_time(self) -> None:
        late = Told(informed={("C", "BB"): 97 * H + 1})  # two hours before the expected arrival at 99 h, and a second
        assert measured(stay(), told=late).consignments[0].stamps["E-entry"].in_time is False
        punctual = Told(informed={("C", "BB"): 97 * H})
        assert measured(stay(), told=punctual).consignments[0].stamps["E-entry"].in_time is True
        found = information(
            [measured(stay("A"), stay("C"), stay("D"), told=Told(informed={**late.informed, ("A", "BB"): 0}))]
        )
        assert (found["due"], found["in_time"], found["late"], found["missing"]) == (3, 1, 1, 1)
        assert found["lead_hours"]["p50"] == pytest.approx((100 + 3 - 1 / 3600) / 2, abs=1e-3)

    def test_spans_that_overlap_count_once_and_within_the_stay(self) -> None:
        assert covered([(0, 10), (5, 20), (30, 99)], 8, 40) == 12 + 10


class TestIntervals:
    def test_the_parts_make_up_the_stay(self) -> None:
        found = side_intervals([measured(stay())], "E-entry")
        means = {name: entry["mean"] for name, entry in found["intervals"].items()}
        assert [means[name] for name in PARTS] == [2.0, 1.0, 1.0, 1.0, 0.0, 2.0, 1.0]
        assert sum(means[name] for name in PARTS) == means["whole"] == 8.0
        assert means["clearance"] == 3.0
        assert (found["working_hours"], found["waiting_hours"], found["working_share"]) == (4.0, 4.0, 0.5)
        assert found["channels"]["red"]["consignments"] == 1
        assert found["listed"]["on"]["hours"]["mean"] == 8.0

    def test_papers_decided_before_arrival_take_no_time_there(self) -> None:
        found = side_intervals([measured(stay(early=True))], "E-entry")
        assert found["intervals"]["documents"]["mean"] == 0.0
        assert found["decided_before_arrival"] == 1.0

    def test_an_outlier_is_counted_and_left_out_of_one_mean_only(self) -> None:
        logs = [Log(f"C{n}").stay("E-entry", ("queue", (100 if n == 20 else 10 + n % 3) * H)) for n in range(21)]
        entry = side_intervals([measured(*logs)], "E-entry")["intervals"]["whole"]
        assert (entry["consignments"], entry["outliers"]) == (21, 1)
        assert entry["mean"] == pytest.approx((20 * 11 - 1 + 100) / 21, abs=0.05)
        assert entry["mean_rest"] < 12 < entry["mean"]


class TestRecognition:
    def test_last_answers_are_counted_with_their_reasons(self) -> None:
        answers = {
            ("C", "BB", "1"): Answer("SCAN", "ACCEPTED", "CONFIRMED", ()),
            ("C", "BB", "2"): Answer("SCAN", "REFUSED", "CONDITIONAL", ("AGE",)),
            ("C", "BB", "3"): Answer("PHYSICAL", "REFUSED", "LAPSED", ("SEAL",), promised=True),
        }
        found = recognition([measured(stay(), told=Told(answers=answers))])
        assert (found["answered"], found["accepted"], found["refused"], found["lapsed"]) == (3, 1, 1, 1)
        assert found["rate"] == pytest.approx(1 / 3, abs=1e-6)
        assert found["reasons"] == {"AGE": 1, "SEAL": 1}


class TestPace:
    def test_speed_with_and_without_delay(self) -> None:
        (item,) = measured(stay()).consignments
        assert item.motion is not None
        assert (item.motion.km, item.motion.seconds) == (1000.0, 110 * H)  # of 118 h, 8 at the border
        found = speed([[item]])
        assert found["with_delay_kmh"] == pytest.approx(1000 / 118, abs=1e-5)
        assert found["without_delay_kmh"] == pytest.approx(1000 / 110, abs=1e-5)

    def test_officers_are_split_by_office_and_time(self) -> None:
        log = stay(early=True).control("SCAN", None, "DEPARTURE", officer_seconds=1800)
        hours = officer_hours([measured(log)], {"E": "Border"})
        assert hours["E"] == {
            "title": "Border", "departure": 0.0, "before_arrival": 1.0, "at_the_border": 2.0, "destination": 0.0,
        }  # fmt: skip
        assert hours["D"]["departure"] == 0.5
        assert sum(sum(v for v in part.values() if isinstance(v, float)) for part in hours.values()) == 3.5


class TestCosts:
    def test_every_figure_has_mark_and_source(self) -> None:
        costs = read_costs()
        assert (costs.gauge["KZ"].value, costs.gauge["KZ"].mark) == (329.0, "verified")
        assert (costs.gauge["CN"].value, costs.crossing["rail"]["CN"].value) == (120.0, 90.0)
        assert costs.delay["road"].value == 25.0

    def test_a_consignment_pays_for_hours_gauge_and_sides(self) -> None:
        scenario = load_scenario("china_europe_transit_fi")
        item = yardstick(scenario).measure(at_real_sides("baseline", 0, 6)).consignments[0]
        cost = Tariff(scenario).cost(item)
        assert cost.delay == pytest.approx(24 * 1.5)  # six hours at each of four sides, one container
        assert cost.gauge == 329.0  # at Altynkol
        assert cost.crossing == 4 * 90.0
        assert cost.total == cost.delay + cost.gauge + cost.crossing
        assert {figure["key"] for figure in Tariff(scenario).figures()} >= {
            "gauge.KZ",
            "delay.rail",
            "crossing.rail.CN",
        }


class TestUnsaved:
    def summary(self, held: dict[str, int]) -> dict[str, Any]:
        scenario = load_scenario("china_europe_transit_fi")
        runs: list[ArmRun] = [at_real_sides(arm, n, hours) for n in range(2) for arm, hours in held.items()]
        return summarise(
            scenario,
            [yardstick(scenario).measure(made) for made in runs],
            run_id="r",
            seed=1,
            transport="memory",
            what_if=[],
            wall_seconds=1.0,
        )

    def test_what_stays_is_listed_and_what_was_saved_is_not(self) -> None:
        found = self.summary(ARMS)["unsaved"]
        assert {entry["phase"] for entry in found["phases"]} == {"documents"}  # an hour in every arm
        assert len(found["phases"]) == 4
        assert found["share_of_border_time"] == pytest.approx(4 / 24, abs=1e-6)
        alike = self.summary(dict.fromkeys(ARMS, 6))["unsaved"]
        assert alike["share_of_border_time"] == pytest.approx(1.0)

    def test_without_a_comparison_there_is_nothing_to_say(self) -> None:
        assert self.summary({"advance": 5})["unsaved"] is None

    def test_dollars_saved_are_those_of_the_hours(self) -> None:
        found = self.summary(ARMS)
        assert found["saved"]["recognition"]["cost_usd"]["mean"] == pytest.approx(12 * 1.5)
        assert found["arms"]["baseline"]["cost_usd"]["gauge"] == found["arms"]["recognition"]["cost_usd"]["gauge"]
        assert all(figure["mark"] and figure["source"] for figure in found["costs"]["figures"])
