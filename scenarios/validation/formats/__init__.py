"""How results are told: text, JSON, JUnit XML, SARIF and a page. Each writes one file after the other as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TextIO

from scenarios.validation.checking import Checked


class Summary(NamedTuple):
    """How many files were checked, how they came out, and how many findings there are."""

    files: int = 0
    valid: int = 0
    findings: int = 0

    @property
    def invalid(self) -> int:
        return self.files - self.valid

    def plus(self, checked: Checked) -> Summary:
        """Return the summary with one more file."""
        return Summary(self.files + 1, self.valid + checked.valid, self.findings + checked.total)


Write = Callable[[Iterable[Checked], TextIO], Summary]

FORMATS = ("text", "json", "junit", "sarif", "html")
QUOTING = ("text", "html")
"""The formats that quote the lines of findings."""


def writer(name: str) -> Write:
    """Return what writes the format ``name``; raise :class:`LookupError` if there is none."""
    if name == "json":
        from scenarios.validation.formats.objects import write
    elif name == "junit":
        from scenarios.validation.formats.junit import write
    elif name == "sarif":
        from scenarios.validation.formats.sarif import write
    elif name == "html":
        from scenarios.validation.formats.page import write
    elif name == "text":
        from scenarios.validation.formats.text import write
    else:
        raise LookupError(f"there is no format {name}; the formats are {', '.join(FORMATS)}")
    return write


def more(checked: Checked) -> str | None:
    """Return in words that not all findings are shown, if so."""
    shown = len(checked.findings)
    return f"{shown:,} of {checked.total:,} findings are shown" if checked.total > shown else None


__all__ = ["FORMATS", "QUOTING", "Summary", "Write", "more", "writer"]
