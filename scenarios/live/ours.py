"""The nodes that a run starts itself beside those that somebody else runs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from exchange.entries import FaultPlan
from exchange.http import Answer
from exchange.limits import Limits, Timeouts
from exchange.messages import FunctionalRejection, Message
from exchange.store import Store
from nodes.memory import Core
from nodes.service import NodeService, listen
from scenarios.conversation import Conversation, TransportError, why
from scenarios.live.cast import Cast
from scenarios.live.watch import Watch


class Ours:
    """Stepped nodes of ``cores`` at the addresses that ``cast`` has for them; an asynchronous context manager.

    What they send to those of ``strange``, whose ledgers nobody reads, is recorded in ``conversation``; everything else
    is read from ledgers at the end. ``latest`` says the time (UTC) that a partner may tell at most. ``folder``: where
    each node's ``<country>.sqlite`` goes; None keeps them in memory.
    """

    def __init__(
        self,
        cores: Mapping[str, Core],
        cast: Cast,
        folder: Path | None,
        watch: Watch,
        conversation: Conversation,
        strange: Set[str],
        *,
        faults: FaultPlan | None,
        patience: float,
        limits: Limits,
        timeouts: Timeouts,
        latest: Callable[[], datetime],
    ) -> None:
        self._cores = cores
        self._cast = cast
        self._folder = folder
        self._watch = watch
        self._conversation = conversation
        self._strange = strange
        self._faults = faults
        self._patience = patience
        self._limits = limits
        self._timeouts = timeouts
        self._latest = latest
        self._open = contextlib.AsyncExitStack()
        self._nodes: dict[str, NodeService] = {}

    async def __aenter__(self) -> Self:
        try:
            for country, core in self._cores.items():
                await self._start(country, core)
        except BaseException:
            await self._open.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    def next_due(self) -> dict[str, datetime | None]:
        """Return for each node when it is due next (UTC)."""
        return {country: node.next_due() for country, node in self._nodes.items()}

    async def _start(self, country: str, core: Core) -> None:
        members = self._cast.members
        at = urlsplit(members.url(country) or "")
        if at.hostname is None or at.port is None:
            raise TransportError(
                f"{self._cast.told}: gives no address with a port for {country}, which this run is to start; "
                "give it one, as http://127.0.0.1:8641"
            )
        tls = at.scheme == "https"
        sock = listen(at.hostname, at.port, tls=tls)
        self._open.callback(sock.close)
        path = None if self._folder is None else self._folder / f"{country}.sqlite"
        store = await Store.open(path, country, synchronous="OFF", threaded=False)
        self._open.push_async_callback(store.close)
        node = NodeService(
            core,
            store,
            self._cast.key(country),
            members,
            sock,
            stepped=True,
            limits=self._limits,
            timeouts=self._timeouts,
            fault_plan=self._faults,
            observer=self._delivered,
            identity=self._cast.identity(country) if tls else None,
            patience=self._patience,
            speaks=lambda *args, **options: self._watch.client(*args, patience=self._patience, **options),
        )
        node.clock.latest = self._latest
        node.refusals.told = self._watch.refused_by_node(country)
        self._nodes[country] = await self._open.enter_async_context(node)

    def _delivered(self, message: Message, data: bytes, answer: Answer, now: datetime) -> None:
        if message.header.recipient in self._strange:
            self._conversation.record(message, data, now, accepted=answer.accepted, reason=why(answer))
            if isinstance(message, FunctionalRejection):
                self._watch.rejected(message)


def at_pace(limits: Limits, pace: float) -> Limits:
    """Return ``limits`` for nodes whose partners live at ``pace`` (simulated seconds a wall second).

    Signatures are judged by simulated time: ten wall seconds between signing and arriving must be borne.
    """
    return replace(limits, replay_window=max(limits.replay_window, slack(pace)))


def slack(pace: float) -> timedelta:
    """Return how far clocks at ``pace`` may lie apart: ten wall seconds."""
    return timedelta(seconds=10 * pace)


__all__ = ["Ours", "at_pace", "slack"]
