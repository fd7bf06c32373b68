"""A control result that travels from service to service: passed on, recognised as its originator's, and proven."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from exchange.agreements import registry
from exchange.codec import encode
from exchange.members import Member, Members
from exchange.messages import ControlResult, RecognitionResponse, SealFound
from exchange.origin import NotProven, prove
from exchange.signatures import PrivateKey
from tests.chain import RECOGNITION, UCR, Chain, agreements


async def test_a_result_goes_to_the_next_service_which_passes_it_on() -> None:
    chain = Chain()
    await chain.leave()
    assert chain.told("CTR", "CN", "RU") == []
    [first] = chain.told("CTR", "CN", "MN")
    [second] = chain.told("CTR", "MN", "RU")
    assert (first.may_forward, second.may_forward) == (True, True)
    assert (second.act_number, second.office, second.ended_at) == (first.act_number, "9930", first.ended_at)
    assert second.header.correlation_id == first.header.message_id
    assert (chain.offer("RU").outcome, chain.offer("RU").stage) == ("ACCEPTED", "CONDITIONAL")
    answers = chain.told("RCG", "MN", "CN")
    assert {(a.office, a.outcome, a.control_result_id) for a in answers} == {
        (office, "ACCEPTED", first.header.message_id) for office in ("99301", "99602010")
    }
    assert chain.offer("MN").outcome == "ACCEPTED"


async def test_it_stands_for_the_scan_at_both_borders_and_china_hears_that_it_was_confirmed() -> None:
    chain = Chain()
    await chain.leave()
    await chain.wait(days=3)
    for office in ("99301", "99602010"):
        assert ("SCAN", "FULL") not in await chain.arrive(office, "ENTRY")
        await chain.wait(days=3)
    confirmed = [a.office for a in chain.told("RCG", "MN", "CN") if a.stage == "CONFIRMED"]
    assert confirmed == ["99301", "99602010"]


async def test_what_lapses_at_one_border_still_counts_at_the_other() -> None:
    """Each service goes by what its own post finds."""
    chain = Chain()
    await chain.leave()
    await chain.wait(days=3)
    broken = (SealFound(sequence_number=1, id="CN0001", state="BROKEN"),)
    assert ("SCAN", "FULL") in await chain.arrive("99301", "ENTRY", seals_found=broken)
    assert (chain.offer("MN").outcome, chain.offer("MN").reasons) == ("REFUSED", ("SEAL",))
    assert chain.offer("RU").outcome == "ACCEPTED"
    await chain.wait(days=3)
    heavy = {"found_mass": Decimal("20500")}  # 18,000 kg declared
    assert ("SCAN", "FULL") in await chain.arrive("99602010", "ENTRY", **heavy)
    assert (chain.offer("RU").outcome, chain.offer("RU").reasons) == ("REFUSED", ("MASS",))
    await chain.wait(minutes=5)
    lapsed = [(a.office, a.reasons[0].code) for a in chain.told("RCG", "MN", "CN") if a.stage == "LAPSED"]
    assert lapsed == [("99301", "SEAL"), ("99602010", "MASS")]


async def test_without_a_chain_all_are_told_at_once_and_nothing_is_passed_on() -> None:
    direct = agreements(chain=False)
    chain = Chain(dict.fromkeys(("CN", "MN", "RU"), direct))
    await chain.leave()
    assert [chain.told("CTR", "CN", country)[0].may_forward for country in ("MN", "RU")] == [False, False]
    assert chain.told("CTR", "MN", "RU") == []
    assert chain.offer("RU").outcome == "ACCEPTED"


async def test_without_consent_nothing_is_passed_on_and_what_comes_all_the_same_is_refused() -> None:
    silent = agreements(forwarding=frozenset({"CN"}))
    chain = Chain({"MN": silent})
    await chain.leave()
    assert chain.told("CTR", "CN", "MN")[0].may_forward
    assert chain.told("CTR", "MN", "RU") == []
    assert ("SCAN", "FULL") in await chain.arrive("99602010", "ENTRY")
    careless = Chain({"RU": silent})
    await careless.leave()
    assert len(careless.told("CTR", "MN", "RU")) == 1
    assert (careless.offer("RU").outcome, careless.offer("RU").reasons) == ("REFUSED", ("NO_CONSENT",))


@pytest.mark.parametrize(
    ("changes", "reason"), [({"may_forward": False}, "NO_CONSENT"), ({"attachments": ()}, "NO_ORIGIN")]
)
async def test_a_result_of_another_service_needs_its_leave_and_its_name(changes: dict[str, Any], reason: str) -> None:
    chain = Chain()
    await chain.leave()
    [passed_on] = chain.told("CTR", "MN", "RU")
    other = Chain({"MN": agreements(forwarding=frozenset())})
    await other.leave()
    [answer] = other.hear(passed_on.model_copy(update=changes))
    assert isinstance(answer, RecognitionResponse)
    assert (answer.outcome, answer.reasons[0].code) == ("REFUSED", reason)


async def test_an_act_that_came_by_two_ways_counts_once() -> None:
    chain = Chain()
    await chain.leave()
    [first], [second] = chain.told("CTR", "CN", "MN"), chain.told("CTR", "MN", "RU")
    header = first.header.model_copy(update={"recipient": "RU", "message_id": second.header.message_id[:-4] + "0001"})
    [answer] = chain.hear(first.model_copy(update={"header": header}))
    assert isinstance(answer, RecognitionResponse)
    assert (answer.outcome, answer.reasons[0].code) == ("REFUSED", "KNOWN")
    case = chain.cores["RU"].case(UCR)
    assert case is not None
    assert [(o.result.header.sender, o.outcome) for o in case.offers.values()] == [("MN", "ACCEPTED")]


async def test_an_act_that_is_superseded_is_revoked_along_the_whole_chain() -> None:
    chain = Chain()
    await chain.leave()
    case = chain.cores["CN"].case(UCR)
    assert case is not None
    scan = next(act for act in case.sides["9930", "DEPARTURE"].made if act.form == "SCAN")
    await chain.wait(hours=1)
    await chain.control(
        "9930", "DEPARTURE", "SCAN", "9930/3", result="B1", offence_indicator=True, supersedes=scan.header.message_id
    )
    await chain.wait(minutes=5)
    for sender, recipient in (("CN", "MN"), ("MN", "RU")):
        earlier, later = chain.told("CTR", sender, recipient)
        assert later.supersedes == earlier.header.message_id
        case = chain.cores[recipient].case(UCR)
        assert case is not None
        known = [(offer.outcome, offer.reasons) for offer in case.offers.values()]
        assert known == [("REVOKED", ("REVOKED",)), ("REFUSED", ("RESULT",))]
    assert chain.cores["CN"].case(UCR).state == "DETAINED"  # type: ignore[union-attr]
    await chain.wait(days=3)
    for office in ("99301", "99602010"):
        assert ("SCAN", "FULL") in await chain.arrive(office, "ENTRY")


async def test_only_an_act_that_was_reported_can_be_superseded() -> None:
    chain = Chain()
    await chain.leave()
    [refused] = await chain.control(
        "9930", "DEPARTURE", "SCAN", "9930/3", supersedes="00000000-0000-5000-8000-000000000000"
    )
    assert refused.errors[0].code == "90"  # type: ignore[attr-defined]
    assert len(chain.told("CTR", "CN", "MN")) == 1


@pytest.mark.parametrize(("days", "outcome", "reasons"), [(5, "REFUSED", ("STALE",)), (8, "ACCEPTED", ())])
async def test_the_agreement_says_how_old_a_control_may_be(days: int, outcome: str, reasons: tuple[str, ...]) -> None:
    terms = registry()[RECOGNITION].recognition
    assert terms is not None
    short = agreements(recognition=replace(terms, max_age_days=days))
    chain = Chain(dict.fromkeys(("CN", "MN", "RU"), short))
    await chain.leave()
    assert chain.offer("MN").outcome == "ACCEPTED"
    assert (chain.offer("RU").outcome, chain.offer("RU").reasons) == (outcome, reasons)
    if outcome == "ACCEPTED":  # it comes three days late
        await chain.wait(days=10)
        assert ("SCAN", "FULL") in await chain.arrive("99602010", "ENTRY")
        assert chain.offer("RU").reasons == ("STALE",)


@pytest.mark.parametrize(
    ("stated", "residual", "again"), [(False, 1.0, True), (False, 0.0, False), (True, 1.0, False), (False, None, True)]
)
async def test_the_residual_share_is_the_agreements_unless_the_policy_states_one(
    stated: bool, residual: float | None, again: bool
) -> None:
    """Where neither states one, the service's profile does (here: all are controlled)."""
    own = 0.0 if stated else 1.0
    terms = agreements(residual=residual)
    chain = Chain(dict.fromkeys(("CN", "MN", "RU"), terms), residual=own, residual_stated=stated)
    await chain.leave()
    await chain.wait(days=3)
    assert (("SCAN", "FULL") in await chain.arrive("99301", "ENTRY")) is again


async def test_the_originators_signature_proves_where_a_result_comes_from() -> None:
    chain = Chain()
    await chain.leave()
    [first], [second] = chain.told("CTR", "CN", "MN"), chain.told("CTR", "MN", "RU")
    key, other = PrivateKey.generate(), PrivateKey.generate()
    members = Members([Member.of("CN", None, key.public), Member.of("MN", None, other.public)])
    data = encode(first)
    signature = key.sign_bytes(data, chain.now)
    assert prove(second, data, signature, members) == "CN"
    changed = first.model_copy(update={"result": "A5"})
    heavier = second.model_copy(update={"found_mass": Decimal("1")})
    wrong: list[tuple[ControlResult, bytes, str, str]] = [
        (second, data, other.sign_bytes(data, chain.now), "signature"),
        (second, encode(changed), key.sign_bytes(encode(changed), chain.now), "digest"),
        (heavier, data, signature, "found_mass"),
        (first, data, signature, "names no original"),
    ]
    for passed_on, original, token, named in wrong:
        with pytest.raises(NotProven, match=named):
            prove(passed_on, original, token, members)
