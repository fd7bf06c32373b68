"""Modes of transport: what goods travel on is numbered as the rules of the messages ask, leg by leg."""

from __future__ import annotations

import pytest

from exchange.messages import TransportMeans
from exchange.validation.content_rules import _mismatched_means
from exchange.validation.equipment_rules import _wagons
from scenarios.scenario import Flow, load_scenario
from scenarios.scenario.traffic import Mode
from scenarios.world.rolling import DOCUMENTS, MODE_CODES, imo, means
from scenarios.world.schedule import Plan

PLAN = Plan(vehicle="X03", number=3, lodged=0, presented=0, leaves=0, expected={0: 0})


def flow(**changed: object) -> Flow:
    """Return the first flow of the trilateral scenario with parts changed."""
    found: Flow = load_scenario("trilateral_cn_mn_ru").flows[0]
    return found.model_copy(update=changed)


def faults(found: tuple[TransportMeans, ...]) -> list[object]:
    """Return what PIX-018 and PIX-008 find in means of transport."""
    return [*_mismatched_means(found, ()), *_wagons(found, ())]


@pytest.mark.parametrize("mode", ["rail", "road", "sea", "inland_water", "air"])
@pytest.mark.parametrize("country", ["CN", "IR", "RU"])
def test_means_of_every_mode_keep_the_rules(mode: Mode, country: str) -> None:
    found = means(flow(mode=mode), PLAN, range(4, 6), country)
    assert {one.mode_code for one in found} == {MODE_CODES[mode]}
    assert faults(found) == []


def test_the_rules_would_find_a_ship_without_its_check_digit() -> None:
    right = imo(3)
    wrong = right[:-1] + str((int(right[-1]) + 1) % 10)
    assert faults((TransportMeans(mode_code="1", identification_type="10", id=wrong),))


def test_ships_of_two_flows_are_not_one() -> None:
    one, other = (
        means(flow(mode="sea", vehicles=flow().vehicles.model_copy(update={"prefix": prefix})), PLAN, [1], "IN")
        for prefix in ("N", "W")
    )
    assert one != other


def test_a_multimodal_flow_changes_its_means_where_the_mode_changes() -> None:
    whole = flow(mode="multimodal")
    modes: tuple[Mode, ...] = ("sea", "rail", "rail", "sea", "rail")
    whole = whole.model_copy(
        update={"legs": tuple(leg.model_copy(update={"mode": m}) for leg, m in zip(whole.legs, modes, strict=True))}
    )
    assert [whole.leg_mode(number) for number in range(5)] == list(modes)
    assert [number for number in range(6) if whole.mode_changes(number)] == [1, 3, 4]
    assert means(whole, PLAN, [1], "IN")[0].identification_type == "10"
    assert DOCUMENTS[whole.leg_mode(0)] == "BL"
