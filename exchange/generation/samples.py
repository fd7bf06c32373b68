"""Samples of our own messages: valid against the schema, the code lists and the rules, and plausible to read.

A sample starts from the example that is published with the message, which tells a story that holds together. What is
optional is taken away (``minimal``), added (``full``) or either by luck (``random``); numbers get new values with
their check digits, times move together. Each step is kept only if every gate still passes it, so that a rule that
is added tomorrow is respected without a change here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import as_file
from random import Random
from typing import Any

from lxml import etree

import schemas
from exchange import identifiers
from exchange.generation.documents import Kind, new_element, serialised
from exchange.generation.errors import CannotMake
from exchange.generation.reading import child_declarations, declared_child, read_set, simple_type
from exchange.generation.values import Values, local, takes
from exchange.validation import validate

_TRIES = 12
_MOST_REPEATED = 2
_HEXADECIMAL = "0123456789abcdef"
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

schema_of = cache(read_set)
"""The schema of a version, read once."""


@cache
def compiled_schema(version: str) -> etree.XMLSchema:
    """Return the schema of a version as libxml2 compiles it, to ask quickly whether a tree is valid."""
    with as_file(schemas.message_set(version)) as folder:
        return etree.XMLSchema(etree.parse(str(folder / "pix.xsd")))


def passes(data: bytes) -> bool:
    """Return whether every gate passes ``data`` without a word, warnings included."""
    verdict = validate(data)
    return verdict.valid and verdict.total == 0


def declarations(root: etree._Element, version: str) -> dict[etree._Element, Any]:
    """Return the declaration of each element below and including ``root``, as far as the schema knows them."""
    found = {root: schema_of(version).maps.elements[str(root.tag)]}
    for element in root.iter("*"):
        if element in found:
            for child in element:
                declared = declared_child(found[element], str(child.tag))
                if declared is not None:
                    found[child] = declared
    return found


@cache
def _examples(version: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return values by (name of the parent, name) and ("", name), as the published examples have them."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for code in schemas.CODES:
        try:
            root = etree.fromstring(schemas.sample(code, version).read_bytes())
        except (LookupError, OSError):
            continue
        for element in root.iter("*"):
            parent = element.getparent()
            if not len(element) and parent is not None and element.text:
                name = local(str(element.tag))
                found.setdefault((local(str(parent.tag)), name), {})[element.text] = None
                found.setdefault(("", name), {})[element.text] = None
    return {key: tuple(values) for key, values in found.items()}


class _Writer:
    """Changes one document step by step, keeping what every gate passes."""

    def __init__(self, data: bytes, version: str, luck: Random) -> None:
        self.root = etree.fromstring(data)
        self.version = version
        self.luck = luck
        self.values = Values(luck, varied=True)

    def data(self) -> bytes:
        return serialised(self.root)

    def step(self, change: Callable[[], None]) -> bool:
        """Make ``change``; undo it and return False if a gate refuses what comes of it."""
        before = deepcopy(self.root)
        change()
        _renumber(self.root)
        if passes(self.data()):
            return True
        self.root = before
        return False

    def at(self, path: tuple[int, ...]) -> etree._Element:
        element = self.root
        for index in path:
            element = element[index]
        return element

    def paths(self) -> list[tuple[int, ...]]:
        return list(_paths(self.root, ()))

    def new_value(self, parent: str, declaration: Any) -> str:
        """Return a value as the examples have it or, where none is known, one of the schema."""
        simple = simple_type(declaration)
        name = declaration.local_name
        known = _examples(self.version)
        pool = [text for text in known.get((parent, name)) or known.get(("", name)) or () if takes(simple, text)]
        if pool and self.luck.random() < 0.9:
            return self.luck.choice(pool)
        return self.values.make(simple)

    def build(self, declaration: Any, parent: str, full: bool) -> etree._Element:
        """Return a new element, with all of its optional content or with none."""
        made = new_element(declaration.name, self.root.nsmap)
        if simple_type(declaration) is not None:
            made.text = self.new_value(parent, declaration)
            return made
        for child in child_declarations(declaration):
            if child.min_occurs or full:
                made.append(self.build(child, declaration.local_name, full))
        return made


def _paths(element: etree._Element, here: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    yield here
    for index, child in enumerate(element):
        yield from _paths(child, (*here, index))


def _renumber(root: etree._Element) -> None:
    """Let the entries of every list count 1, 2, 3 …"""
    for parent in root.iter("*"):
        reached: dict[str, int] = {}
        for child in parent:
            tag = str(child.tag)
            reached[tag] = reached.get(tag, 0) + 1
            if len(child) and local(str(child[0].tag)) == "SequenceNumber":
                child[0].text = str(reached[tag])


def _thin_out(writer: _Writer, chance: float) -> None:
    """Take away what is optional, each with ``chance``, the large before the small, until nothing more goes."""
    again = True
    while again:
        again = False
        for path in writer.paths():
            if not path:
                continue
            try:
                element = writer.at(path)
            except IndexError:
                continue
            if writer.luck.random() >= chance or not _dispensable(writer, element):
                continue
            again |= writer.step(lambda path=path: _remove(writer.at(path)))  # type: ignore[misc]
        if chance < 1:
            return


def _dispensable(writer: _Writer, element: etree._Element) -> bool:
    parent = element.getparent()
    declared = declarations(writer.root, writer.version).get(element)
    if parent is None or declared is None:
        return False
    return sum(1 for one in parent if one.tag == element.tag) > int(declared.min_occurs)


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


def _fill_up(writer: _Writer, chance: float) -> None:
    """Add what is optional and absent, each with ``chance``, where a value is found that every gate passes."""
    for path in reversed(writer.paths()):
        element = writer.at(path)
        declared = declarations(writer.root, writer.version).get(element)
        if declared is None:
            continue
        names = [one.name for one in child_declarations(declared)]
        for child in child_declarations(declared):
            present = [one for one in writer.at(path) if one.tag == child.name]
            room = child.max_occurs is None or len(present) < min(child.max_occurs, _MOST_REPEATED)
            if not room or writer.luck.random() >= chance:
                continue
            _add(writer, path, child, names)


def _add(writer: _Writer, path: tuple[int, ...], child: Any, names: list[str]) -> None:
    for attempt in range(_TRIES):

        def insert(full: bool = attempt % 2 == 0) -> None:
            parent = writer.at(path)
            place = sum(1 for one in parent if names.index(str(one.tag)) <= names.index(child.name))
            parent.insert(place, writer.build(child, local(str(parent.tag)), full))

        try:
            if writer.step(insert):
                return
        except CannotMake:
            return


def _hexadecimal(luck: Random, length: int) -> str:
    return "".join(luck.choice(_HEXADECIMAL) for _ in range(length))


def _digits(luck: Random, length: int) -> str:
    return "".join(luck.choice("0123456789") for _ in range(length))


def _letters(luck: Random, length: int) -> str:
    return "".join(luck.choice(_CAPITALS) for _ in range(length))


def _new_mrn(old: str, luck: Random) -> str:
    return identifiers.mrn(old[:2], old[2:4], old[4:10] + _digits(luck, 6), old[16])


def _new_wagon(old: str, luck: Random) -> str:
    if len(old) == 8 and old.isdigit():
        return identifiers.wagon_1520(old[:3] + _digits(luck, 4))
    if len(old) == 12 and old.isdigit():
        return identifiers.wagon_uic(old[:7] + _digits(luck, 4))
    return "".join(luck.choice("123456789") if one.isdigit() else one for one in old)


_NEW: dict[str, Callable[[str, Random], str]] = {
    "MessageID": lambda _old, luck: "-".join(_hexadecimal(luck, n) for n in (8, 4, 4, 4, 12)),
    "UCR": lambda old, luck: f"{old[:3]}{_digits(luck, 8)}{_letters(luck, 2)}{_digits(luck, 4)}",
    "MRN": _new_mrn,
    "ContainerID": lambda old, luck: identifiers.container_id(_letters(luck, 3), old[3], _digits(luck, 6)),
    "MeansID": _new_wagon,
    "SealID": lambda old, luck: old[:2] + _digits(luck, 6),
    "Digest": lambda _old, luck: _hexadecimal(luck, 64),
    "Ordinal": lambda _old, luck: str(luck.randint(1, 40)),
}
"""How a value of a named type of the set gets a new one; the same value gets the same new one everywhere."""


def _renamed(writer: _Writer, kind: str) -> None:
    """Give all values of type ``kind`` new ones."""
    known: dict[str, str] = {}
    for element, declared in declarations(writer.root, writer.version).items():
        if local(declared.type.name) == kind and element.text:
            if element.text not in known:
                known[element.text] = _NEW[kind](element.text, writer.luck)
            element.text = known[element.text]


def _moved(writer: _Writer, days: int) -> None:
    """Move all times and dates by ``days``."""
    for element, declared in declarations(writer.root, writer.version).items():
        kind = local(declared.type.name)
        if kind == "Time" and element.text:
            moment = datetime.fromisoformat(element.text) + timedelta(days=days)
            element.text = moment.isoformat()[:19] + "Z"
        elif kind == "Date" and element.text:
            element.text = (date.fromisoformat(element.text) + timedelta(days=days)).isoformat()


def _vary(writer: _Writer) -> None:
    for kind in _NEW:
        for _ in range(3):
            if writer.step(lambda kind=kind: _renamed(writer, kind)):  # type: ignore[misc]
                break
    writer.step(lambda: _moved(writer, writer.luck.randint(-30, 30)))


def make_sample(code: str, version: str, *, kind: Kind = "full", seed: int = 0) -> bytes:
    """Return a message of ``code`` in ``version`` that every gate passes without a finding.

    ``seed`` 0 of the kinds ``minimal`` and ``full`` keeps the numbers and times of the published example; any other
    seed gives others. Equal arguments give equal bytes. Raise :class:`LookupError` if there is no such message or
    version, and :class:`CannotMake` if the published example itself does not pass.
    """
    try:
        data = schemas.sample(code, version).read_bytes()
    except OSError:
        raise LookupError(f"there is no message {code} in version {version} of the message set") from None
    if not passes(data):
        raise CannotMake(f"the published example of {code} {version} is not valid; run 'corridor validate' on it")
    writer = _Writer(data, version, Random(f"{code}/{version}/{kind}/{seed}"))
    if kind == "minimal":
        _thin_out(writer, 1.0)
    elif kind == "full":
        _fill_up(writer, 1.0)
    else:
        _thin_out(writer, 0.3)
        _fill_up(writer, 0.4)
    if seed or kind == "random":
        _vary(writer)
    return writer.data()


__all__ = ["compiled_schema", "declarations", "make_sample", "passes", "schema_of"]
