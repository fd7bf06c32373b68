"""``corridor bench exchange``: messages a second from node to node beside a bare echo of the same bytes.

Two nodes and the two ends of the echo are a process each. Nodes and echo take turns in slices, so that what else the
machine does hits both; each slice begins with nothing under way and ends when all that was begun is answered.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from exchange.codec import encode
from exchange.errors import CorridorError
from exchange.keyring import MEMBERS, make
from scenarios.throughput.processes import BenchFailed, Worker, memory_of, processor_of

GOOD, WRONG = 0, 2
SLICE = 2.0
"""Seconds of a slice, one of the nodes and one of the echo."""
LONG_SLICE = 10.0
"""Seconds of a slice of the nodes where so many messages are wanted."""
MARKS = (10_000, 25_000, 50_000, 100_000)
"""Counts of messages at which the memory of both nodes is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to measure: ``seconds`` of nodes and of echo each, or until ``messages`` are settled. ``store``: URL of the
    receiving node's store, a file in a temporary folder unless given."""

    seconds: float = 20.0
    connections: int = 64
    store: str | None = None
    messages: int | None = None


@dataclass(slots=True)
class _Measured:
    nodes: list[float] = field(default_factory=list)
    echo: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    settled: int = 0
    echoed: int = 0
    processor: dict[str, float | None] = field(default_factory=dict)
    spent: float = 0.0
    memory: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)


async def measure(wanted: Wanted, folder: Path, progress: Callable[[str], None]) -> dict[str, Any]:
    """Return the figures. Raise :class:`BenchFailed` if a process fails or a message is rejected."""
    from scenarios.throughput.sender import FROM, TO, sample

    port = _free_port()
    make(folder, {FROM: "http://127.0.0.1:1", TO: f"http://127.0.0.1:{port}"})
    body = folder / "body.xml"
    body.write_bytes(encode(sample()))
    store = wanted.store or f"sqlite:///{folder / TO}.sqlite"
    node = ["scenarios.cli", "node", TO, "--members", str(folder / MEMBERS), "--keys", str(folder), "--store", store]
    many = str(wanted.connections)
    worker = "scenarios.throughput.worker"
    sending = [worker, "send", str(folder), f"sqlite:///{folder / FROM}.sqlite", many]
    async with AsyncExitStack() as stack:

        async def start(name: str, arguments: list[str]) -> Worker:
            return await stack.enter_async_context(Worker(arguments, folder / f"{name}.log"))

        echo = await start("echo", [worker, "echo"])
        asker = await start("ask", [worker, "ask", echo.ready["url"], many, str(body)])
        receiver = await start("receiver", [*node, "--json", "--until-eof"])
        sender = await start("sender", sending)
        progress("warming up")
        await sender.run(1.0)
        await asker.run(1.0)
        found = _Measured()
        pids = {"sender": sender.pid, "receiver": receiver.pid, "echo_client": asker.pid, "echo_server": echo.pid}
        before = {name: processor_of(pid) for name, pid in pids.items()}
        while True:
            progress(f"{found.settled} messages")
            _add(found, await sender.run(SLICE if wanted.messages is None else LONG_SLICE))
            for mark in MARKS:
                if found.settled >= mark and str(mark) not in found.memory:
                    found.memory[str(mark)] = memory_of(sender.pid), memory_of(receiver.pid)
            told = await asker.run(SLICE)
            found.echo.append(told["messages"] / told["seconds"])
            found.echoed += told["messages"]
            enough = found.spent >= wanted.seconds if wanted.messages is None else found.settled >= wanted.messages
            if enough:
                break
        for name, pid in pids.items():
            used, count = processor_of(pid), found.echoed if name.startswith("echo") else found.settled
            begun = before[name]
            found.processor[name] = None if used is None or begun is None else (used - begun) / count
    return _figures(found)


def _add(found: _Measured, told: dict[str, Any]) -> None:
    if told["rejected"]:
        raise BenchFailed(f"the receiver rejected {told['rejected']} messages; that is a fault of ours")
    count = len(told["latencies"])
    found.nodes.append(count / told["seconds"])
    found.settled += count
    found.spent += told["seconds"]
    found.latencies.extend(told["latencies"])


def _figures(found: _Measured) -> dict[str, Any]:
    ratios = [node / echo for node, echo in zip(found.nodes, found.echo, strict=True)]
    latencies = sorted(found.latencies)
    figures: dict[str, Any] = {
        "messages_per_s": round(median(found.nodes)),
        "bare_echo_per_s": round(median(found.echo)),
        "ratio": round(median(ratios), 3),
        "p50_ms": _at(latencies, 0.50),
        "p99_ms": _at(latencies, 0.99),
        "messages": found.settled,
        "slices": len(ratios),
        "ratio_min": round(min(ratios), 3),
        "ratio_max": round(max(ratios), 3),
    }
    figures["processor_ms"] = {
        name: None if spent is None else round(spent * 1000, 3) for name, spent in found.processor.items()
    }
    if found.memory:
        for place, name in enumerate(("sender_memory_mb", "receiver_memory_mb")):
            figures[name] = {mark: _mb(sizes[place]) for mark, sizes in found.memory.items()}
    return figures


def _at(latencies: list[float], share: float) -> float:
    return round(latencies[min(int(len(latencies) * share), len(latencies) - 1)] * 1000, 1)


def _mb(size: int | None) -> float | None:
    return None if size is None else round(size / 1e6, 1)


def _free_port() -> int:
    from nodes.listening import listen

    with listen("127.0.0.1", 0) as sock:
        return int(sock.getsockname()[1])


def _told(figures: dict[str, Any], wanted: Wanted) -> str:
    lines = [
        f"{figures['messages']} messages over {wanted.connections} connections, in {figures['slices']} slices by turns",
        f"from node to node   {figures['messages_per_s']} messages/s, proven by receipt",
        f"bare echo           {figures['bare_echo_per_s']} requests/s with the same bytes",
        f"ratio               {figures['ratio']} ({figures['ratio_min']} to {figures['ratio_max']})",
        f"issued to receipt   {figures['p50_ms']} ms (median), {figures['p99_ms']} ms (99 of 100), under full load",
    ]
    for name, label in (("sender_memory_mb", "sender"), ("receiver_memory_mb", "receiver")):
        if name in figures:
            shown = ", ".join(f"{size} MB at {int(mark):,}" for mark, size in figures[name].items())
            lines.append(f"memory of the {label:<9}{shown}")
    return "\n".join(lines)


def bench_exchange(wanted: Wanted, *, json_output: bool) -> int:
    """Measure and print; return the exit code: 0, or 2 if it could not be measured."""

    def progress(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    try:
        with tempfile.TemporaryDirectory(prefix="corridor-bench-") as folder:
            figures = asyncio.run(measure(wanted, Path(folder), progress))
    except CorridorError as error:
        print(f"corridor bench exchange: {error}", file=sys.stderr)
        return WRONG
    print(json.dumps(figures) if json_output else _told(figures, wanted))
    return GOOD


__all__ = ["Wanted", "bench_exchange", "measure"]
