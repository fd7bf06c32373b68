"""A bad line in front of a node: a proxy on loopback that forwards HTTP, and damages it on purpose.

Only what is handed in (POST) meets faults; questions pass. Nothing waits here without end: an exchange that is not
through after ``patience`` wall seconds breaks, for both sides.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections import Counter
from contextlib import suppress

from exchange.signatures import digest
from scenarios.wire.faults import IN_HEAD, NOTHING, Fate, WireFaults, corrupt
from scenarios.wire.framing import LONGEST_HEAD, Framed, read_framed

PATIENCE = 3.0
_ID = re.compile(rb"<(?:\w+:)?MessageID>([^<]{1,36})<")


class Broken(Exception):
    """The exchange ends here; both connections are cut."""


class Connection:
    """The proxy's own connection to the node, opened when it is needed."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, data: bytes) -> None:
        """Send bytes to the node."""
        if self._ends is None:
            host, port = self._proxy.upstream
            self._ends = await asyncio.open_connection(host, port, limit=LONGEST_HEAD)
        self._ends[1].write(data)
        await self._ends[1].drain()

    async def exchange(self, data: bytes) -> Framed:
        """Send a request and return the answer. Raise :class:`Broken` if none comes."""
        try:
            async with asyncio.timeout(self._proxy.patience):
                await self.send(data)
                assert self._ends is not None
                answer = await read_framed(self._ends[0])
        except (OSError, TimeoutError) as error:
            raise Broken from error
        if answer is None:
            raise Broken
        return answer

    def cut(self, *, abort: bool = False) -> None:
        """Close the connection, at once with ``abort``."""
        if self._ends is not None:
            if abort:
                self._ends[1].transport.abort()
            else:
                self._ends[1].close()
            self._ends = None


class Proxy:
    """The bad line to one node. ``upstream`` is where the node listens; it may be changed while the proxy works.

    ``counts`` says how often each fault happened, ``tampered`` has the SHA-256 of every body that was changed on its
    way to the node.
    """

    def __init__(self, link: str, sock: socket.socket, faults: WireFaults, *, patience: float = PATIENCE) -> None:
        self.link = link
        self.upstream: tuple[str, int] = ("127.0.0.1", 9)
        self.counts: Counter[str] = Counter()
        self.tampered: set[str] = set()
        self.patience = patience
        self._faults = faults
        self._sock = sock
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._accept, sock=self._sock, limit=LONGEST_HEAD)

    def hang_up(self) -> None:
        """Break all connections, as the system does with those of a process that died."""
        for writer in self._open:
            writer.transport.abort()

    async def stop(self) -> None:
        """End all connections."""
        if self._server is not None:
            self._server.close()
        tasks = [task for task in self._tasks if not task.done()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        node = Connection(self)
        try:
            while (request := await read_framed(reader)) is not None:
                await self._handle(request, writer, node)
        except (Broken, OSError):
            writer.transport.abort()
        except asyncio.CancelledError:
            pass  # the proxy stops
        finally:
            self._tasks.discard(task)
            self._open.discard(writer)
            node.cut()
            writer.close()

    async def _handle(self, request: Framed, writer: asyncio.StreamWriter, node: Connection) -> None:
        fate = NOTHING
        if request.head.startswith(b"POST "):
            found = _ID.search(request.body)
            fate = self._faults.fate(self.link, found[1].decode("ascii", "replace") if found else "")
        if fate.kind is None:
            answer = await node.exchange(request.data)
            writer.write(answer.data)
            await writer.drain()
            return
        self.counts[fate.kind] += 1
        await getattr(self, f"_{fate.kind}")(request, fate, writer, node)

    # --- one method for each fault --------------------------------------------------------------------------

    async def _lose_request(self, *_: object) -> None:
        raise Broken

    async def _lose_answer(self, request: Framed, _: Fate, __: asyncio.StreamWriter, node: Connection) -> None:
        await node.exchange(request.data)
        raise Broken

    async def _duplicate(self, request: Framed, fate: Fate, writer: asyncio.StreamWriter, node: Connection) -> None:
        self._later(request, fate)
        answer = await node.exchange(request.data)
        writer.write(answer.data)
        await writer.drain()

    async def _late_copy(self, request: Framed, fate: Fate, *_: object) -> None:
        self._later(request, fate)
        raise Broken

    async def _hold(self, request: Framed, fate: Fate, writer: asyncio.StreamWriter, node: Connection) -> None:
        await asyncio.sleep(fate.seconds)
        answer = await node.exchange(request.data)
        writer.write(answer.data)
        await writer.drain()

    async def _corrupt_request(
        self, request: Framed, fate: Fate, writer: asyncio.StreamWriter, node: Connection
    ) -> None:
        if fate.how < IN_HEAD:
            damaged = Framed(corrupt(request.head, fate), request.body)
        else:
            damaged = Framed(request.head, corrupt(request.body, fate))
            self.tampered.add(digest(damaged.body))
        answer = await node.exchange(damaged.data)
        writer.write(answer.data)
        await writer.drain()
        writer.close()
        raise Broken

    async def _corrupt_answer(
        self, request: Framed, fate: Fate, writer: asyncio.StreamWriter, node: Connection
    ) -> None:
        answer = await node.exchange(request.data)
        in_head = fate.how < IN_HEAD
        if in_head:
            answer = Framed(corrupt(answer.head, fate), answer.body)
        else:
            answer = Framed(answer.head, corrupt(answer.body, fate))
        writer.write(answer.data)
        await writer.drain()
        if in_head:  # nobody knows what the sender waits for now
            await asyncio.sleep(min(0.2, self.patience))
            raise Broken

    async def _reset(self, request: Framed, fate: Fate, _: asyncio.StreamWriter, node: Connection) -> None:
        data = request.data
        await node.send(data[: int(fate.where * len(data))])
        node.cut(abort=True)
        raise Broken

    async def _slow_close(self, request: Framed, fate: Fate, writer: asyncio.StreamWriter, node: Connection) -> None:
        data = (await node.exchange(request.data)).data
        writer.write(data[: int(fate.where * len(data))])
        await writer.drain()
        await asyncio.sleep(fate.seconds)
        raise Broken

    def _later(self, request: Framed, fate: Fate) -> None:
        """Send a copy of ``request`` over a connection of its own, a little later; nobody reads the answer."""

        async def send() -> None:
            await asyncio.sleep(fate.seconds)
            copy = Connection(self)
            with suppress(Broken):
                await copy.exchange(request.data)
            copy.cut()

        task = asyncio.create_task(send())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


__all__ = ["PATIENCE", "Connection", "Proxy"]
