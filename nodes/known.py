"""What a case is made of: movements, sides, registrations and offers, as one node knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from exchange.messages import Consignment, ControlResult

FAILED = frozenset({"A5", "B1", "B2", "B3"})
"""Results after which goods do not go on."""


@dataclass(slots=True)
class Movement:
    """One movement under one MRN, as this node sees it."""

    mrn: str
    departure_country: str
    departure_office: str
    destination_country: str
    destination_office: str
    consignment: Consignment
    state: str = "OPEN"
    told: datetime | None = None
    """When the record of another service reached this node; None for its own movements."""
    usable: bool = True
    """Whether it came early enough before the expected arrival."""


@dataclass(slots=True)
class Side:
    """One presentation at one office of this node."""

    office: str
    presentation: str
    arrived_at: datetime | None = None
    crossed_at: datetime | None = None
    cleared_at: datetime | None = None
    required: list[tuple[str, str]] = field(default_factory=list)
    """Controls demanded and not yet made: (form, extent)."""
    made: list[ControlResult] = field(default_factory=list)
    check_asked: bool = False
    """A documentary check before arrival was asked for."""
    check_made: bool = False
    selections: list[Mapping[str, Any]] = field(default_factory=list)
    seal: str = "INTACT"
    mass_differs: bool = False
    failed: bool = False


@dataclass(slots=True)
class Offer:
    """A control result that another service offers for recognition, and what became of it."""

    result: ControlResult
    received_at: datetime
    outcome: str = "OFFERED"
    stage: str = "OFFERED"
    reasons: tuple[str, ...] = ()


@dataclass(slots=True)
class Registration:
    """What a declaration or filing was registered under, when, and how often it was amended."""

    pi_number: str
    mrn: str | None
    result: str
    at: datetime
    amendments: int = 0


__all__ = ["FAILED", "Movement", "Offer", "Registration", "Side"]
