"""The transport to nodes that run elsewhere: the world speaks to them, steps them, and listens for posts and traders.

Who they are, where, and with which keys, says a members file; the keys of posts, traders and operators stand in a
folder. What the nodes exchanged among themselves is read from their ledgers when the world is through.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from exchange.http import NEXT_DUE, NOTHING_DUE, Undelivered
from exchange.ledger import parse_time
from exchange.limits import Limits, Timeouts
from exchange.members import OPERATOR, Members
from exchange.messages import Message
from exchange.trust import Identity, client_context, server_context
from nodes.patient import PATIENCE, PatientClient
from nodes.service import listen
from scenarios.conversation import Conversation, TransportError
from scenarios.listener import Listener
from scenarios.live.credentials import Credentials
from scenarios.live.history import read_history
from scenarios.reasons import Line
from scenarios.transport import Exchanged, ImageOf, no_images
from scenarios.transport_http import want_open_files


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Where nodes run that a run is to drive: the members file, the folder of keys, and which arm they serve.

    ``patience``: wall seconds for which simulated time waits for one that cannot be reached.
    """

    members: Path
    keys: Path
    arm: str = "recognition"
    patience: float = PATIENCE


class OutsideTransport:
    """The nodes of ``countries`` over HTTP, run by others.

    ``participants`` are the member ids of all posts and traders, ``start`` is when the world begins (UTC). ``about`` is
    what each node should tell of itself, where it tells anything (:func:`scenarios.live.setting.about_of`).
    """

    def __init__(
        self,
        outside: Outside,
        countries: Iterable[str],
        participants: Sequence[str],
        start: datetime,
        about: Mapping[str, Any],
        *,
        keep_xml: bool = False,
        images: ImageOf = no_images,
        limits: Limits | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self.log: list[Exchanged] = []
        self.reasons: tuple[Line, ...] = ()
        """Why the nodes stopped goods or not, once the run has finished; empty for nodes that do not tell."""
        self._outside = outside
        self._countries = tuple(sorted(countries))
        self._participants = tuple(participants)
        self._start_time = start
        self._about = about
        self._keep_xml = keep_xml
        self._images = images
        self._limits = limits or Limits()
        self._timeouts = timeouts or Timeouts()
        self._open = contextlib.AsyncExitStack()
        self._now = start
        self._client: PatientClient | None = None
        self._conversation: Conversation | None = None
        self._listener: Listener | None = None

    async def start(self) -> None:
        """Listen for posts and traders, and make sure that every node can begin this run.

        Raise a :class:`CorridorError` that says what is wrong and what to do.
        """
        want_open_files()
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        members = Members.load(self._outside.members)
        ours = [*self._participants, *(f"{country}.{OPERATOR}" for country in self._countries)]
        found = {member: Credentials.load(self._outside.keys, member, members) for member in ours}
        keys = {member: credentials.key for member, credentials in found.items()}

        @cache
        def tls(member: str) -> ssl.SSLContext:
            return client_context(_identity(found[member]), members)

        client = PatientClient(
            members,
            keys.__getitem__,
            limits=self._limits,
            timeouts=self._timeouts,
            tls=tls,
            patience=self._outside.patience,
        )
        conversation = Conversation(client, self._countries, self.log, keep_xml=self._keep_xml, images=self._images)

        def taken(message: Message, data: bytes, now: datetime) -> None:
            conversation.record(message, data, now, accepted=True)

        self._listener = Listener(
            {member: keys[member] for member in self._participants}, members, self._limits, taken=taken
        )
        await self._listen(self._listener, members, found)
        self._client = await self._open.enter_async_context(client)
        for country in self._countries:
            await self._begin(client, country)
        self._conversation = conversation

    async def _listen(self, listener: Listener, members: Members, found: Mapping[str, Credentials]) -> None:
        """Listen where the members file says that posts and traders are reached."""
        doors = {member: urlsplit(members.url(member) or "") for member in self._participants}
        ends = {(url.scheme, url.hostname, url.port) for url in doors.values()}
        missing = [member for member, url in doors.items() if url.path != f"/{member}"]
        if missing or len(ends) != 1:
            raise TransportError(
                f"{self._outside.members}: posts and traders are reached at one address of this machine, as in "
                f"http://127.0.0.1:8470/{self._participants[0]}; that is not so for "
                f"{', '.join(missing) or 'all of them alike'}"
            )
        [(scheme, host, port)] = ends
        if host is None or port is None:
            raise TransportError(f"{self._outside.members}: the address of posts and traders needs a host and a port")
        over_tls = None
        if scheme == "https":
            over_tls = server_context([_identity(found[member]) for member in self._participants], members)
        sock = listen(host, port, tls=over_tls is not None)
        self._open.callback(sock.close)
        runner = await listener.serve(sock, self._timeouts, over_tls)
        self._open.push_async_callback(runner.cleanup)

    async def _begin(self, client: PatientClient, country: str) -> None:
        """Make sure that a node is stepped, of this setting and free for this run; set its clock to the beginning."""
        try:
            headers, health = await client.health(country)
            where = f"{country} at {client.members.url(country)}"
            if health.get("node") != country:
                raise TransportError(f"{where} says that it is {health.get('node')}; correct {self._outside.members}")
            if not health.get("stepped"):
                raise TransportError(
                    f"{where} lives by the wall clock; a run needs nodes started with --stepped "
                    "(corridor up without --live)"
                )
            self._compare(where, health)
            if headers.get(NEXT_DUE, NOTHING_DUE) != NOTHING_DUE:
                raise TransportError(
                    f"{where} has work left of a run that was broken off (next due {headers[NEXT_DUE]}); "
                    "give it a fresh store (corridor up --fresh)"
                )
            told = parse_time(health["now"])
            if told > self._start_time:
                await client.set_back(country, f"{country}.{OPERATOR}", told, self._start_time)
        except (Undelivered, KeyError, ValueError) as error:
            raise TransportError(f"{country} cannot begin the run: {error}") from error

    def _compare(self, where: str, health: Mapping[str, Any]) -> None:
        """Hold what a node tells of its setting to what this run has; one that tells nothing is a system of its own."""
        told = health.get("setting")
        wanted = self._about["setting"]
        if not isinstance(told, dict) or told == wanted:
            return
        different = [name for name in wanted if told.get(name) != wanted[name]]
        if different == ["digest"]:
            raise TransportError(f"{where} works by another version of {wanted['scenario']}, or with other --set")
        pairs = ", ".join(f"{name} {told.get(name)} and not {wanted[name]}" for name in different if name != "digest")
        raise TransportError(f"{where} was started with {pairs}; start it anew, or run with what it has")

    async def ask(self, now: datetime, messages: Sequence[Message]) -> list[tuple[Message, ...]]:
        """Post one round; return the nodes' immediate replies in the order asked.

        Raise :class:`TransportError` if a node gives no answer within the patience.
        """
        self._now = now
        return await self._ready().ask(now, messages)

    async def advance(self, country: str, now: datetime) -> None:
        """Let one node do what is due at ``now``. Raise :class:`TransportError` if it does not within the patience."""
        self._now = now
        await self._ready().advance(country, now)

    def next_due(self) -> Mapping[str, datetime | None]:
        """Return for each node when it is due next, as its last answer told."""
        return dict(self._conversation.due) if self._conversation is not None else dict.fromkeys(self._countries)

    def collect(self) -> list[Message]:
        """Return, and forget, what nodes sent to posts and traders, sorted by (sender, case, ordinal)."""
        return self._listener.collect() if self._listener is not None else []

    async def finish(self) -> None:
        """Read from the nodes' ledgers what they exchanged among themselves, and why they stopped goods."""
        conversation = self._ready()
        assert self._client is not None
        cases = sorted({item.ucr for item in self.log})
        exchanges, self.reasons = await read_history(self._client, self._countries, cases, self._now)
        for message, data, at, accepted in exchanges:
            conversation.record(message, data, at, accepted=accepted)

    async def stop(self) -> None:
        """Stop listening and speaking; the nodes go on standing."""
        await self._open.aclose()
        self._conversation = None

    def _ready(self) -> Conversation:
        if self._conversation is None:
            raise TransportError("the transport is not started; await start() first")
        return self._conversation


def _identity(credentials: Credentials) -> Identity:
    if credentials.identity is None:
        raise TransportError(f"{credentials.member} has no certificate in its folder; 'corridor keys' makes them")
    return credentials.identity


__all__ = ["Outside", "OutsideTransport"]
