"""The base of every PIX model and the facets of its scalar values.

A facet written here stands again in ``schemas/pix/1.0/common.xsd``; a test holds the two together. Times are
UTC in whole seconds, masses kilograms with at most three decimals, amounts two decimals.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer

ACRONYMS = {
    "id": "ID",
    "ucr": "UCR",
    "mrn": "MRN",
    "hs": "HS",
    "eta": "ETA",
    "pi": "PI",
    "un": "UN",
    "aeo": "AEO",
    "sha256": "SHA256",
    "unlocode": "UNLOCODE",
}
"""Parts of field names that are written in capitals in XML (``hs_code`` is ``HSCode``)."""


class PixModel(BaseModel):
    """A frozen value object of the message set; unknown fields are errors.

    XML element names follow from field names (``gross_mass`` → ``GrossMass``); a field that repeats is a tuple
    and its element takes the name given in :attr:`XML_NAMES`. Fields that a later version brought stand last.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, populate_by_name=True)

    XML_NAMES: ClassVar[Mapping[str, str]] = {}
    SINCE: ClassVar[Mapping[str, str]] = {}
    """The version of the message set that brought a field, where it was not the first. Such a field is optional."""

    @classmethod
    def xml_name(cls, field: str) -> str:
        """Return the XML element name of ``field``."""
        given = cls.XML_NAMES.get(field)
        if given is not None:
            return given
        return "".join(ACRONYMS.get(part, part[:1].upper() + part[1:]) for part in field.split("_"))

    @classmethod
    def made(cls, values: Mapping[str, Any]) -> Self:
        """Return the model of ``values`` that its builder vouches for: nothing is checked, which is much quicker.

        For those who write messages themselves, of what is valid already. What they send is checked by who receives
        it; tests hold that valid values give the same model either way. (They come as one mapping: as arguments with
        names they would take half the time that is saved.)
        """
        names = tuple(values)
        given = _GIVEN.get(names)
        if given is None:
            given = _GIVEN[names] = set(names)
        return _model(cls, {**_blank(cls), **values}, given)

    @classmethod
    def whole(cls, values: dict[str, Any]) -> Self:
        """Return the model of ``values``, which name every field in its order and become its own: as :meth:`made`,
        without copying them."""
        return _model(cls, values, _names(cls))

    def changed(self, values: Mapping[str, Any]) -> Self:
        """Return this model with other ``values``, for which its builder vouches, as by :meth:`made`."""
        return self.whole({**self.__dict__, **values})


P = TypeVar("P", bound=PixModel)
_new = object.__new__
_put_fields = BaseModel.__dict__["__dict__"].__set__
_put_fields_set = BaseModel.__dict__["__pydantic_fields_set__"].__set__
_put_extra = BaseModel.__dict__["__pydantic_extra__"].__set__
_put_private = BaseModel.__dict__["__pydantic_private__"].__set__
"""What writes the slots of a model, which is frozen, without looking each up by its name."""
_GIVEN: dict[tuple[str, ...], set[str]] = {}
"""The names that were given to builders, by their order: models that were made of the same share one set of them."""


def _model(cls: type[P], fields: dict[str, Any], given: set[str]) -> P:
    """Return the model of ``fields``, all of them and in their order, of which the names in ``given`` were given."""
    model = _new(cls)
    _put_fields(model, fields)
    _put_fields_set(model, given)
    _put_extra(model, None)
    _put_private(model, None)
    return model


@cache
def _blank(cls: type[PixModel]) -> dict[str, Any]:
    """Return the fields of ``cls`` in their order: as they are where they are left out, None where they must not be."""
    return {name: None if field.is_required() else field.default for name, field in cls.model_fields.items()}


@cache
def _names(cls: type[PixModel]) -> set[str]:
    """Return the names of all fields of ``cls``."""
    return set(cls.model_fields)


def _utc_seconds(value: datetime) -> datetime:
    if value.tzinfo is UTC and not value.microsecond:
        return value
    if value.tzinfo is None or value.utcoffset() is None:
        raise ValueError("a time needs its zone: write it in UTC with a Z")
    try:
        value = value.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time lies between the years 1 and 9999") from None
    if value.microsecond:
        raise ValueError("a time is given in whole seconds")
    return value


def format_time(value: datetime) -> str:
    """Return ``value`` (UTC) as ``YYYY-MM-DDTHH:MM:SSZ``."""
    return value.isoformat()[:19] + "Z"


Time = Annotated[
    datetime, AfterValidator(_utc_seconds), PlainSerializer(format_time, return_type=str, when_used="json")
]
"""A point of time, UTC, whole seconds."""

_VISIBLE = "!-~\u00a1-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff"
TEXT = f"^[{_VISIBLE}]+([ \u00a0]+[{_VISIBLE}]+)*$"
"""No empty text, no blank at either end, one line, no control characters.

The classes are written out so that the pattern means the same in XML Schema, where ``\\s`` and ``.`` differ.
"""


def text(longest: int) -> Any:
    """Return the field information of free text of at most ``longest`` characters."""
    return Field(min_length=1, max_length=longest, pattern=TEXT)


Text20 = Annotated[str, text(20)]
Text35 = Annotated[str, text(35)]
Text70 = Annotated[str, text(70)]
Text256 = Annotated[str, text(256)]
Text512 = Annotated[str, text(512)]

MessageID = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
MemberID = Annotated[str, Field(pattern=r"^[A-Z]{2}(\.[A-Z0-9][A-Z0-9-]{0,33})?$", max_length=37)]
CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
UCR = Annotated[str, Field(pattern=r"^[0-9][A-Z]{2}[A-Z0-9.-]{1,32}$", max_length=35)]
MRN = Annotated[str, Field(pattern=r"^[0-9]{2}[A-Z]{2}[A-Z0-9]{13}[0-9]$")]
PINumber = Annotated[str, Field(pattern=r"^[A-Z]{2}/[0-9]{6}/[0-9A-Z]{9}$")]
UNLOCODE = Annotated[str, Field(pattern=r"^[A-Z]{2}[A-Z2-9]{3}$")]
OfficeCode = Annotated[str, Field(pattern=r"^([A-Z]{2}[A-Z0-9]{6}|[0-9]{2}|[0-9]{4}|[0-9]{5}|[0-9]{8})$")]
"""EU ``FI542700``; EAEU 2, 5 or 8 digits; China 4 digits."""
HSCode = Annotated[str, Field(pattern=r"^[0-9]{6}([0-9]{2}){0,2}$")]
"""HS or commodity code of 6, 8 or 10 digits."""
ContainerID = Annotated[str, Field(pattern=r"^[A-Z]{3}[UJZ][0-9]{7}$")]
MeansID = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9/. -]{0,34}$", max_length=35)]
SealID = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9/-]{0,19}$", max_length=20)]
PackageKind = Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")]
UNNumber = Annotated[str, Field(pattern=r"^UN[0-9]{4}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
MediaType = Annotated[str, Field(pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+$", max_length=100)]
ImagePath = Annotated[str, Field(pattern=r"^/images/[0-9a-f]{64}$")]
"""Where a service gives out an inspection image, below its own address."""
DeliveryTerms = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""Incoterms, three letters."""
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,49}$", max_length=50)]
ActNumber = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9/-]{0,34}$", max_length=35)]
RuleID = Annotated[str, Field(pattern=r"^[A-Z]{2,5}-[0-9]{3}$")]

SequenceNumber = Annotated[int, Field(ge=1, le=9999)]
Ordinal = Annotated[int, Field(ge=1, le=999999)]
Mass = Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=3)]
"""Kilograms."""
Amount = Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=2)]
Count = Annotated[int, Field(ge=0, le=99999999)]
ByteCount = Annotated[int, Field(ge=1, le=104857600)]

ResultCode = Literal["A1", "A2", "A3", "A4", "A5", "B1", "B2", "B3"]
"""NCTS control result code list."""
ControlForm = Literal["DOCUMENTARY", "SCAN", "WEIGHING", "PHYSICAL"]
ControlExtent = Literal["CAPTURE_AND_CHECK", "CHECK", "MATCH", "DISCHARGE", "FULL"]
"""How much of a control is asked for.

Documentary: ``CAPTURE_AND_CHECK`` (on paper or from the carrier: enter and check), ``CHECK`` (the data have come,
authenticated, from the other service: check only), ``MATCH`` (checked before: compare list and seals only),
``DISCHARGE`` (close the transit operation). Scan, weighing, physical: ``FULL``.
"""
Presentation = Literal["DEPARTURE", "EXIT", "ENTRY", "DESTINATION"]
"""At which side of a journey goods are presented to a customs office."""
OfficeRole = Literal["DEP", "EXT", "ENT", "TRA", "DES"]
ModeCode = Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
"""UN/ECE Recommendation 19."""
MeansType = Literal["10", "11", "20", "21", "30", "31", "40", "41", "80", "81"]
"""NCTS CL750: 20 wagon number, 21 train number, 30 road vehicle plate, 31 trailer plate …"""
CaseState = Literal[
    "UNKNOWN",
    "SUBMITTED",
    "REJECTED",
    "REGISTERED",
    "INVALIDATED",
    "EXPIRED",
    "ANNOUNCED",
    "NOT_RELEASED",
    "RELEASED",
    "IN_TRANSIT",
    "AT_BORDER",
    "CLEARED",
    "DETAINED",
    "RETURNED",
    "SEIZED",
    "ARRIVED",
    "DISCREPANCY",
    "UNDER_ENQUIRY",
    "RECOVERY",
    "WRITTEN_OFF",
]
"""Where a case stands, as far as another service or the trader may know: no state tells of a selection."""
Latitude = Annotated[str, Field(pattern=r"^[+-]([0-8][0-9]\.[0-9]{5}|90\.00000)$")]
Longitude = Annotated[str, Field(pattern=r"^[+-]((0[0-9]|1[0-7])[0-9]\.[0-9]{5}|180\.00000)$")]
"""Degrees of the WGS 84 system with five decimals, about a metre."""
SealEvent = Literal["LOCKED", "UNLOCKED", "TAMPERED", "SILENT"]
"""What an electronic seal reports."""
SealKind = Literal["M", "E", "S", "O"]
SealState = Literal["INTACT", "BROKEN", "MISSING", "REPLACED"]
Date = date
