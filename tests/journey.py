"""A consignment from Xi'an to Kouvola, told message by message: what unit tests of the nodes drive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from exchange.agreements import registry
from exchange.entries import FaultPlan
from exchange.luck import Luck
from exchange.messages import (
    AdvanceDeclaration,
    ArrivalAdvice,
    CaseMessage,
    Consignment,
    ControlDecision,
    ControlResult,
    Departure,
    GoodsItem,
    Header,
    ItineraryStop,
    Message,
    NotificationOfCrossing,
    Packaging,
    Party,
    Place,
    Seal,
    SealFound,
    TransportEquipment,
    TransportMeans,
)
from exchange.references import message_id
from nodes.core import NodeCore
from nodes.profile import Profile, RiskRule, SidePolicy
from nodes.standing import Standing
from scenarios.transport_memory import MemoryTransport

START = datetime(2018, 3, 5, tzinfo=UTC)
UCR = "8CNXA001-T01C1.ABCDEFGB"
INFORMATION = "china-europe-transit-information"
RECOGNITION = "china-europe-transit-recognition"
ARMS: Mapping[str, Mapping[str, str]] = {
    "baseline": {INFORMATION: "discussed", RECOGNITION: "discussed"},
    "advance": {INFORMATION: "in force", RECOGNITION: "discussed"},
    "recognition": {INFORMATION: "in force", RECOGNITION: "in force"},
}
POLICIES: Mapping[tuple[str, str], SidePolicy] = {
    ("9911", "DEPARTURE"): SidePolicy(documentary="CHECK", scheme=("SCAN",)),
    ("9912", "EXIT"): SidePolicy(),
    ("99101", "ENTRY"): SidePolicy(documentary="CAPTURE_AND_CHECK", shares={"SCAN": 1.0}),
    ("99206010", "EXIT"): SidePolicy(documentary="DISCHARGE"),
    ("FI542700", "ENTRY"): SidePolicy(documentary="CHECK", shares={"SCAN": 1.0}),
    ("FI999900", "DESTINATION"): SidePolicy(),
}
COUNTRY = {"9911": "CN", "9912": "CN", "99101": "KZ", "99206010": "RU", "FI542700": "FI", "FI999900": "FI"}
BROKEN = RiskRule(id="seal-broken", fact="seal-broken", form="PHYSICAL", share=1.0)
PLACES = {"9911": "CNXAG", "9912": "CNHRS", "99206010": "RULKA", "FI542700": "FIVAI", "FI999900": "FIKVO"}


def consignment(eta_days: Mapping[str, float] | None = None, **changes: Any) -> Consignment:
    """Return the goods of the journey; ``eta_days`` sets expected arrivals in days after the start."""
    days = {"9911": 0.0, "9912": 5.0, "99101": 6.0, "99206010": 12.0, "FI542700": 13.0, "FI999900": 14.0} | dict(
        eta_days or {}
    )
    roles = {"9911": "DEP", "9912": "EXT", "99101": "ENT", "99206010": "EXT", "FI542700": "ENT", "FI999900": "DES"}
    values: dict[str, Any] = {
        "country_of_dispatch": "CN",
        "country_of_destination": "FI",
        "container_indicator": True,
        "gross_mass": Decimal("18000"),
        "consignor": Party(id="XA001", name="Test Machinery", country_code="CN"),
        "consignee": Party(id="KV001", name="Test Oy", country_code="FI"),
        "transport_means": (TransportMeans(mode_code="2", identification_type="21", id="X8001"),),
        "transport_equipment": (
            TransportEquipment(
                sequence_number=1,
                container_id="CSQU3054383",
                number_of_seals=1,
                seals=(Seal(sequence_number=1, id="CN0001"),),
            ),
        ),
        "goods_items": (
            GoodsItem(
                sequence_number=1,
                hs_code="847130",
                description="Portable computers",
                origin_country="CN",
                gross_mass=Decimal("18000"),
                net_mass=Decimal("16000"),
                packaging=Packaging(kind="CT", quantity=800, marks="T01"),
            ),
        ),
        "itinerary": tuple(
            ItineraryStop(
                sequence_number=n,
                office=office,
                country_code=COUNTRY[office],
                role=roles[office],
                place=Place(unlocode=PLACES[office]) if office in PLACES else Place(country_code="KZ", name="Altynkol"),
                eta=START + timedelta(days=days[office]),
            )
            for n, office in enumerate(days, 1)
        ),
    }
    return Consignment(**(values | changes))


class Journey:
    """Nodes of one arm in memory, and the posts' and traders' side of one consignment."""

    def __init__(
        self,
        arm: str = "baseline",
        *,
        policies: Mapping[tuple[str, str], SidePolicy] = POLICIES,
        participants: frozenset[str] = frozenset({"XA001", "KV001"}),
        residual: float = 0.0,
        rules: tuple[RiskRule, ...] = (BROKEN,),
        faults: FaultPlan | None = None,
        goods: Consignment | None = None,
        **profile: Any,
    ) -> None:
        self.now = START - timedelta(days=1)
        self.goods = goods or consignment()
        self.cores = {
            country: NodeCore(
                Standing(
                    profile=Profile(
                        country=country,
                        policies={k: p for k, p in policies.items() if COUNTRY[k[0]] == country},
                        luck=Luck(1),
                        residual=residual,
                        risk_rules=rules,
                        **profile,
                    ),
                    agreements=registry().with_statuses(ARMS[arm]),
                    participants=participants,
                    carriers={"99101": "KZ.KTZ", "FI542700": "FI.VR"},
                )
            )
            for country in ("CN", "KZ", "RU", "FI")
        }
        self.transport = MemoryTransport(self.cores, keep_xml=True, faults=faults)
        self.delivered: list[Message] = []
        self._ordinals: dict[str, int] = {}

    def header(self, code: str, sender: str, recipient: str) -> Header:
        """Return the header of the sender's next message."""
        ordinal = self._ordinals[sender] = self._ordinals.get(sender, 0) + 1
        return Header(
            message_id=message_id(sender, recipient, code, UCR, ordinal),
            message_type=code,
            sender=sender,
            recipient=recipient,
            sent_at=self.now,
            ordinal=ordinal,
        )

    def skip(self, sender: str, messages: int) -> None:
        """Let the sender's next message be a later one, as if it had sent some before."""
        self._ordinals[sender] = self._ordinals.get(sender, 0) + messages

    async def tell(self, cls: type[Message], sender: str, **body: Any) -> tuple[Message, ...]:
        """Send a post's or trader's message to its node; return the replies."""
        country = sender.partition(".")[0]
        message = cls(header=self.header(cls.CODE, sender, country), ucr=UCR, **body)
        [replies] = await self.transport.ask(self.now, [message])
        return replies

    def hear(
        self, cls: type[Message], sender: str, recipient: str = "KZ", *, to: str | None = None, **body: Any
    ) -> tuple[Message, ...]:
        """Let a node decide on a partner's message, ``to`` being what it answers; return what the node makes of it.

        What it sends goes nowhere.
        """
        header = self.header(cls.CODE, sender, recipient).model_copy(update={"correlation_id": to})
        about = {"ucr": UCR} if issubclass(cls, CaseMessage) else {}
        decision = self.cores[recipient].decide(cls(header=header, **about, **body), self.now)
        assert decision.refusal is None, decision.refusal
        return (*decision.reply, *(outgoing.message for outgoing in decision.send))

    async def wait(self, **duration: float) -> None:
        """Let time pass; nodes do what comes due on the way."""
        until = self.now + timedelta(**duration)
        while True:
            due = min((at for at in self.transport.next_due().values() if at is not None), default=until)
            if due > until:
                break
            self.now = max(self.now, due)
            for country, at in sorted(self.transport.next_due().items()):
                if at is not None and at <= self.now:
                    await self.transport.advance(country, self.now)
            self.delivered += self.transport.collect()
            if due == until and not any(at is not None and at <= until for at in self.transport.next_due().values()):
                break
        self.now = until

    async def declare(self) -> tuple[Message, ...]:
        """The trader lodges the export declaration."""
        return await self.tell(
            AdvanceDeclaration, "CN.XA001", kind="EXPORT_TRANSIT", office="9911", consignment=self.goods
        )

    async def file(self, office: str) -> tuple[Message, ...]:
        """The carrier makes the filing that the law asks for at an office of entry."""
        carrier = {"99101": "KZ.KTZ", "FI542700": "FI.VR"}[office]
        return await self.tell(
            AdvanceDeclaration, carrier, kind="CARRIER_FILING", office=office, consignment=self.goods
        )

    async def arrive(self, office: str, presentation: str, seal: str = "INTACT", **body: Any) -> tuple[Message, ...]:
        """The post reports the goods."""
        return await self.tell(
            ArrivalAdvice,
            f"{COUNTRY[office]}.{office}",
            office=office,
            presentation=presentation,
            arrived_at=self.now,
            seals_found=(SealFound(sequence_number=1, id="CN0001", state=seal),),
            **body,
        )

    async def control(
        self, office: str, presentation: str, form: str, extent: str, result: str = "A1"
    ) -> tuple[Message, ...]:
        """The post reports a control."""
        return await self.tell(
            ControlResult,
            f"{COUNTRY[office]}.{office}",
            act_number=f"{office}/{form[:4]}/{extent[:4]}",
            office=office,
            presentation=presentation,
            form=form,
            extent=extent,
            began_at=self.now - timedelta(hours=1),
            ended_at=self.now,
            result=result,
            offence_indicator=result == "B1",
        )

    async def cross(self, office: str, presentation: str) -> tuple[Message, ...]:
        """The post reports that the goods have left."""
        return await self.tell(
            NotificationOfCrossing,
            f"{COUNTRY[office]}.{office}",
            office=office,
            presentation=presentation,
            crossed_at=self.now,
        )

    async def depart(self) -> tuple[Message, ...]:
        """The departure post reports the train's departure."""
        return await self.tell(
            Departure, "CN.9911", office="9911", departed_at=self.now, transport_means=self.goods.transport_means
        )

    async def work(self, office: str, presentation: str, replies: tuple[Message, ...]) -> list[tuple[str, str]]:
        """Make every control that the node demands, an hour each; return them."""
        made = []
        while controls := demanded(replies):
            form, extent = controls[0]
            await self.wait(hours=1)
            made.append((form, extent))
            replies = await self.control(office, presentation, form, extent)
        return made

    async def leave_xian(self) -> list[tuple[str, str]]:
        """Declare, present, control and release the goods at Xi'an; return the controls made there."""
        await self.declare()
        made = await self.work("9911", "DEPARTURE", await self.arrive("9911", "DEPARTURE"))
        await self.wait(minutes=1)
        await self.depart()
        return made

    def case(self, country: str) -> dict[str, Any]:
        """Return a node's view of the case."""
        view = self.cores[country].view(UCR)
        assert view is not None, f"{country} knows nothing of the case"
        return view

    def codes(self, sender: str, recipient: str) -> list[str]:
        """Return the codes of the accepted messages from one member to another, in order."""
        return [
            item.code
            for item in self.transport.log
            if item.accepted and item.header.sender == sender and item.header.recipient == recipient
        ]


def demanded(replies: tuple[Message, ...]) -> list[tuple[str, str]]:
    """Return the controls of the control decision among ``replies``."""
    decision = next(reply for reply in replies if isinstance(reply, ControlDecision))
    return [(control.form, control.extent) for control in decision.controls]


__all__ = ["BROKEN", "POLICIES", "START", "UCR", "Journey", "consignment", "demanded"]
