"""Values that break exactly one facet of a type, or the fewest that can be broken at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from random import Random
from typing import Any

from exchange.generation.errors import CannotMake
from exchange.generation.patterns import texts
from exchange.generation.values import ancestry, builtin_name, local

_FACETS = {
    "XsdPatternFacets": "pattern",
    "XsdEnumerationFacets": "enumeration",
    "XsdLengthFacet": "length",
    "XsdMinLengthFacet": "minLength",
    "XsdMaxLengthFacet": "maxLength",
    "XsdTotalDigitsFacet": "totalDigits",
    "XsdFractionDigitsFacet": "fractionDigits",
    "XsdMinInclusiveFacet": "minInclusive",
    "XsdMinExclusiveFacet": "minExclusive",
    "XsdMaxInclusiveFacet": "maxInclusive",
    "XsdMaxExclusiveFacet": "maxExclusive",
}
_FREE = ("string", "normalizedString", "token", "anySimpleType", "anyAtomicType", "anyURI")
"""Built-in types that take any text."""
_LONGEST = 20_000
_NOT_OF_TYPE = (
    "2017-02-30T05:20:10Z",
    "2017-02-30",
    "maybe",
    "twelve",
    "1.5.2",
    "1.5",
    "99999999999999999999999999",
    "-1",
    "not of this type",
    "",
)


@dataclass(frozen=True, slots=True)
class BadValue:
    """A value, the facet it was made to break, and all it breaks (``type`` is the built-in type itself)."""

    text: str
    facet: str
    breaks: tuple[str, ...]


def broken(simple: Any, text: str) -> tuple[str, ...]:
    """Return which facets of ``simple`` do not take ``text``, patterns first; ``type`` for the built-in type."""
    found: dict[str, None] = {}
    for item in simple.iter_decode(text, validation="lax"):
        if isinstance(item, Exception):
            validator = getattr(item, "validator", None)
            found[_FACETS.get(type(validator).__name__, "type")] = None
    return tuple(found)


def facets(simple: Any) -> dict[str, Any]:
    """Return what ``simple`` restricts, by name of the facet, the nearest restriction first; and ``type``."""
    found: dict[str, Any] = {}
    for one in ancestry(simple):
        if not str(one.name or "").startswith("{http://www.w3.org/2001/XMLSchema}"):
            for facet in (getattr(one, "facets", None) or {}).values():
                found.setdefault(_FACETS.get(type(facet).__name__, ""), facet)
    found.pop("", None)
    if builtin_name(simple) not in _FREE and "enumeration" not in found:
        found["type"] = None
    return found


def _one_off(value: str) -> Iterator[str]:
    """Yield ``value`` with something small wrong about it."""
    if value in ("true", "false"):
        yield from ("1", "0")
    if "T" in value and value.endswith("Z"):
        yield from (value[:-1] + "+00:00", value[:-1] + ".5Z", value[:-1])
    if value[4:5] == "-" and len(value) == 10:
        yield value + "Z"
    if value and value.replace(".", "", 1).isdigit():
        yield from (f"+{value}", "0" * 10 + value, f"{value}.0", f"{value}0000", f"{'0' * 20}{value}")
    for place in {len(value) - 1, 0, len(value) // 2}:
        for character in "#_~?":
            yield value[:place] + character + value[place + 1 :]
    if value.swapcase() != value:
        yield value.swapcase()
    yield from (f"{value}x", f" {value}", value[:-1], f"{value}#", f"{value}{value}", "", "#")


def _longer(simple: Any, value: str, length: int, luck: Random) -> Iterator[str]:
    """Yield texts of ``length`` characters (entries, of a list) that are like ``value``."""
    if simple.is_list():
        yield " ".join([(value.split() or ["x"])[0]] * length)
    if length > _LONGEST:
        return
    stem = value or "x"
    for tail in (stem[-1], "x", "X", "1", "0"):
        yield (stem + tail * length)[:length]
    yield (stem * (length // len(stem) + 1))[:length]
    for one in ancestry(simple):
        for regexp in getattr(getattr(one, "patterns", None), "regexps", None) or ():
            try:
                yield from (text[:length] for text in texts(regexp, luck) if len(text) >= length)
            except CannotMake:
                return
    if builtin_name(simple) == "hexBinary":
        yield "0A" * length


def _beyond(bound: Any, value: str, *, above: bool, inclusive: bool) -> Iterator[str]:
    """Yield values on the wrong side of a bound, the nearest first."""
    if not inclusive:
        yield str(bound)
    try:
        number = Decimal(str(bound))
    except InvalidOperation:
        text = str(bound)
        yield from (f"{year:04}{text[4:]}" for year in ((9998, 2999) if above else (1, 1000)))
        yield f"{'9998' if above else '0001'}{value[4:]}"
        return
    for step in ("1", "0.1", "0.001", "1000"):
        yield format(number + (Decimal(step) if above else -Decimal(step)), "f")


def _candidates(simple: Any, name: str, facet: Any, value: str, luck: Random) -> Iterator[str]:
    size = int(getattr(facet, "value", 0)) if name in ("length", "minLength", "maxLength") else 0
    match name:
        case "pattern":
            yield from _one_off(value)
        case "enumeration":
            yield from (value.lower(), f"{value}X", f"{value}1", "ZZZ", "0", "99", value.swapcase())
            yield from _beyond("99999", value, above=True, inclusive=True)
            yield from ("2099-01-01", "2099-01-01T00:00:00Z")
        case "maxLength" | "length":
            yield from _longer(simple, value, size + 1, luck)
        case "minLength":
            yield from (value[: size - 1], "" if size < 2 else "x" * (size - 1), "1" * (size - 1))
        case "totalDigits":
            digits = int(facet.value) + 1
            whole = value.partition(".")[0]
            yield from ("1" * digits, whole + "." + "1" * (digits - len(whole)), "1." + "1" * (digits - 1))
        case "fractionDigits":
            yield f"{value.partition('.')[0] or '0'}.{'1' * (int(facet.value) + 1)}"
        case "minInclusive" | "minExclusive":
            yield from _beyond(facet.value, value, above=False, inclusive=name == "minInclusive")
        case "maxInclusive" | "maxExclusive":
            yield from _beyond(facet.value, value, above=True, inclusive=name == "maxInclusive")
        case _:
            if builtin_name(simple) == "base64Binary":
                # libxml2 passes over characters that are no base64; a broken ending is refused by all.
                yield "A==="
            yield from _NOT_OF_TYPE
            yield from _one_off(value)


def bad_values(simple: Any, value: str, luck: Random) -> Iterator[BadValue | str]:
    """Yield, for each facet of ``simple``, a value that breaks it, or its name where none was found.

    ``value`` is one that the type takes; the bad ones are as near to it as can be. A value breaks its facet alone
    wherever that was found possible.
    """
    for name, facet in facets(simple).items():
        best: BadValue | None = None
        tried: set[str] = set()
        for text in _candidates(simple, name, facet, value, luck):
            if text in tried:
                continue
            tried.add(text)
            found = broken(simple, text)
            if name in found and (best is None or len(found) < len(best.breaks)):
                best = BadValue(text, name, found)
                if len(found) == 1:
                    break
        yield best or name


def value_code(simple: Any, bad: BadValue) -> str:
    """Return the code of the finding that tells of ``bad``: that of the facet told first, patterns before others."""
    first = bad.breaks[0]
    primitive = local(getattr(getattr(simple, "primitive_type", None), "name", None))
    if first == "enumeration":
        return "102"
    if not bad.text and primitive == "string":
        return "105"
    if primitive in ("dateTime", "date"):
        return "103"
    if primitive in ("decimal", "float", "double"):
        return "104"
    return "105" if first in ("length", "minLength", "maxLength") else "106"


__all__ = ["BadValue", "bad_values", "broken", "facets", "value_code"]
