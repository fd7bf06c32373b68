"""How Corridor makes its references: UCRs of a run, message ids, derived numbers.

A UCR of a run is ``<base>.<run><arm>``: the base names the consignment in every run and arm, the eight characters
behind the dot name run (seven) and arm (one). The whole is at most 35 characters (WCO recommendation of 2004).
"""

from __future__ import annotations

import re
from base64 import b32encode
from functools import lru_cache
from hashlib import blake2b, sha1, sha256
from uuid import UUID

MESSAGE_NAMESPACE = UUID("6f1c7f2e-2f0b-5c55-9d6a-0b1e5d3c7a10")
ARM_LETTERS = {"baseline": "B", "advance": "A", "recognition": "R"}
_RUN_PART = re.compile(r"\.[A-Z2-7]{7}[A-Z]$")


def run_key(run_id: str, replication: int) -> str:
    """Return seven base-32 characters that stand for (run, replication) in a UCR."""
    return b32encode(blake2b(f"{run_id}/{replication}".encode(), digest_size=5).digest()).decode()[:7]


def run_ucr(base: str, key: str, arm: str) -> str:
    """Return the UCR of consignment ``base`` in the run ``key`` (see :func:`run_key`) and ``arm``."""
    return f"{base}.{key}{ARM_LETTERS[arm]}"


@lru_cache(maxsize=65536)
def strip_run(ucr: str) -> str:
    """Return ``ucr`` without its run and arm part: the entity that luck knows."""
    return _RUN_PART.sub("", ucr)


_NAMESPACE = sha1(MESSAGE_NAMESPACE.bytes, usedforsecurity=False)
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def message_id(sender: str, recipient: str, code: str, ucr: str, ordinal: int) -> str:
    """Return the id of a message: UUIDv5 (RFC 9562), so that the same run makes the same ids."""
    digest = _NAMESPACE.copy()
    digest.update(f"{sender}|{recipient}|{code}|{ucr}|{ordinal}".encode())
    text = digest.hexdigest()
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"


_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PAIRS = [low + high for high in _ALPHANUMERIC for low in _ALPHANUMERIC]
"""Two digits of base 36 at a time, the lower one first."""


def derived(length: int, *parts: str) -> str:
    """Return ``length`` characters out of 0-9 and A-Z that depend on ``parts`` alone."""
    number = int.from_bytes(sha256("|".join(parts).encode()).digest(), "big") % 36**length
    pairs = []
    for _ in range((length + 1) // 2):
        number, rest = divmod(number, 36 * 36)
        pairs.append(_PAIRS[rest])
    return "".join(pairs)[:length]


__all__ = ["ARM_LETTERS", "derived", "message_id", "run_key", "run_ucr", "strip_run"]
