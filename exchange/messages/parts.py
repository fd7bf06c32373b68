"""The common types of the message set: what several messages are made of.

Element names are those of the WCO Data Model wherever it has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field

from exchange.messages import base as b
from exchange.messages.base import PixModel


class Header(PixModel):
    """The envelope data of a message: who says what to whom, when, under which agreement."""

    message_id: b.MessageID
    message_type: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    correlation_id: b.MessageID | None = None
    sender: b.MemberID
    recipient: b.MemberID
    sent_at: b.Time
    ordinal: b.Ordinal
    corridor_id: b.Slug | None = None
    agreement_id: b.Slug | None = None
    test_indicator: bool = True
    fallback_indicator: bool = False

    @classmethod
    def written(
        cls,
        message_id: str,
        message_type: str,
        correlation_id: str | None,
        sender: str,
        recipient: str,
        sent_at: datetime,
        ordinal: int,
        corridor_id: str | None,
        agreement_id: str | None = None,
    ) -> Self:
        """Return the header that its writer vouches for, as by :meth:`made`: every message has one."""
        return cls.whole(
            {
                "message_id": message_id,
                "message_type": message_type,
                "correlation_id": correlation_id,
                "sender": sender,
                "recipient": recipient,
                "sent_at": sent_at,
                "ordinal": ordinal,
                "corridor_id": corridor_id,
                "agreement_id": agreement_id,
                "test_indicator": True,
                "fallback_indicator": False,
            }
        )


class Place(PixModel):
    """A place: its UN/LOCODE, or country and free name where no code exists (NCTS C0387)."""

    unlocode: b.UNLOCODE | None = None
    country_code: b.CountryCode | None = None
    name: b.Text35 | None = None


class Party(PixModel):
    """A trader or carrier: identification (EORI, USCC …), name, country; its AEO number where it has one."""

    SINCE: ClassVar[Mapping[str, str]] = {"aeo_number": "1.1"}

    id: b.Text35
    name: b.Text70
    country_code: b.CountryCode
    aeo_number: b.Text35 | None = None


class TransportMeans(PixModel):
    """A train, wagon, road vehicle or ship."""

    mode_code: b.ModeCode
    identification_type: b.MeansType
    id: b.MeansID
    nationality: b.CountryCode | None = None


class Seal(PixModel):
    """A seal as affixed."""

    sequence_number: b.SequenceNumber
    id: b.SealID
    kind: b.SealKind = "M"


class Position(PixModel):
    """A point on the earth (WGS 84)."""

    latitude: b.Latitude
    longitude: b.Longitude


class SealReading(PixModel):
    """What an electronic or navigation seal reported last before it was looked at, and where it was then."""

    read_at: b.Time
    event: b.SealEvent
    position: Position | None = None


class SealFound(PixModel):
    """A seal as found at a presentation."""

    SINCE: ClassVar[Mapping[str, str]] = {"reading": "1.1"}

    sequence_number: b.SequenceNumber
    id: b.SealID
    state: b.SealState
    reading: SealReading | None = None


class TransportEquipment(PixModel):
    """A container, or a wagon or vehicle loaded without one, with its seals. Tare in kilograms."""

    XML_NAMES: ClassVar[Mapping[str, str]] = {"seals": "Seal"}

    sequence_number: b.SequenceNumber
    container_id: b.ContainerID | None = None
    means_id: b.MeansID | None = None
    tare_mass: b.Mass | None = None
    number_of_seals: Annotated[int, Field(ge=0, le=99)]
    seal_waiver_code: Annotated[str, Field(pattern=r"^[A-Z][0-9]$")] | None = None
    seals: Annotated[tuple[Seal, ...], Field(max_length=99)] = ()


class Packaging(PixModel):
    """Kind (UN/ECE Recommendation 21), number and marks of packages."""

    kind: b.PackageKind
    quantity: b.Count | None = None
    marks: b.Text512 | None = None


class MonetaryAmount(PixModel):
    """An amount in a currency (ISO 4217)."""

    amount: b.Amount
    currency_code: b.CurrencyCode


class GoodsItem(PixModel):
    """One line of goods (WCO GovernmentAgencyGoodsItem). Masses in kilograms."""

    sequence_number: b.SequenceNumber
    hs_code: b.HSCode
    description: b.Text512
    origin_country: b.CountryCode
    gross_mass: b.Mass
    net_mass: b.Mass
    packaging: Packaging
    statistical_value: MonetaryAmount | None = None
    un_number: b.UNNumber | None = None


class ItineraryStop(PixModel):
    """A customs office on the way, its role, and when the goods are expected there."""

    sequence_number: b.SequenceNumber
    office: b.OfficeCode
    country_code: b.CountryCode
    role: b.OfficeRole
    place: Place
    eta: b.Time


class TransportDocument(PixModel):
    """SMGS, CIM or CMR note, bill of lading, air waybill …"""

    kind: Literal["SMGS", "CIM", "CMR", "BL", "AWB", "TIR"]
    id: b.Text35


class Consignment(PixModel):
    """Goods that travel together from one consignor to one consignee. Masses in kilograms."""

    XML_NAMES: ClassVar[Mapping[str, str]] = {
        "transport_means": "TransportMeans",
        "transport_equipment": "TransportEquipment",
        "goods_items": "GoodsItem",
        "itinerary": "ItineraryStop",
        "transport_documents": "TransportDocument",
    }

    country_of_dispatch: b.CountryCode
    country_of_destination: b.CountryCode
    container_indicator: bool
    gross_mass: b.Mass
    consignor: Party
    consignee: Party
    carrier: Party | None = None
    transport_means: Annotated[tuple[TransportMeans, ...], Field(min_length=1, max_length=99)]
    transport_equipment: Annotated[tuple[TransportEquipment, ...], Field(max_length=9999)] = ()
    goods_items: Annotated[tuple[GoodsItem, ...], Field(min_length=1, max_length=999)]
    itinerary: Annotated[tuple[ItineraryStop, ...], Field(min_length=1, max_length=99)]
    transport_documents: Annotated[tuple[TransportDocument, ...], Field(max_length=99)] = ()


class RequiredControl(PixModel):
    """One control that a node requires of its post."""

    sequence_number: b.SequenceNumber
    form: b.ControlForm
    extent: b.ControlExtent


class Attachment(PixModel):
    """A file that belongs to a control act, named by its digest. Size in bytes."""

    sequence_number: b.SequenceNumber
    media_type: b.MediaType
    sha256: b.Digest
    size: b.ByteCount
    description: b.Text256 | None = None


class Reason(PixModel):
    """Why something was refused or qualified: a code and a sentence."""

    code: Annotated[str, Field(pattern=r"^[A-Z0-9_]{1,35}$")]
    text: b.Text512 | None = None


class Discrepancy(PixModel):
    """A difference between what was declared and what was found; ``pointer`` is an XPath into the declaration."""

    sequence_number: b.SequenceNumber
    pointer: b.Text256
    declared: b.Text512 | None = None
    found: b.Text512 | None = None


class FunctionalError(PixModel):
    """One point of a functional rejection. Class: 1 format, 2 workflow, 3 business, 4 internal (eTIR's families)."""

    sequence_number: b.SequenceNumber
    error_class: Annotated[int, Field(ge=1, le=4)]
    code: Annotated[str, Field(pattern=r"^[0-9A-Z]{1,10}$")]
    severity: Literal["ERROR", "WARNING"] = "ERROR"
    rule_id: b.RuleID | None = None
    pointer: b.Text256 | None = None
    given: b.Text512 | None = None
    text: b.Text512


__all__ = [
    "Attachment",
    "Consignment",
    "Discrepancy",
    "FunctionalError",
    "GoodsItem",
    "Header",
    "ItineraryStop",
    "MonetaryAmount",
    "Packaging",
    "Party",
    "Place",
    "Position",
    "Reason",
    "RequiredControl",
    "Seal",
    "SealFound",
    "SealReading",
    "TransportDocument",
    "TransportEquipment",
    "TransportMeans",
]
