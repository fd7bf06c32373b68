"""What others hold of a node's ledger: their copies of its receipts and checkpoints, read from wherever they keep them.

A source is another member's store (URL or SQLite file), a file of evidence, or a text file of receipts and checkpoints:
one compact JWS a line, or the JSON that ``GET /messages/{id}/receipt`` answers. Every statement must be signed by the
node itself, so nobody can make claims on its ledger but it.
"""

from __future__ import annotations

import json
from pathlib import Path

from exchange.audit import Claim
from exchange.errors import CorridorError
from exchange.evidence_check import check_evidence
from exchange.evidence_file import LONGEST, EvidenceError
from exchange.ledger import MessageRef
from exchange.members import Members
from exchange.proofs import Signers
from exchange.receipts import Receipt
from exchange.signatures import BadSignature
from exchange.store import open_store

_PAGE = 500
_SQLITE = b"SQLite format 3\0"


class ClaimError(CorridorError):
    """What somebody holds of a ledger cannot be read, or is not signed by the ledger's node."""


async def claims_of(source: str, node: str, members: Members) -> list[Claim]:
    """Return what ``source`` holds of the ledger of ``node``: nothing if it has to do with others only.

    Raise :class:`ClaimError` naming the source if it cannot be read, or a statement in it does not hold.
    """
    signers = Signers(members)
    try:
        if "://" in source:
            return await _of_store(source, node, signers)
        data = _read(Path(source))
        if data is None:
            return await _of_store(f"sqlite:///{source}", node, signers)
        if data.startswith(b"PK"):
            return _of_evidence(data, node, members)
        return _of_text(data, node, signers)
    except OSError as error:
        raise ClaimError(f"{source}: cannot be read ({error.strerror})") from error
    except (BadSignature, ClaimError, EvidenceError) as error:
        raise ClaimError(f"{source}: {error}") from error


def _read(path: Path) -> bytes | None:
    """Return the bytes of a file, None if it is a SQLite database."""
    with path.open("rb") as file:
        data = file.read(len(_SQLITE))
        if data == _SQLITE:
            return None
        data += file.read(LONGEST)
    if len(data) > LONGEST:
        raise ClaimError(f"is longer than {LONGEST} bytes")
    return data


async def _of_store(url: str, node: str, signers: Signers) -> list[Claim]:
    store = await open_store(url, "", reading=True)
    claims: list[Claim] = []
    try:
        after = ""
        while rows := await store.receipts_got(node, _PAGE, after):
            after = rows[-1][0]
            for message_id, token in rows:
                try:
                    claims.append(_claim(signers.receipt(token)))
                except BadSignature as error:
                    raise ClaimError(f"the receipt for message {message_id}: {error}") from error
    finally:
        await store.close()
    return claims


def _of_evidence(data: bytes, node: str, members: Members) -> list[Claim]:
    proof = check_evidence(data, members)
    claims = [_claim(receipt) for receipt in proof.receipts if receipt.recipient == node]
    if proof.checkpoint.node == node:
        head = proof.checkpoint.head
        claims.append(Claim(head.position, head.hash, f"the evidence of case {proof.case}"))
    return claims


def _of_text(data: bytes, node: str, signers: Signers) -> list[Claim]:
    try:
        text = data.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise ClaimError("is no store, no evidence, and no text with a receipt or checkpoint a line") from error
    if text.startswith("{"):
        try:
            text = json.loads(text)["receipt"]
            lines = text.split()
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ClaimError('is JSON, but not {"receipt": "<compact JWS>"}') from error
    else:
        lines = text.split()
    if not lines:
        raise ClaimError("is empty")
    claims = []
    for number, token in enumerate(lines, 1):
        try:
            claim = _of_token(token, signers)
        except BadSignature as error:
            raise ClaimError(f"statement {number}: {error}") from error
        if claim[0] == node:
            claims.append(claim[1])
    return claims


def _of_token(token: str, signers: Signers) -> tuple[str, Claim]:
    """Return whose ledger a receipt or checkpoint is about, and what it claims."""
    try:
        receipt = signers.receipt(token)
    except BadSignature as error:
        if "not of the type" not in str(error):
            raise
        checkpoint, _ = signers.checkpoint(token)
        head = checkpoint.head
        made = f"{checkpoint.time:%Y-%m-%dT%H:%M:%SZ}"
        return checkpoint.node, Claim(head.position, head.hash, f"the checkpoint of {made}")
    return receipt.recipient, _claim(receipt)


def _claim(receipt: Receipt) -> Claim:
    ref = MessageRef(receipt.sender, receipt.message, receipt.sha256)
    source = f"the receipt that {receipt.sender} holds for message {receipt.message}"
    return Claim(receipt.position, receipt.hash, source, ref)


__all__ = ["ClaimError", "claims_of"]
