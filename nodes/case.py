"""A case: all that one node knows of one consignment (UCR), folded from its ledger entries.

A case holds several *movements*, each under its own MRN: the departure service's, and one for each customs territory
that opens a transit of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from exchange.entries import Entry
from exchange.messages import (
    AdvanceDeclaration,
    AnticipatedArrivalRecord,
    AnticipatedTransitRecord,
    ArrivalAdvice,
    Consignment,
    ControlDecision,
    ControlResult,
    Departure,
    DestinationControlResult,
    Message,
    NotificationOfCrossing,
    RecognitionResponse,
    RegistrationResult,
    Release,
    WriteOff,
)

FAILED = frozenset({"A5", "B1", "B2", "B3"})
"""Results after which goods do not go on."""


@dataclass(slots=True)
class Movement:
    """One movement under one MRN, as this node sees it."""

    mrn: str
    departure_country: str
    departure_office: str
    destination_country: str
    destination_office: str
    consignment: Consignment
    state: str = "OPEN"
    told: datetime | None = None
    """When the record of another service reached this node; None for its own movements."""
    usable: bool = True
    """Whether it came early enough before the expected arrival."""


@dataclass(slots=True)
class Side:
    """One presentation at one office of this node."""

    office: str
    presentation: str
    arrived_at: datetime | None = None
    crossed_at: datetime | None = None
    cleared_at: datetime | None = None
    required: list[tuple[str, str]] = field(default_factory=list)
    """Controls demanded and not yet made: (form, extent)."""
    made: list[ControlResult] = field(default_factory=list)
    check_asked: bool = False
    """A documentary check before arrival was asked for."""
    check_made: bool = False
    selections: list[Mapping[str, Any]] = field(default_factory=list)
    seal: str = "INTACT"
    mass_differs: bool = False
    failed: bool = False


@dataclass(slots=True)
class Offer:
    """A control result that another service offers for recognition, and what became of it."""

    result: ControlResult
    received_at: datetime
    outcome: str = "OFFERED"
    stage: str = "OFFERED"
    reasons: tuple[str, ...] = ()


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
        self.parked: dict[str, Message] = {}
        self.timeline: list[Entry] = []

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
        if entry.kind in ("received", "issued", "parked"):
            self.timeline.append(entry)
        message = entry.message
        if entry.kind == "parked" and message is not None:
            self.parked[message.header.message_id] = message
        elif entry.kind in ("received", "resumed") and message is not None:
            self.parked.pop(message.header.message_id, None)
            if entry.data.get("applied", True):
                step = _RECEIVED.get(message.CODE)
                if step is not None:
                    step(self, message, entry)
        elif entry.kind == "issued" and message is not None:
            self.issued = max(self.issued, message.header.ordinal)
            step = _ISSUED.get(message.CODE)
            if step is not None:
                step(self, message, entry)
        elif entry.kind == "selected":
            side = self.side(entry.data["office"], entry.data["presentation"])
            side.selections.extend(entry.data["selections"])
        elif entry.kind == "timer-fired":
            self.parked.pop(str(entry.data.get("parked", "")), None)


Step = Callable[[Case, Any, Entry], None]


def _declared(case: Case, message: AdvanceDeclaration, entry: Entry) -> None:
    if message.kind == "EXPORT_TRANSIT":
        case.declaration = message
        case.state = "SUBMITTED"
    else:
        case.filings[message.office] = message


def _registered(case: Case, message: RegistrationResult, entry: Entry) -> None:
    if message.mrn is not None and case.declaration is not None:
        consignment = case.declaration.consignment
        last = consignment.itinerary[-1]
        case.own_mrn = message.mrn
        case.movements[message.mrn] = Movement(
            message.mrn, case.country, case.declaration.office, last.country_code, last.office, consignment
        )
        case.state = "REGISTERED"
    elif case.state == "NEW":
        case.state = "FILED"


def _released(case: Case, message: Release, entry: Entry) -> None:
    opens = entry.data.get("opens")
    if opens is None:
        case.state = "RELEASED"
        return
    consignment = case.consignment(message.office)
    if consignment is not None:
        case.own_mrn = message.mrn
        case.movements[message.mrn] = Movement(
            message.mrn,
            case.country,
            message.office,
            str(opens["destination_country"]),
            str(opens["destination_office"]),
            consignment,
        )


def _departed(case: Case, message: Departure, entry: Entry) -> None:
    case.state = "IN_TRANSIT"


def _announced(case: Case, message: AnticipatedArrivalRecord | AnticipatedTransitRecord, entry: Entry) -> None:
    opened = entry.kind == "issued"
    destination = next(
        (s for s in message.consignment.itinerary if s.office == message.destination_office),
        message.consignment.itinerary[-1],
    )
    known = case.movements.get(message.mrn)
    if known is not None:
        return
    case.movements[message.mrn] = Movement(
        message.mrn,
        case.country if opened else message.header.sender,
        message.departure_office,
        destination.country_code,
        message.destination_office,
        message.consignment,
        told=None if opened else entry.at,
        usable=bool(entry.data.get("usable", True)),
    )
    if opened:
        case.own_mrn = case.own_mrn or message.mrn
    elif case.state == "NEW":
        case.state = "ANNOUNCED"


def _arrived(case: Case, message: ArrivalAdvice, entry: Entry) -> None:
    if message.header.sender.partition(".")[0] == case.country:
        side = case.side(message.office, message.presentation)
        side.arrived_at = message.arrived_at
        side.seal = str(entry.data.get("seal", "INTACT"))
        side.mass_differs = bool(entry.data.get("mass_differs", False))
        case.state = {"DEPARTURE": "UNDER_EXPORT_CONTROL", "DESTINATION": "ARRIVED"}.get(
            message.presentation, "AT_BORDER"
        )
    elif message.mrn in case.movements:
        case.movements[message.mrn].state = "ARRIVED"


def _demanded(case: Case, message: ControlDecision, entry: Entry) -> None:
    side = case.side(message.office, message.presentation)
    if message.before_arrival:
        side.check_asked = side.check_asked or bool(message.controls)
        return
    side.required = [(c.form, c.extent) for c in message.controls]
    if not side.required:
        side.cleared_at = entry.at
        if message.presentation in ("EXIT", "ENTRY"):
            case.state = "CLEARED"


def _controlled(case: Case, message: ControlResult, entry: Entry) -> None:
    if message.header.sender.partition(".")[0] != case.country:
        case.offers[message.header.message_id] = Offer(message, entry.at)
        if message.supersedes is not None and message.supersedes in case.offers:
            case.offers[message.supersedes].outcome = "REVOKED"
        return
    side = case.side(message.office, message.presentation)
    side.made.append(message)
    if message.form == "DOCUMENTARY" and message.extent == "CHECK":
        side.check_made = True
    if (message.form, message.extent) in side.required:
        side.required.remove((message.form, message.extent))
    if message.result in FAILED:
        side.failed = True
        case.state = "DETAINED"


def _answered(case: Case, message: RecognitionResponse, entry: Entry) -> None:
    offer = case.offers.get(message.control_result_id)
    if entry.kind == "issued" and offer is not None:
        offer.outcome, offer.stage = message.outcome, message.stage
        offer.reasons = tuple(reason.code for reason in message.reasons)
    elif entry.kind != "issued":
        case.answers.append(message)


def _crossed(case: Case, message: NotificationOfCrossing, entry: Entry) -> None:
    if message.header.sender.partition(".")[0] == case.country:
        case.side(message.office, message.presentation).crossed_at = message.crossed_at
        case.state = "IN_TRANSIT"


def _ended(case: Case, message: DestinationControlResult, entry: Entry) -> None:
    if message.mrn in case.movements:
        case.movements[message.mrn].state = "DISCREPANCY" if message.result in FAILED else "CONTROLLED"


def _written_off(case: Case, message: WriteOff, entry: Entry) -> None:
    movement = case.movements.get(message.mrn)
    if movement is not None:
        movement.state = "WRITTEN_OFF"
    if all(m.state == "WRITTEN_OFF" for m in case.movements.values()):
        case.state = "WRITTEN_OFF"


_RECEIVED: Mapping[str, Step] = {
    "ADV": _declared,
    "DEP": _departed,
    "AAR": _announced,
    "ATR": _announced,
    "ARR": _arrived,
    "CTR": _controlled,
    "RCG": _answered,
    "NCF": _crossed,
    "DCR": _ended,
    "WRO": _written_off,
}
_ISSUED: Mapping[str, Step] = {
    "REG": _registered,
    "REL": _released,
    "AAR": _announced,
    "CTD": _demanded,
    "RCG": _answered,
    "DCR": _ended,
    "WRO": _written_off,
}

__all__ = ["FAILED", "Case", "Movement", "Offer", "Side"]
