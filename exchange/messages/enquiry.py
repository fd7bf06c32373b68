"""Questions between services about goods and movements, and the answers: DRQ, DRS, STQ, STS, DSC, DSS, ENQ, ENR."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from exchange.messages import base as b
from exchange.messages import parts as p
from exchange.messages.base import PixModel
from exchange.messages.envelope import CaseMessage


class DataRequest(CaseMessage):
    """One service asks another for its export data, by MRN or by the number of the export declaration."""

    CODE: ClassVar[str] = "DRQ"
    NAME: ClassVar[str] = "Data request"

    office: b.OfficeCode
    mrn: b.MRN | None = None
    export_declaration_number: b.Text35 | None = None
    import_declaration_number: b.Text35 | None = None
    purpose: Literal["IMPORT_DECLARATION", "UNANNOUNCED_ARRIVAL", "RISK_ANALYSIS"]


class ExportData(PixModel):
    """The sixteen parameters of the Russian–Italian exchange, as proposed here.

    MRN, office, date, consignor, consignee, means of transport, terms of delivery, container, HS code, description,
    packages, gross mass, net mass, invoice value with currency, country of origin, seals. The source names consignor,
    consignee, means, terms and container number; the others are designed.
    """

    XML_NAMES: ClassVar[Mapping[str, str]] = {
        "transport_means": "TransportMeans",
        "transport_equipment": "TransportEquipment",
        "goods_items": "GoodsItem",
    }

    mrn: b.MRN
    export_office: b.OfficeCode
    export_date: b.Date
    consignor: p.Party
    consignee: p.Party
    transport_means: Annotated[tuple[p.TransportMeans, ...], Field(min_length=1, max_length=99)]
    terms_of_delivery: b.DeliveryTerms
    transport_equipment: Annotated[tuple[p.TransportEquipment, ...], Field(max_length=9999)] = ()
    goods_items: Annotated[tuple[p.GoodsItem, ...], Field(min_length=1, max_length=999)]
    invoice_amount: p.MonetaryAmount


class DataResponse(CaseMessage):
    """The answer to a data request: the export data, or that there are none."""

    CODE: ClassVar[str] = "DRS"
    NAME: ClassVar[str] = "Data response"

    result: Literal["FOUND", "NOT_FOUND", "REFUSED"]
    export_data: ExportData | None = None
    text: b.Text512 | None = None


class StatusQuery(CaseMessage):
    """Asks where a case stands, or what became of one message."""

    CODE: ClassVar[str] = "STQ"
    NAME: ClassVar[str] = "Status query"

    mrn: b.MRN | None = None
    about_message_id: b.MessageID | None = None


class KnownMessage(PixModel):
    """A message that the answering service has: one of the latest of the case."""

    sequence_number: b.SequenceNumber
    message_id: b.MessageID
    message_type: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    sender: b.MemberID
    sent_at: b.Time


class StatusAnswer(CaseMessage):
    """Where a case stands, with the latest messages known. A selection for control is no state that is told."""

    CODE: ClassVar[str] = "STS"
    NAME: ClassVar[str] = "Status answer"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"known_messages": "KnownMessage"}

    mrn: b.MRN | None = None
    state: b.CaseState
    state_since: b.Time | None = None
    office: b.OfficeCode | None = None
    known_messages: Annotated[tuple[KnownMessage, ...], Field(max_length=99)] = ()


class DiscrepancyNotice(CaseMessage):
    """Departure and destination do not agree on what arrived; the other side is asked to explain."""

    CODE: ClassVar[str] = "DSC"
    NAME: ClassVar[str] = "Discrepancies"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"discrepancies": "Discrepancy"}

    mrn: b.MRN
    office: b.OfficeCode
    result: b.ResultCode
    noted_at: b.Time
    answer_by: b.Time | None = None
    discrepancies: Annotated[tuple[p.Discrepancy, ...], Field(min_length=1, max_length=999)]


class Resolution(PixModel):
    """What became of one discrepancy; ``sequence_number`` is its number in the notice."""

    sequence_number: b.SequenceNumber
    outcome: Literal["EXPLAINED", "CORRECTED", "UPHELD"]
    text: b.Text512 | None = None


class DiscrepanciesSolved(CaseMessage):
    """The answer to a notice of discrepancies, and whether the movement can be written off."""

    CODE: ClassVar[str] = "DSS"
    NAME: ClassVar[str] = "Discrepancies solved"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"resolutions": "Resolution"}

    mrn: b.MRN
    office: b.OfficeCode
    solved: bool
    solved_at: b.Time
    resolutions: Annotated[tuple[Resolution, ...], Field(min_length=1, max_length=999)]


class Enquiry(CaseMessage):
    """The office of departure has not heard how a movement ended and asks."""

    CODE: ClassVar[str] = "ENQ"
    NAME: ClassVar[str] = "Enquiry"

    mrn: b.MRN
    office: b.OfficeCode
    subject: Literal["ARRIVAL", "CONTROL_RESULT"]
    limit_date: b.Date
    answer_by: b.Time
    text: b.Text512 | None = None


class EnquiryResponse(CaseMessage):
    """What the service of destination knows of a movement that was enquired after."""

    CODE: ClassVar[str] = "ENR"
    NAME: ClassVar[str] = "Enquiry response"

    mrn: b.MRN
    office: b.OfficeCode
    outcome: Literal["ARRIVED", "NOT_ARRIVED", "UNDER_INVESTIGATION"]
    arrived_at: b.Time | None = None
    result: b.ResultCode | None = None
    text: b.Text512 | None = None


__all__ = [
    "DataRequest",
    "DataResponse",
    "DiscrepanciesSolved",
    "DiscrepancyNotice",
    "Enquiry",
    "EnquiryResponse",
    "ExportData",
    "KnownMessage",
    "Resolution",
    "StatusAnswer",
    "StatusQuery",
]
