"""What services tell one another about goods on the way: AAR, ATR, DEP, ARR, NCF, SEA, INC, DCR, WRO."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from exchange.messages import base as b
from exchange.messages import parts as p
from exchange.messages.envelope import CaseMessage


class AnticipatedArrivalRecord(CaseMessage):
    """What is coming to the office of destination, with the control result at departure."""

    CODE: ClassVar[str] = "AAR"
    NAME: ClassVar[str] = "Anticipated arrival record"

    mrn: b.MRN
    departure_office: b.OfficeCode
    destination_office: b.OfficeCode
    released_at: b.Time
    control_result: b.ResultCode
    consignment: p.Consignment


class AnticipatedTransitRecord(CaseMessage):
    """What is coming to an office of transit, and when."""

    CODE: ClassVar[str] = "ATR"
    NAME: ClassVar[str] = "Anticipated transit record"

    mrn: b.MRN
    departure_office: b.OfficeCode
    destination_office: b.OfficeCode
    transit_office: b.OfficeCode
    eta: b.Time
    released_at: b.Time
    control_result: b.ResultCode
    consignment: p.Consignment


class Departure(CaseMessage):
    """The train or vehicle has left."""

    CODE: ClassVar[str] = "DEP"
    NAME: ClassVar[str] = "Departure"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"transport_means": "TransportMeans"}

    mrn: b.MRN | None = None
    office: b.OfficeCode
    departed_at: b.Time
    transport_means: Annotated[tuple[p.TransportMeans, ...], Field(min_length=1, max_length=99)]


class ArrivalAdvice(CaseMessage):
    """Goods have arrived at an office: seals and mass (kilograms) as found."""

    CODE: ClassVar[str] = "ARR"
    NAME: ClassVar[str] = "Arrival advice"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"seals_found": "SealFound"}

    mrn: b.MRN | None = None
    office: b.OfficeCode
    presentation: b.Presentation
    arrived_at: b.Time
    found_mass: b.Mass | None = None
    seals_found: Annotated[tuple[p.SealFound, ...], Field(max_length=999)] = ()


class NotificationOfCrossing(CaseMessage):
    """The goods have left an office for the next territory or the inland leg."""

    CODE: ClassVar[str] = "NCF"
    NAME: ClassVar[str] = "Notification of crossing"

    mrn: b.MRN | None = None
    office: b.OfficeCode
    presentation: b.Presentation
    crossed_at: b.Time


class SealIntegrity(CaseMessage):
    """How the seals were found at a handover, and which were affixed in place of others."""

    CODE: ClassVar[str] = "SEA"
    NAME: ClassVar[str] = "Seal integrity notice"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"seals_found": "SealFound", "seals_affixed": "SealAffixed"}

    mrn: b.MRN | None = None
    office: b.OfficeCode
    presentation: b.Presentation
    checked_at: b.Time
    seals_found: Annotated[tuple[p.SealFound, ...], Field(min_length=1, max_length=999)]
    seals_affixed: Annotated[tuple[p.Seal, ...], Field(max_length=99)] = ()
    text: b.Text512 | None = None


class Incident(CaseMessage):
    """Gauge change, reloading, resealing or an accident on the way."""

    CODE: ClassVar[str] = "INC"
    NAME: ClassVar[str] = "Incident or transhipment"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"former_means": "FormerMeans", "new_means": "NewMeans"}

    mrn: b.MRN | None = None
    office: b.OfficeCode | None = None
    incident_code: Literal["1", "2", "3", "4", "5", "6"]
    occurred_at: b.Time
    place: p.Place
    under_customs_supervision: bool
    former_means: Annotated[tuple[p.TransportMeans, ...], Field(max_length=99)] = ()
    new_means: Annotated[tuple[p.TransportMeans, ...], Field(max_length=99)] = ()
    text: b.Text512 | None = None


class DestinationControlResult(CaseMessage):
    """How a movement ended at its office of destination."""

    CODE: ClassVar[str] = "DCR"
    NAME: ClassVar[str] = "Destination control result"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"discrepancies": "Discrepancy"}

    mrn: b.MRN
    office: b.OfficeCode
    controlled_at: b.Time
    result: b.ResultCode
    discrepancies: Annotated[tuple[p.Discrepancy, ...], Field(max_length=999)] = ()


class WriteOff(CaseMessage):
    """The movement is discharged."""

    CODE: ClassVar[str] = "WRO"
    NAME: ClassVar[str] = "Write-off"

    mrn: b.MRN
    written_off_at: b.Time
    result: b.ResultCode


__all__ = [
    "AnticipatedArrivalRecord",
    "AnticipatedTransitRecord",
    "ArrivalAdvice",
    "Departure",
    "DestinationControlResult",
    "Incident",
    "NotificationOfCrossing",
    "SealIntegrity",
    "WriteOff",
]
