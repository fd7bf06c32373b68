"""Journeys over a live network: messages are handed in until they are accepted, whatever happens to the line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from exchange.codec import decode
from exchange.errors import CorridorError
from exchange.http import Client, Letter, Undelivered
from exchange.luck import Luck
from exchange.members import OPERATOR
from exchange.messages import Message, format_time
from nodes.doubting import settles
from scenarios.wire.network import clock

PAUSE = 1.05
"""Wall seconds between two acts of one journey: messages tell whole seconds, and a control takes one at least."""
LOOK = 0.25
"""Wall seconds between two looks at the outboxes."""
LONGEST_WAIT = 2.0
LISTED = 1000


class TrafficError(CorridorError):
    """A message of a journey was refused, or a journey did not come to its end."""


class Quiet:
    """Looks at the nodes' outboxes, and says when nothing is owed to a partner on a case."""

    def __init__(self, client: Client, countries: Sequence[str]) -> None:
        self._client = client
        self._countries = tuple(countries)
        self._waiting: dict[str, tuple[int, asyncio.Event]] = {}

    async def wait(self, ucr: str) -> None:
        """Return when two looks in a row have found nothing pending on the case, at any node."""
        event = asyncio.Event()
        self._waiting[ucr] = (0, event)
        await event.wait()

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            asked = set(self._waiting)
            pending = await self._pending() if asked else None
            for ucr in asked:
                clean, event = self._waiting[ucr]
                clean = clean + 1 if pending is not None and ucr not in pending else 0
                self._waiting[ucr] = (clean, event)
                if clean == 2:
                    del self._waiting[ucr]
                    event.set()

    async def _pending(self) -> set[str] | None:
        """Return the cases with messages to partners on their way; None if that cannot be said."""
        found: set[str] = set()
        for country in self._countries:
            for partner in self._countries:
                rows = await self.rows(country, f"&partner={partner}") if partner != country else []
                if rows is None:
                    return None
                found.update(row["case"] for row in rows)
        return found

    async def rows(self, country: str, more: str = "") -> list[dict[str, str]] | None:
        """Return the pending rows of a node; None if it does not answer or has too many to list."""
        path = f"/outbox?state=pending&limit={LISTED}{more}"
        try:
            status, body = await self._client.read(country, f"{country}.{OPERATOR}", path, clock())
            rows: list[dict[str, str]] = json.loads(body)["messages"] if status == 200 else []
        except (Undelivered, ValueError, KeyError):
            return None
        return rows if status == 200 and len(rows) < LISTED else None

    async def everywhere(self) -> None:
        """Return when two looks in a row have found nothing due in any outbox, to posts and traders neither."""
        clean = 0
        while clean < 2:
            await asyncio.sleep(LOOK)
            found = [await self.rows(country) for country in self._countries]
            now = format_time(clock())
            empty = all(rows is not None and not any(row["due"] <= now for row in rows) for rows in found)
            clean = clean + 1 if empty else 0


class OverTheWire:
    """Carries journeys to live nodes (:class:`scenarios.wire.journeys.Carrier`).

    ``accepted`` has (recipient, sender, id) → SHA-256 of what was handed in and accepted; ``progress`` is called for
    each.
    """

    def __init__(self, client: Client, quiet: Quiet, seed: int, progress: Callable[[], None]) -> None:
        self._client = client
        self._quiet = quiet
        self._luck = Luck(seed)
        self._progress = progress
        self.accepted: dict[tuple[str, str, str], str] = {}

    def now(self) -> datetime:
        return clock()

    async def ask(self, message: Message) -> tuple[Message, ...]:
        letter = Letter.of(message)
        attempt = 0
        while True:
            attempt += 1
            with suppress(Undelivered):
                answer = await self._client.post(letter, clock(), attempt=attempt)
                if answer.accepted:
                    self.accepted[letter.recipient, letter.sender, letter.id] = letter.sha256
                    self._progress()
                    return tuple(decode(reply) for reply in answer.replies)
                if settles(answer):
                    raise TrafficError(
                        f"{message.CODE} {letter.id} of {letter.sender} was refused: {answer.status} "
                        f"{answer.problem.get('detail')}"
                    )
            share = (1.0 + self._luck.uniform(letter.id, "chaos", "again", attempt)) / 2
            await asyncio.sleep(min(0.1 * 2**attempt, LONGEST_WAIT) * share)

    async def pause(self) -> None:
        await asyncio.sleep(PAUSE)

    async def settle(self, ucr: str) -> None:
        await self._quiet.wait(ucr)


__all__ = ["LOOK", "PAUSE", "OverTheWire", "Quiet", "TrafficError"]
