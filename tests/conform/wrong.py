"""Deliberately wrong nodes: each is ours with one thing broken, and stands with the checks that must find it."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from multidict import CIMultiDict

from exchange.codec import decode, encode
from exchange.messages import ControlDecision, FunctionalRejection, Message
from exchange.receipts import RECEIPT, credential
from exchange.signatures import digest
from scenarios.live.demo_trust import demo_key
from tests.conform.bench import Call, Fault, Inner, Said

_TURNED = re.compile(rb"(<Office>[^<]*</Office>\s*)(<Presentation>[^<]*</Presentation>\s*)")
_ID = re.compile(rb"<MessageID>([^<]*)</MessageID>")


def _json(part: str) -> dict[str, Any]:
    try:
        found = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _head(call: Call) -> dict[str, Any]:
    """Return the protected header of the signature that a message came with."""
    return _json(call.headers.get("Pix-Signature", "").partition(".")[0])


def _told(call: Call) -> datetime:
    return datetime.fromisoformat(call.headers["Pix-Time"].replace("Z", "+00:00"))


def _receipt(said: Said, by: str = "KZ", **changes: Any) -> None:
    """Sign the receipt of an answer anew with ``changes``; None takes a claim out."""
    if said.status < 300 and "receipt" in said.told:
        claims = _json(said.told["receipt"].split(".")[1]) | changes
        kept = {name: value for name, value in claims.items() if value is not None}
        said.tell(receipt=demo_key(by).sign_claims(kept, RECEIPT))


def _replies(said: Said, change: Callable[[Any], Message | None], by: str = "KZ") -> None:
    """Put ``change`` of each reply in its place, signed ``by`` a member; None leaves it out."""
    if said.status != 202:
        return
    rows = []
    for row in said.told["replies"]:
        changed = change(decode(row["message"].encode()))
        if changed is not None:
            data = encode(changed)
            at = datetime.fromtimestamp(_json(row["signature"].partition(".")[0])["iat"], UTC)
            rows.append({"message": data.decode(), "signature": demo_key(by).sign_bytes(data, at)})
    said.tell(replies=rows)


def _problem(status: int, code: str) -> Said:
    body = {"type": f"urn:x:{code}", "title": code, "status": status, "detail": code, "errors": [{"text": code}]}
    return Said(status, CIMultiDict({"Content-Type": "application/problem+json"}), json.dumps(body).encode())


async def believes_any_signature(call: Call, inner: Inner) -> Said:
    if len(call.headers.getall("Pix-Signature", ())) > 1:
        return await inner(call)
    if call.posts and call.sender and "iat" in _head(call):
        call.signed_anew(datetime.fromtimestamp(_head(call)["iat"], UTC))
    elif call.posts and call.sender and call.headers.get("Content-Type") == "application/xml":
        call.headers.popall("Pix-Signature", None)
        call.signed_anew(_told(call))
    return await inner(call)


async def believes_stale_signatures(call: Call, inner: Inner) -> Said:
    said = await inner(call)
    outside = call.posts and said.status == 401 and said.told["type"].endswith(":window")
    if outside and _head(call)["iat"] < _told(call).timestamp():
        call.signed_anew(_told(call))
        return await inner(call)
    return said


async def parses_before_it_authenticates(call: Call, inner: Inner) -> Said:
    if call.posts and call.body == b"this is no XML":
        return _problem(400, "not-xml")
    return await inner(call)


async def receipts_without_digest(call: Call, inner: Inner) -> Said:
    said = await inner(call)
    if call.posts or call.path.endswith("/receipt"):
        _receipt(said, sha256=None)
    return said


async def lets_another_sign_its_receipts(call: Call, inner: Inner) -> Said:
    said = await inner(call)
    if call.posts or call.path.endswith("/receipt"):
        _receipt(said, by="RU")
    return said


async def takes_other_bytes_under_a_used_id(call: Call, inner: Inner) -> Said:
    said = await inner(call)
    if call.posts and said.status == 409:
        found = _ID.search(call.body)
        assert found is not None
        claims = {"message": found[1].decode(), "sender": call.sender, "sha256": digest(call.body), "recipient": "KZ"}
        token = demo_key("KZ").sign_claims(claims, RECEIPT)
        said = Said(202, CIMultiDict({"Content-Type": "application/json"}), b"{}")
        said.tell(receipt=token, replies=[])
    return said


async def answers_duplicates_with_new_receipts(call: Call, inner: Inner) -> Said:
    said = await inner(call)
    if call.posts and "Pix-Replayed" in said.headers:
        _receipt(said, position=999_999)
    return said


async def ignores_the_time_it_is_told(call: Call, inner: Inner) -> Said:
    if call.path != "/time":
        call.headers.popall("Pix-Time", None)
    return await inner(call)


async def answers_200(call: Call, inner: Inner) -> Said:
    said = await inner(call)
    said.status = 200 if said.status == 202 else said.status
    return said


async def knows_no_problem_json(call: Call, inner: Inner) -> Said:
    said = await inner(call)
    if said.status >= 400:
        said.headers["Content-Type"] = "application/json"
    return said


async def takes_doctypes(call: Call, inner: Inner) -> Said:
    plain = call.body.replace(b"<!DOCTYPE ArrivalAdvice>", b"")
    if call.posts and plain != call.body:
        call.body = plain
        call.signed_anew(_told(call))
    return await inner(call)


async def forgets_messages(call: Call, inner: Inner) -> Said:
    said = await inner(call)
    if said.status == 200 and re.fullmatch(r"/messages/[^/]+", call.path):
        return _problem(404, "not-found")
    return said


async def finds_the_wrong_reason_where_no_agreement_is(call: Call, inner: Inner) -> Said:
    said = await inner(call)
    if said.status == 403 and said.told["detail"].startswith("No agreement"):
        return _problem(422, "invalid")
    return said


async def decides_as_if_before_arrival(call: Call, inner: Inner) -> Said:
    said = await inner(call)
    if call.posts:
        _replies(
            said,
            lambda one: one.model_copy(update={"before_arrival": True}) if isinstance(one, ControlDecision) else one,
        )
    return said


async def lets_goods_go_at_any_time(call: Call, inner: Inner) -> Said:
    said = await inner(call)
    if call.posts and b"<MessageType>NCF<" in call.body:
        _replies(said, lambda one: None if isinstance(one, FunctionalRejection) else one)
    return said


async def shows_everybody_everything(call: Call, inner: Inner) -> Said:
    asks = call.method == "GET" and call.headers.get("Authorization", "").startswith("Pix ")
    claims = _json(call.headers["Authorization"].split(".")[1]) if asks else {}
    if claims.get("path") == call.path:
        at = datetime.fromtimestamp(claims["iat"], UTC)
        call.headers["Authorization"] = credential(demo_key("KZ.OPERATOR"), "GET", call.path, at)
    return await inner(call)


async def answers_in_the_wrong_order(call: Call, inner: Inner) -> Said:
    said = await inner(call)
    if call.posts and said.status == 202:
        rows = []
        for row in said.told["replies"]:
            data = _TURNED.sub(rb"\2\1", row["message"].encode())
            at = datetime.fromtimestamp(_json(row["signature"].partition(".")[0])["iat"], UTC)
            rows.append({"message": data.decode(), "signature": demo_key("KZ").sign_bytes(data, at)})
        said.tell(replies=rows)
    return said


async def lists_one_error_at_a_time(call: Call, inner: Inner) -> Said:
    said = await inner(call)
    if said.status == 422:
        said.tell(errors=said.told["errors"][:1])
    return said


WRONG: dict[Fault, set[str]] = {
    believes_any_signature: {
        "S01", "S03", "S04", "S05", "S06", "S07", "S08", "S09", "S10", "S11",
    },
    believes_stale_signatures: {"S12", "V17"},
    parses_before_it_authenticates: {"S16"},
    receipts_without_digest: {"R03"},
    lets_another_sign_its_receipts: {"R01"},
    takes_other_bytes_under_a_used_id: {"P06"},
    answers_duplicates_with_new_receipts: {"P03"},
    ignores_the_time_it_is_told: {"C01", "C03"},
    answers_200: {"T02"},
    knows_no_problem_json: {"T09"},
    takes_doctypes: {"V04"},
    forgets_messages: {"R09", "N05"},
    finds_the_wrong_reason_where_no_agreement_is: {"A02", "A03"},
    decides_as_if_before_arrival: {"Z04"},
    lets_goods_go_at_any_time: {"Z08"},
    shows_everybody_everything: {"N06", "N09", "O05"},
    lists_one_error_at_a_time: {"V08"},
    answers_in_the_wrong_order: {"R12"},
}  # fmt: skip
"""What each wrong node fails, and nothing else."""
