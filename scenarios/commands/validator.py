"""``corridor validator``: the validator alone as an HTTP service on this machine."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from aiohttp import web

from exchange.errors import CorridorError
from exchange.limits import Limits, Timeouts
from nodes.api.problems import Problem
from nodes.api.validate import Judge, ours, validator_app
from nodes.listening import Door, ServiceError, at_work, listen, url_of

PATIENCE = 60.0
"""Wall seconds within which a document must have come."""
LIMITS = Limits(connections=256)
"""What is taken of connections and heads of requests; how long a document may be is the caller's to say."""
TIMEOUTS = Timeouts(shutdown=2.0)


async def serve(app: web.Application, host: str, port: int, started: Callable[[str], None]) -> None:
    """Serve ``app`` until a signal ends it; ``started`` is told the URL. Raise :class:`ServiceError` if the address
    cannot be had. Connections come through the door of the nodes, which bounds heads of requests in length and time."""
    sock = listen(host, port)
    app.middlewares.insert(0, at_work)
    runner = web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        keepalive_timeout=TIMEOUTS.keep_alive,
        shutdown_timeout=TIMEOUTS.shutdown,
    )
    door = Door(runner, sock, _unheard, limits=LIMITS, timeouts=TIMEOUTS)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    try:
        await runner.setup()
        await door.open()
        started(url_of(sock))
        await ended.wait()
    finally:
        await door.close()
        await runner.cleanup()
        sock.close()


def _unheard(problem: Problem, remote: str | None) -> None:
    """Nobody keeps the refusals of the stand-alone validator; the caller is told."""
    del problem, remote


def _judge(pack: Path | None) -> Judge:
    if pack is None:
        from exchange.validation.gates import warm

        warm()
        return ours
    from exchange.validation.packs import load_pack

    loaded = load_pack(pack)
    return lambda data, rules: loaded.validate(data, rules=rules)


def _tell(pack: Path | None, url: str) -> None:
    of = f" of {pack}" if pack is not None else ""
    print(f"validating messages{of} at {url}/validate; Ctrl-C ends", flush=True)


def validator_command(*, host: str, port: int, pack: Path | None, size: int) -> int:
    """Serve ``POST /validate`` on ``host`` and ``port`` (0: a free one) for documents of at most ``size`` bytes;
    return the exit code: 0 when stopped, 2 if it cannot start."""
    try:
        app = validator_app(size=size, patience=PATIENCE, judge=_judge(pack))
        asyncio.run(serve(app, host, port, partial(_tell, pack)))
    except (ServiceError, CorridorError) as error:
        print(f"corridor validator: {error}", file=sys.stderr)
        return 2
    return 0


__all__ = ["serve", "validator_command"]
