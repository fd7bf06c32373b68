"""The rule PIX-050: no message tips anybody off. What is meant for authorities alone goes to no trader or carrier.

Who may see a message or an element is what the schemas' annotations say (``seen-by``). Members are told apart by their
ids: a service has no dot, a post the code of its office behind it, any other member is a trader or carrier.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from exchange.codec import shapes
from exchange.messages import CATALOGUE, ControlDecision, Message, PixModel
from exchange.sentences import tell
from exchange.validation.annotations import elements, file, named, seen_by
from exchange.validation.rules import Break, Path, register

_OFFICE = re.compile(r"[A-Z]{2}[A-Z0-9]{6}|[0-9]{2}|[0-9]{4}|[0-9]{5}|[0-9]{8}")
"""Codes of customs offices: EU, EAEU (2, 5, 8 digits), China (4)."""


def is_trader(member: str) -> bool:
    """Return whether ``member`` is a trader or carrier, by its id."""
    from exchange.members import OPERATOR  # which brings all of cryptography with it

    _, _, who = member.partition(".")
    return bool(who) and who != OPERATOR and _OFFICE.fullmatch(who) is None


@cache
def for_traders() -> frozenset[str]:
    """Return the codes of the messages that traders and carriers may see."""
    return frozenset(code for code in CATALOGUE if "trader" in (seen_by(file(code)) or ()))


@cache
def _kept_back(cls: type[PixModel], code: str) -> tuple[tuple[str, bool, bool, type[PixModel] | None], ...]:
    """Return (field, whether it repeats, whether it is kept from traders, the model to look into) for what of
    ``cls`` is kept from them or holds something that is."""
    node = named("complexType", cls.__name__, (code, "common"))
    hidden = set()
    if node is not None:
        for element in elements(node):
            viewers = seen_by(element)
            if viewers is not None and "trader" not in viewers:
                hidden.add(element.get("name"))
    found = []
    for shape in shapes(cls):
        inside = shape.value_type if issubclass(shape.value_type, PixModel) else None
        kept = shape.element in hidden
        if kept or (inside is not None and _kept_back(inside, code)):
            found.append((shape.name, shape.repeats, kept, inside))
    return tuple(found)


def _secrets(model: PixModel, code: str, path: Path) -> Iterator[Path]:
    for name, repeats, kept, inside in _kept_back(type(model), code):
        value = getattr(model, name)
        for step, one in (((name, i), v) for i, v in enumerate(value)) if repeats else (((name,), value),):
            if one is None:
                continue
            if kept:
                yield (*path, *step)
                break
            if inside is not None:
                yield from _secrets(one, code, (*path, *step))


def may_be_told(message: Message) -> bool:
    """Return whether traders and carriers may be sent messages of this kind.

    Of the control decisions only the mere intention to control (type 2) may, which goes to authorised operators.
    """
    if isinstance(message, ControlDecision):
        return message.notification_type == "2"
    return message.CODE in for_traders()


def kept_from_traders(message: Message) -> Iterator[Path]:
    """Yield the paths in ``message`` to what no trader or carrier may be told; that of its recipient if it is all."""
    if not may_be_told(message):
        yield ("header", "recipient")
    elif message.CODE in for_traders():
        yield from _secrets(message, message.CODE, ())


def keeps_from_traders(message: Message) -> bool:
    """Return whether :func:`kept_from_traders` yields anything."""
    if not may_be_told(message):
        return True
    return bool(_kept_back(type(message), message.CODE)) and any(True for _ in kept_from_traders(message))


_ASKS = "what is meant for authorities alone goes to no trader or carrier"
_ORIGIN = "seen-by annotations of the schemas; NCTS control notification type 2; designed"


@register("PIX-050", " ".join(CATALOGUE), _ASKS, _ORIGIN, code="15")
def nobody_tipped_off(message: Message) -> Iterator[Break]:
    recipient = message.header.recipient
    if "." not in recipient or not is_trader(recipient):
        return
    for path in kept_from_traders(message):
        if path == ("header", "recipient"):
            text = tell(
                "A {code} ({name}) is for authorities alone, but goes to the trader {recipient}.",
                code=message.CODE,
                name=message.NAME,
                recipient=recipient,
            )
            yield Break(path, recipient, tell("a service, or a post of one"), text)
        else:
            text = tell(
                "This is for authorities alone, but the message goes to the trader {recipient}.", recipient=recipient
            )
            yield Break(path, None, tell("nothing here in a message to a trader"), text)


__all__ = ["for_traders", "is_trader", "keeps_from_traders", "kept_from_traders", "may_be_told"]
