"""Reads: with a credential, and what concerns the reader only."""

from __future__ import annotations

from datetime import timedelta

from exchange.messages import Message
from scenarios.conform.check import Book, NotApplicable, expect, expect_status
from scenarios.conform.checks.transport import some
from scenarios.conform.probe import Probe
from scenarios.conform.requirement import CONTRACT, HTTP, SECURITY, requires

BOOK = Book("reads", "N")
LONG = timedelta(minutes=10)


async def path_of(probe: Probe) -> str:
    """Return where a message that was just accepted can be read."""
    message = some(probe)
    await probe.accepted(message)
    return f"/messages/{message.header.message_id}"


@BOOK.check(1, "a read without a credential is refused with 401", requires(SECURITY, "Reads"))
async def bare(probe: Probe) -> None:
    path = await path_of(probe)
    for one in (path, "/cases", "/ledger/head"):
        expect_status(await probe.read(one, probe.cast.post, bare=True), 401)


@BOOK.check(2, "401 of a read names a way to authenticate", requires(HTTP, "11.6.1"))
async def challenge(probe: Probe) -> None:
    answer = await probe.read("/cases", probe.cast.post, bare=True)
    if answer.status != 401:
        raise NotApplicable(f"a read without a credential was answered {answer.status}, see N01")
    expect(answer.header("WWW-Authenticate") is not None, f"the answer {answer.status} has no WWW-Authenticate")


@BOOK.check(3, "a credential for another call is refused with 401", requires(SECURITY, "Reads"))
async def other_call(probe: Probe) -> None:
    path = await path_of(probe)
    expect_status(await probe.read(path, probe.cast.post, signed="/cases"), 401)


@BOOK.check(4, "a credential of ten minutes ago is refused with 401", requires(SECURITY, "Reads"))
async def stale(probe: Probe) -> None:
    path = await path_of(probe)
    expect_status(await probe.read(path, probe.cast.post, at=probe.now - LONG), 401)


@BOOK.check(5, "the operator reads every message", requires(SECURITY, "Reads"))
async def operator(probe: Probe) -> None:
    expect_status(await probe.read(await path_of(probe), probe.cast.operator), 200)


@BOOK.check(6, "another's message is answered like one that does not exist", requires(SECURITY, "Reads"))
async def hidden(probe: Probe) -> None:
    path = await path_of(probe)
    expect_status(await probe.read(path, probe.partner()), 404)


@BOOK.check(7, "a message that does not exist is answered 404", requires(HTTP, "15.5.5"))
async def unknown(probe: Probe) -> None:
    message = some(probe)
    expect_status(await probe.read(f"/messages/{message.header.message_id}", probe.cast.post), 404)


@BOOK.check(8, "the operator reads the case, with its messages in the timeline", requires(CONTRACT, "Reads"))
async def case(probe: Probe) -> None:
    told = await announced(probe)
    answer = await probe.read(f"/cases/{told.ucr}", probe.cast.operator)
    expect_status(answer, 200)
    document = answer.document()
    expect(document.get("ucr") == told.ucr, f"the case is {document.get('ucr')!r}")
    timeline = document.get("timeline")
    ids = [one.get("id") for one in timeline if isinstance(one, dict)] if isinstance(timeline, list) else []
    expect(told.header.message_id in ids, "the message that began the case is not in its timeline")


@BOOK.check(9, "who has no part in a case is answered as if there were none", requires(SECURITY, "Reads"))
async def no_part(probe: Probe) -> None:
    outsider = probe.outsider()
    told = await announced(probe)
    expect_status(await probe.read(f"/cases/{told.ucr}", outsider), 404)


@BOOK.check(10, "who has told of the goods reads the case", requires(SECURITY, "Reads"))
async def part(probe: Probe) -> None:
    told = await announced(probe)
    expect_status(await probe.read(f"/cases/{told.ucr}", told.header.sender), 200)


@BOOK.check(11, "GET /cases lists the case, and a limit is kept", requires(CONTRACT, "Reads"))
async def listed(probe: Probe) -> None:
    told = await announced(probe)
    answer = await probe.read("/cases?limit=1", probe.cast.operator)
    expect_status(answer, 200)
    rows = answer.document().get("cases")
    ucrs = [row.get("ucr") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else None
    expect(ucrs == [told.ucr], f"the latest case is {told.ucr}, the list has {ucrs}")


@BOOK.check(12, "a limit that is no number is refused with 400", requires(CONTRACT, "Reads"))
async def bad_limit(probe: Probe) -> None:
    expect_status(await probe.read("/cases?limit=many", probe.cast.operator), 400)


async def announced(probe: Probe) -> Message:
    """Return the message that told the node of goods, accepted."""
    message = probe.goods_message(probe.story())
    await probe.accepted(message)
    return message


__all__ = ["BOOK"]
