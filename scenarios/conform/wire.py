"""The wire to the node: raw requests, each bounded in time and size, each kept with its answer.

Nothing that comes back is believed: a node may hang, drip, hang up or answer garbage; what comes of it within the time
limit is an :class:`Exchange` to be judged, or a :class:`NoAnswer`.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from time import monotonic
from typing import Any, Self

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from exchange.errors import CorridorError
from exchange.members import OPERATOR
from exchange.unreached import why

LONGEST = 8 * 1024 * 1024
"""Bytes of an answer that are read; a longer one is a failure of the node."""
KEPT = 20_000
"""Bytes of a body that are shown to people."""
_BROKEN = (aiohttp.ClientError, TimeoutError, OSError, ValueError)


class NoAnswer(CorridorError):
    """The node gave no answer that is HTTP within the time limit; the text says what happened."""


Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Exchange:
    """One request and its answer; ``status`` is 0 if none came, and ``trouble`` says why. Times in seconds."""

    method: str
    path: str
    sent_headers: tuple[tuple[str, str], ...]
    sent: bytes
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    seconds: float = 0.0
    trouble: str = ""

    def header(self, name: str) -> str | None:
        """Return the first header of this name (any case), or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def media_type(self) -> str:
        """The media type of the answer, without parameters."""
        return (self.header("Content-Type") or "").partition(";")[0].strip().lower()

    @cached_property
    def _parsed(self) -> Any:
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def document(self) -> dict[str, Any]:
        """Return the JSON object of the answer; an empty one if it is none."""
        return self._parsed if isinstance(self._parsed, dict) else {}

    @property
    def problem(self) -> str:
        """The last part of the problem's type, empty if there is none."""
        return str(self.document().get("type", "")).rpartition(":")[2]


class Wire:
    """Makes requests to one node; an asynchronous context manager.

    ``timeout``: seconds within which a whole answer must have come. ``tls`` gives the TLS context to speak for a
    member with, where the address is https; ``server`` is then the member to reach.
    """

    def __init__(
        self, url: str, server: str, timeout: float, tls: Callable[[str], ssl.SSLContext] | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self.timeout = timeout
        self.exchanges: list[Exchange] = []
        self.silent = 0
        """Requests in a row that got no answer."""
        self._server = server
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=self.timeout),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            auto_decompress=False,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(self, method: str, path: str, headers: Headers = (), body: bytes = b"", *, who: str = "") -> Exchange:
        """Make one request, on behalf of the member ``who`` (the operator); return it with its answer, also kept.

        Raise :class:`NoAnswer` if none comes in time, or none that is HTTP.
        """
        exchange = Exchange(method, path, tuple(headers), body)
        began = monotonic()
        try:
            async with asyncio.timeout(self.timeout):
                exchange = await self._ask(exchange, who)
        except _BROKEN as error:
            spent = monotonic() - began
            trouble = self._trouble(error)
            self.silent += 1
            self.exchanges.append(replace(exchange, seconds=spent, trouble=trouble))
            raise NoAnswer(f"{method} {path}: {trouble}") from error
        self.silent = 0
        exchange = replace(exchange, seconds=monotonic() - began)
        self.exchanges.append(exchange)
        return exchange

    async def _ask(self, exchange: Exchange, who: str) -> Exchange:
        if self._session is None:
            raise RuntimeError("the wire is not open")
        secured: dict[str, Any] = {}
        if self._tls is not None:
            secured = {"ssl": self._tls(who or f"{self._server}.{OPERATOR}"), "server_hostname": self._server}
        async with self._session.request(
            exchange.method,
            URL(self.url + exchange.path, encoded=True),
            data=exchange.sent or None,
            headers=CIMultiDict(exchange.sent_headers),
            allow_redirects=False,
            **secured,
        ) as answer:
            parts, size = [], 0
            async for part in answer.content.iter_chunked(65536):
                parts.append(part)
                size += len(part)
                if size > LONGEST:
                    raise aiohttp.ClientPayloadError(f"the answer is longer than {LONGEST:,} bytes")
            return replace(
                exchange,
                status=answer.status,
                headers=tuple((clean(name), clean(value)) for name, value in answer.headers.items()),
                body=b"".join(parts),
            )

    def _trouble(self, error: BaseException) -> str:
        said = clean(why(error, self._server, self.timeout)[:300])
        return said if isinstance(error, TimeoutError) else f"no answer that is HTTP: {said}"


def clean(text: str) -> str:
    """Return ``text`` of a stranger as text that can be written: half characters are replaced."""
    return text.encode("utf-8", errors="replace").decode()


def shown(body: bytes) -> str:
    """Return a body as text for people: what is no UTF-8 is replaced, what is long is cut."""
    text = body[:KEPT].decode("utf-8", errors="replace")
    return text if len(body) <= KEPT else f"{text}\n… ({len(body):,} bytes in all)"


__all__ = ["KEPT", "LONGEST", "Exchange", "Headers", "NoAnswer", "Wire", "clean", "shown"]
