"""A trader is taken off the list of participants in the middle of a run: the variant of the Green Corridor."""

from __future__ import annotations

import asyncio
from functools import cache

import pytest

from exchange.messages import ParticipantList, RecognitionResponse
from nodes.core import NodeCore
from nodes.reasons import stops
from scenarios.run import Job, conduct
from scenarios.scenario import ScenarioError, load_scenario

SMALL = (
    *("variants.importer-removed.list_changes.0.at=10 d", "warm_up=6 d", "flows.harbin-chita.vehicles.count=30 trucks"),
    *("flows.irkutsk-harbin.vehicles.count=1 trains", "flows.irkutsk-harbin.vehicles.first=6 d"),
)
VARIANT = "variant=importer-removed"


@cache
def russia(*sets: str) -> NodeCore:
    """Return Russia's node after the arm with recognition."""
    nodes: dict[str, NodeCore] = {}
    scenario = load_scenario("green_corridor_ru_cn", (*SMALL, *sets))
    job = Job(scenario=scenario, seed=1, run_id="small", replication=0, arm="recognition", transport="memory")
    asyncio.run(conduct(job, keep=nodes.update))
    return nodes["RU"]


def refused_for_list(node: NodeCore) -> list[RecognitionResponse]:
    told = (entry.message for case in node._cases.values() for entry in case.timeline if entry.kind == "issued")
    answers = [message for message in told if isinstance(message, RecognitionResponse)]
    return [answer for answer in answers if "NOT_LISTED" in {reason.code for reason in answer.reasons}]


def test_what_was_accepted_of_a_trader_taken_off_the_list_is_refused_at_arrival() -> None:
    node = russia(VARIANT)
    lists = [e.message for e in node._own.timeline if isinstance(e.message, ParticipantList)]
    assert [(one.header.recipient, [gone.id for gone in one.removed]) for one in lists] == [("CN", ["CH001"])]
    refused = refused_for_list(node)
    assert refused and {(answer.outcome, answer.stage) for answer in refused} == {("REFUSED", "LAPSED")}
    for answer in refused:
        case = node.case(answer.ucr)
        assert case is not None
        consignment = case.consignment(answer.office)
        assert consignment is not None and consignment.consignee.id == "CH001"
        assert answer.decided_at > lists[0].header.sent_at
        told = [reason for stop in stops(case) for reason in stop["refused"]]
        assert [(one["because"], one["pix"]) for one in told] == [("NOT_LISTED", "PIX-045")]
        assert answer.header.agreement_id == told[0]["agreement"] == "recognition-ru-cn-zabaikalsk"


def test_without_the_change_nobody_is_refused_for_the_list() -> None:
    assert refused_for_list(russia()) == []


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        ((VARIANT, "variants.importer-removed.list_changes.0.trader=XX999"), "trader 'XX999' does not exist"),
        ((VARIANT, "traders.CH001.on_list=false"), "is not on the list at that time"),
        (("variant=nothing",), "variant 'nothing' does not exist.*importer-removed"),
        (("variants.importer-removed.checks.0.reason=WEATHER",), "reason 'WEATHER' does not exist.*NOT_LISTED"),
    ],
)
def test_changes_that_fit_nothing_are_refused_with_what_to_do(sets: tuple[str, ...], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        load_scenario("green_corridor_ru_cn", sets)


def test_a_variant_that_is_not_chosen_leaves_the_scenario_as_it_was() -> None:
    plain, chosen = load_scenario("green_corridor_ru_cn"), load_scenario("green_corridor_ru_cn", [VARIANT])
    assert (plain.list_changes, len(chosen.list_changes)) == ((), 1)
    assert len(chosen.checks) == len(plain.checks) + 1
    assert plain.model_copy(update={"variants": {}}).digest == plain.digest != chosen.digest
