"""The rules PIX-002 to PIX-006: what a message answers, its sequence numbers, PI numbers and MRNs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any

from exchange import identifiers
from exchange.codec import shapes
from exchange.errors import IdentifierError
from exchange.messages import CATALOGUE, Message, PixModel, RegistrationResult
from exchange.sentences import Sentence, said, tell
from exchange.validation.reach import found, having, reaching
from exchange.validation.rules import Break, Path, register


def asks(check: Callable[[str], None]) -> Callable[[str], str | None]:
    """Return ``check`` as a question with a remembered answer: what is wrong with a value, or None."""

    @lru_cache(maxsize=8192)
    def ask(value: str) -> str | None:
        try:
            check(value)
        except IdentifierError as error:
            return said(error)
        return None

    return ask


_mrn_fault = asks(identifiers.check_mrn)
_pi_fault = asks(identifiers.check_pi_number)


def sentence(text: str) -> str:
    """Return ``text`` as a sentence."""
    return Sentence(f"{text[:1].upper()}{text[1:]}.", "{text}.", {"text": text})


ANSWERS = " ".join(code for code in ["REG", "RCG", "NCK", "DRS", "DSS", "ENR", "STS", "MAS"] if code in CATALOGUE)
"""Messages that answer one."""
UNASKED = " ".join(code for code in ["ADV", "LST", "UNA"] if code in CATALOGUE)
"""Messages that answer none."""


@register("PIX-002", ANSWERS, "an answer names the message it answers", "NCTS R0008, C0511", code="13")
def correlation_given(message: Message) -> Iterator[Break]:
    if message.header.correlation_id is None:
        text = tell("A {code} answers a message, so it needs that message's id as correlation id.", code=message.CODE)
        yield Break(("header", "correlation_id"), None, tell("the id of the message that is answered"), text)


@register("PIX-002a", UNASKED, "a message that nobody asked for answers nothing", "NCTS R0008, C0511", code="15")
def correlation_absent(message: Message) -> Iterator[Break]:
    if message.header.correlation_id is not None:
        text = tell("A {code} answers no message, so it has no correlation id.", code=message.CODE)
        yield Break(("header", "correlation_id"), message.header.correlation_id, tell("no correlation id"), text)


@cache
def _numbered(cls: type[PixModel]) -> tuple[tuple[str, bool, bool, bool], ...]:
    """Return (field, whether it repeats, whether its entries are numbered, whether to look inside)."""
    plan = []
    for shape in shapes(cls):
        if issubclass(shape.value_type, PixModel):
            numbered = shape.repeats and "sequence_number" in shape.value_type.model_fields
            inside = bool(_numbered(shape.value_type))
            if numbered or inside:
                plan.append((shape.name, shape.repeats, numbered, inside))
    return tuple(plan)


def _in_order(model: PixModel) -> bool:
    """Return whether all lists in ``model`` are numbered rightly."""
    values = model.__dict__
    for name, repeats, numbered, inside in _numbered(type(model)):
        value: Any = values[name]
        if not repeats:
            if value is not None and not _in_order(value):
                return False
            continue
        for number, entry in enumerate(value, 1):
            if numbered and entry.sequence_number != number:
                return False
            if inside and not _in_order(entry):
                return False
    return True


def _misnumbered(model: PixModel, path: Path) -> Iterator[Break]:
    for name, repeats, numbered, inside in _numbered(type(model)):
        value: Any = getattr(model, name)
        if value is None:
            continue
        if not repeats:
            yield from _misnumbered(value, (*path, name))
            continue
        for index, entry in enumerate(value):
            if numbered and entry.sequence_number != index + 1:
                where = (*path, name, index, "sequence_number")
                text = tell(
                    "Entry {index} of its list has the sequence number {sequence_number}.",
                    index=index + 1,
                    sequence_number=entry.sequence_number,
                )
                yield Break(where, str(entry.sequence_number), str(index + 1), text)
            if inside:
                yield from _misnumbered(entry, (*path, name, index))


@register(
    "PIX-004",
    " ".join(code for code, cls in CATALOGUE.items() if _numbered(cls)),
    "sequence numbers of a list run 1, 2, 3 … without gaps",
    "NCTS R0987, R0988",
)
def sequence_numbers(message: Message) -> Iterator[Break]:
    if not _in_order(message):
        yield from _misnumbered(message, ())


_AHEAD = timedelta(hours=14)
"""By how much the date where a number is given may be ahead of UTC: the easternmost time zone."""


def _bad_pi_number(message: Any) -> Iterator[Break]:
    number = message.pi_number
    if number is None:
        return
    fault = _pi_fault(number)
    if fault is not None:
        yield Break(("pi_number",), number, tell("country/DDMMYY/nine characters with a real date"), sentence(fault))
        return
    day = date(2000 + int(number[7:9]), int(number[5:7]), int(number[3:5]))
    if day > (message.header.sent_at + _AHEAD).date():
        text = tell("PI number {number} was given on {day}, after the message was sent.", number=number, day=day)
        yield Break(("pi_number",), number, tell("a date up to {sent_at:%d%m%y}", sent_at=message.header.sent_at), text)


@register(
    "PIX-005",
    "REG",
    "the date in a PI number exists and has come; its country is the registering service's",
    "EEC Board Decision 52 of 2018",
)
def pi_number(message: RegistrationResult) -> Iterator[Break]:
    bad = list(_bad_pi_number(message))
    country = message.header.sender[:2]
    yield from bad
    if not bad and message.pi_number is not None and message.pi_number[:2] != country:
        text = tell(
            "PI number {pi_number} names {named}, but {country} registered the declaration.",
            pi_number=message.pi_number,
            named=message.pi_number[:2],
            country=country,
        )
        yield Break(
            ("pi_number",), message.pi_number, tell("a number that begins with {country}/", country=country), text
        )


@register(
    "PIX-005a",
    " ".join(code for code in having("pi_number").split() if code != "REG"),
    "the date in a PI number exists and has come",
    "EEC Board Decision 52 of 2018",
)
def quoted_pi_number(message: Any) -> Iterator[Break]:
    yield from _bad_pi_number(message)


@register(
    "PIX-006",
    reaching("mrn"),
    "the check digit of an MRN is right",
    "NCTS R0028",
    code="93",
)
def mrn_digit(message: Message) -> Iterator[Break]:
    for path, value in found(message, "mrn"):
        fault = _mrn_fault(value)
        if fault is not None:
            yield Break(path, value, tell("an MRN with its check digit"), sentence(fault))


@register("PIX-006a", having("previous_mrn"), "the check digit of a previous MRN is right", "NCTS R0028", code="93")
def previous_mrn_digit(message: Any) -> Iterator[Break]:
    if message.previous_mrn is not None:
        fault = _mrn_fault(message.previous_mrn)
        if fault is not None:
            yield Break(("previous_mrn",), message.previous_mrn, tell("an MRN with its check digit"), sentence(fault))


@register(
    "PIX-006b",
    "REL AAR ATR",
    "the country in an MRN is that of the service of departure, which sends this",
    "NCTS R0028",
    code="93",
)
def mrn_country(message: Any) -> Iterator[Break]:
    country = message.header.sender[:2]
    if message.mrn[2:4] != country:
        text = tell(
            "MRN {mrn} was given in {named}, but {country} sends this as service of departure.",
            mrn=message.mrn,
            named=message.mrn[2:4],
            country=country,
        )
        yield Break(("mrn",), message.mrn, tell("{country} in places 3 and 4", country=country), text)


__all__ = ["asks", "sentence"]
