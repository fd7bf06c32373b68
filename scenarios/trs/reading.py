"""Reading the stamps of a Time Release Study from a CSV file, and saying line by line what is wrong with it.

A line is one control of one case (or a case that got none). Columns, in any order; of the stamps, those there are:

==================================  ===========================================================================
``case``                            any name of the consignment; needed
``arm``, ``side``                   of stamps written by a run: which of them the line belongs to
``vehicle``                         the train or truck; where left out, a case is a vehicle of its own
``units``                           containers, wagons or trucks of the consignment; 1 where left out
``form``                            documentary, scan, weighing, physical, or none
``T0`` … ``T10``                    stamps, or their names: expected, informed, arrived, zone, lodged, decided,
                                    control_begin, control_end, gauge_end, released, crossed
==================================  ===========================================================================

``T2`` and ``T10`` are needed. ``T6`` and ``T7`` are begin and end of the line's control, of documents too. A time is
``2024-03-01T08:30`` (seconds, ``Z`` or an offset may follow); one without an offset is local time of the zone named.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from exchange.errors import CorridorError

NAMES = (
    "expected",
    "informed",
    "arrived",
    "zone",
    "lodged",
    "decided",
    "control_begin",
    "control_end",
    "gauge_end",
    "released",
    "crossed",
)
"""The stamps by number."""
FORMS = ("documentary", "scan", "weighing", "physical")
_ORDER = (("T2", "T3"), ("T3", "T9"), ("T6", "T7"), ("T9", "T10"), ("T8", "T10"), ("T2", "T10"))
"""Stamps that may not run backward, where both are there."""


class TrsError(CorridorError):
    """A file of stamps cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A control of a case: its form, begin and end (None where not stamped)."""

    form: str
    began: datetime | None
    ended: datetime | None

    @property
    def hours(self) -> float | None:
        """Hours from begin to end, None where one of them is missing."""
        return None if self.began is None or self.ended is None else (self.ended - self.began).total_seconds() / 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case: its stamps by ``T0`` … ``T10`` as far as there are, units, vehicle, and the controls it got."""

    case: str
    vehicle: str
    units: int
    stamps: Mapping[str, datetime]
    controls: tuple[Control, ...]

    def hours(self, first: str, last: str) -> float | None:
        """Return the hours from stamp ``first`` to ``last``, None where one of them is missing."""
        if first not in self.stamps or last not in self.stamps:
            return None
        return (self.stamps[last] - self.stamps[first]).total_seconds() / 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """The cases of a file, and what was wrong with lines that were left out or could be used in part only."""

    file: str
    cases: tuple[Case, ...]
    problems: tuple[str, ...]
    lines: int

    @property
    def counted(self) -> str:
        """How many cases on how many lines, in words."""
        cases, lines = len(self.cases), self.lines
        return f"{cases} {'case' if cases == 1 else 'cases'} on {lines} {'line' if lines == 1 else 'lines'}"


def read_study(path: Path, *, timezone: str | None = None, arm: str | None = None, side: str | None = None) -> Study:
    """Return the cases of ``path``; ``timezone``: of times without an offset. ``arm`` and ``side`` choose lines.

    Raise TrsError if the file cannot be read, lacks a column that is needed, or holds several arms or sides and none
    was chosen.
    """
    rows, columns = _rows(path)
    rows = _chosen(path, rows, "arm", arm)
    rows = _chosen(path, rows, "side", side)
    zone = None
    if timezone is not None:
        try:
            zone = ZoneInfo(timezone)
        except (KeyError, ValueError) as error:
            raise TrsError(f"{timezone!r} is no time zone: give its IANA name, as Asia/Almaty") from error
    problems: list[str] = []
    cases: dict[str, Case] = {}
    for line, row in rows:
        found = _case(line, row, columns, zone, problems)
        if found is None:
            continue
        known = cases.get(found.case)
        if known is None:
            cases[found.case] = found
        elif known.stamps != found.stamps:
            problems.append(f"line {line}: case {found.case} stands above with other stamps; this line was left out")
        elif not found.controls or found.controls[0] in known.controls:
            problems.append(
                f"line {line}: case {found.case} stands above with the same control; left out as a duplicate"
            )
        else:
            cases[found.case] = Case(
                case=known.case,
                vehicle=known.vehicle,
                units=known.units,
                stamps=known.stamps,
                controls=(*known.controls, *found.controls),
            )
    if not cases:
        first = f"; {problems[0]}" if problems else ""
        raise TrsError(f"{path}: no line of it can be used{first}")
    return Study(file=path.name, cases=tuple(cases.values()), problems=tuple(problems), lines=len(rows))


def _rows(path: Path) -> tuple[list[tuple[int, dict[str, str]]], dict[str, str]]:
    """Return (line, cells) of the file, and stamp → the column that holds it."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            heads = [head.strip() for head in reader.fieldnames or ()]
            rows = [
                (reader.line_num, {(key or "").strip(): (value or "").strip() for key, value in row.items() if key})
                for row in reader
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a CSV file in UTF-8"
        raise TrsError(f"{path}: cannot be read ({reason})") from error
    columns = {f"T{n}": head for n, name in enumerate(NAMES) for head in heads if head.lower() in (name, f"t{n}")}
    missing = [name for name in ("case",) if name not in heads]
    missing += [f"{stamp} ({NAMES[int(stamp[1:])]})" for stamp in ("T2", "T10") if stamp not in columns]
    if not heads:
        raise TrsError(f"{path} is empty: write a first line with the columns case, T2 and T10, then a line a control")
    if missing:
        what = f"the column {missing[0]} is" if len(missing) == 1 else f"the columns {', '.join(missing)} are"
        raise TrsError(
            f"{path}: {what} missing; its first line has {', '.join(heads)}: add it, or name a column so"
        )
    if not rows:
        raise TrsError(f"{path} holds a first line alone: add a line for each control of each case")
    return rows, columns


def _chosen(
    path: Path, rows: list[tuple[int, dict[str, str]]], column: str, wanted: str | None
) -> list[tuple[int, dict[str, str]]]:
    values = sorted({row[column] for _, row in rows if row.get(column)})
    if not values:
        return rows
    if wanted is None and len(values) > 1:
        raise TrsError(f"{path} holds the {column}s {', '.join(values)}: choose one with --{column}")
    if wanted is not None and wanted not in values:
        raise TrsError(f"{path} holds no {column} {wanted}, but {', '.join(values)}")
    return [(line, row) for line, row in rows if row.get(column) == (wanted or values[0])]


def _case(
    line: int, row: Mapping[str, str], columns: Mapping[str, str], zone: ZoneInfo | None, problems: list[str]
) -> Case | None:
    stamps: dict[str, datetime] = {}
    for stamp, column in columns.items():
        text = row.get(column, "")
        if not text:
            continue
        try:
            time = datetime.fromisoformat(text)
        except ValueError:
            problems.append(f"line {line}: {column} {text!r} is no time (as 2024-03-01T08:30Z); taken as missing")
            continue
        if time.tzinfo is None:
            if zone is None:
                raise TrsError(
                    f"line {line}: {column} {text} has no offset: name the zone of local times with --timezone"
                )
            time = time.replace(tzinfo=zone)
        stamps[stamp] = time
    name = row.get("case", "")
    absent = [what for what, there in (("case", name), ("T2", "T2" in stamps), ("T10", "T10" in stamps)) if not there]
    if absent:
        problems.append(f"line {line}: {' and '.join(absent)} missing; the line was left out")
        return None
    for first, last in _ORDER:
        if first in stamps and last in stamps and stamps[last] < stamps[first]:
            problems.append(f"line {line}: {last} lies before {first}; the line was left out")
            return None
    form = row.get("form", "").lower() or "none"
    if form not in (*FORMS, "none"):
        problems.append(f"line {line}: form {form!r} is none of {', '.join(FORMS)} or none; the control was left out")
        form = "none"
    units = row.get("units", "") or "1"
    if not units.isdigit() or int(units) < 1:
        problems.append(f"line {line}: units {units!r} is no number of containers, wagons or trucks; 1 was taken")
        units = "1"
    began, ended = stamps.pop("T6", None), stamps.pop("T7", None)
    if form != "none" and (began is None or ended is None):
        problems.append(f"line {line}: {form} control without begin (T6) or end (T7); counted, not timed")
    controls = () if form == "none" else (Control(form=form, began=began, ended=ended),)
    return Case(case=name, vehicle=row.get("vehicle", "") or name, units=int(units), stamps=stamps, controls=controls)


__all__ = ["FORMS", "NAMES", "Case", "Control", "Study", "TrsError", "read_study"]
