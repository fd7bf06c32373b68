"""Results for a person at a terminal: one line a finding, the line it is about, a caret under the place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

from scenarios.validation.checking import Checked
from scenarios.validation.formats import Summary, more

if TYPE_CHECKING:
    from exchange.validation import Finding


def heading(checked: Checked, finding: Finding) -> str:
    """Return the line that tells a finding: place, severity, code, rule, sentence."""
    place = f"{checked.file}:{finding.line}:{finding.column}" if finding.line else checked.file
    rule = f" {finding.rule}" if finding.rule else ""
    text = " ".join(finding.text.split())
    return f"{place}: {finding.severity} {finding.code}{rule} {text}"


def tell(checked: Checked, out: TextIO) -> None:
    """Write what is told of one file; nothing if there is nothing to say."""
    lines: list[str] = []
    for finding, quote in zip(checked.findings, checked.quotes or (None,) * len(checked.findings), strict=True):
        lines.append(heading(checked, finding))
        if quote is not None:
            lines += [f"    {quote.line}", f"    {' ' * quote.caret}^"]
    rest = more(checked)
    if rest:
        lines.append(f"{checked.file}: {rest}")
    if lines:
        out.write("\n".join(lines) + "\n")


def closing(summary: Summary) -> str:
    """Return the last line: how many were valid."""
    noun = "message" if summary.files == 1 else "messages"
    return f"{summary.files} {noun}: {summary.valid} valid, {summary.invalid} invalid"


def write(results: Iterable[Checked], out: TextIO) -> Summary:
    """Write all results as text."""
    summary = Summary()
    for checked in results:
        tell(checked, out)
        summary = summary.plus(checked)
    print(closing(summary), file=out)
    return summary


__all__ = ["closing", "heading", "tell", "write"]
