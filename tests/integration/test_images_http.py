"""Inspection images over HTTP: handed in by posts, read by Range by those they are for, fetched though lines break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from exchange.entries import Fetch, Fetched
from exchange.http import Client, Undelivered
from exchange.letters import Letter
from exchange.receipts import credential
from exchange.store import TimerRow
from nodes.api.images import asked_range
from nodes.core import NodeCore
from nodes.failures import WriteFailed
from nodes.fetching import PART, Fetching
from nodes.transfer import ImageLine
from tests.desk import KEYS, NOW, Desk, arrival, desk
from tests.journey import UCR
from tests.waiting import HANGS

PICTURE = bytes(range(256)) * 5000
DIGEST = sha256(PICTURE).hexdigest()
PATH = f"/images/{DIGEST}"


@pytest.fixture
async def kz() -> AsyncIterator[Desk]:
    async for found in desk():
        async with Client(found.members, KEYS.__getitem__) as client:
            assert (await client.post(Letter.of(arrival()), NOW)).accepted
        yield found


async def put(kz: Desk, who: str = "KZ.99101", path: str = f"{PATH}?case={UCR}", data: bytes = PICTURE) -> int:
    headers = {"Authorization": credential(KEYS[who], "PUT", path, NOW, node="KZ"), "Content-Type": "image/png"}
    async with kz.session.put(kz.node.url + path, data=data, headers=headers) as answer:
        return answer.status


async def get(kz: Desk, who: str, path: str = PATH, **sent: str) -> tuple[int, bytes, Mapping[str, str]]:
    headers = {"Authorization": credential(KEYS[who], "GET", path, NOW, node="KZ")}
    headers |= {name.replace("_", "-"): value for name, value in sent.items()}
    async with kz.session.get(kz.node.url + path, headers=headers) as answer:
        return answer.status, await answer.read(), answer.headers


async def test_an_image_is_taken_whole_or_not_at_all_and_once(kz: Desk) -> None:
    assert await put(kz, data=PICTURE[:-1]) == 422
    assert (await get(kz, "KZ.OPERATOR"))[0] == 404
    assert [await put(kz), await put(kz)] == [201, 200]
    stored, cases = await kz.store.image(DIGEST) or (None, [])
    assert stored is not None and (stored.size, cases) == (len(PICTURE), [UCR])
    assert await kz.store.image_bytes(DIGEST, 0, len(PICTURE) - 1) == PICTURE


@pytest.mark.parametrize("who", ["KZ.OPERATOR", "RU", "KZ.KTZ", "CN.9911"])
async def test_only_posts_of_the_case_hand_images_in(kz: Desk, who: str) -> None:
    assert await put(kz, who) == 403
    assert await put(kz, path=f"{PATH}?case=8CNOTHER") == 403
    assert await put(kz, path=PATH) == 403


async def test_only_those_told_of_an_image_read_it(kz: Desk) -> None:
    assert await put(kz) == 201
    status, body, headers = await get(kz, "KZ.OPERATOR")
    assert (status, body) == (200, PICTURE)
    assert (headers["ETag"], headers["Content-Type"]) == (f'"{DIGEST}"', "image/png")
    for who in ("RU", "CN", "KZ.KTZ", "KZ.STRANGER", "KZ.99101", "CN.9911"):
        assert (await get(kz, who))[0] == 404, who
    async with kz.session.get(kz.node.url + PATH) as answer:
        assert answer.status == 401


async def test_ranges_are_given_out_and_known_images_are_not_sent_again(kz: Desk) -> None:
    assert await put(kz) == 201
    status, body, headers = await get(kz, "KZ", Range="bytes=262140-262150")
    assert (status, body) == (206, PICTURE[262140:262151])
    assert headers["Content-Range"] == f"bytes 262140-262150/{len(PICTURE)}"
    assert (await get(kz, "KZ", Range="bytes=-10"))[1] == PICTURE[-10:]
    assert (await get(kz, "KZ", Range=f"bytes={len(PICTURE)}-"))[0] == 416
    assert (await get(kz, "KZ", Range="bytes=0-1,5-6"))[0] == 416
    assert (await get(kz, "KZ", If_None_Match=f'"{DIGEST}"'))[0] == 304
    whole = await get(kz, "KZ", Range="bytes=0-9", If_Range='"other"')
    assert (whole[0], whole[1]) == (200, PICTURE)


@pytest.mark.parametrize(
    ("text", "found"),
    [("bytes=0-", (0, 99)), ("bytes=90-200", (90, 99)), ("bytes=-200", (0, 99)), ("bytes=5-4", None),
     ("bytes=-0", None), ("bytes=-", None), ("lines=1-2", None), ("bytes=100-", None)],
)  # fmt: skip
def test_ranges_are_read_as_the_rfc_says(text: str, found: tuple[int, int] | None) -> None:
    assert asked_range(text, 100) == found


class Line:
    """A partner that gives out one image over a line that breaks at these calls; it counts what was asked."""

    def __init__(self, data: bytes, broken: tuple[int, ...] = ()) -> None:
        self.data, self.broken, self.asked = data, broken, list[tuple[int, int]]()

    async def read_part(
        self, member: str, reader: str, path: str, now: datetime, first: int, last: int
    ) -> tuple[int, Mapping[str, str], bytes]:
        self.asked.append((first, last))
        if len(self.asked) in self.broken:
            raise Undelivered("the line broke", passing=True)
        body = self.data[first : last + 1]
        if not body:
            return 416, {}, b""
        return 206, {"Content-Range": f"bytes {first}-{last}/{len(self.data)}", "Content-Type": "image/png"}, body


LARGE = PICTURE * 2
FETCH = Fetch(
    case=UCR, partner="CN", sha256=sha256(LARGE).hexdigest(), size=len(LARGE), attempt=1, due=NOW + timedelta(seconds=9)
)


async def fetched(kz: Desk, line: Any) -> tuple[str, str]:
    core = kz.node.writer.core
    assert isinstance(core, NodeCore)
    fetching = Fetching(core, line, kz.store, kz.node.writer, lambda: NOW, stepped=True)
    done = await fetching._fetched(TimerRow(FETCH.due, FETCH.case, FETCH.purpose))
    return done.outcome, done.text


async def test_a_broken_line_is_taken_up_where_it_broke(kz: Desk) -> None:
    line = Line(LARGE, broken=(2, 3))
    assert await fetched(kz, line) == ("WHOLE", "")
    assert [first for first, _ in line.asked] == [0, PART, PART, PART, 2 * PART]
    assert await kz.store.image(FETCH.sha256) is not None


async def test_what_is_not_the_image_announced_is_not_kept(kz: Desk) -> None:
    for data in (LARGE[:-1], b"x" + LARGE[1:]):
        assert (await fetched(kz, Line(data)))[0] == "CORRUPT"
    assert (await fetched(kz, Line(b"")))[0] == "MISSING"
    assert (await fetched(kz, Line(LARGE, broken=tuple(range(1, 100)))))[0] == "MISSING"
    assert await kz.store.image(FETCH.sha256) is None


async def test_a_line_may_be_made_to_change_a_byte(kz: Desk) -> None:
    core = kz.node.writer.core
    assert isinstance(core, NodeCore)
    core.standing = replace(core.standing, profile=replace(core.standing.profile, images=ImageLine(corrupted=1.0)))
    outcome, text = await fetched(kz, Line(LARGE))
    assert outcome == "CORRUPT" and "SHA-256" in text


async def test_a_live_node_fetches_by_itself_and_rests_when_its_store_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    told, came = list[str](), asyncio.Event()

    async def fetched(results: Mapping[TimerRow, Fetched]) -> None:
        told.extend(one.outcome for one in results.values())
        came.set()
        raise WriteFailed("the disk is full")

    async for kz in desk(stepped=False):
        monkeypatch.setattr(kz.node.writer, "fetched", fetched)
        monkeypatch.setattr(kz.node._fetching, "_client", Line(LARGE))
        kz.node.writer.memory.put_back(TimerRow(FETCH.due, FETCH.case, FETCH.purpose))
        kz.node.outbox.changed.set()
        await asyncio.wait_for(came.wait(), HANGS)
        assert told == ["WHOLE"]
        kz.node.writer.memory.put_back(TimerRow(FETCH.due, FETCH.case, FETCH.purpose))
        assert kz.node._fetching.next_due() is None, "it rests"


async def test_a_fetch_that_nothing_stands_behind_is_let_go(kz: Desk) -> None:
    core = kz.node.writer.core
    given = Fetched(case=UCR, purpose=FETCH.purpose, due=FETCH.due, outcome="WHOLE")
    decision = core.decide(given, NOW)
    assert [entry.kind for entry in decision.entries] == ["timer-fired"]
    assert not decision.send
