"""Messages that prove less than they claim: unsigned, wrongly signed, stale, spoofed, replayed."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from exchange.signatures import BadSignature, digest, verify_bytes
from tests.attack.target import KEYS, OLD_KEY, STEPPED_NOW, STRANGER, Target, arrival

DATA = arrival(STEPPED_NOW)
GOOD = KEYS["KZ.99101"]


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def token(head: Any, data: bytes = DATA, signature: bytes | None = None) -> str:
    """Return a detached JWS under any header; signed with the right key unless a signature is given."""
    protected = b64(json.dumps(head).encode())
    if signature is None:
        signature = GOOD._key.sign(f"{protected}.{b64(data)}".encode())
    return f"{protected}..{b64(signature)}"


HEAD = {"alg": "Ed25519", "kid": "KZ.99101", "iat": int(STEPPED_NOW.timestamp())}


def hmac_with_public_key() -> str:
    """Return a token whose secret is the public key: good where a verifier believes the header's algorithm."""
    protected = b64(json.dumps(HEAD | {"alg": "HS256"}).encode())
    made = HMAC(GOOD.public.raw, SHA256())
    made.update(f"{protected}.{b64(DATA)}".encode())
    return f"{protected}..{b64(made.finalize())}"


FORGED = {
    "unsigned": "",
    "rubbish": "rubbish",
    "stranger": STRANGER.sign_bytes(DATA, STEPPED_NOW),
    "stranger under a known kid": token(HEAD, signature=STRANGER._key.sign(b"x")),
    "other bytes": GOOD.sign_bytes(DATA + b" ", STEPPED_NOW),
    "none": token(HEAD | {"alg": "none"}, signature=b""),
    "none, signed": token(HEAD | {"alg": "none"}),
    "NONE": token(HEAD | {"alg": "NoNe"}),
    "HS256 with the public key": hmac_with_public_key(),
    "downgraded": token(HEAD | {"alg": "EdDSA"}),
    "no algorithm": token({name: HEAD[name] for name in ("kid", "iat")}),
    "key in the token": token(HEAD | {"kid": "mine", "jwk": STRANGER.public.jwk()}),
    "no time": token({"alg": "Ed25519", "kid": "KZ.99101"}),
    "time is text": token(HEAD | {"iat": "now"}),
    "time is endless": token(HEAD | {"iat": 10**30}),
    "critical extension": token(HEAD | {"crit": ["b64"], "b64": False}),
    "kid is a list": token(HEAD | {"kid": ["KZ.99101"]}),
    "kid is a path": token(HEAD | {"kid": "../../KZ.99101"}),
    "truncated": GOOD.sign_bytes(DATA, STEPPED_NOW)[:-4],
    "padded": GOOD.sign_bytes(DATA, STEPPED_NOW) + "=",
    "attached": GOOD.sign_claims({"a": 1}, "pix-read"),
    "read credential": GOOD.sign_claims({"iat": HEAD["iat"], "method": "POST", "path": "/messages"}, "pix-read"),
    "long": "A" * 6000 + ".." + "A" * 86,
    "header is a list": token([1]),
    "header is deep": b64(b"[" * 700) + ".." + "A" * 86,
    "old key": OLD_KEY.sign_bytes(DATA, STEPPED_NOW),
    "old key, back-dated": OLD_KEY.sign_bytes(DATA, STEPPED_NOW - timedelta(days=400)),
}


@pytest.mark.parametrize("forged", FORGED)
async def test_what_is_not_proven_is_not_authenticated(kz: Target, forged: str) -> None:
    told = await kz.send(DATA, token=FORGED[forged])
    assert (told.status, told.code) == (401, "signature")
    assert told.headers["WWW-Authenticate"] == "Pix"
    assert await kz.head() == 0 and await kz.store.refusals() == []
    assert (await kz.send(DATA)).status == 202


async def test_a_refusal_does_not_tell_what_would_have_been_right(kz: Target) -> None:
    right = GOOD.sign_bytes(DATA, STEPPED_NOW).rpartition(".")[2]
    wrong = token(HEAD, signature=b"\0" * 64)
    assert right not in json.dumps((await kz.send(DATA, token=wrong)).body)


@pytest.mark.parametrize("minutes", [-6, 6, -60 * 24 * 365, 60 * 24 * 365])
async def test_a_signature_outside_the_window_is_refused_and_recorded(kz: Target, minutes: int) -> None:
    told = await kz.send(DATA, iat=STEPPED_NOW + timedelta(minutes=minutes))
    assert (told.status, told.code) == (401, "window")
    assert await kz.head() == 0
    await kz.node.writer.look([], lambda core: None)
    [note] = await kz.store.refusals()
    assert (note.member, note.status, note.code) == ("KZ.99101", 401, "window")


@pytest.mark.parametrize("sender", ["KZ.99102", "KZ", "CN", "RU", "KZ.OPERATOR"])
async def test_a_sender_who_is_not_the_keys_member_is_refused_and_recorded(kz: Target, sender: str) -> None:
    data = arrival(STEPPED_NOW, sender=sender)
    told = await kz.send(data)
    assert (told.status, told.code) == (403, "sender")
    assert await kz.head() == 0
    await kz.node.writer.look([], lambda core: None)
    [note] = await kz.store.refusals()
    assert (note.member, note.code, note.sha256) == ("KZ.99101", "sender", digest(data))


async def test_a_replay_has_no_second_effect_and_is_nobody_elses_to_make(kz: Target) -> None:
    mine = GOOD.sign_bytes(DATA, STEPPED_NOW)
    first = await kz.send(DATA, token=mine)
    head = await kz.head()
    again = await kz.send(DATA, token=mine)
    assert (first.status, again.status) == (202, 202)
    assert again.body == first.body and again.headers["Pix-Replayed"] == "true"
    assert await kz.head() == head
    assert (await kz.send(DATA, key=KEYS["KZ.99102"])).status == 403
    assert await kz.head() == head


async def test_a_message_captured_on_its_way_to_another_node_is_not_taken(kz: Target) -> None:
    data = DATA.replace(b">KZ<", b">RU<")
    assert data != DATA
    assert (await kz.send(data)).status == 422
    assert await kz.head() == 0


@pytest.mark.parametrize("who", ["FI", "CN"])
async def test_what_no_agreement_covers_is_refused_and_recorded(kz: Target, who: str) -> None:
    told = await kz.send(arrival(STEPPED_NOW, sender=who), key=KEYS[who])
    assert (told.status, told.code) == (403, "no-agreement")
    assert await kz.head() == 0
    await kz.node.writer.look([], lambda core: None)
    [note] = await kz.store.refusals()
    assert (note.member, note.code) == (who, "no-agreement")


async def test_another_services_post_is_not_heard(kz: Target) -> None:
    told = await kz.send(arrival(STEPPED_NOW, sender="CN.9911"), key=KEYS["CN.9911"])
    assert (told.status, told.code) == (403, "no-agreement")


@pytest.mark.parametrize("header", ["Pix-Signature", "Pix-Time"])
async def test_a_header_given_twice_is_refused(kz: Target, header: str) -> None:
    from multidict import CIMultiDict

    sent = CIMultiDict(
        {
            "Content-Type": "application/xml",
            "Pix-Signature": GOOD.sign_bytes(DATA, STEPPED_NOW),
            "Pix-Time": f"{STEPPED_NOW:%Y-%m-%dT%H:%M:%SZ}",
        }
    )
    sent.add(header, sent[header])
    told = await kz.ask("POST", "/messages", DATA, headers=sent)
    assert (told.status, told.code) == (400, "bad-header")
    assert await kz.head() == 0


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59Z", "2200-01-01T00:00:01Z", "now", "", "2018-13-01T00:00:00Z"])
async def test_nobody_puts_the_clock_where_there_are_no_dates_left(kz: Target, time: str) -> None:
    at = datetime(9999, 12, 31, tzinfo=UTC) if time.startswith("9999") else STEPPED_NOW
    told = await kz.send(DATA, iat=at, headers={"Pix-Time": time})
    assert (told.status, told.code) == (400, "bad-header")
    assert (await kz.send(DATA)).status == 202


def test_no_change_of_a_token_or_of_the_bytes_goes_unseen() -> None:
    """Every character of a token, and every byte of a message, changed one at a time."""
    find = {GOOD.kid: GOOD.public}.get
    good = GOOD.sign_bytes(DATA, STEPPED_NOW)
    assert verify_bytes(good, DATA, find).kid == GOOD.kid
    changed = [good[:n] + other + good[n + 1 :] for n in range(len(good)) for other in "Aw_. " if good[n] != other]
    for forged in [*changed, *(good[:n] for n in range(len(good))), good + "A", " " + good, good.replace("..", ".")]:
        with pytest.raises(BadSignature):
            verify_bytes(forged, DATA, find)
    for n in range(0, len(DATA), 7):
        with pytest.raises(BadSignature):
            verify_bytes(good, DATA[:n] + bytes([DATA[n] ^ 1]) + DATA[n + 1 :], find)
