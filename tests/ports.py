"""Ports for those who must be told one before they listen."""

from __future__ import annotations

import os
import random
import socket
from contextlib import ExitStack, suppress
from itertools import count

_PORTS = range(10_000, 30_000)
"""Ports that the system hands out to nobody by itself, as it does those from 32768 on."""
_APART = 20
"""Ports from one row to the next; nobody asks for more."""
_TESTERS = 20
"""Processes of one run of the tests, each of which has rows of its own."""
_own = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _TESTERS
_turns = count(random.SystemRandom().randrange(len(_PORTS)) * _TESTERS + _own, _TESTERS)


def free_ports(number: int) -> int:
    """Return the first of ``number`` ports in a row that nobody listens on, and that this process was not given lately.

    They are let go of before whoever wants them is there. In between nobody takes them: no process that asks the system
    for a free port, nor another one of these tests.
    """
    for _ in range(len(_PORTS) // _APART // _TESTERS):
        first = _PORTS[next(_turns) * _APART % len(_PORTS)]
        with ExitStack() as taken, suppress(OSError):
            for port in range(first, first + number):
                taken.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
    raise AssertionError("no ports in a row are free")


__all__ = ["free_ports"]
