"""Image duty: a scan counts only with an image that arrived whole; one that did not is named, and sent again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from exchange.agreements import Agreements
from exchange.codec import decode
from exchange.entries import FETCH, Fetch
from exchange.luck import Luck
from exchange.messages import ControlResult, InspectionImage, RecognitionResponse
from nodes.imaging import ANNOUNCED, LARGEST
from nodes.transfer import ImageLine, judge
from scenarios.transport_memory import MemoryTransport
from tests.journey import RECOGNITION, UCR, Journey

PICTURE = b"a picture of what is in the container" * 100
DIGEST = sha256(PICTURE).hexdigest()


def journey(
    line: ImageLine | None = None, images: Mapping[str, bytes] | None = None, luck: Luck | None = None
) -> Journey:
    """Return the journey of other tests, under an agreement that asks for images."""
    made = Journey("recognition", images=line or ImageLine(bits_per_second=20e6))
    for core in made.cores.values():
        found = core.standing.agreements[RECOGNITION]
        assert found.recognition is not None
        strict = replace(found, recognition=replace(found.recognition, image_duty=True))
        others = [one for one in core.standing.agreements if one.id != RECOGNITION]
        profile = replace(core.standing.profile, luck=luck or Luck(1))
        core.standing = replace(core.standing, profile=profile, agreements=Agreements([*others, strict]))
    known = {DIGEST: PICTURE} if images is None else images
    made.transport = MemoryTransport(made.cores, keep_xml=True, images=known.get)
    return made


async def scanned(one: Journey, image: bool = True, **changes: Any) -> None:
    """Let the goods be scanned at departure and leave; with ``image`` the post tells of a picture."""
    await one.leave_xian()
    if not image:
        return
    body: dict[str, Any] = {
        "act_number": "9911/SCAN/FULL", "office": "9911", "image_id": "1", "scanner_id": "S", "scanner_kind": "XRAY",
        "scan_mode": "RAIL", "captured_at": acts(one)[0].ended_at, "container_id": "CSQU3054383",
        "media_type": "image/png", "sha256": DIGEST, "size": len(PICTURE), "location": f"/images/{DIGEST}",
    }  # fmt: skip
    await one.tell(InspectionImage, "CN.9911", **(body | changes))


def acts(one: Journey) -> list[ControlResult]:
    found = [decode(item.xml or b"") for item in one.transport.log if item.code == "CTR"]
    return [m for m in found if isinstance(m, ControlResult) and m.form == "SCAN"]


def answers(one: Journey, service: str = "KZ") -> list[tuple[str, str, list[str]]]:
    """Return how ``service`` answered, in order: outcome, stage, reasons."""
    found = [decode(item.xml or b"") for item in one.transport.log if item.code == "RCG"]
    return [
        (m.outcome, m.stage, [reason.code for reason in m.reasons])
        for m in found
        if isinstance(m, RecognitionResponse) and m.header.sender == service
    ]


def notices(one: Journey, service: str = "KZ") -> int:
    return sum(item.code == "IMG" and item.header.recipient == service for item in one.transport.log)


async def test_a_result_is_recognised_once_its_image_has_come_whole() -> None:
    one = journey(ImageLine(bits_per_second=20e6, stands_for=25_000_000))
    await scanned(one)
    await one.wait(seconds=8)
    assert answers(one) == []
    await one.wait(seconds=10)
    assert answers(one) == [("ACCEPTED", "CONDITIONAL", [])]
    fired = [entry["outcome"] for entry in one.case("KZ")["recognitions"]]
    assert fired == ["ACCEPTED"]
    assert notices(one) == 1


async def test_a_corrupt_image_is_named_announced_again_and_then_accepted() -> None:
    for seed in range(20):  # one of them corrupts the first transfer alone
        first, second = (Luck(seed).uniform("8CNXA001-T01C1", "CN>KZ", "image-corrupted", n) for n in (1, 2))
        if first < 0.5 < second:
            break
    one = journey(ImageLine(bits_per_second=20e6, corrupted=0.5), luck=Luck(seed))
    await scanned(one)
    await one.wait(minutes=5)
    assert answers(one) == [("REFUSED", "LAPSED", ["IMAGE"]), ("ACCEPTED", "CONDITIONAL", [])]
    assert notices(one) == 2


async def test_an_image_that_stays_corrupt_is_announced_only_so_often() -> None:
    one = journey(ImageLine(bits_per_second=20e6, corrupted=1.0))
    await scanned(one)
    await one.wait(hours=7)
    assert answers(one) == [("REFUSED", "LAPSED", ["IMAGE"])] * ANNOUNCED
    assert notices(one) == ANNOUNCED


async def test_an_image_that_nobody_handed_in_is_missing() -> None:
    one = journey(images={})
    await scanned(one)
    await one.wait(minutes=5)
    assert set(map(str, answers(one))) == {str(("REFUSED", "LAPSED", ["IMAGE"]))}


async def test_a_result_without_any_image_is_refused_after_six_hours() -> None:
    one = journey()
    await scanned(one, image=False)
    await one.wait(hours=5)
    assert answers(one) == []
    await one.wait(hours=2)
    assert answers(one) == [("REFUSED", "LAPSED", ["IMAGE"])]


async def test_an_image_beyond_the_limit_is_not_fetched() -> None:
    one = journey()
    await scanned(one, size=LARGEST + 1)
    await one.wait(minutes=5)
    assert notices(one) == 0, "the own service refuses it already"
    await one.wait(hours=7)
    assert answers(one) == [("REFUSED", "LAPSED", ["IMAGE"])]


async def test_without_the_duty_nothing_waits_for_an_image_and_none_is_fetched() -> None:
    one = Journey("recognition")
    await scanned(one)
    await one.wait(seconds=10)
    assert answers(one) == [("ACCEPTED", "CONDITIONAL", [])]
    assert notices(one) == 1


@pytest.mark.parametrize(
    ("data", "outcome"),
    [(PICTURE, "WHOLE"), (PICTURE[:-1], "CORRUPT"), (b"b" + PICTURE[1:], "CORRUPT"), (None, "MISSING")],
)
def test_an_image_is_judged_by_its_size_and_digest(data: bytes | None, outcome: str) -> None:
    found, text = judge(data, len(PICTURE), DIGEST)
    assert found == outcome
    assert bool(text) == (outcome != "WHOLE")


def test_a_fetch_waits_as_a_timer() -> None:
    due = journey().now + timedelta(seconds=10)
    fetch = Fetch(case=UCR, partner="CN", sha256=DIGEST, size=LARGEST, attempt=ANNOUNCED, due=due)
    assert fetch.purpose.startswith(FETCH)
    assert len(fetch.purpose) <= 100, "the store holds no longer purpose"
    assert Fetch.of(UCR, fetch.purpose, due) == fetch


@pytest.mark.parametrize(("size", "seconds"), [(25_000_000, 10), (99_000_000, 40), (1000, 1)])
def test_a_line_takes_its_time(size: int, seconds: int) -> None:
    assert ImageLine(bits_per_second=20e6).seconds(size) == seconds
    assert ImageLine(bits_per_second=20e6, stands_for=25_000_000).seconds(size) == 10
    assert ImageLine().seconds(size) == 0
