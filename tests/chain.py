"""A consignment from Beijing over Mongolia to Ulan-Ude, and the nodes of China, Mongolia and Russia in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from exchange.agreements import Agreements, registry
from exchange.luck import Luck
from exchange.messages import (
    AdvanceDeclaration,
    ArrivalAdvice,
    Consignment,
    ControlResult,
    Header,
    ItineraryStop,
    Message,
    Place,
    SealFound,
)
from exchange.references import message_id
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
    """The nodes of China, Mongolia and Russia in memory.

    ``terms``: who knows the agreements otherwise; ``policies``: what is controlled otherwise; ``load``: other goods.
    """

    def __init__(
        self,
        terms: Mapping[str, Agreements] | None = None,
        *,
        policies: Mapping[tuple[str, str], SidePolicy] | None = None,
        load: Consignment | None = None,
        **profile: Any,
    ) -> None:
        self.now = START - timedelta(days=1)
        self.goods = load or goods()
        controls = {**POLICIES, **(policies or {})}
        self.cores = {
            country: NodeCore(
                Standing(
                    profile=Profile(
                        country=country,
                        policies={key: one for key, one in controls.items() if COUNTRY[key[0]] == country},
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

    async def tell_declaration(self) -> None:
        """The trader lodges the export declaration."""
        await self.tell(AdvanceDeclaration, "CN.BJ001", kind="EXPORT_TRANSIT", office="9930", consignment=self.goods)

    async def leave(self) -> None:
        """Declare, scan and release the goods at Beijing; all that is told of it has come."""
        await self.tell_declaration()
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


__all__ = ["POLICIES", "RECOGNITION", "UCR", "Chain", "agreements", "goods"]
