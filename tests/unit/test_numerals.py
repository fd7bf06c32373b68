"""Numbers as people read them: zero has no sign, wherever a number of a run is told."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console

from scenarios.numerals import count, fixed, percent, several, span
from scenarios.report import compare, compare_table, page, table
from tests.browser.reports import made


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (fixed(-0.0004, 3), "0.000"),
        (fixed(-0.0, 2, sign=True), "0.00"),
        (fixed(0.0004, 3, sign=True), "0.000"),
        (fixed(-0.0006, 3, sign=True), "-0.001"),
        (fixed(1.25, 1, sign=True), "+1.2"),
        (fixed(None, 2, sign=True), "–"),
        (percent(-0.0001), "0 %"),
        (percent(0.456, 1), "45.6 %"),
        (percent(None), "–"),
        (count(-0.2), "0"),
        (several(1, "replication"), "1 replication"),
        (several(0, "message was", "messages were"), "0 messages were"),
        (several(1234, "key"), "1 234 keys"),
        (count(12345.4), "12 345"),
        (span([-0.001, 0.314]), "0.00 to 0.31"),
        (span(None), "–"),
    ],
)
def test_numbers_in_words(told: str, text: str) -> None:
    assert told == text


def sunk(content: Any) -> Any:
    """Return ``content`` with numbers that come to zero in place of all that have a fraction."""
    if isinstance(content, dict):
        return {key: sunk(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [sunk(value) for value in content]
    return -1e-7 if isinstance(content, float) else content


def test_what_comes_to_zero_has_no_sign_anywhere_in_reports_and_tables() -> None:
    found = made()
    summary, experiment = sunk(found.summary), sunk(found.experiment)
    out = Console(file=io.StringIO(), width=132)
    table.show(out, summary)
    compare_table.show(out, experiment, {key: side.title for key, side in found.scenario.sides.items()})
    texts = [
        out.file.getvalue(),  # type: ignore[attr-defined]
        page.render(found.scenario, summary, found.material),
        compare.render(found.scenario, experiment, summary, found.material),
    ]
    for text in texts:
        told = re.sub(r"<script>.*?</script>|<style>.*?</style>|<svg.*?</svg>", "", text, flags=re.DOTALL)
        assert re.findall(r".{0,40}[-−+]0(?:\.0+)?(?![\d.]).{0,20}", told) == []
