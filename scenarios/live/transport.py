"""The transport to nodes that run elsewhere: the world speaks to them, steps them, and listens for posts and traders.

Who they are, where, and with which keys, says a :class:`scenarios.live.cast.Cast`. Where a scenario has only some of
its services elsewhere, the others are started here, at the addresses that the cast has for them. What nodes exchanged
among themselves is read from their ledgers when the world is through; of services elsewhere beside ours it is what ours
saw of it.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from exchange.entries import FaultPlan
from exchange.errors import CorridorError
from exchange.http import NEXT_DUE, NOTHING_DUE, Undelivered
from exchange.ledger import parse_time
from exchange.limits import Limits, Timeouts
from exchange.members import OPERATOR
from exchange.messages import Message
from exchange.trust import client_context, server_context
from nodes.listening import ServiceError, listen
from nodes.memory import Core
from nodes.patient import PATIENCE, PatientClient
from scenarios.conversation import Conversation, TransportError
from scenarios.listener import Listener
from scenarios.live.cast import Cast, people
from scenarios.live.complaints import FORM, REACHED
from scenarios.live.history import read_history
from scenarios.live.ours import Ours, at_pace, slack
from scenarios.live.watch import Watch
from scenarios.reasons import Line
from scenarios.scenario.services import Elsewhere
from scenarios.transport import ImageOf, Log, no_images
from scenarios.transport_http import want_open_files


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Where nodes run that a run is to drive, and which arm they serve.

    ``services``: those that run elsewhere; the others are then ours. Empty, all of them run elsewhere. ``members`` and
    ``keys``: the members file and the folder of keys; None takes the demo trust. ``patience``: wall seconds for which
    simulated time waits for one that cannot be reached. ``port_base``: where the demo trust has posts and traders.
    """

    members: Path | None = None
    keys: Path | None = None
    arm: str = "recognition"
    patience: float = PATIENCE
    services: Mapping[str, Elsewhere] = field(default_factory=dict)
    port_base: int | None = None

    @property
    def whole(self) -> bool:
        """Whether all services run elsewhere."""
        return not self.services


class OutsideTransport:
    """The nodes of ``cores`` (country → deciding part) over HTTP, some or all of them run by others.

    ``participants`` are the member ids of all posts and traders, ``start`` is when the world begins (UTC). ``about`` is
    what each node should tell of itself, where it tells anything (:func:`scenarios.live.setting.about_of`). ``stores``:
    the folder for the stores of our own nodes. ``pace``: simulated seconds a wall second at most; then nodes may live
    by clocks of their own.
    """

    def __init__(
        self,
        outside: Outside,
        cores: Mapping[str, Core],
        participants: Sequence[str],
        start: datetime,
        about: Mapping[str, Any],
        *,
        stores: Path | None = None,
        faults: FaultPlan | None = None,
        pace: float | None = None,
        keep_xml: bool = False,
        images: ImageOf = no_images,
        limits: Limits | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self.log = Log()
        self.reasons: tuple[Line, ...] = ()
        """Why the nodes stopped goods or not, once the run has finished; empty for nodes that do not tell."""
        self._outside = outside
        self._countries = tuple(sorted(cores))
        self._theirs = self._countries if outside.whole else tuple(sorted(outside.services))
        self._ours = {country: core for country, core in sorted(cores.items()) if country not in self._theirs}
        self._participants = tuple(participants)
        self._start_time = start
        self._about = about
        self._stores = stores
        self._faults = faults
        self.pace = pace
        self._keep_xml = keep_xml
        self._images = images
        self._limits = at_pace(limits or Limits(), pace or 0.0)
        self._timeouts = timeouts or Timeouts()
        self._open = contextlib.AsyncExitStack()
        self._now = start
        self._living: set[str] = set()
        self._strange: set[str] = set()
        self._client: PatientClient | None = None
        self._conversation: Conversation | None = None
        self._listener: Listener | None = None
        self.nodes: Ours | None = None
        self.watch = Watch(outside.services, lambda: self._now)
        """What is to be said of the services elsewhere."""

    @property
    def now(self) -> datetime:
        """The moment (UTC) that was last worked."""
        return self._now

    def move_to(self, now: datetime) -> None:
        """Let node time be ``now``, though nothing is worked then."""
        self._now = max(self._now, now)

    @property
    def living(self) -> frozenset[str]:
        """The services that live by a clock of their own: they are not stepped, and send when they want."""
        return frozenset(self._living)

    async def start(self) -> None:
        """Listen for posts and traders, start our own nodes, and make sure that every node can begin this run.

        Raise a :class:`CorridorError` that says what is wrong and what to do.
        """
        want_open_files()
        try:
            await self._start()
        except CorridorError as error:
            await self.stop()
            if isinstance(error, ServiceError) and self._outside.members is None:
                raise TransportError(
                    f"{error}. The demo trust has fixed ports, so that every tool knows them: --port-base 9640 moves "
                    "them all (tell the system elsewhere), or --members and --keys say where everybody is"
                ) from error
            if self.watch.complaints.last is None:
                raise
            raise TransportError(self.watch.blame(error, REACHED)) from error
        except BaseException:
            await self.stop()
            raise

    def _cast(self) -> Cast:
        outside = self._outside
        if outside.members is None:
            return Cast.demo(self._countries, self._participants, outside.services, outside.port_base)
        wanted = (*people(self._countries, self._participants), *self._ours)
        return Cast.read(outside.members, outside.keys or outside.members.parent, wanted, outside.services)

    async def _start(self) -> None:
        cast = self._cast()
        members = cast.members

        @cache
        def tls(member: str) -> ssl.SSLContext:
            return client_context(cast.identity(member), members)

        client = self.watch.client(
            members, cast.key, limits=self._limits, timeouts=self._timeouts, tls=tls, patience=self._outside.patience
        )
        conversation = Conversation(client, self._countries, self.log, keep_xml=self._keep_xml, images=self._images)

        def taken(message: Message, data: bytes, now: datetime) -> None:
            conversation.record(message, data, now, accepted=True)

        self._listener = Listener(
            {member: cast.key(member) for member in self._participants},
            members,
            self._limits,
            taken=taken,
            refused=self.watch.refused_by_post,
            clock=(lambda: self._now) if self.pace is not None else None,
        )
        await self._listen(self._listener, cast)
        if self._ours:
            self.nodes = Ours(
                self._ours, cast, self._stores, self.watch, conversation, self._strange,
                faults=self._faults, patience=self._outside.patience, limits=self._limits, timeouts=self._timeouts,
                latest=lambda: self._now + slack(self.pace or 0.0),
            )  # fmt: skip
            await self._open.enter_async_context(self.nodes)
        self._client = await self._open.enter_async_context(client)
        for country in self._countries:
            await self._begin(client, country, cast.told)
        if self.nodes is not None:
            conversation.due.update(self.nodes.next_due())
        self._conversation = conversation

    async def _listen(self, listener: Listener, cast: Cast) -> None:
        """Listen where the members file says that posts and traders are reached."""
        members = cast.members
        doors = {member: urlsplit(members.url(member) or "") for member in self._participants}
        ends = {(url.scheme, url.hostname, url.port) for url in doors.values()}
        missing = [member for member, url in doors.items() if url.path != f"/{member}"]
        if missing or len(ends) != 1:
            raise TransportError(
                f"{cast.told}: posts and traders are reached at one address of this machine, as in "
                f"http://127.0.0.1:8470/{self._participants[0]}; that is not so for "
                f"{', '.join(missing) or 'all of them alike'}"
            )
        [(scheme, host, port)] = ends
        if host is None or port is None:
            raise TransportError(f"{cast.told}: the address of posts and traders needs a host and a port")
        over_tls = None
        if scheme == "https":
            over_tls = server_context([cast.identity(member) for member in self._participants], members)
        sock = listen(host, port, tls=over_tls is not None)
        self._open.callback(sock.close)
        runner = await listener.serve(sock, self._timeouts, over_tls)
        self._open.push_async_callback(runner.cleanup)

    async def _begin(self, client: PatientClient, country: str, told_by: str) -> None:
        """Make sure that a node is stepped, of this setting and free for this run; set its clock to the beginning."""
        try:
            headers, health = await client.health(country)
            where = f"{country} at {client.members.url(country)}"
            if health.get("node") != country:
                raise TransportError(f"{where} says that it is {health.get('node')}; correct {told_by}")
            if country in self._outside.services and "setting" not in health:
                self._strange.add(country)  # a system of somebody's own: what ours saw of it is asked for at the end
            if not health.get("stepped"):
                self._lives(country, where)
                return
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
            said = str(error) if isinstance(error, Undelivered) else f"GET /health lacks or garbles {error}"
            if country in self._outside.services and self.watch.complaints.last is None:
                self.watch.complaints.add(country, FORM, said.removeprefix(f"{country}: "), self._now)
            raise TransportError(f"{country} cannot begin the run: {said}") from error

    def _lives(self, country: str, where: str) -> None:
        """Note that a node lives by a clock of its own; raise :class:`TransportError` where it must not."""
        if self.pace is None or country in self._ours:
            raise TransportError(
                f"{where} lives by the wall clock; a run needs nodes started with --stepped "
                "(corridor up without --live), or a scenario that states a pace"
            )
        self._living.add(country)

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
        self.move_to(now)
        return await self._ready().ask(now, messages)

    async def advance(self, country: str, now: datetime) -> None:
        """Let one node do what is due at ``now``. Raise :class:`TransportError` if it does not within the patience."""
        self.move_to(now)
        if country not in self._living:
            await self._ready().advance(country, now)

    def next_due(self) -> Mapping[str, datetime | None]:
        """Return for each node when it is due next, as its last answer told; of ours, as they stand."""
        if self._conversation is None:
            return dict.fromkeys(self._countries)
        due = dict(self._conversation.due)
        if self.nodes is not None and self._living:
            due |= self.nodes.next_due()  # what lives by a clock of its own may have sent them something meanwhile
        return due | dict.fromkeys(self._living)

    def collect(self) -> list[Message]:
        """Return, and forget, what nodes sent to posts and traders, sorted by (sender, case, ordinal)."""
        return self._listener.collect() if self._listener is not None else []

    async def finish(self) -> None:
        """Read from the nodes' ledgers what they exchanged among themselves, and why they stopped goods."""
        conversation = self._ready()
        assert self._client is not None
        cases = sorted({item.ucr for item in self.log})
        asked = tuple(country for country in self._countries if country not in self._strange)
        exchanges, self.reasons = await read_history(self._client, asked, cases, self._now)
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


__all__ = ["Outside", "OutsideTransport"]
