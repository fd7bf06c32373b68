"""Each fault of the line alone, before a live node: what the sender learns, and what the node holds afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from exchange.http import Answer, Client, Letter, Undelivered
from exchange.ledger import LedgerEntry
from exchange.limits import Timeouts
from exchange.members import Member, Members
from exchange.messages import ArrivalAdvice, Header, Message, SealFound
from exchange.references import message_id
from exchange.signatures import PrivateKey
from exchange.store import Store
from nodes.doubting import settles
from nodes.service import NodeService, listen, url_of
from scenarios.wire.faults import KINDS, FaultKind, WireFaults
from scenarios.wire.proxy import Proxy
from tests.journey import Journey
from tests.waiting import HANGS

POST = "KZ.99101"


@dataclass(slots=True)
class Line:
    """A live node of Kazakhstan behind a bad line, and a post that speaks to it."""

    client: Client
    node: NodeService
    store: Store
    proxy: Proxy
    faults: WireFaults

    async def post(self, message: Message) -> Answer | Undelivered:
        """Try once."""
        try:
            return await self.client.post(Letter.of(message), now())
        except Undelivered as error:
            return error

    async def mended(self, message: Message) -> Answer:
        """Post over the line as it should be; what is left of broken connections may cost an attempt."""
        self.faults.on = False
        for _ in range(5):
            answer = await self.post(message)
            if isinstance(answer, Answer):
                return answer
        raise AssertionError(answer)

    async def entries(self) -> list[LedgerEntry]:
        """Return what the node's ledger holds of the post's messages."""
        return [one async for one in self.store.ledger() if one.kind == "received"]


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def arrival(ordinal: int = 1) -> ArrivalAdvice:
    ucr = f"8CNXA001-W{ordinal:03d}"
    header = Header(
        message_id=message_id(POST, "KZ", "ARR", ucr, 1),
        message_type="ARR",
        sender=POST,
        recipient="KZ",
        sent_at=now(),
        ordinal=1,
    )
    seals = (SealFound(sequence_number=1, id="CN0001", state="INTACT"),)
    return ArrivalAdvice(
        header=header, ucr=ucr, office="99101", presentation="ENTRY", arrived_at=now(), seals_found=seals
    )


@asynccontextmanager
async def line(
    folder: Path, kind: FaultKind | None = None, *, seed: int = 1, skew: timedelta = timedelta(0)
) -> AsyncIterator[Line]:
    """A line on which every attempt meets the fault ``kind``, until it is mended."""
    keys = {member: PrivateKey.generate(member) for member in ("KZ", POST)}
    sock, door = listen("127.0.0.1", 0), listen("127.0.0.1", 0)
    members = Members(Member.of(member, url_of(door), key.public) for member, key in keys.items())
    faults = WireFaults(seed, {kind: 1.0} if kind else {})
    proxy = Proxy("KZ", door, faults)
    proxy.upstream = sock.getsockname()[:2]
    async with AsyncExitStack() as stack:
        store = await Store.open(folder / "KZ.sqlite", "KZ", synchronous="FULL")
        stack.push_async_callback(store.close)
        core = Journey("recognition").cores["KZ"]
        node = NodeService(core, store, keys["KZ"], members, sock, timeouts=Timeouts(shutdown=2), skew=skew)
        await stack.enter_async_context(node)
        await proxy.start()
        stack.push_async_callback(proxy.stop)
        client = await stack.enter_async_context(Client(members, keys.__getitem__, timeouts=Timeouts(request=HANGS)))
        yield Line(client, node, store, proxy, faults)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_message_is_taken_once_whatever_the_line_does(tmp_path: Path, kind: FaultKind) -> None:
    async with line(tmp_path, kind) as found:
        message = arrival()
        first = await found.post(message)
        if kind in ("duplicate", "hold"):
            assert isinstance(first, Answer) and first.accepted
        else:
            assert isinstance(first, Undelivered) or not settles(first), first
        assert found.proxy.counts == {kind: 1}
        had_it = kind in ("lose_answer", "duplicate", "hold", "corrupt_answer", "slow_close")
        assert len(await found.entries()) == (1 if had_it else 0)
        again = await found.mended(message)
        assert again.accepted
        assert again.replayed == had_it
        if isinstance(first, Answer) and first.accepted:
            assert again.token == first.token
        if kind in ("duplicate", "late_copy"):
            await asyncio.sleep(1.6)  # until the copy has come
        [entry] = await found.entries()
        assert entry.message is not None and entry.message.sha256 == Letter.of(message).sha256
        assert await found.store.verify() == await found.store.head()


@pytest.mark.parametrize("kind", ["corrupt_request", "corrupt_answer"])
async def test_changed_bytes_are_never_believed(tmp_path: Path, kind: FaultKind) -> None:
    messages = [arrival(number) for number in range(1, 41)]
    async with line(tmp_path, kind) as found:
        answers = [await found.post(message) for message in messages]
        settled = [answer for answer in answers if isinstance(answer, Answer) and settles(answer)]
        # What is changed in a head may change nothing that matters; then the message is as it was sent.
        assert len(settled) < len(messages) / 3
        assert all(answer.accepted for answer in settled)
        sent = {Letter.of(message).sha256 for message in messages}
        assert {entry.message.sha256 for entry in await found.entries() if entry.message} <= sent
        assert found.proxy.tampered.isdisjoint(sent)
        for message in messages:
            assert (await found.mended(message)).accepted
        assert sorted(one.message.sha256 for one in await found.entries() if one.message) == sorted(sent)


async def test_a_line_that_only_fails_for_others_lets_reads_pass(tmp_path: Path) -> None:
    async with line(tmp_path, "lose_request") as found:
        status, _ = await found.client.read("KZ", "KZ", "/cases", now())
        assert status == 200
        assert not found.proxy.counts


async def test_a_clock_that_is_wrong_by_more_than_the_window_is_refused_and_by_less_is_not(tmp_path: Path) -> None:
    for minutes, accepted in ((10, False), (-10, False), (3, True), (-3, True)):
        folder = tmp_path / str(minutes)
        folder.mkdir()
        async with line(folder, skew=timedelta(minutes=minutes)) as found:
            answer = await found.post(arrival())
            assert isinstance(answer, Answer)
            assert answer.accepted == accepted
            if not accepted:
                assert answer.status == 401 and str(answer.problem["type"]).endswith(":window")
                assert not settles(answer)
                assert await found.entries() == []
                await found.node.writer.look([], lambda core: None)
                [note] = await found.store.refusals()
                assert (note.member, note.status, note.code) == (POST, 401, "window")
