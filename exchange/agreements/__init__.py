"""Agreements govern: who may send what to whom, and who recognises whose control results.

The registry (``registry.yaml``) holds each agreement with its parties, what it covers, its scope, status and source.
A run assumes statuses of its own (an *overlay*); :meth:`Agreements.what_if` says in words where they differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Any

from exchange.errors import CorridorError

IN_FORCE = "in force"

SERVICE_CODES = frozenset({"UNA", "UNC", "LST", "STQ", "STS", "NCK"})
"""Messages between services that any agreement covers: who is there, who takes part, where a case stands."""
INFORMATION_CODES = SERVICE_CODES | {
    *("AAR", "ATR", "DEP", "ARR", "NCF", "INC", "SEA", "INV", "DCR", "DSC", "DSS", "WRO"),
    *("DRQ", "DRS", "ENQ", "ENR", "PDC", "MAQ", "MAS", "ALR"),
}
"""Messages between services that an agreement on preliminary information covers."""
RECOGNITION_CODES = SERVICE_CODES | {"CTR", "IMG", "RCG"}
"""Messages between services that an agreement on recognition covers."""


class UnknownAgreement(CorridorError):
    """An overlay names an agreement or a status that the registry does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """Whose results count: control forms, result codes, greatest age (days), for listed traders only or for all."""

    forms: frozenset[str]
    results: frozenset[str]
    max_age_days: int
    participants_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One agreement. ``status_found`` is the registry's, ``status`` the one in use."""

    id: str
    title: str
    kind: str
    parties: frozenset[str]
    information: bool
    recognition: Recognition | None
    hs: tuple[str, ...]
    border_points: tuple[str, ...]
    status: str
    status_found: str
    since: date | None
    schema_version: str
    source: str
    mark: str

    def applies(self, one: str, other: str, on: date) -> bool:
        """Return whether the agreement is in force between the countries ``one`` and ``other`` on this day."""
        return (
            self.status == IN_FORCE
            and one != other
            and one in self.parties
            and other in self.parties
            and (self.since is None or self.since <= on)
        )

    def covers_goods(self, hs_codes: Iterable[str]) -> bool:
        """Return whether all the goods are in scope (no list of prefixes means all goods)."""
        return not self.hs or all(code.startswith(self.hs) for code in hs_codes)

    def covers_border(self, places: Iterable[str]) -> bool:
        """Return whether the way passes one of the agreement's border points (none listed means any)."""
        return not self.border_points or any(place in self.border_points for place in places)


class Agreements:
    """The agreements a node knows, with the statuses in use."""

    def __init__(self, agreements: Iterable[Agreement]) -> None:
        self._all = tuple(agreements)
        self._by_id = {agreement.id: agreement for agreement in self._all}
        self._found: dict[tuple[str, str, str, date], Agreement | None] = {}

    def __iter__(self) -> Any:
        return iter(self._all)

    def __getitem__(self, agreement_id: str) -> Agreement:
        return self._by_id[agreement_id]

    def with_statuses(self, overlay: Mapping[str, str]) -> Agreements:
        """Return the same agreements with the statuses of ``overlay`` (agreement id → status).

        An agreement assumed in force by the overlay is so from any date. Raise :class:`UnknownAgreement` for an id or
        status that the registry does not have.
        """
        changed = dict(self._by_id)
        for agreement_id, status in overlay.items():
            if agreement_id not in changed:
                raise UnknownAgreement(
                    f"no agreement is called {agreement_id!r}; the registry has {', '.join(sorted(changed))}"
                )
            if status not in statuses():
                raise UnknownAgreement(
                    f"agreement {agreement_id}: {status!r} is no status; use one of {', '.join(statuses())}"
                )
            found = changed[agreement_id]
            since = found.since if found.status_found == IN_FORCE else None
            changed[agreement_id] = replace(found, status=status, since=since)
        return Agreements(changed.values())

    def covering(self, code: str, sender: str, recipient: str, on: date) -> Agreement | None:
        """Return the agreement under which a service may send ``code`` to another on this day, or None.

        ``sender`` and ``recipient`` are country codes.
        """
        key = (code, sender, recipient, on)
        if key not in self._found:
            self._found[key] = next(
                (
                    agreement
                    for agreement in self._all
                    if (
                        (agreement.information and code in INFORMATION_CODES)
                        or (agreement.recognition is not None and code in RECOGNITION_CODES)
                    )
                    and agreement.applies(sender, recipient, on)
                ),
                None,
            )
        return self._found[key]

    def recognising(self, issuer: str, receiver: str, on: date) -> tuple[Agreement, ...]:
        """Return the agreements under which ``receiver`` recognises control results of ``issuer`` on this day."""
        return tuple(a for a in self._all if a.recognition is not None and a.applies(issuer, receiver, on))

    def what_if(self) -> list[str]:
        """Return a sentence for each agreement assumed in force beyond its real status."""
        return [
            f"{a.title}: assumed in force, real status: {a.status_found} ({a.mark}: {a.source})"
            for a in self._all
            if a.status == IN_FORCE and a.status_found != IN_FORCE
        ]


@lru_cache(maxsize=1)
def _document() -> Mapping[str, Any]:
    from ruamel.yaml import YAML

    text = resources.files(__name__).joinpath("registry.yaml").read_text(encoding="utf-8")
    document: Mapping[str, Any] = YAML(typ="safe", pure=True).load(text)
    return document


def statuses() -> tuple[str, ...]:
    """Return the statuses an agreement passes through, from first contact to in force."""
    return tuple(_document()["statuses"])


@lru_cache(maxsize=1)
def registry() -> Agreements:
    """Return the registry with its real statuses."""
    return Agreements(_agreement(row) for row in _document()["agreements"])


def _agreement(row: Mapping[str, Any]) -> Agreement:
    recognition = row.get("recognition")
    return Agreement(
        id=row["id"],
        title=row["title"],
        kind=row["kind"],
        parties=frozenset(row["parties"]),
        information=bool(row.get("information", False)),
        recognition=None
        if recognition is None
        else Recognition(
            forms=frozenset(recognition["forms"]),
            results=frozenset(recognition["results"]),
            max_age_days=recognition["max_age_days"],
            participants_only=recognition["participants_only"],
        ),
        hs=tuple(row.get("hs", ())),
        border_points=tuple(row.get("border_points", ())),
        status=row["status"],
        status_found=row["status"],
        since=date.fromisoformat(row["since"]) if "since" in row else None,
        schema_version=row["schema_version"],
        source=row["source"],
        mark=row["mark"],
    )


__all__ = [
    "INFORMATION_CODES",
    "IN_FORCE",
    "RECOGNITION_CODES",
    "SERVICE_CODES",
    "Agreement",
    "Agreements",
    "Recognition",
    "UnknownAgreement",
    "registry",
    "statuses",
]
