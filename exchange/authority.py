"""A certificate authority for demos and tests: it signs the certificates that members show one another.

Real services bring certificates of their own authorities; ``members.yaml`` takes those just as well. Keys are P-256
(ECDSA with SHA-256), which every TLS library of today speaks.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from exchange.certificates import TrustError

LIFE = timedelta(days=3650)
"""Validity of the authority itself."""
SKEW = timedelta(hours=1)
"""How long before now a certificate begins, for clocks that are slow."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A new certificate and its private key, both in PEM form."""

    certificate: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Authority:
    """The authority's own certificate and private key."""

    certificate: x509.Certificate
    _key: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def make(cls, now: datetime) -> Authority:
        """Make a new authority, valid for ten years from ``now`` (wall clock)."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Corridor demo authority")])
        public = key.public_key()
        certificate = (
            _builder(name, name, public, now, LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(key, SHA256())
        )
        return cls(certificate, key)

    @classmethod
    def from_pem(cls, certificate: bytes, key: bytes) -> Authority:
        """Read an authority. Raise :class:`TrustError` if these are not a P-256 key and its certificate in PEM form."""
        try:
            private = load_pem_private_key(key, password=None)
            found = x509.load_pem_x509_certificate(certificate)
        except (ValueError, TypeError) as error:
            raise TrustError(
                "the authority's files are not a certificate and an unencrypted key in PEM form"
            ) from error
        if not isinstance(private, ec.EllipticCurvePrivateKey) or private.public_key() != found.public_key():
            raise TrustError("the authority's key is not the one of its certificate")
        return cls(found, private)

    def pem(self) -> Issued:
        """Return the authority's own certificate and key."""
        return Issued(self.certificate.public_bytes(Encoding.PEM).decode(), _pem(self._key))

    def issue(self, member: str, hosts: Iterable[str], now: datetime, life: timedelta) -> Issued:
        """Return a certificate for ``member``: subject C and CN, the ``hosts`` (names or addresses) as SAN.

        It is good from an hour before ``now`` (wall clock) for ``life``, as a server's and as a client's.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [x509.NameAttribute(NameOID.COUNTRY_NAME, member[:2]), x509.NameAttribute(NameOID.COMMON_NAME, member)]
        )
        names = x509.SubjectAlternativeName([_host(host) for host in dict.fromkeys((member, *hosts))])
        issuer = self.certificate.subject
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        uses = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        certificate = (
            _builder(subject, issuer, key.public_key(), now, life)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(uses, critical=False)
            .add_extension(names, critical=False)
            .add_extension(authority, critical=False)
            .sign(self._key, SHA256())
        )
        return Issued(certificate.public_bytes(Encoding.PEM).decode(), _pem(key))


def _builder(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


__all__ = ["LIFE", "SKEW", "Authority", "Issued"]
