"""What the live page is told of a message and a consignment comes from the nodes over HTTP, and is checked again."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from math import inf

import pytest
import pytest_asyncio

from exchange.validation import validate
from scenarios.demo import proofs
from scenarios.demo.stage import Part, Stage, StageError
from scenarios.demo.told import Passed, Update
from scenarios.demo.trying import Deed
from scenarios.run import default_run_id
from scenarios.scenario import load_scenario

SMALL = ["flows.0.vehicles.count=1 trains", "warm_up=1 d", "flows.0.vehicles.consignments=2 consignments"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def played() -> AsyncIterator[tuple[Stage, Update]]:
    scenario = load_scenario("green_corridor_ru_mn_images", SMALL)
    stage = Stage(Part(scenario=scenario, arm="recognition", seed=1, run_id=default_run_id(scenario, 1)))
    try:
        await stage.open()
        yield stage, await stage.play_to(inf)
    finally:
        await stage.close()


def _between(told: Update, sender_is_post: bool, recipient_is_post: bool) -> list[Passed]:
    ways = {(True, False), (False, False), (False, True)}
    assert (sender_is_post, recipient_is_post) in ways
    return [m for m in told.messages if ("." in m.sender, "." in m.recipient) == (sender_is_post, recipient_is_post)]


@pytest.mark.asyncio(loop_scope="module")
async def test_every_message_is_kept_by_a_node_as_it_was_sent(played: tuple[Stage, Update]) -> None:
    stage, told = played
    found: Counter[tuple[str, str]] = Counter()
    for passed in told.messages:
        letter = await stage.letter(passed.id)
        assert letter.data == await stage.xml(passed.id)
        assert letter.kept_by in stage.transport.nodes
        assert "broken" not in (letter.signature.state, letter.receipt.state), letter
        assert validate(letter.data).valid
        way = "service" if "." not in passed.recipient else "post"
        found[way, letter.signature.state] += 1
        if letter.signature.state == "verified":
            assert (letter.signature.facts["signer"], letter.signature.facts["alg"]) == (passed.sender, "Ed25519")
        if way == "service":
            assert letter.signature.state == letter.receipt.state == "verified"
            assert letter.receipt.facts["recipient"] == passed.recipient
        else:  # an immediate answer goes under its signature alone; what is delivered later is receipted
            states = {letter.signature.state, letter.receipt.state}
            # a node stores that something was delivered with its next entry: at the very end there is none
            assert states == {"verified", "none"} or (states == {"none"} and passed.at > told.messages[-1].at - 60)
    assert found["service", "none"] == 0
    assert found["service", "verified"] and found["post", "verified"] and found["post", "none"]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_receipt_for_other_bytes_and_a_signature_of_another_are_told_as_broken(
    played: tuple[Stage, Update],
) -> None:
    stage, told = played
    passed = _between(told, False, False)[0]
    item, letter = stage._xml[passed.id], await stage.letter(passed.id)
    members = stage.transport.members
    other = letter.data.replace(b"<Ordinal>", b"<Ordinal>1", 1)
    assert proofs._signature(letter.signature.token, other, item, members).state == "broken"
    assert proofs._receipt(letter.receipt.token, other, item, members).state == "broken"
    third = next(m for m in told.messages if m.sender not in (passed.sender,) and "." not in m.recipient)
    token = (await stage.letter(third.id)).signature.token
    assert proofs._signature(token, letter.data, item, members).state == "broken"
    with pytest.raises(StageError, match="no message nonsense"):
        await stage.letter("nonsense")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_case_and_its_image_come_from_the_nodes(played: tuple[Stage, Update]) -> None:
    stage, told = played
    views = {case: await stage.cases(case) for case in dict.fromkeys(m.case for m in told.messages if m.case)}
    assert all({"RU", "MN"} <= set(view) for view in views.values())
    assert all(view["RU"]["stops"] for view in views.values())
    shown = [(node, image) for view in views.values() for node, one in view.items() for image in one["images"]]
    assert shown
    node, named = shown[0]
    data, media_type = await stage.image(node, named["sha256"])
    assert (media_type, len(data), data[:4]) == ("image/png", named["size"], b"\x89PNG")
    with pytest.raises(proofs.Unread, match="answered 404"):
        await stage.image(node, "0" * 64)
    assert await stage.cases("no such case") == {}


@pytest.mark.asyncio(loop_scope="module")
async def test_answers_to_results_are_told_with_their_result(played: tuple[Stage, Update]) -> None:
    _, told = played
    answers = [m for m in told.messages if m.code == "RCG"]
    assert answers and all(m.answers is not None for m in answers)
    results = {m.id for m in told.messages if m.code == "CTR"}
    assert all(m.answers is not None and m.answers[0] in results for m in answers)
    assert all(m.answers is None for m in told.messages if m.code != "RCG")


async def test_a_message_that_arrived_corrupt_is_told_as_refused_and_then_as_delivered() -> None:
    scenario = load_scenario("green_corridor_ru_mn_images", SMALL)
    stage = Stage(Part(scenario=scenario, arm="recognition", seed=1, run_id=default_run_id(scenario, 1)))
    try:
        await stage.open()
        told = [await stage.do(Deed(kind="corrupt", what="CTR", other="MN>RU", number=1)), await stage.play_to(inf)]
        passed = [message for update in told for message in update.messages]
        (refused,) = (message for message in passed if not message.accepted)
        assert refused.reason.startswith("401: ") and "signature" in refused.reason
        (delivered,) = (message for message in passed if message.id == refused.id and message.accepted)
        assert (delivered.sender, delivered.recipient, delivered.reason) == ("MN", "RU", "")
        assert delivered.at > refused.at
        letter = await stage.letter(refused.id)
        assert (letter.kept_by, letter.signature.state, letter.receipt.state) == ("RU", "verified", "verified")
    finally:
        await stage.close()
