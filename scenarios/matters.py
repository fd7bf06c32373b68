"""What services asked each other about goods, and what came of it: export data compared, discrepancies settled.

Read from the nodes' cases at the end of a run, of scenarios whose flows have such matters. Times are seconds since the
scenario's start.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from exchange.messages import DataRequest, DataResponse, DiscrepanciesSolved, DiscrepancyNotice
from exchange.references import strip_run

if TYPE_CHECKING:
    from nodes.case import Case
    from nodes.core import NodeCore
    from scenarios.scenario import Scenario

End = Literal["WRITTEN_OFF", "RECOVERY", "NOT_ASKED", "OPEN"]
Way = Literal["records", "people", "time"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """Goods found at their destination otherwise than declared.

    ``end``: WRITTEN_OFF if that was explained, RECOVERY if not, NOT_ASKED if no agreement let anybody ask, OPEN at the
    end of the run. ``way``: by the records of the service of departure, by its people, or because the time was over.
    """

    case: str
    noted: int
    ended: int | None
    end: End
    way: Way | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Matters:
    """``exports``: how comparisons with export data came out, a count each: MATCH, what differs (MASS …), UNKNOWN."""

    asked: int = 0
    exports: Mapping[str, int] = field(default_factory=dict)
    discrepancies: tuple[Discrepancy, ...] = ()


def has_matters(scenario: Scenario) -> bool:
    """Return whether goods of any flow are asked about."""
    return any(flow.declared_ahead is not None or flow.differs is not None for flow in scenario.flows)


def matters_of(cores: Mapping[str, NodeCore], start: datetime) -> Matters:
    """Return what the nodes of one arm asked each other."""
    asked, exports, found = 0, Counter[str](), []
    for core in cores.values():
        for row in core.cases():
            case = core.case(row["ucr"])
            if case is None:
                continue
            for one in _compared(case):
                asked += one == ""
                exports.update([one] if one else [])
            found += list(_discrepancies(case, start))
    return Matters(
        asked=asked,
        exports=dict(sorted(exports.items())),
        discrepancies=tuple(sorted(found, key=lambda one: one.case)),
    )


def _compared(case: Case) -> Iterator[str]:
    """Yield "" for each question after export data, and how each answer compares."""
    for entry in case.timeline:
        message = entry.message
        if entry.kind == "issued" and isinstance(message, DataRequest) and message.purpose == "IMPORT_DECLARATION":
            yield ""
        elif entry.kind == "received" and isinstance(message, DataResponse):
            if message.result == "NOT_FOUND":
                yield "UNKNOWN"
            elif "mismatches" in entry.data:
                yield from entry.data["mismatches"] or ["MATCH"]


def _discrepancies(case: Case, start: datetime) -> Iterator[Discrepancy]:
    second = timedelta(seconds=1)
    for side in case.sides.values():
        for act in side.made:
            if side.presentation == "DESTINATION" and act.result == "A5":
                ended, end, way = _ended(case)
                yield Discrepancy(
                    case=strip_run(case.ucr),
                    noted=(act.ended_at - start) // second,
                    ended=None if ended is None else (ended - start) // second,
                    end=end,
                    way=way,
                )


def _ended(case: Case) -> tuple[datetime | None, End, Way | None]:
    noticed = people = False
    for entry in case.timeline:
        message = entry.message
        if entry.kind == "issued" and isinstance(message, DiscrepancyNotice):
            noticed = True
        elif entry.kind == "received" and message is not None and message.CODE == "MAS":
            people = True
        elif entry.kind == "received" and isinstance(message, DiscrepanciesSolved):
            records = message.resolutions[0].outcome == "CORRECTED"
            if message.solved:
                return entry.at, "WRITTEN_OFF", "records" if records else "people"
            return entry.at, "RECOVERY", "people" if people and _offence(case) else "time"
    return None, "OPEN" if noticed else "NOT_ASKED", None


def _offence(case: Case) -> bool:
    """Return whether an answer to a request for assistance tells of an offence."""
    return any(
        entry.message is not None and getattr(entry.message, "offence_indicator", False)
        for entry in case.timeline
        if entry.message is not None and entry.message.CODE == "MAS"
    )


__all__ = ["Discrepancy", "Matters", "has_matters", "matters_of"]
