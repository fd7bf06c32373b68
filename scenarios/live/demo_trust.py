"""The demo trust: fixed keys for every member, so that tools on one machine trust each other with no set-up.

``corridor stub`` and ``corridor conform`` share it by default. Anybody who has this source has all of its private keys:
it proves nothing about who speaks and is good on loopback only, which is why an address elsewhere is refused. Between
hosts, keys come from ``corridor keys`` and are given with ``--members`` and ``--keys``.

The private key of a member is the SHA-256 of :data:`SEED` and its id, so that any member id has one and no list of
members has to be agreed on. Its kid is ``demo-<member id>``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exchange.members import MEMBER_ID, Member, Members, MembersError
from exchange.signatures import FindKey, PrivateKey, PublicKey
from nodes.listening import is_loopback

SEED = "corridor demo trust, loopback only: "
KID = "demo-"
PARTNERS_PORT = 8479
"""Where a conformance run plays the partners of a node, and a stub looks for partners that nobody named."""


@lru_cache(maxsize=4096)
def demo_key(member: str) -> PrivateKey:
    """Return the private key of ``member``. Raise :class:`MembersError` if that is no member id."""
    if not MEMBER_ID.fullmatch(member):
        raise MembersError(f"'{member}' is no member id: write KZ, or KZ.<office or trader> in capitals")
    return PrivateKey(KID + member, Ed25519PrivateKey.from_private_bytes(sha256((SEED + member).encode()).digest()))


@lru_cache(maxsize=4096)
def _public(member: str) -> PublicKey:
    return demo_key(member).public


class DemoMembers(Members):
    """Every member id there can be, each with its demo key; ``urls`` says where some are reached.

    Iterating gives those with an address. Raise :class:`MembersError` for an address beyond loopback.
    """

    def __init__(self, urls: Mapping[str, str] | None = None) -> None:
        for member, url in (urls or {}).items():
            if not on_loopback(url):
                raise MembersError(
                    f"{member} at {url} is not on this machine: the demo keys are known to everybody; "
                    "give members of your own with --members and --keys ('corridor keys' makes them)"
                )
        super().__init__(Member.of(member, url, _public(member)) for member, url in (urls or {}).items())

    def __contains__(self, member: str) -> bool:
        return MEMBER_ID.fullmatch(member) is not None

    def get(self, member: str) -> Member | None:
        """Return the member of this id, or None if that is no member id."""
        if member not in self:
            return None
        return super().get(member) or Member.of(member, None, _public(member))

    def owner(self, kid: str) -> str | None:
        """Return the id of the member that this key belongs to, or None."""
        member = kid.removeprefix(KID)
        return member if kid.startswith(KID) and member in self else None

    def finder(self, now: datetime) -> FindKey:
        """Return a function from kid to key; demo keys are good at any time."""

        def find(kid: str) -> PublicKey | None:
            member = self.owner(kid)
            return None if member is None else _public(member)

        return find


def demo_members(ids: Iterable[str], urls: Mapping[str, str] | None = None) -> Members:
    """Return a plain registry of ``ids`` with their demo keys: to be written as ``members.yaml`` for a node that is
    not ours. Raise :class:`MembersError` for an address beyond loopback."""
    DemoMembers(urls)
    return Members(Member.of(one, (urls or {}).get(one), _public(one)) for one in ids)


def on_loopback(url: str) -> bool:
    """Return whether ``url`` names this machine."""
    return is_loopback(urlsplit(url).hostname or "")


__all__ = ["KID", "PARTNERS_PORT", "SEED", "DemoMembers", "demo_key", "demo_members", "on_loopback"]
