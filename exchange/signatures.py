"""Signatures over exact bytes: detached JWS for messages, compact JWS for receipts and read credentials.

RFC 7515 (JSON Web Signature; appendix F for detached content), RFC 8037 and RFC 9864 (``alg`` ``Ed25519``),
RFC 7638 (thumbprints). The key fixes the algorithm: a token that names another one, ``none`` included, is
refused whatever it says. The encoding is our own because a JOSE library costs as much as the signature
itself; tests hold that joserfc reads what is written here and the other way round.

Every error is a :class:`BadSignature`; its text says what is wrong with the token, never what would be right.
"""

from __future__ import annotations

import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from exchange.errors import CorridorError

ALGORITHM = "Ed25519"
LONGEST_HEADER = 1024
"""Characters of an encoded JOSE header that are looked at; a longer one is refused."""
LONGEST_TOKEN = 8192
_CLAIMS = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_SIGNATURE_CHARACTERS = 86
"""64 bytes in base64url without padding."""


class BadSignature(CorridorError):
    """A token does not prove what it should."""


class BadKey(CorridorError):
    """A key cannot be read."""


def digest(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as 64 hexadecimal digits."""
    return sha256(data).hexdigest()


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    try:
        raw = b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise BadSignature("the token holds characters that are not base64url") from error
    if _encode(raw) != text:
        raise BadSignature("the token is not in canonical base64url")
    return raw


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of a key pair, under its id."""

    kid: str
    raw: bytes
    algorithm: str = ALGORITHM
    _key: Ed25519PublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raise :class:`BadKey` unless this is an Ed25519 key of 32 bytes."""
        if self.algorithm != ALGORITHM:
            raise BadKey(f"key {self.kid}: the algorithm {self.algorithm!r} is not known here; use {ALGORITHM}")
        try:
            object.__setattr__(self, "_key", Ed25519PublicKey.from_public_bytes(self.raw))
        except ValueError as error:
            raise BadKey(f"key {self.kid}: an Ed25519 key has 32 bytes, not {len(self.raw)}") from error

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> PublicKey:
        """Read a public JWK (RFC 8037). Raise :class:`BadKey` if it is not an Ed25519 key with a ``kid``."""
        kid, x = jwk.get("kid"), jwk.get("x")
        if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519":
            raise BadKey(f"key {kid}: kty OKP and crv Ed25519 are expected")
        if not isinstance(kid, str) or not kid or not isinstance(x, str):
            raise BadKey(f"key {kid}: a key needs a kid and its x coordinate")
        try:
            return cls(kid, _decode(x), str(jwk.get("alg", ALGORITHM)))
        except BadSignature as error:
            raise BadKey(f"key {kid}: x is not base64url") from error

    @property
    def x(self) -> str:
        """The key itself in base64url, as in a JWK."""
        return _encode(self.raw)

    def jwk(self) -> dict[str, str]:
        """Return the public JWK."""
        return {
            "kty": "OKP",
            "crv": "Ed25519",
            "alg": self.algorithm,
            "use": "sig",
            "kid": self.kid,
            "x": self.x,
        }

    def check(self, signature: bytes, signed: bytes) -> None:
        """Raise :class:`BadSignature` unless ``signature`` over ``signed`` was made with this key's
        private half."""
        try:
            self._key.verify(signature, signed)
        except InvalidSignature as error:
            raise BadSignature("the signature does not fit the bytes and the key") from error


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key pair and its id."""

    kid: str
    _key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls, kid: str | None = None) -> PrivateKey:
        """Make a new key pair; its id defaults to the RFC 7638 thumbprint of the public half."""
        key = Ed25519PrivateKey.generate()
        return cls(kid or thumbprint(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)), key)

    @classmethod
    def from_pem(cls, pem: bytes, kid: str | None = None) -> PrivateKey:
        """Read an unencrypted PKCS #8 PEM.

        Raise :class:`BadKey` if it does not hold an Ed25519 private key.
        """
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError) as error:
            raise BadKey("this is not an unencrypted private key in PEM form (PKCS #8)") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise BadKey("the private key is not an Ed25519 key")
        return cls(kid or thumbprint(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)), key)

    @classmethod
    def load(cls, path: Path, kid: str | None = None) -> PrivateKey:
        """Read the PEM file ``path``. Raise :class:`BadKey` if it cannot be read or holds something else."""
        try:
            return cls.from_pem(path.read_bytes(), kid)
        except OSError as error:
            raise BadKey(f"{path}: cannot be read ({error.strerror})") from error
        except BadKey as error:
            raise BadKey(f"{path}: {error}") from error

    def pem(self) -> bytes:
        """Return the key pair as unencrypted PKCS #8 PEM."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def save(self, path: Path) -> None:
        """Write the PEM to a new file that only its owner can read.

        Raise ``FileExistsError`` if there is one.
        """
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(self.pem())

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return PublicKey(self.kid, self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign_bytes(self, data: bytes, at: datetime) -> str:
        """Return a detached JWS over exactly ``data``, with ``iat`` = ``at`` in its protected header."""
        header = _message_header(self.kid, int(at.timestamp()))
        signature = self._key.sign(header.encode("ascii") + b"." + urlsafe_b64encode(data).rstrip(b"="))
        return f"{header}..{_encode(signature)}"

    def sign_claims(self, claims: Mapping[str, Any], kind: str) -> str:
        """Return a compact JWS whose payload is ``claims`` (plain JSON); ``kind`` is its ``typ``."""
        payload = _CLAIMS(claims).encode()
        signed = f"{_claims_header(self.kid, kind)}.{_encode(payload)}"
        return f"{signed}.{_encode(self._key.sign(signed.encode('ascii')))}"


@lru_cache(maxsize=1024)
def _message_header(kid: str, iat: int) -> str:
    return _encode(json.dumps({"alg": ALGORITHM, "iat": iat, "kid": kid}, separators=(",", ":")).encode())


@lru_cache(maxsize=1024)
def _claims_header(kid: str, kind: str) -> str:
    return _encode(json.dumps({"alg": ALGORITHM, "kid": kid, "typ": kind}, separators=(",", ":")).encode())


def thumbprint(raw: bytes) -> str:
    """Return the RFC 7638 thumbprint of an Ed25519 public key of 32 bytes."""
    return _encode(sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{_encode(raw)}"}}'.encode()).digest())


FindKey = Callable[[str], PublicKey | None]
"""The registered key of a ``kid``, or None."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What a verified message signature says: by which key, and when it was made (UTC)."""

    kid: str
    iat: datetime


@lru_cache(maxsize=1024)
def _read_header(encoded: str) -> dict[str, Any]:
    if len(encoded) > LONGEST_HEADER:
        raise BadSignature(f"the header of the token is longer than {LONGEST_HEADER} characters")
    try:
        header = json.loads(_decode(encoded))
    except (ValueError, RecursionError) as error:
        raise BadSignature("the header of the token is not JSON") from error
    if not isinstance(header, dict):
        raise BadSignature("the header of the token is not a JSON object")
    return header


def _key_of(header: Mapping[str, Any], find_key: FindKey) -> PublicKey:
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise BadSignature("the token names no key (kid)")
    key = find_key(kid)
    if key is None:
        raise BadSignature("no registered key has this kid, or it is not valid now")
    if header.get("alg") != key.algorithm:
        raise BadSignature(f"the token's alg is not the {key.algorithm} that this key is registered for")
    if "crit" in header or "b64" in header:
        raise BadSignature("the token demands header extensions (crit, b64) that are not in use here")
    return key


def _signature(encoded: str) -> bytes:
    if len(encoded) != _SIGNATURE_CHARACTERS:
        raise BadSignature("the signature has not the length of an Ed25519 signature")
    return _decode(encoded)


def verify_bytes(token: str, data: bytes, find_key: FindKey) -> Signed:
    """Check a detached JWS over exactly ``data``. Raise :class:`BadSignature` if it does not hold."""
    parts = token.split(".")
    if len(parts) != 3 or parts[1]:
        raise BadSignature("a message signature is a detached JWS: <header>..<signature>")
    header = _read_header(parts[0])
    key = _key_of(header, find_key)
    iat = header.get("iat")
    if isinstance(iat, bool) or not isinstance(iat, int) or not 0 <= iat <= 253402300799:
        raise BadSignature("the signature does not say when it was made (iat, seconds since 1970)")
    key.check(_signature(parts[2]), parts[0].encode("ascii") + b"." + urlsafe_b64encode(data).rstrip(b"="))
    return Signed(key.kid, datetime.fromtimestamp(iat, UTC))


def verify_claims(token: str, kind: str, find_key: FindKey) -> tuple[str, dict[str, Any]]:
    """Check a compact JWS of this ``kind``; return its key's id and its payload.

    Raise :class:`BadSignature`.
    """
    parts = token.split(".")
    if len(token) > LONGEST_TOKEN or len(parts) != 3 or not token.isascii():
        raise BadSignature("a compact JWS is <header>.<payload>.<signature>")
    header = _read_header(parts[0])
    key = _key_of(header, find_key)
    if header.get("typ") != kind:
        raise BadSignature(f"the token is not of the type {kind}")
    key.check(_signature(parts[2]), f"{parts[0]}.{parts[1]}".encode("ascii"))
    try:
        claims = json.loads(_decode(parts[1]))
    except (ValueError, RecursionError) as error:
        raise BadSignature("the payload of the token is not JSON") from error
    if not isinstance(claims, dict):
        raise BadSignature("the payload of the token is not a JSON object")
    return key.kid, claims


__all__ = [
    "ALGORITHM",
    "BadKey",
    "BadSignature",
    "FindKey",
    "PrivateKey",
    "PublicKey",
    "Signed",
    "digest",
    "thumbprint",
    "verify_bytes",
    "verify_claims",
]
