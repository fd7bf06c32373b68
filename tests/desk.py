"""A node of Kazakhstan over HTTP, and somebody who can send it anything."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from exchange.limits import Limits, Timeouts
from exchange.members import Member, Members
from exchange.messages import AdvanceDeclaration, ArrivalAdvice, Header, Message, SealFound
from exchange.receipts import credential
from exchange.references import message_id
from exchange.signatures import PrivateKey
from exchange.store import Store
from nodes.service import NodeService, listen, url_of
from tests.journey import START, UCR, Journey, consignment

NOW = START + timedelta(days=6)


WHO = ("KZ", "CN", "RU", "KZ.OPERATOR", "KZ.99101", "KZ.KTZ", "KZ.STRANGER", "CN.9911", "FI")


KEYS = {member: PrivateKey.generate(member) for member in WHO}


STRANGER = PrivateKey.generate("nobody")


def arrival(ordinal: int = 1, sender: str = "KZ.99101", recipient: str = "KZ", ucr: str = UCR, **body: Any) -> Message:
    header = Header(
        message_id=message_id(sender, recipient, "ARR", ucr, ordinal),
        message_type="ARR",
        sender=sender,
        recipient=recipient,
        sent_at=NOW,
        ordinal=ordinal,
    )
    seals = (SealFound(sequence_number=1, id="CN0001", state="INTACT"),)
    values: dict[str, Any] = {"office": "99101", "presentation": "ENTRY", "arrived_at": NOW, "seals_found": seals}
    return ArrivalAdvice(header=header, ucr=ucr, **(values | body))


def filing(ordinal: int = 1, ucr: str = UCR) -> Message:
    header = Header(
        message_id=message_id("KZ.KTZ", "KZ", "ADV", ucr, ordinal),
        message_type="ADV",
        sender="KZ.KTZ",
        recipient="KZ",
        sent_at=NOW,
        ordinal=ordinal,
    )
    return AdvanceDeclaration(header=header, ucr=ucr, kind="CARRIER_FILING", office="99101", consignment=consignment())


class Desk:
    """A node of Kazakhstan and somebody who can send it anything."""

    def __init__(self, node: NodeService, store: Store, members: Members, session: aiohttp.ClientSession) -> None:
        self.node, self.store, self.members, self.session = node, store, members, session

    async def send(
        self, data: bytes, *, key: PrivateKey | None = KEYS["KZ.99101"], iat: datetime = NOW, **headers: str
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Post ``data``; return status, JSON and headers of the answer."""
        sent = {"Content-Type": "application/xml", "Pix-Time": NOW.strftime("%Y-%m-%dT%H:%M:%SZ")}
        if key is not None:
            sent["Pix-Signature"] = key.sign_bytes(data, iat)
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.post(f"{self.node.url}/messages", data=data, headers=sent) as answer:
            kind = answer.content_type
            body = json.loads(await answer.read())
            if answer.status != 202:
                assert kind == "application/problem+json"
                assert {"type", "title", "status", "detail", "errors"} <= set(body)
                assert body["status"] == answer.status
                assert all("text" in error for error in body["errors"])
            return answer.status, body, dict(answer.headers)

    async def get(self, path: str, who: str = "KZ.OPERATOR", now: datetime = NOW) -> tuple[int, bytes]:
        """Read ``path`` as ``who``."""
        headers = {"Authorization": credential(KEYS[who], "GET", path, now)}
        async with self.session.get(self.node.url + path, headers=headers) as answer:
            return answer.status, await answer.read()


async def desk(
    limits: Limits | None = None, *, stepped: bool = True, patience: float = 60, arm: str = "baseline"
) -> AsyncIterator[Desk]:
    sock = listen("127.0.0.1", 0)
    urls = {"KZ": url_of(sock)}
    members = Members(Member.of(who, urls.get(who), key.public) for who, key in KEYS.items())
    store = await Store.open(None, "KZ", threaded=False)
    core = Journey(arm).cores["KZ"]
    timeouts = Timeouts(gather=0.2, shutdown=1, request=patience)
    try:
        async with (
            NodeService(
                core, store, KEYS["KZ"], members, sock, stepped=stepped, limits=limits, timeouts=timeouts
            ) as node,
            aiohttp.ClientSession(auto_decompress=False) as session,
        ):
            yield Desk(node, store, members, session)
    finally:
        await store.close()
