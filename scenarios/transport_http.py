"""The HTTP transport: every node a real service on loopback, every message signed XML, every receipt checked.

Posts and traders are members with keys of their own; they speak through one client and are reached behind one
listener (:mod:`scenarios.listener`). Keys are made for the run and forgotten after it.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from exchange.entries import FaultPlan
from exchange.http import Answer, Client
from exchange.limits import Limits, Timeouts
from exchange.members import OPERATOR, Member, Members
from exchange.messages import Message
from exchange.signatures import PrivateKey
from exchange.store import Store
from nodes.memory import Core
from nodes.patient import PatientClient
from nodes.service import NodeService, listen, url_of
from scenarios.conversation import Conversation, TransportError, why
from scenarios.listener import Listener
from scenarios.transport import ImageOf, Log, no_images

OPEN_FILES = 4096
"""Sockets and files wanted: both ends of every connection are in this process."""


class HttpTransport:
    """The nodes of one arm over HTTP.

    ``cores``: the deciding part of each node by country code. ``participants``: the member ids of all posts
    and traders. ``folder``: where each node's ``<country>.sqlite`` goes; None keeps them in memory.
    ``faults`` is asked once for each message that a node sends, ``images`` for those that posts hand in. ``speaks``:
    the class of the client by which nodes speak to each other, where that is to be another.
    """

    def __init__(
        self,
        cores: Mapping[str, Core],
        participants: Sequence[str],
        folder: Path | None,
        *,
        keep_xml: bool = False,
        faults: FaultPlan | None = None,
        images: ImageOf = no_images,
        limits: Limits | None = None,
        timeouts: Timeouts | None = None,
        speaks: Callable[..., Client] | None = None,
    ) -> None:
        self.log = Log()
        self.nodes: dict[str, NodeService] = {}
        self.members = Members(())
        self._cores = dict(sorted(cores.items()))
        self._participants = tuple(participants)
        self._folder = folder
        self._keep_xml = keep_xml
        self._faults = faults
        self._images = images
        self._limits = limits or Limits()
        self._timeouts = timeouts or Timeouts()
        self._open = contextlib.AsyncExitStack()
        self._keys: dict[str, PrivateKey] = {}
        self._listener: Listener | None = None
        self._conversation: Conversation | None = None
        self._reader: Client | None = None
        self._speaks = speaks
        self._stores: dict[str, Store] = {}

    def key(self, member: str) -> PrivateKey:
        """Return the key that was made for ``member``. Raise KeyError with all members if it is none."""
        try:
            return self._keys[member]
        except KeyError:
            raise KeyError(f"no member {member}; there are {', '.join(self._keys)}") from None

    async def start(self) -> None:
        """Start listener and nodes. What was started is stopped again if one of them fails."""
        want_open_files()
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
        runner = await self._listener.serve(door, self._timeouts)
        self._open.push_async_callback(runner.cleanup)
        client = PatientClient(self.members, self._keys.__getitem__, limits=self._limits, timeouts=self._timeouts)
        conversation = Conversation(client, self._cores, self.log, keep_xml=self._keep_xml, images=self._images)
        for country, core in self._cores.items():
            node = await self._start_node(country, core, sockets[country], conversation)
            conversation.due[country] = node.next_due()
        await self._open.enter_async_context(client)
        reader = Client(self.members, self._keys.__getitem__, limits=self._limits, timeouts=self._timeouts)
        self._reader = await self._open.enter_async_context(reader)
        self._conversation = conversation

    def _listen(self) -> socket.socket:
        sock = listen("127.0.0.1", 0)
        self._open.callback(sock.close)
        return sock

    async def _start_node(
        self, country: str, core: Core, sock: socket.socket, conversation: Conversation
    ) -> NodeService:
        def delivered(message: Message, data: bytes, answer: Answer, now: datetime) -> None:
            conversation.record(message, data, now, accepted=answer.accepted, reason=why(answer))

        path = None if self._folder is None else self._folder / f"{country}.sqlite"
        store = self._stores[country] = await Store.open(path, country, synchronous="OFF", threaded=False)
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
            observer=delivered,
            speaks=self._speaks,
        )
        self.nodes[country] = await self._open.enter_async_context(node)
        return node

    async def ask(self, now: datetime, messages: Sequence[Message]) -> list[tuple[Message, ...]]:
        """Post one round; return the nodes' immediate replies in the order asked.

        Raise :class:`TransportError` if a node gives no answer.
        """
        return await self._ready().ask(now, messages)

    async def advance(self, country: str, now: datetime) -> None:
        """Let one node do what is due at ``now``. Raise :class:`TransportError` if it does not."""
        await self._ready().advance(country, now)

    async def read(self, country: str, path: str) -> tuple[int, Mapping[str, str], bytes]:
        """Return (status, headers, body) of a GET at the node of ``country``, asked as its operator by its own clock.

        Nothing about the run changes by it. Raise :class:`exchange.http.Undelivered` if the node gives no answer.
        """
        self._ready()
        assert self._reader is not None
        now = self.nodes[country].clock.now()
        return await self._reader.read_whole(country, f"{country}.{OPERATOR}", path, now)

    async def order(self, country: str, path: str, now: datetime) -> tuple[int, bytes]:
        """Return (status, body) of a POST at the node of ``country``, ordered by its operator at ``now``.

        Raise :class:`exchange.http.Undelivered` if the node gives no answer.
        """
        conversation = self._ready()
        assert self._reader is not None
        answer = await self._reader.order(country, f"{country}.{OPERATOR}", path, now)
        conversation.due[country] = self.nodes[country].next_due()
        return answer

    def next_due(self) -> Mapping[str, datetime | None]:
        """Return for each node when it is due next, as its last answer told."""
        return dict(self._conversation.due) if self._conversation is not None else dict.fromkeys(self._cores)

    def collect(self) -> list[Message]:
        """Return, and forget, what nodes sent to posts and traders, sorted by (sender, case, ordinal)."""
        return self._listener.collect() if self._listener is not None else []

    async def finish(self) -> None:
        """Nothing has to be gathered: the nodes told of every delivery."""

    async def stop(self) -> None:
        """Stop client, nodes and listener, and close the stores."""
        await self._open.aclose()
        self._conversation = None

    def _ready(self) -> Conversation:
        if self._conversation is None:
            raise TransportError("the transport is not started; await start() first")
        return self._conversation


def want_open_files() -> None:
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


__all__ = ["HttpTransport", "TransportError", "want_open_files"]
