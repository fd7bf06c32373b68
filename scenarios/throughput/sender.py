"""The sending node: a real node with its store, writer, outbox and live courier, whose timers issue messages.

Its core is that of a service but for one kind of timer: ``bench:<number>`` issues one record (AAR) about a new case to
the partner, as a declaration would. The feeder lets so many of them fall due that enough messages are under way.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

import schemas
from exchange.codec import decode
from exchange.entries import Decision, Input, Timer
from exchange.http import Answer
from exchange.identifiers import mrn
from exchange.keyring import MEMBERS
from exchange.limits import Limits
from exchange.members import Members
from exchange.messages import AnticipatedArrivalRecord, Message
from exchange.signatures import PrivateKey
from exchange.store import TimerRow, open_store
from nodes.case import Case
from nodes.core import NodeCore
from nodes.draft import Draft
from nodes.service import NodeService, listen
from scenarios.live.credentials import Credentials
from scenarios.live.process import settle_memory
from scenarios.live.setting import part_of
from scenarios.throughput.lines import Told
from scenarios.validation.corpus import other_goods

FROM, TO = "KZ", "RU"
"""Two services that exchange by law in force, without any assumption (Eurasian Economic Union)."""
PURPOSE = "bench"
UNDER_WAY = 4
"""Messages issued and not settled for each connection: while some are on their way the next are being stored."""


def ucr_of(number: int) -> str:
    """Return the UCR of the case with this number."""
    return f"6{FROM}BENCH-{number:09d}"


class Issuing(NodeCore):
    """A node's core that issues a record to the partner for each timer of the bench."""

    def decide(self, given: Input, now: datetime) -> Decision:
        """Decide as a node does; on a timer of the bench issue the next record."""
        if not (isinstance(given, Timer) and given.purpose == PURPOSE):
            return super().decide(given, now)
        case = Case(given.case, self.country)
        draft = Draft(case, self.standing, now, None)
        number = int(given.case[-9:])
        draft.send(AnticipatedArrivalRecord, TO, **record(number, now))
        decision = draft.decision()
        self._cases[given.case] = case
        for entry in decision.entries:
            case.fold(entry)
        return decision


def record(number: int, now: datetime) -> dict[str, Any]:
    """Return the body of the record with this number: goods on their way since an hour, expected in five days."""
    base = _base()
    consignment = other_goods(base.consignment, number)
    first, last = consignment.itinerary
    begun, hour = now - timedelta(hours=1), timedelta(hours=1)
    itinerary = (first.model_copy(update={"eta": begun}), last.model_copy(update={"eta": now + 120 * hour}))
    return {
        "mrn": mrn(f"{now:%y}", FROM, f"99101A{number % 1_000_000:06d}", "J"),
        "departure_office": first.office,
        "destination_office": last.office,
        "released_at": begun,
        "control_result": "A1",
        "consignment": consignment.model_copy(update={"itinerary": itinerary}),
    }


def sample() -> Message:
    """Return a message as the bench sends them."""
    now = datetime.now(UTC).replace(microsecond=0)
    standing = part_of(FROM, None, PrivateKey.generate()).core.standing
    core = Issuing(standing)
    return core.decide(Timer(case=ucr_of(1), purpose=PURPOSE, due=now), now).send[0].message


class _Base:
    """The sample record, between the two services."""

    def __init__(self) -> None:
        found = decode(schemas.sample("AAR").read_bytes())
        assert isinstance(found, AnticipatedArrivalRecord)
        given = found.consignment
        first, last = (stop for stop in given.itinerary if stop.office in ("99101", "99206010"))
        self.consignment = given.model_copy(
            update={
                "country_of_dispatch": FROM,
                "country_of_destination": TO,
                "itinerary": (
                    first.model_copy(update={"sequence_number": 1, "role": "DEP"}),
                    last.model_copy(update={"sequence_number": 2, "role": "DES"}),
                ),
            }
        )


_base = cache(_Base)


class Feeder:
    """Lets timers of the bench fall due so that ``under_way`` messages are issued and not settled, while it is on."""

    def __init__(self, under_way: int) -> None:
        self._wanted = under_way
        self._step = max(under_way // 4, 1)
        self._node: NodeService | None = None
        self._until = 0.0
        self._issued: dict[str, float] = {}
        self._rest = asyncio.Event()
        self.number = 0
        self.rejected = 0
        self.seconds: list[float] = []

    async def feed(self, node: NodeService, seconds: float) -> None:
        """Feed for so long, and return when the last message is settled."""
        self._node = node
        self.seconds = []
        self._rest.clear()
        self._until = perf_counter() + seconds
        self._more()
        await self._rest.wait()

    def settled(self, message: Message, _data: bytes, answer: Answer, _now: datetime) -> None:
        """Take note of a delivery; the courier's observer."""
        now = perf_counter()
        self.seconds.append(now - self._issued.pop(message.ucr))
        self.rejected += not answer.accepted
        if now < self._until:
            if self._wanted - len(self._issued) >= self._step:
                self._more()
        elif not self._issued:
            self._rest.set()

    def _more(self) -> None:
        node = self._node
        assert node is not None
        due, begun = node.clock.now(), perf_counter()
        for _ in range(self._wanted - len(self._issued)):
            self.number += 1
            ucr = ucr_of(self.number)
            self._issued[ucr] = begun
            node.writer.memory.put_back(TimerRow(due, ucr, PURPOSE))
        node.outbox.changed.set()


async def send(told: Told, folder: Path, store_url: str, connections: int) -> None:
    """Run the sending node; at each order feed it for ``seconds``; tell count, seconds and latencies."""
    members = Members.load(folder / MEMBERS)
    credentials = Credentials.load(folder, FROM, members)
    standing = part_of(FROM, None, credentials.key).core.standing
    core = Issuing(replace(standing, profile=replace(standing.profile, latency_seconds=(0, 0))))
    limits = Limits(lane_in_flight=2 * connections, connections_per_partner=connections)
    feeder = Feeder(UNDER_WAY * connections)
    store = await open_store(store_url, FROM)
    try:
        sock = listen("127.0.0.1", 0)
        async with NodeService(
            core, store, credentials.key, members, sock, limits=limits, observer=feeder.settled
        ) as node:
            settle_memory()
            told.tell({"pid": os.getpid()})
            async for order in told.orders():
                begun = perf_counter()
                await feeder.feed(node, float(order["seconds"]))
                spent = perf_counter() - begun
                told.tell(
                    {"seconds": spent, "latencies": [round(s, 6) for s in feeder.seconds], "rejected": feeder.rejected}
                )
    finally:
        await store.close()


__all__ = ["FROM", "TO", "Feeder", "Issuing", "record", "sample", "send", "ucr_of"]
