"""Nodes to be checked: ours as it is, and ours behind a wrapper that breaks one thing."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

from exchange.http import Client
from exchange.limits import Limits, Timeouts
from exchange.signatures import PrivateKey
from exchange.store import Store
from nodes.service import NodeService, listen
from scenarios.conform.check import Outcome
from scenarios.conform.levels import Level
from scenarios.conform.run import Options, Report, conform
from scenarios.live.demo_trust import DemoMembers, demo_key
from scenarios.live.setting import Setting, part_of
from scenarios.scenario import Scenario, load_scenario
from tests.waiting import HANGS

SCENARIO = "china_europe_transit_fi"
_SENDER = re.compile(rb"<Sender>([^<]*)</Sender>")

Inner = Callable[["Call"], Awaitable["Said"]]
Fault = Callable[["Call", Inner], Awaitable["Said"]]
"""What a wrong node does with a call: it may change it, ask the right node inside, and change what that said."""


@dataclass
class Call:
    """A request as it came."""

    method: str
    path: str
    headers: CIMultiDict[str]
    body: bytes

    @property
    def posts(self) -> bool:
        """Whether a message is handed in."""
        return (self.method, self.path) == ("POST", "/messages")

    @property
    def sender(self) -> str:
        """Who the message says it is from, empty if nobody can tell."""
        found = _SENDER.search(self.body)
        return found[1].decode() if found else ""

    def signed_anew(self, at: Any) -> None:
        """Put a good signature of the sender under the body as it is now."""
        self.headers["Pix-Signature"] = demo_key(self.sender).sign_bytes(self.body, at)


@dataclass
class Said:
    """An answer as it will go."""

    status: int
    headers: CIMultiDict[str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        """The JSON of the answer."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    def tell(self, **changes: Any) -> None:
        """Change members of the JSON."""
        self.body = json.dumps(self.told | changes).encode()


class WrongNode(NodeService):
    """A node of ours in which a fault sits between the callers and everything else."""

    fault: Fault | None = None
    spoil: Callable[[CIMultiDict[str]], None] | None = None
    """Changes the headers with which images are asked for, whose bytes a fault does not see."""

    def _app(self) -> web.Application:
        app = super()._app()
        fault, spoil = self.fault, self.spoil
        if fault is None:
            fault = _no_fault

        @web.middleware
        async def wrong(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            if request.path.startswith("/images/"):
                headers = request.headers.copy()
                if spoil is not None:
                    spoil(headers)
                return await handler(request.clone(headers=headers))
            asked = request.clone()
            try:
                body = await asked.read()
            except web.HTTPRequestEntityTooLarge:
                return await handler(request)
            call = Call(request.method, request.path, request.headers.copy(), body)

            async def inner(call: Call) -> Said:
                asked._headers = CIMultiDictProxy(call.headers)
                asked._read_bytes = call.body
                response = await handler(asked)
                assert isinstance(response, web.Response)
                return Said(response.status, response.headers.copy(), bytes(response.body or b""))  # type: ignore[arg-type]

            said = await fault(call, inner)
            said.headers.popall("Content-Length", None)
            return web.Response(status=said.status, headers=said.headers, body=said.body)

        if fault is _no_fault and spoil is None:
            return app
        app.middlewares.insert(1, wrong)  # within what counts connections, around all else
        return app


async def _no_fault(call: Call, inner: Inner) -> Said:
    return await inner(call)


@lru_cache(maxsize=1)
def scenario() -> Scenario:
    """Return the scenario, read once."""
    return load_scenario(SCENARIO, ())


@asynccontextmanager
async def node(
    country: str = "KZ",
    *,
    stepped: bool = True,
    fault: Fault | None = None,
    partners: int = 0,
    people: tuple[str, ...] = (),
    speaks: Callable[..., Client] | None = None,
    spoil: Callable[[CIMultiDict[str]], None] | None = None,
) -> AsyncIterator[WrongNode]:
    """Run a node that has the demo trust, wrong in one thing if there is a ``fault``.

    ``partners``: the port at which it looks for other services and its ``people``; ``speaks`` the client by which it
    speaks to them, ``spoil`` what becomes of the headers of requests for images.
    """
    urls = {
        one: f"http://127.0.0.1:{partners}/{one}"
        for one in ("CN", "FI", "KZ", "RU", *people)
        if partners and one != country
    }
    sock = listen("127.0.0.1", 0)
    key: PrivateKey = demo_key(country)
    part = part_of(country, Setting(scenario=SCENARIO), key)
    store = await Store.open(None, country, threaded=False)
    made = WrongNode(
        part.core,
        store,
        key,
        DemoMembers(urls),
        sock,
        stepped=stepped,
        about=part.about,
        timeouts=Timeouts(shutdown=1),
        limits=Limits(body_bytes=4 * 1024 * 1024),
        speaks=speaks,
    )
    made.fault, made.spoil = fault, spoil
    try:
        async with made:
            yield made
    finally:
        await store.close()


async def checked(
    url: str,
    country: str = "KZ",
    *,
    patience: float = HANGS,
    only: tuple[str, ...] = (),
    listen: int | None = None,
    level: Level = "full",
) -> Report:
    """Return the report on the node at ``url``; ``listen``: where its partners are played."""
    options = Options(url=url, country=country, timeout=patience, only=only, listen=listen, level=level)
    return await conform(options, loaded=scenario())


def numbers(report: Report, outcome: Outcome) -> set[str]:
    """Return the numbers of the checks that came out so."""
    return {result.check.number for result in report.results if result.outcome == outcome}
