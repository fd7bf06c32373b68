"""Receipts and replies: what the node signs, and what it keeps."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta

from exchange.codec import encode
from exchange.receipts import RECEIPT
from exchange.signatures import BadSignature, digest, verify_bytes, verify_claims
from scenarios.conform.check import Book, Failed, NotApplicable, expect, expect_status
from scenarios.conform.checks.state import arrived, registered
from scenarios.conform.checks.time import receipted_at
from scenarios.conform.checks.transport import some
from scenarios.conform.probe import Probe, expect_valid, receipt_claims, receipt_token, signed_replies
from scenarios.conform.requirement import CONTRACT, JWS, PROOF, VALIDATE, requires

BOOK = Book("receipt", "R")
HASH = re.compile(r"[0-9a-f]{64}")
CLOSE = timedelta(minutes=5)


@BOOK.check(1, "the receipt is signed with the node's key", requires(PROOF, "The ledger"))
async def signed(probe: Probe) -> None:
    token = receipt_token(await probe.accepted(some(probe)))
    try:
        kid, _ = verify_claims(token, RECEIPT, probe.trust.members.finder(probe.now))
    except BadSignature as error:
        raise Failed(f"the receipt does not hold: {error}") from error
    owner = probe.trust.members.owner(kid)
    expect(owner == probe.cast.country, f"the receipt is signed by {owner}")


@BOOK.check(2, "the receipt names message, sender and recipient", requires(PROOF, "The ledger"))
async def names(probe: Probe) -> None:
    message = some(probe)
    claims = receipt_claims(await probe.accepted(message))
    wanted = {"message": message.header.message_id, "sender": message.header.sender, "recipient": probe.cast.country}
    wrong = [f"{name} {claims.get(name)!r}" for name, value in wanted.items() if claims.get(name) != value]
    expect(not wrong, f"the receipt says {', '.join(wrong)}")


@BOOK.check(3, "the receipt names the SHA-256 of the exact bytes", requires(PROOF, "The ledger"))
async def sha256(probe: Probe) -> None:
    message = some(probe)
    stated, sent = receipt_claims(await probe.accepted(message)).get("sha256"), digest(encode(message))
    expect(stated == sent, f"the receipt names the digest {stated!r}; that of the body, as it came, is {sent!r}")


@BOOK.check(4, "the receipt states the node's time", requires(PROOF, "The ledger"))
async def time(probe: Probe) -> None:
    off = receipted_at(await probe.accepted(some(probe))) - probe.now
    expect(abs(off) <= CLOSE, f"the time of the receipt is {off.total_seconds():.0f} s from the node's")


@BOOK.check(5, "the receipt states position and hash in the ledger", requires(PROOF, "The ledger"))
async def place(probe: Probe) -> None:
    claims = receipt_claims(await probe.accepted(some(probe)))
    position, stated = claims.get("position"), claims.get("hash")
    known = isinstance(position, int) and not isinstance(position, bool) and position >= 1
    expect(known, f"the position is {position!r}: a number from 1")
    expect(isinstance(stated, str) and HASH.fullmatch(stated) is not None, f"the hash is {stated!r}")


@BOOK.check(6, "positions rise from receipt to receipt", requires(PROOF, "The ledger"))
async def rising(probe: Probe) -> None:
    places = [receipt_claims(await probe.accepted(some(probe))).get("position") for _ in range(2)]
    numbers = [place for place in places if isinstance(place, int)]
    expect(len(numbers) == 2 and numbers[0] < numbers[1], f"two receipts state the positions {places}")


@BOOK.check(7, "the node's immediate answers are signed with its key over their bytes", requires(JWS, "appendix F"))
async def replies(probe: Probe) -> None:
    answer = await probe.accepted(some(probe))
    found = signed_replies(answer)
    expect(bool(found), "the post's report is not answered at once")
    for text, token in found:
        try:
            proof = verify_bytes(token, text.encode(), probe.trust.members.finder(probe.now))
        except BadSignature as error:
            raise Failed(f"the signature of a reply does not hold: {error}") from error
        owner = probe.trust.members.owner(proof.kid)
        expect(owner == probe.cast.country, f"a reply is signed by {owner}")


@BOOK.check(8, "replies come from the node, go to who asked, and name what they answer", requires(CONTRACT, "Replies"))
async def addressed(probe: Probe) -> None:
    message = some(probe)
    for reply in probe.replies(await probe.accepted(message)):
        head = reply.header
        expect(head.sender == probe.cast.country, f"{reply.CODE} comes from {head.sender}")
        expect(head.recipient == message.header.sender, f"{reply.CODE} goes to {head.recipient}")
        expect(head.correlation_id == message.header.message_id, f"{reply.CODE} answers {head.correlation_id}")
        expect(reply.ucr == message.ucr, f"{reply.CODE} is about {reply.ucr}")


@BOOK.check(9, "GET /messages/{id} gives the bytes as they came", requires(CONTRACT, "Reads"))
async def kept(probe: Probe) -> None:
    message = some(probe)
    await probe.accepted(message)
    answer = await probe.read(f"/messages/{message.header.message_id}", probe.cast.post)
    expect_status(answer, 200)
    expect(answer.body == encode(message), "the bytes are not those that were sent")


@BOOK.check(10, "GET /messages/{id}/receipt gives the receipt again", requires(CONTRACT, "Reads"))
async def receipt_kept(probe: Probe) -> None:
    message = some(probe)
    token = receipt_token(await probe.accepted(message))
    answer = await probe.read(f"/messages/{message.header.message_id}/receipt", probe.cast.post)
    expect_status(answer, 200)
    expect(answer.document().get("receipt") == token, "the receipt is another than the one given")


@BOOK.check(11, "GET /ledger/head is not behind the last receipt", requires(CONTRACT, "Reads"))
async def head(probe: Probe) -> None:
    claims = receipt_claims(await probe.accepted(some(probe)))
    answer = await probe.read("/ledger/head", probe.cast.post)
    expect_status(answer, 200)
    told = answer.document()
    position, stated = told.get("position"), told.get("hash")
    known = isinstance(position, int) and isinstance(stated, str) and HASH.fullmatch(stated) is not None
    expect(known, "the answer has a position and a hash of 64 hexadecimal digits")
    assert isinstance(position, int)
    receipted = claims.get("position")
    expect(not isinstance(receipted, int) or position >= receipted, f"it ends at {position}, before {receipted}")


@BOOK.check(12, "replies are valid messages: they pass the gates", requires(VALIDATE, "The gates"))
async def valid(probe: Probe) -> None:
    _, arrival, answer = await arrived(probe)
    answered = [(arrival, answer)]
    with suppress(NotApplicable):
        _, declaration, answer = await registered(probe)
        answered.append((declaration, answer))
    for message, answer in answered:
        for text, _ in signed_replies(answer):
            expect_valid(text.encode(), f"the reply to {message.CODE}")


__all__ = ["BOOK"]
