"""Reading the registry file: every entry is checked, and an error names the entry and the field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError
from pydantic import model_validator as model_check

import schemas
from exchange.agreements.agreement import (
    IN_FORCE,
    MODES,
    STATUSES,
    Agreement,
    Change,
    Mark,
    Recognition,
    Scope,
    Statement,
    last_day,
)
from exchange.agreements.collection import Agreements
from exchange.errors import CorridorError


class RegistryError(CorridorError):
    """The registry of agreements says something that cannot be, or says it wrongly."""


def _listed(name: str) -> Any:
    def check(value: str) -> str:
        if value not in schemas.codes(name):
            raise ValueError(f"{value!r} is not in the code list {name}")
        return value

    return AfterValidator(check)


def _date(value: str) -> str:
    last_day(value)
    return value


Country = Annotated[StrictStr, _listed("countries")]
Text = Annotated[StrictStr, Field(min_length=3)]
Form = Annotated[StrictStr, _listed("control_forms")]
Result = Annotated[StrictStr, _listed("control_results")]
Location = Annotated[StrictStr, _listed("unlocodes")]
Prefix = Annotated[StrictStr, Field(pattern=r"^[0-9]{2}([0-9]{2}([0-9]{2})?)?$")]
ModeName = Literal["MARITIME", "RAIL", "ROAD", "AIR"]
PartialDate = Annotated[StrictStr, AfterValidator(_date)]
Day = Annotated[StrictStr, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_date)]


class Strict(BaseModel):
    """No key that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sourced(Strict):
    """A statement with its source and mark."""

    source: Text
    mark: Mark

    @property
    def basis(self) -> Statement:
        """Return source and mark."""
        return Statement(source=self.source, mark=self.mark)


class ChangeRow(Sourced):
    """A change of status."""

    status: Literal["contact", "discussed", "in preparation", "drafted", "negotiated", "signed", "in test", "in force"]
    on: PartialDate | None = None

    @model_check(mode="after")
    def _dated(self) -> ChangeRow:
        if self.on is None and self.mark != "designed":
            raise ValueError("has no date: add 'on'; only what is designed may do without")
        return self


class RecognitionRow(Sourced):
    """Whose results count."""

    forms: Annotated[tuple[Form, ...], Field(min_length=1)]
    results: Annotated[tuple[Result, ...], Field(min_length=1)]
    max_age_days: Annotated[StrictInt, Field(ge=1, le=365)]
    participants_only: StrictBool
    with_images: StrictBool = True
    image_duty: StrictBool = False


class ScopeRow(Sourced):
    """What an agreement is limited to."""

    hs: tuple[Prefix, ...] = ()
    modes: tuple[ModeName, ...] = ()
    border_points: tuple[Location, ...] = ()
    crossings: tuple[Text, ...] = ()
    participants: StrictBool = False


class ResidualRow(Sourced):
    """The share of recognised consignments that is controlled by chance."""

    is_: Annotated[StrictStr, Field(alias="is", pattern=r"^\d{1,3}(\.\d+)? %$")]


class ForwardingRow(Sourced):
    """To which services data may be passed on; ``chain``: control results travel from service to service only."""

    to: Annotated[tuple[Country, ...], Field(min_length=1)]
    chain: StrictBool = False


class AgreementRow(Sourced):
    """One entry of the registry."""

    id: Annotated[StrictStr, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
    title: Text
    kind: Literal["law", "agreement", "convention", "protocol", "memorandum", "project", "cooperation", "body"]
    parties: tuple[Country, ...] = ()
    sides: tuple[tuple[Country, ...], ...] = ()
    joined: Mapping[Country, Day] = Field(default_factory=dict)
    left: Mapping[Country, Day] = Field(default_factory=dict)
    covers: tuple[Literal["information", "recognition", "images", "assistance", "air"], ...]
    carried: Literal["nodes", "elsewhere"] = "nodes"
    recognition: RecognitionRow | None = None
    scope: ScopeRow | None = None
    residual: ResidualRow | None = None
    forwarding: ForwardingRow | None = None
    until: Day | None = None
    schema_version: StrictStr
    notes: StrictStr = ""
    history: Annotated[tuple[ChangeRow, ...], Field(min_length=1)]

    @model_check(mode="after")
    def _whole(self) -> AgreementRow:
        for problem in self._problems():
            raise ValueError(problem)
        return self

    def _problems(self) -> Iterator[str]:
        named = [country for side in self.sides or (self.parties,) for country in side]
        if bool(self.parties) == bool(self.sides) or len(named) < 2 or len(self.sides) == 1:
            yield "needs parties (two at least), or sides (two at least)"
        if len(set(named)) < len(named):
            yield "names a country twice among its parties: name it once"
        if strange := {*self.joined, *self.left, *(self.forwarding.to if self.forwarding else ())} - set(named):
            yield f"speaks of {', '.join(sorted(strange))} in joined, left or forwarding, but no party is so called"
        if ("recognition" in self.covers) != (self.recognition is not None):
            yield "needs 'recognition' exactly if it covers recognition"
        if self.schema_version not in schemas.VERSIONS:
            yield f"schema_version {self.schema_version!r} does not exist; there is {', '.join(schemas.VERSIONS)}"
        days = [date.min if change.on is None else last_day(change.on) for change in self.history]
        if days != sorted(days):
            yield "has a history that is out of order: put the oldest first"
        if self.status == IN_FORCE and self.covers and self.carried == "nodes" and self.since is None:
            yield "is in force between nodes: give the day on which that began, as 2016-05-11"

    @property
    def status(self) -> str:
        """The status after the last change."""
        return self.history[-1].status

    @property
    def since(self) -> date | None:
        """The day from which it is in force, if it is and the day is known."""
        if self.status != IN_FORCE:
            return None
        first = next(change for change in self.history if change.status == IN_FORCE)
        return date.fromisoformat(first.on) if first.on is not None and len(first.on) == 10 else None


class LegalBase(Sourced):
    """The acts that the founding text counts."""

    acts: StrictInt
    conventions: StrictInt
    memoranda: StrictInt
    plans: StrictInt
    programmes: StrictInt
    countries: StrictInt
    year: PartialDate
    note: StrictStr = ""


class RegistryFile(Strict):
    """The whole file."""

    legal_base: LegalBase
    agreements: Annotated[tuple[AgreementRow, ...], Field(min_length=1)]

    @model_check(mode="after")
    def _unique(self) -> RegistryFile:
        seen: set[str] = set()
        for row in self.agreements:
            if row.id in seen:
                raise ValueError(f"two entries are called {row.id!r}: rename one")
            seen.add(row.id)
        return self


def read_registry(text: str, name: str) -> RegistryFile:
    """Return the registry in the YAML ``text``; ``name`` is that of the file, for errors.

    Raise :class:`RegistryError` with a line for each thing that is wrong, naming entry, field and remedy.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        document = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise RegistryError(f"{name} is no YAML: {' '.join(str(error).split())}") from None
    try:
        return RegistryFile.model_validate(document)
    except ValidationError as error:
        said = [f"{name}, {_place(document, one['loc'])}: {_said(one)}" for one in error.errors()]
        raise RegistryError("\n".join(said)) from None


def _place(document: Any, location: tuple[int | str, ...]) -> str:
    """Return entry and field of a place in the file, in words."""
    path = [part for part in location if part != "[key]"]
    if path[:1] != ["agreements"] or len(path) < 2:
        return f"field {'.'.join(map(str, path))}" if path else "the file"
    row = document["agreements"][path[1]]
    number = f"number {int(path[1]) + 1}"
    entry = f"entry {row.get('id', number) if isinstance(row, Mapping) else number}"
    field = ".".join(map(str, path[2:]))
    return f"{entry}, field {field}" if field else entry


def _said(error: Any) -> str:
    kind, text = error["type"], str(error["msg"]).removeprefix("Value error, ")
    if kind == "missing":
        return "is missing: add it"
    if kind == "extra_forbidden":
        return "is no field: remove it or correct its spelling"
    given = error["input"]
    return f"{given!r}: {text}" if isinstance(given, str | int | float) and repr(given) not in text else text


def agreement_of(row: AgreementRow) -> Agreement:
    """Return the agreement of an entry."""
    recognition, scope = row.recognition, row.scope
    return Agreement(
        id=row.id,
        title=row.title,
        kind=row.kind,
        sides=tuple(frozenset(side) for side in row.sides) or tuple(frozenset({one}) for one in row.parties),
        covers=frozenset(row.covers),
        recognition=None
        if recognition is None
        else Recognition(
            forms=frozenset(recognition.forms),
            results=frozenset(recognition.results),
            max_age_days=recognition.max_age_days,
            participants_only=recognition.participants_only,
            with_images=recognition.with_images,
            image_duty=recognition.image_duty,
            basis=recognition.basis,
        ),
        scope=Scope()
        if scope is None
        else Scope(
            hs=scope.hs,
            modes=frozenset(MODES[mode] for mode in scope.modes),
            border_points=scope.border_points,
            crossings=scope.crossings,
            participants=scope.participants,
            basis=scope.basis,
        ),
        residual=None if row.residual is None else float(row.residual.is_.removesuffix(" %")) / 100,
        residual_basis=None if row.residual is None else row.residual.basis,
        forwarding=frozenset(row.forwarding.to) if row.forwarding else frozenset(),
        forwarding_basis=row.forwarding.basis if row.forwarding else None,
        chain=row.forwarding is not None and row.forwarding.chain,
        carried=row.carried,
        joined=_days(row.joined),
        left=_days(row.left),
        status=row.status,
        since=row.since,
        until=None if row.until is None else date.fromisoformat(row.until),
        schema_version=row.schema_version,
        source=row.source,
        mark=row.mark,
        history=tuple(Change(status=one.status, on=one.on, basis=one.basis) for one in row.history),
        notes=row.notes,
    )


def _days(given: Mapping[str, str]) -> tuple[tuple[str, date], ...]:
    return tuple((country, date.fromisoformat(day)) for country, day in sorted(given.items()))


@lru_cache(maxsize=1)
def _file() -> RegistryFile:
    name = "registry.yaml"
    return read_registry(resources.files("exchange.agreements").joinpath(name).read_text(encoding="utf-8"), name)


def statuses() -> tuple[str, ...]:
    """Return the statuses an agreement passes through, from first contact to in force."""
    return STATUSES


@lru_cache(maxsize=1)
def registry() -> Agreements:
    """Return the registry with its real statuses."""
    return Agreements(agreement_of(row) for row in _file().agreements)


def legal_base() -> LegalBase:
    """Return how many acts the founding text counts."""
    return _file().legal_base


__all__ = ["LegalBase", "RegistryError", "agreement_of", "legal_base", "read_registry", "registry", "statuses"]
