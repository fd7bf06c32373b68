"""PIX v1.0, first part: fifteen messages, one class each.

The XML root element is the class name, the file of its schema ``schemas/pix/1.0/<CODE>.xsd``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from exchange.messages import base as b
from exchange.messages import parts as p
from exchange.messages.base import PixModel


class Message(PixModel):
    """What all messages have: the header and the UCR of the case they belong to."""

    CODE: ClassVar[str]
    NAME: ClassVar[str]

    header: p.Header
    ucr: b.UCR

    @model_validator(mode="after")
    def _type_is_code(self) -> Self:
        if self.header.message_type != self.CODE:
            raise ValueError(f"the header of {self.CODE} has message type {self.header.message_type}")
        return self


class AdvanceDeclaration(Message):
    """Goods and transport means, told before departure (trader) or before arrival (carrier's legal filing)."""

    CODE: ClassVar[str] = "ADV"
    NAME: ClassVar[str] = "Advance declaration"

    kind: Literal["EXPORT_TRANSIT", "CARRIER_FILING"]
    office: b.OfficeCode
    previous_mrn: b.MRN | None = None
    consignment: p.Consignment


class RegistrationResult(Message):
    """The number under which an advance declaration was registered, or why it was not."""

    CODE: ClassVar[str] = "REG"
    NAME: ClassVar[str] = "Registration result"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"reasons": "Reason"}

    result: Literal["REGISTERED", "LATE", "REFUSED"]
    pi_number: b.PINumber | None = None
    mrn: b.MRN | None = None
    reasons: Annotated[tuple[p.Reason, ...], Field(max_length=99)] = ()


class Release(Message):
    """The goods may leave: release for transit or export, to the trader and the departure post."""

    CODE: ClassVar[str] = "REL"
    NAME: ClassVar[str] = "Release for transit"

    mrn: b.MRN
    office: b.OfficeCode
    released_at: b.Time
    limit_date: b.Date


class Departure(Message):
    """The train or vehicle has left."""

    CODE: ClassVar[str] = "DEP"
    NAME: ClassVar[str] = "Departure"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"transport_means": "TransportMeans"}

    mrn: b.MRN | None = None
    office: b.OfficeCode
    departed_at: b.Time
    transport_means: Annotated[tuple[p.TransportMeans, ...], Field(min_length=1, max_length=99)]


class AnticipatedArrivalRecord(Message):
    """What is coming to the office of destination, with the control result at departure."""

    CODE: ClassVar[str] = "AAR"
    NAME: ClassVar[str] = "Anticipated arrival record"

    mrn: b.MRN
    departure_office: b.OfficeCode
    destination_office: b.OfficeCode
    released_at: b.Time
    control_result: b.ResultCode
    consignment: p.Consignment


class AnticipatedTransitRecord(Message):
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


class ControlDecision(Message):
    """The controls a node requires of its post; none means the goods may pass.

    It goes to the post only, so that nobody is told of a selection before presentation.
    """

    CODE: ClassVar[str] = "CTD"
    NAME: ClassVar[str] = "Control decision"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"controls": "RequiredControl"}

    office: b.OfficeCode
    presentation: b.Presentation
    notification_type: Literal["0", "1", "2"] = "0"
    before_arrival: bool
    controls: Annotated[tuple[p.RequiredControl, ...], Field(max_length=99)] = ()


class ControlResult(Message):
    """The result of one control that was really made (EAEU R.051, NCTS ControlResult). Masses in kilograms."""

    CODE: ClassVar[str] = "CTR"
    NAME: ClassVar[str] = "Customs control result"
    XML_NAMES: ClassVar[Mapping[str, str]] = {
        "seals_removed": "SealRemoved",
        "seals_affixed": "SealAffixed",
        "attachments": "Attachment",
    }

    mrn: b.MRN | None = None
    act_number: b.ActNumber
    office: b.OfficeCode
    presentation: b.Presentation
    form: b.ControlForm
    extent: b.ControlExtent
    began_at: b.Time
    ended_at: b.Time
    scope: Literal["ALL", "PART"] = "ALL"
    result: b.ResultCode
    offence_indicator: bool
    declared_mass: b.Mass | None = None
    found_mass: b.Mass | None = None
    seals_removed: Annotated[tuple[p.Seal, ...], Field(max_length=99)] = ()
    seals_affixed: Annotated[tuple[p.Seal, ...], Field(max_length=99)] = ()
    valid_until: b.Time | None = None
    supersedes: b.MessageID | None = None
    may_forward: bool = False
    attachments: Annotated[tuple[p.Attachment, ...], Field(max_length=99)] = ()
    text: b.Text512 | None = None


class RecognitionResponse(Message):
    """Whether another service's control result is recognised: conditional before arrival, then confirmed or lapsed."""

    CODE: ClassVar[str] = "RCG"
    NAME: ClassVar[str] = "Recognition response"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"reasons": "Reason"}

    control_result_id: b.MessageID
    act_number: b.ActNumber
    form: b.ControlForm
    office: b.OfficeCode
    outcome: Literal["ACCEPTED", "PARTIAL", "REFUSED"]
    stage: Literal["CONDITIONAL", "CONFIRMED", "LAPSED"]
    decided_at: b.Time
    reasons: Annotated[tuple[p.Reason, ...], Field(max_length=99)] = ()


class ArrivalAdvice(Message):
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


class NotificationOfCrossing(Message):
    """The goods have left an office for the next territory or the inland leg."""

    CODE: ClassVar[str] = "NCF"
    NAME: ClassVar[str] = "Notification of crossing"

    mrn: b.MRN | None = None
    office: b.OfficeCode
    presentation: b.Presentation
    crossed_at: b.Time


class Incident(Message):
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


class DestinationControlResult(Message):
    """How a movement ended at its office of destination."""

    CODE: ClassVar[str] = "DCR"
    NAME: ClassVar[str] = "Destination control result"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"discrepancies": "Discrepancy"}

    mrn: b.MRN
    office: b.OfficeCode
    controlled_at: b.Time
    result: b.ResultCode
    discrepancies: Annotated[tuple[p.Discrepancy, ...], Field(max_length=999)] = ()


class WriteOff(Message):
    """The movement is discharged."""

    CODE: ClassVar[str] = "WRO"
    NAME: ClassVar[str] = "Write-off"

    mrn: b.MRN
    written_off_at: b.Time
    result: b.ResultCode


class FunctionalRejection(Message):
    """What was found wrong with a message after it had been accepted."""

    CODE: ClassVar[str] = "NCK"
    NAME: ClassVar[str] = "Functional rejection"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"errors": "FunctionalError"}

    errors: Annotated[tuple[p.FunctionalError, ...], Field(min_length=1, max_length=99)]


CATALOGUE: Mapping[str, type[Message]] = {
    cls.CODE: cls
    for cls in (
        AdvanceDeclaration, RegistrationResult, Release, Departure, AnticipatedArrivalRecord,
        AnticipatedTransitRecord, ControlDecision, ControlResult, RecognitionResponse, ArrivalAdvice,
        NotificationOfCrossing, Incident, DestinationControlResult, WriteOff, FunctionalRejection,
    )
}
"""Message class by code."""

ROOTS: Mapping[str, type[Message]] = {cls.__name__: cls for cls in CATALOGUE.values()}
"""Message class by the local name of the XML root element."""

VERSION = "1.0"
NAMESPACE = "urn:corridor:pix:1"
