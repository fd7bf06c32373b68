"""What there is to check: the files that paths, folders and patterns name."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

STDIN = Path("-")
_WILD = "*?["
_PIECE = 16_384
"""Bytes that are asked for at least."""


@dataclass(frozen=True, slots=True)
class Input:
    """One file to check. ``named``: whether the user named it; one found in a folder must be a regular file.
    ``fault``: why it cannot be read, where that is known already."""

    path: Path
    named: bool = False
    fault: str | None = None

    @property
    def name(self) -> str:
        """The name to show: what is no text or cannot be printed is replaced."""
        if self.path == STDIN:
            return "<stdin>"
        text = os.fsencode(self.path).decode("utf-8", "replace")
        if text.isprintable():
            return text
        return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


class NothingThere(Exception):
    """A path that was named does not exist."""


def _below(folder: Path, ending: str) -> Iterator[Input]:
    faults: list[OSError] = []
    for here, folders, names in os.walk(folder, onerror=faults.append):
        folders.sort()
        yield from (Input(Path(here, name)) for name in sorted(names) if name.lower().endswith(ending))
        while faults:
            yield _unreadable(faults.pop(0))
    yield from (_unreadable(fault) for fault in faults)


def _unreadable(fault: OSError) -> Input:
    return Input(Path(str(fault.filename)), fault=f"The folder cannot be read: {fault.strerror}.")


def inputs(paths: Iterable[Path], ending: str = ".xml") -> list[Input]:
    """Return what is to be checked: files as named, the files with ``ending`` below folders in order, the matches of
    patterns (``*``, ``?``, ``[…]``, ``**``), each once. Links to folders below a folder are not followed.

    Raise :class:`NothingThere` for a path that does not exist or a pattern that matches nothing.
    """
    found: dict[Path, Input] = {}
    for path in paths:
        for one in _named(path, ending):
            found.setdefault(one.path, one)
    return list(found.values())


def _named(path: Path, ending: str) -> Iterator[Input]:
    if path == STDIN:
        yield Input(path, named=True)
    elif os.path.isdir(path):
        yield from _below(path, ending)
    elif _stands(path):
        yield Input(path, named=True)
    elif not any(c in str(path) for c in _WILD):
        raise NothingThere(f"{path} does not exist; name a file, a folder, a pattern, or - for standard input")
    else:
        matches = sorted(glob.glob(str(path), recursive=True))
        if not matches:
            raise NothingThere(f"nothing matches {path}; name a file, a folder, or another pattern")
        for match in matches:
            yield from _below(Path(match), ending) if os.path.isdir(match) else (Input(Path(match), named=True),)


def _stands(path: Path) -> bool:
    """Return whether there is something to read at ``path``, if only a link that leads nowhere or what may not be
    looked at: reading it says what is wrong, and the other files are checked all the same."""
    try:
        os.lstat(path)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def read(given: Input, limit: int) -> bytes:
    """Return at most ``limit`` + 1 bytes of a file; raise :class:`OSError` if it cannot be read.

    A pipe, device or socket that merely lies in a folder is not opened for reading: it could block for ever.
    """
    if given.fault is not None:
        raise OSError(0, given.fault)
    descriptor = os.open(given.path, os.O_RDONLY | (0 if given.named else os.O_NONBLOCK) | os.O_CLOEXEC)
    try:
        state = os.fstat(descriptor)
        regular = stat.S_ISREG(state.st_mode)
        if not given.named and not regular:
            raise OSError(0, "it is no regular file")
        # Asking for much more than there is would cost a buffer of that size each time.
        pieces, room, step = [], limit + 1, max(state.st_size + 1, _PIECE)
        while room > 0:
            asked = min(room, step)
            piece = os.read(descriptor, asked)
            pieces.append(piece)
            room -= len(piece)
            # A regular file that gives all it said to have, and no more when asked, is at its end.
            if not piece or (regular and len(piece) < asked and limit + 1 - room == state.st_size):
                break
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
    finally:
        os.close(descriptor)


__all__ = ["STDIN", "Input", "NothingThere", "inputs", "read"]
