"""The corridors of the founding documents, each run in small in all its arms, and what each is there to show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from exchange.luck import Luck
from exchange.messages import DataResponse, Incident, Message, RecognitionResponse
from nodes.core import NodeCore
from scenarios.run import run_scenario
from scenarios.scenario import Scenario, ScenarioError, load_scenario
from scenarios.world.cargo import vehicles
from scenarios.world.predeclaring import error_of
from scenarios.world.rolling import means
from scenarios.world.schedule import DAY, Plan, plans
from tests.answers import faults
from tests.documented import undocumented
from tests.small_runs import held_after

SMALL: dict[str, tuple[str, ...]] = {
    "china_europe_transit_sk": ("flows.xian-bratislava.vehicles.count=3 trains",),
    "china_europe_transit_sk via UA": ("via=UA", "flows.xian-bratislava-ua.vehicles.count=3 trains"),
    "europe_china_return": ("flows.kouvola-xian.vehicles.count=3 trains",),
    "facilitated_crossing_ru_ee": (
        "flows.koidula.vehicles.count=30 trucks",
        "flows.luhamaa.vehicles.count=30 trucks",
    ),
    "green_corridor_ru_it": ("flows.milano-moscow.vehicles.count=40 trucks",),
    "green_corridor_ru_mn_images": ("flows.ulaanbaatar-ulan-ude.vehicles.count=4 trains",),
    "trilateral_cn_mn_ru": (
        "flows.beijing-ulan-ude.vehicles.count=3 trains",
        "flows.ulaanbaatar-beijing.vehicles.count=1 trains",
    ),
}
"""What makes each scenario small: the same borders, fewer of its own vehicles."""
TOO_SMALL = {
    "europe_china_return": {"what is known already saves nothing at the exit"},
    "facilitated_crossing_ru_ee": {
        "booking lets no more trucks through",
        "with booked times they wait at home instead",
        "without them they wait for days",
    },
    "green_corridor_ru_mn_images": {"a corrupt image is named and sent again and then accepted"},
}
"""Checks that so few vehicles cannot hold: a mean over three trains, a queue of days, one corrupt image in twelve."""


@cache
def small(name: str) -> Scenario:
    return load_scenario(name.split()[0], SMALL[name])


@cache
def ran(name: str, arm: str) -> tuple[tuple[Message, ...], dict[str, NodeCore]]:
    """Return the messages between members that were accepted, and the nodes, of one arm in small."""
    return held_after(small(name), arm)


def sent(messages: Sequence[Message], code: str, sender: str, recipient: str) -> list[Any]:
    return [m for m in messages if code == m.CODE and (m.header.sender, m.header.recipient) == (sender, recipient)]


@pytest.mark.parametrize("name", SMALL)
def test_everything_arrives_in_every_arm_and_nothing_is_refused(name: str, tmp_path: Path) -> None:
    scenario = small(name)
    summary = run_scenario(
        scenario, transport="memory", replications=1, workers=1, out=tmp_path, run_id="small"
    ).summary
    assert set(summary["arms"]) == set(scenario.arms)
    for arm in summary["arms"].values():
        assert arm["delivered"] + arm["seized"] == arm["consignments"] > 0
        assert arm["messages"]["rejected"] == 0
    assert summary["saved"]["advance"]["coverage_difference"] == pytest.approx(0, abs=0.002)
    assert summary["saved"]["advance"]["border_hours_mean"] > 0
    assert len(summary["what_if"]) == len(scenario.what_if)
    assert {check["kind"] for check in summary["checks"]} >= {"delivered_all", "coverage_loss_at_most"}
    assert {check["name"] for check in summary["checks"] if not check["ok"]} <= TOO_SMALL.get(name, set())
    assert summary["checks_left_out"] == []
    assert undocumented(scenario, summary) == []


@pytest.mark.parametrize("arm", ["advance", "recognition"])
@pytest.mark.parametrize(
    ("name", "silent", "next_party"),
    [("china_europe_transit_sk", "PL", "SK"), ("china_europe_transit_sk via UA", "UA", "SK")],
)
def test_a_silent_neighbour_is_told_nothing_and_asks_for_everything(
    name: str, silent: str, next_party: str, arm: str
) -> None:
    messages, nodes = ran(name, arm)
    told = [m for m in messages if m.header.recipient == silent and m.header.sender.partition(".")[0] != silent]
    union = {"PL": {("SK", "ARR"), ("SK", "DCR")}}  # the end of the movement that Poland opened, by union law
    assert {(m.header.sender, m.CODE) for m in told} == union.get(silent, set())
    assert sent(messages, "AAR", "CN", next_party)
    entry = next(key for key in small(name).sides if key.startswith(silent) and key.endswith("-entry"))
    extents = Counter(
        control.extent
        for case in nodes[silent]._cases.values()
        for side in case.sides.values()
        if f"{side.office}-entry" == entry
        for control in side.made
        if control.form == "DOCUMENTARY"
    )
    assert set(extents) == {"CHECK"}  # on arrival, never matched with what was checked before


@pytest.mark.parametrize(
    ("name", "arm"),
    [
        ("china_europe_transit_sk", "recognition"),
        ("china_europe_transit_sk via UA", "recognition"),
        ("trilateral_cn_mn_ru", "recognition"),
        ("green_corridor_ru_it", "advance"),
    ],
)
def test_every_stop_has_an_answer_that_names_its_ground_and_a_message(name: str, arm: str) -> None:
    _, nodes = ran(name, arm)
    assert list(faults(nodes)) == []


def test_where_the_country_of_entry_is_a_party_it_uses_what_it_is_told() -> None:
    messages, _ = ran("china_europe_transit_sk via UA", "recognition")
    answers = [m for m in sent(messages, "RCG", "SK", "CN") if isinstance(m, RecognitionResponse)]
    assert {m.outcome for m in answers if m.stage == "CONFIRMED"} == {"ACCEPTED"}
    assert "PL" not in small("china_europe_transit_sk via UA").services


def test_ways_are_chosen_by_name() -> None:
    assert [flow.id for flow in load_scenario("china_europe_transit_sk").flows] == ["xian-bratislava"]
    with pytest.raises(ScenarioError, match="choose one of PL, UA"):
        load_scenario("china_europe_transit_sk", ["via=HU"])
    with pytest.raises(ScenarioError, match="no flow goes via"):
        load_scenario("trilateral_cn_mn_ru", ["via=UA"])


@pytest.mark.parametrize(
    ("name", "digits"),
    [
        ("china_europe_transit_sk", {"99101": (7, 8), "PL301020": (8, 12)}),
        ("europe_china_return", {"9912": (8, 7)}),
        ("trilateral_cn_mn_ru", {"99301": (7, 8), "9931": (8, 7)}),
    ],
)
def test_wagons_get_the_numbers_of_their_network_at_each_change_of_gauge(
    name: str, digits: dict[str, tuple[int, int]]
) -> None:
    found: dict[str, set[tuple[int, int]]] = {}
    for message in ran(name, "baseline")[0]:
        if isinstance(message, Incident):
            wagons = [
                {len(m.id) for m in means if m.identification_type == "20"}
                for means in (message.former_means, message.new_means)
            ]
            found.setdefault(message.office, set()).add((wagons[0].pop(), wagons[1].pop()))
            assert wagons == [set(), set()]
    assert found == {office: {pair} for office, pair in digits.items()}


def test_one_scan_counts_at_two_borders_but_only_for_goods_in_scope() -> None:
    """China tells Mongolia, which passes it on: Russia recognises it as China's, and China hears of both answers."""
    messages, nodes = ran("trilateral_cn_mn_ru", "recognition")
    assert sent(messages, "CTR", "CN", "RU") == []
    passed_on = {m.act_number for m in sent(messages, "CTR", "MN", "RU") if m.office == "9930"}
    assert passed_on == {m.act_number for m in sent(messages, "CTR", "CN", "MN")}
    for sender, recipient in (("RU", "MN"), ("MN", "CN")):
        answers = sent(messages, "RCG", sender, recipient)
        confirmed = {m.act_number for m in answers if (m.stage, m.outcome) == ("CONFIRMED", "ACCEPTED")}
        assert confirmed & passed_on
    assert {m.office for m in sent(messages, "RCG", "MN", "CN")} == {"99301", "99602010"}
    scanned = {m.ucr for m in messages if m.CODE == "CTR" and m.header.recipient == "MN" and m.header.sender == "CN"}
    goods = {
        ucr: case.declaration.consignment.goods_items[0].hs_code
        for ucr, case in nodes["CN"]._cases.items()
        if case.declaration is not None and case.declaration.office == "9930"
    }
    assert scanned == {ucr for ucr, code in goods.items() if code != "392690"}
    assert len(scanned) < len(goods)


def test_what_mongolia_weighs_stands_for_the_weighing_of_coal_in_china() -> None:
    weighed: dict[str, set[str]] = {}
    for arm in ("baseline", "recognition"):
        messages, _ = ran("trilateral_cn_mn_ru", arm)
        weighed[arm] = {m.office for m in messages if m.CODE == "CTR" and m.form == "WEIGHING"}  # type: ignore[attr-defined]
    assert "9931" in weighed["baseline"]
    assert weighed["recognition"] == {"99303"}
    offers = sent(messages, "CTR", "MN", "CN")
    assert {(m.form, m.may_forward) for m in offers} == {("WEIGHING", False)}  # nobody is further ahead


def test_only_who_is_on_the_list_is_scanned_for_recognition() -> None:
    name = "green_corridor_ru_mn_images"
    messages, nodes = ran(name, "recognition")
    offered = {m.ucr for m in sent(messages, "CTR", "MN", "RU")}
    consignors = {
        ucr: case.declaration.consignment.consignor.id
        for ucr, case in nodes["MN"]._cases.items()
        if case.declaration is not None
    }
    assert {consignors[ucr] for ucr in offered} == {"UB001", "UB002"}
    assert len(offered) == sum(consignor != "UB003" for consignor in consignors.values())


def test_importers_cite_the_export_and_italy_answers_for_it() -> None:
    name = "green_corridor_ru_it"
    assert not [m for m in ran(name, "baseline")[0] if m.CODE in ("DRQ", "DRS")]
    messages, nodes = ran(name, "advance")
    scenario, wrong = small(name), Counter[str | None]()
    ahead = scenario.flows[0].declared_ahead
    assert ahead is not None
    answers = {m.ucr.partition(".")[0]: m for m in messages if isinstance(m, DataResponse)}
    cases = {ucr.partition(".")[0]: case for ucr, case in nodes["RU"]._cases.items()}

    class Fortune:
        luck = Luck(1, 0)

    for vehicle in vehicles(scenario, Luck(1, 0)):
        for shipment in vehicle.shipments:
            error = error_of(Fortune, shipment, ahead)  # type: ignore[arg-type]
            wrong[error] += 1
            assert answers[shipment.case].result == ("NOT_FOUND" if error == "mrn" else "FOUND")
            assert cases[shipment.case].mismatches == {"mrn": None, "mass": ("MASS",)}.get(str(error), ())
    assert set(wrong) == {"mrn", "mass", None}


def timetable(*settings: str) -> tuple[list[Plan], list[Plan]]:
    scenario = load_scenario("facilitated_crossing_ru_ee", settings)
    booked, live = (list(plans(scenario, flow, Luck(1, 0))) for flow in scenario.flows)
    return booked, live


def first_border(plan: Plan) -> int:
    return plan.expected[2]


def test_times_are_given_in_the_order_of_the_wishes_and_not_before_them() -> None:
    booked, live = timetable()
    assert all(plan.wished is not None and first_border(plan) >= plan.wished for plan in booked)
    assert all(first_border(plan) == plan.wished for plan in live)
    order = sorted(booked, key=lambda plan: plan.wished or 0)
    hour, gap = 3600, DAY / 45
    comes = [first_border(plan) for plan in order]
    assert all(later - sooner > gap - hour for sooner, later in pairwise(comes))
    assert comes[-1] - comes[0] == pytest.approx(299 * gap, abs=hour)


def test_more_times_than_wishes_leave_nobody_at_home() -> None:
    booked, _ = timetable("flows.koidula.vehicles.booking.slots=100000 trucks/d")
    assert max(first_border(plan) - (plan.wished or 0) for plan in booked) < 60


def test_booking_needs_a_rate() -> None:
    with pytest.raises(ScenarioError, match="gives no times"):
        timetable("flows.koidula.vehicles.booking.slots=0 trucks/d")
    booking = (
        '{slots: {is: "4 trucks/d", mark: designed, source: test}, early: {is: "1 h", mark: designed, source: test}}'
    )
    with pytest.raises(ScenarioError, match="is for vehicles with a rate"):
        load_scenario("green_corridor_ru_it", [f"flows.milano-moscow.vehicles.booking={booking}"])


def test_trucks_bear_the_plates_of_their_country_and_no_two_alike() -> None:
    scenario = load_scenario("facilitated_crossing_ru_ee")
    plates = [
        one.id
        for flow in scenario.flows
        for plan in plans(scenario, flow, Luck(1, 0))
        for one in means(flow, plan, range(1, 2), "EE")
    ]
    assert len(plates) == len(set(plates)) == 1200
    assert all(plate.startswith("EE") for plate in plates)
