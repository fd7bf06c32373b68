"""Weekdays of traffic and of opening hours, and officers shared by all customs work of a side."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scenarios.scenario import Scenario, ScenarioError, load_scenario
from scenarios.world.clock import Clock
from scenarios.world.stations import Job, Opening, Station
from tests.calibration.alone import alone
from tests.calibration.stand_in import run

MONDAY = datetime(2018, 3, 5, tzinfo=UTC)
HOUR, DAY = 3600, 86400
ROAD = "99612020-entry"
USUAL = "08:00-18:00"
WEEK = "sides.99612020-entry.background.week={is: 'Mon-Fri 1, Sat 0.5, Sun 0', mark: designed, source: a test}"


def staff(officers: int) -> str:
    return f"sides.{ROAD}.customs.staff={{is: '{officers} officers', mark: designed, source: a test}}"


def test_a_closed_sunday_and_a_short_saturday() -> None:
    opening = Opening([USUAL] * 5 + ["09:00-12:00", "closed"], "UTC", MONDAY)
    saturday, sunday = 5 * DAY, 6 * DAY
    assert opening.next(10 * HOUR) == 10 * HOUR
    assert opening.next(4 * DAY + 19 * HOUR) == saturday + 9 * HOUR
    assert opening.next(saturday + 11 * HOUR) == saturday + 11 * HOUR
    assert opening.next(saturday + 12 * HOUR) == 7 * DAY + 8 * HOUR
    assert opening.next(sunday + 10 * HOUR) == 7 * DAY + 8 * HOUR


def test_one_open_day_a_week_is_found_from_every_moment() -> None:
    opening = Opening(["closed"] * 3 + ["00:00-24:00"] + ["closed"] * 3, "UTC", MONDAY)
    for hour in range(0, 24 * 8, 5):
        opens = opening.next(hour * HOUR)
        assert hour * HOUR <= opens < hour * HOUR + 7 * DAY
        assert (MONDAY + timedelta(seconds=opens)).weekday() == 3


def test_a_resource_open_on_no_day_is_refused() -> None:
    days = ", ".join(f"{day}: closed" for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
    with pytest.raises(ScenarioError, match="closed on every day"):
        load_scenario("green_corridor_ru_cn", (f"sides.{ROAD}.resources.bays.opening_on={{{days}}}",))


def test_work_waits_over_a_closed_weekend_in_a_run() -> None:
    closed = f"sides.{ROAD}.resources.bays.opening_on={{Sat: closed, Sun: closed}}"
    scenario = load_scenario("green_corridor_ru_cn", (closed, "warm_up=4 d"))
    assert scenario.sides[ROAD].opening["bays"] == "24 h, Sat closed, Sun closed"
    open_all, weekdays = (
        alone(load_scenario("green_corridor_ru_cn", ("warm_up=4 d",)), ROAD, 0, 14),
        alone(scenario, ROAD, 0, 14),
    )
    assert weekdays.wait("bays") > open_all.wait("bays") + 1
    assert weekdays.queues["bays"].little


def arrivals(scenario: Scenario, days: int) -> Counter[int]:
    """Return how many background vehicles come on each local weekday."""
    zone = ZoneInfo(scenario.sides[ROAD].timezone)
    return Counter(
        (scenario.start + timedelta(hours=hour)).astimezone(zone).weekday()
        for hour in alone(scenario, ROAD, 0, days).arrivals
    )


def test_traffic_follows_the_week_and_keeps_its_mean() -> None:
    weeks = 6
    found = arrivals(load_scenario("green_corridor_ru_cn", (WEEK, "warm_up=0 d")), 7 * weeks)
    workday = sum(found[day] for day in range(5)) / 5 / weeks
    assert found[6] == 0
    assert found[5] / weeks == pytest.approx(workday / 2, rel=0.15)
    assert sum(found.values()) / 7 / weeks == pytest.approx(290, rel=0.1)


def test_a_week_with_gaps_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"Mon to Sun once|in order and without gaps"):
        load_scenario("green_corridor_ru_cn", (WEEK.replace("Sat 0.5, ", ""),))


def test_a_scenario_that_states_none_of_this_keeps_its_digest() -> None:
    plain = load_scenario("green_corridor_ru_cn")
    assert plain.digest != load_scenario("green_corridor_ru_cn", (WEEK,)).digest
    assert plain.digest != load_scenario("green_corridor_ru_cn", (staff(17),)).digest


def test_jobs_wait_for_officers_at_their_place_and_exchange_work_comes_last() -> None:
    """One officer; a desk and a bay. The check before arrival is behind the inspection that came after it."""
    env = Clock()
    officers = Station(env, "officers", 1)
    desk, bay = (Station(env, name, 2, staff=officers) for name in ("desk", "bay"))
    order: list[tuple[str, int, int]] = []

    def note(name: str, job: Job) -> None:
        assert job.began is not None
        assert job.ended is not None
        order.append((name, job.began, job.ended))

    desk.submit(10, lambda job: note("papers", job), officers=1)
    desk.submit(20, lambda job: note("early", job), priority=1, officers=1)
    bay.submit(30, lambda job: note("inspection", job), officers=1)
    env.run()
    assert order == [("papers", 0, 10), ("inspection", 10, 40), ("early", 40, 60)]
    assert officers.busy_share() == 1.0
    assert officers.queue().little
    assert officers.queue(1).little


def test_with_officers_for_all_nothing_changes() -> None:
    sets = ("flows.0.vehicles.count=2 trains", "flows.1.vehicles.count=12 trucks", "warm_up=2 d")
    usual, many = (
        run(load_scenario("green_corridor_ru_cn", (*sets, *more)), "advance")[0] for more in ((), (staff(500),))
    )
    assert [(e.at, e.case, e.kind) for e in usual.events] == [(e.at, e.case, e.kind) for e in many.events]
    assert "officers" in many.queues()[ROAD]


def test_few_officers_make_the_road_slower_and_are_never_more_than_there_are() -> None:
    many, few = (
        alone(load_scenario("green_corridor_ru_cn", ("warm_up=2 d", staff(number))), ROAD, 0, 8) for number in (40, 12)
    )
    assert few.stay() > many.stay() * 1.2
    assert few.busy["officers"] <= 1.0
    assert few.wait("officers") > many.wait("officers")
    assert all(queue.little for queue in few.queues.values())


def test_checks_before_arrival_draw_officers_from_inspections() -> None:
    """With few officers, exchange work is seen in their queue; in the baseline there is none of it."""
    sets = ("flows.0.vehicles.count=2 trains", "flows.1.vehicles.count=12 trucks", "warm_up=2 d", staff(14))
    scenario = load_scenario("green_corridor_ru_cn", sets)
    baseline, advance = (run(scenario, arm)[0].queues()[ROAD] for arm in ("baseline", "advance"))
    assert "officers before arrival" not in baseline
    assert advance["officers before arrival"].begun > 5
    assert all(queue.little for queue in advance.values())


def test_too_few_officers_for_one_inspection_are_refused() -> None:
    with pytest.raises(ScenarioError, match="could never be made"):
        load_scenario("green_corridor_ru_cn", (staff(1),))
