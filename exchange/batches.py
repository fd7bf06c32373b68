"""Several messages in one request: how ``POST /batches`` says them, and what it answers.

The body is a row of parts. A part is one line of JSON, ``{"signature", "size", "trace"?, "attempt"?}``, and after it
``size`` bytes: the message exactly as it is signed. Every message keeps its own signature, receipt and refusal; the
answer is ``{"answers": […]}`` in the same order, each what ``POST /messages`` would have said (its JSON, with the
``status``), and nothing joins them but the way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

CONTENT_TYPE = "application/vnd.corridor.batch"
LONGEST_LINE = 4096
"""Bytes of the line before a message."""


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a batch: its bytes, the signature it comes under, its ``traceparent`` and attempt."""

    data: bytes
    signature: str
    trace: str | None = None
    attempt: int = 1


def write_batch(parts: Iterable[Part]) -> bytes:
    """Return the body of ``parts``."""
    pieces: list[bytes] = []
    for part in parts:
        line: dict[str, Any] = {"signature": part.signature, "size": len(part.data)}
        if part.trace is not None:
            line["trace"] = part.trace
        if part.attempt > 1:
            line["attempt"] = part.attempt
        pieces += (json.dumps(line).encode(), b"\n", part.data)
    return b"".join(pieces)


def read_batch(body: bytes, most: int) -> list[Part]:
    """Return the parts of a body. Raise ``ValueError`` that says what is wrong with it, or that they are too many."""
    parts: list[Part] = []
    at = 0
    while at < len(body):
        if len(parts) == most:
            raise ValueError(f"a batch has at most {most} messages")
        end = body.find(b"\n", at, at + LONGEST_LINE)
        where = f"part {len(parts) + 1} at byte {at}"
        if end < 0:
            raise ValueError(f"{where}: no line of at most {LONGEST_LINE} bytes")
        part, at = _read(body, at, end, where), end + 1
        at += len(part.data)
        parts.append(part)
    if not parts:
        raise ValueError("a batch has at least one message")
    return parts


def _read(body: bytes, at: int, end: int, where: str) -> Part:
    try:
        line = json.loads(body[at:end])
    except (ValueError, RecursionError):
        line = None
    if not isinstance(line, dict):
        raise ValueError(f"{where}: the line is no JSON object")
    signature, size = line.get("signature"), line.get("size")
    trace, attempt = line.get("trace"), line.get("attempt", 1)
    if not isinstance(signature, str) or isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise ValueError(f"{where}: the line needs signature, a text, and size, a number of bytes from 1")
    if not (trace is None or isinstance(trace, str)) or isinstance(attempt, bool) or not isinstance(attempt, int):
        raise ValueError(f"{where}: trace is a text and attempt a number")
    if end + 1 + size > len(body):
        raise ValueError(f"{where}: {size} bytes are announced, {len(body) - end - 1} have come")
    return Part(body[end + 1 : end + 1 + size], signature, trace, attempt)


__all__ = ["CONTENT_TYPE", "Part", "read_batch", "write_batch"]
