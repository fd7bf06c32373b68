"""Fetching inspection images from partners: in bounded parts, taken up again where the line broke, checked at the end.

What is to be fetched stands among the node's timers (:class:`exchange.entries.Fetch`). When a fetch is due, the image
is read by Range, judged by its size and SHA-256 (:func:`nodes.transfer.judge`), stored if it is whole, and the writer
decides on what came of it. A node that was stopped meanwhile fetches the image again when it is back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from exchange.entries import Fetch, Fetched
from exchange.http import Client, Undelivered
from exchange.store import Store, TimerRow
from nodes.failures import QueueFull, WriteFailed
from nodes.memory import Core
from nodes.patient import Unreached
from nodes.transfer import judge
from nodes.writer import Writer

log = logging.getLogger("corridor.fetching")

PART = 1024 * 1024
"""Bytes asked for at once; below the longest answer that a client reads (:attr:`Limits.body_bytes`)."""
AT_ONCE = 4
"""Images that a node fetches at the same time; each is held in memory until it is whole."""
TRIES = 8
"""Broken calls after which an image counts as missing, unless a part of it came between them."""
PAUSE = 0.25
"""Wall seconds before a broken call is made again, doubled each time."""
LONGEST_PAUSE = 60.0
REST = 5.0
"""Wall seconds for which a live node fetches nothing after what came of an image could not be stored."""


class Fetching:
    """Fetches for one node. ``now`` is its clock; ``stepped``: time stands still meanwhile."""

    def __init__(
        self, core: Core, client: Client, store: Store, writer: Writer, now: Callable[[], datetime], *, stepped: bool
    ) -> None:
        self._core = core
        self._client = client
        self._store = store
        self._writer = writer
        self._now = now
        self._stepped = stepped
        self._going: set[asyncio.Task[None]] = set()
        self._rests_until = 0.0

    def next_due(self) -> datetime | None:
        """Return when the next image is to be fetched; live, None while no more are, or the store cannot be written."""
        if len(self._going) >= AT_ONCE:
            return None
        if self._rests_until and asyncio.get_running_loop().time() < self._rests_until:
            return None
        return self._writer.memory.next_fetch()

    async def fetch_due(self, now: datetime) -> None:
        """Fetch all images that are due at ``now``, then have them decided on in their order (stepped).

        Raise :class:`nodes.failures.WriteFailed` if that fails; they are due still.
        """
        rows = self._writer.memory.take_fetches(now)
        if not rows:
            return
        room = asyncio.Semaphore(AT_ONCE)

        async def work(row: TimerRow) -> Fetched:
            async with room:
                return await self._fetched(row)

        try:
            results = await asyncio.gather(*(work(row) for row in rows))
        except BaseException:
            self._put_back(rows)
            raise
        await self._writer.fetched(dict(zip(rows, results, strict=True)))

    async def begin_due(self, now: datetime) -> None:
        """Begin to fetch what is due at ``now``, as much as is fetched at once (live)."""
        for row in self._writer.memory.take_fetches(now, AT_ONCE - len(self._going)):
            task = asyncio.create_task(self._alone(row), name=f"fetch for {row.case}")
            self._going.add(task)
            task.add_done_callback(self._going.discard)

    async def finish(self) -> None:
        """Break off what is being fetched; it is fetched again when the node is back."""
        for task in self._going:
            task.cancel()
        if self._going:
            await asyncio.wait(self._going)

    async def _alone(self, row: TimerRow) -> None:
        try:
            await self._writer.fetched({row: await self._fetched(row)})
        except (WriteFailed, QueueFull) as error:
            self._rest()
            log.warning("%s: what came of an image could not be written: %s", row.case, error)
        except asyncio.CancelledError:
            self._put_back([row])
            raise
        except Exception:
            self._rest()
            log.exception("%s: an image could not be fetched", row.case)
            self._put_back([row])

    def _rest(self) -> None:
        """Begin nothing for a moment: what failed is due still, and would fail again at once."""
        self._rests_until = asyncio.get_running_loop().time() + REST

    def _put_back(self, rows: Sequence[TimerRow]) -> None:
        for row in rows:
            self._writer.memory.put_back(row)

    async def _fetched(self, row: TimerRow) -> Fetched:
        """Fetch one image; keep it if it is whole."""
        fetch = Fetch.of(row.case, row.purpose, row.due)
        data, media_type = await self._read(fetch)
        data = None if data is None else self._core.carried(data, fetch)
        outcome, text = judge(data, fetch.size, fetch.sha256)
        if outcome == "WHOLE" and data is not None:
            await self._store.put_image(data, media_type, fetch.case)
        else:
            level = logging.DEBUG if self._stepped else logging.WARNING  # in a run it is simulated
            log.log(level, "image of %s from %s: %s", fetch.case, fetch.partner, text)
        return Fetched(case=row.case, purpose=row.purpose, due=row.due, outcome=outcome, text=text)

    async def _read(self, fetch: Fetch) -> tuple[bytes | None, str]:
        """Return the bytes of an image, part by part, and its media type; None if its service does not give it out."""
        data, kind, broken = bytearray(), "application/octet-stream", 0
        while len(data) < fetch.size:
            last = min(len(data) + PART, fetch.size) - 1
            try:
                status, headers, body = await self._client.read_part(
                    fetch.partner, self._core.country, f"/images/{fetch.sha256}", self._now(), len(data), last
                )
                if status not in (206, 403, 404, 416):
                    raise Undelivered(f"{fetch.partner}: answered {status} to a read of an image")
            except Unreached:
                raise
            except Undelivered as error:
                broken += 1
                if broken >= TRIES:
                    log.warning("image of %s: given up: %s", fetch.case, error)
                    return None, kind
                pause = 0.01 if self._stepped else min(PAUSE * 2 ** (broken - 1), LONGEST_PAUSE)
                await asyncio.sleep(max(pause, error.retry_after or 0.0) if not self._stepped else pause)
                continue
            if status != 206:
                return (None, kind) if not data else (bytes(data), kind)
            begins = f"bytes {len(data)}-"
            if not body or not headers.get("Content-Range", "").startswith(begins):
                return bytes(data), kind
            kind, broken = headers.get("Content-Type", kind), 0
            data += body
        return bytes(data), kind


__all__ = ["AT_ONCE", "PART", "Fetching"]
