"""A quick verdict on values: whether their type takes them, without saying why not.

xmlschema takes some twenty times longer, most of it for the words of its errors. Only texts and decimal numbers have a
quick verdict; everything else is asked of xmlschema.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from exchange.validation.wording_names import local

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_TEXTS = ("string", "normalizedString", "token")
_NUMBERS = ("decimal", "integer")
_LONGEST_NUMBER = 200

Judge = Callable[[str], bool]


def _pattern(facet: Any) -> Judge:
    patterns = [pattern.match for pattern in facet.patterns]
    return lambda text: any(match(text) is not None for match in patterns)


def _of_text(name: str, facet: Any) -> Judge | None:
    """Return the judge of one facet of a text; None if there is no quick one."""
    if name == "enumeration":
        allowed = frozenset(facet.enumeration)
        return allowed.__contains__
    value = facet.value
    judges: dict[str, Judge] = {
        "length": lambda text: len(text) == value,
        "minLength": lambda text: len(text) >= value,
        "maxLength": lambda text: len(text) <= value,
    }
    return judges.get(name)


def _of_number(name: str, facet: Any) -> Callable[[Decimal], bool] | None:
    """Return the judge of one facet of a number; None if there is no quick one."""
    bound = facet.value
    judges: dict[str, Callable[[Decimal], bool]] = {
        "minInclusive": lambda number: number >= bound,
        "maxInclusive": lambda number: number <= bound,
        "minExclusive": lambda number: number > bound,
        "maxExclusive": lambda number: number < bound,
    }
    return judges.get(name)


def _facets(simple_type: Any) -> tuple[str, list[tuple[str, Any]]] | None:
    """Return the built-in type that a type restricts, and all facets on the way; None for lists and unions."""
    found: list[tuple[str, Any]] = []
    kind = simple_type
    while type(kind).__name__ in ("XsdAtomicRestriction", "Xsd11AtomicRestriction"):
        found += [(local(key), facet) for key, facet in kind.facets.items() if key and local(key) != "whiteSpace"]
        kind = kind.base_type
    if type(kind).__name__ != "XsdAtomicBuiltin":
        return None
    return local(kind.name or ""), found


def quick_judge(simple_type: Any) -> Judge | None:
    """Return what tells whether a text is a value of ``simple_type``; None if only xmlschema can."""
    known = _facets(simple_type)
    if known is None or known[0] not in (*_TEXTS, *_NUMBERS):
        return None
    builtin, facets = known
    of_text = [_pattern(facet) for name, facet in facets if name == "pattern"]
    of_number: list[Callable[[Decimal], bool]] = []
    for name, facet in facets:
        if name == "pattern":
            continue
        if builtin in _TEXTS:
            judge = _of_text(name, facet)
            if judge is None:
                return None
            of_text.append(judge)
        else:
            number_judge = _of_number(name, facet)
            if number_judge is None:
                return None
            of_number.append(number_judge)
    normalize = simple_type.normalize
    if builtin in _TEXTS:

        def words(text: str) -> bool:
            text = normalize(text)
            return all(judge(text) for judge in of_text)

        return words
    form = (_WHOLE if builtin == "integer" else _DECIMAL).fullmatch

    def number(text: str) -> bool:
        text = normalize(text)
        if len(text) > _LONGEST_NUMBER or form(text) is None or not all(judge(text) for judge in of_text):
            return False
        value = Decimal(text)
        return all(judge(value) for judge in of_number)

    return number


__all__ = ["Judge", "quick_judge"]
