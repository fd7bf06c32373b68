"""Mutual TLS on 127.0.0.1: who may connect, for whom one may speak, and whom one has really reached."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from exchange.authority import Authority
from exchange.codec import decode
from exchange.http import Client, Letter, Undelivered
from exchange.members import Member, Members
from exchange.signatures import digest
from exchange.trust import Identity, client_context
from nodes.listening import ServiceError, listen
from tests.attack.target import KEYS, Target, arrival, identity, target
from tests.waiting import HANGS, until

SPEAKERS = ("KZ", "CN", "RU", "KZ.99101", "KZ.OPERATOR")


@pytest.fixture
def shown(tmp_path: Path) -> dict[str, Identity]:
    """Return the identities of some members, all registered."""
    return {member: identity(tmp_path, member) for member in SPEAKERS}


def over(kz: Target, shown: Identity, wanted: str = "KZ") -> dict[str, Any]:
    """Return the options of a call over TLS with this certificate."""
    return {"ssl": client_context(shown, kz.members), "server_hostname": wanted}


def client(kz: Target, shown: Mapping[str, Identity], members: Members | None = None) -> Client:
    return Client(members or kz.members, KEYS.__getitem__, tls=lambda member: client_context(shown[member], kz.members))


async def test_members_exchange_over_tls(shown: dict[str, Identity]) -> None:
    async with target(identities=shown) as kz, client(kz, shown) as speaks:
        assert kz.node.url.startswith("https://")
        data = arrival(kz.now)
        answer = await speaks.post(Letter.of(decode(data), data), kz.now)
        assert answer.accepted and answer.receipt is not None and answer.receipt.sha256 == digest(data)
        assert (await speaks.read("KZ", "KZ.99101", "/cases", kz.now))[0] == 200
        told = await speaks.set_time("KZ", "KZ.OPERATOR", kz.now)
        assert told["now"] == f"{kz.now:%Y-%m-%dT%H:%M:%SZ}"


async def test_a_live_node_speaks_tls_too(shown: dict[str, Identity]) -> None:
    async with target(stepped=False, identities=shown) as kz, client(kz, shown) as speaks:
        data = arrival(kz.now)
        assert (await speaks.post(Letter.of(decode(data), data), kz.now)).accepted


@pytest.mark.parametrize("other", ["CN", "RU", "KZ", "KZ.OPERATOR"])
async def test_anothers_certificate_does_not_carry_my_message_and_that_is_recorded(
    shown: dict[str, Identity], other: str
) -> None:
    async with target(identities=shown) as kz:
        data = arrival(kz.now)
        told = await kz.send(data, **over(kz, shown[other]))
        assert (told.status, told.code) == (403, "certificate")
        assert await kz.head() == 0
        await kz.node.writer.look([], lambda core: None)
        [note] = await kz.store.refusals()
        assert (note.member, note.status, note.code, note.sha256) == ("KZ.99101", 403, "certificate", digest(data))
        assert (await kz.get("/cases", "KZ.99101", **over(kz, shown[other]))).status == 403
        assert (await kz.send(data, **over(kz, shown["KZ.99101"]))).status == 202


@pytest.mark.parametrize("kind", ["unknown", "expired", "not yet", "self made", "another of the same name"])
async def test_a_certificate_that_does_not_hold_is_refused_in_the_handshake_and_counted(
    shown: dict[str, Identity], tmp_path: Path, kind: str
) -> None:
    own = tmp_path / "attacker"
    begins = {"expired": -10.0, "not yet": 10.0}.get(kind, 0.0)
    strange = Authority.make(datetime.now(UTC))
    more: dict[str, Any] = {"by": strange} if kind in ("unknown", "self made") else {}
    bad = identity(own, "FI" if kind == "unknown" else "CN", begins=begins, **more)
    known = shown | ({"CN": bad} if kind in ("expired", "not yet") else {})
    async with target(identities=known) as kz:
        with pytest.raises(aiohttp.ClientError):
            await kz.ask("POST", "/validate", b"<a/>", **over(kz, bad))
        await until(lambda: bool(kz.node.refusals.counts))
        assert kz.node.refusals.counts == {(0, "handshake"): 1}
        assert await kz.head() == 0
        assert (await kz.ask("GET", "/health", **over(kz, shown["RU"]))).status == 200


async def test_without_a_certificate_or_without_tls_nobody_is_served(shown: dict[str, Identity]) -> None:
    async with target(identities=shown) as kz:
        bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        bare.check_hostname = False
        bare.verify_mode = ssl.CERT_NONE
        with pytest.raises(aiohttp.ClientError):
            await kz.ask("POST", "/validate", b"<a/>", ssl=bare)
        got = await kz.raw(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"200" not in got
        await until(lambda: kz.node.refusals.counts[(0, "handshake")] == 2)


async def test_a_handshake_that_is_never_finished_is_not_waited_for(shown: dict[str, Identity]) -> None:
    async with target(identities=shown, timeouts={"handshake": 0.3}) as kz:
        async with asyncio.timeout(HANGS):
            assert await kz.raw(b"\x16\x03\x01", wait=2 * HANGS) == b""
        assert (await kz.ask("GET", "/health", **over(kz, shown["RU"]))).status == 200


async def test_rotated_certificates_are_good_side_by_side(shown: dict[str, Identity], tmp_path: Path) -> None:
    new = identity(tmp_path / "new", "RU")
    async with target(identities=shown) as kz:
        with pytest.raises(aiohttp.ClientError):
            await kz.ask("GET", "/health", **over(kz, new))
    both = Members(
        [
            Member.of("KZ", None, certificates=[shown["KZ"].certificate]),
            Member.of("RU", None, certificates=[shown["RU"].certificate, new.certificate]),
        ]
    )
    async with target(identities=shown, members=both) as kz:
        for one in (shown["RU"], new):
            assert (await kz.ask("GET", "/health", **over(kz, one))).status == 200


async def test_a_client_speaks_to_the_member_it_wanted_or_to_nobody(shown: dict[str, Identity]) -> None:
    """Whoever sits at the address of Russia with Kazakhstan's good certificate gets no message of ours."""
    async with target(identities=shown) as kz:
        moved = Members(
            Member(one.id, kz.node.url if one.id == "RU" else None, one.keys, one.certificates) for one in kz.members
        )
        async with client(kz, shown, moved) as speaks:
            with pytest.raises(Undelivered, match=r"RU: not reached .*: RU was wanted, but the certificate is KZ's"):
                await speaks.read("RU", "CN", "/cases", kz.now)
        assert sum(count for (status, _), count in kz.node.refusals.counts.items() if status) == 0


async def test_nothing_leaves_this_machine_without_tls_unless_that_is_said() -> None:
    away = Members([Member.of("RU", "http://192.0.2.1:1", KEYS["RU"].public)])
    secure = Members([Member.of("RU", "https://127.0.0.1:1", KEYS["RU"].public)])
    now = datetime.now(UTC)
    async with Client(away, KEYS.__getitem__) as speaks:
        with pytest.raises(Undelivered, match=r"will not send to http://192\.0\.2\.1:1 without TLS"):
            await speaks.read("RU", "KZ", "/cases", now)
    async with Client(secure, KEYS.__getitem__) as speaks:
        with pytest.raises(Undelivered, match="needs a certificate"):
            await speaks.read("RU", "KZ", "/cases", now)


def test_a_node_does_not_listen_beyond_this_machine_without_tls_unless_that_is_said() -> None:
    with pytest.raises(ServiceError, match=r"0\.0\.0\.0 without TLS.*--insecure"):
        listen("0.0.0.0", 0)
    for options in ({"tls": True}, {"insecure": True}):
        with listen("0.0.0.0", 0, **options) as sock:
            assert sock.getsockname()[1] > 0
