"""The written reference is what the code would write now."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.reference.__main__ import pages

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    """File name → text of every page, as the code would write it now."""
    return pages()


def test_the_pages_are_those_that_the_code_writes(written: dict[str, str]) -> None:
    there = {path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.md")}
    assert there.keys() == written.keys()
    stale = [name for name, text in written.items() if there[name] != text]
    assert stale == [], "run: python -m scenarios.reference docs/reference"


def test_every_command_and_option_is_explained(written: dict[str, str]) -> None:
    text = written["commands.md"]
    assert "## corridor run" in text
    assert "`--set` KEY=VALUE" in text
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert len(rows) > 100
    assert [row for row in rows if "|  |" in row[: row.index("|", 3) + 4]] == [], "an option without help"
