"""Controls and what becomes of their results: CTD, PDC, CTR, IMG, RCG."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from exchange.messages import base as b
from exchange.messages import parts as p
from exchange.messages.base import PixModel
from exchange.messages.envelope import CaseMessage


class ControlDecision(CaseMessage):
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


class UnitDecision(PixModel):
    """The preliminary decision on one wagon, vehicle or container."""

    sequence_number: b.SequenceNumber
    container_id: b.ContainerID | None = None
    means_id: b.MeansID | None = None
    channel: Literal["GREEN", "YELLOW", "RED"]
    form: b.ControlForm | None = None
    decision: Literal["10", "11", "12", "13"]


class PreliminaryDecision(CaseMessage):
    """What a service means to do with goods that have not come yet, told to the service before it.

    It goes from service to service, never to a trader or carrier, and a control drawn at random is not in it: nobody is
    told of a selection before presentation.
    """

    CODE: ClassVar[str] = "PDC"
    NAME: ClassVar[str] = "Preliminary decision"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"units": "UnitDecision"}

    mrn: b.MRN | None = None
    office: b.OfficeCode
    decided_at: b.Time
    units: Annotated[tuple[UnitDecision, ...], Field(min_length=1, max_length=999)]
    text: b.Text512 | None = None


class ControlResult(CaseMessage):
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


class InspectionImage(CaseMessage):
    """An image that a scanner took, named by its digest; the file is fetched apart. Size in bytes."""

    CODE: ClassVar[str] = "IMG"
    NAME: ClassVar[str] = "Inspection image notice"

    mrn: b.MRN | None = None
    control_result_id: b.MessageID | None = None
    act_number: b.ActNumber
    office: b.OfficeCode
    image_id: b.Text35
    scanner_id: b.Text35
    scanner_kind: Literal["XRAY", "GAMMA", "BACKSCATTER", "NEUTRON"]
    scan_mode: Literal["PORTAL", "GANTRY", "MOBILE", "RAIL"]
    lane: b.Text20 | None = None
    captured_at: b.Time
    container_id: b.ContainerID | None = None
    means_id: b.MeansID | None = None
    media_type: b.MediaType
    sha256: b.Digest
    size: b.ByteCount
    location: b.ImagePath
    may_forward: bool = False


class RecognitionResponse(CaseMessage):
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


__all__ = [
    "ControlDecision",
    "ControlResult",
    "InspectionImage",
    "PreliminaryDecision",
    "RecognitionResponse",
    "UnitDecision",
]
