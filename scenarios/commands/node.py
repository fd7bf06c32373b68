"""``corridor node``: one customs service as a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys

from exchange.errors import CorridorError
from nodes.logs import LogFormat, log_to
from scenarios.live.process import NodeOptions, run_node
from scenarios.scenario import ScenarioError

GOOD, WRONG = 0, 2


def node_command(options: NodeOptions, *, json_output: bool, log_format: LogFormat = "text") -> int:
    """Run the node of ``options`` until it is stopped; return the exit code: 0 when stopped, 2 if it cannot start or
    cannot go on.

    One line on standard output says where it listens, as JSON for programs; the log goes to standard error.
    """

    def tell(state: str, url: str) -> None:
        if json_output:
            line = json.dumps({"node": options.country, "url": url, "pid": os.getpid(), "status": state})
        elif state == "standby":
            line = f"{options.country} stands by at {url}: another process works on {_shown(options.store)}"
        else:
            clock = "stepped through POST /time" if options.stepped else "live"
            line = f"{options.country} listens at {url} ({clock}), store {_shown(options.store)}; Ctrl-C stops it"
        print(line, flush=True)

    log_to(node=options.country, kind=log_format)
    try:
        asyncio.run(run_node(options, tell))
    except (CorridorError, ScenarioError) as error:
        print(f"corridor node {options.country}: {error}", file=sys.stderr)
        return WRONG
    return GOOD


def _shown(store: str) -> str:
    """Return the URL of a store without a password."""
    scheme, mark, rest = store.partition("://")
    user, at, host = rest.rpartition("@")
    return f"{scheme}{mark}{user.partition(':')[0]}{at}{host}"


__all__ = ["node_command"]
