"""What nodes exchanged among themselves, read from their ledgers by their operators.

What a service accepted from another stands in the case at the recipient; what was refused, in the sender's outbox.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from exchange.codec import decode
from exchange.http import Client, Undelivered
from exchange.ledger import parse_time
from exchange.members import OPERATOR, role
from exchange.messages import Message
from exchange.references import strip_run
from scenarios.conversation import TransportError
from scenarios.reasons import Line, in_order

AT_ONCE = 16
"""Questions to nodes that are under way at the same time."""
LISTED = 1000
"""Refused messages that are read of one node; a run has few or none."""

Exchange = tuple[Message, bytes, datetime, bool]
"""A message, its bytes, the recipient's node time, and whether it was accepted."""


async def read_history(
    client: Client, countries: Sequence[str], cases: Iterable[str], now: datetime
) -> tuple[list[Exchange], tuple[Line, ...]]:
    """Return what the nodes of ``countries`` sent one another on ``cases``, and why they stopped goods or not.

    ``now`` is node time (UTC). A system of somebody's own need not tell why. Raise :class:`TransportError` if a node
    does not show its history to its operator.
    """
    gate = asyncio.Semaphore(AT_ONCE)
    wanted = frozenset(cases)
    reasons: list[Line] = []

    async def read(country: str, path: str) -> tuple[int, bytes]:
        async with gate:
            try:
                return await client.read(country, f"{country}.{OPERATOR}", path, now)
            except Undelivered as error:
                raise TransportError(f"{country} could not be read at the end of the run: {error}") from error

    async def of_case(country: str, ucr: str) -> list[Exchange]:
        status, body = await read(country, f"/cases/{quote(ucr, safe='')}")
        if status == 404:
            return []
        view = _json(country, status, body)
        about = {"case": strip_run(ucr), "service": country}
        reasons.extend({**about, **stop} for stop in view.get("stops", ()))
        came: dict[tuple[str, str], str] = {}
        for entry in view["timeline"]:
            if entry["to"] == country and entry["from"] != country and role(entry["from"]) == "service":
                came.setdefault((entry["from"], entry["id"]), entry["at"])
        return [
            (*await message(country, sender, message_id), parse_time(at), True)
            for (sender, message_id), at in came.items()
        ]

    async def message(country: str, sender: str, message_id: str) -> tuple[Message, bytes]:
        query = urlencode({"sender": sender})
        status, data = await read(country, f"/messages/{message_id}?{query}")
        if status != 200:
            raise TransportError(f"{country} does not show message {message_id} of {sender} to its operator ({status})")
        return decode(data), data

    async def refused(country: str) -> list[Exchange]:
        """Read what partners refused, from the outbox; a system of somebody's own may have none to show."""
        status, body = await read(country, f"/outbox?state=rejected&limit={LISTED}")
        if status in (400, 404, 405):
            return []
        rows = _json(country, status, body)["messages"]
        return [
            (*await message(country, country, row["message"]), parse_time(row["settled"]), False)
            for row in rows
            if row["case"] in wanted and row["partner"] in countries
        ]

    work = [of_case(country, ucr) for ucr in sorted(wanted) for country in countries]
    tasks = [asyncio.create_task(one) for one in (*work, *(refused(country) for country in countries))]
    try:
        exchanges = [exchange for found in await asyncio.gather(*tasks) for exchange in found]
    finally:
        for task in tasks:
            task.cancel()
    return exchanges, in_order(reasons)


def _json(country: str, status: int, body: bytes) -> Mapping[str, Any]:
    if status == 200:
        found: Mapping[str, Any] = json.loads(body)
        return found
    raise TransportError(f"{country} does not show its cases to {country}.{OPERATOR}: it answered {status}")


__all__ = ["Exchange", "read_history"]
