"""State: what a case allows, and what the node answers its own posts and traders."""

from __future__ import annotations

from typing import Any

from exchange.messages import ControlDecision, Message, RegistrationResult
from scenarios.conform.check import Book, Failed, NotApplicable, expect, expect_status
from scenarios.conform.probe import Probe
from scenarios.conform.requirement import CONTRACT, MESSAGES, RULES, requires
from scenarios.conform.story import Story
from scenarios.conform.wire import Exchange

BOOK = Book("state", "Z")
MOST_CONTROLS = 12
"""Controls that a node may demand one after the other before it is taken for one that never ends."""


async def registered(probe: Probe) -> tuple[Story, Message, Exchange]:
    """Return a story whose goods were declared, the declaration, and the answer."""
    story = probe.story()
    message = story.declaration(probe.declarant())
    return story, message, await probe.accepted(message)


async def later(probe: Probe, story: Story) -> None:
    """Let two seconds pass where a control may not begin before the goods were declared (PIX-035)."""
    if probe.stepped or probe.cast.presentation == "DEPARTURE":
        story.now = await probe.pass_time(2)


async def arrived(probe: Probe) -> tuple[Story, Message, Exchange]:
    """Return a story whose goods were told of and have arrived, the report, and the answer."""
    story = probe.story()
    await probe.tell_goods(story)
    await later(probe, story)
    message = story.arrival()
    return story, message, await probe.accepted(message)


def demanded(decision: ControlDecision) -> list[tuple[str, str]]:
    """Return the controls (form, extent) of a decision."""
    return [(control.form, control.extent) for control in decision.controls]


async def stopped(probe: Probe) -> tuple[Story, list[tuple[str, str]]]:
    """Return a story whose goods have arrived and wait for controls, and these. Raise :class:`NotApplicable` if the
    node demands none."""
    story, _, answer = await arrived(probe)
    controls = demanded(decision_of(probe, answer))
    if not controls:
        raise NotApplicable(f"the node demands no control of goods at {probe.cast.office}")
    return story, controls


def decision_of(probe: Probe, answer: Exchange) -> ControlDecision:
    """Return the CTD of an answer for a check that goes on from it. Raise :class:`NotApplicable` if there is none."""
    try:
        found: ControlDecision = probe.reply(answer, "CTD")
    except Failed as error:
        raise NotApplicable(f"the arrival was not answered by a control decision: {error}") from error
    return found


async def cleared(probe: Probe) -> Story:
    """Return a story whose goods have passed every control that the node demanded."""
    story, _, answer = await arrived(probe)
    await cleared_after(probe, story, answer)
    return story


async def cleared_after(probe: Probe, story: Story, answer: Exchange) -> None:
    """Report every control that the node demands after the arrival which it gave this answer to.

    Raise :class:`NotApplicable` if it never ends.
    """
    for _ in range(MOST_CONTROLS):
        controls = demanded(decision_of(probe, answer))
        if not controls:
            return
        answer = await probe.accepted(story.control(*controls[0]))
    raise NotApplicable(f"the node still demands controls after {MOST_CONTROLS} were made")


def rejection(probe: Probe, answer: Exchange, *codes: str) -> None:
    """Raise :class:`Failed` unless the answer holds an NCK with one of the ``codes``."""
    found: Any = probe.reply(answer, "NCK")
    given = [error.code for error in found.errors]
    expect(any(code in given for code in codes), f"the NCK has the codes {given}, not {' or '.join(codes)}")


@BOOK.check(
    1, "a declaration is registered under a number of the service", requires(MESSAGES, "REG, Registration result")
)
async def number(probe: Probe) -> None:
    _, _, answer = await registered(probe)
    found: RegistrationResult = probe.reply(answer, "REG")
    expect(found.result == "REGISTERED", f"the result is {found.result}")
    given = found.pi_number or ""
    expect(given.startswith(f"{probe.cast.country}/"), f"the number is {given!r}")


@BOOK.check(2, "a second declaration of the same goods is not registered", requires(CONTRACT, "States"))
async def declared_twice(probe: Probe) -> None:
    story, _, _ = await registered(probe)
    answer = await probe.accepted(story.declaration(probe.declarant()))
    found: RegistrationResult = probe.reply(answer, "REG")
    expect(found.result == "REFUSED", f"the result is {found.result}")
    expect(bool(found.reasons), "the refusal gives no reason")


@BOOK.check(3, "an arrival is answered by the controls required", requires(MESSAGES, "CTD, Control decision"))
async def decided(probe: Probe) -> None:
    _, _, answer = await arrived(probe)
    probe.reply(answer, "CTD")


@BOOK.check(
    4, "the control decision is for the office and side of the arrival", requires(MESSAGES, "CTD, Control decision")
)
async def decided_there(probe: Probe) -> None:
    _, _, answer = await arrived(probe)
    found = decision_of(probe, answer)
    there = (probe.cast.office, probe.cast.presentation)
    expect((found.office, found.presentation) == there, f"it is for {found.office}, {found.presentation}")
    expect(not found.before_arrival, "it says that the goods have not arrived")


@BOOK.check(5, "a control made is taken off the list of those required", requires(CONTRACT, "States"))
async def one_less(probe: Probe) -> None:
    story, controls = await stopped(probe)
    answer = await probe.accepted(story.control(*controls[0]))
    left = demanded(decision_of(probe, answer))
    expect(controls[0] not in left, f"{controls[0][0]} ({controls[0][1]}) is demanded again")


@BOOK.check(6, "when every control is made the list is empty", requires(CONTRACT, "States"))
async def empty(probe: Probe) -> None:
    try:
        await cleared(probe)
    except NotApplicable as reason:
        if "still demands" in str(reason):
            raise Failed(str(reason)) from reason
        raise


@BOOK.check(7, "goods may leave when every control is made", requires(CONTRACT, "States"))
async def leaves(probe: Probe) -> None:
    if probe.cast.presentation == "DEPARTURE":
        raise NotApplicable("goods leave their departure by DEP, not NCF")
    story = await cleared(probe)
    answer = await probe.accepted(story.crossing())
    codes = [one.CODE for one in probe.replies(answer)]
    expect("NCK" not in codes, "the crossing was rejected (NCK)")


@BOOK.check(8, "goods may not leave before: NCK 92", requires(RULES, "PIX-030"))
async def leaves_early(probe: Probe) -> None:
    story, _ = await stopped(probe)
    rejection(probe, await probe.accepted(story.crossing()), "92")


@BOOK.check(9, "a control that was not demanded is rejected: NCK 92", requires(RULES, "PIX-030"))
async def not_demanded(probe: Probe) -> None:
    story, _, answer = await arrived(probe)
    controls = demanded(decision_of(probe, answer))
    other = next(one for one in (("WEIGHING", "FULL"), ("PHYSICAL", "FULL"), ("SCAN", "FULL")) if one not in controls)
    rejection(probe, await probe.accepted(story.control(*other)), "92")


@BOOK.check(10, "an arrival reported twice is rejected: NCK 92", requires(RULES, "PIX-030"))
async def arrives_twice(probe: Probe) -> None:
    story, _, _ = await arrived(probe)
    rejection(probe, await probe.accepted(story.arrival()), "92")


@BOOK.check(11, "goods that nobody told of are rejected on arrival: NCK 90", requires(RULES, "PIX-040"))
async def unannounced(probe: Probe) -> None:
    rejection(probe, await probe.accepted(probe.story().arrival()), "90")


@BOOK.check(12, "a control of goods that have not arrived is rejected: NCK 92", requires(RULES, "PIX-030"))
async def controlled_early(probe: Probe) -> None:
    story = probe.story()
    await probe.tell_goods(story)
    await later(probe, story)
    rejection(probe, await probe.accepted(story.control("SCAN", "FULL")), "92")


@BOOK.check(13, "the case shows the side and what is required there", requires(CONTRACT, "Reads"))
async def side(probe: Probe) -> None:
    story, controls = await stopped(probe)
    answer = await probe.read(f"/cases/{story.ucr}", probe.cast.operator)
    expect_status(answer, 200)
    sides = answer.document().get("sides")
    shown = sides[0] if isinstance(sides, list) and sides and isinstance(sides[0], dict) else {}
    expect(shown.get("office") == probe.cast.office, f"the side is {shown.get('office')!r}")
    required = [(one.get("form"), one.get("extent")) for one in shown.get("required", []) if isinstance(one, dict)]
    expect(sorted(map(str, required)) == sorted(map(str, controls)), f"required are {required}, demanded {controls}")


@BOOK.check(14, "what a control found is kept in the case", requires(CONTRACT, "Reads"))
async def result_kept(probe: Probe) -> None:
    story, controls = await stopped(probe)
    await probe.accepted(story.control(*controls[0]))
    answer = await probe.read(f"/cases/{story.ucr}", probe.cast.operator)
    expect_status(answer, 200)
    results = answer.document().get("control_results")
    shown = [one.get("form") for one in results if isinstance(one, dict)] if isinstance(results, list) else []
    expect(shown == [controls[0][0]], f"one control ({controls[0][0]}) was made, the case has {shown}")


__all__ = ["BOOK"]
