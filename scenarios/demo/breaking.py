"""The nodes of a stage, each of which may be stopped and started again while the show goes on."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping
from datetime import datetime

from nodes.core import NodeCore
from nodes.service import url_of
from scenarios.transport_http import HttpTransport, TransportError


class BreakableTransport(HttpTransport):
    """The HTTP transport of a stage. A stopped node serves nobody, and nothing of it is due, until it is back."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self._kept: dict[str, socket.socket] = {}

    @property
    def stopped(self) -> frozenset[str]:
        """The countries whose nodes are stopped."""
        return frozenset(self._kept)

    async def halt(self, country: str) -> None:
        """Stop a node: its listener, its connections, its store. Its port stays taken, and refuses whoever calls."""
        if country in self._kept:
            raise TransportError(f"the node of {country} is stopped already")
        node = self.nodes[country]
        host, _, port = node.url.rpartition("//")[2].rpartition(":")
        await node.stop()
        await self._stores[country].close()
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._open.callback(sock.close)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, int(port)))
        self._kept[country] = sock

    async def resume(self, country: str, core: NodeCore, now: datetime) -> None:
        """Start a stopped node again at ``now`` from what it stored, at its old address; ``core`` is a new one."""
        if country not in self._kept:
            raise TransportError(f"the node of {country} is not stopped")
        conversation = self._ready()
        sock = self._kept.pop(country)
        sock.listen(1024)
        node = await self._start_node(country, core, sock, conversation)
        assert node.url == url_of(sock)
        cases = await self._stores[country].case_names(self._limits.remembered_cases)
        await node.writer.look(cases, lambda _: None)
        due = node.next_due()
        conversation.due[country] = None if due is None else max(due, now)

    def next_due(self) -> Mapping[str, datetime | None]:
        """Return for each node when it is due next; of a stopped one nothing is."""
        return {country: None if country in self._kept else due for country, due in super().next_due().items()}

    async def stop(self) -> None:
        """Stop all, also what is stopped already."""
        for sock in self._kept.values():
            with contextlib.suppress(OSError):
                sock.close()
        await super().stop()


__all__ = ["BreakableTransport"]
