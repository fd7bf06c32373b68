"""Replay: at least once on the wire, exactly once in effect."""

from __future__ import annotations

from datetime import timedelta

from exchange.codec import encode
from exchange.http import ATTEMPT, REPLAYED
from scenarios.conform.check import Book, NotApplicable, accepted, expect, expect_status
from scenarios.conform.checks.transport import some
from scenarios.conform.probe import Probe
from scenarios.conform.requirement import CONTRACT, OPERATIONS, SECURITY, requires

BOOK = Book("replay", "P")
LONG = timedelta(minutes=10)


@BOOK.check(1, "the same message again is accepted again", requires(OPERATIONS, "Delivery"))
async def again(probe: Probe) -> None:
    message = some(probe)
    await probe.accepted(message)
    answer = await probe.send(message, more=[(ATTEMPT, "2")])
    expect(accepted(answer), f"the second attempt was answered {answer.status}")


@BOOK.check(2, "a repeated answer says so (Pix-Replayed), a first one does not", requires(OPERATIONS, "Delivery"))
async def said(probe: Probe) -> None:
    message = some(probe)
    first = await probe.accepted(message)
    expect(first.header(REPLAYED) is None, f"the first answer has {REPLAYED}")
    answer = await probe.accepted(message)
    expect(answer.header(REPLAYED) == "true", f"{REPLAYED} of the second answer is {answer.header(REPLAYED)!r}")


@BOOK.check(3, "the repeated answer has the first receipt", requires(OPERATIONS, "Delivery"))
async def same_receipt(probe: Probe) -> None:
    message = some(probe)
    first, second = await probe.accepted(message), await probe.accepted(message)
    same = first.document().get("receipt") == second.document().get("receipt")
    expect(same, "the second receipt is another than the first")


@BOOK.check(4, "the repeated answer has the first replies", requires(CONTRACT, "Handing in a message"))
async def same_replies(probe: Probe) -> None:
    message = some(probe)
    first, second = await probe.accepted(message), await probe.accepted(message)
    same = first.document().get("replies") == second.document().get("replies")
    expect(same, "the replies of the second answer are others than the first")


@BOOK.check(
    5, "a message that is known is answered before its signature's age is judged", requires(SECURITY, "Messages")
)
async def known_first(probe: Probe) -> None:
    message = some(probe)
    await probe.accepted(message)
    answer = await probe.send(message, iat=probe.now - LONG)
    expect(accepted(answer), f"a known message under an old signature was answered {answer.status}")


@BOOK.check(6, "other bytes under a used id are refused with 409", requires(SECURITY, "Messages"))
async def conflict(probe: Probe) -> None:
    data = encode(some(probe))
    first = await probe.send(data, sender=probe.cast.post)
    if not accepted(first):
        raise NotApplicable(f"its beginning was refused: the first message was answered {first.status}")
    expect_status(await probe.send(data + b"\n", sender=probe.cast.post), 409)


@BOOK.check(7, "other bytes under a used id do not take the place of the first", requires(CONTRACT, "Reads"))
async def not_replaced(probe: Probe) -> None:
    message = some(probe)
    await probe.accepted(message)
    data = encode(message)
    await probe.send(data + b"\n", sender=probe.cast.post)
    answer = await probe.read(f"/messages/{message.header.message_id}", probe.cast.post)
    if answer.status != 200:
        raise NotApplicable(f"the message cannot be read: GET was answered {answer.status}")
    expect(answer.body != data + b"\n", "the node gives out the second bytes under the id of the first")


@BOOK.check(8, "ids are the sender's own: another may use the same", requires(OPERATIONS, "Delivery"))
async def two_senders(probe: Probe) -> None:
    story = probe.story()
    other = probe.goods_message(story)
    mine = story.arrival()
    same = mine.header.model_copy(update={"message_id": other.header.message_id})
    await probe.accepted(other)
    answer = await probe.send(mine.model_copy(update={"header": same}))
    expect(accepted(answer), f"the second sender's message was answered {answer.status}")


@BOOK.check(9, "a repeated message leaves nothing in the ledger", requires(OPERATIONS, "Delivery"))
async def no_effect(probe: Probe) -> None:
    message = some(probe)
    await probe.accepted(message)
    before = await probe.read("/ledger/head", probe.cast.operator)
    await probe.accepted(message)
    after = await probe.read("/ledger/head", probe.cast.operator)
    if before.status != 200 or after.status != 200:
        raise NotApplicable(f"the end of the ledger cannot be read: GET was answered {before.status}")
    if probe.stepped:
        expect(before.body == after.body, "the ledger has grown by a message that it had already")
        return
    grown = _place(after.document().get("position")) - _place(before.document().get("position"))
    expect(grown == 0, f"the ledger has grown by {grown} entries; was the node asked by others meanwhile?")


def _place(position: object) -> int:
    return position if isinstance(position, int) else 0


__all__ = ["BOOK"]
