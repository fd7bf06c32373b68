"""The file that evidence comes in: a zip of plain form, so plain that its contents give its bytes.

Nothing in it is compressed, encrypted, doubled, dated or commented, and its members stand in the order of their names.
So a reader writes the file again from what it read: if a single byte differs, wherever it stands, the file is refused,
and with it whatever a hostile zip may try (paths, sizes, doubled or overlapping members).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

from exchange.errors import CorridorError

MANIFEST, HEAD, CHAIN, ENTRIES = "evidence.json", "head.jws", "chain.bin", "entries.jsonl"
SIGNATURES, RECEIPTS, KEYS, README = "signatures.json", "receipts.json", "keys.json", "README.txt"
LONGEST = 256 * 2**20
"""Bytes of the longest file that is read."""
MOST_MEMBERS = 20_000
_NAME = re.compile(
    r"evidence\.json|head\.jws|chain\.bin|entries\.jsonl|signatures\.json|receipts\.json|keys\.json|README\.txt"
    r"|messages/[0-9a-f]{64}\.xml|certificates/[A-Z0-9.-]{2,40}-[0-9]{1,3}\.pem"
)
_NEVER = (1980, 1, 1, 0, 0, 0)


class EvidenceError(CorridorError):
    """Evidence cannot be made, or a file is no evidence of this form."""


def message_file(sha256: str) -> str:
    """Return the name of the member that holds the message with this digest."""
    return f"messages/{sha256}.xml"


def pack(members: Mapping[str, bytes]) -> bytes:
    """Return the file with these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            about = zipfile.ZipInfo(name, _NEVER)
            about.create_system = 3
            about.external_attr = 0o644 << 16
            archive.writestr(about, members[name])
    return file.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """Return the members of a file made by :func:`pack`. Raise :class:`EvidenceError` for any other."""
    if len(data) > LONGEST:
        raise EvidenceError(f"the file is longer than {LONGEST} bytes")
    members: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            listed = archive.infolist()
            if len(listed) > MOST_MEMBERS:
                raise EvidenceError(f"the file has more than {MOST_MEMBERS} members")
            if sum(one.file_size for one in listed) > len(data):
                raise EvidenceError("the file claims to hold more than it is long")
            for one in listed:
                if not _NAME.fullmatch(one.filename) or one.filename in members:
                    raise EvidenceError(f"the member {one.filename[:100]!r} has no place in evidence, or comes twice")
                if one.compress_type != zipfile.ZIP_STORED or one.flag_bits & 1:
                    raise EvidenceError(f"the member {one.filename} is compressed or encrypted")
                members[one.filename] = archive.read(one)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, OverflowError, MemoryError) as error:
        raise EvidenceError(f"the file is no zip that can be read: {error}") from error
    if pack(members) != data:
        raise EvidenceError("the file is not as it was written: something between or around its members was changed")
    return members


__all__ = [
    "CHAIN",
    "ENTRIES",
    "HEAD",
    "KEYS",
    "MANIFEST",
    "README",
    "RECEIPTS",
    "SIGNATURES",
    "EvidenceError",
    "message_file",
    "pack",
    "unpack",
]
