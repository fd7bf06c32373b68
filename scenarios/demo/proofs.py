"""What the nodes of an arm tell of a message when their operator asks over HTTP: bytes, signature, receipt, cases.

Everything is read with ``GET`` from the node that keeps it and checked again here, with the keys of the arm's members.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from exchange.errors import CorridorError
from exchange.http import SIGNATURE, Undelivered
from exchange.ledger import parse_time
from exchange.members import Members, country
from exchange.messages import format_time
from exchange.receipts import verify_receipt
from exchange.sentences import tell
from exchange.signatures import ALGORITHM, BadSignature, digest, verify_bytes

if TYPE_CHECKING:
    from scenarios.transport import Exchanged
    from scenarios.transport_http import HttpTransport

State = Literal["verified", "broken", "none"]


class Unread(CorridorError):
    """A node does not give what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A signature or a receipt: ``verified``, ``broken`` (``text`` says why) or ``none`` where no node keeps one.

    ``facts`` are what it states, in the order to be shown; ``token`` is the JWS itself.
    """

    state: State
    text: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    token: str = ""


NONE = Proof(state="none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message: its bytes, the node that gave them (empty: none keeps it, these are the bytes as sent), its proofs."""

    id: str
    data: bytes
    sha256: str
    kept_by: str
    signature: Proof
    receipt: Proof


async def letter(transport: HttpTransport, item: Exchanged) -> Letter:
    """Return what the nodes keep of the message ``item``."""
    header = item.header
    name = f"/messages/{quote(header.message_id, safe='')}"
    asked = f"?sender={quote(header.sender, safe='')}"
    data, kept_by, token = item.xml or b"", "", ""
    for node in _keepers(header.sender, header.recipient, transport):
        status, headers, body = await _read(transport, node, f"{name}{asked}")
        if status == 200:
            data, kept_by, token = body, node, headers.get(SIGNATURE, "")
            break
    receipt = NONE
    if kept_by:
        status, _, body = await _read(transport, kept_by, f"{name}/receipt{asked}")
        if status == 200:
            receipt = _receipt(str(json.loads(body)["receipt"]), data, item, transport.members)
    return Letter(
        id=header.message_id,
        data=data,
        sha256=digest(data),
        kept_by=kept_by,
        signature=_signature(token, data, item, transport.members) if token else NONE,
        receipt=receipt,
    )


def _keepers(sender: str, recipient: str, transport: HttpTransport) -> list[str]:
    """Return the nodes that may keep the message: the recipient's first, for it keeps the signature as well."""
    services = [member for member in (recipient, sender) if member == country(member)]
    return [member for member in services if member in transport.nodes]


async def _read(transport: HttpTransport, node: str, path: str) -> tuple[int, Mapping[str, str], bytes]:
    """Read from a node; one that cannot be reached keeps nothing for now (status 0)."""
    try:
        return await transport.read(node, path)
    except Undelivered:
        return 0, {}, b""


def _signature(token: str, data: bytes, item: Exchanged, members: Members) -> Proof:
    try:
        signed = verify_bytes(token, data, members.finder(item.at))
    except BadSignature as error:
        return Proof(state="broken", text=str(error), token=token)
    signer = members.owner(signed.kid) or ""
    facts = {"signer": signer, "kid": signed.kid, "alg": ALGORITHM, "iat": format_time(signed.iat)}
    if signer != item.header.sender:
        return Proof(
            state="broken",
            text=tell("signed by {signer}, not by {sender}", signer=signer, sender=item.header.sender),
            facts=facts,
            token=token,
        )
    return Proof(state="verified", facts=facts, token=token)


def _receipt(token: str, data: bytes, item: Exchanged, members: Members) -> Proof:
    header = item.header
    try:
        receipt = verify_receipt(
            token,
            members,
            message=header.message_id,
            sender=header.sender,
            sha256=digest(data),
            recipient=header.recipient,
            now=item.at,
        )
    except BadSignature as error:
        return Proof(state="broken", text=str(error), token=token)
    facts = {
        "recipient": receipt.recipient,
        "time": format_time(receipt.time),
        "position": str(receipt.position),
        "sender": receipt.sender,
        "message": receipt.message,
        "sha256": receipt.sha256,
        "hash": receipt.hash,
    }
    return Proof(state="verified", facts=facts, token=token)


async def cases(transport: HttpTransport, ucr: str) -> dict[str, dict[str, Any]]:
    """Return, by country, what each service's node tells its operator of the case; nodes that know none are left out.

    The times in it stay as they are told (UTC, ISO 8601).
    """
    told = {}
    for node in transport.nodes:
        status, _, body = await _read(transport, node, f"/cases/{quote(ucr, safe='')}")
        if status == 200:
            told[node] = json.loads(body)
    return told


async def image(transport: HttpTransport, node: str, sha: str) -> tuple[bytes, str]:
    """Return an inspection image and its media type from the node that keeps it. Raise :class:`Unread`."""
    status, headers, body = await _read(transport, node, f"/images/{quote(sha, safe='')}")
    if status != 200:
        raise Unread(f"{node} does not give the image {sha[:12]}… (answered {status})")
    if sha256(body).hexdigest() != sha:
        raise Unread(f"the image that {node} gives is not the one named {sha[:12]}…: its digest is another")
    return body, headers.get("Content-Type", "")


def second(text: str, start: datetime) -> int:
    """Return the second since ``start`` that a node's time says."""
    return int((parse_time(text) - start).total_seconds())


__all__ = ["NONE", "Letter", "Proof", "Unread", "cases", "image", "letter", "second"]
