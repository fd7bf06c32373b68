"""One process of ``corridor bench exchange``, which starts it as ``python -m scenarios.throughput.worker ROLE …``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from nodes.logs import log_to
from scenarios.throughput.lines import Told


def main(arguments: list[str]) -> None:
    """Work as ``echo``, ``ask URL CONNECTIONS FILE`` or ``send FOLDER STORE CONNECTIONS`` until standard input ends."""
    told = Told()
    role, *rest = arguments
    if role == "send":
        from scenarios.throughput.sender import FROM, send

        log_to(node=FROM)
        asyncio.run(send(told, Path(rest[0]), rest[1], int(rest[2])))
    elif role == "ask":
        from scenarios.throughput.echo import ask

        asyncio.run(ask(told, rest[0], int(rest[1]), Path(rest[2]).read_bytes()))
    else:
        from scenarios.throughput.echo import serve

        asyncio.run(serve(told))


if __name__ == "__main__":
    main(sys.argv[1:])
