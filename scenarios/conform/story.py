"""The story of one consignment, told to the node: makes the messages of those who speak about it, in their order."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

from exchange.identifiers import mrn
from exchange.messages import (
    AdvanceDeclaration,
    AnticipatedArrivalRecord,
    AnticipatedTransitRecord,
    ArrivalAdvice,
    CaseMessage,
    Consignment,
    ControlResult,
    Header,
    NotificationOfCrossing,
    SealFound,
    WriteOff,
)
from exchange.references import derived, message_id
from scenarios.conform.cast import Cast
from scenarios.world.cargo import as_expected

M = TypeVar("M", bound=CaseMessage)
Presentation = Literal["DEPARTURE", "EXIT", "ENTRY", "DESTINATION"]
AHEAD = timedelta(days=2)
"""How long before the goods are expected the story begins."""


class Story:
    """Makes messages about one consignment. ``ucr`` names it; ``now`` (UTC) is when the story begins.

    Ordinals count by sender. The goods are those of the cast, expected :data:`AHEAD` after the beginning at least.
    """

    def __init__(self, parts: Cast, ucr: str, now: datetime) -> None:
        self.cast = parts
        self.ucr = ucr
        self.now = now
        first = parts.goods.itinerary[0].office
        self.goods: Consignment = as_expected(parts.goods, first, now + AHEAD)
        self._ordinals: dict[str, int] = {}

    def header(self, code: str, sender: str, recipient: str | None = None) -> Header:
        """Return the header of the sender's next message."""
        to = recipient or self.cast.country
        ordinal = self._ordinals[sender] = self._ordinals.get(sender, 0) + 1
        return Header(
            message_id=message_id(sender, to, code, self.ucr, ordinal),
            message_type=code,
            sender=sender,
            recipient=to,
            sent_at=self.now,
            ordinal=ordinal,
        )

    def make(self, cls_: type[M], sender: str, recipient: str | None = None, **body: Any) -> M:
        """Return a message of ``sender`` to the node, or to ``recipient``."""
        return cls_(header=self.header(cls_.CODE, sender, recipient), ucr=self.ucr, **body)

    def declaration(self, sender: str) -> AdvanceDeclaration:
        """Return the carrier's filing at an entry office, or the trader's declaration at departure (ADV)."""
        kind = "EXPORT_TRANSIT" if self.cast.presentation == "DEPARTURE" else "CARRIER_FILING"
        return self.make(AdvanceDeclaration, sender, kind=kind, office=self.cast.office, consignment=self.goods)

    @property
    def mrn(self) -> str:
        """The MRN under which the partner tells of the goods."""
        year, partner = self.now.year, self.cast.partner or self.cast.country
        national = derived(12, partner, self.ucr, "conformance")
        return mrn(f"{year % 100:02d}", partner, national, "J")

    def record(self, partner: str) -> AnticipatedArrivalRecord | AnticipatedTransitRecord:
        """Return what a service before the node tells of the goods: AAR to the service of destination, else ATR."""
        last = self.goods.itinerary[-1]
        body: dict[str, Any] = {
            "mrn": self.mrn,
            "departure_office": self.cast.partner_office,
            "destination_office": last.office,
            "released_at": self.now,
            "control_result": "A1",
            "consignment": self.goods,
        }
        if last.country_code == self.cast.country:
            return self.make(AnticipatedArrivalRecord, partner, **body)
        stop = next(one for one in self.goods.itinerary if one.country_code == self.cast.country)
        return self.make(AnticipatedTransitRecord, partner, transit_office=stop.office, eta=stop.eta, **body)

    def write_off(self, service: str) -> WriteOff:
        """Return what a service tells of a movement that has ended (WRO): it names no office."""
        return self.make(WriteOff, service, mrn=self.mrn, written_off_at=self.now, result="A1")

    def arrival(self, sender: str | None = None, recipient: str | None = None, **body: Any) -> ArrivalAdvice:
        """Return the post's report that the goods have arrived, with the seals as declared (ARR)."""
        seals = [seal.id for unit in self.goods.transport_equipment for seal in unit.seals]
        values: dict[str, Any] = {
            "office": self.cast.office,
            "presentation": self.cast.presentation,
            "arrived_at": self.now,
            "seals_found": tuple(
                SealFound(sequence_number=n, id=seal, state="INTACT") for n, seal in enumerate(seals, 1)
            ),
        }
        return self.make(ArrivalAdvice, sender or self.cast.post, recipient, **(values | body))

    def control(self, form: str, extent: str) -> ControlResult:
        """Return the post's report of a control of the last second that found nothing (CTR)."""
        return self.make(
            ControlResult,
            self.cast.post,
            act_number=f"{self.cast.office}/{form[:4]}/{extent[:4]}",
            office=self.cast.office,
            presentation=self.cast.presentation,
            form=form,
            extent=extent,
            began_at=self.now - timedelta(seconds=1),
            ended_at=self.now,
            result="A1",
            offence_indicator=False,
        )

    def crossing(self) -> NotificationOfCrossing:
        """Return the post's report that the goods have left its office (NCF)."""
        return self.make(
            NotificationOfCrossing,
            self.cast.post,
            office=self.cast.office,
            presentation=self.cast.presentation,
            crossed_at=self.now,
        )


__all__ = ["AHEAD", "Story"]
