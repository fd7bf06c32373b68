"""What a member proves itself with: one folder a member, as ``corridor keys`` makes it.

``<folder>/<member>/signing.pem`` signs messages; ``tls-cert.pem`` and ``tls-key.pem`` beside it are shown over TLS.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from exchange.errors import CorridorError
from exchange.members import Members
from exchange.signatures import BadKey, PrivateKey
from exchange.trust import SIGNING, TLS_CERTIFICATE, Identity


class CredentialsError(CorridorError):
    """A member's keys are missing, or are not those that members.yaml has for it."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The private key of a member and, for TLS, its identity."""

    member: str
    key: PrivateKey
    identity: Identity | None

    @classmethod
    def load(cls, folder: Path, member: str, members: Members) -> Credentials:
        """Read the credentials of ``member`` from its folder within ``folder``, or from ``folder`` itself.

        The key's id is that under which ``members`` has its public half. An identity is read if the file of the
        certificate is there. Raise :class:`CredentialsError` naming file and remedy.
        """
        own = folder / member
        if not own.is_dir() and (folder / SIGNING).is_file():
            own = folder
        path = own / SIGNING
        registered = members.get(member)
        if registered is None:
            raise CredentialsError(
                f"{member} is not in the members file, which has {', '.join(sorted(one.id for one in members))}"
            )
        try:
            found = PrivateKey.load(path)
        except BadKey as error:
            raise CredentialsError(f"{error}; 'corridor keys' makes a folder of keys") from error
        for kid, key in registered.keys.items():
            if key.public.raw == found.public.raw:
                identity = Identity.load(own) if (own / TLS_CERTIFICATE).is_file() else None
                return cls(member, PrivateKey.load(path, kid), identity)
        raise CredentialsError(
            f"{path}: its public half is not among the keys that the members file has for {member} "
            f"({', '.join(registered.keys) or 'none'}); take the folder that belongs to the file, or enter the key"
        )


__all__ = ["Credentials", "CredentialsError"]
