"""Every wrong node fails the checks that are about its fault, and no others.

Each is asked what belongs to its own checks. That it fails nothing else is shown by whole runs in which several faults,
which do not get into each other's way, sit in one node: all that fails there is what some of them must fail.
"""

from __future__ import annotations

import pytest

from scenarios.conform.checks import ALL
from tests.conform.bench import Call, Fault, Inner, Said, checked, node, numbers
from tests.conform.wrong import (
    WRONG,
    answers_200,
    believes_any_signature,
    ignores_the_time_it_is_told,
    shows_everybody_everything,
)

APART = (answers_200, ignores_the_time_it_is_told, shows_everybody_everything)
TOGETHER = {
    "apart": APART,
    "believing": (believes_any_signature,),
    "others": tuple(fault for fault in WRONG if fault not in (*APART, believes_any_signature)),
}


def groups(fault: Fault) -> tuple[str, ...]:
    """Return the groups of the checks that must find a fault."""
    return tuple({check.group: None for check in ALL if check.number in WRONG[fault]})


def one_in_another(outer: Fault, within: Fault) -> Fault:
    """Return the fault of a node in which ``outer`` sits around ``within``."""

    async def both(call: Call, inner: Inner) -> Said:
        async def further_in(call: Call) -> Said:
            return await within(call, inner)

        return await outer(call, further_in)

    return both


@pytest.mark.parametrize("fault", WRONG, ids=lambda fault: fault.__name__)
async def test_a_wrong_node_fails_its_own_checks_and_none_beside_them(fault: Fault) -> None:
    async with node(fault=fault) as wrong:
        report = await checked(wrong.url, only=groups(fault))
    assert numbers(report, "failed") == WRONG[fault]
    assert not report.conforms and len(report.results) > len(WRONG[fault])


@pytest.mark.parametrize("faults", TOGETHER.values(), ids=TOGETHER)
async def test_wrong_nodes_fail_no_others_in_a_whole_run(faults: tuple[Fault, ...]) -> None:
    made = faults[0]
    for fault in faults[1:]:
        made = one_in_another(fault, made)
    async with node(fault=made) as wrong:
        report = await checked(wrong.url)
    assert numbers(report, "failed") == set().union(*(WRONG[fault] for fault in faults))
    assert len(report.results) == len(ALL)


def test_every_wrong_node_is_in_a_whole_run() -> None:
    assert sorted(fault.__name__ for faults in TOGETHER.values() for fault in faults) == sorted(
        fault.__name__ for fault in WRONG
    )
