"""A stub as an HTTP service: a node in memory around which answers, deliveries and posts do what UCRs ask for.

Beside a node's API it has its own, for callers on this machine::

    POST /stub/send[?to=URL]   an XML message: signed with its sender's demo key and sent to its recipient, as if the
                               partner had sent it; the answer is {"status", "answer"} of the recipient
    GET  /stub/mail            what the node sent to its own posts and traders
    GET  /stub/marks           the marks that UCRs may have

It speaks with the demo trust (:mod:`scenarios.live.demo_trust`), and so on loopback only.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp
from aiohttp import web

from exchange.codec import decode
from exchange.errors import CorridorError
from exchange.http import SIGNATURE, TIME, XML, Client
from exchange.limits import Limits
from exchange.members import OPERATOR
from exchange.messages import Message, format_time
from exchange.store import Store
from exchange.unreached import why
from nodes.api.loose import loosely
from nodes.api.problems import Problem
from nodes.api.reads import answer_json
from nodes.service import NodeService, listen, url_of
from scenarios.listener import Listener
from scenarios.live.demo_trust import PARTNERS_PORT, DemoMembers, demo_key, on_loopback
from scenarios.live.setting import Setting, part_of
from scenarios.stub.answering import Answering
from scenarios.stub.core import StubCore
from scenarios.stub.delivery import Deliveries
from scenarios.stub.marks import CATALOGUE
from scenarios.stub.posts import Posts

KEPT = 1000
"""Messages to posts and traders that are kept to be looked at."""
PATIENCE = 10.0
"""Wall seconds for the answer to a message that is sent for somebody."""
LONGEST = 4 * 1024 * 1024
HOST = "127.0.0.1"
FIRST = "china_europe_transit_fi"
"""The scenario that is looked into first."""
_SERVICES = re.compile(r"^services: \[([^\]]*)\]", re.MULTILINE)


class StubError(CorridorError):
    """A stub was asked for something it cannot do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StubOptions:
    """Which country, at which port (0: a free one), in which scenario; ``partners``: service → URL."""

    country: str
    port: int = 0
    scenario: str | None = None
    arm: str = "recognition"
    stepped: bool = False
    partners: Mapping[str, str] = field(default_factory=dict)


class Stub:
    """A running stub; an asynchronous context manager. ``url`` says where it listens."""

    def __init__(self, options: StubOptions) -> None:
        self.options = options
        self.url = ""
        self._open = AsyncExitStack()
        self._mail: deque[dict[str, str]] = deque(maxlen=KEPT)
        self._spoiled: set[str] = set()

    async def __aenter__(self) -> Stub:
        try:
            await self._start()
        except BaseException:
            await self._open.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def _start(self) -> None:
        options = self.options
        country = options.country
        key = demo_key(country)
        setting = None if options.scenario is None else Setting(scenario=options.scenario, arm=options.arm)
        part = part_of(country, setting, key)
        sock = listen(HOST, options.port)
        self._open.callback(sock.close)
        self.url = url_of(sock)
        offices = sorted(part.core.standing.profile.offices)
        people = [f"{country}.{office}" for office in offices] + list(self._traders())
        own = {one: f"{self.url}/people/{one}" for one in people}
        urls = {**self._others(), **own, **options.partners, country: self.url}
        members = DemoMembers(urls)
        store = await Store.open(None, country, threaded=False)
        self._open.push_async_callback(store.close)
        listener = Listener({one: demo_key(one) for one in people}, members, Limits(), taken=self._taken)
        self._client = await self._open.enter_async_context(Client(members, demo_key))
        self._members = members
        spoiled: Any = _Spoiling(store, self._spoiled)
        self.node = _Node(
            self,
            listener,
            StubCore(part.core.standing),
            spoiled,
            key,
            members,
            sock,
            stepped=options.stepped,
            fault_plan=Deliveries(),
            about=part.about | {"stub": True},
        )
        self.answering = Answering(key, self.node.clock.now)
        self.posts = Posts(country, self._client, self.node.clock.now, self._spoiled.add)
        self._open.push_async_callback(self.posts.stop)
        await self._open.enter_async_context(self.node)

    def _others(self) -> Mapping[str, str]:
        """Return where a conformance run plays the other services, if it does."""
        if self.options.scenario is None:
            return {}
        from scenarios.scenario import load_scenario

        services = load_scenario(self.options.scenario).services
        return {one: f"http://{HOST}:{PARTNERS_PORT}/{one}" for one in services}

    def _traders(self) -> Sequence[str]:
        if self.options.scenario is None:
            return ()
        from scenarios.scenario import load_scenario

        loaded = load_scenario(self.options.scenario)
        return [
            f"{about.country}.{trader}"
            for trader, about in loaded.traders.items()
            if about.country == self.options.country
        ]

    def _taken(self, message: Message, data: bytes, now: datetime) -> None:
        header = message.header
        row = {"at": format_time(now), "to": header.recipient, "code": message.CODE, "case": message.ucr}
        self._mail.append(row | {"id": header.message_id, "xml": data.decode()})

    async def mail(self, _: web.Request) -> web.Response:
        """``GET /stub/mail``."""
        return answer_json({"messages": list(self._mail)})

    async def marks(self, _: web.Request) -> web.Response:
        """``GET /stub/marks``."""
        return answer_json({"marks": [{"word": m.word, "group": m.group, "text": m.text} for m in CATALOGUE]})

    async def send(self, request: web.Request) -> web.Response:
        """``POST /stub/send``: send a message for the stub's service, or for one of its posts and traders."""
        if request.content_type not in (XML, "text/xml"):
            raise Problem(415, "unsupported-type", f"send one message as {XML}")
        data = await request.read()
        try:
            header = decode(data).header
        except CorridorError as error:
            raise Problem(422, "invalid", f"this is no message: {error}") from error
        if header.sender[:2] != self.options.country or header.sender.endswith(f".{OPERATOR}"):
            text = f"the sender is {header.sender}; this stub speaks for {self.options.country} and its people"
            raise Problem(422, "invalid", text)
        to = request.query.get("to") or self._members.url(header.recipient)
        if to is None or not on_loopback(to):
            text = f"nothing is known of {header.recipient} on this machine: give --partner or ?to=http://127.0.0.1:…"
            raise Problem(422, "invalid", text)
        return answer_json(await self._posted(to, header.sender, data))

    async def _posted(self, to: str, sender: str, data: bytes) -> dict[str, Any]:
        now = self.node.clock.now()
        headers = {"Content-Type": XML, SIGNATURE: demo_key(sender).sign_bytes(data, now), TIME: format_time(now)}
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(f"{to.rstrip('/')}/messages", data=data, headers=headers, allow_redirects=False) as answer,
            ):
                body = (await answer.content.read(LONGEST)).decode(errors="replace")
                return {"status": answer.status, "answer": _as_json(body)}
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            text = f"{to} was not reached: {why(error, to, PATIENCE)}; --partner and ?to= say where else"
            raise Problem(504, "unreached", text) from error


class _Node(NodeService):
    """The node of a stub, with the stub's own places beside a node's."""

    def __init__(self, stub: Stub, listener: Listener, *args: Any, **options: Any) -> None:
        self._stub = stub
        self._listener = listener
        super().__init__(*args, **options)

    def _app(self) -> web.Application:
        app = super()._app()
        stub = self._stub
        app.middlewares.append(web.middleware(loosely(stub.answering.around)))
        app.middlewares.append(web.middleware(loosely(self._overhear)))
        app.router.add_route("POST", "/stub/send", loosely(stub.send))
        app.router.add_route("GET", "/stub/mail", loosely(stub.mail))
        app.router.add_route("GET", "/stub/marks", loosely(stub.marks))
        app.add_subapp("/people", self._listener.app)
        return app

    async def _overhear(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Tell the posts of each message that was accepted."""
        answer: web.StreamResponse = await handler(request)
        if request.method == "POST" and request.path == "/messages" and answer.status == 202:
            self._stub.posts.told(decode(await request.read()))
        return answer


class _Spoiling:
    """A store that gives out other bytes of some images."""

    def __init__(self, store: Store, spoiled: set[str]) -> None:
        self._store = store
        self._spoiled = spoiled

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def image_bytes(self, sha256: str, first: int, last: int) -> bytes:
        """Return bytes of an image; the first of them another, if the image is to come corrupt."""
        data = await self._store.image_bytes(sha256, first, last)
        return bytes([data[0] ^ 0xFF]) + data[1:] if data and sha256 in self._spoiled else data


def scenario_for(country: str) -> str | None:
    """Return the shipped scenario whose part of ``country`` a stub plays if none is named; None if none has it."""
    from importlib.resources import files

    from scenarios.scenario import scenario_names

    folder = files("scenarios") / "files"
    for name in (FIRST, *(one for one in scenario_names() if one != FIRST)):
        listed = _SERVICES.search((folder / f"{name}.yaml").read_text(encoding="utf-8"))
        if listed is not None and country in re.findall(r"[A-Z]{2}", listed[1]):
            return name
    return None


def _as_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


async def run_stub(options: StubOptions, ended: asyncio.Event, tell: Any) -> None:
    """Run a stub until ``ended``; ``tell`` is given its URL once it listens.

    Raise a :class:`CorridorError` if it cannot start.
    """
    async with Stub(options) as stub:
        tell(stub.url)
        await ended.wait()


__all__ = ["HOST", "Stub", "StubError", "StubOptions", "run_stub", "scenario_for"]
