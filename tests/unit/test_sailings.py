"""Sailings: goods wait for the next ship with room, in the order in which they came; what never sails is found."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import simpy

from exchange.luck import Luck
from scenarios.scenario import ScenarioError, load_scenario
from scenarios.scenario.sailing import Line
from scenarios.world.rolling import ship_number
from scenarios.world.sailing import ENDLESS, Quay, Sailing
from scenarios.world.works import WorldError

HOUR, DAY = 3600, 24 * 3600


def figure(value: str) -> dict[str, str]:
    return {"is": value, "mark": "designed", "source": "test"}


def line(**changed: Any) -> Line:
    """Return a line of a ship a day for ten containers, on time and never held up."""
    stated = {
        "interval": "24 h",
        "first": "0 h",
        "capacity": "10 containers",
        "others": "0 %",
        "others_spread": "0 %",
        "loading": "2 h",
        "delay": "0 h",
        "speed": "10 kn",
        "spread": "0 %",
        "ships": "2 ships",
    }
    made: dict[str, Any] = {key: figure(value) for key, value in stated.items()} | {"title": "here – there"}
    for key, value in changed.items():
        made[key] = figure(value) if isinstance(value, str) else value
    return Line.model_validate(made)


def sailed(used: Line, comes: list[tuple[int, int]], seed: int = 1) -> dict[str, Sailing]:
    """Return the sailing of each vehicle, given as (hours until it comes to the quay, containers)."""
    env = simpy.Environment()
    quay = Quay("test", used, env, Luck(seed, 0), lambda: len(found) < len(comes))
    found: dict[str, Sailing] = {}

    def come(name: str, hours: int, units: int) -> Generator[simpy.Event, Any, None]:
        yield env.timeout(hours * HOUR)
        found[name] = yield from quay.board(name, units)
        assert env.now == found[name].departs

    for number, (hours, units) in enumerate(comes):
        env.process(come(f"V{number}", hours, units))
    env.run(until=400 * DAY)
    return found


def numbers(found: dict[str, Sailing]) -> list[int]:
    return [sailing.number for _, sailing in sorted(found.items())]


def test_who_comes_before_the_gates_close_sails_with_the_next_ship() -> None:
    assert numbers(sailed(line(), [(1, 1), (21, 1), (23, 1)])) == [1, 1, 2]


def test_a_full_ship_leaves_the_rest_behind_and_nobody_overtakes() -> None:
    assert numbers(sailed(line(), [(1, 6), (2, 6), (3, 4)])) == [1, 2, 2]
    assert numbers(sailed(line(), [(1, 6), (2, 4), (3, 6)])) == [1, 1, 2]


def test_others_take_room() -> None:
    assert numbers(sailed(line(others="50 %"), [(1, 4), (2, 4), (3, 4)])) == [1, 2, 3]


def test_ships_of_a_line_sail_in_turn_and_are_known_by_number() -> None:
    found = sailed(line(), [(1, 1), (25, 1), (49, 1)])
    assert found["V0"].ship == found["V2"].ship != found["V1"].ship
    assert found["V0"].ship == ship_number("test", line(), 1)


def test_bad_weather_and_closed_ports_hold_ships_up() -> None:
    weather = {"share": figure("100 %"), "lasts": figure("5 h")}
    assert sailed(line(weather=weather), [(1, 1)])["V0"].departs == 5 * HOUR
    shut = ({"from": figure("20 h"), "until": figure("70 h")},)
    assert sailed(line(closed=shut), [(1, 1)])["V0"].departs == 70 * HOUR


def test_the_luck_of_a_sailing_does_not_hang_on_who_waits_for_it() -> None:
    uncertain = line(delay="tri(0, 6, 24) h", others="40 %", others_spread="30 %", spread="10 %")
    alone = sailed(uncertain, [(1, 1)])["V0"]
    among = sailed(uncertain, [(0, 1), (1, 1), (1, 2)])
    assert alone == among["V1"]
    assert alone != sailed(uncertain, [(1, 1)], seed=2)["V0"]


def test_a_port_closed_for_ever_ends_the_run_with_the_remedy() -> None:
    shut = ({"from": figure("30 h")},)
    with pytest.raises(WorldError, match=r"V1 waits .* closed for ever: give sailings\.test\.closed an 'until'"):
        sailed(line(closed=shut), [(1, 1), (40, 1)])


def test_a_vehicle_that_no_ship_has_room_for_ends_the_run() -> None:
    with pytest.raises(WorldError, match=r"after 12[0-9] days no ship had room for its 11 containers"):
        sailed(line(), [(1, 11)])
    assert ENDLESS == 120 * DAY


def changed(tmp_path: Path, *pairs: tuple[str, str]) -> Path:
    """Return a copy of the scenario file with parts of its text replaced."""
    text = (Path(__file__).parents[2] / "scenarios" / "files" / "north_south.yaml").read_text(encoding="utf-8")
    for old, new in pairs:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    path = tmp_path / "changed.yaml"
    path.write_text(text, encoding="utf-8")
    return path


CASPIAN = '    first: {is: "24 h", mark: designed, source: "a day after the start"}\n'
CAPACITY, INTERVAL, OTHERS = '{is: "60 containers"', '{is: "96 h", mark: designed, source: "a ship', '{is: "75 %"'
SHUT = CASPIAN + '    closed: [{from: {is: "1 d", mark: designed, source: test}}]\n'
NINTH = '{is: "9 d", mark: designed, source: test}'
LEG = "sailing: caspian\n        mode: "


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        (
            [(CAPACITY, '{is: "9 containers"'), (CASPIAN, SHUT), (LEG + "sea", LEG + "road")],
            [
                "a vehicle of 'caspian' has 10, which sail together: none would ever leave",
                "closes for ever 24 h after the start",
                "its mode is sea or inland_water",
            ],
        ),
        (
            [(INTERVAL, INTERVAL.replace("96 h", "900 d")), ("sailing: arabian-sea", "sailing: baltic")],
            ["the 80 of the scenario need 2400 days", "line 'baltic' does not exist"],
        ),
        (
            [(INTERVAL, INTERVAL.replace("96 h", "0 h")), (OTHERS, '{is: "100 %"')],
            ["an interval of 0 h is no timetable", "others take the whole ship"],
        ),
        (
            [(CASPIAN, CASPIAN + f"    closed: [{{from: {NINTH}, until: {NINTH}}}]\n")],
            ["closed until 9 d, which is not after 9 d"],
        ),
    ],
)
def test_sailings_that_cannot_be_are_found_when_the_file_is_read(
    tmp_path: Path, pairs: list[tuple[str, str]], said: list[str]
) -> None:
    with pytest.raises(ScenarioError) as refused:
        load_scenario(str(changed(tmp_path, *pairs)))
    assert [sentence for sentence in said if sentence not in str(refused.value)] == []


def test_a_line_whose_ships_come_too_late_ends_the_run_and_says_that_none_came() -> None:
    with pytest.raises(WorldError, match=r"for 200 days no ship came .* change sailings\.test\.first or \.interval"):
        sailed(line(first="4802 h"), [(0, 1)])
