"""The pages of the documentation lead to one another: from the first of them everything is reached."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
LINK = re.compile(r"\]\(([\w./-]+)(?:#[^)]*)?\)")


def linked(page: Path) -> set[Path]:
    """Return the files that ``page`` links to or shows."""
    return {(page.parent / link).resolve() for link in LINK.findall(page.read_text(encoding="utf-8"))}


def reached(first: Path) -> set[Path]:
    """Return what one comes to from ``first`` by following links from page to page, ``first`` included."""
    found, ahead = {first}, [first]
    while ahead:
        page = ahead.pop()
        new = {path for path in linked(page) - found if path.is_relative_to(DOCS)}
        found |= new
        ahead += [path for path in new if path.suffix == ".md"]
    return found


def test_every_page_picture_and_example_is_reached_from_the_first_page() -> None:
    wanted = {path for suffix in ("md", "svg", "png", "py", "mjs") for path in DOCS.rglob(f"*.{suffix}")}
    readme = linked(DOCS.parent / "README.md")
    assert wanted - reached(DOCS / "README.md") - readme - {DOCS / "conf.py"} == set()


def test_the_first_page_names_every_page_but_the_parts_of_another() -> None:
    named = linked(DOCS / "README.md")
    parts = {
        path
        for page in named
        if page.suffix == ".md"
        for path in linked(page)
        if path.is_relative_to(page.with_suffix(""))
    }
    assert set(DOCS.rglob("*.md")) - named - parts == {DOCS / "README.md"}
