"""The world against a stand-in for the nodes: what must hold in every run, and the identities between arms."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from exchange import identifiers
from exchange.codec import encode
from exchange.luck import Luck
from exchange.messages import AdvanceDeclaration, ArrivalAdvice, ControlResult, Incident, NotificationOfCrossing
from exchange.references import strip_run
from exchange.validation import validate
from scenarios.events import PHASES, Event
from scenarios.scenario import Scenario, load_scenario
from scenarios.world import World, WorldError
from scenarios.world.background import Traffic
from scenarios.world.cargo import vehicles
from tests.calibration.stand_in import StandIn, run

SMALL = ("flows.0.vehicles.count=5 trains", "warm_up=5 d")
ROAD = (
    "flows.irkutsk-harbin.vehicles.count=2 trains",
    "flows.irkutsk-harbin.vehicles.first=4 d",
    "flows.harbin-chita.vehicles.count=24 trucks",
    "warm_up=6 d",
)
QUIET = "sides.9912-exit.background.rate=0.1 trains/d"
ALWAYS_FOUND = tuple(
    f"detection.{form}.{grade}=100 %"
    for form in ("documentary", "weighing", "scan", "physical")
    for grade in ("easy", "hard")
)


def small(*sets: str) -> Scenario:
    return load_scenario("china_europe_transit_fi", [*SMALL, *sets])


def road(*sets: str) -> Scenario:
    return load_scenario("green_corridor_ru_cn", [*ROAD, *sets])


def crossings(world: World) -> dict[tuple[str, str], Event]:
    return {(event.case, event.data["side"]): event for event in world.events if event.kind == "crossed"}


def controls(world: World, *, documents: bool) -> Counter[tuple[str, str, str]]:
    return Counter(
        (event.case, event.data["office"], event.data["form"])
        for event in world.events
        if event.kind == "control" and (documents or event.data["form"] != "DOCUMENTARY")
    )


@pytest.mark.parametrize("arm", ["baseline", "advance", "recognition"])
@pytest.mark.parametrize("scenario", [small(), road()], ids=["rail", "road"])
def test_segments_are_a_partition_of_every_stay(scenario: Scenario, arm: str) -> None:
    world, _ = run(scenario, arm)
    arrived = {(e.case, e.data["side"]): e.at for e in world.events if e.kind == "arrived"}
    crossed = crossings(world)
    assert crossed
    for key, event in crossed.items():
        parts = event.data["segments"]
        assert parts[0][1] == arrived[key]
        assert parts[-1][2] == event.at
        assert all(before[2] == after[1] for before, after in pairwise(parts))
        assert {part[0] for part in parts} <= set(PHASES)


@pytest.mark.parametrize("scenario", [small(), road()], ids=["rail", "road"])
def test_everything_arrives_or_is_seized(scenario: Scenario) -> None:
    world, _ = run(scenario, "recognition")
    assert world.through == world.total == len(world.consignments)
    ends = Counter(event.case for event in world.events if event.kind in ("delivered", "seized"))
    assert set(ends.values()) == {1}
    assert set(ends) == {facts.case for facts in world.consignments}


def test_the_same_run_gives_the_same_events_and_messages() -> None:
    scenario = small()
    (first, asked), (second, again) = run(scenario, "advance", 1), run(scenario, "advance", 1)
    assert first.events == second.events
    assert [m.header.message_id for m in asked.asked] == [m.header.message_id for m in again.asked]
    assert first.utilisation() == second.utilisation()
    other, _ = run(scenario, "advance", 2)
    assert other.events != first.events


@pytest.mark.parametrize("scenario", [small(), road()], ids=["rail", "road"])
def test_times_are_whole_seconds_and_ordinals_rise(scenario: Scenario) -> None:
    world, _ = run(scenario, "advance")
    ordinals: dict[str, list[int]] = defaultdict(list)
    for event in world.events:
        assert type(event.at) is int
        ordinals[event.case].append(event.ordinal)
    for numbers in ordinals.values():
        assert numbers == list(range(1, len(numbers) + 1))
    assert [event.at for event in world.events] == sorted(event.at for event in world.events)


def test_advance_with_everything_late_is_the_baseline() -> None:
    scenario = small()
    assert run(scenario, "advance", late_share=1.0)[0].events == run(scenario, "baseline")[0].events


@pytest.mark.parametrize("scenario", [small(), road()], ids=["rail", "road"])
def test_recognition_with_nobody_in_the_scheme_is_advance(scenario: Scenario) -> None:
    assert run(scenario, "recognition", in_scheme=False)[0].events == run(scenario, "advance")[0].events


def test_recognition_with_full_residual_control_crosses_as_advance() -> None:
    scenario = small("detection.irregular_on_list=0 %")
    everything, _ = run(scenario, "recognition", residual=1.0)
    assert crossings(everything).keys() == crossings(run(scenario, "advance")[0]).keys()
    for key, event in crossings(run(scenario, "advance")[0]).items():
        assert crossings(everything)[key].at == event.at


@pytest.mark.parametrize("scenario", [small(), road()], ids=["rail", "road"])
def test_advance_selects_what_the_baseline_selects(scenario: Scenario) -> None:
    baseline, advance = run(scenario, "baseline")[0], run(scenario, "advance")[0]
    assert controls(baseline, documents=False) == controls(advance, documents=False)
    assert controls(baseline, documents=True) != controls(advance, documents=True)


def test_advance_finds_what_the_baseline_finds() -> None:
    scenario = small("detection.irregular_on_list=40 %", "detection.arises_on_the_way=50 %")
    seized = [
        {(event.case, event.data["office"]) for event in run(scenario, arm)[0].events if event.kind == "seized"}
        for arm in ("baseline", "advance")
    ]
    assert seized[0]
    assert {case for case, _ in seized[0]} == {case for case, _ in seized[1]}


def test_background_is_the_same_in_all_arms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrivals where they begin; what follows a border moves with the queue there."""
    seen: dict[str, list[tuple[int, str]]] = defaultdict(list)
    arm = ""
    admit = Traffic.admit

    def noted(self: Traffic, number: str) -> None:
        if not number.startswith("-"):
            seen[arm].append((int(self.env.now), number))
        admit(self, number)

    monkeypatch.setattr(Traffic, "admit", noted)
    ends = []
    for arm in ("baseline", "recognition"):
        world, _ = run(road("flows.irkutsk-harbin.vehicles.count=1 trains"), arm)
        ends.append(int(world.env.now))
    until = min(ends)
    baseline, recognition = ([item for item in seen[a] if item[0] < until] for a in ("baseline", "recognition"))
    assert len(baseline) > 1000
    assert baseline == recognition


def test_nothing_is_seized_that_is_regular_and_all_is_found_if_finding_is_certain() -> None:
    world, _ = run(small("detection.irregular_on_list=30 %", *ALWAYS_FOUND), "baseline")
    irregular = {facts.case for facts in world.consignments if facts.irregularity is not None}
    seized = {event.case for event in world.events if event.kind == "seized"}
    assert irregular
    assert seized == irregular
    for case in seized:
        mine = [event for event in world.events if event.case == case]
        assert mine[-1].kind == "seized"
        assert mine[-2].kind == "control"
        assert mine[-2].data["found"] is True


def test_a_broken_seal_leads_to_an_inspection_that_finds() -> None:
    scenario = small(
        "detection.irregular_on_list=100 %", "detection.arises_on_the_way=100 %", "detection.seal_shows=100 %"
    )
    world, nodes = run(scenario, "recognition")
    broken = {
        strip_run(m.ucr)
        for m in nodes.asked
        if isinstance(m, ArrivalAdvice) and any(seal.state == "BROKEN" for seal in m.seals_found)
    }
    seized = {event.case for event in world.events if event.kind == "seized"}
    assert broken
    assert seized == {facts.case for facts in world.consignments}
    assert broken <= seized


def test_a_slow_consignment_is_cut_out_and_takes_a_later_train() -> None:
    inspection = "sides.99101-entry.customs.inspection=LN(40, 0.1) h"
    scenario = small(
        inspection, QUIET, "policies.99101.presentations.ENTRY.physical=15 %", "detection.irregular_on_list=0 %"
    )
    world, _ = run(scenario, "baseline")
    cut = {e.case: e for e in world.events if e.kind == "cut-out" and e.data["side"] == "99101-entry"}
    assert cut
    crossed = crossings(world)
    for case, event in cut.items():
        left = crossed[case, "99101-entry"]
        assert left.data["vehicle"].startswith(event.data["vehicle"] + "-")
        assert left.data["segments"][-1][0] == "inspection"
        assert left.at - event.at > (40 * 0.5 + 12) * 3600 - 4 * 3600
        train = [
            e.at
            for (c, side), e in crossed.items()
            if side == "99101-entry" and e.data["vehicle"] == event.data["vehicle"]
        ]
        assert train
        assert max(train) < left.at
        assert any(e.kind == "delivered" and e.case == case for e in world.events)


def test_without_a_scan_demanded_no_train_passes_the_portal() -> None:
    scenario = small("policies.FI542700.presentations.ENTRY.scan=0 %", "policies.99206010.residual=0 %")
    world, _ = run(scenario, "baseline")
    assert all(share == 0 for name, share in world.utilisation()["FI542700-entry"].items() if name == "portal")
    assert not any(
        part[0] == "scan" for (_, side), e in crossings(world).items() if side == "FI542700-entry"
        for part in e.data["segments"]
    )  # fmt: skip


def test_the_whole_train_passes_the_portal_once_when_the_papers_are_done() -> None:
    world, _ = run(small(), "baseline")
    passes: dict[str, set[int]] = defaultdict(set)
    papers: dict[str, int] = {}
    vehicle = {facts.case: facts.vehicle for facts in world.consignments}
    for event in world.events:
        if event.kind == "control" and event.data["side"] == "FI542700-entry":
            if event.data["form"] == "SCAN":
                passes[vehicle[event.case]].add(event.data["began"])
            elif event.data["form"] == "DOCUMENTARY":
                papers[vehicle[event.case]] = max(papers.get(vehicle[event.case], 0), event.data["ended"])
    whole = [
        train for train in passes if not any(e.kind == "cut-out" and vehicle[e.case] == train for e in world.events)
    ]
    assert whole
    for train in whole:
        assert len(passes[train]) == 1
        assert passes[train].pop() >= papers[train]


def test_wagons_may_wait_for_customs() -> None:
    plain, waiting = run(small())[0], run(small("assumptions.wagons_wait_for_customs=yes"))[0]

    def hours(world: World) -> float:
        arrived = {e.case: e.at for e in world.events if e.kind == "arrived" and e.data["side"] == "99101-entry"}
        stays = [e.at - arrived[case] for (case, side), e in crossings(world).items() if side == "99101-entry"]
        return sum(stays) / len(stays)

    assert hours(waiting) > hours(plain) + 3600


def test_papers_checked_before_arrival_take_a_desk_and_are_not_checked_again() -> None:
    world, _ = run(small(), "advance")
    made = [e for e in world.events if e.kind == "control" and e.data["side"] == "99101-entry"]
    early = {e.case for e in made if e.data["before_arrival"]}
    arrived = {e.case: e.at for e in world.events if e.kind == "arrived" and e.data["side"] == "99101-entry"}
    assert len(early) > 15
    for event in made:
        if event.data["before_arrival"]:
            assert event.data["extent"] == "CHECK"
            assert event.data["ended"] <= arrived[event.case]
            assert event.data["officer_seconds"] == 1080
    for case in early:
        extents = [e.data["extent"] for e in made if e.case == case and e.data["form"] == "DOCUMENTARY"]
        assert extents == ["CHECK", "MATCH"]


def test_papers_not_checked_by_arrival_are_withdrawn_or_finished() -> None:
    """With desks that are hardly ever free the early checks stand in the queue, or in work, when the train arrives."""
    scenario = small(QUIET, "sides.99101-entry.customs.documents.check=30 h")
    world, _ = run(scenario, "advance")
    assert world.through == world.total
    made = [e for e in world.events if e.kind == "control" and e.data["side"] == "99101-entry"]
    counted = Counter((e.case, e.data["extent"]) for e in made if e.data["form"] == "DOCUMENTARY")
    assert max(counted.values()) == 1
    late = [e for e in made if e.data["extent"] == "CHECK" and not e.data["before_arrival"]]
    arrived = {e.case: e.at for e in world.events if e.kind == "arrived" and e.data["side"] == "99101-entry"}
    over = [e for e in made if e.data["before_arrival"] and e.data["began"] < arrived.get(e.case, e.at) < e.at]
    assert late
    assert over


def test_declarations_are_valid_and_distinct() -> None:
    _, nodes = run(small(), "baseline")
    declared = [m for m in nodes.asked if isinstance(m, AdvanceDeclaration) and m.kind == "EXPORT_TRANSIT"]
    assert len(declared) == 30
    containers: list[str] = []
    for message in declared:
        consignment = message.consignment
        etas = [stop.eta for stop in consignment.itinerary]
        assert [stop.role for stop in consignment.itinerary] == ["DEP", "EXT", "ENT", "EXT", "ENT", "DES"]
        assert all(a < b for a, b in pairwise(etas))
        assert message.header.sent_at < etas[0]
        for unit in consignment.transport_equipment:
            assert unit.container_id is not None
            identifiers.check_container(unit.container_id)
            containers.append(unit.container_id)
            identifiers.check_seal(unit.seals[0].id)
        for means in consignment.transport_means:
            if means.identification_type == "20":
                identifiers.check_wagon(means.id)
        identifiers.check_ucr(message.ucr)
        assert (
            sum((item.gross_mass for item in consignment.goods_items), start=consignment.gross_mass * 0)
            <= consignment.gross_mass
        )
        assert len(strip_run(message.ucr)) <= 26
    assert len(set(containers)) == len(containers) == 5 * 41
    ids = [message.header.message_id for message in nodes.asked]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("scenario", [small("detection.irregular_on_list=30 %"), road()], ids=["rail", "road"])
def test_every_message_of_posts_and_traders_passes_validation(scenario: Scenario) -> None:
    _, nodes = run(scenario, "recognition")
    assert {message.CODE for message in nodes.asked} == {"ADV", "ARR", "CTR", "DEP", "INC", "NCF"}
    for message in nodes.asked:
        verdict = validate(encode(message))
        assert verdict.valid, (message.CODE, verdict.findings)


def test_the_carrier_files_in_every_arm_two_hours_before_arrival() -> None:
    for arm in ("baseline", "recognition"):
        world, nodes = run(small(), arm)
        filed = {
            (strip_run(m.ucr), m.office): (m.header.sent_at - world.scenario.start).total_seconds()
            for m in nodes.asked
            if isinstance(m, AdvanceDeclaration) and m.kind == "CARRIER_FILING"
        }
        for event in world.events:
            if event.kind == "arrived" and event.data["side"].endswith("entry"):
                office = event.data["side"].split("-")[0]
                assert filed[event.case, office] <= event.at - 2 * 3600


def test_the_change_of_gauge_is_reported_where_it_happens_and_nowhere_else() -> None:
    _, nodes = run(small(), "baseline")
    changes = [m for m in nodes.asked if isinstance(m, Incident)]
    assert {m.office for m in changes} == {"99101"}
    for message in changes:
        assert message.incident_code == "3"
        assert {len(means.id) for means in message.former_means[1:]} == {7}
        assert {len(means.id) for means in message.new_means[1:]} == {8}


def test_a_crossing_is_reported_only_when_nothing_is_demanded_any_more() -> None:
    _, nodes = run(small(), "baseline")
    open_controls: dict[tuple[str, str], int] = {}
    for message in nodes.asked:
        if isinstance(message, ArrivalAdvice):
            open_controls[message.ucr, message.office] = 1
        elif isinstance(message, ControlResult):
            left = nodes.known[message.ucr].required.get((message.office, message.presentation), [])
            open_controls[message.ucr, message.office] = len(left)
        elif isinstance(message, NotificationOfCrossing):
            assert not nodes.known[message.ucr].required[message.office, message.presentation]


def test_trucks_are_released_as_long_before_arrival_as_luck_says() -> None:
    scenario = road()
    plans = {v.id: v.plan for v in vehicles(scenario, Luck(scenario.seed, 0)) if v.id.startswith("K")}
    leads = [(plan.expected[2] - plan.expected[1]) / 3600 - 0.25 for plan in plans.values()]
    assert all(lead == pytest.approx(1.5) or 4 <= lead <= 30 for lead in leads)
    world, _ = run(scenario, "baseline")
    for event in world.events:
        if event.kind == "arrived" and event.data["vehicle"] in plans:
            assert event.at >= plans[event.data["vehicle"]].expected[2]


def test_a_node_that_demands_what_cannot_be_done_is_told_so() -> None:
    scenario = small("policies.99206010.presentations.EXIT.physical=0 %")

    class Demanding(StandIn):
        def arrived(self, message: ArrivalAdvice):  # type: ignore[no-untyped-def]
            replies = super().arrived(message)
            if message.office == "99206010":
                self.known[message.ucr].required[message.office, "EXIT"] = [("SCAN", "FULL")]
                return [self.decision(message, message.office, "EXIT")]
            return replies

    nodes = Demanding(scenario, "baseline", Luck(1, 0))
    world = World(scenario, luck=Luck(1, 0), ucr=lambda base: f"{base}.AAAAAAAB", ask=nodes.ask)
    nodes.world = world
    with pytest.raises(WorldError, match="99206010-exit: a SCAN control cannot be made here"):
        world.env.run(until=world.finished)
