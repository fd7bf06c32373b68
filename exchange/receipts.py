"""Receipts and read credentials: the two signed statements beside the messages themselves.

A receipt is the recipient's proof of receipt: it names message, digest, node time and the place in the
recipient's ledger. A credential lets a member read: it names method and path and when it was made. Both are
compact JWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from exchange.ledger import parse_time
from exchange.members import Members
from exchange.messages import format_time
from exchange.signatures import BadSignature, PrivateKey, digest, verify_claims

RECEIPT = "pix-receipt"
READ = "pix-read"
SCHEME = "Pix"
"""The HTTP authentication scheme of a read credential."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a receipt states.

    ``time`` is the recipient's node time (UTC), ``hash`` the ledger hash at ``position``.
    """

    message: str
    sender: str
    sha256: str
    recipient: str
    time: datetime
    position: int
    hash: str

    def sign(self, key: PrivateKey) -> str:
        """Return the receipt as compact JWS, signed with the recipient's key."""
        claims = {
            "hash": self.hash,
            "message": self.message,
            "position": self.position,
            "recipient": self.recipient,
            "sender": self.sender,
            "sha256": self.sha256,
            "time": format_time(self.time),
        }
        return key.sign_claims(claims, RECEIPT)


def receipt_of(claims: Mapping[str, Any]) -> Receipt:
    """Return the receipt that these claims state. Raise :class:`BadSignature` if they state none."""
    try:
        position = claims["position"]
        if isinstance(position, bool) or not isinstance(position, int):
            raise ValueError
        words = {name: claims[name] for name in ("message", "sender", "sha256", "recipient", "hash")}
        if not all(isinstance(word, str) for word in words.values()):
            raise ValueError
        time = parse_time(claims["time"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadSignature("the receipt lacks message, sender, sha256, recipient, time, position or hash") from error
    return Receipt(time=time, position=position, **words)


def verify_receipt(
    token: str, members: Members, *, message: str, sender: str, sha256: str, recipient: str, now: datetime
) -> Receipt:
    """Return the receipt if ``recipient`` signed it for exactly this message.

    Raise :class:`BadSignature` if the signature, the signer, the message or the digest is another.
    """
    kid, claims = verify_claims(token, RECEIPT, members.finder(now))
    receipt = receipt_of(claims)
    signer = members.owner(kid)
    if signer != recipient or receipt.recipient != recipient:
        raise BadSignature(f"the receipt is signed by {signer} for {receipt.recipient}, not by {recipient}")
    if (receipt.message, receipt.sender, receipt.sha256) != (message, sender, sha256):
        raise BadSignature("the receipt is for another message or for other bytes")
    return receipt


def credential(
    key: PrivateKey, method: str, path: str, now: datetime, *, node: str | None = None, body: bytes | None = None
) -> str:
    """Return the value of the ``Authorization`` header for one call. ``path`` is as sent, with its query.

    With ``node`` it is good at that node only, with ``body`` for those bytes only.
    """
    claims: dict[str, Any] = {"iat": int(now.timestamp()), "method": method, "path": path}
    if node is not None:
        claims["node"] = node
    if body is not None:
        claims["sha256"] = digest(body)
    return f"{SCHEME} {key.sign_claims(claims, READ)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a credential states: whose it is, when it was made, and, if it says so, for which body."""

    member: str
    iat: datetime
    sha256: str | None = None


def verify_credential(
    header: str, method: str, path: str, members: Members, now: datetime, node: str | None = None
) -> Credential:
    """Return the credential of exactly this call at ``node``. Raise :class:`BadSignature`.

    Whether it is too old is for the caller to judge, and so is the body.
    """
    scheme, _, token = header.partition(" ")
    if scheme != SCHEME:
        raise BadSignature(f"the Authorization header is '{SCHEME} <compact JWS>'")
    kid, claims = verify_claims(token.strip(), READ, members.finder(now))
    iat = claims.get("iat")
    if isinstance(iat, bool) or not isinstance(iat, int) or not 0 <= iat <= 253402300799:
        raise BadSignature("the credential does not say when it was made (iat, seconds since 1970)")
    if claims.get("method") != method or claims.get("path") != path:
        raise BadSignature("the credential is for another call")
    if "node" in claims and node is not None and claims["node"] != node:
        raise BadSignature("the credential is for another node")
    sha256 = claims.get("sha256")
    if sha256 is not None and not isinstance(sha256, str):
        raise BadSignature("the credential's sha256 is not a digest")
    member = members.owner(kid)
    if member is None:  # pragma: no cover - the finder knows only owned keys
        raise BadSignature("the key belongs to no member")
    return Credential(member=member, iat=datetime.fromtimestamp(iat, UTC), sha256=sha256)


__all__ = [
    "READ",
    "RECEIPT",
    "SCHEME",
    "Credential",
    "Receipt",
    "credential",
    "receipt_of",
    "verify_credential",
    "verify_receipt",
]
