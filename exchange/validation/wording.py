"""The words for what xmlschema found: code, what was expected, and a sentence for a person."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple
from xml.etree import ElementTree

_XS = "{http://www.w3.org/2001/XMLSchema}"
_LONGEST_VALUE = 200
_MOST_NAMES = 12
_DEFAULT_CODE = "100"
_FACET_CODES = {
    "XsdEnumerationFacets": "102",
    "XsdPatternFacets": "106",
    "XsdMinLengthFacet": "105",
    "XsdMaxLengthFacet": "105",
    "XsdLengthFacet": "105",
    "XsdTotalDigitsFacet": "104",
    "XsdFractionDigitsFacet": "104",
    "XsdMinInclusiveFacet": "104",
    "XsdMaxInclusiveFacet": "104",
    "XsdMinExclusiveFacet": "104",
    "XsdMaxExclusiveFacet": "104",
}
_NUMBERS = ("integer", "decimal", "float", "double")
_TIMES = ("dateTime", "date")
_ATTRIBUTE_VALUE = re.compile(r"attribute (?:'([^']*)' has |([^\s=']+)=)")
_NOT_ALLOWED = re.compile(r"'([^']*)' attribute not allowed")
_DUPLICATE = re.compile(r"duplicated value (.*) for \w+\(name='([^']*)'\)", re.DOTALL)


class Said(NamedTuple):
    """What is said of one fault: the element it stands at, code, expected, text, the value, and the attribute that has
    it if one has."""

    element: Any
    code: str
    expected: str | None
    text: str
    value: str | None = None
    attribute: str | None = None


def local(tag: str) -> str:
    """Return ``tag`` without its namespace."""
    return tag.rpartition("}")[2]


def shown(value: str | None) -> str | None:
    """Return ``value``, cut if it is long."""
    if value is None or len(value) <= _LONGEST_VALUE:
        return value
    return value[: _LONGEST_VALUE - 1] + "…"


def names(found: list[str], last: str = "or") -> str:
    """Return some names in words; of very many only the first."""
    if len(found) > _MOST_NAMES:
        return ", ".join(found[:_MOST_NAMES]) + f" or one of {len(found) - _MOST_NAMES} more"
    return f" {last} ".join(found)


def in_namespace(tag: str) -> str:
    """Return the namespace of a Clark name in words."""
    namespace = tag[1:].partition("}")[0] if tag.startswith("{") else ""
    return f"the namespace {namespace}" if namespace else "no namespace"


def _meaning(component: Any) -> str | None:
    """Return the first documentation of a schema component."""
    annotation = getattr(component, "annotation", None)
    for entry in annotation.documentation if annotation is not None else ():
        if entry.text:
            return " ".join(str(entry.text).split())
    return None


def _allowed(validator: Any) -> str:
    """Return the values of an enumeration, with their meaning where the schema gives it."""
    meanings = {}
    owner = getattr(validator.parent, "elem", None)
    for node in owner.iter(f"{_XS}enumeration") if owner is not None else ():
        text = node.findtext(f".//{_XS}documentation")
        meanings[node.get("value")] = text.strip().rstrip(".") if text else None
    words = []
    for value in validator.enumeration:
        meaning = meanings.get(str(value))
        words.append(f"{value} ({meaning})" if meaning else str(value))
    return ("one of " if len(words) > 1 else "") + ", ".join(words)


def _children(error: Any, count: Callable[[Any, str], int]) -> Said:
    """Say what is wrong in the content of an element."""
    parent = local(error.elem.tag)
    wanted = [e if isinstance(e, str) else e.name or "" for e in error.expected or ()]
    if error.invalid_child is not None and error.invalid_child.tag in wanted:
        # xmlschema names a whole group where its first required element is missing; what precedes the child is meant.
        wanted = wanted[: wanted.index(error.invalid_child.tag)]
    expected = [local(tag) for tag in wanted if tag]
    words = names(expected) or ("another element" if wanted else "")
    bad = error.invalid_child
    if bad is None:
        return Said(error.elem, "101", words, f"{parent} is not complete: {words} is missing at its end.")
    name = local(bad.tag)
    if name in expected:
        words = f"{name} in {in_namespace(wanted[[local(tag) for tag in wanted].index(name)])}"
        return Said(bad, "107", words, f"{name} is in another namespace; {words} belongs here.")
    if name not in {element.local_name for element in error.validator.iter_elements()}:
        words = words or f"nothing more in {parent}"
        return Said(bad, "107", words, f"{name} is no element of {parent}; expected {words}.")
    if not wanted:
        why = "once too often" if count(error.elem, bad.tag) > 1 else "too late"
        return Said(bad, "107", f"no {name} here", f"{name} stands {why} in {parent}.")
    if not any(count(error.elem, tag) for tag in wanted):
        return Said(bad, "101", words, f"{words} is missing in {parent} before {name}.")
    return Said(bad, "107", words, f"{name} stands in the wrong place in {parent}: {words} comes first.")


def _plain(error: Any, name: str, reason: str) -> tuple[str, str, str]:
    """Return (code, expected, text) where a type or a rare facet refuses a value."""
    simple_type = error.validator
    primitive = local(getattr(getattr(simple_type, "primitive_type", None), "name", None) or "")
    kind = getattr(simple_type, "local_name", None) or primitive
    value = shown(str(error.obj)) if isinstance(error.obj, str) else ""
    if primitive in _NUMBERS or kind in ("int", "integer", "decimal", "long", "short", "byte"):
        whole = kind not in ("decimal", "float", "double") and primitive != "float"
        words = "a whole number" if whole and "int() with" in reason else "a number"
        return "104", words, f"'{value}' in {name} is not {words}."
    return "106", f"a value of type {kind}" if kind else reason, f"'{value}' in {name} is not right: {reason}."


def _simple(error: Any, name: str, value: str) -> tuple[str, str, str]:
    """Return (code, expected, text) for a value that its type refuses."""
    validator = error.validator
    facet = type(validator).__name__
    simple_type = validator.parent if facet.endswith(("Facet", "Facets")) else validator
    primitive = local(getattr(getattr(simple_type, "primitive_type", None), "name", None) or "")
    quoted = shown(value)
    if facet == "XsdEnumerationFacets":
        allowed = _allowed(validator)
        return "102", allowed, f"'{quoted}' is not allowed for {name}; expected {allowed}."
    if not value and primitive == "string":
        return "105", _meaning(simple_type) or "a value", f"{name} is empty; leave it out or give a value."
    code = _FACET_CODES.get(facet, "106")
    if primitive in _TIMES:
        form = "YYYY-MM-DDTHH:MM:SSZ, UTC" if primitive == "dateTime" else "YYYY-MM-DD"
        kind = "time" if primitive == "dateTime" else "date"
        return "103", form, f"'{quoted}' in {name} is no {kind}; write {form}."
    if primitive in _NUMBERS:
        code = "104"
    meaning = _meaning(simple_type)
    reason = str(error.reason)
    if facet == "XsdPatternFacets":
        pattern = " or ".join(p.get("value", "") for p in validator)
        expected = f"{meaning} (pattern {pattern})" if meaning else f"pattern {pattern}"
        return code, expected, f"'{quoted}' in {name} has not the right form. {meaning or f'Expected {expected}.'}"
    if facet in ("XsdMinInclusiveFacet", "XsdMaxInclusiveFacet"):
        low, high = simple_type.min_value, simple_type.max_value
        span = (
            f"{low} to {high}" if None not in (low, high) else f"{low} or more" if high is None else f"{high} or less"
        )
        return code, span, f"{quoted} in {name} is out of range; expected {span}."
    if not facet.endswith(("Facet", "Facets")) and meaning is None:
        return _plain(error, name, reason)
    expected = meaning or reason
    return code, expected, f"'{quoted}' in {name} is not right: {reason.removeprefix('value ')}."


def _attribute(error: Any, name: str, reason: str) -> Said | None:
    """Say what is wrong with an attribute, if it is one that the error speaks of."""
    element = error.elem
    if reason.startswith("missing required attribute"):
        missing = reason.rpartition(" ")[2].strip("'")
        return Said(element, "108", missing, f"{name} lacks the attribute {missing}.")
    unknown = _NOT_ALLOWED.match(reason)
    if unknown:
        known = [local(key) for key in getattr(error.validator, "keys", list)() if key]
        expected = names(known) if known else "no attribute"
        text = f"{name} has no attribute {local(unknown[1])}; expected {expected}."
        return Said(element, "109", expected, text, element.get(unknown[1]))
    match = _ATTRIBUTE_VALUE.match(reason)
    if match is None:
        return None
    tag = match[1] or match[2]
    value = str(error.obj)
    if match[1]:
        fixed = reason.rpartition(" ")[2].strip("'")
        text = f"The attribute {local(tag)} of {name} always has the value {fixed}, not '{shown(value)}'."
        return Said(element, "109", fixed, text, value, tag)
    _, expected, text = _simple(error, f"the attribute {local(tag)} of {name}", value)
    return Said(element, "109", expected, text.replace(f"{reason.partition(': ')[0]}: ", ""), value, tag)


def _of_element(error: Any, element: Any, name: str, reason: str) -> Said:
    """Say what is wrong with an element as a whole."""
    if type(error.validator).__name__ == "XsdAssert":
        test = error.validator.elem.get("test", "")
        meaning = _meaning(error.validator)
        text = meaning or f"What must hold for {name} does not: {test}."
        return Said(element, _DEFAULT_CODE, test, text)
    twice = _DUPLICATE.match(reason)
    if twice:
        value = twice[1].strip("(),'\"")
        text = f"{name}: the value {value} stands twice, where {twice[2]} asks for different ones."
        return Said(element, _DEFAULT_CODE, "a value that stands once", text, value)
    return Said(element, _DEFAULT_CODE, reason, f"{name}: {reason}.")


def say(error: Any, root: Any, roots: list[str], count: Callable[[Any, str], int]) -> Said:
    """Return what is to be said of one error of xmlschema in the document below ``root``.

    ``roots``: the elements (Clark names) that a document may begin with; ``count`` tells how many children of an
    element have a name.
    """
    element: Any = error.elem if error.elem is not None else root
    name = local(element.tag)
    reason = str(error.reason or "")
    if hasattr(error, "particle"):
        return _children(error, count)
    if reason.endswith("is not an element of the schema"):
        spaces = sorted({in_namespace(tag) for tag in roots})
        listed = names([local(tag) for tag in roots], "or") if len(roots) == 1 else ", ".join(map(local, roots[:60]))
        expected = f"{'one of ' if len(roots) > 1 else ''}{listed} in {names(spaces)}"
        text = f"The root element {element.tag} is no message of the set; expected {expected}."
        return Said(element, "ROOT", expected, text, str(element.tag))
    attribute = _attribute(error, name, reason)
    if attribute is not None:
        return attribute
    if reason.startswith("character data"):
        text = f"{name} takes elements, not text of its own."
        return Said(element, "100", "elements only", text, (element.text or "").strip() or None)
    if reason.startswith("a simple content element"):
        return Said(element, "107", "text only", f"{name} takes text, not elements.")
    if isinstance(error.obj, ElementTree.Element):
        return _of_element(error, element, name, reason)
    value = element.text or ""
    code, expected, text = _simple(error, name, value)
    return Said(element, code, expected, text, value)


__all__ = ["Said", "in_namespace", "local", "names", "say", "shown"]
