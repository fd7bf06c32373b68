"""What services tell about themselves, and the rejection of a message: LST, UNA, UNC, NCK."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from exchange.messages import base as b
from exchange.messages import parts as p
from exchange.messages.base import PixModel
from exchange.messages.envelope import CaseMessage, ServiceMessage


class Participant(PixModel):
    """A trader that takes part in a scheme, as both services have agreed."""

    sequence_number: b.SequenceNumber
    id: b.Text35
    name: b.Text70
    country_code: b.CountryCode
    aeo_number: b.Text35 | None = None
    member_since: b.Date | None = None


class FormerParticipant(PixModel):
    """A trader that takes part no longer."""

    sequence_number: b.SequenceNumber
    id: b.Text35
    country_code: b.CountryCode
    reason: b.Text256 | None = None


class ParticipantList(ServiceMessage):
    """The participants of a scheme: the full list of one version, and what changed since the version before.

    The full list governs; additions and removals say what to do about cases under way.
    """

    CODE: ClassVar[str] = "LST"
    NAME: ClassVar[str] = "Participant list"
    XML_NAMES: ClassVar[Mapping[str, str]] = {
        "participants": "Participant",
        "added": "AddedParticipant",
        "removed": "RemovedParticipant",
    }

    list_id: b.Slug
    list_version: b.Ordinal
    previous_version: b.Ordinal | None = None
    valid_from: b.Time
    participants: Annotated[tuple[Participant, ...], Field(max_length=9999)] = ()
    added: Annotated[tuple[Participant, ...], Field(max_length=9999)] = ()
    removed: Annotated[tuple[FormerParticipant, ...], Field(max_length=9999)] = ()


class Unavailability(ServiceMessage):
    """A service, or one of its offices, cannot take messages for a time."""

    CODE: ClassVar[str] = "UNA"
    NAME: ClassVar[str] = "Unavailability declared"

    office: b.OfficeCode | None = None
    planned: bool
    begins_at: b.Time
    ends_at: b.Time | None = None
    fallback: Literal["ACCOMPANYING_DOCUMENT", "QUEUE"]
    text: b.Text512 | None = None


class UnavailabilityCancelled(ServiceMessage):
    """What was declared unavailable works again, or will not fail after all."""

    CODE: ClassVar[str] = "UNC"
    NAME: ClassVar[str] = "Unavailability cancelled"

    unavailability_id: b.MessageID
    office: b.OfficeCode | None = None
    available_from: b.Time
    text: b.Text512 | None = None


class FunctionalRejection(CaseMessage):
    """What was found wrong with a message after it had been accepted."""

    CODE: ClassVar[str] = "NCK"
    NAME: ClassVar[str] = "Functional rejection"
    XML_NAMES: ClassVar[Mapping[str, str]] = {"errors": "FunctionalError"}

    errors: Annotated[tuple[p.FunctionalError, ...], Field(min_length=1, max_length=99)]


__all__ = [
    "FormerParticipant",
    "FunctionalRejection",
    "Participant",
    "ParticipantList",
    "Unavailability",
    "UnavailabilityCancelled",
]
