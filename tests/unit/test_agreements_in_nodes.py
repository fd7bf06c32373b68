"""Agreements at work in nodes: a scope limits what is told, and dates say from when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from exchange.agreements import Agreements, Assumption, Scope
from exchange.codec import decode
from tests.journey import INFORMATION, START, Journey


def with_scope(journey: Journey, scope: Scope) -> None:
    for core in journey.cores.values():
        agreements = Agreements(
            replace(one, scope=scope) if one.id == INFORMATION else one for one in core.standing.agreements
        )
        core.standing = replace(core.standing, agreements=agreements)


def told(journey: Journey) -> set[str]:
    """What China has sent to other territories."""
    return {i.code for i in journey.transport.log if i.header.sender == "CN" and i.header.recipient in ("KZ", "FI")}


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        (Scope(), True),
        (Scope(hs=("84",)), True),
        (Scope(hs=("44",)), False),
        (Scope(modes=frozenset({"2", "3"})), True),
        (Scope(modes=frozenset({"3"})), False),
        (Scope(border_points=("CNHRS",)), True),
        (Scope(border_points=("CNMLX",)), False),
    ],
)
async def test_nothing_is_told_of_goods_beyond_the_scope(scope: Scope, covered: bool) -> None:
    journey = Journey("advance")
    with_scope(journey, scope)
    await journey.leave_xian()
    await journey.wait(minutes=1)
    assert told(journey) == ({"AAR", "ATR", "DEP"} if covered else set())


async def test_a_record_of_goods_beyond_the_scope_is_refused() -> None:
    sending, receiving = Journey("advance"), Journey("advance")
    await sending.leave_xian()
    await sending.wait(minutes=1)
    record = next(decode(i.xml or b"") for i in sending.transport.log if i.code == "ATR")
    node = receiving.cores[record.header.recipient]
    assert node.decide(record, sending.now).refusal is None
    with_scope(receiving, Scope(hs=("44",)))
    refusal = node.decide(record, sending.now).refusal
    assert refusal is not None
    assert (refusal.status, refusal.code) == (403, "no-agreement")


@pytest.mark.parametrize(
    ("since", "until", "covered"), [(-1, None, True), (2, None, False), (None, 1, True), (None, -1, False)]
)
async def test_an_agreement_covers_from_its_day_until_its_day(
    since: int | None, until: int | None, covered: bool
) -> None:
    journey = Journey("baseline")

    def day(offset: int | None) -> date | None:
        return None if offset is None else (START + timedelta(days=offset)).date()

    assumed = Assumption(status="in force", since=day(since), until=day(until))
    for core in journey.cores.values():
        agreements = core.standing.agreements.with_statuses({INFORMATION: assumed})
        core.standing = replace(core.standing, agreements=agreements)
    await journey.leave_xian()
    await journey.wait(minutes=1)
    assert told(journey) == ({"AAR", "ATR", "DEP"} if covered else set())
