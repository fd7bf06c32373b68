"""``corridor validate`` over a folder of files that cannot be read, or are no XML in UTF-8: each has its own finding,
and the good ones among them are checked all the same."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import schemas
from scenarios.cli import app

GOOD = schemas.sample("WRO").read_bytes()
_NOBODY = 65_534


def holding(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def shut(path: Path) -> None:
    path.write_bytes(GOOD)
    path.chmod(0)


def shut_folder(path: Path) -> None:
    path.mkdir()
    (path / "a.xml").write_bytes(GOOD)
    path.chmod(0)


BAD: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "mode 000.xml": (shut, "READ", "Permission denied"),
    "folder of mode 000": (shut_folder, "READ", "Permission denied"),
    "loop.xml": (lambda path: path.symlink_to(path), "READ", "symbolic links"),
    "dangling.xml": (lambda path: path.symlink_to("nowhere.xml"), "READ", "No such file"),
    "compressed.xml.gz": (holding(gzip.compress(GOOD)), "ENCODING", "a gzip file"),
    "compressed.xml": (holding(gzip.compress(b" " * 10_000_000)), "ENCODING", "a gzip file"),
    "archive.xml": (holding(b"PK\x03\x04" + bytes(50)), "ENCODING", "a zip file"),
    "utf-16 with its mark.xml": (holding(GOOD.decode().encode("utf-16")), "ENCODING", "written in UTF-16"),
    "utf-16 called utf-8.xml": (holding(GOOD.decode().encode("utf-16-le")), "ENCODING", "written in UTF-16"),
    "utf-8 called utf-16.xml": (holding(GOOD.replace(b"UTF-8", b"UTF-16", 1)), "ENCODING", "is UTF-16; only"),
    "utf-8 called ascii.xml": (
        holding(GOOD.replace(b"UTF-8", b"US-ASCII", 1).replace(b"<UCR>", b"<UCR>\xc3\xa9")),
        "ENCODING",
        "is US-ASCII, but",
    ),
    "latin-1.xml": (holding(GOOD.replace(b"<UCR>", b"<UCR>\xe9")), "ENCODING", "0xE9 here is not UTF-8"),
    "truncated.xml": (holding(GOOD.rpartition(b"</WriteOff>")[0]), "SYNTAX", "before <WriteOff>"),
    "truncated in a tag.xml": (holding(GOOD[: GOOD.index(b"<UCR>") + 3]), "SYNTAX", "."),
    "binary.xml": (holding(bytes(range(1, 256)) * 20), "ENCODING", "is not UTF-8"),
    "zeros.xml": (holding(bytes(5_000)), "NUL", "NUL byte"),
    "empty.xml": (holding(b""), "EMPTY", "empty"),
    "doctype.xml": (holding(b"<!DOCTYPE a><a/>"), "DOCTYPE", "not accepted"),
    "crowded.xml": (holding(b"<a " + b"".join(b"a%d='' " % i for i in range(9_999)) + b"/>"), "ATTRIBUTES", "9,999"),
}


@contextmanager
def unprivileged() -> Iterator[None]:
    """Give up the rights of the superuser, whom no mode keeps out, for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def batch() -> Iterator[Path]:
    """A folder that everybody may enter, with all that is bad and two good files, first and last."""
    folder = Path(tempfile.mkdtemp(prefix="batch"))
    folder.chmod(0o755)
    (folder / "a good.xml").write_bytes(GOOD)
    (folder / "z good.xml").write_bytes(GOOD)
    for name, (make, _, _) in BAD.items():
        make(folder / name)
    yield folder
    (folder / "folder of mode 000").chmod(0o700)
    shutil.rmtree(folder)


def told(arguments: list[str]) -> dict[str, Any]:
    # What is imported late must not be imported as nobody, who may not read it.
    assert CliRunner().invoke(app, ["validate", "-", "--format", "json"], input=GOOD).exit_code == 0
    with unprivileged():
        result = CliRunner().invoke(app, ["validate", *arguments, "--format", "json"])
    assert result.exit_code == 1, result.output
    return {Path(one["file"]).name: one for one in json.loads(result.stdout)["files"]}


@pytest.mark.parametrize("named", [False, True], ids=["by the folder", "each by its name"])
def test_each_bad_file_has_its_finding_and_the_good_ones_are_checked(batch: Path, named: bool) -> None:
    files = told([str(path) for path in sorted(batch.iterdir())] if named else [str(batch)])
    for name, (_, code, words) in BAD.items():
        if not named and name.endswith(".gz"):
            assert name not in files
            continue
        (finding,) = files[name]["findings"]
        assert (finding["code"], files[name]["valid"]) == (code, False), (name, finding)
        assert words in finding["text"], name
    assert [name for name, one in files.items() if one["valid"]] == ["a good.xml", "z good.xml"]


def test_a_file_in_a_folder_that_may_not_be_entered_is_told_beside_the_others(batch: Path) -> None:
    files = told([str(batch / "a good.xml"), str(batch / "folder of mode 000" / "a.xml")])
    assert files["a good.xml"]["valid"]
    assert [one["code"] for one in files["a.xml"]["findings"]] == ["READ"]
