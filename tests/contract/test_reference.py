"""The written reference is what the code would write now."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.reference.__main__ import pages

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
PAGES = pages()


def test_no_page_is_left_over() -> None:
    assert {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.md")} == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name], (
        "run: python -m scenarios.reference docs/reference"
    )


def test_every_command_and_option_is_explained() -> None:
    text = PAGES["commands.md"]
    assert "## corridor run" in text
    assert "`--set` KEY=VALUE" in text
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert len(rows) > 100
    assert [row for row in rows if "|  |" in row[: row.index("|", 3) + 4]] == [], "an option without help"
