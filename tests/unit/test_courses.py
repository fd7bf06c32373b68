"""The courses drawn on maps: ships keep to the water on a way of about the stated length, aircraft fly straight."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest

from scenarios.report.courses import along, course, courses, distance, length
from scenarios.report.map import _rings
from scenarios.scenario import load_scenario

PIECE = 20.0
"""Kilometres between two positions that are looked at."""
SUEZ = 480.0
"""Kilometres at most on land: canal and gulf of Suez, which the outlines do not have, and harbours up their rivers."""


@cache
def _boxed() -> list[tuple[list[tuple[float, float]], float, float, float, float]]:
    """Return the outlines, each with its western, eastern, southern and northern end."""
    found = []
    for ring in _rings():
        lons, lats = [lon for lon, _ in ring], [lat for _, lat in ring]
        found.append((ring, min(lons), max(lons), min(lats), max(lats)))
    return found


def _on_land(lat: float, lon: float) -> bool:
    """Return whether a position is within the outlines (even and odd crossings of a line to the east)."""
    inside = False
    for ring, west, east, south, north in _boxed():
        if not (west <= lon <= east and south <= lat <= north):
            continue
        for (x, y), (u, v) in pairwise([*ring, ring[0]]):
            if (y > lat) != (v > lat) and lon < (u - x) * (lat - y) / (v - y) + x:
                inside = not inside
    return inside


@pytest.mark.parametrize("name", ["north_south", "preliminary_information_conventions"])
def test_ships_keep_to_the_water_on_about_the_way_that_the_scenario_says(name: str) -> None:
    scenario = load_scenario(name)
    seen = set()
    for flow in scenario.flows:
        for number, line in enumerate(courses(flow)):
            km = flow.legs[number].length.value
            if flow.leg_mode(number) != "sea" or km < 100 or line in seen:
                continue
            seen.add(line)
            assert len(line) > 2, "it goes by waypoints"
            assert 0.85 * km < length(line) < 1.35 * km, flow.id
            pieces = round(length(line) / PIECE)
            dry = sum(_on_land(*along(line, place / pieces)) for place in range(pieces + 1)) * PIECE
            assert dry < min(SUEZ, 0.2 * km), flow.id
    assert seen


def test_aircraft_take_the_great_circle_and_others_go_straight() -> None:
    narita, moscow = (35.77, 140.39), (55.97, 37.41)
    air = course("air", narita, moscow, 7500.0)
    assert length(air) == pytest.approx(distance(narita, moscow), rel=0.002)
    assert max(lat for lat, _ in air) > 61
    assert course("road", narita, moscow, 7500.0) == (narita, moscow)
    assert along(air, 0.0) == narita and along(air, 1.0) == pytest.approx(moscow)


def test_a_sea_way_far_longer_than_the_scenario_says_is_not_taken() -> None:
    chad = (13.0, 14.0), (14.0, 14.5)
    assert course("sea", *chad, 120.0) == chad
