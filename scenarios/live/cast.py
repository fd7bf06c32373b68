"""Everybody in a run with services elsewhere: where they are reached, and the keys of those that the run speaks for.

They come from a members file and a folder of keys, or, where all are on this machine and none are given, from the demo
trust (:mod:`scenarios.live.demo_trust`), at fixed ports: posts and traders at :data:`PORT_BASE`, the services behind it
in the order of their names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from exchange.members import OPERATOR, MemberKey, Members
from exchange.signatures import PrivateKey, PublicKey
from exchange.trust import Identity
from scenarios.live.credentials import Credentials, CredentialsError
from scenarios.live.demo_trust import demo_key, demo_members
from scenarios.live.household import PORT_BASE, addresses
from scenarios.scenario.services import Elsewhere


@dataclass(frozen=True, slots=True)
class Cast:
    """See the module. ``told``: where it was read, for messages about it."""

    members: Members
    credentials: Mapping[str, Credentials]
    told: str

    @classmethod
    def read(
        cls, file: Path, keys: Path, wanted: Sequence[str], elsewhere: Mapping[str, Elsewhere] | None = None
    ) -> Cast:
        """Read the members from ``file`` and the credentials of ``wanted`` from the folder ``keys``.

        What the scenario says of services ``elsewhere`` goes before the file. Raise a :class:`CorridorError` that says
        what is missing.
        """
        members = with_elsewhere(Members.load(file), elsewhere or {})
        return cls(members, {one: Credentials.load(keys, one, members) for one in wanted}, str(file))

    @classmethod
    def demo(
        cls,
        countries: Sequence[str],
        participants: Sequence[str],
        elsewhere: Mapping[str, Elsewhere],
        base: int | None = None,
    ) -> Cast:
        """Return all of them with their demo keys, on this machine.

        Raise :class:`exchange.members.MembersError` if one is reached elsewhere: the demo keys are known to everybody.
        """
        wanted = addresses(tuple(sorted(countries)), tuple(participants), base or PORT_BASE, tls=False)
        urls = {member: url for member, url in wanted.items() if url is not None}
        urls |= {country: about.url for country, about in elsewhere.items()}
        members = with_elsewhere(demo_members(wanted, urls), elsewhere)
        return cls(members, {one: Credentials(one, demo_key(one), None) for one in wanted}, "the demo trust")

    def key(self, member: str) -> PrivateKey:
        """Return the private key of a member that the run speaks for."""
        return self.credentials[member].key

    def identity(self, member: str) -> Identity:
        """Return what a member shows over TLS. Raise :class:`CredentialsError` if it has no certificate."""
        identity = self.credentials[member].identity
        if identity is None:
            raise CredentialsError(f"{member} has no certificate in its folder; 'corridor keys' makes them")
        return identity


@cache
def people(countries: tuple[str, ...], participants: tuple[str, ...]) -> tuple[str, ...]:
    """Return whom a run speaks for: posts, traders, and the operators of ``countries``."""
    return (*participants, *(f"{country}.{OPERATOR}" for country in countries))


def with_elsewhere(members: Members, elsewhere: Mapping[str, Elsewhere]) -> Members:
    """Return ``members`` with the addresses and keys that a scenario says of services elsewhere.

    Raise :class:`CredentialsError` if one of them has no key at all.
    """
    rows = []
    for member in members:
        about = elsewhere.get(member.id)
        if about is not None:
            keys = {key.kid: MemberKey(PublicKey.from_jwk(_jwk(key.kid, key.x))) for key in about.keys}
            member = replace(member, url=about.url, keys=keys or member.keys)
        rows.append(member)
    for country in elsewhere:
        if all(member.id != country for member in rows):
            raise CredentialsError(f"{country} runs elsewhere, but the members file has no {country}: enter it there")
    return Members(rows, members.authorities)


def _jwk(kid: str, x: str) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "alg": "Ed25519", "kid": kid, "x": x}


__all__ = ["Cast", "people", "with_elsewhere"]
