"""Operations: what the operator of a node can see of it."""

from __future__ import annotations

import re

from scenarios.conform.check import Book, NotApplicable, expect, expect_status
from scenarios.conform.checks.transport import some
from scenarios.conform.probe import Probe
from scenarios.conform.requirement import OPERATIONS, SEPARATE, requires
from scenarios.conform.wire import Exchange

BOOK = Book("operations", "O")
_SAMPLE = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*(\{[^\n]*\})? \S+( \d+)?")


async def figures(probe: Probe) -> Exchange:
    """Return the node's figures. Raise :class:`NotApplicable` if it has none."""
    answer = await probe.wire.ask("GET", "/metrics")
    if answer.status in (401, 403):
        answer = await probe.read("/metrics", probe.cast.operator)
    if answer.status == 404:
        raise NotApplicable("the node tells no figures: GET /metrics was answered 404")
    return answer


def value(answer: Exchange, name: str, *labels: str) -> float:
    """Return the sum of the samples of this name whose labels hold all of ``labels``."""
    total = 0.0
    for line in answer.body.decode(errors="replace").splitlines():
        if re.match(rf"{name}[{{ ]", line) and all(label in line for label in labels):
            total += float(line.rpartition(" ")[2])
    return total


@BOOK.check(1, "GET /metrics is Prometheus text", requires(OPERATIONS, "Figures"))
async def text(probe: Probe) -> None:
    answer = await figures(probe)
    expect_status(answer, 200)
    expect(answer.media_type == "text/plain", f"the type is {answer.media_type}")
    lines = [one for one in answer.body.decode(errors="replace").splitlines() if one and not one.startswith("#")]
    bad = [one for one in lines if not _SAMPLE.fullmatch(one)]
    expect(bool(lines) and not bad, f"no sample: {bad[0][:80]!r}" if bad else "there is not one sample")


@BOOK.check(2, "accepted messages are counted by their code", requires(OPERATIONS, "Figures"))
async def accepted(probe: Probe) -> None:
    name, label = "corridor_messages_accepted_total", 'code="ARR"'
    before = value(await figures(probe), name, label)
    await probe.accepted(some(probe))
    grown = value(await figures(probe), name, label) - before
    expect(grown >= 1, f"after a message of its post {name}{{{label}}} has grown by {grown:g}")


@BOOK.check(3, "refused requests are counted by their status", requires(OPERATIONS, "Figures"))
async def refused(probe: Probe) -> None:
    name, label = "corridor_requests_refused_total", 'status="401"'
    before = value(await figures(probe), name, label)
    answer = await probe.send(some(probe), token="")
    if answer.status != 401:
        raise NotApplicable(f"an unsigned message was answered {answer.status}, see S01")
    grown = value(await figures(probe), name, label) - before
    expect(grown >= 1, f"after an unsigned message {name}{{{label}}} has grown by {grown:g}")


def shown(answer: Exchange) -> Exchange:
    """Return an answer to GET /outbox; raise NotApplicable if the node has none."""
    if answer.status == 404:
        raise NotApplicable("the node shows no outbox: GET /outbox was answered 404")
    return answer


@BOOK.check(4, "GET /outbox shows its operator what waits", requires(OPERATIONS, "Delivery"))
async def outbox(probe: Probe) -> None:
    answer = shown(await probe.read("/outbox?limit=5", probe.cast.operator))
    expect_status(answer, 200)
    expect(isinstance(answer.document().get("messages"), list), 'the answer has no "messages": a list')


@BOOK.check(5, "GET /outbox is for the operator only", requires(OPERATIONS, "Delivery"))
async def others(probe: Probe) -> None:
    expect_status(shown(await probe.read("/outbox", probe.cast.post)), 403)


@BOOK.check(6, "GET /health asks for no credential, and is no message", requires(SEPARATE, "One service"))
async def health(probe: Probe) -> None:
    answer = await probe.wire.ask("GET", "/health")
    expect_status(answer, 200)
    expect(answer.media_type == "application/json", f"the type is {answer.media_type}")


__all__ = ["BOOK"]
