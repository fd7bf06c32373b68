"""Signed statements read later, when they have become proofs: receipts, messages' signatures and checkpoints.

A statement holds if the key that signed it was its signer's at the time that the statement itself names; whether the
key is good today does not matter. Every error is a :class:`~exchange.signatures.BadSignature`.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exchange.ledger import Head, parse_time
from exchange.members import MemberKey, Members
from exchange.messages import format_time
from exchange.receipts import RECEIPT, Receipt, receipt_of
from exchange.signatures import BadSignature, PrivateKey, PublicKey, verify_bytes, verify_claims

CHECKPOINT = "pix-checkpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a node states of its ledger: how it ended at ``time`` (UTC, wall clock)."""

    node: str
    head: Head
    time: datetime

    def sign(self, key: PrivateKey, kind: str = CHECKPOINT, **more: str) -> str:
        """Return the statement as compact JWS of the type ``kind``, signed with the node's key.

        ``more`` are further claims.
        """
        own = {
            "hash": self.head.hash,
            "node": self.node,
            "position": self.head.position,
            "time": format_time(self.time),
        }
        return key.sign_claims(own | more, kind)


class Signers:
    """The keys of all members, good at the time or not."""

    def __init__(self, members: Members) -> None:
        self._keys: dict[str, tuple[str, MemberKey]] = {
            kid: (member.id, key) for member in members for kid, key in member.keys.items()
        }

    def _find(self, kid: str) -> PublicKey | None:
        found = self._keys.get(kid)
        return found[1].public if found else None

    def _signer(self, kid: str, at: datetime) -> str:
        member, key = self._keys[kid]
        if not key.good_at(at):
            raise BadSignature(f"the key {kid} of {member} was not valid at {format_time(at)}")
        return member

    def message(self, token: str, data: bytes, sender: str) -> datetime:
        """Return when ``sender`` signed exactly ``data``."""
        signed = verify_bytes(token, data, self._find)
        signer = self._signer(signed.kid, signed.iat)
        if signer != sender:
            raise BadSignature(f"the signature is {signer}'s, not {sender}'s")
        return signed.iat

    def receipt(self, token: str) -> Receipt:
        """Return what a receipt states, whatever message it is for, if the one it names as recipient signed it."""
        kid, claims = verify_claims(token, RECEIPT, self._find)
        receipt = receipt_of(claims)
        signer = self._signer(kid, receipt.time)
        if signer != receipt.recipient:
            raise BadSignature(f"the receipt is signed by {signer}, not by {receipt.recipient}")
        return receipt

    def checkpoint(self, token: str, kind: str = CHECKPOINT) -> tuple[Checkpoint, Mapping[str, Any]]:
        """Return the statement of a node on its own ledger, and all claims of the token."""
        kid, claims = verify_claims(token, kind, self._find)
        node, hash_, position, time = (claims.get(name) for name in ("node", "hash", "position", "time"))
        if isinstance(position, bool) or not isinstance(position, int) or not isinstance(time, str):
            raise BadSignature("the checkpoint lacks node, position, hash or time")
        if not isinstance(node, str) or not isinstance(hash_, str):
            raise BadSignature("the checkpoint lacks node, position, hash or time")
        try:
            at = parse_time(time)
        except ValueError as error:
            raise BadSignature(f"the checkpoint: {error}") from error
        signer = self._signer(kid, at)
        if signer != node:
            raise BadSignature(f"the checkpoint of {node} is signed by {signer}")
        return Checkpoint(node=node, head=Head(position, hash_), time=at), claims


def unproven(token: str) -> dict[str, Any]:
    """Return what a compact JWS claims, its signature unchecked; nothing if it cannot be read."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, TypeError, IndexError, AttributeError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


__all__ = ["CHECKPOINT", "Checkpoint", "Signers", "unproven"]
