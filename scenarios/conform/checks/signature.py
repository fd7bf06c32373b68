"""Signatures: only who holds a member's key speaks for it, over exact bytes, and not with words of long ago."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from exchange.codec import encode
from exchange.signatures import PrivateKey
from scenarios.conform.check import Book, NotApplicable, accepted, expect, expect_status
from scenarios.conform.checks.transport import some
from scenarios.conform.probe import Probe
from scenarios.conform.requirement import BEST_PRACTICE, CONTRACT, HTTP, JWA, JWS, SECURITY, requires
from scenarios.conform.wire import Exchange

BOOK = Book("signature", "S")
LONG = timedelta(minutes=10)
SHORT = timedelta(minutes=4)


def encoded(data: bytes) -> str:
    """Return ``data`` in base64url without padding (RFC 7515, section 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def raw_signature(key: PrivateKey, data: bytes) -> bytes:
    """Return the Ed25519 signature of ``data``: what no good signer would put into a token."""
    private = load_pem_private_key(key.pem(), password=None)
    assert isinstance(private, Ed25519PrivateKey)
    return private.sign(data)


def token(probe: Probe, data: bytes, header: Mapping[str, Any], *, payload: bool = False) -> str:
    """Return a JWS over ``data`` under exactly this header, signed by the post's key; with the payload in it, if asked.

    An ``alg`` of ``none`` has no signature, one of HS256 takes the public key for a secret.
    """
    head, body = encoded(json.dumps(dict(header)).encode()), encoded(data)
    signed = f"{head}.{body}".encode("ascii")
    key = probe.trust.key(probe.cast.post)
    if header.get("alg") == "none":
        signature = ""
    elif header.get("alg") == "HS256":
        signature = encoded(hmac.new(key.public.raw, signed, sha256).digest())
    else:
        signature = encoded(raw_signature(key, signed))
    return f"{head}.{body if payload else ''}.{signature}"


def header(probe: Probe, **changes: Any) -> dict[str, Any]:
    """Return the header of a good signature of the post, with ``changes``; None takes a member out."""
    good = {"alg": "Ed25519", "iat": int(probe.now.timestamp()), "kid": probe.trust.key(probe.cast.post).kid}
    return {name: value for name, value in (good | changes).items() if value is not None}


async def forged(probe: Probe, **changes: Any) -> Exchange:
    """Post a message under a header with ``changes``."""
    data = encode(some(probe))
    return await probe.send(data, sender=probe.cast.post, token=token(probe, data, header(probe, **changes)))


@BOOK.check(1, "an unsigned message is refused with 401", requires(SECURITY, "Messages"))
async def unsigned(probe: Probe) -> None:
    expect_status(await probe.send(some(probe), token=""), 401)


@BOOK.check(2, "401 names a way to authenticate (WWW-Authenticate)", requires(HTTP, "15.5.2"))
async def challenge(probe: Probe) -> None:
    answer = await probe.send(some(probe), token="")
    if answer.status != 401:
        raise NotApplicable(f"an unsigned message was answered {answer.status}, see S01")
    expect(answer.header("WWW-Authenticate") is not None, f"the answer {answer.status} has no WWW-Authenticate")


@BOOK.check(3, "a signature over other bytes is refused with 401", requires(JWS, "5.2"))
async def other_bytes(probe: Probe) -> None:
    good, other = encode(some(probe)), encode(some(probe))
    wrong = probe.trust.key(probe.cast.post).sign_bytes(other, probe.now)
    expect_status(await probe.send(good, sender=probe.cast.post, token=wrong), 401)


@BOOK.check(4, "a signature by a key that is no member's is refused with 401", requires(SECURITY, "Messages"))
async def stranger(probe: Probe) -> None:
    expect_status(await probe.send(some(probe), key=probe.stranger), 401)


@BOOK.check(5, "alg none is refused with 401", requires(JWA, "3.6"))
async def alg_none(probe: Probe) -> None:
    expect_status(await forged(probe, alg="none"), 401)


@BOOK.check(6, "another alg than the key's is refused with 401", requires(BEST_PRACTICE, "3.1"))
async def alg_other(probe: Probe) -> None:
    expect_status(await forged(probe, alg="HS256"), 401)


@BOOK.check(7, "a key that the token brings along is not believed (401)", requires(JWS, "10.3"))
async def own_key(probe: Probe) -> None:
    data = encode(some(probe))
    mine = probe.stranger
    head = encoded(json.dumps(header(probe, kid=mine.kid, jwk=mine.public.jwk())).encode())
    signature = encoded(raw_signature(mine, f"{head}.{encoded(data)}".encode("ascii")))
    expect_status(await probe.send(data, sender=probe.cast.post, token=f"{head}..{signature}"), 401)


@BOOK.check(8, "header extensions that must be understood (crit) are refused with 401", requires(JWS, "4.1.11"))
async def critical(probe: Probe) -> None:
    expect_status(await forged(probe, crit=["exp"], exp=1), 401)


@BOOK.check(9, "a signature that does not say when it was made is refused with 401", requires(CONTRACT, "Signatures"))
async def no_iat(probe: Probe) -> None:
    expect_status(await forged(probe, iat=None), 401)


@BOOK.check(10, "a signature with its payload in it is refused with 401", requires(JWS, "appendix F"))
async def attached(probe: Probe) -> None:
    data = encode(some(probe))
    whole = token(probe, data, header(probe), payload=True)
    expect_status(await probe.send(data, sender=probe.cast.post, token=whole), 401)


@BOOK.check(11, "a message in another's name is refused with 403", requires(SECURITY, "Messages"))
async def other_name(probe: Probe) -> None:
    if probe.cast.declarant is None:
        raise NotApplicable("nobody else of this service speaks in the scenario")
    expect_status(await probe.send(some(probe), key=probe.trust.key(probe.cast.declarant)), 403)


@BOOK.check(12, "a signature of ten minutes ago is refused with 401", requires(SECURITY, "Messages"))
async def stale(probe: Probe) -> None:
    expect_status(await probe.send(some(probe), iat=probe.now - LONG), 401)


@BOOK.check(13, "a signature from the future is refused with 401", requires(SECURITY, "Messages"))
async def early(probe: Probe) -> None:
    expect_status(await probe.send(some(probe), iat=probe.now + LONG), 401)


@BOOK.check(14, "a signature of four minutes ago is taken", requires(SECURITY, "Messages"))
async def recent(probe: Probe) -> None:
    answer = await probe.send(some(probe), iat=probe.now - SHORT)
    expect(accepted(answer), f"was answered {answer.status}: the window is five minutes to either side")


@BOOK.check(15, "the signature is over the exact bytes, however they are laid out", requires(JWS, "appendix F"))
async def exact(probe: Probe) -> None:
    tree = etree.fromstring(encode(some(probe)))
    etree.indent(tree, space="\t")
    data = b"<!-- laid out -->\r\n" + etree.tostring(tree)
    answer = await probe.send(data, sender=probe.cast.post)
    expect(accepted(answer), f"a valid message with comment, tabs and CR was answered {answer.status}")


@BOOK.check(16, "what is not XML and not signed is refused for the signature first", requires(SECURITY, "Messages"))
async def signature_first(probe: Probe) -> None:
    expect_status(await probe.send(b"this is no XML", sender=probe.cast.post, token=""), 401)


@BOOK.check(17, "another type and not signed is refused for the type first", requires(SECURITY, "Messages"))
async def type_first(probe: Probe) -> None:
    expect_status(await probe.send(some(probe), token="", kind="text/plain"), 415)


__all__ = ["BOOK"]
