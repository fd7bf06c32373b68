"""Why goods were stopped, and what came of questions between services: rows for console and report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from scenarios.numerals import count, fixed
from scenarios.report.palette import ARM_LOOKS

Summary = Mapping[str, Any]
PARTS = {"controls": "Controlled", "passed": "Let pass", "refused": "Result not recognised", "kept": "Detained"}
"""Part of ``stops`` → its title."""
REASONS = {
    "controls": {
        "TARGETED": "a risk rule, a seal, a mass or an alert",
        "RANDOM": "selected by chance",
        "RESIDUAL": "recognised, but in the share controlled all the same",
        "SCHEME": "made at departure, for a service ahead to recognise",
        "NO_INFORMATION": "documents in full: nobody had told of the goods",
        "LATE_INFORMATION": "documents in full: told of too late",
        "CHECK_OPEN": "told in time, check before arrival not finished",
        "CHECKED_BEFORE": "documents only matched: checked before arrival",
        "ROUTINE": "documents of every consignment",
    },
    "passed": {
        "RECOGNISED": "another service's result stands for the control",
        "NOT_SELECTED": "neither a rule nor chance selected the goods",
    },
    "refused": {
        "NO_ENTRY_SIDE": "the goods do not enter the territory here",
        "NO_AGREEMENT": "no agreement in force on the day",
        "FORM": "form of control not recognised",
        "SCOPE": "outside the agreement's goods, places or modes",
        "NOT_LISTED": "a trader is not on the list",
        "NO_CONSENT": "passed on without the originator's consent",
        "NO_ORIGIN": "passed on without its original",
        "KNOWN": "the act was taken already",
        "RESULT": "this result is not recognised",
        "MASS": "the mass differs",
        "LATE": "came too late",
        "STALE": "the control is too old",
        "IMAGE": "image missing or not whole",
        "SEAL": "a seal is broken, missing or another",
        "REVOKED": "the originator replaced the act",
        "OFFICER": "an officer decided so",
    },
    "kept": {
        "OFFENCE": "a control found an offence",
        "DISCREPANCY": "a control found them otherwise than declared",
    },
}
"""Part → code → what it says in a few words; docs/why.md and docs/recognition.md say more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRow:
    """One reason at one side (``side``: its title, empty for all together); ``counts``: arm → how often."""

    side: str
    part: str
    code: str
    counts: Mapping[str, int]

    @property
    def text(self) -> str:
        """Return the reason in words; its code where a later version has reasons that this one does not know."""
        return REASONS[self.part].get(self.code, self.code)


def stop_rows(summary: Summary, *, by_side: bool) -> list[StopRow]:
    """Return how often each reason stood in replication 0, for each side or all together; nothing where none is kept.

    Reasons come in the order of REASONS, then others by name.
    """
    titles = {key: side["title"] for key, side in summary["borders"].items()}
    counts: dict[tuple[str, str, str], dict[str, int]] = {}
    for arm, found in summary.get("stops", {}).items():
        for part in PARTS:
            for side, reasons in found.get(part, {}).items():
                for code, often in reasons.items():
                    entry = counts.setdefault((side if by_side else "", part, code), {})
                    entry[arm] = entry.get(arm, 0) + often
    sides = ["", *titles]
    for entry in summary.get("arms", {}).values():
        titles |= {office: hours["title"] for office, hours in entry["officers"].items() if office not in titles}
    parts = list(PARTS)

    def place(key: tuple[str, str, str]) -> tuple[Any, ...]:
        side, part, code = key
        known = list(REASONS[part])
        return (
            (0, sides.index(side), "") if side in sides else (1, 0, side),
            parts.index(part),
            known.index(code) if code in known else len(known),
            code,
        )

    return [
        StopRow(side=titles.get(key[0], f"Office {key[0]}" if key[0] else ""), part=key[1], code=key[2], counts=of)
        for key, of in sorted(counts.items(), key=lambda item: place(item[0]))
    ]


def by_place(rows: Sequence[StopRow]) -> list[tuple[str, list[StopRow]]]:
    """Return ``rows`` by place, in the order in which they come."""
    return [(side, list(found)) for side, found in groupby(rows, key=lambda row: row.side)]


def matter_rows(summary: Summary) -> Iterator[tuple[str, list[str]]]:
    """Yield what was asked, noted and settled between services, with a cell for each arm that has any."""
    found = summary.get("matters", {})
    if not found:
        return
    checks = [arm["export_checks"] for arm in found.values()]
    noted = [arm["discrepancies"] for arm in found.values()]
    yield "Export data asked for", [count(one["asked"]) for one in checks]
    for outcome in sorted({name for one in checks for name in one["outcomes"]}):
        yield (
            f"… of it {OUTCOMES.get(outcome, outcome)}",
            [count(one["outcomes"].get(outcome, 0)) for one in checks],
        )
    yield "Discrepancies noted", [count(one["noted"]) for one in noted]
    for end in sorted({name for one in noted for name in one["ends"]}):
        yield f"… of it {ENDS.get(end, end)}", [count(one["ends"].get(end, 0)) for one in noted]
    for way in sorted({name for one in noted for name in one["ways"]}):
        yield f"… settled by {way}", [count(one["ways"].get(way, 0)) for one in noted]
    yield "Days until settled, median", [_days(one["days_to_settle"]["p50"]) for one in noted]
    yield "… by people, median", [_days(one["days_to_settle_by_people"]["p50"]) for one in noted]


OUTCOMES = {"MATCH": "found the same", "MASS": "with another mass", "UNKNOWN": "with an unknown number"}
ENDS = {
    "WRITTEN_OFF": "explained and written off",
    "RECOVERY": "gone to recovery",
    "NOT_ASKED": "never asked about",
    "OPEN": "still open at the end",
}


def heads(arms: Mapping[str, Any]) -> list[str]:
    """Return the short names of ``arms`` as heads of columns."""
    return [ARM_LOOKS[arm].short for arm in arms]


def _days(value: float | None) -> str:
    return fixed(value)


__all__ = ["ENDS", "OUTCOMES", "PARTS", "REASONS", "StopRow", "by_place", "heads", "matter_rows", "stop_rows"]
