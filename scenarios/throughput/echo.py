"""The bare echo: aiohttp answering a body with the same body, and a client that asks it over many connections."""

from __future__ import annotations

import asyncio
from time import perf_counter

import aiohttp
from aiohttp import web

from nodes.listening import listen, url_of
from scenarios.throughput.lines import Told


async def _echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read(), content_type="application/xml")


async def serve(told: Told) -> None:
    """Answer every ``POST /`` with its own body until standard input ends; tell the URL first."""
    app = web.Application()
    app.router.add_post("/", _echo)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    sock = listen("127.0.0.1", 0)
    await web.SockSite(runner, sock).start()
    told.tell({"url": url_of(sock)})
    async for _ in told.orders():
        told.tell({})
    await runner.cleanup()


async def ask(told: Told, url: str, connections: int, body: bytes) -> None:
    """At each order post ``body`` over all ``connections`` for ``seconds``; tell count and seconds."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections), cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
    ) as session:
        told.tell({})
        async for order in told.orders():
            begun = perf_counter()
            until = begun + float(order["seconds"])
            done = await asyncio.gather(*(_ask_on(session, url, body, until) for _ in range(connections)))
            told.tell({"messages": sum(done), "seconds": perf_counter() - begun})


async def _ask_on(session: aiohttp.ClientSession, url: str, body: bytes, until: float) -> int:
    count = 0
    while perf_counter() < until:
        async with session.post(url, data=body, headers={"Content-Type": "application/xml"}) as answer:
            if await answer.read() != body:
                raise RuntimeError("the echo is not what was sent; that is a fault of ours")
        count += 1
    return count


__all__ = ["ask", "serve"]
