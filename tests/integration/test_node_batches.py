"""Several messages in one request: each judged, receipted and refused by itself, as if it had come alone."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from exchange.batches import CONTENT_TYPE, Part, write_batch
from exchange.gathering import GatheringClient
from exchange.http import Undelivered
from exchange.letters import Letter
from exchange.limits import Limits
from exchange.receipts import verify_receipt
from exchange.signatures import digest
from exchange.store import LostLock
from nodes.api.batches import Batches
from nodes.listening import listen, url_of
from tests.attack.target import KEYS, STRANGER, Target, Told, arrival, registry, target

POST = "KZ.99101"


def ucr(number: int) -> str:
    return f"8CNXA001-T01C{number}.ABCDEFGB"


async def hand_in(kz: Target, *parts: Part, **more: Any) -> Told:
    return await kz.ask("POST", "/batches", write_batch(parts), headers={"Content-Type": CONTENT_TYPE}, **more)


def signed(kz: Target, number: int, key: Any = None, **body: Any) -> Part:
    data = arrival(kz.now, ucr=ucr(number), **body)
    return Part(data, (key or KEYS[POST]).sign_bytes(data, kz.now))


async def test_each_message_has_its_own_answer_in_order() -> None:
    async with target(stepped=False) as kz:
        good, other = signed(kz, 1), signed(kz, 2)
        stranger = signed(kz, 3, STRANGER)
        spoofed = signed(kz, 4, sender="KZ.99102")
        old = arrival(kz.now, ucr=ucr(5))
        stale = Part(old, KEYS[POST].sign_bytes(old, kz.now - timedelta(hours=1)))
        broken = Part(b"<x", KEYS[POST].sign_bytes(b"<x", kz.now))
        told = await hand_in(kz, good, stranger, spoofed, stale, broken, other, good)
        answers = told.body["answers"]
        assert [one["status"] for one in answers] == [202, 401, 403, 401, 400, 202, 202]
        assert [str(one.get("type", "")).rpartition(":")[2] for one in answers[1:5]] == [
            "signature", "sender", "window", "not-xml",
        ]  # fmt: skip
        assert answers[6]["receipt"] == answers[0]["receipt"] and answers[6]["replayed"]
        for part, answer in ((good, answers[0]), (other, answers[5])):
            stored = [one async for one in kz.store.ledger() if one.message and one.message.sha256 == digest(part.data)]
            assert stored[0].message is not None
            receipt = verify_receipt(
                answer["receipt"],
                kz.members,
                message=stored[0].message.id,
                sender=POST,
                sha256=digest(part.data),
                recipient="KZ",
                now=kz.now,
            )
            assert receipt.position == stored[0].position
        alone = await kz.send(good.data)
        assert alone.status == 202 and alone.headers["Pix-Replayed"] == "true"
        assert alone.body["receipt"] == answers[0]["receipt"]
        assert alone.headers["Pix-Batches"] == str(Limits().batch_messages)


async def test_what_is_no_batch_is_refused_whole_and_leaves_nothing() -> None:
    async with target(stepped=False, limits=Limits(batch_messages=2, body_bytes=20_000)) as kz:
        part = signed(kz, 1)
        assert (await hand_in(kz, part, part, part)).status == 400
        assert (await kz.ask("POST", "/batches", b"?", headers={"Content-Type": CONTENT_TYPE})).status == 400
        assert (await kz.ask("POST", "/batches", b"?", headers={"Content-Type": "application/json"})).status == 415
        assert (await kz.ask("POST", "/batches", b" " * 30_000, headers={"Content-Type": CONTENT_TYPE})).status == 413
        assert await kz.head() == 0


async def test_a_stepped_node_takes_no_batches() -> None:
    async with target() as kz:
        assert (await hand_in(kz, signed(kz, 1))).status == 404
        assert "Pix-Batches" not in (await kz.send(signed(kz, 1).data)).headers


async def test_a_full_queue_says_of_each_message_when_to_come_again() -> None:
    async with target(stepped=False, limits=Limits(queued_messages=4)) as kz:
        answers = (await hand_in(kz, *(signed(kz, number) for number in range(1, 5)))).body["answers"]
        assert [(one["status"], one["retry_after"]) for one in answers] == [(429, 2)] * 4
        assert await kz.head() == 0


async def test_a_store_that_another_process_took_over_is_told_as_passing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with target(stepped=False) as kz:

        async def lost(_writes: object) -> None:
            raise LostLock("another process took over")

        with monkeypatch.context() as patched:
            patched.setattr(kz.store, "write", lost)
            answer = await kz.send(signed(kz, 1).data)
            both = await hand_in(kz, signed(kz, 1), signed(kz, 2))
        assert answer.status == 503 and answer.headers["Retry-After"] == "2"
        assert [(one["status"], one["retry_after"]) for one in both.body["answers"]] == [(503, 2)] * 2
        assert (await kz.send(signed(kz, 1).data)).status == 202


async def test_letters_that_set_out_together_go_in_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    post = Batches.post

    async def counting(self: Batches, request: web.Request) -> web.Response:
        answer = await post(self, request)
        assert isinstance(answer.body, bytes)
        sizes.append(len(json.loads(answer.body)["answers"]))
        return answer

    monkeypatch.setattr(Batches, "post", counting)
    async with target(stepped=False, limits=Limits(batch_messages=8)) as kz, _client(kz) as client:
        letters = [_letter(kz, number) for number in range(1, 22)]
        first = await client.post(letters[0], kz.now)
        assert first.accepted and not sizes, "nobody has said yet that batches are taken"
        answers = await asyncio.gather(*(client.post(letter, kz.now) for letter in letters))
        assert all(answer.accepted and answer.receipt is not None for answer in answers)
        assert [answer.receipt.message for answer in answers if answer.receipt] == [letter.id for letter in letters]
        assert [answer.replayed for answer in answers] == [True] + [False] * 20
        assert sizes == [7, 7, 7]
        bad = _letter(kz, 30, "KZ.99102")
        answer, fine = await asyncio.gather(client.post(bad, kz.now), client.post(_letter(kz, 31), kz.now))
        assert fine.accepted and answer.status == 403, "a refusal is one message's own"


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=404, text="{}"),
        web.Response(text='{"answers": []}'),
        web.Response(text='{"answers": [1, 2]}'),
        web.Response(text="[" * 100_000),
        web.Response(text='{"answers": [{"status": 202}, {"status": "?"}]}'),
    ],
)
async def test_a_partner_whose_answer_to_a_batch_settles_nothing_gets_the_messages_again(answer: web.Response) -> None:
    sock = listen("127.0.0.1", 0)
    app = web.Application()

    async def say(_: web.Request) -> web.Response:
        return web.Response(status=answer.status, body=answer.body)

    app.router.add_post("/batches", say)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.SockSite(runner, sock).start()
    try:
        async with target(stepped=False) as kz, GatheringClient(registry(url_of(sock), {}), KEYS.__getitem__) as client:
            client._heard("KZ", {"Pix-Batches": "8"})
            told = await asyncio.gather(
                *(client.post(_letter(kz, number), kz.now) for number in (1, 2)), return_exceptions=True
            )
            assert all(isinstance(one, Undelivered) for one in told)
    finally:
        await runner.cleanup()


def _client(kz: Target) -> GatheringClient:
    return GatheringClient(kz.members, lambda _: KEYS[POST])


def _letter(kz: Target, number: int, sender: str = POST) -> Letter:
    from exchange.codec import decode

    return Letter.of(decode(arrival(kz.now, ucr=ucr(number), sender=sender)))
