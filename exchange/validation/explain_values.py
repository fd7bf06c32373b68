"""Values and attributes against their types, by xmlschema's components; each distinct one is judged once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exchange.sentences import tell
from exchange.validation.explain_content import NotKnownError
from exchange.validation.wording import attribute_fault
from exchange.validation.wording_names import Said, local, names
from exchange.validation.wording_values import overflow_words, value_words

if TYPE_CHECKING:
    from xmlschema.validators.validation import ValidationContext

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_MOST_REMEMBERED = 20_000
_LONGEST_REMEMBERED = 200
_MOST_ATTRIBUTES = 100
"""Attributes of one element that xmlschema is shown; its work grows with the square of the number of unknown ones."""
_TRACKED = {"ID", "IDREF", "IDREFS", "ENTITY", "ENTITIES", "QName", "NOTATION"}
"""Types whose values mean something only in the whole document."""


def tracked(simple_type: Any) -> bool:
    """Return whether values of a type cannot be judged alone."""
    seen = simple_type
    while seen is not None:
        if local(seen.name or "") in _TRACKED:
            return True
        parts = [getattr(seen, "item_type", None), *(getattr(seen, "member_types", None) or ())]
        if any(part is not None and part is not seen and tracked(part) for part in parts):
            return True
        seen = seen.base_type
    return False


class EnoughError(Exception):
    """Time is up, or there are enough errors."""


def listening(most: int, **given: Any) -> tuple[ValidationContext, list[tuple[Any, str | None]]]:
    """Return a context for xmlschema that collects its errors, each with the attribute looked at, and the list of
    them; with more than ``most`` it raises :class:`EnoughError`."""
    from xmlschema.validators.validation import ValidationContext as Context

    heard: list[tuple[Any, str | None]] = []

    class Listening(Context):
        """Takes errors down without their attributes being written into their reasons."""

        __slots__ = ()

        def raise_or_collect(self, validation: str, error: Any) -> Any:
            if error.elem is None and self.elem is not None:
                error.elem = self.elem
            if validation == "strict":
                raise error
            if validation == "lax":
                heard.append((error, self.attribute))
            if len(heard) > most:
                raise EnoughError
            return error

    context = Listening(**given)
    context.validation_only = True
    return context, heard


class Values:
    """Judges the texts and the attributes of one document."""

    def __init__(self, schema: Any) -> None:
        self._context, self._heard = listening(1_000_000, source=schema.maps.settings.get_resource_from_data("", None))
        self._texts: dict[tuple[int, str], Any] = {}
        self._attributes: dict[tuple[int, tuple[tuple[str, str], ...]], list[tuple[Any, str | None]]] = {}

    def _first(self, simple_type: Any, text: str) -> Any:
        """Return xmlschema's first error of a text, None if it has none, or the exception it could not help."""
        self._heard.clear()
        try:
            simple_type.raw_decode(text, "lax", self._context)
        except (ArithmeticError, ValueError, RecursionError) as error:
            return error
        return self._heard[0][0] if self._heard else None

    def fault(self, simple_type: Any, text: str) -> Any:
        """Return what is wrong with ``text``, None if nothing is."""
        if len(text) > _LONGEST_REMEMBERED:
            return self._first(simple_type, text)
        key = (id(simple_type), text)
        try:
            return self._texts[key]
        except KeyError:
            if len(self._texts) >= _MOST_REMEMBERED:
                self._texts.clear()
            fault = self._texts[key] = self._first(simple_type, text)
            return fault

    def equal(self, simple_type: Any, text: str, other: str) -> bool:
        """Return whether two texts are the same value."""
        try:
            return bool(simple_type.text_decode(text) == simple_type.text_decode(other))
        except (ArithmeticError, ValueError):
            return False

    @staticmethod
    def said(fault: Any, name: str, text: str) -> Said:
        """Return what to say of a fault."""
        words = value_words(fault, name, text) if hasattr(fault, "validator") else overflow_words(name, text)
        return Said(*words, text)

    def _many_attributes(self, group: Any, tag: str, given: dict[str, str]) -> list[Said]:
        """Return what is wrong with very many attributes, of which most must be unknown."""
        known = {name: value for name, value in given.items() if name in group or name.startswith(_XSI)}
        listed = names([local(name) for name in group]) if len(group) else tell("no attribute")
        said = self.attributes(group, tag, dict(list(known.items())[:_MOST_ATTRIBUTES]))
        for name, value in given.items():
            if name not in known:
                text = tell(
                    "{tag} has no attribute {name}; expected {listed}.", tag=local(tag), name=local(name), listed=listed
                )
                said.append(Said("109", listed, text, value, shown_at=name))
        return said

    def attributes(self, group: Any, tag: str, given: dict[str, str]) -> list[Said]:
        """Return what is wrong with the attributes of an element, by the attribute group of its type."""
        key = (id(group), tuple(given.items()))
        found = self._attributes.get(key)
        if found is None:
            if len(self._attributes) >= _MOST_REMEMBERED:
                self._attributes.clear()
            if None in group and any(name not in group for name in given):
                raise NotKnownError("an attribute that a wildcard governs")
            if len(given) > _MOST_ATTRIBUTES and None not in group:
                return self._many_attributes(group, tag, given)
            self._heard.clear()
            try:
                group.raw_decode(given, "lax", self._context)
            except (ArithmeticError, ValueError, RecursionError):
                raise NotKnownError("an attribute that cannot be worked with") from None
            finally:
                self._context.attribute = None
            found = list(self._heard)
            if len(given) <= 10:
                self._attributes[key] = found
        said = [attribute_fault(error, tag, given, attribute) for error, attribute in found]
        seen: set[str | None] = set()
        kept = []
        for one in said:
            if one is None:
                continue
            place = one.attribute or one.shown_at or one.text
            if place not in seen:
                seen.add(place)
                kept.append(one)
        return kept


__all__ = ["EnoughError", "Values", "listening", "tracked"]
