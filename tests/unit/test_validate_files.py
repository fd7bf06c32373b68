"""Reading the files to check: whole, bounded, whatever size they say they have."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from scenarios.validation.files import Input, read


@pytest.mark.parametrize("size", [0, 1, 16_383, 16_384, 16_385, 100_000])
def test_a_file_is_read_whole(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(os.urandom(size))
    assert read(Input(path), 1_000_000) == path.read_bytes()


@pytest.mark.parametrize("limit", [0, 1, 16_384, 99_999])
def test_one_byte_more_than_the_limit_is_read_at_most(tmp_path: Path, limit: int) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(b"x" * 100_000)
    assert read(Input(path), limit) == b"x" * (limit + 1)


def test_a_file_that_says_it_is_empty_is_read_until_nothing_comes() -> None:
    path = Path("/proc/self/environ")
    if not path.exists():
        pytest.skip("this system has no files that say nothing of their size")
    assert path.stat().st_size == 0
    assert read(Input(path), 1_000_000) == path.read_bytes()


def test_a_pipe_that_is_named_is_read_in_all_its_pieces(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)

    def write() -> None:
        with path.open("wb", buffering=0) as pipe:
            for _ in range(50):
                pipe.write(b"y" * 1000)

    writer = threading.Thread(target=write)
    writer.start()
    data = read(Input(path, named=True), 1_000_000)
    writer.join(timeout=10)
    assert data == b"y" * 50_000


def test_names_that_cannot_be_printed_are_shown_all_the_same() -> None:
    assert Input(Path("a/b.xml")).name == "a/b.xml"
    assert Input(Path("a\x1b[31m\n.xml")).name == "a\ufffd[31m\ufffd.xml"
    assert Input(Path("-")).name == "<stdin>"
