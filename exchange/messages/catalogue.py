"""The catalogue of PIX: every message by its code and by its root element.

The XML root element is the class name, the file of its schema ``schemas/pix/<version>/<CODE>.xsd``. ACK and XNK of the
message plan are no XML messages: they are the signed receipt and the refusal over HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping

from exchange.messages.assistance import (
    AssistanceAnswer,
    AssistanceRequest,
    ViolationAlert,
)
from exchange.messages.control import (
    ControlDecision,
    ControlResult,
    InspectionImage,
    PreliminaryDecision,
    RecognitionResponse,
)
from exchange.messages.declaration import (
    AdvanceDeclaration,
    Amendment,
    Invalidation,
    RegistrationResult,
    Release,
    SlotBooking,
)
from exchange.messages.enquiry import (
    DataRequest,
    DataResponse,
    DiscrepanciesSolved,
    DiscrepancyNotice,
    Enquiry,
    EnquiryResponse,
    StatusAnswer,
    StatusQuery,
)
from exchange.messages.envelope import Message
from exchange.messages.movement import (
    AnticipatedArrivalRecord,
    AnticipatedTransitRecord,
    ArrivalAdvice,
    Departure,
    DestinationControlResult,
    Incident,
    NotificationOfCrossing,
    SealIntegrity,
    WriteOff,
)
from exchange.messages.service import (
    FunctionalRejection,
    ParticipantList,
    Unavailability,
    UnavailabilityCancelled,
)

CATALOGUE: Mapping[str, type[Message]] = {
    cls.CODE: cls
    for cls in (
        AdvanceDeclaration,
        RegistrationResult,
        Amendment,
        Invalidation,
        Release,
        Departure,
        AnticipatedArrivalRecord,
        AnticipatedTransitRecord,
        ControlDecision,
        PreliminaryDecision,
        ControlResult,
        InspectionImage,
        RecognitionResponse,
        ArrivalAdvice,
        NotificationOfCrossing,
        SealIntegrity,
        Incident,
        DestinationControlResult,
        DiscrepancyNotice,
        DiscrepanciesSolved,
        WriteOff,
        DataRequest,
        DataResponse,
        Enquiry,
        EnquiryResponse,
        StatusQuery,
        StatusAnswer,
        ParticipantList,
        SlotBooking,
        Unavailability,
        UnavailabilityCancelled,
        FunctionalRejection,
        AssistanceRequest,
        AssistanceAnswer,
        ViolationAlert,
    )
}
"""Message class by code."""

ROOTS: Mapping[str, type[Message]] = {cls.__name__: cls for cls in CATALOGUE.values()}
"""Message class by the local name of the XML root element."""

VERSION = "1.0"
"""The version in which messages are written unless another one is asked for."""
NAMESPACE = "urn:corridor:pix:1"

__all__ = ["CATALOGUE", "NAMESPACE", "ROOTS", "VERSION"]
