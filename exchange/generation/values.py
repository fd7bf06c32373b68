"""Values of simple types: from a type of a schema to texts that it takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from math import isfinite
from random import Random
from typing import Any

from exchange.generation.errors import CannotMake
from exchange.generation.patterns import texts

_XS = "{http://www.w3.org/2001/XMLSchema}"
_WORDS = tuple(re.findall("[a-z]+", "sample text of several words that says nothing and is as long as it has to be"))
_START = datetime(2017, 11, 12, 5, 20, 10, tzinfo=UTC)
_CALENDAR = {
    "dateTime": "%Y-%m-%dT%H:%M:%SZ",
    "dateTimeStamp": "%Y-%m-%dT%H:%M:%SZ",
    "date": "%Y-%m-%d",
    "time": "%H:%M:%S",
    "gYearMonth": "%Y-%m",
    "gYear": "%Y",
    "gMonthDay": "--%m-%d",
    "gDay": "---%d",
    "gMonth": "--%m",
}
_OTHERS = {
    "boolean": ("true", "false", "1", "0"),
    "duration": ("P1D", "PT1H", "P1Y2M3DT4H5M6S"),
    "dayTimeDuration": ("P1D", "PT1H"),
    "yearMonthDuration": ("P1Y", "P2M"),
    "anyURI": ("urn:example:a", "https://example.org/a"),
    "QName": ("sample",),
    "NOTATION": ("sample",),
}
_NAMES = ("ID", "IDREF", "NCName", "Name", "NMTOKEN", "language", "ENTITY")


def local(name: str | None) -> str:
    """Return ``name`` without its namespace."""
    return (name or "").rpartition("}")[2]


def ancestry(simple: Any) -> Iterator[Any]:
    """Yield a simple type and the types it is restricted from, the built-in last."""
    while simple is not None:
        yield simple
        base = getattr(simple, "base_type", None)
        simple = None if base is simple else base


def pattern_steps(simple: Any) -> list[list[str]]:
    """Return the patterns of each step of derivation, the last step first."""
    found: list[list[str]] = []
    for one in ancestry(simple):
        regexps = getattr(getattr(one, "patterns", None), "regexps", None)
        if regexps and regexps not in found and not _builtin(one):
            found.append(list(regexps))
    return found


def _builtin(simple: Any) -> bool:
    return str(simple.name or "").startswith(_XS)


def builtin_name(simple: Any) -> str:
    """Return the name of the built-in type that ``simple`` comes from, ``string`` or ``token`` or ``dateTime``."""
    return next((local(one.name) for one in ancestry(simple) if _builtin(one)), "string")


def _sentences(low: int, high: int | None, luck: Random) -> Iterator[str]:
    for length in {low or min(12, high or 12), high if high is not None and high < 4000 else low + 5, max(low, 1)}:
        shift = luck.randrange(len(_WORDS))
        words = " ".join(_WORDS[(shift + n) % len(_WORDS)] for n in range(length // 2 + 2))[:length]
        yield words[:-1] + "." if words.endswith(" ") else words


def _finite(bound: Any) -> Any:
    """Return a bound of a number, or None if it is no number or without end."""
    return None if isinstance(bound, float) and not isfinite(bound) else bound


def _numbers(simple: Any, luck: Random) -> Iterator[str]:
    low, high = (_finite(bound) for bound in (simple.min_value, simple.max_value))
    base = low if low is not None else high if high is not None else 1
    if (low is None or low <= 1) and (high is None or high >= 1):
        base = 1
    step = max(1, int(abs(high - low)) // 7) if low is not None and high is not None else 7
    for number in (base, base + 1, base - 1, base + luck.randint(0, 1 + step), Decimal(str(base)) + Decimal("0.1"), 0):
        yield str(number)
    for number in range(1, 8):
        yield str(int(base) + luck.randint(-1, 1) * number)
    for digits in range(1, 20):
        yield "1" * digits
    for digits in range(1, 7):
        yield from (str(luck.randrange(10**digits)) for _ in range(12))


def _moments(simple: Any, form: str, luck: Random) -> Iterator[str]:
    start = _START + timedelta(days=luck.randrange(0, 300), seconds=luck.randrange(0, 86_400))
    zones = ("", "Z") if not form.endswith("Z") else ("",)
    for zone in zones:
        for moment in (start, _START, start.replace(year=2026), start.replace(year=1999)):
            yield moment.strftime(form) + zone
    yield start.strftime(form).removesuffix("Z")
    for bound in (simple.min_value, simple.max_value):
        if bound is not None:
            yield str(bound)


def _spread(values: Iterable[str], luck: Random, shuffled: bool) -> list[str]:
    listed = list(values)
    if shuffled:
        luck.shuffle(listed)
    return listed


class Values:
    """Makes values; each ID it makes is another one.

    ``varied`` draws from what is possible instead of taking what comes first; ``distinct`` gives no value of a type
    twice while there are others, for schemas with keys.
    """

    def __init__(self, luck: Random, *, varied: bool = False, distinct: bool = False) -> None:
        self._luck = luck
        self._varied = varied
        self._distinct = distinct
        self._given: dict[int, set[str]] = {}
        self._numbers = count(1)
        self._last_id = "id1"

    def make(self, simple: Any) -> str:
        """Return a text that ``simple`` takes; raise :class:`CannotMake` if none was found."""
        given = self._given.setdefault(id(simple), set())
        known: str | None = None
        for text in self.candidates(simple):
            if takes(simple, text):
                known = text
                if text not in given or not self._distinct:
                    break
        if known is not None:
            given.add(known)
            if builtin_name(simple) == "ID":
                self._last_id = known
            return known
        name = local(simple.name) or f"the unnamed type based on {builtin_name(simple)}"
        wanted = "; ".join(" or ".join(step) for step in pattern_steps(simple))
        more = f" (pattern {wanted})" if wanted else ""
        raise CannotMake(f"no value was found for type {name}{more}: give the element a type that is less narrow")

    def candidates(self, simple: Any) -> Iterator[str]:
        """Yield texts that ``simple`` may take; the caller asks whether it does."""
        luck = self._luck
        if simple.enumeration:
            yield from _spread((_plain(value) for value in simple.enumeration), luck, self._varied)
            return
        if simple.is_list():
            yield from self._lists(simple)
            return
        for member in getattr(simple, "member_types", None) or ():
            yield from self.candidates(member)
        if not hasattr(simple, "primitive_type"):
            yield from ("sample", "1")
            return
        kind = builtin_name(simple)
        primitive = local(getattr(simple.primitive_type, "name", None))
        if kind in _NAMES:
            yield from (self._last_id,) if kind == "IDREF" else (f"id{next(self._numbers)}", "en", "Sample")
        if primitive in ("decimal", "float", "double"):
            yield from _spread(_numbers(simple, luck), luck, self._varied)
        elif primitive in _CALENDAR:
            yield from _moments(simple, _CALENDAR[primitive], luck)
        elif primitive in ("hexBinary", "base64Binary"):
            size = simple.min_length or min(4, simple.max_length or 4)
            yield "0A" * size
            yield "AAAA" * (size // 3) + ("", "AA==", "AAA=")[size % 3]
        yield from _spread(_OTHERS.get(kind, _OTHERS.get(primitive, ())), luck, self._varied)
        yield from _sentences(simple.min_length or 0, simple.max_length, luck)
        steps = pattern_steps(simple)
        for step in steps:
            for regexp in _spread(step, luck, True):
                yield from texts(regexp, luck, tries=12 if len(steps) > 1 else 4)
        yield from _lengthened(simple.min_length or 0)

    def _lists(self, simple: Any) -> Iterator[str]:
        item = next((one.item_type for one in ancestry(simple) if getattr(one, "item_type", None) is not None), None)
        if item is not None:
            for length in dict.fromkeys((max(1, simple.min_length or 1), simple.min_length or 0, 2, 3)):
                yield " ".join(self.make(item) for _ in range(length))


def _lengthened(length: int) -> Iterator[str]:
    yield "x" * max(length, 1)
    yield "X" * max(length, 1)
    yield ""


def _plain(value: Any) -> str:
    return "true" if value is True else "false" if value is False else str(value)


def takes(simple: Any, text: str) -> bool:
    """Return whether ``simple`` takes ``text``."""
    return bool(simple.text_is_valid(text))


__all__ = ["Values", "ancestry", "builtin_name", "local", "pattern_steps", "takes"]
