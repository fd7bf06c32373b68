"""The examples of a node's API description: what a node of Kazakhstan really answers, asked call by call.

The node is one of our own, stepped, on loopback; goods on their way from China to Finland are told to it up to its
border (the messages are those of the testing kit's network, all simulated). Everything is signed with the demo trust,
so that the examples are the same bytes each time. ``python -m scenarios.reference docs/reference`` writes them.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp

from exchange.batches import Part, write_batch
from exchange.codec import encode
from exchange.http import SIGNATURE, TIME
from exchange.limits import Timeouts
from exchange.messages import format_time
from exchange.receipts import credential
from exchange.signatures import digest
from exchange.store import Store
from nodes.api.problems import Problem, unavailable
from nodes.listening import listen, url_of
from nodes.openapi import EXAMPLES
from nodes.service import NodeService
from scenarios.live.demo_trust import DemoMembers, demo_key
from scenarios.testing.factory import message
from scenarios.testing.network import Network
from scenarios.transport import Exchanged

SCENARIO, NODE, POST, OPERATOR = "china_europe_transit_fi", "KZ", "KZ.99101", "KZ.OPERATOR"
OFFICE = "99101"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a4944415478da6360000000020001e5273de20000000049454e44ae426082"
)
"""The smallest PNG: what an image shows matters to no call."""
NOT_PROVOKED = (
    Problem(408, "too-slow", "the message did not come within 60 s"),
    Problem(411, "length", "say with Content-Length how long the image is"),
    Problem(413, "too-large", "a message has at most 2000000 bytes"),
    Problem(416, "range", "the image has 48210 bytes; bytes=90000- is beyond them"),
    unavailable("CN asks more than 50 times a second; come again in 1 s", 1, status=429),
    unavailable("the node has more messages waiting than it can take", 2),
    Problem(504, "unreached", "RU could not be reached for 30 s"),
)
"""Errors that take a flood, a hang or another machine: written as a node writes them, with figures of an example."""


class Told:
    """What the node was asked and what it answered, by call (``GET /cases``) and then ``request`` or status."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.calls: dict[str, dict[str, Any]] = {}
        self.problems: dict[str, Any] = {}
        self._session = session
        self._url = url

    async def ask(
        self,
        call: str,
        path: str,
        now: datetime,
        *,
        who: str | None = OPERATOR,
        data: bytes | None = None,
        kind: str = "application/xml",
        signer: str | None = None,
    ) -> Any:
        """Make the call ``call`` (as in the description) at ``path``; keep and return what is answered.

        ``who`` proves itself by a credential, ``signer`` by a signature over ``data``. The first answer of each status
        is kept, and with a first answer of success what was sent.
        """
        method = call.partition(" ")[0]
        headers = {TIME: format_time(now), "traceparent": TRACE}
        if data is not None:
            headers["Content-Type"] = kind
        if signer is not None and data is not None:
            headers[SIGNATURE] = demo_key(signer).sign_bytes(data, now)
        elif who is not None:
            headers["Authorization"] = credential(demo_key(who), method, path, now, node=NODE)
        async with self._session.request(method, self._url + path, data=data, headers=headers) as answer:
            body = await answer.read()
            told = json.loads(body) if answer.content_type.endswith("json") else body.decode(errors="replace")
            if answer.status >= 400:
                self.problems.setdefault(str(answer.status), told)
                return told
            kept = self.calls.setdefault(call, {})
            if str(answer.status) not in kept:
                if not answer.content_type.startswith("image/"):
                    kept[str(answer.status)] = told
                given = {name: headers[name] for name in (SIGNATURE, TIME) if name in headers}
                kept["parameters"] = given | _parameters(call, path)
                if data is not None and not kind.startswith("image/"):
                    kept["request"] = json.loads(data) if kind.endswith("json") else data.decode()
            return told


def _parameters(call: str, path: str) -> dict[str, str]:
    """Return the parameters in the path and the query of a call made."""
    split = urlsplit(path)
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(call.partition(" ")[2]))
    named = re.fullmatch(pattern, split.path)
    return {**(named.groupdict() if named else {}), **dict(parse_qsl(split.query))}


@asynccontextmanager
async def _node() -> AsyncIterator[Told]:
    """Start a node of Kazakhstan that has heard nothing yet; give somebody who asks it."""
    core = Network(SCENARIO, select={"SCAN": 1.0})[NODE].core
    sock = listen("127.0.0.1", 0)
    store = await Store.open(None, NODE, threaded=False)
    members = DemoMembers({NODE: url_of(sock)})
    try:
        async with (
            NodeService(core, store, demo_key(NODE), members, sock, stepped=True, timeouts=Timeouts(gather=0.2)),
            aiohttp.ClientSession() as session,
        ):
            yield Told(session, url_of(sock))
    finally:
        await store.close()


async def made() -> dict[str, Any]:
    """Return the examples: ``calls`` by call and status, ``problems`` by status."""
    async with Network(SCENARIO, select={"SCAN": 1.0}) as net:
        goods = net.goods()
        await goods.travel(to=OFFICE)
        await goods.arrive(OFFICE)
        told = [one for one in net.messages if one.header.recipient == NODE]
    async with _node() as found:
        await _tell(found, told)
        await _read(found, told)
        await _order(found, told[-1])
        await _refused(found, told[-1])
    async with _node() as before:
        await _tell(before, told[:-1])
        await _refuse(before, told[-2])
    for problem in NOT_PROVOKED:
        found.problems.setdefault(str(problem.status), problem.as_json())
    calls = before.calls | found.calls
    return {"calls": dict(sorted(calls.items())), "problems": dict(sorted(found.problems.items()))}


async def _tell(found: Told, told: list[Exchanged]) -> None:
    """Hand in all messages in their order; the last one and its answer are shown."""
    for one in told:
        assert one.xml is not None
        found.calls.pop("POST /messages", None)
        await found.ask("POST /messages", "/messages", one.at, data=one.xml, signer=one.header.sender)


async def _read(found: Told, told: list[Exchanged]) -> None:
    """Read everything there is to read; what takes a node of another kind (a batch, a standby, a result passed
    on, a message given up) is put together."""
    last = told[-1]
    now, ucr, xml = last.at, last.ucr, last.xml
    assert xml is not None
    passed = f"/messages/{last.header.message_id}"
    step = json.dumps({"now": format_time(now)}).encode()
    await found.ask("POST /time", "/time", now, data=step, kind="application/json")
    await found.ask("GET /messages/{id}", passed, now)
    await found.ask("GET /messages/{id}/receipt", f"{passed}/receipt", now)
    await found.ask("GET /cases", "/cases?limit=10", now)
    await found.ask("GET /cases/{ucr}", f"/cases/{ucr}", now)
    await found.ask("GET /ledger/head", "/ledger/head", now)
    rows = await found.ask("GET /outbox", "/outbox?limit=3", now)
    await found.ask("GET /health", "/health", now, who=None)
    found.calls["GET /health"]["503"] = {"status": "standby", "node": NODE}
    page = await found.ask("GET /metrics", "/metrics", now, who=None)
    found.calls["GET /metrics"] = {"200": "\n".join(page.splitlines()[:6]) + "\n"}
    wrong = xml.replace(b">ENTRY<", b">ENTRANCE<")
    await found.ask("POST /validate", "/validate", now, who=None, data=wrong)
    offered = next(one for one in told if one.code == "CTR")
    assert offered.xml is not None
    found.calls["GET /messages/{id}/origin"] = {"200": offered.xml.decode()}
    row = rows["messages"][0]
    found.calls["POST /outbox/{id}/requeue"] = {"parameters": {"id": row["message"]}, "200": row}
    taken = found.calls["POST /messages"]["202"]
    batch = write_batch([Part(xml, demo_key(POST).sign_bytes(xml, now))])
    found.calls["POST /batches"] = {"request": batch.decode(), "200": {"answers": [{"status": 202, **taken}]}}


async def _order(found: Told, last: Exchanged) -> None:
    """Let a post hand in an image, and the operator answer a matter, change a list and an agreement."""
    now, ucr = last.at, last.ucr
    path = f"/images/{digest(PIXEL)}"
    for _ in ("new", "known"):
        await found.ask("PUT /images/{sha256}", f"{path}?case={ucr}", now, who=POST, data=PIXEL, kind="image/png")
    await found.ask("GET /images/{sha256}", path, now)
    asked = message(
        "MAQ", sender="RU", recipient=NODE, ucr=ucr, sent_at=now, ordinal=1, answer_by=now + timedelta(days=30)
    )
    await found.ask("POST /messages", "/messages", now, data=encode(asked), signer="RU")
    matter = f"/cases/{ucr}/matters/{asked.header.message_id}/answer?text=the+seals+were+whole&outcome=ANSWERED"
    await found.ask("POST /cases/{ucr}/matters/{id}/answer", matter, now)
    await found.ask("POST /lists/{id}", "/lists/good-faith?remove=XA001&text=false+papers&to=CN", now)
    await found.ask("POST /agreements/{id}", "/agreements/china-europe-transit-recognition?status=discussed", now)


async def _refuse(found: Told, last: Exchanged) -> None:
    """Let the operator refuse a result that was accepted, before the goods arrive."""
    case = await found.ask("GET /cases/{ucr}", f"/cases/{last.ucr}", last.at)
    offer = case["recognitions"][0]["control_result"]
    path = f"/cases/{last.ucr}/offers/{offer}/refuse?text=the+scanner+was+being+repaired"
    await found.ask("POST /cases/{ucr}/offers/{id}/refuse", path, last.at)


async def _refused(found: Told, last: Exchanged) -> None:
    """Provoke the errors that can be provoked: a wrong message, no proof, another's call, a name taken."""
    xml, now = last.xml, last.at
    assert xml is not None
    post, call, wrong = "POST /messages", "/messages", xml.replace(b">ENTRY<", b">ENTRANCE<")
    other = xml.replace(b">INTACT<", b">BROKEN<", 1)
    unknown = wrong.replace(last.header.message_id.encode(), b"3f2504e0-4f89-51d3-9a0c-0305e82c3301")
    found.problems.clear()
    await found.ask("GET /cases", "/cases?limit=many", now)
    await found.ask("GET /cases", "/cases", now, who=None)
    await found.ask("GET /outbox", "/outbox", now, who=POST)
    await found.ask("GET /cases/{ucr}", "/cases/8CNXA001-NONE", now)
    await found.ask(post, call, now, data=other, signer=POST)
    await found.ask(post, call, now, data=unknown, signer=POST)
    await found.ask(post, call, now, data=xml, signer=POST, kind="application/json")


def examples_text() -> str:
    """Return the examples as the text of ``nodes/openapi/examples.json``."""
    log = logging.getLogger("corridor")
    before = log.level
    log.setLevel(logging.ERROR)  # partners without an address, and the refusals wanted here
    try:
        return json.dumps(asyncio.run(made()), ensure_ascii=False, indent=1) + "\n"
    finally:
        log.setLevel(before)


__all__ = ["EXAMPLES", "examples_text"]
