"""The registry as others see it: chosen entries, the matrix of countries, the history, and plain JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from exchange.agreements.agreement import COVERS, MODES, STATUSES, Agreement, Statement, last_day
from exchange.agreements.directory import country_names

LETTERS = {"information": "I", "recognition": "R", "images": "P", "assistance": "A", "air": "V", "contact": "C"}
"""What is covered → its letter in a matrix; "contact" stands for what covers no messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An agreement with its status on the day that was asked for."""

    agreement: Agreement
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two countries (in the order of their codes) and what stands between them."""

    countries: tuple[str, str]
    between: tuple[Standing, ...]

    @property
    def furthest(self) -> dict[tuple[str, bool], int]:
        """Return the furthest status (from 1) of each (what is covered, by nodes), in order.

        "contact" stands for what covers no messages: contacts, bodies, lists.
        """
        best: dict[tuple[str, bool], int] = {}
        for one in self.between:
            for what in [what for what in COVERS if what in one.agreement.covers] or ["contact"]:
                key = (what, one.agreement.carried == "nodes")
                best[key] = max(best.get(key, 0), STATUSES.index(one.status) + 1)
        order = list(LETTERS)
        return dict(sorted(best.items(), key=lambda item: (order.index(item[0][0]), not item[0][1])))

    @property
    def letters(self) -> tuple[str, ...]:
        """Return what is covered with the furthest status of each, as "I8"; small letters for what works elsewhere."""
        return tuple(
            f"{LETTERS[what] if nodes else LETTERS[what].lower()}{rank}"
            for (what, nodes), rank in self.furthest.items()
        )

    @property
    def words(self) -> tuple[str, ...]:
        """Return the same in words, as "information: in force"."""
        return tuple(
            f"{what}: {STATUSES[rank - 1]}{'' if nodes else ' (by other means)'}"
            for (what, nodes), rank in self.furthest.items()
        )


def chosen(
    agreements: Iterable[Agreement],
    *,
    countries: Sequence[str] = (),
    statuses: Sequence[str] = (),
    covers: Sequence[str] = (),
    at: date | None = None,
) -> list[Standing]:
    """Return the agreements between all ``countries`` that have one of ``statuses`` and one of ``covers``.

    Nothing given means any. ``at``: with the statuses of this day, without what began later; else the last known.
    """
    found = []
    for agreement in agreements:
        status = agreement.status if at is None else agreement.status_at(at)
        if status is None or (statuses and status not in statuses):
            continue
        if covers and not agreement.covers & set(covers):
            continue
        if any(country not in agreement.parties for country in countries):
            continue
        if at is not None and any(not agreement.takes_part(country, at) for country in countries):
            continue
        if len(countries) == 2 and not agreement.links(countries[0], countries[1], at or date.max):
            continue
        found.append(Standing(agreement=agreement, status=status))
    return found


def matrix(standings: Sequence[Standing], at: date | None = None) -> list[Pair]:
    """Return each pair of countries between which something stands, in the order of their codes."""
    countries = sorted(set().union(*(one.agreement.parties for one in standings)))
    found = []
    for one, other in combinations(countries, 2):
        between = tuple(s for s in standings if s.agreement.links(one, other, at or date.max))
        if between:
            found.append(Pair(countries=(one, other), between=between))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Countries against countries: ``rows`` holds countries whose cells are alike, and what stands in each column."""

    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[Pair | None, ...]], ...]


def grid(pairs: Iterable[Pair], columns: Sequence[str] = ()) -> Grid:
    """Return ``pairs`` as a grid with ``columns``; by default the countries that deal with more than one other, by more
    than union law. Countries that have nothing with any column are left out."""
    cells: dict[tuple[str, str], Pair] = {}
    partners: dict[str, set[str]] = {}
    for pair in pairs:
        one, other = pair.countries
        cells[one, other] = cells[other, one] = pair
        if any(standing.agreement.kind != "law" for standing in pair.between):
            partners.setdefault(one, set()).add(other)
            partners.setdefault(other, set()).add(one)
    chosen = tuple(columns) or tuple(sorted(country for country, known in partners.items() if len(known) > 1))
    chosen = chosen or tuple(sorted({country for pair in cells for country in pair}))
    rows: dict[tuple[object, ...], tuple[list[str], tuple[Pair | None, ...]]] = {}
    for country in sorted({one for one, _ in cells}):
        row = tuple(cells.get((country, column)) for column in chosen)
        if any(row):
            alike = tuple(
                column == country or (pair and pair.letters) for column, pair in zip(chosen, row, strict=True)
            )
            rows.setdefault(alike, ([], row))[0].append(country)
    return Grid(columns=chosen, rows=tuple((tuple(countries), row) for countries, row in rows.values()))


def changes(standings: Sequence[Standing], at: date | None = None) -> list[dict[str, Any]]:
    """Return the changes of status, oldest first; what is assumed without a date comes first."""
    rows = [
        (date.min if change.on is None else last_day(change.on), number, change, one.agreement)
        for number, one in enumerate(standings)
        for change in one.agreement.history
        if at is None or change.by(at)
    ]
    return [
        {"on": change.on, "agreement": agreement.id, "title": agreement.title, "status": change.status}
        | _basis(change.basis)
        for _, _, change, agreement in sorted(rows, key=lambda row: row[:2])
    ]


def named(country: str) -> str:
    """Return a country's name beside its code."""
    return f"{country_names()[country]} {country}"


def as_json(one: Standing) -> dict[str, Any]:
    """Return an agreement as plain JSON."""
    agreement, scope, recognition = one.agreement, one.agreement.scope, one.agreement.recognition
    modes = {code: name for name, code in MODES.items()}
    return {
        "id": agreement.id,
        "title": agreement.title,
        "kind": agreement.kind,
        "parties": {country: country_names()[country] for country in sorted(agreement.parties)},
        "sides": [sorted(side) for side in agreement.sides],
        "joined": {country: str(day) for country, day in agreement.joined},
        "left": {country: str(day) for country, day in agreement.left},
        "covers": [what for what in COVERS if what in agreement.covers],
        "carried": agreement.carried,
        "status": one.status,
        "since": None if agreement.since is None else str(agreement.since),
        "until": None if agreement.until is None else str(agreement.until),
        "recognition": recognition
        and {
            "forms": sorted(recognition.forms),
            "results": sorted(recognition.results),
            "max_age_days": recognition.max_age_days,
            "participants_only": recognition.participants_only,
            "with_images": recognition.with_images,
            "image_duty": recognition.image_duty,
            **_basis(recognition.basis),
        },
        "scope": {
            "hs": list(scope.hs),
            "modes": sorted(modes[code] for code in agreement.modes),
            "border_points": list(scope.border_points),
            "crossings": list(scope.crossings),
            "participants": scope.participants,
            **_basis(scope.basis),
        },
        "residual": None
        if agreement.residual is None
        else {"share": agreement.residual, **_basis(agreement.residual_basis)},
        "forwarding": {
            "to": sorted(agreement.forwarding),
            "chain": agreement.chain,
            **_basis(agreement.forwarding_basis),
        },
        "schema_version": agreement.schema_version,
        "source": agreement.source,
        "mark": agreement.mark,
        "notes": agreement.notes,
        "history": [{"on": change.on, "status": change.status, **_basis(change.basis)} for change in agreement.history],
    }


def _basis(basis: Statement | None) -> dict[str, str]:
    return {} if basis is None else {"source": basis.source, "mark": basis.mark}


__all__ = ["LETTERS", "Grid", "Pair", "Standing", "as_json", "changes", "chosen", "grid", "matrix", "named"]
