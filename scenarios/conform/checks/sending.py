"""Sending: what the node says by itself arrives at its partner, once in effect, whatever happens on the way.

The run plays the partner from whose country the goods come: the post reports their arrival, the node passes it on.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations

from exchange.http import XML
from exchange.signatures import BadSignature, verify_bytes
from scenarios.conform.check import Book, Failed, NotApplicable, expect
from scenarios.conform.checks.state import cleared_after, later
from scenarios.conform.partner import Came, Manner, Partner
from scenarios.conform.probe import Probe, expect_valid
from scenarios.conform.requirement import AGREEMENTS, CONTRACT, JWS, OPERATIONS, VALIDATE, requires
from scenarios.conform.story import Story
from scenarios.conform.wire import Exchange

BOOK = Book("sending", "D")
CLOSE = timedelta(minutes=5)
REST = 30
"""Seconds of node time for which a stepped node is watched for what it should not send again."""
SHORT_REST = 5
"""Seconds after which all that was said is due."""


async def arrived(probe: Probe, manner: Manner = "takes") -> tuple[Partner, Story, Exchange]:
    """Let goods of which the partner told arrive while it answers in this manner; return it, the story, the answer.

    Raise :class:`NotApplicable` if the run plays no partner, or none that tells this service of goods, or nothing came
    of an arrival before: a live node would be waited for anew each time.
    """
    partner = probe.endpoint()
    if partner.waited_in_vain:
        raise NotApplicable("nothing came of the arrival, see D01")
    name = probe.partner()
    if not probe.cast.before:
        raise NotApplicable("no service tells this one of goods beforehand")
    story = probe.story()
    partner.manner = manner
    await probe.accepted(story.record(name))
    await later(probe, story)
    return partner, story, await probe.accepted(story.arrival())


async def comes(probe: Probe, partner: Partner, story: Story) -> bool:
    """Return whether anything comes of the arrival, in time."""
    found = await probe.let(lambda: bool(partner.of(story.ucr)))
    partner.waited_in_vain = not found
    return found


async def first(probe: Probe) -> Came:
    """Return the first that the node sent of an arrival. Raise :class:`NotApplicable` if nothing came."""
    partner, story, _ = await arrived(probe)
    if not await comes(probe, partner, story):
        raise NotApplicable("nothing came of the arrival, see D01")
    return partner.of(story.ucr)[0]


async def tried(probe: Probe, manner: Manner) -> tuple[Partner, Story, int]:
    """Return partner and story after the node has met this manner once, and how often it sent; the partner takes
    from then on. Raise :class:`NotApplicable` if nothing came."""
    partner, story, _ = await arrived(probe, manner)
    if not await comes(probe, partner, story):
        partner.manner = "takes"
        raise NotApplicable("nothing came of the arrival, see D01")
    partner.manner = "takes"
    return partner, story, len(partner.of(story.ucr))


async def comes_again(probe: Probe, manner: Manner, otherwise: str) -> tuple[Came, Came]:
    """Return what came first and what came of the same message after that manner; raise :class:`Failed` if nothing."""
    partner, story, before = await tried(probe, manner)
    came = partner.of(story.ucr)
    one = came[0]

    def again() -> bool:
        return any(two.id == one.id and two.status == 202 for two in partner.of(story.ucr)[before:])

    expect(await probe.let(again), otherwise)
    return one, next(two for two in partner.of(story.ucr)[before:] if two.id == one.id)


async def stays_away(probe: Probe, manner: Manner, otherwise: str) -> None:
    """Raise :class:`Failed` with ``otherwise`` if a message that was answered in this manner comes again."""
    partner, story, before = await tried(probe, manner)
    ids = {one.id for one in partner.of(story.ucr)[:before]}
    await probe.rest(REST)
    came = [one.id for one in partner.of(story.ucr) if one.id in ids]
    expect(len(came) == len(ids), otherwise)


@BOOK.check(1, "an arrival is told to the service that the goods came from", requires(CONTRACT, "Sending"))
async def told(probe: Probe) -> None:
    partner, story, _ = await arrived(probe)
    name = probe.partner()
    place, told = f"{partner.url}/{name}", probe.trust.members.url(name)
    other = f"; the members file says that {name} is at {told}" if told not in (None, place) else ""
    expect(await comes(probe, partner, story), f"nothing came at {place}{other}")


@BOOK.check(2, "what it sends is signed with its key over the exact bytes", requires(JWS, "appendix F"))
async def signed(probe: Probe) -> None:
    came = await first(probe)
    try:
        proof = verify_bytes(came.signature, came.data, probe.trust.members.finder(probe.now))
    except BadSignature as error:
        raise Failed(f"the signature does not hold: {error}") from error
    owner = probe.trust.members.owner(proof.kid)
    expect(owner == probe.cast.country, f"it is signed by {owner}")


@BOOK.check(3, "its signature was made within five minutes of sending", requires(CONTRACT, "Signatures"))
async def fresh(probe: Probe) -> None:
    came = await first(probe)
    try:
        proof = verify_bytes(came.signature, came.data, probe.trust.members.finder(probe.now))
    except BadSignature as error:
        raise NotApplicable("the signature does not hold, see D02") from error
    off = abs(proof.iat - came.at)
    expect(off <= CLOSE, f"it was signed {off.total_seconds():.0f} s from node time")


@BOOK.check(4, "what it sends is a message from it, to the partner, as application/xml", requires(CONTRACT, "Sending"))
async def addressed(probe: Probe) -> None:
    came = await first(probe)
    assert came.message is not None
    head = came.message.header
    expect((head.sender, head.recipient) == (probe.cast.country, probe.partner()), f"{head.sender} to {head.recipient}")
    expect(came.media_type == XML, f"the type is {came.media_type}")


@BOOK.check(5, "what it sends names an agreement that covers it", requires(AGREEMENTS, "How nodes use them"))
async def covered(probe: Probe) -> None:
    came = await first(probe)
    assert came.message is not None
    named = came.message.header.agreement_id
    good = probe.covering(came.message.CODE)
    expect(named in good, f"it names {named!r}; {came.message.CODE} is covered by {', '.join(good) or 'none'}")


@BOOK.check(6, "a partner that is busy (503) gets it again: the same id and bytes", requires(OPERATIONS, "Delivery"))
async def busy(probe: Probe) -> None:
    one, two = await comes_again(probe, "is busy", "after 503 it did not come again")
    expect(one.data == two.data, "the same id came again with other bytes")


@BOOK.check(7, "an answer that was lost is asked for again: the same id and bytes", requires(OPERATIONS, "Delivery"))
async def lost(probe: Probe) -> None:
    one, two = await comes_again(probe, "loses the answer", "without an answer it did not come again")
    expect(one.data == two.data, "the same id came again with other bytes")


@BOOK.check(8, "what the partner has receipted is not sent again", requires(OPERATIONS, "Delivery"))
async def once(probe: Probe) -> None:
    await stays_away(probe, "takes", "it came again, though the partner's receipt was given")


@BOOK.check(9, "what the partner has refused (422) is not sent again", requires(OPERATIONS, "Delivery"))
async def refused(probe: Probe) -> None:
    await stays_away(probe, "refuses", "it came again, though the partner refused it for good")


@BOOK.check(10, "a receipt of other bytes is no receipt: it comes again", requires(OPERATIONS, "Delivery"))
async def lied(probe: Probe) -> None:
    await comes_again(probe, "lies", "it was content with a receipt of something else")


@BOOK.check(
    11,
    "what waited while the partner was away comes whole, and in its order",
    requires(OPERATIONS, "Delivery"),
)
async def waited(probe: Probe) -> None:
    if probe.cast.presentation == "DEPARTURE":
        raise NotApplicable("goods leave their departure by DEP, not NCF")
    partner, story, answer = await arrived(probe, "is busy")

    def came() -> list[Came]:
        about, to = partner.of(story.ucr), probe.partner()
        return [one for one in about if one.message is not None and one.message.header.recipient == to]

    try:
        await cleared_after(probe, story, answer)
        await probe.accepted(story.crossing())
        turned_away = await probe.let(lambda: bool(came()))
        await probe.rest(SHORT_REST)
    finally:
        partner.manner = "takes"
    if not turned_away:
        raise NotApplicable("nothing came of the arrival, see D01")

    def taken() -> list[Came]:
        first_of: dict[str, Came] = {}
        for one in came():
            if one.status == 202:
                first_of.setdefault(one.id, one)
        return list(first_of.values())

    whole = await probe.let(lambda: {"ARR", "NCF"} <= {one.code for one in taken()})
    found = taken()
    codes = ", ".join(one.code for one in found)
    expect(whole, f"of the arrival and the crossing came {codes or 'nothing'}")
    for earlier, later_one in combinations(found, 2):
        expect(
            earlier.ordinal < later_one.ordinal or not earlier.before(later_one),
            f"messages {earlier.ordinal} ({earlier.code}) and {later_one.ordinal} ({later_one.code}) of its count came"
            " in this order",
        )


@BOOK.check(12, "what it sends is a valid message: it passes the gates", requires(VALIDATE, "The gates"))
async def valid(probe: Probe) -> None:
    came = await first(probe)
    expect_valid(came.data, came.code)


__all__ = ["BOOK"]
