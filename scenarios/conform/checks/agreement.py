"""Agreements and roles: who may send what to the node."""

from __future__ import annotations

from typing import Any

from exchange.codec import encode
from exchange.messages import AdvanceDeclaration, WriteOff
from scenarios.conform.check import Book, NotApplicable, accepted, expect, expect_status
from scenarios.conform.probe import Probe
from scenarios.conform.requirement import AGREEMENTS, CONTRACT, RULES, SECURITY, requires
from scenarios.conform.story import Story

BOOK = Book("agreement", "A")


def refused(probe: Probe) -> tuple[Story, WriteOff]:
    """Return a message that no agreement covers, and its story."""
    story = probe.story()
    return story, story.write_off(probe.outsider())


@BOOK.check(1, "what an agreement in force covers is accepted", requires(AGREEMENTS, "How nodes use them"))
async def covered(probe: Probe) -> None:
    partner, story = probe.partner(), probe.story()
    message = story.record(partner) if probe.cast.before else story.write_off(partner)
    answer = await probe.send(message)
    expect(accepted(answer), f"{message.CODE} of {partner} was answered {answer.status}")


@BOOK.check(2, "what no agreement covers is refused with 403", requires(AGREEMENTS, "How nodes use them"))
async def not_covered(probe: Probe) -> None:
    _, message = refused(probe)
    expect_status(await probe.send(message), 403)


@BOOK.check(3, "the refusal says that it is for the agreement", requires(CONTRACT, "Refusals"))
async def reason(probe: Probe) -> None:
    _, message = refused(probe)
    answer = await probe.send(message)
    if answer.status < 400:
        raise NotApplicable(f"the message was answered {answer.status}, see A02")
    expect(answer.problem == "no-agreement", f"the type of the problem ends in {answer.problem!r}")


@BOOK.check(4, "what was refused is not stored", requires(CONTRACT, "Refusals"))
async def not_stored(probe: Probe) -> None:
    _, message = refused(probe)
    answer = await probe.send(message)
    if answer.status < 400:
        raise NotApplicable(f"the message was answered {answer.status}, see A02")
    expect_status(await probe.read(f"/messages/{message.header.message_id}", probe.cast.operator), 404)


@BOOK.check(5, "what was refused begins no case", requires(CONTRACT, "Refusals"))
async def no_case(probe: Probe) -> None:
    story, message = refused(probe)
    answer = await probe.send(message)
    if answer.status < 400:
        raise NotApplicable(f"the message was answered {answer.status}, see A02")
    expect_status(await probe.read(f"/cases/{story.ucr}", probe.cast.operator), 404)


@BOOK.check(
    6, "an invalid message that no agreement covers is refused as invalid first", requires(SECURITY, "Messages")
)
async def invalid_first(probe: Probe) -> None:
    _, message = refused(probe)
    data = encode(message).replace(b"<Result>A1</Result>", b"<Result>Z9</Result>")
    expect_status(await probe.send(data, sender=message.header.sender), 422)


@BOOK.check(7, "another country's post is refused with 403", requires(SECURITY, "Messages"))
async def foreign_post(probe: Probe) -> None:
    if probe.cast.foreign_post is None:
        raise NotApplicable("the scenario has no other country")
    office = probe.cast.foreign_post.partition(".")[2]
    stop = next(one for one in probe.cast.goods.itinerary if one.office == office)
    kind = {"DEP": "DEPARTURE", "EXT": "EXIT", "ENT": "ENTRY"}.get(stop.role, "DESTINATION")
    message = probe.story().arrival(probe.cast.foreign_post, office=office, presentation=kind)
    expect_status(await probe.send(message), 403)


@BOOK.check(8, "a post that declares goods is refused with 403", requires(SECURITY, "Messages"))
async def declaring_post(probe: Probe) -> None:
    probe.declarant()
    expect_status(await probe.send(probe.story().declaration(probe.cast.post)), 403)


@BOOK.check(9, "a service that declares goods is refused with 403", requires(SECURITY, "Messages"))
async def declaring_service(probe: Probe) -> None:
    probe.declarant()
    partner = probe.partner()
    message: AdvanceDeclaration = probe.story().declaration(partner)
    expect_status(await probe.send(message), 403)


@BOOK.check(10, "a trader who reports an arrival is refused with 403", requires(SECURITY, "Messages"))
async def reporting_trader(probe: Probe) -> None:
    expect_status(await probe.send(probe.story().arrival(probe.declarant())), 403)


@BOOK.check(11, "an operator who reports an arrival is refused with 403", requires(SECURITY, "Messages"))
async def reporting_operator(probe: Probe) -> None:
    expect_status(await probe.send(probe.story().arrival(probe.cast.operator)), 403)


@BOOK.check(12, "a message ahead of its predecessor is accepted and waits", requires(CONTRACT, "Order"))
async def parked(probe: Probe) -> None:
    message = probe.story().write_off(probe.partner())
    answer = await probe.send(message)
    expect(accepted(answer), f"WRO of a movement not told of yet was answered {answer.status}")


@BOOK.check(13, "what waited is applied when its predecessor comes", requires(CONTRACT, "Order"))
async def resumed(probe: Probe) -> None:
    partner, story = probe.partner(), probe.story()
    if not probe.cast.before:
        raise NotApplicable("no service tells this one of goods beforehand")
    await probe.accepted(story.write_off(partner))
    await probe.accepted(story.record(partner))

    async def states() -> Any:
        answer = await probe.read(f"/cases/{story.ucr}", probe.cast.operator)
        expect_status(answer, 200)
        movements = answer.document().get("movements")
        return [one.get("state") for one in movements] if isinstance(movements, list) else movements

    async def written_off() -> bool:
        return bool(await states() == ["WRITTEN_OFF"])

    await probe.settle(written_off)
    found = await states()
    expect(found == ["WRITTEN_OFF"], f"the movement that WRO ends is in state {found}")


@BOOK.check(14, "a second record of the same movement changes nothing", requires(RULES, "PIX-030"))
async def twice(probe: Probe) -> None:
    partner, story = probe.partner(), probe.story()
    if not probe.cast.before:
        raise NotApplicable("no service tells this one of goods beforehand")
    await probe.accepted(story.record(partner))
    answer = await probe.send(story.record(partner))
    expect(accepted(answer), f"the second was answered {answer.status}: what is wrong in the case becomes an NCK")
    view = await probe.read(f"/cases/{story.ucr}", probe.cast.operator)
    expect_status(view, 200)
    movements = view.document().get("movements")
    expect(isinstance(movements, list) and len(movements) == 1, f"the case has {movements!r} for movements")


__all__ = ["BOOK"]
