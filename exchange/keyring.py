"""A folder of keys for demos: an authority, one folder a member, and the ``members.yaml`` that tells all of them.

::

    <folder>/ca.pem  ca-key.pem  members.yaml
    <folder>/<member>/signing.pem  tls-key.pem  tls-cert.pem

Files with private keys can be read by their owner only, and are never overwritten unless that is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from exchange.authority import SKEW, Authority, Issued
from exchange.certificates import Certificate, TrustError, wall_clock
from exchange.members import OPERATOR, Member, MemberKey, Members, MembersError, role
from exchange.signatures import PrivateKey
from exchange.trust import SIGNING, TLS_CERTIFICATE, TLS_KEY

MEMBERS, CA, CA_KEY = "members.yaml", "ca.pem", "ca-key.pem"
LIFE = timedelta(days=365)
"""Validity of a member's certificate."""
OVERLAP = timedelta(days=30)
"""How long an old key is still good after a new one was made."""
LOCAL = ("localhost", "127.0.0.1", "::1")


def make(folder: Path, wanted: Mapping[str, str | None], *, life: timedelta = LIFE, force: bool = False) -> Members:
    """Make keys and certificates for the members ``wanted`` (id → URL, or None), and an operator for each service.

    What stands in the folder for other members stays; the authority is made if there is none. Return all members.
    Raise :class:`TrustError` if a member has keys already and ``force`` was not said, :class:`MembersError` for a bad
    id or members file.
    """
    registry = load(folder) if (folder / MEMBERS).exists() else Members(())
    ids = dict(wanted)
    for member in wanted:
        if role(member) == "service":
            ids.setdefault(f"{member}.{OPERATOR}", None)
    for member in wanted:
        Members([Member(member)])
    taken = sorted(member for member in wanted if (folder / member).exists() or member in registry)
    if taken and not force:
        raise TrustError(
            f"{folder} has keys of {', '.join(taken)} already; 'corridor keys rotate' makes new ones beside the old, "
            "--force throws the old ones away"
        )
    if not force:
        ids = {member: url for member, url in ids.items() if member not in registry}
    folder.mkdir(parents=True, exist_ok=True)
    authority = _authority(folder)
    made = {member: _fresh(folder, member, url, authority, life) for member, url in ids.items()}
    rows = [made.pop(old.id, old) for old in registry]
    members = Members([*rows, *made.values()], registry.authorities)
    _save(members, folder)
    return members


def rotate(folder: Path, member: str, *, at: datetime, overlap: timedelta = OVERLAP, revoke: bool = False) -> Members:
    """Make a new signing key and certificate of ``member`` beside the old ones; return all members.

    ``at`` is the node time from which the old keys have ``overlap`` left. The old certificate is good until its own
    end; of several the latest stays. With ``revoke`` nothing old is good any more. The files that were current are
    kept under the next free number, as ``signing.1.pem``. Raise :class:`TrustError` if the member has no keys here.
    """
    registry = load(folder)
    old = registry.get(member)
    if old is None or not (folder / member / SIGNING).exists():
        raise TrustError(f"{folder} has no keys of {member}; it has those of {', '.join(sorted(_kept(folder)))}")
    latest = sorted(old.certificates, key=lambda one: one.not_after)[-1:]
    life = latest[0].not_after - latest[0].not_before - SKEW if latest else LIFE
    _put_aside(folder / member)
    new = _fresh(folder, member, old.url, _authority(folder), life)
    if not revoke:
        end = at + overlap
        keys = {
            kid: key if key.not_after is not None and key.not_after <= end else replace(key, not_after=end)
            for kid, key in old.keys.items()
            if key.not_after is None or key.not_after > at
        }
        new = replace(new, keys={**keys, **new.keys}, certificates=(*latest, *new.certificates))
    members = Members([new if one.id == member else one for one in registry], registry.authorities)
    _save(members, folder)
    return members


@dataclass(frozen=True, slots=True)
class Held:
    """One line of what is in a folder: whose key or certificate it is, and until when it is good (None: no end)."""

    member: str
    kind: str
    name: str
    until: datetime | None
    state: str
    """``current``, ``old`` (still good beside the current one), ``future``, ``expired``, ``missing`` (no file)."""


def held(folder: Path, now: datetime) -> list[Held]:
    """Return the keys and certificates of ``members.yaml`` in ``folder``, as they stand at ``now``."""
    found = []
    for member in load(folder):
        own = folder / member.id
        current = PrivateKey.load(own / SIGNING).public.raw if (own / SIGNING).exists() else None
        for kid, key in member.keys.items():
            state = "current" if key.public.raw == current else "missing" if current is None else "old"
            if not key.good_at(now):
                state = "expired" if key.not_after is not None and now > key.not_after else "future"
            found.append(Held(member.id, "key", kid, key.not_after, state))
        shown = own / TLS_CERTIFICATE
        pinned = Certificate.from_pem(shown.read_text(encoding="ascii")).sha256 if shown.exists() else None
        for one in member.certificates:
            state = "current" if one.sha256 == pinned else "missing" if pinned is None else "old"
            if not one.good_at(now):
                state = "expired" if now > one.not_after else "future"
            found.append(Held(member.id, "certificate", one.sha256, one.not_after, state))
    return found


def load(folder: Path) -> Members:
    """Return the members of the folder. Raise :class:`MembersError` if there is no file that can be read."""
    if not (folder / MEMBERS).exists():
        raise MembersError(f"{folder} has no {MEMBERS}; 'corridor keys {folder} --member KZ' makes one")
    return Members.load(folder / MEMBERS)


def _kept(folder: Path) -> list[str]:
    return [path.parent.name for path in folder.glob(f"*/{SIGNING}")] or ["nobody"]


def _authority(folder: Path) -> Authority:
    certificate, key = folder / CA, folder / CA_KEY
    if certificate.exists() and key.exists():
        try:
            return Authority.from_pem(certificate.read_bytes(), key.read_bytes())
        except TrustError as error:
            raise TrustError(f"{certificate} and {key}: {error}") from error
    if certificate.exists() or key.exists():
        raise TrustError(f"{folder} has only one of {CA} and {CA_KEY}; put the other beside it, or take both away")
    authority = Authority.make(wall_clock())
    issued = authority.pem()
    _private(key, issued.key)
    certificate.write_text(issued.certificate, encoding="ascii")
    return authority


def _fresh(folder: Path, member: str, url: str | None, authority: Authority, life: timedelta) -> Member:
    """Write new files of ``member`` in place of any that stand there."""
    own = folder / member
    own.mkdir(mode=0o700, exist_ok=True)
    host = urlsplit(url).hostname if url else None
    hosts = LOCAL if host is None or host in LOCAL else (host,)
    issued: Issued = authority.issue(member, hosts, wall_clock(), life)
    key = PrivateKey.generate()
    _private(own / SIGNING, key.pem())
    _private(own / TLS_KEY, issued.key)
    (own / TLS_CERTIFICATE).write_text(issued.certificate, encoding="ascii")
    keys = {key.kid: MemberKey(key.public)}
    return Member(member, url, keys, (Certificate.from_pem(issued.certificate),))


def _put_aside(own: Path) -> None:
    number = 1
    while any((own / _numbered(name, number)).exists() for name in (SIGNING, TLS_KEY, TLS_CERTIFICATE)):
        number += 1
    for name in (SIGNING, TLS_KEY, TLS_CERTIFICATE):
        if (own / name).exists():
            (own / name).rename(own / _numbered(name, number))


def _numbered(name: str, number: int) -> str:
    stem, _, suffix = name.rpartition(".")
    return f"{stem}.{number}.{suffix}"


def _private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, from its first byte on."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    beside.replace(path)


def _save(members: Members, folder: Path) -> None:
    beside = folder / f".{MEMBERS}.new"
    members.save(beside)
    beside.replace(folder / MEMBERS)


__all__ = ["CA", "CA_KEY", "LIFE", "MEMBERS", "OVERLAP", "Held", "held", "load", "make", "rotate"]
