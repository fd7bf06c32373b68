"""The texts of elements as values: numbers, times, dates and truth values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Reader = Callable[[str], Any]


def _read_bool(text: str) -> bool:
    return {"true": True, "false": False, "1": True, "0": False}[text.strip()]


def _read_int(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    return int(text)


def _read_decimal(text: str) -> Decimal:
    text = text.strip()
    if not (text.isascii() and text.replace(".", "", 1).isdigit()):
        raise ValueError(text)
    return Decimal(text)


def _read_time(text: str) -> datetime:
    text = text.strip()
    if len(text) != 20 or text[19] != "Z" or text[10] != "T":
        raise ValueError(text)
    return datetime.fromisoformat(text)


def _read_date(text: str) -> date:
    text = text.strip()
    if len(text) != 10 or text[4] != "-":
        raise ValueError(text)
    return date.fromisoformat(text)


_READ: dict[type, tuple[Reader, str]] = {
    bool: (_read_bool, "true or false"),
    int: (_read_int, "a whole number"),
    Decimal: (_read_decimal, "a decimal number"),
    datetime: (_read_time, "a time YYYY-MM-DDTHH:MM:SSZ"),
    date: (_read_date, "a date YYYY-MM-DD"),
}


def reader_of(value_type: type) -> Reader | None:
    """Return what makes a ``value_type`` of a text, or None where the text itself is the value.

    It raises :class:`ValueError` or :class:`KeyError` for a text that is none.
    """
    return _READ[value_type][0] if value_type in _READ else None


def expected(read: Reader) -> str:
    """Return in words what ``read`` takes."""
    return next(words for reader, words in _READ.values() if reader is read)


__all__ = ["Reader", "expected", "reader_of"]
