"""A client that lets simulated time stand still while somebody cannot be reached.

When time is stepped, a broken connection that no scenario declares is an accident of the machine and not of the world:
a process was killed, stopped or is starting again. It must cost no simulated time. So the same call is made again
until it is answered or ``patience`` wall seconds are over; then the member counts as *lost*.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import aiohttp
from yarl import URL

from exchange.http import TIME, Client, Undelivered
from exchange.ledger import parse_time
from exchange.members import OPERATOR
from exchange.messages import format_time
from exchange.receipts import credential

PATIENCE = 30.0
"""Wall seconds for which simulated time waits for a member that cannot be reached (designed)."""
PAUSE = 0.25
"""Wall seconds between two attempts."""
TOO_SLOW = 408
"""The status of a request that did not come in time: one of the two processes was stopped meanwhile."""
_BROKEN = (aiohttp.ClientError, TimeoutError, OSError)


class Unreached(Undelivered):
    """A member could not be reached for as long as the caller had patience."""


class PatientClient(Client):
    """A client that repeats calls over broken connections, and calls answered with ``Retry-After``.

    ``patience``: wall seconds for one call; the silence of a node that is being stepped is borne twice as long, because
    the node itself may be waiting for a partner. Repeating is harmless: nodes know what they have accepted, and time
    told twice is told once.
    """

    def __init__(self, *args: Any, patience: float = PATIENCE, **options: Any) -> None:
        super().__init__(*args, **options)
        self._patience = patience
        self.lost: dict[str, str] = {}
        """Members that were not reached within the patience, and why; calls to them fail at once."""
        self.interruptions = 0
        """Calls that had to be made again, and then were answered."""

    async def _call(
        self, method: str, url: URL, member: str, *rest: Any, **named: Any
    ) -> tuple[int, Mapping[str, str], bytes]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        silence = began + self._patience * (2 if url.path.endswith("/time") else 1)
        attempts = 0
        while True:
            if member in self.lost:
                raise Unreached(self.lost[member])
            attempts += 1
            try:
                async with asyncio.timeout_at(silence):
                    answer = await super()._call(method, url, member, *rest, **named)
            except Undelivered as error:
                if not _passing(error):
                    raise
                reason = str(error)
            except TimeoutError:
                reason = f"{member}: no answer from {url.origin()}"
            else:
                if answer[0] != TOO_SLOW:
                    self.interruptions += attempts > 1
                    return answer
                reason = f"{member}: {url.origin()} got the request too slowly"
            if loop.time() + PAUSE >= began + self._patience:
                self.lost[member] = f"{reason} (tried for {loop.time() - began:.0f} s)"
                continue
            await asyncio.sleep(PAUSE)

    async def health(self, member: str) -> tuple[Mapping[str, str], dict[str, Any]]:
        """Return the headers and the content of ``GET /health`` at the node of ``member``.

        Raise :class:`Undelivered` if it is not 200 with JSON.
        """
        operator = f"{member}.{OPERATOR}"
        status, headers, body = await self._call("GET", self._url(member, "/health"), member, operator, {}, None)
        try:
            answer = json.loads(body)
        except ValueError:
            answer = None
        if status != 200 or not isinstance(answer, dict) or "status" not in answer:
            raise Undelivered(f"{member}: GET /health was answered {status}, and not as a node answers it")
        return headers, answer

    async def set_back(self, member: str, operator: str, told: datetime, now: datetime) -> None:
        """Let the stepped node of ``member``, whose clock says ``told``, begin a new run at the earlier ``now``.

        A node that has something due stays where it is. Raise :class:`Undelivered` if it does not answer 200, or its
        clock stays later.
        """
        body = json.dumps({"now": format_time(now), "back": True}).encode()
        headers = {
            "Authorization": credential(self._key_of(operator), "POST", "/time", told, node=member, body=body),
            "Content-Type": "application/json",
            TIME: format_time(told),
        }
        status, _, data = await self._call("POST", self._url(member, "/time"), member, operator, headers, body)
        if status != 200:
            raise Undelivered(f"{member}: POST /time was answered {status}: {data[:200].decode(errors='replace')}")
        try:
            left = parse_time(str(json.loads(data)["now"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            return  # what it says of its time is held when it is told the next
        if left > now:
            raise Undelivered(
                f"{member}: its clock stays at {format_time(left)}, after the run begins ({format_time(now)}), "
                'although "back" stands in POST /time: start it afresh'
            )


def _passing(error: Undelivered) -> bool:
    """Say whether the same call may succeed in a moment: the connection broke, or the answer says when to come back."""
    if isinstance(error.__cause__, aiohttp.ClientConnectorCertificateError):
        return False  # whoever shows another's certificate will show it again
    return isinstance(error.__cause__, _BROKEN) or error.retry_after is not None


__all__ = ["PATIENCE", "PatientClient", "Unreached"]
