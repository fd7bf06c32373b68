"""Mutual TLS between members: who may make a connection, and to whom one has really been made.

Both sides show a certificate. It holds if it is one that ``members.yaml`` pins for the member, or, for a member
without pins, one that an authority named there has signed; and if its subject is that member (CN) and the member's
country (C). So a certificate of a trusted authority is not enough: a client reaches the member it wanted, or nobody.
Which member it wants, it says in the server name (SNI); a door behind which several members live shows the
certificate of the one asked for.

Both are checked within the handshake, before a byte of a message is read or sent. Validity is by the wall clock.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exchange.certificates import Certificate, TrustError
from exchange.members import Members

SIGNING, TLS_KEY, TLS_CERTIFICATE = "signing.pem", "tls-key.pem", "tls-cert.pem"
"""Files of one member's folder."""

Count = Callable[[str], None]
"""Is told the reason of each handshake that was refused."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a member shows: its certificate, and the files that certificate and private key stand in."""

    certificate: Certificate
    certificate_file: Path
    key_file: Path

    @property
    def member(self) -> str:
        """The member id (CN)."""
        return self.certificate.member

    @classmethod
    def load(cls, folder: Path) -> Identity:
        """Read ``tls-cert.pem`` of a member's folder; ``tls-key.pem`` stands beside it.

        Raise :class:`TrustError` naming the file that is missing or cannot be read.
        """
        certificate, key = folder / TLS_CERTIFICATE, folder / TLS_KEY
        try:
            found = Certificate.from_pem(certificate.read_text(encoding="ascii"))
            key.stat()
        except OSError as error:
            raise TrustError(
                f"{error.filename}: cannot be read ({error.strerror}); 'corridor keys' makes keys and certificates"
            ) from error
        except (TrustError, ValueError) as error:
            raise TrustError(f"{certificate}: {error}") from error
        return cls(found, certificate, key)


def server_context(
    identities: Identity | Sequence[Identity], members: Members, refused: Count | None = None
) -> ssl.SSLContext:
    """Return what a server needs: TLS 1.2 or later, and no caller without a certificate of a member.

    With several ``identities`` the caller's server name (a member id) says whose certificate it is shown, the first
    if it names none. ``refused`` is told of each handshake that failed. Raise :class:`TrustError` if a certificate or
    its key cannot be used.
    """
    several = [identities] if isinstance(identities, Identity) else list(identities)
    contexts = {one.member.upper(): _context(ssl.PROTOCOL_TLS_SERVER, one, members, refused) for one in several}
    first = contexts[several[0].member.upper()]
    if len(contexts) > 1:

        def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
            chosen = contexts.get((name or "").upper())
            if chosen is not None:
                connection.context = chosen

        first.sni_callback = choose
    return first


def client_context(identity: Identity, members: Members) -> ssl.SSLContext:
    """Return what a client needs that speaks for ``identity``; the server name to give is the member to reach.

    Raise :class:`TrustError` if certificate or key cannot be used.
    """
    return _context(ssl.PROTOCOL_TLS_CLIENT, identity, members, None)


def peer(extra: Callable[[str], Any]) -> Certificate | None:
    """Return whose certificate a connection was made with, None without TLS.

    ``extra`` is the transport's or connection's ``get_extra_info``.
    """
    connection = extra("ssl_object")
    if connection is None:
        return None
    return getattr(connection, "shown", None) or _shown(connection)


def _context(kind: int, identity: Identity, members: Members, refused: Count | None) -> ssl.SSLContext:
    context = ssl.SSLContext(kind)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.check_hostname = False  # the member is checked instead, by _Connection
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # a pinned certificate is trusted by itself
    try:
        context.load_cert_chain(identity.certificate_file, identity.key_file)
    except (OSError, ssl.SSLError) as error:
        raise TrustError(
            f"{identity.certificate_file} and {identity.key_file} are not a certificate and its key: {error}"
        ) from error
    anchors = "".join(_anchors(members))
    if not anchors:
        raise TrustError("no member has a certificate: members.yaml needs certificates or authorities for TLS")
    context.load_verify_locations(cadata=anchors)
    context.sslobject_class = _connection(members, refused)
    return context


def _anchors(members: Members) -> Iterable[str]:
    for member in members:
        for certificate in member.certificates:
            yield certificate.pem
    yield from members.authorities


def _connection(members: Members, refused: Count | None) -> type[ssl.SSLObject]:
    """Return a class of connections whose handshake fails unless the other side is the member it should be."""

    class Connection(ssl.SSLObject):
        shown: Certificate | None = None

        def do_handshake(self) -> None:
            try:
                super().do_handshake()
                self.shown = _member_shown(self, members)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                raise
            except ssl.SSLError as error:
                if refused is not None:
                    refused(_why(error))
                raise

    return Connection


def _why(error: ssl.SSLError) -> str:
    for name in ("verify_message", "reason"):
        text = getattr(error, name, None)
        if text:
            return str(text)
    return str(error.args[-1] if error.args else error)


def _member_shown(connection: ssl.SSLObject, members: Members) -> Certificate:
    try:
        shown = _shown(connection)
        if shown is None:
            raise TrustError("no certificate was shown")
        wanted = None if connection.server_side else connection.server_hostname
        if wanted is not None and shown.member.upper() != wanted.upper():
            raise TrustError(f"{wanted} was wanted, but the certificate is {shown.member}'s")
        members.check_certificate(shown)
    except TrustError as error:
        raise ssl.SSLCertVerificationError(1, str(error)) from error
    return shown


def _shown(connection: ssl.SSLObject) -> Certificate | None:
    der = connection.getpeercert(binary_form=True)
    return None if der is None else Certificate.from_der(der)


__all__ = [
    "SIGNING",
    "TLS_CERTIFICATE",
    "TLS_KEY",
    "Certificate",
    "Count",
    "Identity",
    "TrustError",
    "client_context",
    "peer",
    "server_context",
]
