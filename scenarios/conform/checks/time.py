"""Time: a stepped node lives by the time it is told, a live one by the clock."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from exchange.http import NEXT_DUE, NOTHING_DUE, TIME
from exchange.messages import format_time
from scenarios.conform.check import Book, NotApplicable, accepted, expect, expect_status
from scenarios.conform.checks.transport import some
from scenarios.conform.probe import Probe, receipt_claims, time_of
from scenarios.conform.requirement import CONTRACT, SECURITY, SEPARATE, requires
from scenarios.conform.wire import Exchange

BOOK = Book("time", "C")
STEP = 20
"""Seconds by which the time is moved: all steps together stay within the replay window, so that a node which ignores
the time it is told fails here and nowhere else."""
CLOSE = timedelta(seconds=60)
"""How far a live node's clock may be from ours."""


def stepped(probe: Probe) -> None:
    """Raise :class:`NotApplicable` for a live node."""
    if not probe.stepped:
        raise NotApplicable("the node is live: nobody tells it the time")


def live(probe: Probe) -> None:
    """Raise :class:`NotApplicable` for a stepped node."""
    if probe.stepped:
        raise NotApplicable("the node is stepped: it has no clock of its own")


def receipted_at(answer: Exchange) -> datetime:
    """Return the time that the receipt of an answer states. Raise :class:`Failed` if it states none."""
    return time_of(receipt_claims(answer).get("time"), "the time of the receipt")


def told(now: datetime) -> bytes:
    """Return the body that tells a node the time."""
    return json.dumps({"now": format_time(now)}).encode()


@BOOK.check(1, "Pix-Time moves a stepped node's clock", requires(CONTRACT, "Time"))
async def moved(probe: Probe) -> None:
    stepped(probe)
    now = await probe.pass_time(STEP)
    answer = await probe.accepted(some(probe))
    at = receipted_at(answer)
    expect(at >= now, f"told {format_time(now)}, it receipts at {format_time(at)}")


@BOOK.check(2, "an earlier Pix-Time does not set the clock back", requires(CONTRACT, "Time"))
async def not_back(probe: Probe) -> None:
    stepped(probe)
    before = receipted_at(await probe.accepted(some(probe)))
    answer = await probe.send(some(probe), told=before - timedelta(seconds=STEP))
    expect(accepted(answer), f"a message that tells an earlier time was answered {answer.status}")
    at = receipted_at(answer)
    expect(at >= before, f"it was {format_time(before)}, and then receipts at {format_time(at)}")


@BOOK.check(3, "a Pix-Time that is no time is refused with 400", requires(CONTRACT, "Time"))
async def no_time(probe: Probe) -> None:
    stepped(probe)
    headers = [("Content-Type", "application/xml"), (TIME, "yesterday")]
    expect_status(await probe.wire.ask("POST", "/messages", headers, b"<a/>"), 400)


@BOOK.check(4, "every answer of a stepped node says when it is due next", requires(CONTRACT, "Time"))
async def next_due(probe: Probe) -> None:
    stepped(probe)
    for answer in (await probe.send(some(probe)), await probe.send(some(probe), token="")):
        due = answer.header(NEXT_DUE)
        expect(due is not None, f"the answer {answer.status} has no {NEXT_DUE}")
        if due != NOTHING_DUE:
            time_of(due or "", NEXT_DUE)


@BOOK.check(5, "POST /time of the operator tells the time", requires(CONTRACT, "Time"))
async def stepping(probe: Probe) -> None:
    stepped(probe)
    now = probe.now + timedelta(seconds=STEP)
    answer = await probe.tell_time(told(now), probe.cast.operator, told=now)
    probe.set_now(now)
    expect_status(answer, 200)
    at = time_of(answer.document().get("now"), "now")
    expect(at >= now, f"told {format_time(now)}, it says it is {format_time(at)}")


@BOOK.check(6, "POST /time answers next_due and partners", requires(CONTRACT, "Time"))
async def step_answer(probe: Probe) -> None:
    stepped(probe)
    answer = await probe.tell_time(told(probe.now), probe.cast.operator)
    expect_status(answer, 200)
    document = answer.document()
    expect("next_due" in document, "the answer has no next_due")
    if document["next_due"] is not None:
        time_of(document["next_due"], "next_due")
    expect(isinstance(document.get("partners"), dict), "partners is an object")


@BOOK.check(7, "POST /time of others is refused with 403", requires(SECURITY, "Reads"))
async def others_step(probe: Probe) -> None:
    stepped(probe)
    expect_status(await probe.tell_time(told(probe.now), probe.cast.post), 403)


@BOOK.check(8, "POST /time without a credential is refused with 401", requires(SECURITY, "Reads"))
async def nobody_steps(probe: Probe) -> None:
    stepped(probe)
    expect_status(await probe.tell_time(told(probe.now), probe.cast.operator, bare=True), 401)


@BOOK.check(9, "POST /time with anything but a time is refused with 400", requires(CONTRACT, "Time"))
async def bad_step(probe: Probe) -> None:
    stepped(probe)
    expect_status(await probe.tell_time(b'{"now": "soon"}', probe.cast.operator), 400)


@BOOK.check(10, "a live node has no POST /time", requires(CONTRACT, "Time"))
async def not_stepped(probe: Probe) -> None:
    live(probe)
    expect_status(await probe.tell_time(told(probe.now), probe.cast.operator), 404)


@BOOK.check(11, "a live node's clock is right", requires(SEPARATE, "One service"))
async def clock(probe: Probe) -> None:
    live(probe)
    from datetime import UTC

    at = receipted_at(await probe.accepted(some(probe)))
    off = at - datetime.now(UTC)
    expect(abs(off) <= CLOSE, f"its receipt is {abs(off).total_seconds():.0f} s {'late' if off < -off else 'early'}")


@BOOK.check(12, "a live node does not let Pix-Time move its clock", requires(CONTRACT, "Time"))
async def not_told(probe: Probe) -> None:
    live(probe)
    ahead = probe.now + timedelta(days=1)
    answer = await probe.send(some(probe), more=[(TIME, format_time(ahead))])
    expect(accepted(answer), f"a message with {TIME} was answered {answer.status}")
    expect(receipted_at(answer) < ahead - timedelta(hours=1), f"it receipts at the {TIME} it was told")


__all__ = ["BOOK"]
