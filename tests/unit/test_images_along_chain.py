"""Inspection images of results that are passed on: fetched, checked, and served by whoever passes the result on."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from exchange.agreements import Agreements, registry
from exchange.luck import Luck
from exchange.messages import FunctionalRejection, InspectionImage, RecognitionResponse
from exchange.messages.parts import Attachment
from nodes.imaging import ANNOUNCED
from nodes.reasons import stops
from nodes.transfer import ImageLine
from scenarios.transport_memory import MemoryTransport
from tests.chain import RECOGNITION, UCR, Chain, agreements

PICTURE = b"what a scanner in Beijing saw" * 50
DIGEST = sha256(PICTURE).hexdigest()
NAMED = (Attachment(sequence_number=1, media_type="image/png", sha256=DIGEST, size=len(PICTURE)),)


def strict(**changes: Any) -> Agreements:
    """Return the agreements; that on recognition asks for images, with ``changes``."""
    terms = registry()[RECOGNITION].recognition
    assert terms is not None
    return agreements(recognition=replace(terms, image_duty=True, **changes))


async def scanned(chain: Chain, named: tuple[Attachment, ...] = NAMED) -> list[str]:
    """Scan goods at Beijing, hand in a picture, and let them go; return a list that grows with each fetch of it."""
    fetches: list[str] = []

    def picture(digest: str) -> bytes:
        fetches.append(digest)
        return PICTURE

    chain.transport = MemoryTransport(chain.cores, keep_xml=True, images=picture)
    await chain.tell_declaration()
    await chain.arrive("9930", "DEPARTURE")
    await chain.wait(hours=2)
    await chain.control("9930", "DEPARTURE", "SCAN", "9930/2", attachments=named)
    await chain.tell(
        InspectionImage, "CN.9930", act_number="9930/2", office="9930", image_id="1", scanner_id="S",
        scanner_kind="XRAY", scan_mode="RAIL", captured_at=chain.now, container_id="CSQU3054383",
        media_type="image/png", sha256=DIGEST, size=len(PICTURE), location=f"/images/{DIGEST}",
    )  # fmt: skip
    await chain.control("9930", "DEPARTURE", "DOCUMENTARY", "9930/1")
    return fetches


def lines(corrupted: float, luck: Luck | None = None) -> dict[str, Any]:
    return {"images": ImageLine(bits_per_second=20e6, corrupted=corrupted)} | ({"luck": luck} if luck else {})


def all_with(terms: Agreements, **profile: Any) -> Chain:
    chain = Chain(dict.fromkeys(("CN", "MN", "RU"), terms))
    for core in chain.cores.values():
        core.standing = replace(core.standing, profile=replace(core.standing.profile, **profile))
    return chain


async def test_the_third_service_fetches_the_image_from_the_second_and_recognises_the_result() -> None:
    chain = all_with(strict(), **lines(0.0))
    await scanned(chain)
    await chain.wait(minutes=10)
    assert chain.told("IMG", "CN", "RU") == []
    [first], [second] = chain.told("IMG", "CN", "MN"), chain.told("IMG", "MN", "RU")
    assert (second.sha256, second.act_number, second.office) == (first.sha256, "9930/2", "9930")
    assert first.may_forward and second.control_result_id == chain.told("CTR", "MN", "RU")[0].header.message_id
    assert (second.header.agreement_id, second.header.correlation_id) == (RECOGNITION, first.header.message_id)
    assert chain.told("CTR", "MN", "RU")[0].attachments[0] == NAMED[0], "the signed original names the digest"
    for country in ("MN", "RU"):
        assert (chain.offer(country).outcome, chain.offer(country).stage) == ("ACCEPTED", "CONDITIONAL")
    assert chain.cores["MN"].may_see_image("RU", UCR, DIGEST)
    assert not chain.cores["CN"].may_see_image("RU", UCR, DIGEST), "China has shown it to Mongolia alone"
    await chain.wait(days=6)
    assert ("SCAN", "FULL") not in await chain.arrive("99602010", "ENTRY")
    case = chain.cores["RU"].case(UCR)
    assert case is not None
    [passed] = stops(case)[0]["passed"]
    assert passed["text"] == "the result of CN, passed on by MN, (act 9930/2, A1) stands for it"


async def test_an_image_that_breaks_on_the_second_way_is_announced_again_by_who_passes_it_on() -> None:
    case = "9CNBJ001-T01C1"
    ways = [("CN>MN", 1, False), ("MN>RU", 1, True), ("MN>RU", 2, False)]
    seed = next(
        seed
        for seed in range(200)
        if all((Luck(seed).uniform(case, way, "image-corrupted", n) < 0.5) is broken for way, n, broken in ways)
    )
    chain = all_with(strict(), **lines(0.5, Luck(seed)))
    await scanned(chain)
    await chain.wait(minutes=10)
    said = [(answer.outcome, [reason.code for reason in answer.reasons]) for answer in chain.told("RCG", "RU", "MN")]
    assert said == [("REFUSED", ["IMAGE"]), ("ACCEPTED", [])]
    assert (len(chain.told("IMG", "CN", "MN")), len(chain.told("IMG", "MN", "RU"))) == (1, 2)


@pytest.mark.parametrize(("corrupted", "fetched", "outcome"), [(0.0, 2, "ACCEPTED"), (1.0, ANNOUNCED, "REFUSED")])
async def test_who_needs_no_image_itself_fetches_it_for_those_ahead(
    corrupted: float, fetched: int, outcome: str
) -> None:
    """Mongolia knows an agreement with China that asks for no image, and that Russia asks for one."""
    found = next(one for one in strict() if one.id == RECOGNITION)
    two = (frozenset({"CN"}), frozenset({"MN"}))
    plain = replace(found, id="plain", sides=two, recognition=registry()[RECOGNITION].recognition)
    chain = all_with(strict(), **lines(corrupted))
    mongolia = chain.cores["MN"]
    mongolia.standing = replace(mongolia.standing, agreements=Agreements([plain, *strict()]))
    fetches = await scanned(chain)
    await chain.wait(hours=7)
    assert (chain.offer("MN").outcome, chain.offer("RU").outcome) == ("ACCEPTED", outcome)
    assert fetches == [DIGEST] * fetched
    assert len(chain.told("IMG", "MN", "RU")) == (outcome == "ACCEPTED")


async def test_without_consent_to_images_the_result_is_refused_by_name_and_no_image_goes_on() -> None:
    closed = strict(with_images=False)
    apart = Agreements([*closed, *_images("CN", "MN"), *_images("MN", "RU")])
    chain = all_with(apart, **lines(0.0))
    await scanned(chain)
    await chain.wait(minutes=10)
    assert chain.offer("MN").outcome == "ACCEPTED"
    assert chain.told("IMG", "MN", "RU") == []
    assert (chain.offer("RU").outcome, chain.offer("RU").reasons) == ("REFUSED", ("NO_CONSENT",))
    [answer] = chain.told("RCG", "RU", "MN")
    assert "by no agreement in force may MN pass an image of CN on to RU" in answer.reasons[0].text


def _images(*parties: str) -> list[Any]:
    """Return an agreement on images between two, which lets nothing go further."""
    found = registry()["images-ru-mn"]
    sides = (frozenset(parties[:1]), frozenset(parties[1:]))
    return [replace(found, id=f"images-{'-'.join(parties).lower()}", sides=sides, status="in force", since=None)]


@pytest.mark.parametrize(
    ("named", "marked", "rule"), [(NAMED, True, "PIX-044"), (NAMED, False, "PIX-044"), ((), True, "PIX-036")]
)
async def test_an_image_that_is_passed_on_without_consent_or_proof_is_rejected(
    named: Any, marked: bool, rule: str
) -> None:
    chain = all_with(strict(), **lines(0.0))
    await scanned(chain, named)
    await chain.wait(minutes=1)
    if named:
        [image] = chain.told("IMG", "MN", "RU")
        russia = chain.cores["RU"]
        closed = [replace(one, forwarding=frozenset()) if one.id == RECOGNITION else one for one in strict()]
        if marked:
            russia.standing = replace(russia.standing, agreements=Agreements(closed))
    else:
        assert chain.told("IMG", "MN", "RU") == [], "nothing proves it"
        image = chain.told("IMG", "CN", "MN")[0]
    body = image.model_dump(exclude={"header", "ucr"}) | {"may_forward": marked}
    header = chain.header("IMG", "MN", "RU")
    again = InspectionImage(header=header, ucr=UCR, **body)
    answers = chain.hear(again)
    [rejection] = [one for one in answers if isinstance(one, FunctionalRejection)]
    assert rejection.errors[0].rule_id == rule
    assert all(one.outcome == "REFUSED" for one in answers if isinstance(one, RecognitionResponse))
