"""A node elsewhere that a recording is told to again, over HTTP; its partners, posts and traders are played here.

What was recorded is signed anew by its sender and handed in. A stepped node is told the recorded times. A live one
goes by a clock of its own: it is told one message after the other, and what it should have said by then is waited for.
Nothing that it answers is believed: what does not hold is noted, and after :data:`PATIENCE` answers in a row that
settle nothing the replay ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Self

import aiohttp

from exchange.codec import decode, encode
from exchange.errors import CorridorError
from exchange.http import Client, Letter, Undelivered
from exchange.ledger import parse_time
from exchange.limits import Timeouts
from exchange.members import OPERATOR, Members
from exchange.messages import Message, format_time
from exchange.signatures import BadSignature, verify_bytes
from exchange.validation import parse_message
from scenarios.conform.partner import Came, Partner
from scenarios.conform.trust import Trust
from scenarios.conform.wire import Exchange, NoAnswer, Wire
from scenarios.live.demo_trust import DemoMembers
from scenarios.traffic.recording import RecordingError
from scenarios.transport import Exchanged, Log

PATIENCE = 3
"""Answers in a row that settle nothing after which nothing more is told."""
POLL = 0.02
LONGEST = 300
"""Characters of what a node says of itself, or is said of it."""


class OutsideError(CorridorError):
    """The node elsewhere cannot be told a recording: it is not there, does not answer, or its time is over."""


class OutsideNode:
    """The node of ``country`` at ``url``; an asynchronous context manager. All times are UTC.

    ``trust`` has everybody's keys, ``port`` is where its partners are played (0 takes a free one). ``timeout``: wall
    seconds for one answer, ``within`` for all of it. ``log`` is what was exchanged, ``troubles`` what the node answered
    that is not as the contract says: message id → what was wrong; ``refusals``: message id → why it was not accepted.
    """

    def __init__(
        self, url: str, country: str, trust: Trust, *, port: int, timeout: float = 10.0, within: float = 600.0
    ) -> None:
        self.country = country
        self.url = url.rstrip("/")
        self.stepped = False
        self.log = Log()
        self.troubles: dict[str, str] = {}
        self.refusals: dict[str, str] = {}
        self._trust = trust
        self._within = within
        self._end = monotonic() + within
        self._client = Client(
            _reached(trust, country, self.url),
            trust.key,
            timeouts=Timeouts(connect=timeout, request=timeout),
            tls=trust.tls,
        )
        self._timeout = timeout
        self._partner = Partner(port, trust, lambda: self.now, _forget)
        self._open = AsyncExitStack()
        self._told = datetime.now(UTC).replace(microsecond=0)
        self._ahead = timedelta(0)
        self._due: datetime | None = None
        self._read = 0
        self._seen: set[str] = set()
        self._silent = 0

    async def __aenter__(self) -> Self:
        try:
            await self._open.enter_async_context(self._client)
            await self._meet()
            await self._open.enter_async_context(self._partner)
        except BaseException:
            await self._open.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    @property
    def now(self) -> datetime:
        """Node time: what a stepped node was told last, else the clock, as wrong as the node's."""
        return self._told if self.stepped else datetime.now(UTC).replace(microsecond=0) + self._ahead

    @property
    def partners(self) -> str:
        """Where the node has to look for everybody else: this, a slash and the member's id."""
        return self._partner.url

    def strayed(self, played: Iterable[str]) -> Mapping[str, str]:
        """Return which of ``played`` the members file has elsewhere than here → where: what is sent there is missing.

        Of the demo trust nobody knows what the node was told.
        """
        if self._trust.demo:
            return {}
        places = {one: (self._trust.members.url(one) or "").rstrip("/") for one in played}
        return {one: place for one, place in places.items() if place != f"{self.partners}/{one}"}

    async def begin(self, at: datetime) -> None:
        """Set a stepped node to the time at which the recording begins."""
        if not self.stepped:
            return
        self._told = at
        told = await self._settled(self._client.set_time(self.country, f"{self.country}.{OPERATOR}", at))
        theirs = parse_time(str(told.get("now")))
        if theirs > at:
            raise OutsideError(
                f"{self._name} says that it is {format_time(theirs)}, after the recording begins ({format_time(at)}): "
                "start it afresh"
            )
        self._take_due(told)

    async def tell(self, at: datetime, data: bytes) -> None:
        """Hand in a recorded message at ``at``, signed anew by its sender."""
        self._look()
        if self.stepped:
            self._told = max(self._told, at)
        message = decode(data)
        letter = Letter.of(message, data)
        now = self.now
        try:
            answer = await self._client.post(letter, now)
        except Undelivered as error:
            self._trouble(message.header.message_id, error)
            return
        self._silent = 0
        if answer.stepped:
            self._due = answer.next_due
        told = message.header.message_id
        if answer.status < 400 and not answer.accepted:
            self.refusals[told] = f"answered {answer.status}, where 202 says that a message is accepted"
        elif not answer.accepted:
            self.refusals[told] = f"{answer.status} {answer.problem.get('detail') or ''}".strip()[:LONGEST]
        self._note(now, message, accepted=answer.accepted)
        for reply in answer.replies:
            wrong = _invalid(reply)
            if wrong:
                self.troubles[told] = f"a reply is not valid: {wrong}"
            try:
                self._note(now, decode(reply), accepted=True)
            except (CorridorError, ValueError) as error:
                self.troubles[told] = f"a reply cannot be read: {error}"
        self._collect()

    async def advance(self, country: str, now: datetime) -> None:
        """Let a stepped node do what is due at ``now``."""
        self._look()
        self._told = max(self._told, now)
        told = await self._settled(self._client.set_time(country, f"{country}.{OPERATOR}", self._told))
        self._take_due(told)
        self._collect()

    async def wait(self, done: Callable[[], bool], seconds: float) -> bool:
        """Wait until ``done``, ``seconds`` at most; return whether it is."""
        end = monotonic() + seconds
        while not done() and monotonic() < end:
            self._look()
            await asyncio.sleep(POLL)
            self._collect()
        return done()

    def next_due(self) -> Mapping[str, datetime | None]:
        """Return when a stepped node next has something to do; nobody knows it of a live one."""
        return {self.country: self._due if self.stepped else None}

    # --- within -------------------------------------------------------------------------------------------

    @property
    def _name(self) -> str:
        return f"{self.country} at {self.url}"

    async def _meet(self) -> None:
        """Ask the node how its time goes. Raise :class:`OutsideError` if it does not answer."""
        async with Wire(self.url, self.country, self._timeout, self._trust.tls) as wire:
            try:
                told = (await wire.ask("GET", "/health")).document()
            except NoAnswer as error:
                raise OutsideError(f"{self._name} is not there: {error}") from error
        self.stepped = told.get("stepped") is True
        try:
            theirs = parse_time(str(told.get("now")))
        except ValueError as error:
            raise OutsideError(f"{self._name}: GET /health does not say when it is: {error}") from error
        self._told, self._ahead = theirs, theirs - datetime.now(UTC).replace(microsecond=0)
        if told.get("node", self.country) != self.country:
            raise OutsideError(f"{self.url} is the node of {told['node']}, not of {self.country}")

    async def _settled(self, asked: Awaitable[Mapping[str, object]]) -> Mapping[str, object]:
        try:
            return await asked
        except (Undelivered, aiohttp.ClientError) as error:
            raise OutsideError(f"{self._name} cannot be told the time: {error}") from error

    def _take_due(self, told: Mapping[str, object]) -> None:
        due = told.get("next_due")
        try:
            self._due = None if due is None else parse_time(str(due))
        except ValueError as error:
            raise OutsideError(f"{self._name}: POST /time was answered with next_due {due!r}: {error}") from error

    def _look(self) -> None:
        if monotonic() > self._end:
            raise OutsideError(
                f"{self._name}: the {self._within:g} s were over at {format_time(self.now)} of node time; "
                "--within gives it more"
            )

    def _trouble(self, message_id: str, error: Exception) -> None:
        self.troubles[message_id] = str(error)
        self._silent += 1
        if self._silent >= PATIENCE:
            raise OutsideError(f"{self._name} settled none of {PATIENCE} messages in a row, the last: {error}")

    def _collect(self) -> None:
        """Take over what came for those who are played here."""
        came = self._partner.came
        while self._read < len(came):
            one = came[self._read]
            self._read += 1
            wrong = self._wrong(one)
            if wrong:
                self.troubles[one.id or f"message {self._read}"] = wrong
            elif one.message is not None and one.id not in self._seen:
                self._seen.add(one.id)
                wrong = _invalid(one.data)
                if wrong:
                    self.troubles[one.id] = f"{one.code} is not valid: {wrong}"
                self._note(one.at, one.message, accepted=one.status == 202)

    def _wrong(self, one: Came) -> str:
        """Return what is wrong with how a message came, empty if nothing is."""
        if one.message is None:
            return "what came for a partner cannot be read as a message"
        try:
            proof = verify_bytes(one.signature, one.data, self._trust.members.finder(self.now))
        except BadSignature as error:
            return f"{one.code} came with a signature that does not hold: {error}"
        owner = self._trust.members.owner(proof.kid)
        return "" if owner == self.country else f"{one.code} came signed by {owner}"

    def _note(self, at: datetime, message: Message, *, accepted: bool) -> None:
        self.log.append(
            Exchanged(at=at, ucr=message.ucr, header=message.header, accepted=accepted, xml=encode(message))
        )


def _invalid(data: bytes) -> str:
    """Return what is wrong with a message, empty if it passes the gates."""
    try:
        parse_message(data)
    except Exception as error:  # whatever a stranger's document does to the parser is the stranger's fault
        return str(error)[:LONGEST]
    return ""


def _forget(_: Exchange) -> None:
    return


def _reached(trust: Trust, country: str, url: str) -> Members:
    """Return the members of ``trust`` with the node at ``url``."""
    if trust.demo:
        return DemoMembers({country: url})
    if trust.members.get(country) is None:
        raise RecordingError(f"the members file has no {country}")
    return Members(replace(one, url=url) if one.id == country else one for one in trust.members)


__all__ = ["PATIENCE", "OutsideError", "OutsideNode"]
