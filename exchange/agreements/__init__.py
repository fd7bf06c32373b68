"""Agreements govern: who may send what to whom, and who recognises whose control results.

The registry (``registry.yaml``) holds each agreement with its parties, what it covers, its scope, its history and the
source of each statement. A run assumes statuses and dates of its own (an *overlay*); :meth:`Agreements.what_if` says
in words where they differ. What machines cannot settle goes to people: :func:`liaison` names whom to ask.
"""

from exchange.agreements.agreement import (
    ASSISTANCE_CODES,
    COVERED,
    COVERS,
    IMAGE_CODES,
    IN_FORCE,
    INFORMATION_CODES,
    RECOGNITION_CODES,
    SERVICE_CODES,
    Agreement,
    Change,
    Goods,
    Recognition,
    Scope,
    Statement,
    last_day,
)
from exchange.agreements.collection import Agreements, Assumption, UnknownAgreement
from exchange.agreements.directory import Club, Contact, UnknownCountry, country_names, directory, liaison
from exchange.agreements.reading import RegistryError, legal_base, read_registry, registry, statuses

__all__ = [
    "ASSISTANCE_CODES",
    "COVERED",
    "COVERS",
    "IMAGE_CODES",
    "INFORMATION_CODES",
    "IN_FORCE",
    "RECOGNITION_CODES",
    "SERVICE_CODES",
    "Agreement",
    "Agreements",
    "Assumption",
    "Change",
    "Club",
    "Contact",
    "Goods",
    "Recognition",
    "RegistryError",
    "Scope",
    "Statement",
    "UnknownAgreement",
    "UnknownCountry",
    "country_names",
    "directory",
    "last_day",
    "legal_base",
    "liaison",
    "read_registry",
    "registry",
    "statuses",
]
