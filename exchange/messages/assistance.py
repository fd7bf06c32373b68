"""Help between services in matters of law: MAQ, MAS, ALR."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from exchange.messages import base as b
from exchange.messages import parts as p
from exchange.messages.envelope import CaseMessage


class AssistanceRequest(CaseMessage):
    """One service asks another for help in a matter of law, person to person: it takes days."""

    CODE: ClassVar[str] = "MAQ"
    NAME: ClassVar[str] = "Mutual administrative assistance request"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"discrepancies": "Discrepancy"}

    reference: b.Text35
    mrn: b.MRN | None = None
    legal_basis: b.Text256
    measure: Literal["INFORMATION", "DOCUMENTS", "VERIFICATION", "SURVEILLANCE"]
    subject: Literal["GOODS", "MEANS", "PARTY", "DOCUMENT"]
    urgent: bool
    answer_by: b.Time | None = None
    party: p.Party | None = None
    discrepancies: Annotated[tuple[p.Discrepancy, ...], Field(max_length=999)] = ()
    text: b.Text512


class AssistanceAnswer(CaseMessage):
    """What the other service found out, and for what it may be used."""

    CODE: ClassVar[str] = "MAS"
    NAME: ClassVar[str] = "Mutual administrative assistance answer"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"reasons": "Reason", "attachments": "Attachment"}

    reference: b.Text35
    outcome: Literal["ANSWERED", "PARTIAL", "REFUSED"]
    offence_indicator: bool | None = None
    reasons: Annotated[tuple[p.Reason, ...], Field(max_length=99)] = ()
    attachments: Annotated[tuple[p.Attachment, ...], Field(max_length=99)] = ()
    may_use_as_evidence: bool
    may_forward: bool = False
    text: b.Text512


class ViolationAlert(CaseMessage):
    """A service suspects that goods carried by air break customs law, and tells the service of arrival.

    It goes from service to service, never to a trader or carrier.
    """

    CODE: ClassVar[str] = "ALR"
    NAME: ClassVar[str] = "Alert on a suspected violation in air carriage"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"transport_documents": "TransportDocument", "parties": "Party"}

    alert_number: b.Text35
    suspicion: Literal[
        "UNDECLARED", "MISDESCRIBED", "UNDERVALUED", "PROHIBITED", "COUNTERFEIT", "FALSE_ORIGIN", "OTHER"
    ]
    flight: p.TransportMeans
    place_of_loading: p.Place
    place_of_unloading: p.Place
    eta: b.Time
    transport_documents: Annotated[tuple[p.TransportDocument, ...], Field(max_length=99)] = ()
    parties: Annotated[tuple[p.Party, ...], Field(max_length=9)] = ()
    hs_code: b.HSCode | None = None
    form: b.ControlForm | None = None
    text: b.Text512


__all__ = ["AssistanceAnswer", "AssistanceRequest", "ViolationAlert"]
