"""The HTTP transport: every node a real service on loopback, every message signed XML, every receipt checked.

Posts and traders are members with keys of their own; they speak through one client and are reached behind one
listener (:mod:`scenarios.listener`). Keys are made for the run and forgotten after it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from aiohttp import web

from exchange.entries import FaultPlan
from exchange.errors import CorridorError
from exchange.http import Answer, Client, Letter, Undelivered
from exchange.ledger import parse_time
from exchange.limits import Limits, Timeouts
from exchange.members import OPERATOR, Member, Members
from exchange.messages import Message
from exchange.signatures import PrivateKey
from exchange.store import Store
from exchange.validation import parse_message
from nodes.memory import Core
from nodes.service import NodeService, listen, url_of
from scenarios.listener import Listener
from scenarios.transport import Exchanged

OPEN_FILES = 4096
"""Sockets and files wanted: both ends of every connection are in this process."""


class TransportError(CorridorError):
    """A node of the run could not be asked or stepped."""


class HttpTransport:
    """The nodes of one arm over HTTP.

    ``cores``: the deciding part of each node by country code. ``participants``: the member ids of all posts
    and traders. ``folder``: where each node's ``<country>.sqlite`` goes; None keeps them in memory.
    ``faults`` is asked once for each message that a node sends.
    """

    def __init__(
        self,
        cores: Mapping[str, Core],
        participants: Sequence[str],
        folder: Path | None,
        *,
        keep_xml: bool = False,
        faults: FaultPlan | None = None,
        limits: Limits | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self.log: list[Exchanged] = []
        self.nodes: dict[str, NodeService] = {}
        self.members = Members(())
        self._cores = dict(sorted(cores.items()))
        self._participants = tuple(participants)
        self._folder = folder
        self._keep_xml = keep_xml
        self._faults = faults
        self._limits = limits or Limits()
        self._timeouts = timeouts or Timeouts()
        self._due: dict[str, datetime | None] = dict.fromkeys(self._cores)
        self._open = contextlib.AsyncExitStack()
        self._keys: dict[str, PrivateKey] = {}
        self._listener: Listener | None = None
        self._client: Client | None = None

    async def start(self) -> None:
        """Start listener and nodes. What was started is stopped again if one of them fails."""
        _want_open_files()
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        sockets = {country: self._listen() for country in self._cores}
        door = self._listen()
        operators = [f"{country}.{OPERATOR}" for country in self._cores]
        self._keys = {m: PrivateKey.generate(m) for m in (*self._cores, *operators, *self._participants)}
        urls: dict[str, str] = {country: url_of(sock) for country, sock in sockets.items()}
        urls |= {member: f"{url_of(door)}/{member}" for member in self._participants}
        self.members = Members(Member.of(m, urls.get(m), key.public) for m, key in self._keys.items())
        self._listener = Listener(self._keys, self.members, self._limits)
        runner = web.AppRunner(
            self._listener.app,
            access_log=None,
            handle_signals=False,
            keepalive_timeout=self._timeouts.keep_alive,
            shutdown_timeout=self._timeouts.shutdown,
        )
        await runner.setup()
        self._open.push_async_callback(runner.cleanup)
        await web.SockSite(runner, door).start()
        for country, core in self._cores.items():
            await self._start_node(country, core, sockets[country])
        client = Client(self.members, self._keys.__getitem__, limits=self._limits, timeouts=self._timeouts)
        self._client = await self._open.enter_async_context(client)

    def _listen(self) -> socket.socket:
        sock = listen("127.0.0.1", 0)
        self._open.callback(sock.close)
        return sock

    async def _start_node(self, country: str, core: Core, sock: socket.socket) -> None:
        path = None if self._folder is None else self._folder / f"{country}.sqlite"
        store = await Store.open(path, country, synchronous="OFF", threaded=False)
        self._open.push_async_callback(store.close)
        node = NodeService(
            core,
            store,
            self._keys[country],
            self.members,
            sock,
            stepped=True,
            limits=self._limits,
            timeouts=self._timeouts,
            fault_plan=self._faults,
            observer=self._delivered,
        )
        self.nodes[country] = await self._open.enter_async_context(node)
        self._due[country] = node.next_due()

    async def ask(self, now: datetime, messages: Sequence[Message]) -> list[tuple[Message, ...]]:
        """Post one round; return the nodes' immediate replies in the order asked.

        Raise :class:`TransportError` if a node gives no answer.
        """
        client = self._ready()
        letters = [Letter.of(message) for message in messages]
        answers: list[Answer | Undelivered | None] = [None] * len(letters)

        async def post(places: list[int]) -> None:
            round_ = await client.post_round([letters[place] for place in places], now)
            for place, answer in zip(places, round_, strict=True):
                answers[place] = answer

        by_node: dict[str, list[int]] = {}
        for place, letter in enumerate(letters):
            by_node.setdefault(letter.recipient, []).append(place)
        async with asyncio.TaskGroup() as group:
            for places in by_node.values():
                group.create_task(post(places))
        learned: dict[str, list[datetime]] = {country: [] for country in by_node}
        replies = []
        for message, letter, answer in zip(messages, letters, answers, strict=True):
            if not isinstance(answer, Answer):
                raise TransportError(f"{message.CODE} {letter.id} of {letter.sender}: {answer}") from answer
            if answer.next_due is not None:
                learned[letter.recipient].append(answer.next_due)
            self._record(message, letter.data, now, accepted=answer.accepted)
            replies.append(tuple(self._reply(data, now) for data in answer.replies))
        for country, dues in learned.items():
            self._due[country] = min(dues, default=None)
        return replies

    async def advance(self, country: str, now: datetime) -> None:
        """Let one node do what is due at ``now``. Raise :class:`TransportError` if it does not."""
        try:
            answer = await self._ready().set_time(country, f"{country}.{OPERATOR}", now)
            self._due[country] = _time(answer["next_due"])
            for partner, learned in answer["partners"].items():
                if partner in self._due and "next_due" in learned:
                    self._due[partner] = _time(learned["next_due"])
        except (Undelivered, KeyError, ValueError) as error:
            raise TransportError(f"{country} could not be stepped to {now}: {error}") from error

    def next_due(self) -> Mapping[str, datetime | None]:
        """Return for each node when it is due next, as its last answer told."""
        return dict(self._due)

    def collect(self) -> list[Message]:
        """Return, and forget, what nodes sent to posts and traders, sorted by (sender, case, ordinal)."""
        return self._listener.collect() if self._listener is not None else []

    async def stop(self) -> None:
        """Stop client, nodes and listener, and close the stores."""
        await self._open.aclose()
        self._client = None

    def _ready(self) -> Client:
        if self._client is None:
            raise TransportError("the transport is not started; await start() first")
        return self._client

    def _reply(self, data: bytes, now: datetime) -> Message:
        message = parse_message(data)
        self._record(message, data, now, accepted=True)
        return message

    def _delivered(self, message: Message, data: bytes, answer: Answer, now: datetime) -> None:
        self._record(message, data, now, accepted=answer.accepted)

    def _record(self, message: Message, data: bytes, now: datetime, *, accepted: bool) -> None:
        xml = data if self._keep_xml else None
        self.log.append(Exchanged(at=now, ucr=message.ucr, header=message.header, accepted=accepted, xml=xml))


def _time(text: str | None) -> datetime | None:
    return None if text is None else parse_time(text)


def _want_open_files() -> None:
    """Raise the soft limit of open files, where there is one and it may be raised."""
    try:
        import resource
    except ImportError:  # pragma: no cover - Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


__all__ = ["HttpTransport", "TransportError"]
