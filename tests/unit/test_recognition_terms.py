"""What a control result is worth by the terms of the agreement, by what was found, and by the seals on the way."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from exchange.agreements import registry
from exchange.messages import ControlResult, FunctionalRejection, RecognitionResponse, Seal, SealFound
from nodes.forwarding import CARRIED
from nodes.profile import SidePolicy
from tests.chain import RECOGNITION, UCR, Chain, agreements, goods
from tests.journey import START

TERMS = registry()[RECOGNITION].recognition
assert TERMS is not None
ACT: dict[str, Any] = {"act_number": "9930/9", "form": "WEIGHING"}


async def offered(chain: Chain, **changes: Any) -> tuple[str, str | None]:
    """Let Mongolia hear of one more result of China; return outcome and reason of its answer."""
    await chain.leave()
    known = chain.told("CTR", "CN", "MN")[-1]
    header = known.header.model_copy(update={"message_id": known.header.message_id[:-4] + "0001"})
    made = chain.hear(known.model_copy(update={"header": header, **ACT, **changes}))
    [answer] = [message for message in made if isinstance(message, RecognitionResponse)]
    return answer.outcome, answer.reasons[0].code if answer.reasons else None


def changed(**terms: Any) -> dict[str, Any]:
    """Return what all three know: the agreement with other terms of recognition."""
    assert TERMS is not None
    return dict.fromkeys(("CN", "MN", "RU"), agreements(recognition=replace(TERMS, **terms)))


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({}, ("ACCEPTED", None)),
        ({"result": "A5"}, ("REFUSED", "RESULT")),
        ({"result": "A4"}, ("REFUSED", "RESULT")),
        ({"scope": "PART"}, ("PARTIAL", "SCOPE")),
        ({"form": "DOCUMENTARY"}, ("REFUSED", "FORM")),
        ({"declared_mass": Decimal(10000), "found_mass": Decimal(10501)}, ("REFUSED", "MASS")),
        ({"declared_mass": Decimal(10000), "found_mass": Decimal(10500)}, ("ACCEPTED", None)),
        ({"form": "SCAN", "declared_mass": Decimal(10000), "found_mass": Decimal(11001)}, ("REFUSED", "MASS")),
        ({"form": "SCAN", "declared_mass": Decimal(10000), "found_mass": Decimal(9000)}, ("ACCEPTED", None)),
    ],
)
async def test_what_was_done_and_found_decides(changes: dict[str, Any], answer: tuple[str, str | None]) -> None:
    """A weighbridge may differ by 5 %, a scanner by 10 % (PIX-037)."""
    assert await offered(Chain(), **changes) == answer


async def test_minor_discrepancies_count_in_part_where_the_agreement_names_them() -> None:
    chain = Chain(changed(results=frozenset({"A1", "A4"})))
    assert await offered(chain, result="A4") == ("PARTIAL", "RESULT")
    await chain.wait(days=3)
    assert ("WEIGHING", "FULL") not in await chain.arrive("99301", "ENTRY")


async def test_what_was_not_done_never_stands_for_a_control_of_the_goods() -> None:
    """A2 means documents only, or no control at all (NCTS rule G0126), whatever an agreement says."""
    results, forms = frozenset({"A1", "A2", "A3"}), frozenset({"DOCUMENTARY", "SCAN", "WEIGHING"})
    for result, form, outcome in (
        ("A2", "WEIGHING", "REFUSED"),
        ("A3", "SCAN", "REFUSED"),
        ("A2", "DOCUMENTARY", "ACCEPTED"),
    ):
        chain = Chain(changed(results=results, forms=forms))
        assert (await offered(chain, result=result, form=form))[0] == outcome


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        (agreements(until=START.date()), "NO_AGREEMENT"),
        (agreements(scope=replace(registry()[RECOGNITION].scope, hs=("2701",))), "SCOPE"),
        (agreements(scope=replace(registry()[RECOGNITION].scope, border_points=("RUZBK",))), "SCOPE"),
        (agreements(scope=replace(registry()[RECOGNITION].scope, modes=frozenset({"3"}))), "SCOPE"),
        (changed(participants_only=True)["MN"], "NOT_LISTED"),
    ],
)
async def test_each_limit_of_the_agreement_is_named(terms: Any, reason: str) -> None:
    """Mongolia reads the agreement otherwise than China does."""
    chain = Chain({"MN": terms})
    await chain.leave()
    assert (chain.offer("MN").outcome, chain.offer("MN").reasons) == ("REFUSED", (reason,))


async def test_a_post_cannot_report_a_mass_beyond_the_tolerance_as_satisfactory() -> None:
    weighing = {("99301", "ENTRY"): SidePolicy(shares={"WEIGHING": 1.0})}
    chain = Chain(policies=weighing)
    await chain.leave()
    await chain.wait(days=3)
    assert await chain.arrive("99301", "ENTRY") == [("WEIGHING", "FULL")]
    masses = {"declared_mass": Decimal(18000), "found_mass": Decimal(19000)}
    refused = await chain.control("99301", "ENTRY", "WEIGHING", "99301/1", **masses)
    assert isinstance(refused[0], FunctionalRejection)
    assert refused[0].errors[0].rule_id == "PIX-037"
    await chain.control("99301", "ENTRY", "WEIGHING", "99301/2", **masses, result="A5")
    case = chain.cores["MN"].case(UCR)
    assert case is not None
    assert case.state == "DETAINED"


@pytest.mark.parametrize("told", [True, False])
async def test_seals_that_a_control_changed_are_the_ones_expected(told: bool) -> None:
    """Mongolia opens the container: China's scan still counts in Russia if Mongolia says so (PIX-031)."""
    inspection = {("99301", "ENTRY"): SidePolicy(shares={"PHYSICAL": 1.0})}
    chain = Chain(policies=inspection)
    await chain.leave()
    await chain.wait(days=3)
    assert ("PHYSICAL", "FULL") in await chain.arrive("99301", "ENTRY")
    seals = {
        "seals_removed": (Seal(sequence_number=1, id="CN0001"),),
        "seals_affixed": (Seal(sequence_number=1, id="MN7001"),),
    }
    await chain.control("99301", "ENTRY", "PHYSICAL", "99301/1", **(seals if told else {}))
    await chain.wait(days=3)
    found = (SealFound(sequence_number=1, id="MN7001", state="INTACT"),)
    demanded = await chain.arrive("99602010", "ENTRY", seals_found=found)
    assert (("SCAN", "FULL") in demanded) is not told
    assert (chain.offer("RU").stage, chain.offer("RU").reasons) == (
        ("CONFIRMED", ()) if told else ("LAPSED", ("SEAL",))
    )


async def test_goods_beyond_the_scope_are_offered_to_nobody() -> None:
    item = goods().goods_items[0].model_copy(update={"hs_code": "392690"})
    chain = Chain(load=goods(goods_items=(goods().goods_items[0], item.model_copy(update={"sequence_number": 2}))))
    await chain.tell_declaration()
    assert ("SCAN", "FULL") not in await chain.arrive("9930", "DEPARTURE")


def test_an_act_keeps_what_its_originator_wrote() -> None:
    """Nothing that a result says of the control itself is left behind when it goes on."""
    own = {"header", "ucr", "mrn", "valid_until", "supersedes", "may_forward"}
    assert set(CARRIED) == set(ControlResult.model_fields) - own
