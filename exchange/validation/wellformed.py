"""The gate of well-formedness: why a document is no XML, or is nested too deeply, in our own words."""

from __future__ import annotations

import re
from xml.parsers import expat

from lxml import etree

from exchange.sentences import tell
from exchange.validation import engines
from exchange.validation.document import Prolog, check_bytes, read_prolog, survey
from exchange.validation.findings import Finding, Limits
from exchange.validation.wording_syntax import of_expat, of_libxml2

_SHORTEST = 5
"""Bytes that an attribute takes at least, with the blank before it."""


def _deep(limits: Limits, line: int, column: int, text: str) -> Finding:
    expected = tell("at most {depth} levels", depth=limits.depth)
    return Finding(gate="wellformed", code="DEPTH", line=line, column=column, expected=expected, text=text)


def _syntax(line: int, column: int, text: str) -> Finding:
    return Finding(
        gate="wellformed", code="SYNTAX", line=line, column=column, expected=tell("well-formed XML"), text=text
    )


class _CrowdedError(Exception):
    """A tag has too many attributes: how many, and the line and column where it begins."""


def crowded(data: bytes, limits: Limits) -> Finding | None:
    """Return that an element has more attributes (declarations of namespaces among them) than are looked at, or None.

    What comes later may take time that grows with the square of their number. Nothing is parsed unless there is a
    stretch without a '<' that has room for so many.
    """
    most = limits.attributes
    if len(data) < _SHORTEST * most or data.count(b"=") <= most:
        return None
    if not re.search(rb"<[^<]{%d}" % (_SHORTEST * most), data):
        return None
    parser = expat.ParserCreate("utf-8")
    parser.ordered_attributes = True

    def start(_name: str, attributes: list[str]) -> None:
        count = len(attributes) // 2
        if count > most:
            raise _CrowdedError(count, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

    parser.StartElementHandler = start
    try:
        parser.Parse(data, True)
    except _CrowdedError as error:
        count, line, column = error.args
        text = tell("The element here has {count:,} attributes; the limit is {most:,}.", count=count, most=most)
        expected = tell("at most {most} attributes", most=most)
        return Finding(gate="wellformed", code="ATTRIBUTES", line=line, column=column, expected=expected, text=text)
    except expat.ExpatError:
        # The parser that decides says what is wrong.
        return None
    return None


def before_schema(data: bytes, limits: Limits) -> Prolog | Finding:
    """Pass what comes before any parsing of the whole: bytes, prolog, number of attributes. Return the prolog, or what
    is wrong."""
    prolog = check_bytes(data, limits) or read_prolog(data)
    return prolog if isinstance(prolog, Finding) else crowded(data, limits) or prolog


def syntax_fault(data: bytes, limits: Limits) -> Finding | None:
    """Return why ``data`` is not well-formed or is too deep, or None."""
    try:
        engines.parse(data, None)
        depth = survey(data).depth
    except etree.XMLSyntaxError as error:
        line, column = error.position
        if "Excessive depth" in (error.msg or ""):
            return _deep(
                limits, line, column, tell("Elements are nested more than {depth} deep here.", depth=limits.depth)
            )
        return _syntax(line or 0, column or 0, of_libxml2(error))
    except expat.ExpatError as error:
        return _syntax(error.lineno, error.offset + 1, of_expat(error))
    if depth > limits.depth:
        return _deep(
            limits,
            1,
            1,
            tell("Elements are nested {depth} deep; the limit is {limit}.", depth=depth, limit=limits.depth),
        )
    return None


__all__ = ["before_schema", "syntax_fault"]
