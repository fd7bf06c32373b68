"""Members: who takes part, where they are reached, and with which keys they sign.

The id says the role: ``KZ`` is the customs service of Kazakhstan, ``KZ.<office or trader>`` one of its
posts or traders, ``KZ.OPERATOR`` a person or system that runs the service's node. ``members.yaml`` is the
one file format::

    members:
      - id: KZ
        url: http://127.0.0.1:8641
        keys:
          - kid: KZ-2026
            algorithm: Ed25519
            x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo
            not_before: 2026-01-01T00:00:00Z      # optional, as is not_after
        certificates:                             # what it shows over TLS: PEM, or a path from this file
          - KZ/tls-cert.pem
    authorities:                                  # optional: whose signature will do for members without certificates
      - ca.pem

Several keys or certificates of one member are good side by side: that is how they are rotated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from exchange.certificates import LONGEST_PEM, Certificate, TrustError
from exchange.errors import CorridorError
from exchange.messages import format_time
from exchange.signatures import BadKey, FindKey, PublicKey

Role = Literal["service", "participant", "operator"]
MEMBER_ID = re.compile(r"[A-Z]{2}(\.[A-Z0-9][A-Z0-9-]{0,33})?")
OPERATOR = "OPERATOR"
Found = TypeVar("Found")


class MembersError(CorridorError):
    """A member or the members file is not as it should be."""


@lru_cache(maxsize=4096)
def role(member: str) -> Role:
    """Return what ``member`` is: a service, one of its posts and traders (participant), or its operator."""
    _, _, rest = member.partition(".")
    if not rest:
        return "service"
    return "operator" if rest == OPERATOR else "participant"


def country(member: str) -> str:
    """Return the country code of the service that ``member`` is or belongs to."""
    return member[:2]


@dataclass(frozen=True, slots=True)
class MemberKey:
    """A key and, optionally, the times (UTC) between which it is good."""

    public: PublicKey
    not_before: datetime | None = None
    not_after: datetime | None = None

    def good_at(self, now: datetime) -> bool:
        """Say whether the key may be used at ``now``."""
        if self.not_before is not None and now < self.not_before:
            return False
        return self.not_after is None or now <= self.not_after


@dataclass(frozen=True, slots=True)
class Member:
    """One member: its id, the base URL of its HTTP service (None if it only sends), its keys by kid, and the
    certificates that it may show over TLS."""

    id: str
    url: str | None = None
    keys: Mapping[str, MemberKey] = field(default_factory=dict)
    certificates: tuple[Certificate, ...] = ()

    @classmethod
    def of(cls, member: str, url: str | None, *keys: PublicKey, certificates: Iterable[Certificate] = ()) -> Member:
        """Return a member whose keys are good at any time."""
        return cls(member, url, {key.kid: MemberKey(key) for key in keys}, tuple(certificates))


class Members:
    """A registry of members, read-only; a kid belongs to one member. ``authorities`` are certificates in PEM form.

    Raise :class:`MembersError` when an id is malformed or given twice, a kid is in two members, or a certificate is
    not that of the member it is given for.
    """

    def __init__(self, members: Iterable[Member], authorities: Iterable[str] = ()) -> None:
        self.authorities = tuple(authorities)
        self._members: dict[str, Member] = {}
        self._owners: dict[str, tuple[str, MemberKey]] = {}
        for member in members:
            if not MEMBER_ID.fullmatch(member.id):
                raise MembersError(f"'{member.id}' is no member id: write KZ, or KZ.<office or trader> in capitals")
            if member.id in self._members:
                raise MembersError(f"the member {member.id} is given twice")
            self._members[member.id] = member
            for certificate in member.certificates:
                try:
                    certificate.must_be(member.id)
                except TrustError as error:
                    raise MembersError(f"member {member.id}: {error}") from error
            for kid, key in member.keys.items():
                if kid in self._owners:
                    raise MembersError(f"the key {kid} belongs to both {self._owners[kid][0]} and {member.id}")
                self._owners[kid] = (member.id, key)

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members.values())

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, member: str) -> bool:
        return member in self._members

    def get(self, member: str) -> Member | None:
        """Return the member of this id, or None."""
        return self._members.get(member)

    def url(self, member: str) -> str | None:
        """Return where ``member`` is reached, or None if it is unknown or has no address."""
        found = self._members.get(member)
        return found.url if found else None

    def owner(self, kid: str) -> str | None:
        """Return the id of the member that this key belongs to, or None."""
        found = self._owners.get(kid)
        return found[0] if found else None

    def finder(self, now: datetime) -> FindKey:
        """Return a function from kid to the registered key, for keys good at ``now``."""

        def find(kid: str) -> PublicKey | None:
            found = self._owners.get(kid)
            return found[1].public if found and found[1].good_at(now) else None

        return find

    def check_certificate(self, shown: Certificate) -> None:
        """Raise :class:`TrustError` unless ``shown`` is a certificate of a member: one of those registered for it.

        For a member without any it is enough that the certificate names member and country, if there are
        authorities: one of them has then signed it, which the handshake has checked.
        """
        member = self._members.get(shown.member)
        if member is None:
            raise TrustError(f"the certificate is of {shown.member}, which is no member")
        shown.must_be(member.id)
        if member.certificates:
            if all(one.sha256 != shown.sha256 for one in member.certificates):
                raise TrustError(f"the certificate is none of those registered for {member.id}")
        elif not self.authorities:
            raise TrustError(f"no certificate is registered for {member.id}")

    def save(self, path: Path) -> None:
        """Write the registry as ``members.yaml``; certificates stand in it as text."""
        from ruamel.yaml import YAML
        from ruamel.yaml.scalarstring import LiteralScalarString

        given: dict[str, Any] = {"members": [_row(member) for member in self]}
        if self.authorities:
            given["authorities"] = [LiteralScalarString(pem) for pem in self.authorities]
        text = StringIO()
        yaml = YAML()
        yaml.default_flow_style = False
        yaml.dump(given, text)
        path.write_text(text.getvalue(), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Members:
        """Read ``members.yaml``. Raise :class:`MembersError` naming file and entry if something is wrong."""
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError

        try:
            given = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise MembersError(f"{path}: cannot be read ({error.strerror})") from error
        except (YAMLError, UnicodeDecodeError) as error:
            raise MembersError(f"{path}: is not YAML: {' '.join(str(error).split())}") from error
        rows = given.get("members") if isinstance(given, dict) else None
        if not isinstance(rows, list) or not set(given) <= {"members", "authorities"}:
            raise MembersError(f"{path}: has one key, members, with a list of members, and possibly authorities")
        beside = path.parent
        try:
            authorities = _certificates(given.get("authorities"), "authorities", beside, Certificate.check_pem)
            return cls((_member(row, number, beside) for number, row in enumerate(rows, 1)), authorities)
        except (MembersError, BadKey) as error:
            raise MembersError(f"{path}: {error}") from error


def _row(member: Member) -> dict[str, Any]:
    row: dict[str, Any] = {"id": member.id}
    if member.url is not None:
        row["url"] = member.url
    keys = []
    for kid, key in member.keys.items():
        entry = {"kid": kid, "algorithm": key.public.algorithm, "x": key.public.x}
        if key.not_before is not None:
            entry["not_before"] = format_time(key.not_before)
        if key.not_after is not None:
            entry["not_after"] = format_time(key.not_after)
        keys.append(entry)
    row["keys"] = keys
    if member.certificates:
        from ruamel.yaml.scalarstring import LiteralScalarString

        row["certificates"] = [LiteralScalarString(certificate.pem) for certificate in member.certificates]
    return row


def _certificates(given: Any, where: str, beside: Path, read: Callable[[str], Found]) -> list[Found]:
    """Read a list of certificates, each PEM text or a path relative to the folder ``beside``."""
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise MembersError(f"{where}: a list, of certificates in PEM form or paths of such files")
    found = []
    for one in given:
        if one.lstrip().startswith("-----BEGIN"):
            name, pem = "a certificate", one
        else:
            name = one
            try:
                with (beside / one).open(encoding="ascii") as file:
                    pem = file.read(LONGEST_PEM + 1)
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it is not text in PEM form"
                raise MembersError(f"{where}: {one}: cannot be read ({reason})") from error
        try:
            found.append(read(pem))
        except TrustError as error:
            raise MembersError(f"{where}: {name}: {error}") from error
    return found


def _member(row: Any, number: int, beside: Path) -> Member:
    where = f"member {number}"
    if not isinstance(row, dict) or not isinstance(row.get("id"), str):
        raise MembersError(f"{where}: needs an id, a text in quotation marks where YAML would read it otherwise")
    where = f"member {row['id']}"
    _only(row, {"id", "url", "keys", "certificates"}, where)
    url = row.get("url")
    if url is not None and (not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https")):
        raise MembersError(f"{where}: url is an http or https address, not {url!r}")
    keys = row.get("keys") or []
    if not isinstance(keys, list):
        raise MembersError(f"{where}: keys is a list")
    found = {}
    for key in keys:
        if not isinstance(key, dict):
            raise MembersError(f"{where}: a key has kid, algorithm and x")
        _only(key, {"kid", "algorithm", "x", "not_before", "not_after"}, where)
        jwk = {
            "kty": "OKP",
            "crv": "Ed25519",
            "kid": key.get("kid"),
            "x": key.get("x"),
            "alg": key.get("algorithm", "Ed25519"),
        }
        try:
            public = PublicKey.from_jwk(jwk)
        except BadKey as error:
            raise MembersError(f"{where}: {error}") from error
        if public.kid in found:
            raise MembersError(f"{where}: the key {public.kid} is given twice")
        found[public.kid] = MemberKey(public, _time(key, "not_before", where), _time(key, "not_after", where))
    certificates = _certificates(row.get("certificates"), where, beside, Certificate.from_pem)
    return Member(row["id"], url, found, tuple(certificates))


def _only(row: dict[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(str(name) for name in row if name not in known)
    if unknown:
        raise MembersError(f"{where}: does not know {', '.join(unknown)}; it may have {', '.join(sorted(known))}")


def _time(row: Mapping[str, Any], name: str, where: str) -> datetime | None:
    value = row.get(name)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            value = row[name]
    if value is None or isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value
    raise MembersError(f"{where}: {name} is a time such as 2026-01-01T00:00:00Z, not {value!r}")


__all__ = [
    "MEMBER_ID",
    "OPERATOR",
    "Member",
    "MemberKey",
    "Members",
    "MembersError",
    "Role",
    "country",
    "role",
]
