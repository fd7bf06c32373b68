"""A control result that travels from service to service: passed on, recognised as its originator's, and proven.

The journey is from Beijing over Mongolia to Ulan-Ude: the services of China, Mongolia and Russia.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from exchange.agreements import Agreements, registry
from exchange.codec import encode
from exchange.luck import Luck
from exchange.members import Member, Members
from exchange.messages import (
    AdvanceDeclaration,
    ArrivalAdvice,
    Consignment,
    ControlResult,
    Header,
    ItineraryStop,
    Message,
    Place,
    RecognitionResponse,
    SealFound,
)
from exchange.origin import NotProven, prove
from exchange.references import message_id
from exchange.signatures import PrivateKey
from nodes.core import NodeCore
from nodes.profile import Profile, SidePolicy
from nodes.standing import Standing
from scenarios.transport_memory import MemoryTransport
from tests.journey import START, consignment, demanded

UCR = "9CNBJ001-T01C1.ABCDEFGB"
STOPS = (
    ("9930", "CN", "DEP", 0.0),
    ("9931", "CN", "EXT", 2.0),
    ("99301", "MN", "ENT", 2.5),
    ("99302", "MN", "EXT", 6.0),
    ("99602010", "RU", "ENT", 6.5),
    ("99602020", "RU", "DES", 8.0),
)
COUNTRY = {office: country for office, country, _, _ in STOPS}
POLICIES: Mapping[tuple[str, str], SidePolicy] = {
    ("9930", "DEPARTURE"): SidePolicy(documentary="CHECK", scheme=("SCAN",)),
    ("9931", "EXIT"): SidePolicy(),
    ("99301", "ENTRY"): SidePolicy(documentary="CAPTURE_AND_CHECK", shares={"SCAN": 1.0}),
    ("99302", "EXIT"): SidePolicy(),
    ("99602010", "ENTRY"): SidePolicy(documentary="CAPTURE_AND_CHECK", shares={"SCAN": 1.0}),
    ("99602020", "DESTINATION"): SidePolicy(),
}
RECOGNITION = "recognition-ru-cn-mn"


def agreements(**changes: Any) -> Agreements:
    """Return the registry with the corridor's agreements in force, that on recognition with ``changes``."""
    known = registry().with_statuses({RECOGNITION: "in force", "information-cn-mn-ru": "in force"})
    return Agreements(replace(one, **changes) if one.id == RECOGNITION else one for one in known)


def goods(**changes: Any) -> Consignment:
    """Return tomato paste on its way."""
    item = consignment().goods_items[0].model_copy(update={"hs_code": "200290", "description": "Tomato paste"})
    itinerary = tuple(
        ItineraryStop(
            sequence_number=n, office=office, country_code=country, role=role,
            place=Place(country_code=country, name=f"Place {n}"), eta=START + timedelta(days=days),
        )
        for n, (office, country, role, days) in enumerate(STOPS, 1)
    )  # fmt: skip
    about: dict[str, Any] = {"country_of_destination": "RU", "goods_items": (item,), "itinerary": itinerary}
    return consignment(**(about | changes))


class Chain:
    """The nodes of China, Mongolia and Russia in memory. ``terms``: who knows the agreements otherwise."""

    def __init__(self, terms: Mapping[str, Agreements] | None = None, **profile: Any) -> None:
        self.now = START - timedelta(days=1)
        self.goods = goods()
        self.cores = {
            country: NodeCore(
                Standing(
                    profile=Profile(
                        country=country,
                        policies={key: one for key, one in POLICIES.items() if COUNTRY[key[0]] == country},
                        luck=Luck(1),
                        **({"residual": 0.0} | profile),
                    ),
                    agreements=(terms or {}).get(country) or agreements(),
                    participants=frozenset(),
                    carriers={},
                )
            )
            for country in ("CN", "MN", "RU")
        }
        self.transport = MemoryTransport(self.cores, keep_xml=True)
        self._ordinals: dict[str, int] = {}

    def header(self, code: str, sender: str, recipient: str) -> Header:
        ordinal = self._ordinals[sender] = self._ordinals.get(sender, 100) + 1
        return Header(
            message_id=message_id(sender, recipient, code, UCR, ordinal), message_type=code, sender=sender,
            recipient=recipient, sent_at=self.now, ordinal=ordinal, test_indicator=True,
        )  # fmt: skip

    async def tell(self, cls: type[Message], sender: str, **body: Any) -> tuple[Message, ...]:
        """Send a post's or trader's message to its node; return the replies."""
        header = self.header(cls.CODE, sender, sender[:2])
        [replies] = await self.transport.ask(self.now, [cls(header=header, ucr=UCR, **body)])
        return replies

    def hear(self, message: Message) -> tuple[Message, ...]:
        """Let a node decide on a partner's message, and return what it makes of it; what it sends goes nowhere."""
        decision = self.cores[message.header.recipient].decide(message, self.now)
        assert decision.refusal is None, decision.refusal
        return (*decision.reply, *(outgoing.message for outgoing in decision.send))

    async def wait(self, **duration: float) -> None:
        """Let time pass; nodes do what comes due on the way."""
        until = self.now + timedelta(**duration)
        while True:
            due = min((at for at in self.transport.next_due().values() if at is not None), default=until)
            if due >= until:
                break
            self.now = max(self.now, due)
            for country, at in sorted(self.transport.next_due().items()):
                if at is not None and at <= self.now:
                    await self.transport.advance(country, self.now)
        self.now = until

    async def control(self, office: str, presentation: str, form: str, act: str, **body: Any) -> tuple[Message, ...]:
        """The post reports a control."""
        values: dict[str, Any] = {
            "extent": "CHECK" if form == "DOCUMENTARY" else "FULL", "result": "A1", "offence_indicator": False,
            "began_at": self.now - timedelta(hours=1), "ended_at": self.now,
        }  # fmt: skip
        return await self.tell(
            ControlResult, f"{COUNTRY[office]}.{office}", act_number=act, office=office, presentation=presentation,
            form=form, **(values | body),
        )  # fmt: skip

    async def arrive(self, office: str, presentation: str, **body: Any) -> list[tuple[str, str]]:
        """The post reports the goods; return the controls that its node demands."""
        seals = (SealFound(sequence_number=1, id="CN0001", state="INTACT"),)
        values = {"seals_found": seals, "arrived_at": self.now, **body}
        post = f"{COUNTRY[office]}.{office}"
        return demanded(await self.tell(ArrivalAdvice, post, office=office, presentation=presentation, **values))

    async def leave(self) -> None:
        """Declare, scan and release the goods at Beijing; all that is told of it has come."""
        await self.tell(AdvanceDeclaration, "CN.BJ001", kind="EXPORT_TRANSIT", office="9930", consignment=self.goods)
        assert await self.arrive("9930", "DEPARTURE") == [("DOCUMENTARY", "CHECK"), ("SCAN", "FULL")]
        await self.wait(hours=2)
        await self.control("9930", "DEPARTURE", "DOCUMENTARY", "9930/1")
        await self.control("9930", "DEPARTURE", "SCAN", "9930/2")
        await self.wait(minutes=10)

    def told(self, code: str, sender: str, recipient: str) -> list[Any]:
        """Return the messages of ``code`` that the sender issued to the recipient, in their order."""
        case = self.cores[sender].case(UCR)
        assert case is not None
        issued = [entry.message for entry in case.timeline if entry.kind == "issued"]
        return [m for m in issued if m is not None and code == m.CODE and m.header.recipient == recipient]

    def offer(self, country: str) -> Any:
        """Return what became of China's scan at a node."""
        case = self.cores[country].case(UCR)
        assert case is not None
        return next(offer for offer in case.offers.values() if offer.result.form == "SCAN")


async def test_a_result_goes_to_the_next_service_which_passes_it_on() -> None:
    chain = Chain()
    await chain.leave()
    assert chain.told("CTR", "CN", "RU") == []
    [first] = chain.told("CTR", "CN", "MN")
    [second] = chain.told("CTR", "MN", "RU")
    assert (first.may_forward, second.may_forward) == (True, True)
    assert (second.act_number, second.office, second.ended_at) == (first.act_number, "9930", first.ended_at)
    assert second.header.correlation_id == first.header.message_id
    assert (chain.offer("RU").outcome, chain.offer("RU").stage) == ("ACCEPTED", "CONDITIONAL")
    answers = chain.told("RCG", "MN", "CN")
    assert {(a.office, a.outcome, a.control_result_id) for a in answers} == {
        (office, "ACCEPTED", first.header.message_id) for office in ("99301", "99602010")
    }
    assert chain.offer("MN").outcome == "ACCEPTED"


async def test_it_stands_for_the_scan_at_both_borders_and_china_hears_that_it_was_confirmed() -> None:
    chain = Chain()
    await chain.leave()
    await chain.wait(days=3)
    for office in ("99301", "99602010"):
        assert ("SCAN", "FULL") not in await chain.arrive(office, "ENTRY")
        await chain.wait(days=3)
    confirmed = [a.office for a in chain.told("RCG", "MN", "CN") if a.stage == "CONFIRMED"]
    assert confirmed == ["99301", "99602010"]


async def test_what_lapses_at_one_border_still_counts_at_the_other() -> None:
    """Each service goes by what its own post finds."""
    chain = Chain()
    await chain.leave()
    await chain.wait(days=3)
    broken = (SealFound(sequence_number=1, id="CN0001", state="BROKEN"),)
    assert ("SCAN", "FULL") in await chain.arrive("99301", "ENTRY", seals_found=broken)
    assert (chain.offer("MN").outcome, chain.offer("MN").reasons) == ("REFUSED", ("SEAL",))
    assert chain.offer("RU").outcome == "ACCEPTED"
    await chain.wait(days=3)
    heavy = {"found_mass": Decimal("20500")}  # 18,000 kg declared
    assert ("SCAN", "FULL") in await chain.arrive("99602010", "ENTRY", **heavy)
    assert (chain.offer("RU").outcome, chain.offer("RU").reasons) == ("REFUSED", ("MASS",))
    await chain.wait(minutes=5)
    lapsed = [(a.office, a.reasons[0].code) for a in chain.told("RCG", "MN", "CN") if a.stage == "LAPSED"]
    assert lapsed == [("99301", "SEAL"), ("99602010", "MASS")]


async def test_without_a_chain_all_are_told_at_once_and_nothing_is_passed_on() -> None:
    direct = agreements(chain=False)
    chain = Chain(dict.fromkeys(("CN", "MN", "RU"), direct))
    await chain.leave()
    assert [chain.told("CTR", "CN", country)[0].may_forward for country in ("MN", "RU")] == [False, False]
    assert chain.told("CTR", "MN", "RU") == []
    assert chain.offer("RU").outcome == "ACCEPTED"


async def test_without_consent_nothing_is_passed_on_and_what_comes_all_the_same_is_refused() -> None:
    silent = agreements(forwarding=frozenset({"CN"}))
    chain = Chain({"MN": silent})
    await chain.leave()
    assert chain.told("CTR", "CN", "MN")[0].may_forward
    assert chain.told("CTR", "MN", "RU") == []
    assert ("SCAN", "FULL") in await chain.arrive("99602010", "ENTRY")
    careless = Chain({"RU": silent})
    await careless.leave()
    assert len(careless.told("CTR", "MN", "RU")) == 1
    assert (careless.offer("RU").outcome, careless.offer("RU").reasons) == ("REFUSED", ("NO_CONSENT",))


@pytest.mark.parametrize(
    ("changes", "reason"), [({"may_forward": False}, "NO_CONSENT"), ({"attachments": ()}, "NO_ORIGIN")]
)
async def test_a_result_of_another_service_needs_its_leave_and_its_name(changes: dict[str, Any], reason: str) -> None:
    chain = Chain()
    await chain.leave()
    [passed_on] = chain.told("CTR", "MN", "RU")
    other = Chain({"MN": agreements(forwarding=frozenset())})
    await other.leave()
    [answer] = other.hear(passed_on.model_copy(update=changes))
    assert isinstance(answer, RecognitionResponse)
    assert (answer.outcome, answer.reasons[0].code) == ("REFUSED", reason)


async def test_an_act_that_came_by_two_ways_counts_once() -> None:
    chain = Chain()
    await chain.leave()
    [first], [second] = chain.told("CTR", "CN", "MN"), chain.told("CTR", "MN", "RU")
    header = first.header.model_copy(update={"recipient": "RU", "message_id": second.header.message_id[:-4] + "0001"})
    [answer] = chain.hear(first.model_copy(update={"header": header}))
    assert isinstance(answer, RecognitionResponse)
    assert (answer.outcome, answer.reasons[0].code) == ("REFUSED", "KNOWN")
    case = chain.cores["RU"].case(UCR)
    assert case is not None
    assert [(o.result.header.sender, o.outcome) for o in case.offers.values()] == [("MN", "ACCEPTED")]


async def test_an_act_that_is_superseded_is_revoked_along_the_whole_chain() -> None:
    chain = Chain()
    await chain.leave()
    case = chain.cores["CN"].case(UCR)
    assert case is not None
    scan = next(act for act in case.sides["9930", "DEPARTURE"].made if act.form == "SCAN")
    await chain.wait(hours=1)
    await chain.control(
        "9930", "DEPARTURE", "SCAN", "9930/3", result="B1", offence_indicator=True, supersedes=scan.header.message_id
    )
    await chain.wait(minutes=5)
    for sender, recipient in (("CN", "MN"), ("MN", "RU")):
        earlier, later = chain.told("CTR", sender, recipient)
        assert later.supersedes == earlier.header.message_id
        case = chain.cores[recipient].case(UCR)
        assert case is not None
        known = [(offer.outcome, offer.reasons) for offer in case.offers.values()]
        assert known == [("REVOKED", ("REVOKED",)), ("REFUSED", ("RESULT",))]
    assert chain.cores["CN"].case(UCR).state == "DETAINED"  # type: ignore[union-attr]
    await chain.wait(days=3)
    for office in ("99301", "99602010"):
        assert ("SCAN", "FULL") in await chain.arrive(office, "ENTRY")


async def test_only_an_act_that_was_reported_can_be_superseded() -> None:
    chain = Chain()
    await chain.leave()
    [refused] = await chain.control(
        "9930", "DEPARTURE", "SCAN", "9930/3", supersedes="00000000-0000-5000-8000-000000000000"
    )
    assert refused.errors[0].code == "90"  # type: ignore[attr-defined]
    assert len(chain.told("CTR", "CN", "MN")) == 1


@pytest.mark.parametrize(("days", "outcome", "reasons"), [(5, "REFUSED", ("STALE",)), (8, "ACCEPTED", ())])
async def test_the_agreement_says_how_old_a_control_may_be(days: int, outcome: str, reasons: tuple[str, ...]) -> None:
    terms = registry()[RECOGNITION].recognition
    assert terms is not None
    short = agreements(recognition=replace(terms, max_age_days=days))
    chain = Chain(dict.fromkeys(("CN", "MN", "RU"), short))
    await chain.leave()
    assert chain.offer("MN").outcome == "ACCEPTED"
    assert (chain.offer("RU").outcome, chain.offer("RU").reasons) == (outcome, reasons)
    if outcome == "ACCEPTED":  # it comes three days late
        await chain.wait(days=10)
        assert ("SCAN", "FULL") in await chain.arrive("99602010", "ENTRY")
        assert chain.offer("RU").reasons == ("STALE",)


@pytest.mark.parametrize(
    ("stated", "residual", "again"), [(False, 1.0, True), (False, 0.0, False), (True, 1.0, False), (False, None, True)]
)
async def test_the_residual_share_is_the_agreements_unless_the_policy_states_one(
    stated: bool, residual: float | None, again: bool
) -> None:
    """Where neither states one, the service's profile does (here: all are controlled)."""
    own = 0.0 if stated else 1.0
    terms = agreements(residual=residual)
    chain = Chain(dict.fromkeys(("CN", "MN", "RU"), terms), residual=own, residual_stated=stated)
    await chain.leave()
    await chain.wait(days=3)
    assert (("SCAN", "FULL") in await chain.arrive("99301", "ENTRY")) is again


async def test_the_originators_signature_proves_where_a_result_comes_from() -> None:
    chain = Chain()
    await chain.leave()
    [first], [second] = chain.told("CTR", "CN", "MN"), chain.told("CTR", "MN", "RU")
    key, other = PrivateKey.generate(), PrivateKey.generate()
    members = Members([Member.of("CN", None, key.public), Member.of("MN", None, other.public)])
    data = encode(first)
    signature = key.sign_bytes(data, chain.now)
    assert prove(second, data, signature, members) == "CN"
    changed = first.model_copy(update={"result": "A5"})
    heavier = second.model_copy(update={"found_mass": Decimal("1")})
    wrong: list[tuple[ControlResult, bytes, str, str]] = [
        (second, data, other.sign_bytes(data, chain.now), "signature"),
        (second, encode(changed), key.sign_bytes(encode(changed), chain.now), "digest"),
        (heavier, data, signature, "found_mass"),
        (first, data, signature, "names no original"),
    ]
    for passed_on, original, token, named in wrong:
        with pytest.raises(NotProven, match=named):
            prove(passed_on, original, token, members)
