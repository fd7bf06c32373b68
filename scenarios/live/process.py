"""One customs service in one process of the operating system: what ``corridor node`` runs.

It listens at once. While another process works on the same database (PostgreSQL) it stands by and says so; then it
takes over. It ends on SIGTERM and SIGINT: what was accepted is finished or kept.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from exchange.errors import CorridorError
from exchange.limits import Limits
from exchange.members import MEMBER_ID, Members, role
from exchange.store import Store, StoreInUse, open_store
from exchange.trust import server_context
from nodes.listening import is_loopback
from nodes.patient import PATIENCE
from nodes.service import NodeService, listen, url_of
from nodes.standby import Standby
from scenarios.live.credentials import Credentials
from scenarios.live.demo_trust import KID
from scenarios.live.setting import Part, Setting, part_of

State = Literal["ok", "standby"]
Tell = Callable[[State, str], None]
"""Is told when the process works or stands by, and at which URL."""
HAND_OVER = 3.0
"""Wall seconds for which a starting process waits for the one before it to let go of a SQLite file."""


class NodeError(CorridorError):
    """A node cannot be started as it was asked for, or cannot go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeOptions:
    """How a node is to stand. ``port`` None takes that of the node's URL in the members file; 0 a free one.

    ``store`` is a URL (:func:`exchange.store.open_store`). ``patience``: wall seconds for which a stepped node holds
    the time for a partner that cannot be reached.
    """

    country: str
    members: Path
    keys: Path
    store: str
    host: str | None = None
    port: int | None = None
    stepped: bool = False
    insecure: bool = False
    setting: Setting | None = None
    patience: float = PATIENCE
    until_eof: bool = False
    """End when standard input ends, too: with the process that started this one."""
    clock_offset: float = 0.0
    """By how many seconds a live node's clock is wrong."""
    doomed: bool = False
    """Die when told to (:mod:`scenarios.wire.crashing`)."""
    latency: int | None = None
    """Seconds until any message to a partner leaves, instead of the profile's."""
    longest_backoff: float | None = None
    """Seconds between two attempts to reach a partner at most, instead of the limits' five minutes."""


async def run_node(options: NodeOptions, tell: Tell) -> None:
    """Run a node until a signal ends it.

    Raise a :class:`CorridorError` that says what is wrong if it cannot start, or has lost its database to another
    process.
    """
    members = Members.load(options.members)
    if not MEMBER_ID.fullmatch(options.country) or role(options.country) != "service":
        raise NodeError(f"{options.country} is no service: write its country, as in RU")
    credentials = Credentials.load(options.keys, options.country, members)
    part = part_of(options.country, options.setting, credentials.key)
    tls = _wants_tls(options, members, credentials)
    _demo_stays_here(options, members)
    sock = _listen(options, members, tls=tls)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    if options.until_eof:
        loop.add_reader(sys.stdin.fileno(), _at_eof, ended)
    try:
        store = await _open(options, members, credentials if tls else None, sock, ended, tell)
        if store is None:
            return
        try:
            await _work(options, members, credentials, part, sock, store, ended, tell, tls=tls)
        finally:
            await store.close()
    finally:
        sock.close()


def _at_eof(ended: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 4096):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        ended.set()


def _wants_tls(options: NodeOptions, members: Members, credentials: Credentials) -> bool:
    url = members.url(options.country)
    if url is None or urlsplit(url).scheme != "https":
        return False
    if credentials.identity is None:
        raise NodeError(
            f"{options.country} is at {url}, but {options.keys} holds no certificate for it; "
            "'corridor keys' makes one, or write an http address of this machine into the members file"
        )
    return True


def _demo_stays_here(options: NodeOptions, members: Members) -> None:
    """Raise :class:`NodeError` if a node that trusts the demo keys, which everybody has, is to listen beyond here."""
    if is_loopback(options.host or "127.0.0.1"):
        return
    known = [key for member in members for key in member.keys if key.startswith(KID)]
    if known:
        raise NodeError(
            f"{options.members} has demo keys ({known[0]}), which everybody has: a node that trusts them listens on "
            "127.0.0.1 only; 'corridor keys' makes keys of your own"
        )


def _listen(options: NodeOptions, members: Members, *, tls: bool) -> socket.socket:
    at = urlsplit(members.url(options.country) or "")
    port = options.port if options.port is not None else at.port
    if port is None:
        raise NodeError(f"{options.members} has no port for {options.country}; say --port")
    return listen(options.host or "127.0.0.1", port, tls=tls, insecure=options.insecure)


async def _open(
    options: NodeOptions,
    members: Members,
    over_tls: Credentials | None,
    sock: socket.socket,
    ended: asyncio.Event,
    tell: Tell,
) -> Store | None:
    """Open the store, standing by as long as another process works on it; None if the process is ended meanwhile."""
    sqlite = options.store.startswith("sqlite")
    try:
        return await open_store(options.store, options.country, wait=HAND_OVER if sqlite else 0.0)
    except StoreInUse:
        if sqlite:
            raise
    identity = over_tls.identity if over_tls is not None else None
    tls = None if identity is None else server_context(identity, members)
    async with Standby(options.country, sock, tls):
        tell("standby", url_of(sock, tls=tls is not None))
        opening = asyncio.create_task(open_store(options.store, options.country, standby=True))
        ending = asyncio.create_task(ended.wait())
        await asyncio.wait({opening, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if opening.done():
            return opening.result()
        opening.cancel()
        await asyncio.wait({opening})
        return None


def settle_memory() -> None:
    """Let the collector of garbage look seldom, and never at what stands when a node has started."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)  # cases and messages are many objects, hardly any of them in cycles


async def _work(
    options: NodeOptions,
    members: Members,
    credentials: Credentials,
    part: Part,
    sock: socket.socket,
    store: Store,
    ended: asyncio.Event,
    tell: Tell,
    *,
    tls: bool,
) -> None:
    core = part.core
    if options.latency is not None:
        from scenarios.wire.pace import at_one_pace

        core = at_one_pace(core, options.latency)
    limits = Limits()
    if options.longest_backoff is not None:
        limits = replace(limits, longest_backoff=timedelta(seconds=options.longest_backoff))
    service = NodeService(
        core,
        store,
        credentials.key,
        members,
        sock,
        stepped=options.stepped,
        limits=limits,
        fault_plan=part.faults,
        identity=credentials.identity if tls else None,
        insecure=options.insecure,
        patience=options.patience,
        about=part.about,
        skew=timedelta(seconds=options.clock_offset),
    )
    if options.doomed:
        from scenarios.wire.crashing import doom

        doom(store)
    async with service:
        settle_memory()
        tell("ok", service.url)
        lost = asyncio.create_task(store.lost())
        ending = asyncio.create_task(ended.wait())
        await asyncio.wait({lost, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if not lost.cancel() and not ended.is_set():
            raise NodeError(
                f"{options.country} no longer holds its database; another process may have taken over. "
                "Start this one anew and it stands by"
            )


__all__ = ["HAND_OVER", "NodeError", "NodeOptions", "run_node", "settle_memory"]
