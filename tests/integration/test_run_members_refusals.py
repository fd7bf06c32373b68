"""What a run reads of nodes that run elsewhere, and what it does not begin on: with nodes that only answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from exchange.codec import encode
from exchange.http import Undelivered
from exchange.members import Members
from exchange.messages import Message
from exchange.references import strip_run
from scenarios.conversation import TransportError
from scenarios.live.history import read_history
from scenarios.live.transport import Outside, OutsideTransport
from tests.journey import UCR, Journey

START = datetime(2018, 3, 5, tzinfo=UTC)
SETTING = {"scenario": "s", "digest": "d", "arm": "recognition", "seed": 1, "replication": 0}


class Answering:
    """Stands for the client: answers each path of each node from a table, else 404."""

    def __init__(self, table: Mapping[tuple[str, str], Any]) -> None:
        self.table = table
        self.asked: list[str] = []

    async def read(self, member: str, reader: str, path: str, now: datetime) -> tuple[int, bytes]:
        assert reader == f"{member}.OPERATOR"
        self.asked.append(f"{member}{path}")
        found = self.table.get((member, path))
        if found is None:
            return 404, b"{}"
        if isinstance(found, Exception):
            raise found
        return 200, found if isinstance(found, bytes) else json.dumps(found).encode()


async def records() -> list[Message]:
    journey = Journey("recognition")
    await journey.leave_xian()
    from exchange.codec import decode

    return [decode(one.xml) for one in journey.transport.log if one.xml and one.header.recipient == "KZ"]


def timeline(*messages: Message, event: str = "received") -> dict[str, Any]:
    rows = [
        {"at": "2018-03-05T01:00:00Z", "event": event, "id": m.header.message_id, "from": m.header.sender, "to": "KZ"}
        for m in messages
    ]
    return {"timeline": rows}


async def test_what_services_sent_one_another_is_read_once_whether_taken_or_refused() -> None:
    taken, refused = (await records())[:2]
    view = timeline(taken)
    view["timeline"] += timeline(taken, event="resumed")["timeline"]
    stop = {"office": "99101", "presentation": "ENTRY", "arrived": "2018-03-05T02:00:00Z", "controls": []}
    view["stops"] = [stop]
    view["timeline"].append(
        {"at": "2018-03-05T02:00:00Z", "event": "issued", "id": "x", "from": "KZ", "to": "KZ.99101"}
    )
    row = {"message": refused.header.message_id, "case": UCR, "partner": "KZ", "settled": "2018-03-05T03:00:00Z"}
    elsewhere = row | {"case": "8COTHER"}
    client = Answering(
        {
            ("KZ", f"/cases/{UCR}"): view,
            ("KZ", f"/messages/{taken.header.message_id}?sender=CN"): encode(taken),
            ("CN", "/outbox?state=rejected&limit=1000"): {"messages": [row, elsewhere]},
            ("CN", f"/messages/{refused.header.message_id}?sender=CN"): encode(refused),
        }
    )
    found, reasons = await read_history(client, ("CN", "KZ"), [UCR], START)  # type: ignore[arg-type]
    assert [(message, at.hour, accepted) for message, _, at, accepted in found] == [
        (taken, 1, True),
        (refused, 3, False),
    ]
    assert [data for _, data, _, _ in found] == [encode(taken), encode(refused)]
    assert reasons == ({"case": strip_run(UCR), "service": "KZ", **stop},)


async def test_a_node_that_does_not_show_its_history_ends_the_run_by_name() -> None:
    [taken, *_] = await records()
    hidden = Answering({("KZ", f"/cases/{UCR}"): timeline(taken)})
    with pytest.raises(TransportError, match=f"KZ does not show message {taken.header.message_id} of CN"):
        await read_history(hidden, ("KZ",), [UCR], START)  # type: ignore[arg-type]
    away = Answering({("KZ", f"/cases/{UCR}"): Undelivered("KZ: not reached")})
    with pytest.raises(TransportError, match="KZ could not be read at the end of the run: KZ: not reached"):
        await read_history(away, ("KZ",), [UCR], START)  # type: ignore[arg-type]


class Healthy:
    """Stands for the client: every node is in this state of health."""

    members = Members(())

    def __init__(self, *, due: str = "none", **health: Any) -> None:
        self.told = ({"Pix-Next-Due": due}, {"status": "ok", "node": "KZ", "stepped": True} | health)
        self.back: list[datetime] = []

    async def health(self, member: str) -> tuple[dict[str, str], dict[str, Any]]:
        return self.told

    async def set_back(self, member: str, operator: str, told: datetime, now: datetime) -> None:
        assert (member, operator) == ("KZ", "KZ.OPERATOR")
        self.back = [told, now]


async def begin(client: Healthy) -> None:
    outside = Outside(members=Path("members.yaml"), keys=Path())
    cores = {"KZ": Journey().cores["KZ"]}
    transport = OutsideTransport(outside, cores, ["KZ.99101"], START, {"setting": SETTING})
    await transport._begin(client, "KZ", "members.yaml")  # type: ignore[arg-type]


async def test_a_run_begins_only_on_nodes_that_are_free_for_it() -> None:
    now = "2018-03-01T00:00:00Z"
    refusals = {
        "says that it is RU": Healthy(now=now, node="RU"),
        "lives by the wall clock": Healthy(now=now, stepped=False),
        "work left of a run that was broken off": Healthy(now=now, due="2018-03-09T00:00:00Z", setting=SETTING),
        "started with arm advance and not recognition": Healthy(now=now, setting=SETTING | {"arm": "advance"}),
        "another version of s": Healthy(now=now, setting=SETTING | {"digest": "e"}),
        "cannot begin the run": Healthy(now="yesterday"),
    }
    for text, client in refusals.items():
        with pytest.raises(TransportError, match=text):
            await begin(client)
        assert not client.back


async def test_a_clock_behind_the_beginning_is_left_alone_and_one_ahead_is_set_back() -> None:
    behind, ahead = Healthy(now="2018-03-01T00:00:00Z", setting=SETTING), Healthy(now="2018-06-01T00:00:00Z")
    await begin(behind)
    await begin(ahead)
    assert behind.back == []
    assert ahead.back == [datetime(2018, 6, 1, tzinfo=UTC), START]
