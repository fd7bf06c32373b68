"""Faults on purpose: pure functions of luck, message and time; what they do to a consignment; fallback."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from exchange.faults import (
    UNHARMED,
    Clock,
    Delay,
    Duplicate,
    Fate,
    Fault,
    Faults,
    Link,
    Loss,
    Outage,
    Partition,
    RandomOutages,
    Reorder,
)
from exchange.limits import Limits
from exchange.luck import Luck
from exchange.messages import Header, Message, NotificationOfCrossing
from exchange.references import message_id, run_ucr
from exchange.store import OutboxRow
from nodes.retrying import pause
from tests.journey import START, Journey

ALL = Link()
LONG_AGO, LATER = START - timedelta(days=9), START + timedelta(days=6)


def told(
    sender: str = "CN", recipient: str = "KZ", case: int = 1, arm: str = "advance", key: str = "ABCDEFG"
) -> Message:
    ucr = run_ucr(f"8CNXA001-T01C{case}", key, arm)
    header = Header(
        message_id=message_id(sender, recipient, "NCF", ucr, case),
        message_type="NCF",
        sender=sender,
        recipient=recipient,
        sent_at=START,
        ordinal=1,
    )
    return NotificationOfCrossing(header=header, ucr=ucr, office="9912", presentation="EXIT", crossed_at=START)


def half_an_hour(_: float) -> int:
    return 1800


def of_all(fault: Fault, count: int = 400) -> Sequence[Fate]:
    faults = Faults([fault], Luck(1))
    return [faults.delivery(told(case=case), 1, START) for case in range(count)]


def test_a_share_of_the_attempts_is_lost_and_each_attempt_has_its_own_luck() -> None:
    fates = of_all(Loss("loss", ALL, 0.25))
    assert 70 < sum(fate.lost == "request" for fate in fates) < 130
    faults = Faults([Loss("loss", ALL, 0.5, "response")], Luck(1))
    tried = [faults.delivery(told(), attempt, START).lost for attempt in range(1, 40)]
    assert set(tried) == {"", "response"}


@pytest.mark.parametrize(
    "fault",
    [
        Loss("f", ALL, 0.5),
        Delay("f", ALL, 0.5, half_an_hour),
        Duplicate("f", ALL, 0.5, half_an_hour),
        RandomOutages("f", frozenset(), 0.5, half_an_hour, 1800),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_run_and_arm_change_no_fate(fault: Fault) -> None:
    one, other = Faults([fault], Luck(7)), Faults([fault], Luck(7))
    times = [START + timedelta(minutes=20 * n) for n in range(200)]
    fates = [one.delivery(told(case=n), 1, at) for n, at in enumerate(times)]
    assert fates == [
        other.delivery(told(case=n, arm="recognition", key="BBBBBBB"), 1, at) for n, at in enumerate(times)
    ]
    assert len(set(fates)) > 1
    elsewhere = Faults([fault], Luck(8))
    assert fates != [elsewhere.delivery(told(case=n), 1, at) for n, at in enumerate(times)]


@pytest.mark.parametrize(
    "fault",
    [
        Loss("f", ALL, 0.0),
        Loss("f", ALL, 0.0, "response"),
        Delay("f", ALL, 0.0, half_an_hour),
        Duplicate("f", ALL, 0.0, half_an_hour),
        Reorder("f", ALL, 0.0, half_an_hour),
        RandomOutages("f", frozenset(), 0.0, half_an_hour, 1800),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_a_share_of_nothing_harms_nothing(fault: Fault) -> None:
    assert set(of_all(fault)) == {UNHARMED}
    assert {Faults([fault], Luck(1))(told(case=case), START) for case in range(400)} == {START}


def test_only_the_first_attempt_is_held_up_or_repeated() -> None:
    faults = Faults([Delay("d", ALL, 1.0, half_an_hour), Duplicate("t", ALL, 1.0, half_an_hour)], Luck(1))
    first = faults.delivery(told(), 1, START)
    assert (first.hold, first.again) == (timedelta(minutes=30), timedelta(minutes=30))
    assert faults.delivery(told(), 2, START) is UNHARMED


def test_a_partition_parts_its_two_groups_for_its_time_and_nobody_else() -> None:
    parted = Partition("p", frozenset({"CN"}), frozenset({"KZ", "RU"}), START, LATER)
    faults = Faults([parted], Luck(1))
    assert faults.delivery(told("CN", "KZ"), 1, START).lost == "request"
    assert faults.delivery(told("RU", "CN"), 1, START).lost == "request"
    assert faults.delivery(told("KZ", "RU"), 1, START) is UNHARMED
    assert faults.delivery(told("CN", "KZ"), 1, LATER) is UNHARMED


def test_an_outage_touches_neither_own_posts_nor_services_apart() -> None:
    faults = Faults([Outage("o", "KZ", START, LATER)], Luck(1))
    assert faults.delivery(told("KZ", "RU"), 1, START).lost == "request"
    assert faults.delivery(told("KZ", "KZ.99101"), 1, START) is UNHARMED
    assert faults.delivery(told("CN", "RU"), 1, START) is UNHARMED


def test_random_outages_last_as_drawn_and_hit_their_share_of_days() -> None:
    outages = RandomOutages("o", frozenset({"KZ"}), 0.1, half_an_hour, 1800)
    luck = Luck(3)
    minutes = 5 * sum(outages.down("KZ", START + timedelta(minutes=m), luck) for m in range(0, 300 * 1440, 5))
    assert 15 * 30 < minutes < 60 * 30  # about 30 of 300 days, half an hour each
    faults = Faults([outages], luck)
    assert all(faults.delivery(told("CN", "RU"), 1, START + timedelta(hours=h)) is UNHARMED for h in range(2000))


def test_a_wrong_clock_seems_ahead_to_one_side_and_behind_to_the_other() -> None:
    faults = Faults([Clock("c", "CN", timedelta(minutes=10), START, LATER)], Luck(1))
    assert faults.delivery(told("CN", "KZ"), 1, START).skew == timedelta(minutes=10)
    assert faults.delivery(told("KZ", "CN"), 1, START).skew == timedelta(minutes=-10)


def test_back_off_doubles_to_its_limit_and_obeys_what_the_partner_asks() -> None:
    row = OutboxRow(message_id="m", sender="CN", recipient="KZ", case="", ordinal=1, since=START, due=START)
    limits = Limits()
    waits = [pause(limits, row, failures).total_seconds() for failures in range(1, 20)]
    assert all(2 ** (n - 1) / 2 <= wait <= 2 ** (n - 1) + 1 for n, wait in enumerate(waits[:8], 1))
    assert max(waits) <= 300 and min(waits[9:]) >= 150
    assert pause(limits, row, 1, retry_after=77) == timedelta(seconds=77)


# --- a consignment ---------------------------------------------------------------------------------------------------


class Only:
    """Faults for the first attempt of messages of one code."""

    def __init__(self, code: str, fate: Fate) -> None:
        self.code, self.given = code, fate
        self.attempts: list[tuple[str, int, datetime]] = []

    def __call__(self, message: Message, due: datetime) -> datetime | None:
        return due

    def delivery(self, message: Message, attempt: int, now: datetime) -> Fate:
        if self.code != message.CODE or "." in message.header.recipient:
            return UNHARMED
        self.attempts.append((message.header.recipient, attempt, now))
        return self.given if attempt == 1 else UNHARMED


async def to_altynkol(journey: Journey) -> list[tuple[str, str]]:
    await journey.leave_xian()
    await journey.wait(days=5)
    await journey.file("99101")
    return await journey.work("99101", "ENTRY", await journey.arrive("99101", "ENTRY"))


@pytest.mark.parametrize("what", ["request", "response"])
async def test_what_is_lost_is_sent_again_and_taken_once(what: Any) -> None:
    faults = Only("ATR", Fate(lost=what, reason="test"))
    journey, plain = Journey("recognition", faults=faults), Journey("recognition")
    assert await to_altynkol(journey) == await to_altynkol(plain)
    assert journey.codes("CN", "KZ").count("ATR") == 1
    first, second = [at for recipient, _, at in faults.attempts if recipient == "KZ"]
    assert timedelta(seconds=1) <= second - first <= timedelta(seconds=2)
    if what == "response":
        assert journey.case("KZ") == plain.case("KZ")


async def test_what_comes_twice_has_no_second_effect() -> None:
    twice = Only("CTR", Fate(again=timedelta(hours=3)))
    journey, plain = Journey("recognition", faults=twice), Journey("recognition")
    assert await to_altynkol(journey) == await to_altynkol(plain)
    assert ("KZ", 2) in {(recipient, attempt) for recipient, attempt, _ in twice.attempts}
    assert journey.codes("CN", "KZ") == plain.codes("CN", "KZ")
    assert journey.case("KZ") == plain.case("KZ")


async def test_what_is_held_up_keeps_its_case_in_order() -> None:
    journey = Journey("recognition", faults=Only("ATR", Fate(hold=timedelta(minutes=30))))
    await journey.leave_xian()
    assert journey.codes("CN", "KZ") == []
    await journey.wait(minutes=31)
    assert journey.codes("CN", "KZ")[:2] == ["ATR", "CTR"]
    assert journey.case("KZ")["parked"] == []


def down(until: datetime) -> Faults:
    return Faults([Outage("down", "KZ", LONG_AGO, until)], Luck(1))


async def test_a_border_that_was_not_told_works_as_in_the_baseline_and_what_follows_changes_nothing() -> None:
    journey, plain = Journey("recognition", faults=down(LATER)), Journey("baseline")
    assert await to_altynkol(journey) == await to_altynkol(plain)
    made = journey.case("KZ")["control_results"]
    assert journey.codes("CN", "KZ") == []
    await journey.wait(days=3)
    came = [item for item in journey.transport.log if (item.header.sender, item.header.recipient) == ("CN", "KZ")]
    flagged = {item.code: item.header for item in came if item.header.fallback_indicator}
    assert {"ATR", "CTR"} <= set(flagged)
    assert all(header.sent_at < START + timedelta(hours=4) for header in flagged.values())  # the original times
    assert [item.code for item in came].count("ATR") == 1
    assert [one for one in journey.case("KZ")["control_results"] if one in made] == made
    [record] = [one for one in journey.case("KZ")["movements"] if one["told"] is not None]
    assert record["usable"] is False
    assert "NCK" not in journey.codes("KZ", "CN")


async def test_what_comes_two_hours_ahead_is_no_fallback() -> None:
    journey = Journey("recognition", faults=down(START + timedelta(days=5, hours=21)))
    await journey.leave_xian()
    await journey.wait(days=9)
    assert {"ATR", "CTR"} <= set(journey.codes("CN", "KZ"))
    assert not any(item.header.fallback_indicator for item in journey.transport.log)


async def test_a_follow_up_of_what_had_come_after_all_is_taken_without_effect() -> None:
    class Unreceipted(Only):
        def delivery(self, message: Message, attempt: int, now: datetime) -> Fate:
            away = message.header.recipient == "KZ" and not message.header.fallback_indicator and now < LATER
            return Fate(lost="response", reason="test") if away else UNHARMED

    journey, plain = Journey("recognition", faults=Unreceipted("", UNHARMED)), Journey("recognition")
    assert await to_altynkol(journey) == await to_altynkol(plain)
    await journey.wait(days=3)
    assert journey.codes("CN", "KZ").count("ATR") == 2
    assert "NCK" not in journey.codes("KZ", "CN")
    assert journey.codes("KZ", "CN").count("RCG") == plain.codes("KZ", "CN").count("RCG")
    assert len([one for one in journey.case("KZ")["movements"] if one["told"] is not None]) == 1
