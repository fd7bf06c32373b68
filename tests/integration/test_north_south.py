"""The North–South corridor in small: four means of transport, ships that nobody can hurry, results along the route."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from exchange.messages import Departure, Incident, Message, RecognitionResponse
from exchange.validation.content_rules import _mismatched_means
from nodes.core import NodeCore
from nodes.reasons import stops
from scenarios.run import run_scenario
from scenarios.scenario import Scenario, load_scenario
from tests.answers import faults
from tests.small_runs import held_after

SMALL = (
    "flows.caspian.vehicles.count=2 batches",
    "flows.western.vehicles.count=1 batch",
    "flows.caspian.vehicles.units=4 containers",
    "flows.caspian.vehicles.consignments=4 consignments",
    "warm_up=2 d",
    "sides.99401-entry.background.rate=4 containers/d",
    "sides.99403-exit.background.rate=2 trucks/d",
    "sides.99501-entry.background.rate=2 trucks/d",
)


@cache
def small() -> Scenario:
    return load_scenario("north_south", SMALL)


@cache
def ran(arm: str) -> tuple[tuple[Message, ...], dict[str, NodeCore]]:
    """Return the messages that were accepted, and the nodes, of one arm in small."""
    return held_after(small(), arm)


def reported(flow: str) -> list[Incident]:
    """Return what posts reported of one consignment of ``flow`` on its way."""
    found = [
        message
        for message in ran("recognition")[0]
        if isinstance(message, Incident) and "." in message.header.sender and f"-{flow}01C1." in message.ucr
    ]
    return sorted(found, key=lambda message: message.occurred_at)


@pytest.mark.parametrize(
    ("flow", "modes", "offices"),
    [("N", "1312", ["99401", "99402", "99311010"]), ("W", "1232", ["99401", "99403", "99501"])],
)
def test_each_change_of_mode_is_told_and_the_means_join(flow: str, modes: str, offices: list[str]) -> None:
    changes = reported(flow)
    assert [change.office for change in changes] == offices
    assert [change.former_means[0].mode_code for change in changes] == list(modes[:-1])
    assert [change.new_means[0].mode_code for change in changes] == list(modes[1:])
    for before, after in pairwise(changes):
        if before.new_means[0].mode_code == "1":
            assert before.new_means == after.former_means  # off the ship that it went aboard
    assert not [
        fault
        for change in changes
        for means in (change.former_means, change.new_means)
        for fault in _mismatched_means(means, ())
    ]


def test_goods_leave_india_on_the_ship_that_they_leave_it_by() -> None:
    departures = {message.ucr: message for message in ran("baseline")[0] if isinstance(message, Departure)}
    assert departures
    for message in departures.values():
        assert re.fullmatch(r"0\d{6}", message.transport_means[0].id)


def test_a_container_keeps_its_number_and_each_territory_opens_a_movement_of_its_own() -> None:
    nodes = ran("recognition")[1]
    for vehicle, countries in (("N01C1", ["IN", "IR", "RU"]), ("W01C1", ["IN", "IR", "AZ", "RU"])):
        boxes, numbers = set(), []
        for country in countries:
            case = next(case for ucr, case in nodes[country]._cases.items() if f"{vehicle}." in ucr)
            consignment: Any = case.consignment()
            boxes.add(consignment.transport_equipment[0].container_id)
            own = case.own_mrn if country != "IN" else next(iter(case.movements))
            assert own is not None
            numbers.append(own[2:4])
        assert numbers == countries
        assert len(boxes) == 1


def test_the_answer_to_why_follows_the_goods_from_means_to_means_and_from_mrn_to_mrn() -> None:
    told = {}
    for country, core in ran("recognition")[1].items():
        case = next((case for ucr, case in core._cases.items() if "N01C1." in ucr), None)
        for stop in stops(case) if case is not None else ():
            told[stop["arrived"]] = (country, stop.get("onward", {}))
    way = [told[at] for at in sorted(told)]
    assert [onward["mrn"][2:4] for _, onward in way if "mrn" in onward] == ["IN", "IR", "RU"]
    texts = [change["text"] for _, onward in way for change in onward.get("reloaded", ())]
    changes = [re.findall(r"(?:from|to) (\w+) ", text) for text in texts]
    assert changes == [["sea", "road"], ["road", "sea"], ["sea", "rail"]]
    assert list(faults({"IR": ran("recognition")[1]["IR"]})) == []


def test_what_india_has_scanned_counts_at_each_entry() -> None:
    answers = [message for message in ran("recognition")[0] if isinstance(message, RecognitionResponse)]
    accepted = {
        message.header.sender for message in answers if (message.stage, message.outcome) == ("CONFIRMED", "ACCEPTED")
    }
    assert accepted == {"IR", "AZ", "RU"}
    assert not [message for message in ran("advance")[0] if isinstance(message, RecognitionResponse)]


def test_everything_arrives_ships_are_waited_for_and_the_way_is_as_long_as_claimed(tmp_path: Path) -> None:
    summary = run_scenario(small(), transport="memory", replications=1, workers=1, out=tmp_path, run_id="small").summary
    for arm in summary["arms"].values():
        assert arm["delivered"] + arm["seized"] == arm["consignments"] > 0
        assert arm["messages"]["rejected"] == 0
    flows = summary["flows"]
    assert flows["western"]["distance_km"] > 7000 > flows["caspian"]["distance_km"]
    for arm in summary["arms"]:
        assert flows["caspian"][arm]["waits_for_ship_hours"]["mean"] > 0
        assert flows["western"][arm]["waits_for_ship_hours"] == flows["western"]["baseline"]["waits_for_ship_hours"]
    assert {check["kind"] for check in summary["checks"]} >= {"delivered_all", "distance_at_least"}
    assert all(check["ok"] for check in summary["checks"] if check["kind"] in ("delivered_all", "distance_at_least"))
    assert summary["checks_left_out"] == []
    assert summary["arms"]["recognition"]["recognition"]["by_chain"]["accepted"] > 0
