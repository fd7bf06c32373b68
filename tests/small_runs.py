"""One arm of a small scenario, and what its nodes hold afterwards."""

from __future__ import annotations

import asyncio

from exchange.messages import Message
from nodes.core import NodeCore
from scenarios.run import Job, conduct
from scenarios.scenario import Scenario


def held_after(scenario: Scenario, arm: str) -> tuple[tuple[Message, ...], dict[str, NodeCore]]:
    """Run ``arm`` with seed 1; return the messages that were accepted, each once, and the nodes by their countries."""
    nodes: dict[str, NodeCore] = {}
    job = Job(scenario=scenario, seed=1, run_id="small", replication=0, arm=arm, transport="memory")
    asyncio.run(conduct(job, keep=nodes.update))
    taken: dict[str, Message] = {}
    for core in nodes.values():
        for row in core.cases():
            for entry in core._cases[row["ucr"]].timeline:
                if entry.message is not None:
                    taken[f"{entry.message.header.sender} {entry.message.header.message_id}"] = entry.message
    return tuple(taken.values()), nodes


__all__ = ["held_after"]
