"""What traders and carriers declare, and what their own service answers: ADV, REG, AMD, INV, REL, SLT."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from exchange.messages import base as b
from exchange.messages import parts as p
from exchange.messages.base import PixModel
from exchange.messages.envelope import CaseMessage


class AdvanceDeclaration(CaseMessage):
    """Goods and transport means, told before departure (trader) or before arrival (carrier's legal filing)."""

    CODE: ClassVar[str] = "ADV"
    NAME: ClassVar[str] = "Advance declaration"

    kind: Literal["EXPORT_TRANSIT", "CARRIER_FILING"]
    office: b.OfficeCode
    previous_mrn: b.MRN | None = None
    consignment: p.Consignment


class RegistrationResult(CaseMessage):
    """The number under which an advance declaration was registered, or why it was not."""

    CODE: ClassVar[str] = "REG"
    NAME: ClassVar[str] = "Registration result"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"reasons": "Reason"}

    result: Literal["REGISTERED", "LATE", "REFUSED"]
    pi_number: b.PINumber | None = None
    mrn: b.MRN | None = None
    reasons: Annotated[tuple[p.Reason, ...], Field(max_length=99)] = ()


class Change(PixModel):
    """One element that an amendment changes; ``pointer`` is an XPath into the declaration."""

    sequence_number: b.SequenceNumber
    pointer: b.Text256
    before: b.Text512 | None = None
    after: b.Text512 | None = None


class Amendment(CaseMessage):
    """A declaration anew, with what has changed. The whole new body stands in it, so that nothing has to be merged.

    Office of departure, declarant and first containers may not change, and nothing may after release (NCTS R0520).
    """

    CODE: ClassVar[str] = "AMD"
    NAME: ClassVar[str] = "Amendment of a declaration"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"changes": "Change"}

    pi_number: b.PINumber | None = None
    mrn: b.MRN | None = None
    office: b.OfficeCode
    amendment_number: b.SequenceNumber
    consignment: p.Consignment
    changes: Annotated[tuple[Change, ...], Field(min_length=1, max_length=999)]
    text: b.Text512 | None = None


class Invalidation(CaseMessage):
    """A declaration is to be invalid: the request, before release, and with ``accepted`` the answer to it."""

    CODE: ClassVar[str] = "INV"
    NAME: ClassVar[str] = "Invalidation of a declaration"

    pi_number: b.PINumber | None = None
    mrn: b.MRN | None = None
    office: b.OfficeCode
    initiated_by_customs: bool
    justification: b.Text512
    accepted: bool | None = None
    decided_at: b.Time | None = None


class Release(CaseMessage):
    """The goods may leave: release for transit or export, to the trader and the departure post."""

    CODE: ClassVar[str] = "REL"
    NAME: ClassVar[str] = "Release for transit"

    mrn: b.MRN
    office: b.OfficeCode
    released_at: b.Time
    limit_date: b.Date


class SlotBooking(CaseMessage):
    """A carrier books a time at a border post, and is told whether it has it."""

    CODE: ClassVar[str] = "SLT"
    NAME: ClassVar[str] = "Slot booking"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"transport_means": "TransportMeans", "reasons": "Reason"}

    office: b.OfficeCode
    presentation: b.Presentation
    stage: Literal["REQUESTED", "CONFIRMED", "REFUSED", "CANCELLED"]
    slot_number: b.Text20 | None = None
    not_before: b.Time
    not_after: b.Time
    transport_means: Annotated[tuple[p.TransportMeans, ...], Field(min_length=1, max_length=9)]
    reasons: Annotated[tuple[p.Reason, ...], Field(max_length=99)] = ()


__all__ = ["AdvanceDeclaration", "Amendment", "Change", "Invalidation", "RegistrationResult", "Release", "SlotBooking"]
