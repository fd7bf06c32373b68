"""Booked times: given one after the other, refused by name, given back, and remembered by the node's own stream."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange.agreements import registry
from exchange.entries import Decision, Entry
from exchange.luck import Luck
from exchange.messages import Header, SlotBooking, TransportMeans
from exchange.references import message_id
from nodes.booked import Slots, first_free
from nodes.core import NodeCore
from nodes.need_to_know import for_reader
from nodes.profile import Profile, SidePolicy
from nodes.standing import Standing
from scenarios.run import run_scenario
from scenarios.scenario import ScenarioError, load_scenario
from scenarios.world.booking import put_off
from scenarios.world.cargo import vehicles
from tests.journey import START

HERE = ("EE4800EE", "EXIT")
PLAN = Slots(spacing=timedelta(minutes=30), early=timedelta(hours=1))
SCENARIO = "facilitated_crossing_ru_ee"
FEW = ("flows.koidula.vehicles.count=4 trucks", "flows.luhamaa.vehicles.count=1 truck", "warm_up=1 h")


def estonia() -> NodeCore:
    """Return a node that gives times at Koidula, none at Luhamaa."""
    policies = {HERE: SidePolicy(), ("EE4700EE", "EXIT"): SidePolicy()}
    profile = Profile(country="EE", policies=policies, luck=Luck(1), slots={HERE: PLAN})
    return NodeCore(Standing(profile=profile, agreements=registry(), participants=frozenset(), carriers={}))


class Carrier:
    """One who books for its trucks; keeps what the node wrote into its own stream."""

    def __init__(self) -> None:
        self.node = estonia()
        self.now = START
        self.own: list[Entry] = []

    def say(self, truck: int, sender: str = "EE.TRUCKS", **changes: Any) -> Decision:
        ucr = f"7EETL001-K{truck:03d}C1.ABCDEFGB"
        header = Header(
            message_id=message_id(sender, "EE", f"{len(self.own)}{changes}", ucr, 1), message_type="SLT",
            sender=sender, recipient="EE", sent_at=self.now, ordinal=1, test_indicator=True,
        )  # fmt: skip
        means = (TransportMeans(mode_code="3", identification_type="30", id=f"EEK{truck}"),)
        body: dict[str, Any] = {
            "office": HERE[0], "presentation": HERE[1], "stage": "REQUESTED", "transport_means": means,
            "not_before": self.now + timedelta(hours=1), "not_after": self.now + timedelta(hours=3),
        }  # fmt: skip
        decision = self.node.decide(SlotBooking(header=header, ucr=ucr, **(body | changes)), self.now)
        self.own += [entry for entry in decision.entries if not entry.case]
        return decision

    def ask(self, truck: int, **changes: Any) -> Any:
        """Return the node's answer: a slot, or a functional rejection."""
        [answer] = self.say(truck, **changes).reply
        return answer


def refused(answer: Any) -> tuple[str, str]:
    return answer.stage, answer.reasons[0].code


def test_times_are_given_one_after_the_other_until_none_is_left() -> None:
    carrier = Carrier()
    given = [carrier.ask(truck) for truck in range(1, 6)]
    assert [one.stage for one in given] == ["CONFIRMED"] * 5
    first = START + timedelta(hours=1)
    assert [one.not_after for one in given] == [first + number * PLAN.spacing for number in range(5)]
    assert [one.not_after - one.not_before for one in given] == [PLAN.early] * 5
    assert len({one.slot_number for one in given}) == 5
    full = carrier.ask(6)
    assert refused(full) == ("REFUSED", "FULL")
    assert f"the first is {given[-1].not_after + PLAN.spacing:%Y-%m-%dT%H:%M}" in full.reasons[0].text
    freed = carrier.ask(3, stage="CANCELLED", slot_number=given[2].slot_number)
    assert (freed.stage, freed.slot_number) == ("CANCELLED", given[2].slot_number)
    assert carrier.ask(6).not_after == given[2].not_after, "what was given back is free again"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"office": "EE9999EE"}, "UNKNOWN_OFFICE"),
        ({"office": "EE4700EE"}, "NO_SLOTS"),
        ({"presentation": "ENTRY"}, "NO_SLOTS"),
        ({"not_before": START - timedelta(hours=3), "not_after": START - timedelta(hours=1)}, "LATE"),
        ({"not_after": START + timedelta(minutes=61)}, "FULL"),
    ],
)
def test_a_booking_is_refused_by_name(changes: Mapping[str, Any], code: str) -> None:
    carrier = Carrier()
    carrier.ask(1)
    assert refused(carrier.ask(2, **changes)) == ("REFUSED", code)


def test_a_consignment_and_a_vehicle_have_one_time_at_an_office() -> None:
    carrier = Carrier()
    carrier.ask(1)
    assert refused(carrier.ask(1)) == ("REFUSED", "DOUBLE")
    means = (TransportMeans(mode_code="3", identification_type="30", id="EEK1"),)
    again = carrier.ask(2, transport_means=means)
    assert refused(again) == ("REFUSED", "DOUBLE")
    assert "EEK1" in again.reasons[0].text
    carrier.now += timedelta(hours=2)
    assert carrier.ask(1).stage == "CONFIRMED", "its time has passed"


def test_only_who_booked_gives_back_and_nobody_else_speaks_for_the_service() -> None:
    carrier = Carrier()
    slot = carrier.ask(1).slot_number
    for changes in ({"sender": "EE.OTHER"}, {"slot_number": "1"}):
        body: dict[str, Any] = {"stage": "CANCELLED", "slot_number": slot} | changes
        assert carrier.ask(1, **body).errors[0].rule_id == "PIX-030"
    assert carrier.ask(1, stage="CONFIRMED", slot_number=slot).errors[0].code == "92"
    assert len(carrier.node.standing.slots[HERE]) == 1
    for sender in ("RU", "RU.PSKOV"):
        refusal = carrier.say(1, sender).refusal
        assert refusal is not None and refusal.status == 403


def test_a_node_that_was_stopped_knows_the_times_it_gave_from_its_own_stream() -> None:
    carrier, restarted = Carrier(), estonia()
    carrier.ask(1)
    kept = carrier.ask(2)
    carrier.ask(1, stage="CANCELLED", slot_number=carrier.node.standing.slots[HERE][0].number)
    restarted.load("", carrier.own)
    assert restarted.standing.slots == carrier.node.standing.slots
    assert [one.number for one in restarted.standing.slots[HERE]] == [kept.slot_number]


def test_a_case_shows_its_slot_to_its_service_and_to_the_carrier_alone() -> None:
    carrier = Carrier()
    answer = carrier.ask(1)
    view = carrier.node.view(answer.ucr)
    assert view is not None
    [slot] = view["slots"]
    assert (slot["number"], slot["stage"], slot["carrier"]) == (answer.slot_number, "CONFIRMED", "EE.TRUCKS")
    assert for_reader(view, "EE.TRUCKS")["slots"] == [slot]
    assert for_reader(view, "EE.OTHER")["slots"] == []
    assert for_reader(view, "EE.TRUCKS")["state"] == "UNKNOWN", "booking makes nobody a party to the case"


@pytest.mark.parametrize(("booked", "free"), [((), 0), ((0,), 30), ((20,), 50), ((0, 30, 90), 60), ((40, 60), 0)])
def test_a_free_time_is_a_spacing_away_from_all_others(booked: tuple[int, ...], free: int) -> None:
    def at(minutes: int) -> datetime:
        return START + timedelta(minutes=minutes)

    assert first_free([at(one) for one in booked], at(0), PLAN) == at(free)


def test_trucks_book_alike_on_both_transports_and_keep_to_what_was_planned(tmp_path: Path) -> None:
    files = []
    for transport in ("http", "memory"):
        scenario = load_scenario(SCENARIO, FEW)
        ran = run_scenario(scenario, transport=transport, replications=1, arms=["baseline"], out=tmp_path / transport)
        names = ("events.jsonl", "reasons.jsonl")
        files.append({name: (ran.folder / name).read_bytes() for name in names})
    assert files[0] == files[1]
    sent = [path.name for path in ran.folder.rglob("*-SLT-*.xml")]
    assert len(sent) == 8
    assert files[1]["reasons.jsonl"].count(b'"slot"') == 4


def test_who_gets_another_time_than_planned_comes_so_much_later() -> None:
    vehicle = vehicles(load_scenario(SCENARIO, FEW), Luck(1, 0))[0]
    before, goods = vehicle.plan, vehicle.shipments[0].consignment
    put_off(vehicle, 3600)
    assert vehicle.plan.leaves == before.leaves + 3600
    assert {at - before.expected[stop] for stop, at in vehicle.plan.expected.items()} == {3600}
    later = [stop.eta for stop in vehicle.shipments[0].consignment.itinerary]
    assert later == [stop.eta + timedelta(hours=1) for stop in goods.itinerary]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("flows.koidula.vehicles.booking.carrier=PS001", "name a carrier that is a trader of EE"),
        ("flows.koidula.vehicles.booking.carrier=nobody", "'nobody'"),
    ],
)
def test_who_cannot_book_is_named(change: str, says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        load_scenario(SCENARIO, [change])
