"""The liaison directory: clubs of customs attachés, and whom a service asks what machines cannot settle (MAQ, MAS).

Contact points are synthetic (``example.org``, no person's name). Membership in a club is no legal basis for data.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import Field, StrictInt, StrictStr, ValidationError

import schemas
from exchange.agreements.reading import Country, PartialDate, RegistryError, Sourced, Strict
from exchange.errors import CorridorError

ATTACHE = "customs attaché"
DEPARTMENT = "cooperation department"


class UnknownCountry(CorridorError):
    """There is no country of that code."""


class Division(Strict):
    """A club's branch in another city."""

    city: StrictStr
    since: PartialDate


class Club(Sourced):
    """A club of customs attachés: representatives of services, posted to the host's capital."""

    id: StrictStr
    name: StrictStr
    city: StrictStr
    host: Country
    founded: PartialDate
    founders: tuple[Country, ...]
    members: tuple[Country, ...]
    divisions: tuple[Division, ...]
    notes: StrictStr = ""


class AnswerDays(Sourced):
    """How many days people take to answer: least, usually, at most."""

    is_: Annotated[tuple[StrictInt, StrictInt, StrictInt], Field(alias="is")]


class Directory(Sourced):
    """The whole file."""

    legal_basis: Literal[False]
    clubs: tuple[Club, ...]
    answer_days: AnswerDays


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to ask in a service. ``answer_days``: days until an answer, least, usually and at most (designed)."""

    country: str
    service: str
    channel: str
    address: str
    clubs: tuple[str, ...]
    answer_days: tuple[int, int, int]


@lru_cache(maxsize=1)
def directory() -> Directory:
    """Return the directory; raise :class:`RegistryError` if its file is wrong."""
    from ruamel.yaml import YAML

    text = resources.files("exchange.agreements").joinpath("liaison.yaml").read_text(encoding="utf-8")
    try:
        return Directory.model_validate(YAML(typ="safe", pure=True).load(text))
    except ValidationError as error:
        raise RegistryError(f"liaison.yaml: {error}") from None


@lru_cache(maxsize=1)
def country_names() -> dict[str, str]:
    """Return the names of countries by their codes."""
    return {row["code"]: row["name"] for row in schemas.code_list("countries")}


@lru_cache(maxsize=512)
def liaison(country: str) -> Contact:
    """Return whom to ask in the service of ``country``: its attaché if it is in a club, else a department.

    Raise :class:`UnknownCountry` for what is no country code.
    """
    name = country_names().get(country)
    if name is None:
        raise UnknownCountry(f"{country!r} is no country: give its code of two letters, as RU")
    clubs = tuple(club.name for club in directory().clubs if country in club.members)
    who = "attache" if clubs else "cooperation"
    return Contact(
        country=country,
        service=f"Customs service of {name}",
        channel=ATTACHE if clubs else DEPARTMENT,
        address=f"{who}@{country.lower()}.customs.example.org",
        clubs=clubs,
        answer_days=directory().answer_days.is_,
    )


__all__ = ["Club", "Contact", "Directory", "UnknownCountry", "country_names", "directory", "liaison"]
