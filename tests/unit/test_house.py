"""What must not stand in the files of the project: paths and addresses of whoever wrote them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KINDS = (".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".json", ".csv", ".j2", ".js", ".css", ".xsd", ".xml", ".cfg")
PRIVATE = re.compile(
    r"(?<![\w./])/(?:home|root|work|tmp|Users)/[\w.-]+"  # a folder of one machine
    r"|\b(?:pypi|npmjs|pythonhosted)\.(?:org|com)\b|--(?:extra-)?index[-]url|\"resolved\": *\"http"
)


def texts() -> Iterator[Path]:
    """Every text file of the project, without what was made from it and hidden folders."""
    for top in (
        *(path for path in ROOT.glob("*.*") if path.is_file()),  # an environment may stand there as .venv
        *(ROOT / name for name in ("docs", "exchange", "nodes", "scenarios", "schemas", "tests")),
    ):
        for path in top.rglob("*") if top.is_dir() else (top,):
            if path.suffix in KINDS and path.is_file():
                yield path


def private(text: str) -> list[str]:
    """Return what of ``text`` is true on one machine only."""
    return [found[0] for found in PRIVATE.finditer(text)]


def test_nothing_names_a_folder_or_registry_of_whoever_wrote_it() -> None:
    found = {str(path.relative_to(ROOT)): private(path.read_text(encoding="utf-8")) for path in texts()}
    assert len(found) > 500
    assert {name: named for name, named in found.items() if named} == {}


@pytest.mark.parametrize("top", ["home", "root", "work", "tmp", "Users"])
@pytest.mark.parametrize("before", ["see ", "`", "(", '"', ""])
def test_a_folder_of_one_machine_would_be_seen(before: str, top: str) -> None:
    assert len(private(f"{before}/{top}/ann/notes.md")) == 1


@pytest.mark.parametrize(
    "parts", [("https://py", "pi.org/simple"), ("pip install --index", "-url X"), ("npm", "js.com")]
)
def test_a_registry_would_be_seen(parts: tuple[str, str]) -> None:
    assert len(private("".join(parts))) == 1


@pytest.mark.parametrize(
    ("before", "after"), [("http://h", "tmp/x"), ("docs", "work/x"), ("", "messages"), (".", "tmp/x"), ("a", "home/b")]
)
def test_what_is_no_such_path_is_left_alone(before: str, after: str) -> None:
    assert private(f"{before}/{after}") == []
