"""Waiting for what comes by itself, however busy the machine is: until it is there, not for a time that mostly does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

HANGS = 120.0
"""Wall seconds after which nobody waits any longer; far more than anything takes that is waited for."""


async def until(holds: Callable[[], bool] | Callable[[], Awaitable[bool]]) -> None:
    """Return once ``holds`` says so, which is asked again and again. Raise AssertionError if it never does."""
    loop = asyncio.get_running_loop()
    end = loop.time() + HANGS
    while True:
        said = holds()
        if said if isinstance(said, bool) else await said:
            return
        assert loop.time() < end, f"waited {HANGS:g} s for what did not come"
        await asyncio.sleep(0.01)


__all__ = ["HANGS", "until"]
