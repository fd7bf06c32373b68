"""Handlers that do not keep their service alive."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakMethod

from aiohttp import web


def loosely(method: Callable[..., Awaitable[web.StreamResponse]]) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Return a handler or middleware that calls the bound ``method`` for as long as its object lives.

    aiohttp remembers handlers and applications in a cache of the whole process, long after a service has stopped; a
    bound method there would keep the node with all its cases.
    """
    found = WeakMethod(method)

    async def call(*args: Any, **named: Any) -> web.StreamResponse:
        bound = found()
        if bound is None:
            raise web.HTTPServiceUnavailable(text="this service has been stopped")
        return await bound(*args, **named)

    return call


__all__ = ["loosely"]
