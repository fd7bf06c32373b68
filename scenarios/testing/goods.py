"""Goods on their way through a network: each step is what a trader, carrier or post tells its own service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from exchange.messages import (
    AdvanceDeclaration,
    ArrivalAdvice,
    CaseMessage,
    Consignment,
    ControlResult,
    Departure,
    Header,
    ItineraryStop,
    Message,
    NotificationOfCrossing,
    Release,
    SealFound,
)
from exchange.references import message_id
from scenarios.parties import PRESENTATION_OF
from scenarios.world.mail import Control, demanded

if TYPE_CHECKING:
    from scenarios.testing.network import Network


class Refused(AssertionError):
    """A node refused a message of a post or trader."""


class Goods:
    """One consignment. ``consignment`` is what is declared; times are those of the network."""

    def __init__(
        self, network: Network, ucr: str, consignment: Consignment, trader: str, carriers: Mapping[str, str]
    ) -> None:
        self.ucr = ucr
        self.consignment = consignment
        self._net = network
        self._trader = trader
        self._carriers = carriers
        self._ordinals: dict[str, int] = {}
        self._acts = 0
        self._passed: list[str] = []

    def __repr__(self) -> str:
        return f"<goods {self.ucr} by {', '.join(self.offices)}>"

    @property
    def offices(self) -> tuple[str, ...]:
        """The offices of the way, in order."""
        return tuple(stop.office for stop in self.consignment.itinerary)

    @property
    def mrn(self) -> str | None:
        """The MRN under which they were released; None before."""
        released = [m for m in self._net.delivered if isinstance(m, Release) and m.ucr == self.ucr]
        return released[-1].mrn if released else None

    async def tell(self, sender: str, cls: type[Message], **body: Any) -> tuple[Message, ...]:
        """Send any message as the member ``sender`` of this case; return the node's immediate replies.

        Raise :class:`Refused` if the node does not accept it.
        """
        recipient = sender.partition(".")[0]
        ordinal = self._ordinals[sender] = self._ordinals.get(sender, 0) + 1
        header = Header(
            message_id=message_id(sender, recipient, cls.CODE, self.ucr, ordinal),
            message_type=cls.CODE,
            sender=sender,
            recipient=recipient,
            sent_at=self._net.now,
            ordinal=ordinal,
        )
        about = {"ucr": self.ucr} if issubclass(cls, CaseMessage) else {}
        return await self._net.hand_in(cls(header=header, **about, **body))

    async def declare(self) -> tuple[Message, ...]:
        """The trader lodges the declaration at the office of departure."""
        return await self.tell(
            self._trader,
            AdvanceDeclaration,
            kind="EXPORT_TRANSIT",
            office=self.offices[0],
            consignment=self.consignment,
        )

    async def file(self, office: str) -> tuple[Message, ...]:
        """The carrier makes the filing that the law asks for at an office of entry."""
        return await self.tell(
            self._carrier(office),
            AdvanceDeclaration,
            kind="CARRIER_FILING",
            office=office,
            consignment=self.consignment,
        )

    async def arrive(self, office: str, *, seal: str = "INTACT", mass: object = None) -> list[Control]:
        """The post reports the goods as found; return the controls that its node demands.

        ``seal``: state of the first seal (INTACT, BROKEN, MISSING, REPLACED). ``mass``: gross mass in kg as found,
        left out: as declared. Both are told at entries only.
        """
        stop = self._stop(office)
        found: dict[str, Any] = {}
        if stop.role == "ENT":
            found = {
                "seals_found": self._seals(seal),
                "found_mass": self.consignment.gross_mass if mass is None else mass,
            }
        replies = await self.tell(
            self._post(stop),
            ArrivalAdvice,
            office=office,
            presentation=PRESENTATION_OF[stop.role],
            arrived_at=self._net.now,
            **found,
        )
        return demanded(replies) or []

    async def control(self, office: str, control: Control, *, result: str = "A1") -> list[Control]:
        """The post reports a control of an hour that has just ended; return what its node still demands."""
        stop = self._stop(office)
        self._acts += 1
        replies = await self.tell(
            self._post(stop),
            ControlResult,
            act_number=f"{office}/{self.ucr[-6:]}/{self._acts:03d}",
            office=office,
            presentation=PRESENTATION_OF[stop.role],
            form=control.form,
            extent=control.extent,
            began_at=self._net.now - timedelta(hours=1),
            ended_at=self._net.now,
            result=result,
            offence_indicator=result == "B1",
        )
        return demanded(replies) or []

    async def depart(self) -> tuple[Message, ...]:
        """The post of departure reports that the vehicle has left."""
        stop = self.consignment.itinerary[0]
        return await self.tell(
            self._post(stop),
            Departure,
            mrn=self.mrn,
            office=stop.office,
            departed_at=self._net.now,
            transport_means=self.consignment.transport_means,
        )

    async def cross(self, office: str) -> tuple[Message, ...]:
        """The post reports that the goods have left the side."""
        stop = self._stop(office)
        return await self.tell(
            self._post(stop),
            NotificationOfCrossing,
            office=office,
            presentation=PRESENTATION_OF[stop.role],
            crossed_at=self._net.now,
        )

    async def clear(self, office: str, *, seal: str = "INTACT", mass: object = None) -> tuple[str, ...]:
        """Arrive and have every control made that is demanded, an hour each, all satisfactory; return their forms."""
        remaining, made = await self.arrive(office, seal=seal, mass=mass), []
        while remaining:
            await self._net.wait(hours=1)
            made.append(remaining[0].form)
            remaining = await self.control(office, remaining[0])
        return tuple(made)

    async def travel(self, *, to: str) -> None:
        """Go on as expected, everything satisfactory, up to the point where the goods stand before office ``to``.

        From the beginning they are declared two days before they leave; carriers file two hours before each entry.
        """
        stops = self.consignment.itinerary
        if not self._passed:
            await self._net.until(stops[0].eta - timedelta(days=2))
            await self.declare()
        for number, stop in enumerate(stops):
            if stop.office in self._passed:
                continue
            if stop.role == "ENT":
                await self._net.until(max(self._net.now, stop.eta - timedelta(hours=2)))
                await self.file(stop.office)
            await self._net.until(max(self._net.now, stop.eta))
            if stop.office == to:
                return
            await self.clear(stop.office)
            if number == 0:
                await self._net.wait(hours=1)
                await self.depart()
            elif stop.role in ("EXT", "ENT"):
                await self._net.wait(hours=1)
                await self.cross(stop.office)
            self._passed.append(stop.office)
        raise ValueError(f"{to} is not on the way of {self.ucr}, which goes by {', '.join(self.offices)}")

    def _stop(self, office: str) -> ItineraryStop:
        for stop in self.consignment.itinerary:
            if stop.office == office:
                return stop
        raise ValueError(f"{office} is not on the way of {self.ucr}, which goes by {', '.join(self.offices)}")

    def _post(self, stop: ItineraryStop) -> str:
        return f"{stop.country_code}.{stop.office}"

    def _carrier(self, office: str) -> str:
        try:
            return self._carriers[office]
        except KeyError:
            raise ValueError(f"no carrier files at {office}; carriers file at {', '.join(self._carriers)}") from None

    def _seals(self, state: str) -> Sequence[SealFound]:
        seals = [seal for unit in self.consignment.transport_equipment for seal in unit.seals]
        return tuple(
            SealFound.model_validate({"sequence_number": n, "id": seal.id, "state": state if n == 1 else "INTACT"})
            for n, seal in enumerate(seals, 1)
        )


__all__ = ["Goods", "Refused"]
