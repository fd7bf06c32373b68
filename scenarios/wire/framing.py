"""HTTP/1.1 messages as bytes, as far as a proxy needs: where the head ends, and how long the body is."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

LONGEST_HEAD = 64 * 1024
LONGEST_BODY = 8 * 1024 * 1024
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Framed:
    """One request or answer: ``head`` with its empty line, and ``body``."""

    head: bytes
    body: bytes

    @property
    def data(self) -> bytes:
        """All of it."""
        return self.head + self.body


async def read_framed(reader: asyncio.StreamReader) -> Framed | None:
    """Return the next message; None if the peer closed the connection instead, or sent what is no HTTP."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        if length > LONGEST_BODY:
            return None
        return Framed(head, await reader.readexactly(length) if length else b"")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
        return None


__all__ = ["LONGEST_HEAD", "Framed", "read_framed"]
