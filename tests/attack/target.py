"""A node of Kazakhstan to attack, and what its members would send it; plain on loopback or over TLS."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from exchange.authority import Authority
from exchange.codec import encode
from exchange.limits import Limits, Timeouts
from exchange.members import Member, Members
from exchange.messages import ArrivalAdvice, Header, SealFound
from exchange.receipts import credential
from exchange.references import message_id
from exchange.signatures import PrivateKey
from exchange.store import Store, open_store
from exchange.trust import Identity
from nodes.listening import listen, url_of
from nodes.service import NodeService
from tests.journey import START, Journey
from tests.waiting import HANGS

STEPPED_NOW = START + timedelta(days=6)
WHO = ("KZ", "CN", "RU", "FI", "KZ.OPERATOR", "RU.OPERATOR", "KZ.99101", "KZ.99102", "KZ.KTZ", "KZ.STRANGER", "CN.9911")
KEYS = {member: PrivateKey.generate(member) for member in WHO}
OLD_KEY = PrivateKey.generate("KZ.99101-old")
STRANGER = PrivateKey.generate("nobody")
CA = Authority.make(datetime.now(UTC))


def identity(folder: Path, member: str, *, by: Authority = CA, days: float = 1, begins: float = 0) -> Identity:
    """Return an identity of ``member`` in a folder of its own, good for ``days`` from ``begins`` days from now."""
    own = folder / member
    own.mkdir(parents=True, exist_ok=True)
    made = datetime.now(UTC) + timedelta(days=begins)
    issued = by.issue(member, ["127.0.0.1"], made, timedelta(days=days))
    (own / "tls-cert.pem").write_text(issued.certificate)
    (own / "tls-key.pem").write_bytes(issued.key)
    return Identity.load(own)


def arrival(
    now: datetime, ordinal: int = 1, sender: str = "KZ.99101", ucr: str = "8CNXA001-T01C1.ABCDEFGB", **body: Any
) -> bytes:
    """Return an arrival told by a border post, as bytes."""
    header = Header(
        message_id=message_id(sender, "KZ", "ARR", ucr, ordinal),
        message_type="ARR",
        sender=sender,
        recipient="KZ",
        sent_at=now,
        ordinal=ordinal,
    )
    seals = (SealFound(sequence_number=1, id="CN0001", state="INTACT"),)
    values: dict[str, Any] = {"office": "99101", "presentation": "ENTRY", "arrived_at": now, "seals_found": seals}
    return encode(ArrivalAdvice(header=header, ucr=ucr, **(values | body)))


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: its status, headers and JSON (or nothing)."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def code(self) -> str:
        """The last part of a problem's type, empty if it is none."""
        return str(self.body.get("type", "")).rpartition(":")[2]


class Target:
    """The node, its store, and ways to reach it."""

    def __init__(self, node: NodeService, store: Store, members: Members, session: aiohttp.ClientSession) -> None:
        self.node, self.store, self.members, self.session = node, store, members, session
        self.now = STEPPED_NOW if node.stepped else datetime.now(UTC).replace(microsecond=0)

    @property
    def time(self) -> dict[str, str]:
        """The header that tells a stepped node the time."""
        return {"Pix-Time": f"{self.now:%Y-%m-%dT%H:%M:%SZ}"} if self.node.stepped else {}

    async def ask(self, method: str, path: str, data: Any = None, *, headers: Any = None, **more: Any) -> Told:
        """Make one call; every refusal must be a problem document that states its own status."""
        async with self.session.request(
            method, self.node.url + path, data=data, headers=headers, allow_redirects=False, **more
        ) as answer:
            return _told(answer.status, answer.headers, await answer.read(), method)

    async def send(
        self,
        data: bytes,
        *,
        key: PrivateKey | None = None,
        token: str | None = None,
        iat: datetime | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Told:
        """Post ``data``, signed by ``key`` at ``iat`` unless a ``token`` is given; an empty one leaves it unsigned."""
        if token is None:
            token = (key or KEYS["KZ.99101"]).sign_bytes(data, iat or self.now)
        sent = {"Content-Type": "application/xml", "Pix-Signature": token, **self.time}
        if not token:
            del sent["Pix-Signature"]
        return await self.ask("POST", "/messages", data, headers=sent | dict(headers or {}), **more)

    async def get(self, path: str, who: str = "KZ.OPERATOR", *, signed: str | None = None, **more: Any) -> Told:
        """Read ``path`` as ``who``."""
        header = credential(KEYS[who], "GET", signed or path, self.now)
        return await self.ask("GET", path, headers={"Authorization": header, **self.time}, **more)

    async def raw(self, data: bytes, *, wait: float = HANGS, answer: bool = False) -> bytes:
        """Send bytes over a connection of its own; return all that comes until the node closes, an ``answer`` has come
        whole (where the node goes on reading what is not there), or ``wait`` is over."""
        parts = urlsplit(self.node.url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            writer.write(data)
            got = b""
            with contextlib.suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(wait):
                    while not (answer and _whole(got)) and (part := await reader.read(65536)):
                        got += part
            return got
        finally:
            writer.close()

    async def head(self) -> int:
        """Return how many entries the ledger has."""
        return (await self.store.head()).position


def _whole(got: bytes) -> bool:
    head, end, body = got.partition(b"\r\n\r\n")
    length = re.search(rb"\r\nContent-Length: (\d+)", head)
    return bool(end) and length is not None and len(body) >= int(length[1])


def _told(status: int, headers: Mapping[str, str], body: bytes, method: str) -> Told:
    if status < 400 or method == "HEAD":
        try:
            found = json.loads(body)
        except ValueError:
            found = {}
        return Told(status, headers, found if isinstance(found, dict) else {})
    assert headers["Content-Type"].startswith("application/problem+json"), (status, body[:200])
    problem = json.loads(body)
    assert problem["status"] == status and problem["detail"] and problem["errors"]
    return Told(status, headers, problem)


def registry(url: str, identities: Mapping[str, Identity]) -> Members:
    """Return the members; the post 99101 has an old key, too, that ended a year before either kind of now."""
    from exchange.members import MemberKey

    def of(member: str) -> Member:
        keys = {KEYS[member].kid: MemberKey(KEYS[member].public)}
        if member == "KZ.99101":
            keys[OLD_KEY.kid] = MemberKey(OLD_KEY.public, not_after=STEPPED_NOW - timedelta(days=365))
        shown = (identities[member].certificate,) if member in identities else ()
        return Member(member, url if member == "KZ" else None, keys, shown)

    return Members(of(member) for member in WHO)


@contextlib.asynccontextmanager
async def target(
    *,
    stepped: bool = True,
    limits: Limits | None = None,
    timeouts: Mapping[str, float] | None = None,
    identities: Mapping[str, Identity] | None = None,
    members: Members | None = None,
    store_url: str = "sqlite://",
) -> AsyncIterator[Target]:
    """Start a node; with ``identities`` (by member) it speaks TLS and shows that of KZ.

    ``members`` replace the usual ones.
    """
    sock: socket.socket = listen("127.0.0.1", 0)
    shown = identities or {}
    members = members or registry(url_of(sock, tls=bool(shown)), shown)
    store = await open_store(store_url, "KZ", threaded=False)
    waits = Timeouts(**({"gather": 0.2, "shutdown": 1.0} | dict(timeouts or {})))
    try:
        async with (
            NodeService(
                Journey("baseline").cores["KZ"],
                store,
                KEYS["KZ"],
                members,
                sock,
                stepped=stepped,
                limits=limits,
                timeouts=waits,
                identity=shown.get("KZ"),
            ) as node,
            aiohttp.ClientSession(auto_decompress=False) as session,
        ):
            yield Target(node, store, members, session)
    finally:
        await store.close()


__all__ = ["CA", "KEYS", "OLD_KEY", "STEPPED_NOW", "STRANGER", "WHO", "Target", "Told", "arrival", "identity", "target"]
