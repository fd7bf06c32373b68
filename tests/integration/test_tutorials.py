"""Every command of the tutorials is run, in their order, in a folder of its own; each ends as the page says."""

from __future__ import annotations

import glob
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scenarios.cli import app

FOLDER = Path(__file__).parents[2] / "docs" / "tutorials"
PAGES = sorted(path.name for path in FOLDER.glob("*.md"))
XSD = re.compile(r"Save this as `([^`]+)`:\n\n```xml\n(.*?)```", re.DOTALL)


def commands(text: str) -> Iterator[tuple[list[str], int]]:
    """Yield the arguments of every command in console blocks, and the exit code that its comment names (0 else)."""
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for line in block.splitlines():
            assert line.startswith("$ corridor "), line
            said, _, comment = line[2:].partition("   # ")
            code = re.fullmatch(r"exit (\d+)", comment)
            yield shlex.split(said)[1:], int(code[1]) if code else 0


def spread(argument: str) -> list[str]:
    """Return what a shell makes of a pattern."""
    return sorted(glob.glob(argument)) or [argument] if "*" in argument else [argument]


@pytest.mark.parametrize("name", PAGES)
def test_a_tutorial_goes_as_it_says(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("scenarios.run.processors", lambda: 1)
    for file, content in XSD.findall(text):
        (tmp_path / file).write_text(content, encoding="utf-8")
    run = list(commands(text))
    assert run, "a tutorial has commands"
    for arguments, code in run:
        given = [part for argument in arguments for part in spread(argument)]
        told = CliRunner().invoke(app, given)
        assert told.exit_code == code, f"corridor {' '.join(given)}\n{told.output}\n{told.exception!r}"


def test_pages_that_others_link_to_are_there() -> None:
    for page in sorted((FOLDER.parent).rglob("*.md")):
        for link in re.findall(r"\]\(([\w./-]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"
