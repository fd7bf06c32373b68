"""Agreements at work in nodes: scope and dates limit what is told, and what is not settled goes to people."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from exchange.agreements import Agreements, Assumption, Scope
from exchange.codec import decode
from tests.journey import INFORMATION, START, UCR, Journey


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


@pytest.mark.parametrize("settled", [False, True])
async def test_what_an_enquiry_does_not_settle_in_28_days_goes_to_people(settled: bool) -> None:
    journey = Journey("advance", enquiry_after=timedelta(days=6))
    await journey.leave_xian()
    await journey.wait(days=68)
    assert journey.codes("CN", "FI").count("ENQ") == 1
    if settled:
        await journey.arrive("FI999900", "DESTINATION")
    await journey.wait(days=26)
    assert "MAQ" not in journey.codes("CN", "FI")
    await journey.wait(days=3)
    assert journey.codes("CN", "FI").count("MAQ") == (0 if settled else 1)
    fired = [e for e in journey.cores["CN"].case(UCR).timeline if e.message and e.message.CODE == "MAQ"]  # type: ignore[union-attr]
    assert [entry.data["liaison"] for entry in fired] == ([] if settled else ["attache@fi.customs.example.org"])
    if not settled:
        [matter] = journey.case("CN")["open_matters"]
        assert (matter["code"], matter["liaison"]["country"]) == ("MAQ", "FI")
        [waiting] = journey.case("FI")["open_matters"]
        assert waiting["liaison"] == {
            "country": "CN",
            "service": "Customs service of China",
            "channel": "customs attaché",
            "address": "attache@cn.customs.example.org",
            "answer_days": [3, 10, 30],
        }
        [received] = [e for e in journey.cores["FI"].case(UCR).timeline if e.message and e.message.CODE == "MAQ"]  # type: ignore[union-attr]
        assert received.data["liaison"] == "attache@cn.customs.example.org"


async def test_without_an_agreement_nobody_is_asked_by_message() -> None:
    journey = Journey("advance", enquiry_after=timedelta(days=6))
    await journey.leave_xian()
    await journey.wait(days=68)
    for core in journey.cores.values():
        core.standing = replace(
            core.standing, agreements=core.standing.agreements.with_statuses({INFORMATION: "signed"})
        )
    await journey.wait(days=29)
    assert "MAQ" not in journey.codes("CN", "FI")


def test_a_node_records_what_it_works_by() -> None:
    standing = Journey("baseline").cores["KZ"].standing
    assert standing.describe()["agreements"][INFORMATION] == "discussed"
    assumed = Assumption(status="in force", since=date(2018, 3, 15))
    dated = replace(standing, agreements=standing.agreements.with_statuses({INFORMATION: assumed}))
    assert dated.describe()["agreements"][INFORMATION] == "in force from 2018-03-15"
