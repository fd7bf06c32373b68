"""Realistic traffic between two services: consignments of a scenario, message by message, as posts and traders would.

The same journey is told to nodes in memory and to live ones. Whoever carries it says how (:class:`Carrier`): what time
it is, how a message is handed in, how long to wait until partners have been told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from exchange.luck import Luck
from exchange.messages import (
    AdvanceDeclaration,
    ArrivalAdvice,
    CaseMessage,
    Consignment,
    ControlResult,
    Departure,
    Header,
    Message,
    NotificationOfCrossing,
    SealFound,
)
from exchange.messages.base import Presentation
from exchange.references import message_id
from scenarios.scenario import Scenario, load_scenario
from scenarios.world.cargo import vehicles
from scenarios.world.mail import demanded

SCENARIO = "green_corridor_ru_cn"
SETS = ("delivery.late_share=0 %",)
"""Information that comes weeks late would keep the outboxes from ever being empty."""
AHEAD = timedelta(days=6)
"""From now to the first expected arrival: more than a check of documents is made ahead, so that no timer fires."""
FAULTY_SEAL = 0.08
OTHER_MASS = 0.05
SEIZED = 0.04
"""Shares of consignments with a seal replaced, a mass beyond the tolerance, a control that finds something (designed:
enough that every kind of case is met in a short run)."""


class Carrier(Protocol):
    """Carries messages to nodes for one journey."""

    def now(self) -> datetime:
        """Return the time (UTC, whole seconds)."""
        ...

    async def ask(self, message: Message) -> tuple[Message, ...]:
        """Hand in a message until it is accepted; return the node's replies."""
        ...

    async def pause(self) -> None:
        """Let a second pass, as it does between the acts of a post."""
        ...

    async def settle(self, ucr: str) -> None:
        """Wait until no service owes another anything on this case."""
        ...


@dataclass(slots=True)
class Journey:
    """One consignment. ``luck`` decides what posts find."""

    scenario: Scenario
    ucr: str
    consignor: str
    carriers: dict[str, str]
    consignment: Consignment
    luck: Luck
    _ordinals: dict[str, int] = field(default_factory=dict)
    _acts: int = 0

    async def go(self, carrier: Carrier) -> None:
        """Tell the whole journey, or as much of it as there is until a control finds something."""
        goods = self._from(carrier.now())
        self.consignment = goods
        first, *others = goods.itinerary
        await self._tell(
            carrier, AdvanceDeclaration, self.scenario.member(self.consignor),
            kind="EXPORT_TRANSIT", office=first.office, consignment=goods,
        )  # fmt: skip
        await self._present(carrier, first.office, "DEPARTURE")
        post = self.scenario.post(first.office)
        await self._tell(
            carrier, Departure, post,
            office=first.office, departed_at=carrier.now(), transport_means=goods.transport_means,
        )  # fmt: skip
        for stop in others:
            if stop.role != "EXT":
                await carrier.settle(self.ucr)
            if stop.role == "ENT":
                await self._tell(
                    carrier, AdvanceDeclaration, self.scenario.member(self.carriers[stop.office]),
                    kind="CARRIER_FILING", office=stop.office, consignment=goods,
                )  # fmt: skip
            presentation: Presentation = {"EXT": "EXIT", "ENT": "ENTRY", "DES": "DESTINATION"}[stop.role]  # type: ignore[assignment]
            if not await self._present(carrier, stop.office, presentation):
                break
            if stop.role != "DES":
                await self._tell(
                    carrier, NotificationOfCrossing, self.scenario.post(stop.office),
                    office=stop.office, presentation=presentation, crossed_at=carrier.now(),
                )  # fmt: skip
        await carrier.settle(self.ucr)

    def _from(self, now: datetime) -> Consignment:
        """Return the goods with expected arrivals from ``AHEAD`` on."""
        later = now + AHEAD - self.consignment.itinerary[0].eta
        stops = tuple(stop.model_copy(update={"eta": stop.eta + later}) for stop in self.consignment.itinerary)
        return self.consignment.model_copy(update={"itinerary": stops})

    async def _present(self, carrier: Carrier, office: str, presentation: Presentation) -> bool:
        """Present the goods and make the controls demanded; return whether they may go on."""
        post = self.scenario.post(office)
        replies = await self._tell(
            carrier, ArrivalAdvice, post,
            office=office, presentation=presentation, arrived_at=carrier.now(), **self._found(office, presentation),
        )  # fmt: skip
        finds = self.luck.uniform(self.ucr, office, "finds") < SEIZED and presentation == "ENTRY"
        while controls := demanded(replies):
            await carrier.pause()
            form, extent = controls[0]
            self._acts += 1
            bad = finds and len(controls) == 1
            replies = await self._tell(
                carrier, ControlResult, post,
                act_number=f"{office}/{self.ucr[-9:]}/{self._acts}", office=office, presentation=presentation,
                form=form, extent=extent, began_at=carrier.now() - timedelta(seconds=1), ended_at=carrier.now(),
                result="B1" if bad else "A1", offence_indicator=bad,
            )  # fmt: skip
            if bad:
                return False
        return True

    def _found(self, office: str, presentation: Presentation) -> dict[str, Any]:
        if presentation != "ENTRY":
            return {}
        goods = self.consignment
        faulty = self.luck.uniform(self.ucr, office, "seal") < FAULTY_SEAL
        other = self.luck.uniform(self.ucr, office, "mass") < OTHER_MASS
        seals = [seal for unit in goods.transport_equipment for seal in unit.seals]
        return {
            "found_mass": (goods.gross_mass * Decimal("1.12")).quantize(Decimal(1)) if other else goods.gross_mass,
            "seals_found": tuple(
                SealFound(sequence_number=n, id=seal.id, state="REPLACED" if faulty and n == 1 else "INTACT")
                for n, seal in enumerate(seals, 1)
            ),
        }

    async def _tell(self, carrier: Carrier, cls: type[CaseMessage], sender: str, **body: Any) -> tuple[Message, ...]:
        ordinal = self._ordinals[sender] = self._ordinals.get(sender, 0) + 1
        recipient = sender.partition(".")[0]
        header = Header(
            message_id=message_id(sender, recipient, cls.CODE, self.ucr, ordinal),
            message_type=cls.CODE,
            sender=sender,
            recipient=recipient,
            sent_at=carrier.now(),
            ordinal=ordinal,
            corridor_id=self.scenario.id,
        )
        return await carrier.ask(cls(header=header, ucr=self.ucr, **body))


def the_scenario() -> Scenario:
    """Return the scenario whose services are put to the proof."""
    return load_scenario(SCENARIO, SETS)


def journeys(scenario: Scenario, seed: int) -> Iterator[Journey]:
    """Yield journeys without end, taking the scenario's flows in turn; the same for the same seed."""
    luck = Luck(seed)
    by_flow: dict[str, list[Any]] = {}
    for vehicle in vehicles(scenario, luck):
        by_flow.setdefault(vehicle.flow.id, []).extend(vehicle.shipments)
    number = 0
    while True:
        for shipments in by_flow.values():
            shipment = shipments[number % len(shipments)]
            base = shipment.ucr.rpartition("-")[0]
            yield Journey(
                scenario=scenario,
                ucr=f"{base}-W{number:06d}",
                consignor=shipment.consignor,
                carriers={scenario.sides[side].office: trader for side, trader in shipment.flow.carriers.items()},
                consignment=shipment.consignment,
                luck=luck,
            )
        number += 1


def anew(journey: Journey) -> Journey:
    """Return the same journey from its beginning, with nothing told yet."""
    return replace(journey, _ordinals={}, _acts=0)


__all__ = ["SCENARIO", "SETS", "Carrier", "Journey", "anew", "journeys", "the_scenario"]
