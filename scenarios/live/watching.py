"""A client that speaks to services elsewhere within their time limits, and notes what is wrong with their answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any, TypeVar

from yarl import URL

from exchange.http import Answer, Letter, Undelivered
from exchange.ledger import parse_time
from exchange.unreached import NO_HTTP
from exchange.validation import parse_message
from nodes.patient import PatientClient, Unreached
from scenarios.live.complaints import ACCEPTS, FORM, IN_TIME, REACHED, RECEIPT, REPLIES, Complaints, check_of

ENDING = frozenset({FORM, RECEIPT, REPLIES})
"""Checks that say that a message did not arrive, so that it is sent again."""
ACCEPTED = 202
BORNE = 10
"""How often one of them may fail before a run is ended: what is sent again in vain never comes to an end by itself."""
Answered = TypeVar("Answered")


class _BadReply(Undelivered):
    """An immediate reply is no message, or not for who asked."""


class WatchingClient(PatientClient):
    """A patient client that waits for each of ``limits`` (service → wall seconds) at most so long, and complains.

    ``now`` says the time of a complaint (node time, UTC).
    """

    def __init__(
        self,
        *args: Any,
        waits: Mapping[str, float],
        complaints: Complaints,
        now: Callable[[], datetime],
        **options: Any,
    ) -> None:
        options["patience"] = min([options.get("patience", max(waits.values())), *waits.values()])
        super().__init__(*args, **options)
        self._waits = waits
        self._complaints = complaints
        self._told_time = now

    async def _call(
        self, method: str, url: URL, member: str, *rest: Any, **named: Any
    ) -> tuple[int, Mapping[str, str], bytes]:
        limit = self._waits.get(member)
        if limit is None:
            return await super()._call(method, url, member, *rest, **named)
        known = member in self.lost
        try:
            async with asyncio.timeout(limit):
                status, headers, body = await super()._call(method, url, member, *rest, **named)
        except TimeoutError as error:
            text = f"{member}: no answer to {method} {url.path} within {limit:g} s"
            self.lost[member] = text
            self._complain(member, IN_TIME, text)
            raise Unreached(text) from error
        except Undelivered as error:
            if not known:
                answered = ": answered " in str(error) or NO_HTTP in str(error)
                silent = ": no answer " in str(error)
                self._complain(member, FORM if answered else IN_TIME if silent else REACHED, str(error))
            raise
        if url.path.endswith("/messages") and method == "POST":
            if status >= 400:
                self._complain(member, ACCEPTS, f"{member}: answered {status}: {body[:300].decode(errors='replace')}")
            elif status != ACCEPTED:
                text = f"{member}: POST {url.path} answered {status}; what is accepted is answered {ACCEPTED}"
                self._complain(member, FORM, text)
                raise Undelivered(text)
        return status, headers, body

    async def post(
        self, letter: Letter, now: datetime, *, batch: tuple[int, int] | None = None, attempt: int = 1
    ) -> Answer:
        """Post ``letter`` (see :meth:`exchange.http.Client.post`); answers of services elsewhere are read whole."""
        if letter.recipient not in self._waits:
            return await super().post(letter, now, batch=batch, attempt=attempt)
        before = self._complaints.count
        try:
            answer = await super().post(letter, now, batch=batch, attempt=attempt)
            for data in answer.replies:
                self._read(letter, data)
        except Undelivered as error:
            if self._complaints.count == before and not isinstance(error, Unreached):
                check = REPLIES if isinstance(error, _BadReply) else check_of(error)
                self._complain(letter.recipient, check, str(error))
            raise
        return answer

    async def health(self, member: str) -> tuple[Mapping[str, str], dict[str, Any]]:
        """Return headers and content of ``GET /health`` (see :meth:`nodes.patient.PatientClient.health`)."""
        return await self._asked(member, super().health(member))

    async def set_time(self, member: str, operator: str, now: datetime) -> dict[str, Any]:
        """Step a node (see :meth:`exchange.http.Client.set_time`); its answer is read whole."""
        answer = await self._asked(member, super().set_time(member, operator, now))
        if member in self._waits:
            try:
                due = answer["next_due"]
                if due is not None:
                    parse_time(due)
                if not all(isinstance(one, dict) for one in answer["partners"].values()):
                    raise TypeError("partners")
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                text = f"{member}: POST /time answers now, next_due and partners; what came lacks or garbles {error}"
                self._complain(member, FORM, text)
                raise Undelivered(text) from error
        return answer

    async def _asked(self, member: str, question: Coroutine[Any, Any, Answered]) -> Answered:
        before = self._complaints.count
        try:
            return await question
        except Undelivered as error:
            if member in self._waits and self._complaints.count == before:
                self._complain(member, FORM, str(error))
            raise

    def _read(self, letter: Letter, data: bytes) -> None:
        """Raise :class:`Undelivered` unless an immediate reply is a valid message of the service to who asked it."""
        try:
            header = parse_message(data).header
        except Exception as error:  # whatever a stranger's document does to the parser is the stranger's fault
            raise _BadReply(f"{letter.recipient}: its reply to {letter.id} is not valid: {error}") from error
        if (header.sender, header.recipient) != (letter.recipient, letter.sender):
            raise _BadReply(
                f"{letter.recipient}: its reply to {letter.id} of {letter.sender} goes from {header.sender} to "
                f"{header.recipient}"
            )

    def _complain(self, service: str, check: str, text: str) -> None:
        times = self._complaints.add(service, check, text.removeprefix(f"{service}: "), self._told_time())
        if check in ENDING and times >= BORNE:
            self.lost.setdefault(service, f"{service}: its answers were wrong {times} times")


__all__ = ["WatchingClient"]
