"""A client that sends messages which set out together to the same partner as one request, if the partner takes that.

A node says in its answers how many messages it takes in one batch (``Pix-Batches``). Who has not said so gets every
message by itself; so does a partner whose node no longer understands the batch.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from exchange.batches import CONTENT_TYPE, Part, write_batch
from exchange.http import BATCHES, TIME, Client, Undelivered
from exchange.letters import Answer, Letter
from exchange.messages import format_time
from exchange.tracing import going_on

LONGEST = 200_000
"""Bytes above which a message goes by itself."""
_NOT_TAKEN = (404, 405, 415)

_Waiting = tuple[Letter, datetime, int, "asyncio.Future[Answer]"]


class GatheringClient(Client):
    """See the module. What :meth:`post` is asked within one turn of the event loop goes together."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._taken: dict[str, int] = {}
        self._waiting: dict[tuple[str, str], list[_Waiting]] = {}
        self._going: set[asyncio.Task[None]] = set()

    async def post(
        self, letter: Letter, now: datetime, *, batch: tuple[int, int] | None = None, attempt: int = 1
    ) -> Answer:
        """Do as :meth:`Client.post` does, perhaps together with other letters of the same sender."""
        most = self._taken.get(letter.recipient, 1)
        if batch is not None or most < 2 or len(letter.data) > LONGEST:
            return await super().post(letter, now, batch=batch, attempt=attempt)
        key = (letter.sender, letter.recipient)
        waiting = self._waiting.get(key)
        loop = asyncio.get_running_loop()
        if waiting is None:
            waiting = self._waiting[key] = []
            loop.call_soon(self._set_out, key)
        done: asyncio.Future[Answer] = loop.create_future()
        waiting.append((letter, now, attempt, done))
        return await done

    def _set_out(self, key: tuple[str, str]) -> None:
        waiting = self._waiting.pop(key)
        most = min(self._taken.get(key[1], 1), self._limits.batch_messages)
        for part in _parts(waiting, most, self._limits.body_bytes // 2):
            task = asyncio.create_task(self._send(key[1], part), name=f"batch to {key[1]}")
            self._going.add(task)
            task.add_done_callback(self._going.discard)

    async def _send(self, recipient: str, part: Sequence[_Waiting]) -> None:
        """Send ``part`` and answer each of those who wait for it."""
        try:
            if len(part) == 1:
                letter, now, attempt, done = part[0]
                answer = await super().post(letter, now, attempt=attempt)
                if not done.done():
                    done.set_result(answer)
                return
            answers = await self._post_batch(recipient, part)
        except Exception as error:
            for *_, done in part:
                if not done.done():
                    done.set_exception(error)
            return
        except asyncio.CancelledError:
            for *_, done in part:
                done.cancel()
            raise
        for (letter, now, _, done), told in zip(part, answers, strict=True):
            if done.done():
                continue
            try:
                done.set_result(self._told(letter, told, now))
            except Undelivered as error:
                done.set_exception(error)

    async def _post_batch(self, recipient: str, part: Sequence[_Waiting]) -> list[Mapping[str, Any]]:
        sender, now = part[0][0].sender, part[0][1]
        parts = [
            Part(
                letter.data,
                self._signature(letter, at),
                None if letter.trace is None else going_on(letter.trace),
                attempt,
            )
            for letter, at, attempt, _ in part
        ]
        headers = {"Content-Type": CONTENT_TYPE, TIME: format_time(now)}
        url = self._url(recipient, "/batches")
        status, _, body = await self._call("POST", url, recipient, sender, headers, write_batch(parts))
        if status in _NOT_TAKEN:
            self._taken.pop(recipient, None)
            raise Undelivered(f"{recipient}: takes no batches any more ({status})", passing=True)
        answers = _answers(body, len(part)) if status == 200 else None
        if answers is None:
            self._taken.pop(recipient, None)
            raise Undelivered(f"{recipient}: the answer to a batch ({status}) is not as the API says", passing=True)
        return answers

    def _told(self, letter: Letter, told: Mapping[str, Any], now: datetime) -> Answer:
        """Return what a node answered to one letter. Raise :class:`Undelivered` if that settles nothing."""
        status = told.get("status")
        if not isinstance(status, int) or status == 429 or status >= 500:
            wait = told.get("retry_after")
            text = " ".join(str(told.get("detail")).split())[:300]
            raise Undelivered(
                f"{letter.recipient}: answered {status}: {text}",
                wait if isinstance(wait, int) and not isinstance(wait, bool) else None,
                passing=status != 500,
            )
        if status != 202:
            return Answer(status=status, problem=told)
        return self._receipted(letter, told, now, replayed=told.get("replayed") is True)

    def _heard(self, recipient: str, headers: Mapping[str, str]) -> None:
        text = headers.get(BATCHES, "")
        if text.isdecimal() and len(text) < 6:
            self._taken[recipient] = int(text)


def _answers(body: bytes, count: int) -> list[Mapping[str, Any]] | None:
    """Return the answers to ``count`` messages; None if these are none."""
    try:
        answers = json.loads(body)["answers"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(answers, list) or len(answers) != count or not all(isinstance(one, dict) for one in answers):
        return None
    return answers


def _parts(waiting: Sequence[_Waiting], most: int, longest: int) -> list[list[_Waiting]]:
    """Return ``waiting`` in parts of about equal length, at most ``most`` messages and ``longest`` bytes each."""
    wanted = -(-len(waiting) // -(-len(waiting) // max(most, 1)))
    parts: list[list[_Waiting]] = []
    size = 0
    for one in waiting:
        if not parts or len(parts[-1]) == wanted or size + len(one[0].data) > longest:
            parts.append([])
            size = 0
        parts[-1].append(one)
        size += len(one[0].data)
    return parts


__all__ = ["GatheringClient"]
