"""With which keys the parts of a conformance run are spoken: the demo trust on this machine, or keys of one's own."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from exchange.errors import CorridorError
from exchange.members import Members, role
from exchange.signatures import PrivateKey
from exchange.trust import client_context, server_context
from scenarios.conform.check import NotApplicable
from scenarios.live.credentials import Credentials, CredentialsError
from scenarios.live.demo_trust import DemoMembers, demo_key, on_loopback


class TrustNeeded(CorridorError):
    """The node is beyond this machine, or speaks TLS, and no keys were given."""


class Trust:
    """Public keys of all (``members``) and private keys of those who are spoken for (:meth:`key`)."""

    def __init__(
        self,
        members: Members,
        key_of: Callable[[str], PrivateKey],
        *,
        demo: bool,
        tls: Callable[[str], ssl.SSLContext] | None = None,
        door: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        """``tls`` is what a member speaks with, ``door`` what all who are played listen with; None is plain HTTP."""
        self.members = members
        self.door = door
        self.demo = demo
        self.tls = tls
        self._key_of = key_of

    def key(self, member: str) -> PrivateKey:
        """Return the private key of ``member``. Raise :class:`NotApplicable` if there is none to speak with."""
        try:
            return self._key_of(member)
        except CorridorError as error:
            raise NotApplicable(f"nobody can speak for {member}: {error}") from error

    def has(self, member: str) -> bool:
        """Return whether one can speak for ``member``."""
        try:
            self._key_of(member)
        except CorridorError:
            return False
        return True

    def services(self) -> tuple[str, ...]:
        """Return the services of the members file that one can speak for; none for the demo trust, which has all."""
        return tuple(one.id for one in self.members if role(one.id) == "service" and self.has(one.id))


def trust_for(url: str, members: Path | None, keys: Path | None, *, insecure: bool = False) -> Trust:
    """Return the trust for the node at ``url``: that of the files if ``members`` is given, else the demo trust.

    ``keys`` is the folder of keys, by default that of the members file. Raise :class:`TrustNeeded` where the demo trust
    will not do, and whatever reading the files raises.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise TrustNeeded(f"{url!r} is no address of a node: write it as http://127.0.0.1:8471")
    if members is None:
        if not on_loopback(url) or parts.scheme == "https":
            raise TrustNeeded(
                f"{url} is not plain HTTP on this machine, and the demo keys are known to everybody: give --members "
                "and --keys ('corridor keys' makes them)"
            )
        return Trust(DemoMembers(), demo_key, demo=True)
    known = Members.load(members)
    folder = keys or members.parent

    @cache
    def credentials(member: str) -> Credentials:
        return Credentials.load(folder, member, known)

    def tls(member: str) -> ssl.SSLContext:
        try:
            identity = credentials(member).identity
            if identity is None:
                raise CredentialsError(f"{member} has no certificate in {folder}; 'corridor keys' makes them")
            return client_context(identity, known)
        except CorridorError as error:
            raise NotApplicable(f"nobody can speak for {member}: {error}") from error

    def door() -> ssl.SSLContext:
        played = []
        for one in known:
            with suppress(CorridorError):
                played.append(credentials(one.id).identity)
        shown = [identity for identity in played if identity is not None]
        if not shown:
            raise CredentialsError(
                f"no member has a certificate in {folder} to be played with; 'corridor keys' makes them"
            )
        return server_context(shown, known)

    if parts.scheme == "http" and not (insecure or on_loopback(url)):
        raise TrustNeeded(f"will not send to {url} without TLS: give an https address, or --insecure")
    secret = parts.scheme == "https"
    over_tls, at_door = (cache(tls), door) if secret else (None, None)
    return Trust(known, lambda member: credentials(member).key, demo=False, tls=over_tls, door=at_door)


__all__ = ["Trust", "TrustNeeded", "trust_for"]
