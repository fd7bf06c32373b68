"""A case: all that one node knows of one consignment (UCR), folded from its ledger entries.

A case holds several *movements*, each under its own MRN: the departure service's, and one for each customs territory
that opens a transit of its own.
"""

from __future__ import annotations

from datetime import datetime

from exchange.entries import Entry
from exchange.messages import (
    AdvanceDeclaration,
    Consignment,
    ExportData,
    InspectionImage,
    Message,
    RecognitionResponse,
    SlotBooking,
)
from nodes.known import FAILED, Movement, Offer, Registration, Side
from nodes.steps import ISSUED, RECEIVED, expired


class Case:
    """The fold. :meth:`fold` is the only thing that changes it."""

    def __init__(self, ucr: str, country: str) -> None:
        self.ucr = ucr
        self.country = country
        self.issued = 0
        self.state = "NEW"
        self.declaration: AdvanceDeclaration | None = None
        self.filings: dict[str, AdvanceDeclaration] = {}
        self.own_mrn: str | None = None
        self.movements: dict[str, Movement] = {}
        self.sides: dict[tuple[str, str], Side] = {}
        self.offers: dict[str, Offer] = {}
        self.answers: list[RecognitionResponse] = []
        self.sent_results: dict[str, dict[str, str]] = {}
        """Control results told to other services: id of the one told of → recipient → id under which it was told."""
        self.parked: dict[str, Message] = {}
        self.since: datetime | None = None
        self.registrations: dict[str, Registration] = {}
        """By the office of a filing; the declaration's own under the empty text."""
        self.asked: dict[str, str] = {}
        """Messages to other services, which they may answer: id → recipient."""
        self.removed_seals: set[str] = set()
        self.affixed_seals: set[str] = set()
        self.events: list[tuple[str, str, datetime]] = []
        """(office, "arrived" or "left", time) as posts and partners told, in the order they did."""
        self.released: datetime | None = None
        self.incidents = 0
        self.irregularities: list[tuple[str, str]] = []
        """(rule, sentence): what is suspicious but no reason to reject a message."""
        self.images: list[InspectionImage] = []
        self.fetched: dict[str, str] = {}
        """What became of an image fetched: id of its notice (IMG) → WHOLE, CORRUPT or MISSING."""
        self.diverted: list[str] = []
        self.export_data: ExportData | None = None
        self.mismatches: tuple[str, ...] | None = None
        """How the export data differ from the declaration here (PIX-046); None if they were not compared."""
        self.open_matters: dict[str, str] = {}
        """What waits for a person: reference → code of the message."""
        self.slots: dict[str, SlotBooking] = {}
        """What carriers were answered who booked a time, or gave it back: number of the slot → the last answer."""
        self.timeline: list[Entry] = []

    @property
    def last_eta(self) -> datetime | None:
        """The last expected arrival that a declaration, filing or record of this case names (UTC)."""
        told = [movement.consignment for movement in self.movements.values()]
        told.extend(filing.consignment for filing in self.filings.values())
        if self.declaration is not None:
            told.append(self.declaration.consignment)
        return max((stop.eta for consignment in told for stop in consignment.itinerary), default=None)

    @property
    def warned(self) -> bool:
        """Return whether another service has warned of the goods (ALR), and they have not been looked into since."""
        return "ALR" in self.open_matters.values()

    def side(self, office: str, presentation: str) -> Side:
        """Return the side, new if nothing is known of it."""
        key = (office, presentation)
        found = self.sides.get(key)
        if found is None:
            found = self.sides[key] = Side(office, presentation)
        return found

    def consignment(self, office: str | None = None) -> Consignment | None:
        """Return the goods as this node knows them: the filing for ``office``, its own declaration, or a record."""
        if office is not None and office in self.filings:
            return self.filings[office].consignment
        if self.declaration is not None:
            return self.declaration.consignment
        for filing in self.filings.values():
            return filing.consignment
        for movement in self.movements.values():
            return movement.consignment
        return None

    def own_movement(self) -> Movement | None:
        """Return the movement this node opened."""
        return self.movements.get(self.own_mrn) if self.own_mrn is not None else None

    def fold(self, entry: Entry) -> None:
        """Take one ledger entry into account."""
        before = self.state
        message = entry.message
        if message is not None:
            self._fold_message(entry, message)
        elif entry.kind == "selected":
            side = self.side(entry.data["office"], entry.data["presentation"])
            side.selections.extend(entry.data["selections"])
        elif entry.kind == "timer-fired":
            self.parked.pop(str(entry.data.get("parked", "")), None)
            if "image" in entry.data:
                self.fetched[str(entry.data["image"])] = str(entry.data["outcome"])
        elif entry.kind in ("received", "issued", "parked"):
            self.timeline.append(entry)
        if self.state != before:
            self.since = entry.at

    def _fold_message(self, entry: Entry, message: Message) -> None:
        kind, header = entry.kind, message.header
        if kind == "received":
            self.timeline.append(entry)
            if self.parked:
                self.parked.pop(header.message_id, None)
            if entry.data:
                self._fold_told(message, entry)
            else:  # as nearly always: it was applied, and nothing is said of it
                step = RECEIVED.get(message.CODE)
                if step is not None:
                    step(self, message, entry)
        elif kind == "issued":
            self.timeline.append(entry)
            if header.ordinal > self.issued:
                self.issued = header.ordinal
            if "." not in header.recipient:
                self.asked[header.message_id] = header.recipient
            step = ISSUED.get(message.CODE)
            if step is not None:
                step(self, message, entry)
        elif kind == "parked":
            self.timeline.append(entry)
            self.parked[header.message_id] = message
        elif kind == "resumed":
            self.parked.pop(header.message_id, None)
            self._fold_told(message, entry)

    def _fold_told(self, message: Message, entry: Entry) -> None:
        """Take a message into account of which the entry may say something: that it was not applied, say."""
        data = entry.data
        if data.get("applied", True):
            step = RECEIVED.get(message.CODE)
            if step is not None:
                step(self, message, entry)
        elif data.get("expired"):
            expired(self, str(data["expired"]))
        if "irregular" in data:
            self.irregularities += [(rule, text) for rule, text in data["irregular"]]
        if data.get("diverted"):
            self.diverted.append(str(data["diverted"]))


__all__ = ["FAILED", "Case", "Movement", "Offer", "Registration", "Side"]
