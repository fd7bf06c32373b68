"""Results as JUnit XML, as the common continuous-integration servers read it: one test case a file.

An invalid file is a failure with all its errors; warnings of a valid file stand in ``system-out``. The counts stand
in the first tag, so that the cases wait in a file of their own until all are known.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import PurePath
from tempfile import SpooledTemporaryFile
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

from scenarios.validation.checking import Checked
from scenarios.validation.formats import Summary, more
from scenarios.validation.formats.text import heading

_IN_MEMORY = 16 * 1024 * 1024
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _clean(text: str) -> str:
    """Return ``text`` with the characters that XML allows."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _case(checked: Checked) -> str:
    name = quoteattr(_clean(checked.file))
    folder = quoteattr(_clean(str(PurePath(checked.file).parent)))
    lines = [heading(checked, finding) for finding in checked.findings]
    rest = more(checked)
    if rest:
        lines.append(rest)
    start = f"    <testcase classname={folder} name={name}"
    if not lines:
        return start + "/>\n"
    told = escape(_clean("\n".join(lines)))
    if checked.valid:
        return f"{start}>\n      <system-out>{told}</system-out>\n    </testcase>\n"
    first = next((one for one in checked.findings if one.severity == "error"), checked.findings[0])
    said = quoteattr(_clean(" ".join(first.text.split())))
    return f'{start}>\n      <failure message={said} type="{escape(first.code)}">{told}</failure>\n    </testcase>\n'


def write(results: Iterable[Checked], out: TextIO) -> Summary:
    """Write all results as JUnit XML."""
    summary = Summary()
    with SpooledTemporaryFile(_IN_MEMORY, mode="w+", encoding="utf-8") as cases:
        for checked in results:
            cases.write(_case(checked))
            summary = summary.plus(checked)
        cases.seek(0)
        counts = f'tests="{summary.files}" failures="{summary.invalid}" errors="0" skipped="0"'
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        out.write(f'<testsuites name="corridor validate" {counts}>\n')
        out.write(f'  <testsuite name="corridor validate" {counts}>\n')
        shutil.copyfileobj(cases, out)
        out.write("  </testsuite>\n</testsuites>\n")
    return summary


__all__ = ["write"]
