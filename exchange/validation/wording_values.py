"""The words for a value that its type refuses: one sentence for each facet and for each kind of value.

What is refused is told by xmlschema's errors; of their reasons nothing reaches the reader.
"""

from __future__ import annotations

from typing import Any

from exchange.validation.wording_names import local, meaning, names, shown

_XS = "{http://www.w3.org/2001/XMLSchema}"
TIMES = ("dateTime", "date", "time", "gYear", "gYearMonth", "gMonth", "gMonthDay", "gDay", "dateTimeStamp")
"""Primitive types of dates and times; a wrong one has the code 103."""
NUMBERS = ("decimal", "integer", "float", "double")
_WHOLE = (
    "integer", "nonPositiveInteger", "negativeInteger", "long", "int", "short", "byte", "nonNegativeInteger",
    "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte", "positiveInteger",
)  # fmt: skip
_FORMS = {
    "dateTime": ("time", "YYYY-MM-DDTHH:MM:SSZ, UTC"),
    "dateTimeStamp": ("time with a time zone", "YYYY-MM-DDTHH:MM:SSZ"),
    "date": ("date", "YYYY-MM-DD"),
    "time": ("time of day", "HH:MM:SS"),
    "gYear": ("year", "YYYY"),
    "gYearMonth": ("month of a year", "YYYY-MM"),
    "gMonth": ("month", "--MM"),
    "gMonthDay": ("day of a year", "--MM-DD"),
    "gDay": ("day of a month", "---DD"),
    "duration": ("duration", "P1DT12H30M or the like"),
    "yearMonthDuration": ("duration in years and months", "P1Y6M or the like"),
    "dayTimeDuration": ("duration in days and hours", "P1DT12H or the like"),
    "boolean": ("truth value", "true, false, 1 or 0"),
    "hexBinary": ("data in hexadecimal", "pairs of the digits 0-9 and A-F"),
    "base64Binary": ("data in base64", "groups of four of A-Z, a-z, 0-9, + and /, with = at the end"),
    "anyURI": ("URI", "a URI as of RFC 3986"),
    "QName": ("qualified name", "a name, with a declared prefix and a colon before it or without"),
    "NOTATION": ("notation", "a name that the schema lists as a notation"),
    "language": ("language", "a language tag such as en or en-GB"),
    "NMTOKEN": ("name token", "letters, digits and . - _ : without blanks"),
    "NMTOKENS": ("list of name tokens", "letters, digits and . - _ : in words"),
    "Name": ("XML name", "a name that begins with a letter, _ or :"),
    "NCName": ("XML name without a colon", "a name that begins with a letter or _ and has no colon"),
    "ID": ("identifier", "a name that begins with a letter or _ and has no colon"),
    "IDREF": ("reference to an identifier", "a name that begins with a letter or _ and has no colon"),
    "ENTITY": ("entity", "the name of an entity; there are none"),
}
"""Types of XSD: what a value is called, and how to write it."""
_RANGES = {
    "value must be non positive": "0 or less",
    "value must be negative": "-1 or less",
    "value must be non negative": "0 or more",
    "value must be positive": "1 or more",
    "value must be -2^63 <= x < 2^63": f"{-(2**63)} to {2**63 - 1}",
    "value must be -2^31 <= x < 2^31": f"{-(2**31)} to {2**31 - 1}",
    "value must be -2^15 <= x < 2^15": f"{-(2**15)} to {2**15 - 1}",
    "value must be -128 <= x < 128": "-128 to 127",
    "value must be 0 <= x < 2^64": f"0 to {2**64 - 1}",
    "value must be 0 <= x < 2^32": f"0 to {2**32 - 1}",
    "value must be 0 <= x < 2^16": "0 to 65535",
    "value must be 0 <= x < 256": "0 to 255",
}
_DIGITS = {"XsdTotalDigitsFacet": "digits", "XsdFractionDigitsFacet": "digits after the point"}
_LENGTHS = {
    "XsdLengthFacet": ("exactly", "not of the right length"),
    "XsdMinLengthFacet": ("at least", "too short"),
    "XsdMaxLengthFacet": ("at most", "too long"),
}

Words = tuple[str, str | None, str]
"""Code, what was expected, and the sentence."""


def primitive_of(simple_type: Any) -> str:
    """Return the local name of the primitive type of ``simple_type``; empty for lists and unions."""
    return local(getattr(getattr(simple_type, "primitive_type", None), "name", None) or "")


def _code(primitive: str, other: str) -> str:
    return "103" if primitive in TIMES else "104" if primitive in NUMBERS or primitive in _WHOLE else other


def _allowed(validator: Any) -> str:
    """Return the values of an enumeration, with their meaning where the schema gives it."""
    meanings = {}
    owner = getattr(validator.parent, "elem", None)
    for node in owner.iter(f"{_XS}enumeration") if owner is not None else ():
        text = node.findtext(f".//{_XS}documentation")
        meanings[node.get("value")] = text.strip().rstrip(".") if text else None
    words = []
    for value in validator.enumeration:
        said = " ".join(map(str, value)) if isinstance(value, list) else str(value)
        words.append(f"{said} ({meanings[said]})" if meanings.get(said) else said)
    return ("one of " if len(words) > 1 else "") + ", ".join(words)


def _kind(simple_type: Any) -> str:
    """Return in words what values a type has."""
    name = local(getattr(simple_type, "name", None) or "")
    if name in _WHOLE:
        return "a whole number"
    if name in ("decimal", "float", "double"):
        return "a number"
    said = meaning(simple_type)
    if said is not None:
        return said.rstrip(".")
    if name in _FORMS:
        return f"a {_FORMS[name][0]} ({_FORMS[name][1]})"
    primitive = primitive_of(simple_type)
    return f"a value of the type {name}" if name else f"a value made of {primitive or 'others'}"


def _of_type(kind: str, name: str, quoted: str, reason: str) -> Words:
    """Return the words where a type of XSD itself refuses a value."""
    if kind in _WHOLE or kind in NUMBERS:
        words = "a whole number" if kind in _WHOLE else "a number"
        return "104", words, f"'{quoted}' in {name} is not {words}."
    if reason in _RANGES:
        return "104", _RANGES[reason], f"{quoted} in {name} is out of range; expected {_RANGES[reason]}."
    if kind == "error":
        return "106", "nothing", f"The schema allows nothing for {name} here."
    if "xs:QName" in reason or "in a QName" in reason:
        kind = "QName"
    if "xs:NOTATION" in reason:
        kind = "NOTATION"
    if reason.startswith(("duplicated xs:ID", "no more than one attribute of type ID")):
        text = f"The identifier '{quoted}' in {name} stands twice in the document, or beside another."
        return "106", "an identifier that stands once", text
    called, form = _FORMS.get(kind, ("value that its type allows", f"a value of the type {kind or 'of the schema'}"))
    return _code(kind, "106"), form, f"'{quoted}' in {name} is no {called}; write {form}."


def _bounds(validator: Any, simple_type: Any, value: str, name: str, code: str) -> Words:
    bounds = {local(key): facet.value for key, facet in getattr(simple_type, "facets", {}).items() if key}
    if "minInclusive" in bounds and "maxInclusive" in bounds:
        span = f"{bounds['minInclusive']} to {bounds['maxInclusive']}"
    else:
        said = {
            "minInclusive": "{} or more",
            "minExclusive": "more than {}",
            "maxInclusive": "{} or less",
            "maxExclusive": "less than {}",
        }
        parts = [words.format(bounds[key]) for key, words in said.items() if key in bounds]
        span = " and ".join(parts) or f"a value within {validator.value}"
    return code, span, f"{value} in {name} is out of range; expected {span}."


def _measured(obj: Any) -> tuple[int | None, str]:
    if isinstance(obj, str):
        return len(obj), "characters"
    if isinstance(obj, list):
        return len(obj), "items"
    try:
        return len(obj), "bytes"
    except TypeError:
        return None, "bytes"


def _by_facet(facet: str, error: Any, simple_type: Any, name: str, quoted: str) -> Words:
    """Return the words where a facet refuses a value."""
    validator, said, primitive = error.validator, meaning(simple_type), primitive_of(simple_type)
    if facet == "XsdPatternFacets":
        builtin = local(getattr(simple_type, "name", None) or "")
        if type(simple_type).__name__ == "XsdAtomicBuiltin" and (builtin in _FORMS or builtin in NUMBERS):
            return _of_type(builtin, name, quoted, "")
        pattern = " or ".join(p.get("value", "") for p in validator)
        expected = f"{said} (pattern {pattern})" if said else f"pattern {pattern}"
        code = _code(primitive, "106")
        return code, expected, f"'{quoted}' in {name} has not the right form. {said or f'Expected {expected}.'}"
    if facet in _LENGTHS:
        how, what = _LENGTHS[facet]
        count, unit = _measured(error.obj)
        limit = f"{how} {validator.value} {unit}"
        measured = f" ({count})" if count is not None else ""
        code = _code(primitive, "105")
        return code, said or limit, f"'{quoted}' in {name} is {what}{measured}; expected {limit}."
    if facet in _DIGITS:
        limit = f"at most {validator.value} {_DIGITS[facet]}"
        return "104", said or limit, f"{quoted} in {name} has too many {_DIGITS[facet]}; expected {limit}."
    if facet == "XsdExplicitTimezoneFacet":
        wanted = "a time zone" if validator.value == "required" else "no time zone"
        return "103", wanted, f"'{quoted}' in {name} is no right time; expected {wanted} at its end."
    if facet == "XsdAssertionFacet":
        told = said or f"the condition {validator.path} does not hold"
        return "106", validator.path, f"'{quoted}' in {name} is not right: {told.rstrip('.')}."
    return _bounds(validator, simple_type, quoted, name, _code(primitive, "106"))


def value_words(error: Any, name: str, value: str) -> Words:
    """Return code, what was expected and the sentence for the error of xmlschema about ``value``, the whole text of
    what ``name`` names."""
    validator = error.validator
    facet = type(validator).__name__
    of_facet = facet.endswith(("Facet", "Facets"))
    simple_type = validator.parent if of_facet else validator
    if isinstance(error.obj, str) and error.obj in value.split():
        value = error.obj
    quoted = shown(value) or ""
    primitive = primitive_of(simple_type)
    if facet == "XsdEnumerationFacets":
        allowed = _allowed(validator)
        return "102", allowed, f"'{quoted}' is not allowed for {name}; expected {allowed}."
    if not value and primitive == "string":
        return "105", meaning(simple_type) or "a value", f"{name} is empty; leave it out or give a value."
    if primitive in _FORMS and primitive in TIMES and facet not in ("XsdExplicitTimezoneFacet",) and not _span(facet):
        called, form = _FORMS[primitive]
        return "103", form, f"'{quoted}' in {name} is no {called}; write {form}."
    if of_facet:
        return _by_facet(facet, error, simple_type, name, quoted)
    if facet.endswith("Union"):
        kinds = names([_kind(one) for one in validator.member_types])
        return "106", kinds, f"'{quoted}' in {name} has none of the forms allowed; expected {kinds}."
    return _of_type(local(getattr(validator, "name", None) or ""), name, quoted, str(error.reason or ""))


def _span(facet: str) -> bool:
    return facet.endswith(("InclusiveFacet", "ExclusiveFacet", "AssertionFacet"))


def overflow_words(name: str, value: str) -> Words:
    """Return the words for a value so large that no engine can work with it, such as a year of twenty digits."""
    return "104", "a smaller value", f"'{shown(value)}' in {name} is too large to be worked with."


__all__ = ["NUMBERS", "TIMES", "Words", "overflow_words", "primitive_of", "value_words"]
