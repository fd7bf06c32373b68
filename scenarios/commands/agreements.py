"""``corridor agreements``: the registry, its matrix and its history; one agreement; the liaison directory."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from rich.table import Table
from rich.text import Text

from exchange.agreements import COVERED, COVERS, UnknownAgreement, country_names, last_day, registry, statuses
from exchange.agreements.agreement import MODES, Agreement, Statement
from exchange.agreements.directory import UnknownCountry, directory, liaison
from exchange.agreements.views import LETTERS, Pair, Standing, as_json, changes, chosen, grid, matrix, named
from exchange.errors import CorridorError
from scenarios.commands.ledger import BAD, GOOD, WRONG, print_json
from scenarios.printing import table_console

MANY = 6
"""More parties than that stand with their codes alone."""
FEW = 3
"""So many columns of a matrix have room for words."""


def agreements_command(
    *,
    countries: Sequence[str],
    statuses: Sequence[str],
    covers: Sequence[str],
    at: str | None,
    form: str,
    json_output: bool,
) -> int:
    """Print the agreements that are asked for as a ``form`` (list, matrix, history).

    Return 0, 1 if there are none, 2 for a country or date that there is not.
    """

    def work() -> int:
        codes = [_country(country) for country in countries]
        day = None if at is None else _day(at)
        found = chosen(registry(), countries=codes, statuses=statuses, covers=covers, at=day)
        if json_output:
            print_json({"at": None if day is None else str(day)} | _json(form, found, day, codes))
        elif not found:
            print(f"no agreement is like that{'' if day is None else f' on {day}'}: ask for less, or see them all")
        else:
            for part in {"list": _list, "matrix": _matrix, "history": _history}[form](found, day, codes):
                table_console().print(part)
            if day is not None:
                table_console().print(_as_of(day, found, codes, covers), style="dim")
        return GOOD if found else BAD

    return _told(work)


def _as_of(day: date, found: Sequence[Standing], codes: Sequence[str], covers: Sequence[str]) -> str:
    """Return what is not to be seen on ``day``, and what is to be seen on any day."""
    later = len(chosen(registry(), countries=codes, covers=covers)) - len(
        chosen(registry(), countries=codes, covers=covers, at=day)
    )
    undated = sum(all(change.on is None for change in one.agreement.history) for one in found)
    said = f"As it was on {day}." + (f" {later} more began or were found later." if later else "")
    return said + (f" Assumed by us, without a date, and so shown for any: {undated}." if undated else "")


def show_command(agreement_id: str, *, json_output: bool) -> int:
    """Print one agreement with all its sources; return 0, or 2 if there is none of that id."""

    def work() -> int:
        agreement = registry()[agreement_id]
        one = Standing(agreement=agreement, status=agreement.status)
        if json_output:
            print_json(as_json(one))
        else:
            table_console().print(_shown(agreement))
        return GOOD

    return _told(work)


def liaison_command(country: str | None, *, json_output: bool) -> int:
    """Print whom to ask in ``country``, or the whole directory; return 0, or 2 if there is no such country."""

    def work() -> int:
        known = sorted(set().union(*(one.parties for one in registry()), *(c.members for c in directory().clubs)))
        contacts = [liaison(code) for code in ([_country(country)] if country else known)]
        if json_output:
            clubs = [club.model_dump(mode="json") for club in directory().clubs]
            print_json({"legal_basis": False, "clubs": clubs, "contacts": [asdict(one) for one in contacts]})
            return GOOD
        console = table_console()
        table = Table(header_style="bold", pad_edge=False, box=None)
        for name in ("Customs service of", "Whom to ask", "Contact point (synthetic)"):
            table.add_column(name, overflow="fold", no_wrap=name.startswith("Contact"))
        for one in contacts:
            table.add_row(named(one.country), one.channel, one.address)
        console.print(table)
        console.print()
        for club in directory().clubs:
            branches = "".join(f"; division in {division.city} since {division.since}" for division in club.divisions)
            members = ", ".join(named(code) for code in club.members) or "members not named"
            about = f"{club.name}, founded {club.founded}{branches}. {len(club.members) or 'No'} services: {members}."
            console.print(
                about if club.members else about.replace(" No services: members not named.", " " + club.notes)
            )
            console.print(f"  {club.mark}: {club.source}", style="dim")
        low, mode, high = directory().answer_days.is_
        console.print(
            f"People take days to answer: {low} at least, {mode} usually, {high} at most "
            f"({directory().answer_days.mark}). Membership is no legal basis for data: agreements are."
        )
        return GOOD

    return _told(work)


def _told(work: Callable[[], int]) -> int:
    try:
        return work()
    except (UnknownAgreement, UnknownCountry, AgreementsError) as error:
        print(f"corridor agreements: {error}", file=sys.stderr)
        return WRONG


class AgreementsError(CorridorError):
    """What was asked for cannot be looked up."""


def _country(code: str) -> str:
    if code.upper() in country_names():
        return code.upper()
    by_name = {name.casefold(): known for known, name in country_names().items()}
    if code.casefold() in by_name:
        return by_name[code.casefold()]
    raise UnknownCountry(f"{code!r} is no country: give its code of two letters, as RU")


def _day(text: str) -> date:
    try:
        return last_day(text)
    except ValueError as error:
        raise AgreementsError(f"--at: {error}") from None


def _json(form: str, found: Sequence[Standing], day: date | None, codes: Sequence[str]) -> dict[str, Any]:
    if form == "history":
        return {"changes": changes(found, day)}
    if form == "matrix":
        pairs = _pairs(found, day, codes)
        return {
            "countries": {c: country_names()[c] for c in sorted({c for pair in pairs for c in pair.countries})},
            "pairs": [
                {
                    "countries": list(pair.countries),
                    "agreements": [
                        {
                            "id": one.agreement.id,
                            "covers": [what for what in COVERS if what in one.agreement.covers],
                            "status": one.status,
                            "carried": one.agreement.carried,
                        }
                        for one in pair.between
                    ],
                }
                for pair in pairs
            ],
        }
    return {"agreements": [as_json(one) for one in found]}


def _parties(agreement: Agreement) -> str:
    if len(agreement.sides) == 2 and any(len(side) > 1 for side in agreement.sides):
        return " – ".join(_some(sorted(side)) for side in agreement.sides)
    return _some(sorted(agreement.parties))


def _some(codes: Sequence[str]) -> str:
    return f"{len(codes)} countries: {' '.join(codes)}" if len(codes) > MANY else ", ".join(map(named, codes))


def _covered(agreement: Agreement) -> str:
    return ", ".join(COVERED[what] for what in COVERS if what in agreement.covers) or "no messages"


def _status(one: Standing) -> str:
    since = f" since {one.agreement.since}" if one.status == "in force" and one.agreement.since else ""
    assumed = " (assumed by us)" if all(change.on is None for change in one.agreement.history) else ""
    return f"{one.status}{since}{assumed}{'' if one.agreement.carried == 'nodes' else ' (by other means)'}"


def _list(found: Sequence[Standing], day: date | None, codes: Sequence[str]) -> Iterator[Any]:
    table = Table(header_style="bold", pad_edge=False, show_lines=True, expand=True)
    table.add_column("Agreement", width=max(len(one.agreement.id) for one in found))
    for name in ("Between", "Covers", "Status"):
        table.add_column(name, overflow="fold", ratio=1)
    for one in found:
        title = Text(one.agreement.id, style="bold").append(f"\n{one.agreement.title}", style="not bold")
        table.add_row(title, _parties(one.agreement), _covered(one.agreement), _status(one))
    yield table
    yield f"{len(found)} agreements. Sources of one: corridor agreements show {found[0].agreement.id}"


def _history(found: Sequence[Standing], day: date | None, codes: Sequence[str]) -> Iterator[Any]:
    table = Table(header_style="bold", pad_edge=False, box=None)
    for name in ("When", "Status", "Agreement", "Source"):
        table.add_column(name, overflow="fold", no_wrap=name == "When")
    for change in changes(found, day):
        source = f"{change['mark']}: {change['source']}"
        table.add_row(change["on"] or "(assumed)", change["status"], change["agreement"], source)
    yield table


def _pairs(found: Sequence[Standing], day: date | None, codes: Sequence[str]) -> list[Pair]:
    return [pair for pair in matrix(found, day) if all(code in pair.countries for code in codes)]


def _matrix(found: Sequence[Standing], day: date | None, codes: Sequence[str]) -> Iterator[Any]:
    whole = grid(_pairs(found, day, codes), codes[:1])
    columns = whole.columns
    in_words = len(columns) <= FEW
    table = Table(header_style="bold", pad_edge=False, show_lines=True, padding=0, collapse_padding=True)
    table.add_column("", overflow="fold", min_width=16, max_width=28)
    for column in columns:
        table.add_column(named(column) if in_words else column, no_wrap=not in_words, min_width=2)
    for countries, row in whole.rows:
        cells = (_cell(countries, *one, in_words) for one in zip(columns, row, strict=True))
        table.add_row(", ".join(map(named, countries)), *cells)
    yield table
    if in_words:
        return
    yield "Columns: " + ", ".join(map(named, columns))
    said = COVERED | {"contact": "contacts, bodies and lists"}
    letters = ", ".join(f"{letter} {said[what]}" for what, letter in LETTERS.items())
    yield f"Letters: {letters}; small letters: by other means than nodes"
    yield "Numbers: " + ", ".join(f"{number} {status}" for number, status in enumerate(statuses(), 1))


def _cell(countries: Sequence[str], column: str, pair: Pair | None, in_words: bool) -> str:
    if pair is None:
        return "—" if column in countries else ""
    return "\n".join(pair.words if in_words else pair.letters)


def _shown(agreement: Agreement) -> Text:
    text = Text()

    def line(name: str, said: str, basis: Statement | None = None) -> None:
        text.append(f"{name}: ", style="bold")
        text.append(f"{said}\n")
        if basis is not None:
            text.append(f"  {basis.mark}: {basis.source}\n", style="dim")

    text.append(f"{agreement.title}\n", style="bold")
    line("id", agreement.id)
    line("kind", agreement.kind, Statement(source=agreement.source, mark=agreement.mark))
    line("between", _parties(agreement))
    for word, days in (("joined", agreement.joined), ("left", agreement.left)):
        if days:
            line(word, ", ".join(f"{named(country)} {day}" for country, day in days))
    line("covers", _covered(agreement))
    line("status", _status(Standing(agreement=agreement, status=agreement.status)))
    for name, said, basis in _terms(agreement):
        line(name, said, basis)
    line("schema version", agreement.schema_version)
    if agreement.notes:
        line("note", agreement.notes)
    text.append("history:\n", style="bold")
    for change in agreement.history:
        text.append(f"  {change.on or '(assumed)'}  {change.status}\n")
        text.append(f"    {change.basis.mark}: {change.basis.source}\n", style="dim")
    text.rstrip()
    return text


def _terms(agreement: Agreement) -> Iterator[tuple[str, str, Statement | None]]:
    if (recognition := agreement.recognition) is not None:
        who = "listed traders only" if recognition.participants_only else "all traders"
        image = ", a scan or inspection with its image" if recognition.image_duty else ""
        said = f"{', '.join(sorted(recognition.forms))} with result {', '.join(sorted(recognition.results))}, "
        said += f"at most {recognition.max_age_days} days old, {who}{image}"
        yield "recognised", said, recognition.basis
    scope, modes = agreement.scope, [name.lower() for name, code in MODES.items() if code in agreement.modes]
    limits = [
        f"goods {' '.join(scope.hs)}" if scope.hs else "",
        f"by {', '.join(modes)}" if modes else "",
        f"by {', '.join(scope.crossings)}" if scope.crossings else "",
        f"locations {' '.join(scope.border_points)}" if scope.border_points else "",
        "listed traders" if scope.participants else "",
    ]
    yield "scope", "; ".join(limit for limit in limits if limit) or "all goods, modes and border points", scope.basis
    if agreement.residual is not None:
        yield "controlled by chance all the same", f"{agreement.residual:.0%}", agreement.residual_basis
    if agreement.forwarding:
        way = "; control results go from service to service along the way" if agreement.chain else ""
        said = ", ".join(map(named, sorted(agreement.forwarding)))
        yield "may be passed on to", f"{said}{way}", agreement.forwarding_basis
    else:
        yield "may be passed on to", "nobody, without written consent", None


__all__ = ["AgreementsError", "agreements_command", "liaison_command", "show_command"]
