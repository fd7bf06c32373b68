"""The line of a finding, cut to what fits, with the place of the caret under it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from exchange.validation import Finding

WIDEST = 160
"""Most characters of a line that are quoted."""
_LONGEST_LINE = 1_000_000
"""Bytes of a line that are looked at; a place beyond them is not quoted."""


class Quote(NamedTuple):
    """What to show of a line, and how many characters stand before the caret."""

    line: str
    caret: int


def _starts(data: bytes, wanted: list[int]) -> dict[int, bytes]:
    """Return the lines with the numbers ``wanted`` (ascending), as far as there are such."""
    found: dict[int, bytes] = {}
    number, start = 1, 0
    for line in wanted:
        while number < line:
            end = data.find(b"\n", start)
            if end < 0:
                return found
            number, start = number + 1, end + 1
        end = data.find(b"\n", start, start + _LONGEST_LINE)
        found[line] = data[start : end if end >= 0 else start + _LONGEST_LINE]
    return found


def _cut(line: str, column: int) -> Quote | None:
    if column > len(line) + 1:
        return None
    start = 0 if column <= WIDEST - 20 else column - WIDEST // 2
    part = line[start : start + WIDEST]
    shown = "".join(c if c.isprintable() else " " if c in "\t\r" else "\N{REPLACEMENT CHARACTER}" for c in part)
    return Quote(shown.rstrip(), column - 1 - start)


def quotes(data: bytes, findings: Sequence[Finding]) -> tuple[Quote | None, ...]:
    """Return the quote for each finding; None for one without a place in the document."""
    wanted = sorted({finding.line for finding in findings if finding.line > 0})
    lines = {number: raw.decode("utf-8", "replace") for number, raw in _starts(data, wanted).items()}
    return tuple(
        _cut(lines[finding.line], max(finding.column, 1)) if finding.line in lines else None for finding in findings
    )


__all__ = ["WIDEST", "Quote", "quotes"]
