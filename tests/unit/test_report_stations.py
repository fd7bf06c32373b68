"""Stations are named in words, not by the keys of a scenario file."""

import pytest

from scenarios.report.stations import RESOURCE_TITLES, resource_title, station_title
from scenarios.scenario import load_scenario
from scenarios.scenario.loader import scenario_names

SIDES = {"9912-exit": "Khorgos, exit from China"}


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("9912-exit slot", "Khorgos, exit from China: transfer of trains"),
        ("9912-exit desks before arrival", "Khorgos, exit from China: document desks before arrival"),
        ("9912-exit my_own-gate", "Khorgos, exit from China: my own gate"),
        ("elsewhere desks", "elsewhere: document desks"),
        ("", ""),
    ],
)
def test_a_station_is_named_by_its_side_and_what_it_is(key: str, title: str) -> None:
    assert station_title(key, SIDES) == title


def test_every_resource_of_the_scenarios_that_come_with_us_has_a_name() -> None:
    keys = {key for name in scenario_names() for side in load_scenario(name).sides.values() for key in side.resources}
    assert keys <= set(RESOURCE_TITLES)
    assert resource_title("officers") == "officers on duty"
