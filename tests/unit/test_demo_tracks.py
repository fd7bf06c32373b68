"""Where vehicles are between two events, where they stood, and what the arms saved at the same sides."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from scenarios.demo.panels.headline import why_apart
from scenarios.demo.tracks import NEARLY, Tracks, expected_hours, followed, hours_saved
from scenarios.events import ConsignmentFacts, Event, Irregularity
from scenarios.report.map import corridor_map
from scenarios.scenario import Scenario, load_scenario
from scenarios.scenario.loader import scenario_names

SIDE = "9912-exit"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("china_europe_transit_fi")


def _facts(case: str, vehicle: str, irregular: bool = False) -> ConsignmentFacts:
    return ConsignmentFacts(
        case=case,
        flow="xian-kouvola",
        vehicle=vehicle,
        containers=6,
        on_list=True,
        irregularity=Irregularity(grade="easy", arises=0) if irregular else None,
    )


def _tracks(scenario: Scenario, crossed: int) -> Tracks:
    tracks = Tracks(scenario)
    flow = scenario.flows[0]
    tracks.open([_facts("A", "T01", irregular=True), _facts("B", "T01"), _facts("C", "T02")])
    side = flow.route[1]
    tracks.take(
        [
            Event(0, "B", 1, "departed", {"place": flow.route[0].place, "km": 0.0}),
            Event(5, "A", 1, "departed", {"place": flow.route[0].place, "km": 0.0}),
            Event(100_000, "B", 2, "arrived", {"side": SIDE, "km": side.km}),
            Event(crossed, "B", 3, "crossed", {"side": SIDE, "km": side.km, "segments": [["queue", 100_000, crossed]]}),
        ]
    )
    return tracks


def test_a_vehicle_is_shown_by_its_first_regular_consignment(scenario: Scenario) -> None:
    track = _tracks(scenario, 136_000).vehicles["T01"]
    assert track.case == "B"
    assert [point.kind for point in track.points] == ["departed", "arrived", "crossed"]
    assert track.stays[0].segments == [("queue", 100_000, 136_000)]


def test_between_two_places_it_goes_at_the_legs_usual_speed_and_never_arrives_by_itself(scenario: Scenario) -> None:
    flow = scenario.flows[0]
    tracks = Tracks(scenario)
    tracks.open([_facts("B", "T01")])
    tracks.take([Event(0, "B", 1, "departed", {"place": flow.route[0].place, "km": 0.0})])
    track, end = tracks.vehicles["T01"], flow.route[1].km
    assert 0 < tracks.km(track, 3600) < tracks.km(track, 7200) < end
    assert tracks.km(track, 10**9) == pytest.approx(NEARLY * end)
    lat, lon = tracks.position(track, 3600)
    assert lon < flow.route[0].lon
    assert flow.route[1].lat > lat > flow.route[0].lat


def test_vehicles_are_somewhere_on_every_leg_of_all_scenarios() -> None:
    for name in scenario_names():
        found = load_scenario(name)
        for flow in found.flows:
            tracks = Tracks(found)
            tracks.open([replace(_facts("B", "V1"), flow=flow.id)])
            for first, second in pairwise(flow.route):
                tracks.take([Event(0, "B", 1, "left", {"place": first.place, "km": first.km})])
                if second.km > first.km:  # two marks of one port lie at one place
                    assert first.km < tracks.km(tracks.vehicles["V1"], 1800) < second.km, f"{name}: {flow.id}"


def test_hours_are_saved_at_sides_passed_in_both_arms(scenario: Scenario) -> None:
    slow, fast = _tracks(scenario, 136_000), _tracks(scenario, 118_000)
    assert hours_saved(slow, fast) == (5.0, 1)
    assert hours_saved(fast, slow) == (-5.0, 1)
    nothing = Tracks(scenario)
    nothing.open([_facts("B", "T01")])
    assert hours_saved(slow, nothing) == (0.0, 0)
    assert hours_saved(slow, fast, over=True) == (0.0, 0)
    for tracks in (slow, fast):
        tracks.take([Event(500_000, "B", 4, "delivered", {"place": "x", "km": 9000.0})])
    assert hours_saved(slow, fast, over=True) == (5.0, 1)


@pytest.mark.parametrize(
    ("total", "over", "mean", "why"),
    [(-5.0, 2.0, 0.5, "way"), (-5.0, -3.0, 0.5, "load"), (5.0, 5.0, 0.5, ""), (5.0, 5.0, 0.0, ""), (0.04, 0.0, -1, "")],
)
def test_a_total_and_a_mean_of_opposite_signs_are_explained(total: float, over: float, mean: float, why: str) -> None:
    assert why_apart(total, over, mean) == why


def test_the_axis_of_a_journey_is_as_long_as_it_usually_takes(scenario: Scenario) -> None:
    flow = scenario.flows[0]
    legs = sum(leg.length.value / leg.speed.value for leg in flow.legs if leg.length and leg.speed)
    bands = [scenario.sides[side].band for side in flow.sides]
    assert expected_hours(scenario, flow) == pytest.approx(legs + sum((b[0] + b[1]) / 2 for b in bands if b))
    assert 200 < expected_hours(scenario, flow) < 1000


def test_the_first_vehicle_under_way_is_followed(scenario: Scenario) -> None:
    tracks = _tracks(scenario, 136_000)
    assert followed({"baseline": tracks}) == "T01"
    tracks.take([Event(200_000, "B", 4, "delivered", {"place": "kouvola", "km": 8506.0})])
    assert followed({"baseline": tracks}) == "T02"
    assert list(tracks.under_way()) == []


def test_the_map_holds_every_border_and_all_ways(scenario: Scenario) -> None:
    picture = corridor_map(scenario, 900, 400)
    assert sorted(side for mark in picture.marks for side in mark.sides) == sorted(scenario.flows[0].sides)
    for point in scenario.flows[0].route:
        x, y = picture.projection(point.lat, point.lon)
        assert 0 < x < 900 and 0 < y < 400
    assert "Khorgos" in picture.svg
    assert "http" not in picture.svg.replace("http://www.w3.org/2000/svg", "")
