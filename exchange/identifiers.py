"""Identifiers and their check digits: what makes a number right, why one is wrong, and how to make one.

``check_…`` return nothing and raise :class:`~exchange.errors.IdentifierError` with a sentence that says
what is
wrong and which check digit would be right. Makers return a number with its check digit.

Sources: ISO 6346 (containers; the same algorithm guards the MRN, EU rule R0028); UIC leaflet 438-2 (12-digit
wagons, Luhn's algorithm); the 8-digit numbering of the 1520 mm railways (the same weights from the left);
Decision 52 of the EEC Board of 2018 (preliminary information); the WCO recommendation on the UCR of 2004.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from operator import mul

from exchange.errors import IdentifierError
from exchange.sentences import tell

_DIGITS = "0123456789"
_CODED = {
    **{digit: value for value, digit in enumerate(_DIGITS)},
    **dict(
        zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (n for n in range(10, 39) if n % 11 != 0), strict=True),
    ),
}
"""Values of ISO 6346: digits as they are, letters from 10, leaving out 11, 22 and 33."""

_WEIGHTS = tuple(1 << place for place in range(40))
"""Of the places, for numbers longer than any there is."""
_CONTAINER = re.compile(r"[A-Z]{3}[UJZ][0-9]{7}")
_MRN = re.compile(r"[0-9]{2}[A-Z]{2}[A-Z0-9]{13}[0-9]")
_PI = re.compile(r"([A-Z]{2})/([0-9]{2})([0-9]{2})([0-9]{2})/[0-9A-Z]{9}")
_UCR = re.compile(r"[0-9][A-Z]{2}[A-Z0-9.-]{1,32}")
_UNLOCODE = re.compile(r"[A-Z]{2}[A-Z2-9]{3}")
_HS = re.compile(r"[0-9]{6}([0-9]{2}){0,2}")
_SEAL = re.compile(r"[A-Z0-9][A-Z0-9/-]{0,19}")
_OFFICES = {
    "EU": (re.compile(r"[A-Z]{2}[A-Z0-9]{6}"), "two letters of the country and six letters or digits"),
    "EAEU": (re.compile(r"[0-9]{2}|[0-9]{5}|[0-9]{8}"), "two, five or eight digits"),
    "CN": (re.compile(r"[0-9]{4}"), "four digits"),
}
PROCEDURE_LETTERS = "JKLM"
"""The 17th character of an MRN of the Union transit since 2024; export MRNs have A to E there."""


def iso6346_digit(characters: str) -> int:
    """Return the check digit of ISO 6346 over ``characters`` (digits and capital letters): sum of value times
    2 to the power of the place, modulo 11, modulo 10."""
    total: int = sum(map(mul, map(_CODED.__getitem__, characters), _WEIGHTS))
    return total % 11 % 10


def _alternating_digit(digits: str, first: int) -> int:
    """Return the complement to ten of the digit sums of ``digits`` times 2, 1, 2, 1 … beginning with
    ``first``."""
    total = 0
    weight = first
    for digit in digits:
        product = int(digit) * weight
        total += product // 10 + product % 10
        weight = 3 - weight
    return -total % 10


def wagon_uic_digit(first11: str) -> int:
    """Return the check digit of a 12-digit UIC wagon number: weights 2, 1, 2 … from the right."""
    return _alternating_digit(first11, 2 if len(first11) % 2 else 1)


def wagon_1520_digit(first7: str) -> int:
    """Return the check digit of an 8-digit wagon number of the 1520 mm railways: weights 2, 1, 2 …
    from the left."""
    return _alternating_digit(first7, 2)


def _matched(pattern: re.Pattern[str], value: str, kind: str, form: str) -> re.Match[str]:
    match = pattern.fullmatch(value)
    if match is None:
        raise IdentifierError(
            tell("'{value}' is no {kind}: it takes {form}", value=value, kind=tell(kind), form=tell(form))
        )
    return match


def _digit_agrees(value: str, expected: int, kind: str) -> None:
    if value[-1] != str(expected):
        raise IdentifierError(
            tell(
                "the check digit of {kind} {value} is {digit}; it should be {expected}",
                kind=tell(kind),
                value=value,
                digit=value[-1],
                expected=expected,
            )
        )


def check_container(value: str) -> None:
    """Raise unless ``value`` is a container number of ISO 6346."""
    form = "three letters of the owner, the category U, J or Z, six digits and a check digit"
    _matched(_CONTAINER, value, "container number", form)
    _digit_agrees(value, iso6346_digit(value[:10]), "container")


def _all_digits(value: str, count: int, kind: str) -> None:
    if len(value) != count or not value.isascii() or not value.isdigit():
        raise IdentifierError(
            tell("'{value}' is no {kind}: it takes {count} digits", value=value, kind=tell(kind), count=count)
        )


def check_wagon_uic(value: str) -> None:
    """Raise unless ``value`` is a 12-digit wagon number of the UIC."""
    _all_digits(value, 12, "UIC wagon number")
    _digit_agrees(value, wagon_uic_digit(value[:11]), "wagon")


def check_wagon_1520(value: str) -> None:
    """Raise unless ``value`` is an 8-digit wagon number of the 1520 mm railways."""
    _all_digits(value, 8, "wagon number of the 1520 mm railways")
    _digit_agrees(value, wagon_1520_digit(value[:7]), "wagon")


def check_wagon(value: str) -> None:
    """Raise unless ``value`` is a wagon number: 12 digits (UIC), 8 (1520 mm), or 7 (China's own, no
    check digit)."""
    if len(value) == 12:
        check_wagon_uic(value)
    elif len(value) == 8:
        check_wagon_1520(value)
    elif not (len(value) == 7 and value.isascii() and value.isdigit()):
        form = "12 digits (UIC), 8 digits (1520 mm railways) or 7 digits (China)"
        raise IdentifierError(
            tell("'{value}' is no {kind}: it takes {form}", value=value, kind=tell("wagon number"), form=tell(form))
        )


def check_mrn(value: str) -> None:
    """Raise unless ``value`` is a movement reference number, of the form before 2024 or since.

    The 17th character is a procedure letter in numbers of the Union since 2024; others leave it free, so its
    value is not judged here.
    """
    form = "two digits of the year, two letters of the country, 13 letters or digits and a check digit"
    _matched(_MRN, value, "MRN", form)
    _digit_agrees(value, iso6346_digit(value[:17]), "MRN")


def check_pi_number(value: str) -> None:
    """Raise unless ``value`` is a registration number of preliminary information with a real date."""
    match = _matched(_PI, value, "PI number", "country/DDMMYY/nine letters or digits")
    day, month, year = (int(part) for part in match.groups()[1:])
    try:
        date(2000 + year, month, day)
    except ValueError:
        raise IdentifierError(
            tell("the date in PI number {value} does not exist: it reads DDMMYY", value=value)
        ) from None


def check_ucr(value: str) -> None:
    """Raise unless ``value`` is a unique consignment reference."""
    _matched(
        _UCR,
        value,
        "UCR",
        "a digit of the year, two letters of the country and up to 32 capitals, digits, . or -",
    )


def check_unlocode(value: str) -> None:
    """Raise unless ``value`` has the form of a UN/LOCODE."""
    _matched(_UNLOCODE, value, "UN/LOCODE", "two letters of the country and three of A-Z and 2-9")


def check_office(value: str, system: str) -> None:
    """Raise unless ``value`` has the form of a customs office code of ``system``: EU, EAEU or CN."""
    pattern, form = _OFFICES[system]
    _matched(pattern, value, f"customs office code of {system}", form)


def check_hs(value: str) -> None:
    """Raise unless ``value`` is an HS or commodity code of 6, 8 or 10 digits in chapters 01-97 without 77."""
    _matched(_HS, value, "HS code", "6, 8 or 10 digits")
    chapter = value[:2]
    if chapter == "77" or not "01" <= chapter <= "97":
        raise IdentifierError(
            tell(
                "HS code {value} is in chapter {chapter}; chapters are 01-97, and 77 is reserved",
                value=value,
                chapter=chapter,
            )
        )


def check_seal(value: str) -> None:
    """Raise unless ``value`` has the form of a seal number."""
    _matched(_SEAL, value, "seal number", "1 to 20 capitals, digits, / or -, beginning with a capital or digit")


@lru_cache(maxsize=32768)
def container_id(owner: str, category: str, serial: str) -> str:
    """Return the container number of ``owner`` (three letters), ``category`` (U, J or Z), ``serial``
    (six digits)."""
    return _made(f"{owner}{category}{serial}", iso6346_digit, check_container)


@lru_cache(maxsize=32768)
def wagon_1520(first7: str) -> str:
    """Return the 8-digit wagon number that begins with ``first7``."""
    return _made(first7, wagon_1520_digit, check_wagon_1520)


@lru_cache(maxsize=32768)
def wagon_uic(first11: str) -> str:
    """Return the 12-digit wagon number that begins with ``first11``."""
    return _made(first11, wagon_uic_digit, check_wagon_uic)


def mrn(year: str, country: str, national: str, letter: str) -> str:
    """Return the MRN of ``year`` (two digits), ``country``, ``national`` (12 characters) and
    procedure ``letter``."""
    return _made(f"{year}{country}{national}{letter}", iso6346_digit, check_mrn)


def _made(body: str, digit: Callable[[str], int], check: Callable[[str], None]) -> str:
    try:
        value = f"{body}{digit(body)}"
    except (KeyError, ValueError):
        value = f"{body}?"
    check(value)
    return value


__all__ = [
    "PROCEDURE_LETTERS",
    "check_container",
    "check_hs",
    "check_mrn",
    "check_office",
    "check_pi_number",
    "check_seal",
    "check_ucr",
    "check_unlocode",
    "check_wagon",
    "check_wagon_1520",
    "check_wagon_uic",
    "container_id",
    "iso6346_digit",
    "mrn",
    "wagon_1520",
    "wagon_1520_digit",
    "wagon_uic",
    "wagon_uic_digit",
]
