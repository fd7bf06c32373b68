"""Batches: several messages in one request, each judged and answered as if it had come alone."""

from __future__ import annotations

from typing import Any

from exchange.batches import CONTENT_TYPE, Part, write_batch
from exchange.codec import encode
from exchange.http import BATCHES
from exchange.messages import Message
from scenarios.conform.check import Book, NotApplicable, expect, expect_status
from scenarios.conform.checks.transport import some
from scenarios.conform.probe import Probe
from scenarios.conform.requirement import CONTRACT, HTTP, requires
from scenarios.conform.wire import Exchange

BOOK = Book("batches", "B")


async def most(probe: Probe) -> int:
    """Return how many messages the node takes at once. Raise :class:`NotApplicable` if it takes no batches."""
    answer = await probe.send(some(probe))
    told = answer.header(BATCHES)
    if told is None:
        raise NotApplicable(f"the node takes no batches: its answers have no {BATCHES}")
    expect(told.isdigit() and int(told) >= 2, f"{BATCHES} is {told!r}: a number from 2")
    return int(told)


def part(probe: Probe, message: Message) -> Part:
    """Return a message as a part of a batch, signed by its sender."""
    data = encode(message)
    return Part(data, probe.trust.key(message.header.sender).sign_bytes(data, probe.now))


async def post(probe: Probe, body: bytes, kind: str = CONTENT_TYPE) -> Exchange:
    """Post a batch as the node's post."""
    return await probe.wire.ask("POST", "/batches", [("Content-Type", kind)], body, who=probe.cast.post)


async def answers(probe: Probe, parts: list[Part]) -> list[dict[str, Any]]:
    """Post the parts; return the answer to each. Fails unless there is one for each."""
    answer = await post(probe, write_batch(parts))
    expect_status(answer, 200)
    found = answer.document().get("answers")
    rows = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    expect(len(rows) == len(parts), f"{len(parts)} messages got {len(rows)} answers")
    return rows


@BOOK.check(1, "each message of a batch has its own receipt, in order", requires(CONTRACT, "Batches"))
async def receipted(probe: Probe) -> None:
    await most(probe)
    parts = [part(probe, some(probe)) for _ in range(2)]
    rows = await answers(probe, parts)
    expect([one.get("status") for one in rows] == [202, 202], f"the answers are {[one.get('status') for one in rows]}")
    for one, row in zip(parts, rows, strict=True):
        alone = await probe.send(one.data, sender=probe.cast.post)
        expect(alone.document().get("receipt") == row.get("receipt"), "sent alone, it has another receipt")


@BOOK.check(2, "a bad message in a batch is refused by itself", requires(CONTRACT, "Batches"))
async def by_itself(probe: Probe) -> None:
    await most(probe)
    bad = b"this is no XML"
    key = probe.trust.key(probe.cast.post)
    unsigned = encode(some(probe))
    parts = [
        part(probe, some(probe)),
        Part(bad, key.sign_bytes(bad, probe.now)),
        Part(unsigned, key.sign_bytes(b"other bytes", probe.now)),
        part(probe, some(probe)),
    ]
    statuses = [one.get("status") for one in await answers(probe, parts)]
    expect(statuses == [202, 400, 401, 202], f"a good, a broken, a forged and a good one are answered {statuses}")


@BOOK.check(3, "a body that is no batch is refused with 400", requires(CONTRACT, "Batches"))
async def no_batch(probe: Probe) -> None:
    await most(probe)
    expect_status(await post(probe, b"this is no batch"), 400)


@BOOK.check(4, "another type of batch is refused with 415", requires(HTTP, "15.5.16"))
async def other_type(probe: Probe) -> None:
    await most(probe)
    expect_status(await post(probe, write_batch([part(probe, some(probe))]), "application/json"), 415)


__all__ = ["BOOK"]
