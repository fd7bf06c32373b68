"""How a process of the bench is spoken to: orders come as lines of JSON on standard input, answers go out likewise."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any


class Told:
    """Standard input and output of this process as lines of JSON."""

    def tell(self, answer: dict[str, Any]) -> None:
        """Write one line."""
        print(json.dumps(answer), flush=True)

    async def orders(self) -> AsyncIterator[dict[str, Any]]:
        """Yield the orders until standard input ends."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            yield json.loads(line)


__all__ = ["Told"]
