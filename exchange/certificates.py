"""Certificates: what a member shows when a connection is made, beside the keys that it signs messages with.

A certificate is a member's if its subject says so: the common name (CN) is the member id, the country (C) the first
two letters of it. Its validity is judged by the wall clock, when a connection is made; only keys live by node time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from exchange.errors import CorridorError

LONGEST_PEM = 65_536
"""Characters of a PEM text that are looked at."""


class TrustError(CorridorError):
    """A certificate, its key or a folder of them is not as it should be."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """One X.509 certificate: whose it is, from when to when (UTC, wall clock), and its SHA-256."""

    pem: str = field(repr=False)
    member: str
    country: str
    not_before: datetime
    not_after: datetime
    sha256: str
    """SHA-256 of the DER form, 64 hexadecimal digits."""
    names: tuple[str, ...] = ()
    """Host names and addresses that it stands for (SAN)."""

    @classmethod
    def from_pem(cls, pem: str) -> Certificate:
        """Read the first certificate of a PEM text. Raise :class:`TrustError` if there is none or it cannot be read."""
        return cls._of(_load(pem))

    @staticmethod
    def check_pem(pem: str) -> str:
        """Return ``pem`` if it holds a certificate, of anybody. Raise :class:`TrustError` otherwise."""
        _load(pem)
        return pem

    @classmethod
    def from_der(cls, der: bytes) -> Certificate:
        """Read a certificate as a connection shows it. Raise :class:`TrustError` if it cannot be read."""
        try:
            return cls._of(x509.load_der_x509_certificate(der))
        except ValueError as error:
            raise TrustError("the certificate shown cannot be read") from error

    @classmethod
    def _of(cls, found: x509.Certificate) -> Certificate:
        common = [str(name.value) for name in found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        countries = [str(name.value) for name in found.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)]
        if len(common) != 1 or len(countries) > 1:
            raise TrustError("a certificate names one member in its subject (CN) and one country (C)")
        try:
            names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            hosts = [*names.get_values_for_type(x509.DNSName)]
            hosts += [str(address) for address in names.get_values_for_type(x509.IPAddress)]
        except x509.ExtensionNotFound:
            hosts = []
        der = found.public_bytes(Encoding.DER)
        return cls(
            pem=found.public_bytes(Encoding.PEM).decode(),
            member=common[0],
            country=countries[0] if countries else "",
            not_before=found.not_valid_before_utc,
            not_after=found.not_valid_after_utc,
            sha256=sha256(der).hexdigest(),
            names=tuple(hosts),
        )

    def good_at(self, wall: datetime) -> bool:
        """Say whether the certificate is within its validity at ``wall``, wall-clock time."""
        return self.not_before <= wall <= self.not_after

    def must_be(self, member: str) -> None:
        """Raise :class:`TrustError` unless subject and country are those of ``member``."""
        if self.member != member:
            raise TrustError(f"the certificate is {self.member}'s (CN), not {member}'s")
        if self.country != member[:2]:
            said = f"says the country {self.country}" if self.country else "says no country"
            raise TrustError(f"the certificate of {member} {said} (C), not {member[:2]}")


def _load(pem: str) -> x509.Certificate:
    if len(pem) > LONGEST_PEM:
        raise TrustError(f"a certificate in PEM form has at most {LONGEST_PEM} characters")
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError as error:
        raise TrustError("this is no certificate in PEM form (-----BEGIN CERTIFICATE-----)") from error


def wall_clock() -> datetime:
    """Return the time by which certificates are judged (UTC)."""
    return datetime.now(UTC)


__all__ = ["LONGEST_PEM", "Certificate", "TrustError", "wall_clock"]
