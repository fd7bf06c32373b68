"""Signatures, receipts, credentials, members: what is read must be what was written, and by whom."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import OKPKey

from exchange.members import Member, MemberKey, Members, MembersError, country, role
from exchange.receipts import Receipt, credential, verify_credential, verify_receipt
from exchange.signatures import BadKey, BadSignature, PrivateKey, PublicKey, thumbprint, verify_bytes, verify_claims

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DATA = "<ПИ>данные</ПИ>\n".encode()
KEY = PrivateKey.generate("KZ-1")
OTHER = PrivateKey.generate("RU-1")


def find(kid: str) -> PublicKey | None:
    return {"KZ-1": KEY.public, "RU-1": OTHER.public}.get(kid)


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def okp(key: PrivateKey) -> OKPKey:
    return OKPKey.import_key(key.pem().decode())


def test_a_signature_holds_for_exactly_these_bytes_and_says_key_and_time() -> None:
    token = KEY.sign_bytes(DATA, NOW)
    signed = verify_bytes(token, DATA, find)
    assert (signed.kid, signed.iat) == ("KZ-1", NOW)
    with pytest.raises(BadSignature):
        verify_bytes(token, DATA + b"\n", find)


def test_joserfc_reads_our_detached_signature() -> None:
    header, empty, signature = KEY.sign_bytes(DATA, NOW).split(".")
    assert empty == ""
    registry = jws.JWSRegistry(algorithms=["Ed25519"], strict_check_header=False)
    read = jws.deserialize_compact(f"{header}.{b64(DATA)}.{signature}", okp(KEY), registry=registry)
    assert read.payload == DATA
    assert read.headers() == {"alg": "Ed25519", "kid": "KZ-1", "iat": int(NOW.timestamp())}


def test_we_read_joserfc_signatures_and_claims() -> None:
    registry = jws.JWSRegistry(algorithms=["Ed25519"], strict_check_header=False)
    head = {"alg": "Ed25519", "kid": "KZ-1", "iat": int(NOW.timestamp())}
    whole = jws.serialize_compact(head, DATA, okp(KEY), registry=registry)
    header, _, signature = whole.split(".")
    assert verify_bytes(f"{header}..{signature}", DATA, find).iat == NOW
    typed = {"alg": "Ed25519", "kid": "KZ-1", "typ": "x"}
    compact = jws.serialize_compact(typed, b'{"a":1}', okp(KEY), registry=registry)
    assert verify_claims(compact, "x", find) == ("KZ-1", {"a": 1})


def test_joserfc_reads_our_receipt_with_our_jwk() -> None:
    token = KEY.sign_claims({"a": 1}, "x")
    key = OKPKey.import_key(dict(KEY.public.jwk()))
    registry = jws.JWSRegistry(algorithms=["Ed25519"])
    assert json.loads(jws.deserialize_compact(token, key, registry=registry).payload) == {"a": 1}


@pytest.mark.parametrize(
    "head",
    [
        {"alg": "none", "kid": "KZ-1", "iat": 1},
        {"alg": "HS256", "kid": "KZ-1", "iat": 1},
        {"alg": "EdDSA", "kid": "KZ-1", "iat": 1},
        {"alg": "Ed25519", "kid": "nobody", "iat": 1},
        {"alg": "Ed25519", "kid": ["KZ-1"], "iat": 1},
        {"alg": "Ed25519", "iat": 1},
        {"alg": "Ed25519", "kid": "RU-1", "iat": 1},
        {"alg": "Ed25519", "kid": "KZ-1"},
        {"alg": "Ed25519", "kid": "KZ-1", "iat": True},
        {"alg": "Ed25519", "kid": "KZ-1", "iat": 1e9},
        {"alg": "Ed25519", "kid": "KZ-1", "iat": 10**30},
        {"alg": "Ed25519", "kid": "KZ-1", "iat": 1, "crit": ["iat"]},
        {"alg": "Ed25519", "kid": "KZ-1", "iat": 1, "b64": False},
        ["Ed25519"],
    ],
)
def test_a_header_that_is_not_as_promised_is_refused_even_with_a_true_signature(head: Any) -> None:
    header = b64(json.dumps(head).encode())
    signature = KEY._key.sign(f"{header}.{b64(DATA)}".encode())
    with pytest.raises(BadSignature):
        verify_bytes(f"{header}..{b64(signature)}", DATA, find)


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "!!..x", "é..é", "a" * 5000 + "..b", "a..b..c", "[..["])
def test_nonsense_is_refused_and_nothing_worse(token: str) -> None:
    with pytest.raises(BadSignature):
        verify_bytes(token, DATA, find)
    with pytest.raises(BadSignature):
        verify_claims(token, "x", find)


def test_a_signature_has_one_spelling() -> None:
    head, _, signature = KEY.sign_bytes(DATA, NOW).split(".")
    for spelling in (signature + "=", signature + "==", signature.replace("-", "+").replace("_", "/") + "=="):
        with pytest.raises(BadSignature):
            verify_bytes(f"{head}..{spelling}", DATA, find)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    sloppy = signature[:-1] + alphabet[alphabet.index(signature[-1]) + 1]
    assert unb64(sloppy) == unb64(signature)
    with pytest.raises(BadSignature):
        verify_bytes(f"{head}..{sloppy}", DATA, find)


def test_keys_survive_their_files(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    KEY.save(path)
    assert path.stat().st_mode & 0o077 == 0
    assert PrivateKey.load(path, "KZ-1").public == KEY.public
    assert PrivateKey.load(path).kid == thumbprint(KEY.public.raw)
    assert PublicKey.from_jwk(KEY.public.jwk()) == KEY.public
    with pytest.raises(FileExistsError):
        KEY.save(path)
    path.write_text("no key")
    with pytest.raises(BadKey, match=r"key\.pem"):
        PrivateKey.load(path)
    with pytest.raises(BadKey):
        PublicKey.from_jwk({"kty": "RSA", "kid": "x"})


MEMBERS = Members([Member.of("KZ", "http://127.0.0.1:1", KEY.public), Member.of("RU", None, OTHER.public)])
RECEIPT = Receipt(message="m", sender="RU", sha256="0" * 64, recipient="KZ", time=NOW, position=3, hash="1" * 64)


def check_receipt(token: str, **changes: Any) -> Receipt:
    asked: dict[str, Any] = {"message": "m", "sender": "RU", "sha256": "0" * 64, "recipient": "KZ", "now": NOW}
    return verify_receipt(token, MEMBERS, **(asked | changes))


def test_a_receipt_proves_this_message_these_bytes_and_this_recipient() -> None:
    assert check_receipt(RECEIPT.sign(KEY)) == RECEIPT
    for changes in ({"message": "n"}, {"sender": "FI"}, {"sha256": "f" * 64}, {"recipient": "RU"}):
        with pytest.raises(BadSignature):
            check_receipt(RECEIPT.sign(KEY), **changes)
    with pytest.raises(BadSignature):
        check_receipt(RECEIPT.sign(OTHER))
    with pytest.raises(BadSignature):
        check_receipt(replace(RECEIPT, recipient="RU").sign(KEY))
    with pytest.raises(BadSignature):
        check_receipt(KEY.sign_claims({"message": "m"}, "pix-receipt"))
    with pytest.raises(BadSignature):
        check_receipt(credential(KEY, "GET", "/", NOW).partition(" ")[2])


def test_a_credential_is_for_one_call() -> None:
    header = credential(KEY, "GET", "/cases?limit=1", NOW)
    found = verify_credential(header, "GET", "/cases?limit=1", MEMBERS, NOW)
    assert (found.member, found.iat) == ("KZ", NOW)
    for method, path in (("POST", "/cases?limit=1"), ("GET", "/cases"), ("GET", "/cases?limit=10")):
        with pytest.raises(BadSignature):
            verify_credential(header, method, path, MEMBERS, NOW)
    with pytest.raises(BadSignature):
        verify_credential(header.replace("Pix", "Bearer"), "GET", "/cases?limit=1", MEMBERS, NOW)
    with pytest.raises(BadSignature):
        verify_credential(f"Pix {RECEIPT.sign(KEY)}", "GET", "/cases?limit=1", MEMBERS, NOW)


def test_the_id_says_the_role() -> None:
    assert [role(m) for m in ("KZ", "KZ.99101", "KZ.OPERATOR")] == ["service", "participant", "operator"]
    assert country("KZ.99101") == "KZ"


def test_a_key_is_found_only_while_it_is_valid() -> None:
    day = timedelta(days=1)
    members = Members([Member("KZ", None, {"KZ-1": MemberKey(KEY.public, NOW, NOW + day)})])
    assert members.finder(NOW)("KZ-1") == KEY.public
    assert members.finder(NOW - day)("KZ-1") is None
    assert members.finder(NOW + 2 * day)("KZ-1") is None
    assert members.finder(NOW)("RU-1") is None


def test_members_survive_their_file(tmp_path: Path) -> None:
    path = tmp_path / "members.yaml"
    given = [
        Member("NO", "http://127.0.0.1:1", {"KZ-1": MemberKey(KEY.public, NOW, NOW + timedelta(days=1))}),
        Member.of("NO.010121", None, OTHER.public),
        Member("NO.OPERATOR"),
    ]
    Members(given).save(path)
    assert list(Members.load(path)) == given


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("members: [{id: kz}]", "'kz'"),
        ("members: [{id: 010121}]", "member 1"),
        ("members: [{id: KZ}, {id: KZ}]", "twice"),
        ("members: [{id: KZ, uri: x}]", "uri"),
        ("members: [{id: KZ, url: 'ftp://x'}]", "ftp"),
        ("members: [{id: KZ, keys: [{kid: a, x: '!'}]}]", "KZ"),
        (
            "members: [{id: KZ, keys: [{kid: a, algorithm: RS256, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo}]}]",
            "RS256",
        ),
        ("members: {", "not YAML"),
        ("- 1", "one key"),
    ],
)
def test_a_wrong_members_file_is_told_with_its_name_and_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "members.yaml"
    path.write_text(text)
    with pytest.raises(MembersError) as caught:
        Members.load(path)
    assert "members.yaml" in str(caught.value)
    assert said in str(caught.value)


def test_one_key_belongs_to_one_member() -> None:
    with pytest.raises(MembersError, match="KZ-1"):
        Members([Member.of("KZ", None, KEY.public), Member.of("RU", None, KEY.public)])
