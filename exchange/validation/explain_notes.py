"""What is noted while an invalid document is explained, and the findings that become of it.

Notes are kept in the order of the document and no more of them than are told; all are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from exchange.validation.explain_places import attribute_offsets, lines_and_columns, value_offset
from exchange.validation.findings import Finding
from exchange.validation.wording_names import Said, local, shown


class Note(NamedTuple):
    """One fault: the number of its element in the document, the byte at which that begins, its path (asked for when
    the whole document is known), and what is said."""

    number: int
    offset: int
    path: Callable[[], str]
    said: Said
    of_value: bool = False


class Notes:
    """The first ``most`` notes of a document in its order, and the number of all (:attr:`total`)."""

    def __init__(self, most: int) -> None:
        self._most = max(most, 1)
        self._kept: list[Note] = []
        self._bar: int | None = None
        self.total = 0

    def wants(self, number: int) -> bool:
        """Return whether a note on the element ``number`` would be kept."""
        return self._bar is None or number < self._bar

    def add(self, note: Note) -> None:
        """Take a note in, and count it."""
        self.total += 1
        if self.wants(note.number):
            self._kept.append(note)
            if len(self._kept) >= 2 * self._most:
                self._settle()

    def count(self, more: int = 1) -> None:
        """Count what is not kept."""
        self.total += more

    def _settle(self) -> None:
        self._kept.sort(key=lambda note: note.number)
        del self._kept[self._most :]
        if len(self._kept) == self._most:
            self._bar = self._kept[-1].number

    def findings(self, data: bytes) -> list[Finding]:
        """Return what is told, each with its place in ``data``."""
        self._settle()
        return findings(data, self._kept)


def findings(data: bytes, notes: Iterable[Note]) -> list[Finding]:
    """Return the findings of ``notes``: a wrong value is told where it begins, an attribute where it stands, all else
    at its element."""
    notes = list(notes)
    tags: dict[int, dict[tuple[bool, str], int]] = {}
    offsets = [_offset(data, note, tags) for note in notes]
    places = lines_and_columns(data, offsets)
    return [_finding(note, places[offset]) for note, offset in zip(notes, offsets, strict=True)]


def _offset(data: bytes, note: Note, tags: dict[int, dict[tuple[bool, str], int]]) -> int:
    attribute = note.said.attribute or note.said.shown_at
    if attribute is not None:
        if note.offset not in tags:
            tags[note.offset] = attribute_offsets(data, note.offset)
        return tags[note.offset].get((attribute.startswith("{"), local(attribute)), note.offset)
    return value_offset(data, note.offset) if note.of_value else note.offset


def _finding(note: Note, place: tuple[int, int]) -> Finding:
    said = note.said
    return Finding(
        gate="schema",
        code=said.code,
        line=place[0],
        column=place[1],
        xpath=note.path() + (f"/@{local(said.attribute)}" if said.attribute else ""),
        value=shown(said.value),
        expected=shown(said.expected),
        text=said.text,
    )


__all__ = ["Note", "Notes", "findings"]
