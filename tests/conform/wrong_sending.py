"""Deliberately wrong nodes of what is sent, of batches, images and figures, each with the checks that must find it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from multidict import CIMultiDict

from exchange.http import Client
from exchange.letters import Answer, Letter
from exchange.signatures import digest
from scenarios.live.demo_trust import demo_key
from tests.conform.bench import Call, Fault, Inner, Said


class SignsAsAnother(Client):
    def __init__(self, members: Any, key_of: Any, **options: Any) -> None:
        super().__init__(members, lambda _: demo_key("RU"), **options)


class SignsWithAnOldTime(Client):
    async def post(self, letter: Letter, now: datetime, **more: Any) -> Answer:
        return await super().post(letter, now - timedelta(minutes=10), **more)


class SendsWhatIsNotValid(Client):
    async def post(self, letter: Letter, now: datetime, **more: Any) -> Answer:
        data = re.sub(rb"(<Office>[^<]*</Office>\s*)(<Presentation>[^<]*</Presentation>\s*)", rb"\2\1", letter.data)
        return await super().post(replace(letter, data=data, sha256=digest(data)), now, **more)


class TakesAnyAnswerForDelivery(Client):
    async def post(self, letter: Letter, now: datetime, **more: Any) -> Answer:
        try:
            return await super().post(letter, now, **more)
        except Exception:
            return Answer(status=202, token="")


class SaysEverythingTwice(Client):
    async def post(self, letter: Letter, now: datetime, **more: Any) -> Answer:
        answer = await super().post(letter, now, **more)
        return await super().post(letter, now, **more) if answer.accepted else answer


class SendsTheLastFirst(Client):
    """Makes no rounds: what is due at one time goes one by one, the last first. What is due at several times is turned
    round by the test, before it comes here."""

    async def post_round(self, letters: Any, now: datetime, attempts: Any = None) -> Any:
        tries = attempts or [1] * len(letters)
        said = []
        for letter, attempt in reversed(list(zip(letters, tries, strict=True))):
            said += await super().post_round([letter], now, [attempt])
        return said[::-1]


SPEAKING: dict[Any, set[str]] = {
    SignsAsAnother: {"D02"},
    SignsWithAnOldTime: {"D03"},
    SendsWhatIsNotValid: {"D12"},
    TakesAnyAnswerForDelivery: {"D06", "D07", "D10", "D11"},
    SaysEverythingTwice: {"D08"},
}
"""What each fails that speaks to its partners wrongly, and nothing else."""


async def answers_a_batch_backwards(call: Call, inner: Inner) -> Said:
    said = await inner(call)
    if call.path == "/batches" and said.status == 200:
        said.tell(answers=said.told["answers"][::-1])
    return said


async def takes_any_batch(call: Call, inner: Inner) -> Said:
    if call.path == "/batches":
        call.headers["Content-Type"] = "application/vnd.corridor.batch"
    return await inner(call)


async def counts_nothing(call: Call, inner: Inner) -> Said:
    said = await inner(call)
    if call.path == "/metrics":
        said.body = b"corridor_ledger_position 1\n"
    return said


async def shows_its_outbox_to_everybody(call: Call, inner: Inner) -> Said:
    said = await inner(call)
    if call.path == "/outbox" and said.status == 403:
        said.status, said.body = 200, b'{"messages": []}'
    return said


ANSWERING: dict[Fault, set[str]] = {
    answers_a_batch_backwards: {"B01", "B02"},
    takes_any_batch: {"B04"},
    counts_nothing: {"O02", "O03"},
    shows_its_outbox_to_everybody: {"O05"},
}
"""What each fails that answers wrongly, and nothing else. Those of batches are live nodes."""


def knows_no_ranges(headers: CIMultiDict[str]) -> None:
    headers.popall("Range", None)


def always_gives_the_image_again(headers: CIMultiDict[str]) -> None:
    headers.popall("If-None-Match", None)


SPOILING: dict[Callable[[CIMultiDict[str]], None], set[str]] = {
    knows_no_ranges: {"I05", "I06", "I07"},
    always_gives_the_image_again: {"I08"},
}
"""What each fails that does not heed a header of who asks for an image, and nothing else."""
