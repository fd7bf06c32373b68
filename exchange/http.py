"""The client side of a node's HTTP API: post signed messages, check receipts and replies, read with a
credential.

Used by a node's courier, by the simulated world and by anybody who talks to a node.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import ssl
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

import aiohttp
from yarl import URL

from exchange.ledger import parse_time
from exchange.letters import Answer, Letter, Undelivered
from exchange.limits import Limits, Timeouts
from exchange.members import Members
from exchange.messages import format_time
from exchange.receipts import credential, verify_receipt
from exchange.signatures import BadSignature, PrivateKey, verify_bytes
from exchange.tracing import TRACEPARENT, going_on
from exchange.unreached import why

SIGNATURE = "Pix-Signature"
TIME = "Pix-Time"
NEXT_DUE = "Pix-Next-Due"
BATCH = "Pix-Batch"
BATCHES = "Pix-Batches"
"""How many messages a node takes in one ``POST /batches``."""
ATTEMPT = "Pix-Attempt"
REPLAYED = "Pix-Replayed"
XML = "application/xml"
LONGEST_REASON = 300
"""Characters of a partner's own words that are kept in an error."""
NOTHING_DUE = "none"
"""Value of ``Pix-Next-Due`` when nothing is due."""


class Client:
    """Speaks to nodes for one or several members. Use as an asynchronous context manager.

    ``key_of`` gives the private key of a member that this client speaks for, ``tls`` its TLS context
    (:func:`exchange.trust.client_context`), for addresses with https. What is sent without TLS stays on this
    machine, unless ``insecure``. All times are node time, UTC.
    """

    def __init__(
        self,
        members: Members,
        key_of: Callable[[str], PrivateKey],
        *,
        limits: Limits | None = None,
        timeouts: Timeouts | None = None,
        tls: Callable[[str], ssl.SSLContext] | None = None,
        insecure: bool = False,
    ) -> None:
        self.members = members
        self._key_of = key_of
        self._tls = tls
        self._insecure = insecure
        self._limits = limits or Limits()
        self._timeouts = timeouts or Timeouts()
        self._urls: dict[str, URL] = {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Open the connection pool, bounded for each address."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,
                limit_per_host=self._limits.connections_per_partner,
                keepalive_timeout=self._timeouts.keep_alive / 2,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=self._timeouts.request, sock_connect=self._timeouts.connect),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            auto_decompress=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def post(
        self,
        letter: Letter,
        now: datetime,
        *,
        batch: tuple[int, int] | None = None,
        attempt: int = 1,
    ) -> Answer:
        """Sign ``letter`` anew, post it to its recipient and check what comes back.

        ``batch`` is (k, n) within a round. Raise :class:`Undelivered` if there is no answer, a passing
        refusal (429, 5xx), or a receipt or reply whose signature does not hold.
        """
        headers = {
            "Content-Type": XML,
            SIGNATURE: self._signature(letter, now),
            TIME: format_time(now),
        }
        if batch is not None:
            headers[BATCH] = f"{batch[0]}/{batch[1]}"
        if attempt > 1:
            headers[ATTEMPT] = str(attempt)
        if letter.trace is not None:
            headers[TRACEPARENT] = going_on(letter.trace)
        url = self._urls.get(letter.recipient)
        if url is None:
            url = self._urls[letter.recipient] = self._url(letter.recipient, "/messages")
        status, found, body = await self._call("POST", url, letter.recipient, letter.sender, headers, letter.data)
        due, stepped = _next_due(found, letter.recipient)
        if status != 202:
            return Answer(status=status, stepped=stepped, next_due=due, problem=_problem(body))
        self._heard(letter.recipient, found)
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Undelivered(f"{letter.recipient}: the answer to {letter.id} is not as the API says") from error
        return self._receipted(letter, answer, now, replayed=REPLAYED in found, stepped=stepped, next_due=due)

    def _signature(self, letter: Letter, now: datetime) -> str:
        return self._key_of(letter.sender).sign_bytes(letter.data, letter.signed_at or now)

    def _heard(self, recipient: str, headers: Mapping[str, str]) -> None:
        """Take note of what the headers of an accepting answer say of the node; here of nothing."""

    def _receipted(
        self,
        letter: Letter,
        answer: Any,
        now: datetime,
        *,
        replayed: bool,
        stepped: bool = False,
        next_due: datetime | None = None,
    ) -> Answer:
        """Return the answer that accepts ``letter``. Raise :class:`Undelivered` if its proofs do not hold."""
        try:
            token = answer["receipt"]
            receipt = verify_receipt(
                token,
                self.members,
                message=letter.id,
                sender=letter.sender,
                sha256=letter.sha256,
                recipient=letter.recipient,
                now=now,
            )
            replies = tuple(self._reply(letter.recipient, reply, now) for reply in answer["replies"])
        except BadSignature as error:
            raise Undelivered(f"{letter.recipient}: the answer to {letter.id} does not hold: {error}") from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Undelivered(f"{letter.recipient}: the answer to {letter.id} is not as the API says") from error
        return Answer(
            status=202,
            token=token,
            receipt=receipt,
            replies=replies,
            replayed=replayed,
            stepped=stepped,
            next_due=next_due,
        )

    async def post_round(
        self, letters: Sequence[Letter], now: datetime, attempts: Sequence[int] | None = None
    ) -> list[Answer | Undelivered]:
        """Post one round to one recipient as ``Pix-Batch``; return the answers in the order given.

        ``attempts`` are the numbers of the attempts, where a letter may have been sent before.

        The letters go sorted by (sender, case, ordinal), at most :attr:`Limits.round_messages` in a batch.
        """
        answers: list[Answer | Undelivered | None] = [None] * len(letters)
        sequence = sorted(range(len(letters)), key=lambda index: letters[index].order)
        size = self._limits.round_messages
        for start in range(0, len(sequence), size):
            part = sequence[start : start + size]
            async with asyncio.TaskGroup() as group:
                for k, index in enumerate(part, 1):
                    attempt = attempts[index] if attempts is not None else 1
                    group.create_task(self._into(answers, index, letters[index], now, (k, len(part)), attempt))
        return [answer for answer in answers if answer is not None]

    async def _into(
        self,
        answers: list[Answer | Undelivered | None],
        index: int,
        letter: Letter,
        now: datetime,
        batch: tuple[int, int],
        attempt: int,
    ) -> None:
        try:
            answers[index] = await self.post(letter, now, batch=batch, attempt=attempt)
        except Undelivered as error:
            answers[index] = error

    async def read(self, member: str, reader: str, path: str, now: datetime) -> tuple[int, bytes]:
        """Return (status, body) of a GET at ``member``'s node with the credential of ``reader``."""
        return await self._ask("GET", member, reader, path, now)

    async def read_whole(
        self, member: str, reader: str, path: str, now: datetime
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Return (status, headers, body) of a GET at ``member``'s node with the credential of ``reader``."""
        headers = {
            "Authorization": credential(self._key_of(reader), "GET", path, now, node=member),
            TIME: format_time(now),
        }
        return await self._call("GET", self._url(member, path), member, reader, headers, None)

    async def read_part(
        self, member: str, reader: str, path: str, now: datetime, first: int, last: int
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Return (status, headers, body) of a GET for the bytes ``first`` to ``last`` (both included) of ``path``."""
        headers = {
            "Authorization": credential(self._key_of(reader), "GET", path, now, node=member),
            "Range": f"bytes={first}-{last}",
            TIME: format_time(now),
        }
        return await self._call("GET", self._url(member, path), member, reader, headers, None)

    async def put(
        self, member: str, sender: str, path: str, data: bytes, media_type: str, now: datetime
    ) -> tuple[int, dict[str, Any]]:
        """Return (status, answer) of a PUT of ``data`` at ``member``'s node with the credential of ``sender``."""
        headers = {
            "Authorization": credential(self._key_of(sender), "PUT", path, now, node=member),
            "Content-Type": media_type,
            TIME: format_time(now),
        }
        status, _, body = await self._call("PUT", self._url(member, path), member, sender, headers, data)
        return status, _problem(body)

    async def order(self, member: str, operator: str, path: str, now: datetime) -> tuple[int, bytes]:
        """Return (status, body) of a POST without a body at ``member``'s node with the credential of ``operator``."""
        return await self._ask("POST", member, operator, path, now)

    async def _ask(self, method: str, member: str, who: str, path: str, now: datetime) -> tuple[int, bytes]:
        headers = {
            "Authorization": credential(self._key_of(who), method, path, now, node=member),
            TIME: format_time(now),
        }
        status, _, body = await self._call(method, self._url(member, path), member, who, headers, None)
        return status, body

    async def set_time(self, member: str, operator: str, now: datetime) -> dict[str, Any]:
        """Let the stepped node of ``member`` do what is due at ``now``; return its answer.

        Raise :class:`Undelivered` if it does not answer 200.
        """
        body = json.dumps({"now": format_time(now)}).encode()
        headers = {
            "Authorization": credential(self._key_of(operator), "POST", "/time", now, node=member, body=body),
            "Content-Type": "application/json",
            TIME: format_time(now),
        }
        status, _, data = await self._call("POST", self._url(member, "/time"), member, operator, headers, body)
        answer = _problem(data)
        if status != 200:
            raise Undelivered(f"{member}: POST /time was answered {status}: {answer.get('detail')}")
        return answer

    def _url(self, member: str, path: str) -> URL:
        base = self.members.url(member)
        if base is None:
            raise Undelivered(f"{member}: no address is known; members.yaml gives it as url", passing=True)
        url = URL(base.rstrip("/") + path, encoded=True)
        if url.scheme == "https":
            if self._tls is None:
                raise Undelivered(f"{member}: {url.origin()} needs a certificate to be reached, and none was given")
        elif not (self._insecure or _on_this_machine(url.host)):
            raise Undelivered(
                f"{member}: will not send to {url.origin()} without TLS; members.yaml should give an https address"
            )
        return url

    def _reply(self, recipient: str, reply: Mapping[str, str], now: datetime) -> bytes:
        data = reply["message"].encode()
        signed = verify_bytes(reply["signature"], data, self.members.finder(now))
        if self.members.owner(signed.kid) != recipient:
            raise BadSignature("a reply is signed by another member")
        return data

    async def _call(
        self, method: str, url: URL, member: str, speaker: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        if self._session is None:
            raise RuntimeError("the client is not open")
        secured: dict[str, Any] = {}
        if self._tls is not None and url.scheme == "https":
            secured = {"ssl": self._tls(speaker), "server_hostname": member}
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, allow_redirects=False, **secured
            ) as response:
                data = await _bounded(response, self._limits.body_bytes)
        except _TooLong as error:
            raise Undelivered(f"{member}: answered {response.status} {error}") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = why(error, member, self._timeouts.request)
            raise Undelivered(f"{member}: not reached at {url.origin()}: {reason}", passing=True) from error
        if response.status == 429 or response.status >= 500:
            wait = response.headers.get("Retry-After", "")
            text = " ".join(str(_problem(data).get("detail") or response.reason).split())[:LONGEST_REASON]
            raise Undelivered(
                f"{member}: answered {response.status}: {text}",
                int(wait[:9]) if wait.isdecimal() else None,
                passing=response.status != 500,
            )
        return response.status, response.headers, data


class _TooLong(ValueError):
    """An answer that is not read to its end."""


def _on_this_machine(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


async def _bounded(response: aiohttp.ClientResponse, longest: int) -> bytes:
    if response.content_length is not None and response.content_length <= longest:
        return await response.read()
    parts, size = [], 0
    async for part in response.content.iter_chunked(65536):
        parts.append(part)
        size += len(part)
        if size > longest:
            raise _TooLong(f"with more than {longest:,} bytes")
    return b"".join(parts)


def _next_due(headers: Mapping[str, str], member: str) -> tuple[datetime | None, bool]:
    text = headers.get(NEXT_DUE)
    if text is None or text == NOTHING_DUE:
        return None, text is not None
    try:
        return parse_time(text), True
    except ValueError as error:
        raise Undelivered(f"{member}: {NEXT_DUE}: {error}") from error


def _problem(body: bytes) -> dict[str, Any]:
    try:
        problem = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return problem if isinstance(problem, dict) else {}


__all__ = [
    "ATTEMPT",
    "BATCH",
    "NEXT_DUE",
    "NOTHING_DUE",
    "REPLAYED",
    "SIGNATURE",
    "TIME",
    "XML",
    "Answer",
    "Client",
    "Letter",
    "Undelivered",
]
