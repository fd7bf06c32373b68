"""The published contract: schemas, sample messages and code lists, and how to find them.

Everything is data inside this package and is found through :mod:`importlib.resources`, so it works from a
checkout and from an installed wheel. ``schemas/pix/<version>/<CODE>.xsd`` is the schema of one message,
``common.xsd`` holds what they share, ``pix.xsd`` includes them all; ``samples/<CODE>.xml`` is an example
of each.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

VERSIONS = ("1.0", "1.1")
"""The versions of the message set, oldest first. They share one namespace.

A later one only adds what is optional, at the end of a group of elements, so that what was valid stays valid.
"""

CODES = (
    "ADV",
    "REG",
    "AMD",
    "INV",
    "REL",
    "DEP",
    "AAR",
    "ATR",
    "CTD",
    "PDC",
    "CTR",
    "IMG",
    "RCG",
    "ARR",
    "NCF",
    "SEA",
    "INC",
    "DCR",
    "DSC",
    "DSS",
    "WRO",
    "DRQ",
    "DRS",
    "ENQ",
    "ENR",
    "STQ",
    "STS",
    "LST",
    "SLT",
    "UNA",
    "UNC",
    "NCK",
    "MAQ",
    "MAS",
    "ALR",
)
"""The codes of the messages, in the order of the catalogue."""

CodeListRow = MappingProxyType[str, str]


def message_set(version: str = "1.0") -> Traversable:
    """Return the folder of the message set; raise :class:`LookupError` if there is no such version."""
    if version not in VERSIONS:
        raise LookupError(f"there is no version {version} of the message set; there is {', '.join(VERSIONS)}")
    return files(__name__).joinpath("pix", version)


def _known(code: str) -> str:
    if code not in CODES:
        raise LookupError(f"there is no message {code}; the codes are {', '.join(CODES)}")
    return code


def message_schema(code: str, version: str = "1.0") -> Traversable:
    """Return the XSD of message ``code``; raise :class:`LookupError` if there is none."""
    return message_set(version).joinpath(f"{_known(code)}.xsd")


def sample(code: str, version: str = "1.0") -> Traversable:
    """Return the sample XML of message ``code``; raise :class:`LookupError` if there is none."""
    return message_set(version).joinpath("samples", f"{_known(code)}.xml")


def _rows(name: str) -> tuple[CodeListRow, ...]:
    text = files(__name__).joinpath("codelists", f"{name}.csv").read_text(encoding="utf-8")
    return tuple(MappingProxyType(row) for row in csv.DictReader(text.splitlines()))


@cache
def code_lists() -> MappingProxyType[str, CodeListRow]:
    """Return what there is by name: title, ``closed`` (yes or no), source, date and mark of each code list.

    A closed list is complete, so that a code outside it is wrong; an open one is an extract.
    """
    return MappingProxyType({row["name"]: row for row in _rows("index")})


@cache
def code_list(name: str) -> tuple[CodeListRow, ...]:
    """Return the rows of a code list, as mappings from column to text; every list has a column ``code``.

    Raise :class:`LookupError` if there is no such list.
    """
    if name not in code_lists():
        raise LookupError(f"there is no code list {name}; there is {', '.join(code_lists())}")
    return _rows(name)


@cache
def codes(name: str) -> frozenset[str]:
    """Return the codes of a code list."""
    return frozenset(row["code"] for row in code_list(name))


__all__ = [
    "CODES",
    "VERSIONS",
    "CodeListRow",
    "code_list",
    "code_lists",
    "codes",
    "message_schema",
    "message_set",
    "sample",
]
