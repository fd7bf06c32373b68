"""Where a node listens: its socket, and the door that every connection comes through.

Beyond loopback a node does not listen without mutual TLS, unless it is told that this is meant. The door bounds what
nobody has answered for yet: how many connections stand open, how long a TLS handshake and the head of a request may
take, how long the head may be. What it refuses it answers as a problem document like everything else, and counts.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
import ssl
from collections.abc import Callable
from http import HTTPStatus

from aiohttp import HttpVersion10, web
from aiohttp.http_exceptions import LineTooLong

from exchange.errors import CorridorError
from exchange.limits import Limits, Timeouts
from nodes.api.problems import Handler, Problem, of_framework

SWEEP = 0.25
"""Wall seconds between two looks at connections that have not said what they want."""

Tell = Callable[[Problem, str | None], None]
"""Is told of each refusal, and from which address it came."""


class ServiceError(CorridorError):
    """A node cannot listen where it was told to."""


def is_loopback(host: str) -> bool:
    """Say whether ``host``, a name or address, is this machine itself."""
    try:
        return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int, *, tls: bool = False, insecure: bool = False) -> socket.socket:
    """Return a socket bound to an address of this machine; port 0 takes a free one.

    Raise :class:`ServiceError` if the address is not loopback though connections are not mutually authenticated
    (``tls``) and nobody said that this is meant (``insecure``), or if the port is in use or not allowed.
    """
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError as error:
        raise ServiceError(f"{host} is no IP address; use 127.0.0.1 or ::1") from error
    if not (address.is_loopback or tls or insecure):
        raise ServiceError(
            f"will not listen on {host} without TLS: beyond this machine a node and its callers prove who they are. "
            "Use 127.0.0.1, give it certificates (corridor keys makes them), or say --insecure where nobody else can "
            "reach it"
        )
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((str(address), port))
        sock.listen(1024)
    except (OSError, OverflowError) as error:
        sock.close()
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        reason = "the port is in use; stop what uses it or choose another" if taken else str(error)
        raise ServiceError(f"cannot listen on {host} port {port}: {reason}") from error
    sock.setblocking(False)
    return sock


def url_of(sock: socket.socket, *, tls: bool = False) -> str:
    """Return the base URL of a socket made by :func:`listen`."""
    host, port = sock.getsockname()[:2]
    scheme = "https" if tls else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


class _Connection(web.RequestHandler):
    """One connection; ``waiting`` is since when (loop time) the head of a request is awaited, None if none is."""

    __slots__ = ("_tell", "told", "waiting")

    def __init__(self, manager: web.Server, tell: Tell, limits: Limits, timeouts: Timeouts) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(
            manager,
            loop=loop,
            access_log=None,  # type: ignore[arg-type]
            keepalive_timeout=timeouts.keep_alive,
            max_line_size=limits.head_line_bytes,
            max_field_size=limits.head_line_bytes,
            max_headers=limits.head_lines,
            auto_decompress=False,
        )
        self._tell = tell
        self.waiting: float | None = loop.time()
        self.told = False

    def data_received(self, data: bytes) -> None:
        if not self.told:
            self.told = True
            if self.waiting is None:
                self.waiting = asyncio.get_running_loop().time()
        super().data_received(data)

    def begin(self) -> None:
        """The head of a request has come."""
        self.waiting = None
        self.told = True

    def end(self) -> None:
        """The request is answered; the next bytes begin another."""
        self.told = False

    def refuse(self, problem: Problem) -> None:
        """Answer ``problem``, if anything was asked, and close."""
        transport, remote = self.transport, self._remote()
        self._tell(problem, remote)
        if isinstance(transport, asyncio.Transport) and not transport.is_closing():
            if self.told:
                transport.write(_as_bytes(problem))
            transport.close()
        self.force_close()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no HTTP request as a problem document."""
        if status >= 500:
            problem = Problem(status, "internal", "the node failed on this request")
        elif isinstance(exc, LineTooLong):
            problem = Problem(431, "too-large", "the request line or a header is too long")
        else:
            problem = Problem(400, "bad-request", "this is no HTTP request that this node reads")
        self._tell(problem, self._remote())
        answer = problem.response()
        answer.force_close()
        return answer

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Answer; what the framework itself refused, outside of all handlers, becomes a problem document."""
        if isinstance(resp, web.HTTPException):
            resp = of_framework(resp).response()
        resp.headers.setdefault("Server", "corridor")
        return await super().finish_response(request, resp, start_time)

    def _remote(self) -> str | None:
        peer = self.peername
        return str(peer[0]) if isinstance(peer, tuple) else None


class Door:
    """Lets connections in for an application's ``runner``; the runner's own site is not used."""

    def __init__(
        self,
        runner: web.AppRunner,
        sock: socket.socket,
        tell: Tell,
        *,
        tls: ssl.SSLContext | None = None,
        limits: Limits,
        timeouts: Timeouts,
    ) -> None:
        self._runner = runner
        self._sock = sock
        self._tell = tell
        self._tls = tls
        self._limits = limits
        self._timeouts = timeouts
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Listen. The runner must have been set up."""
        loop = asyncio.get_running_loop()
        patience = None if self._tls is None else self._timeouts.handshake
        self._server = await loop.create_server(
            self._connection, sock=self._sock, ssl=self._tls, ssl_handshake_timeout=patience
        )
        self._sweeper = asyncio.create_task(self._sweep(), name="door")

    async def close(self) -> None:
        """Let nobody in any more; what is being answered goes on."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.wait([self._sweeper])
            self._sweeper = None

    def _connection(self) -> asyncio.Protocol:
        manager = self._runner.server
        assert manager is not None
        if len(manager.connections) >= self._limits.connections:
            self._tell(Problem(503, "unavailable", "more connections than this node takes"), None)
            return _Closed()
        return _Connection(manager, self._tell, self._limits, self._timeouts)

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        late = Problem(408, "too-slow", f"the head of a request has to come within {self._timeouts.head:g} s")
        while True:
            await asyncio.sleep(min(SWEEP, self._timeouts.head))
            manager = self._runner.server
            for connection in manager.connections if manager is not None else ():
                since = connection.waiting if isinstance(connection, _Connection) else None
                if since is not None and loop.time() - since > self._timeouts.head:
                    assert isinstance(connection, _Connection)
                    connection.refuse(late)


class _Closed(asyncio.Protocol):
    """A connection that is one too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.abort()


@web.middleware
async def at_work(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tell the connection when a request's head has come and when it is answered; the outermost middleware."""
    connection = request.protocol
    if not isinstance(connection, _Connection):
        return await handler(request)
    connection.begin()
    if request.version < HttpVersion10:
        return Problem(400, "bad-request", "this node speaks HTTP/1.1").response()
    try:
        return await handler(request)
    finally:
        connection.end()


def _as_bytes(problem: Problem) -> bytes:
    answer = problem.response()
    body = answer.body
    assert isinstance(body, bytes)
    head = (
        f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}\r\nContent-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


__all__ = ["Door", "ServiceError", "at_work", "is_loopback", "listen", "url_of"]
