"""The words for a value that its type refuses: one sentence for each facet and for each kind of value.

What is refused is told by xmlschema's errors; of their reasons nothing reaches the reader.
"""

from __future__ import annotations

from typing import Any

from exchange.sentences import bare, join, tell
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
    "dateTime": (tell("time"), "YYYY-MM-DDTHH:MM:SSZ, UTC"),
    "dateTimeStamp": (tell("time with a time zone"), "YYYY-MM-DDTHH:MM:SSZ"),
    "date": (tell("date"), "YYYY-MM-DD"),
    "time": (tell("time of day"), "HH:MM:SS"),
    "gYear": (tell("year"), "YYYY"),
    "gYearMonth": (tell("month of a year"), "YYYY-MM"),
    "gMonth": (tell("month"), "--MM"),
    "gMonthDay": (tell("day of a year"), "--MM-DD"),
    "gDay": (tell("day of a month"), "---DD"),
    "duration": (tell("duration"), tell("P1DT12H30M or the like")),
    "yearMonthDuration": (tell("duration in years and months"), tell("P1Y6M or the like")),
    "dayTimeDuration": (tell("duration in days and hours"), tell("P1DT12H or the like")),
    "boolean": (tell("truth value"), tell("true, false, 1 or 0")),
    "hexBinary": (tell("data in hexadecimal"), tell("pairs of the digits 0-9 and A-F")),
    "base64Binary": (tell("data in base64"), tell("groups of four of A-Z, a-z, 0-9, + and /, with = at the end")),
    "anyURI": (tell("URI"), tell("a URI as of RFC 3986")),
    "QName": (tell("qualified name"), tell("a name, with a declared prefix and a colon before it or without")),
    "NOTATION": (tell("notation"), tell("a name that the schema lists as a notation")),
    "language": (tell("language"), tell("a language tag such as en or en-GB")),
    "NMTOKEN": (tell("name token"), tell("letters, digits and . - _ : without blanks")),
    "NMTOKENS": (tell("list of name tokens"), tell("letters, digits and . - _ : in words")),
    "Name": (tell("XML name"), tell("a name that begins with a letter, _ or :")),
    "NCName": (tell("XML name without a colon"), tell("a name that begins with a letter or _ and has no colon")),
    "ID": (tell("identifier"), tell("a name that begins with a letter or _ and has no colon")),
    "IDREF": (tell("reference to an identifier"), tell("a name that begins with a letter or _ and has no colon")),
    "ENTITY": (tell("entity"), tell("the name of an entity; there are none")),
}
"""Types of XSD: what a value is called, and how to write it."""
_RANGES = {
    "value must be non positive": tell("0 or less"),
    "value must be negative": tell("-1 or less"),
    "value must be non negative": tell("0 or more"),
    "value must be positive": tell("1 or more"),
    "value must be -2^63 <= x < 2^63": tell("{low} to {high}", low=-(2**63), high=2**63 - 1),
    "value must be -2^31 <= x < 2^31": tell("{low} to {high}", low=-(2**31), high=2**31 - 1),
    "value must be -2^15 <= x < 2^15": tell("{low} to {high}", low=-(2**15), high=2**15 - 1),
    "value must be -128 <= x < 128": tell("{low} to {high}", low=-128, high=127),
    "value must be 0 <= x < 2^64": tell("{low} to {high}", low=0, high=2**64 - 1),
    "value must be 0 <= x < 2^32": tell("{low} to {high}", low=0, high=2**32 - 1),
    "value must be 0 <= x < 2^16": tell("{low} to {high}", low=0, high=65535),
    "value must be 0 <= x < 256": tell("{low} to {high}", low=0, high=255),
}
_DIGITS = {"XsdTotalDigitsFacet": tell("digits"), "XsdFractionDigitsFacet": tell("digits after the point")}
_LENGTHS = {
    "XsdLengthFacet": (tell("exactly"), tell("not of the right length")),
    "XsdMinLengthFacet": (tell("at least"), tell("too short")),
    "XsdMaxLengthFacet": (tell("at most"), tell("too long")),
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
    meanings: dict[str | None, str] = {}
    owner = getattr(validator.parent, "elem", None)
    for node in owner.iter(f"{_XS}enumeration") if owner is not None else ():
        text = node.findtext(f".//{_XS}documentation")
        meanings[node.get("value")] = tell(" ".join(text.split()).rstrip(".")) if text else ""
    words = []
    for value in validator.enumeration:
        said = " ".join(map(str, value)) if isinstance(value, list) else str(value)
        words.append(tell("{code} ({meaning})", code=said, meaning=meanings[said]) if meanings.get(said) else said)
    return words[0] if len(words) == 1 else tell("one of {words}", words=join(words))


def _kind(simple_type: Any) -> str:
    """Return in words what values a type has."""
    name = local(getattr(simple_type, "name", None) or "")
    if name in _WHOLE:
        return tell("a whole number")
    if name in ("decimal", "float", "double"):
        return tell("a number")
    said = meaning(simple_type)
    if said is not None:
        return bare(said)
    if name in _FORMS:
        return tell("a {called} ({form})", called=_FORMS[name][0], form=_FORMS[name][1])
    primitive = primitive_of(simple_type)
    return (
        tell("a value of the type {name}", name=name)
        if name
        else tell("a value made of {primitive}", primitive=primitive or tell("others"))
    )


def _of_type(kind: str, name: str, quoted: str, reason: str) -> Words:
    """Return the words where a type of XSD itself refuses a value."""
    if kind in _WHOLE or kind in NUMBERS:
        words = tell("a whole number") if kind in _WHOLE else tell("a number")
        return "104", words, tell("'{quoted}' in {name} is not {words}.", quoted=quoted, name=name, words=words)
    if reason in _RANGES:
        return (
            "104",
            _RANGES[reason],
            tell(
                "{quoted} in {name} is out of range; expected {ranges}.",
                quoted=quoted,
                name=name,
                ranges=_RANGES[reason],
            ),
        )
    if kind == "error":
        return "106", tell("nothing"), tell("The schema allows nothing for {name} here.", name=name)
    if "xs:QName" in reason or "in a QName" in reason:
        kind = "QName"
    if "xs:NOTATION" in reason:
        kind = "NOTATION"
    if reason.startswith(("duplicated xs:ID", "no more than one attribute of type ID")):
        text = tell(
            "The identifier '{quoted}' in {name} stands twice in the document, or beside another.",
            quoted=quoted,
            name=name,
        )
        return "106", tell("an identifier that stands once"), text
    called, form = _FORMS.get(
        kind,
        (tell("value that its type allows"), tell("a value of the type {kind}", kind=kind or tell("of the schema"))),
    )
    return (
        _code(kind, "106"),
        form,
        tell("'{quoted}' in {name} is no {called}; write {form}.", quoted=quoted, name=name, called=called, form=form),
    )


def _bounds(validator: Any, simple_type: Any, value: str, name: str, code: str) -> Words:
    bounds = {local(key): facet.value for key, facet in getattr(simple_type, "facets", {}).items() if key}
    if "minInclusive" in bounds and "maxInclusive" in bounds:
        span = tell("{low} to {high}", low=bounds["minInclusive"], high=bounds["maxInclusive"])
    else:
        said = {
            "minInclusive": "{value} or more",
            "minExclusive": "more than {value}",
            "maxInclusive": "{value} or less",
            "maxExclusive": "less than {value}",
        }
        parts = [tell(words, value=bounds[key]) for key, words in said.items() if key in bounds]
        span = join(parts, " and ") or tell("a value within {value}", value=validator.value)
    return code, span, tell("{value} in {name} is out of range; expected {span}.", value=value, name=name, span=span)


def _measured(obj: Any, limit: int) -> tuple[int | None, str]:
    """Return how long ``obj`` is, and what is counted of it, in the form that goes with ``limit``."""
    if isinstance(obj, str):
        return len(obj), tell("{limit:character|characters}", limit=limit)
    if isinstance(obj, list):
        return len(obj), tell("{limit:item|items}", limit=limit)
    unit = tell("{limit:byte|bytes}", limit=limit)
    try:
        return len(obj), unit
    except TypeError:
        return None, unit


def _by_facet(facet: str, error: Any, simple_type: Any, name: str, quoted: str) -> Words:
    """Return the words where a facet refuses a value."""
    validator, said, primitive = error.validator, meaning(simple_type), primitive_of(simple_type)
    if facet == "XsdPatternFacets":
        builtin = local(getattr(simple_type, "name", None) or "")
        if type(simple_type).__name__ == "XsdAtomicBuiltin" and (builtin in _FORMS or builtin in NUMBERS):
            return _of_type(builtin, name, quoted, "")
        pattern = " or ".join(p.get("value", "") for p in validator)
        expected = (
            tell("{said} (pattern {pattern})", said=said, pattern=pattern)
            if said
            else tell("pattern {pattern}", pattern=pattern)
        )
        code = _code(primitive, "106")
        return (
            code,
            expected,
            tell(
                "'{quoted}' in {name} has not the right form. {said}",
                quoted=quoted,
                name=name,
                said=said or tell("Expected {expected}.", expected=expected),
            ),
        )
    if facet in _LENGTHS:
        how, what = _LENGTHS[facet]
        count, unit = _measured(error.obj, validator.value)
        limit = tell("{how} {limit} {unit}", how=how, limit=validator.value, unit=unit)
        measured = f" ({count})" if count is not None else ""
        code = _code(primitive, "105")
        return (
            code,
            said or limit,
            tell(
                "'{quoted}' in {name} is {what}{measured}; expected {limit}.",
                quoted=quoted,
                name=name,
                what=what,
                measured=measured,
                limit=limit,
            ),
        )
    if facet in _DIGITS:
        value = validator.value
        if facet == "XsdTotalDigitsFacet":
            limit = tell("at most {value} {value:digit|digits}", value=value)
        else:
            limit = tell("at most {value} {value:digit|digits} after the point", value=value)
        return (
            "104",
            said or limit,
            tell(
                "{quoted} in {name} has too many {digits}; expected {limit}.",
                quoted=quoted,
                name=name,
                digits=_DIGITS[facet],
                limit=limit,
            ),
        )
    if facet == "XsdExplicitTimezoneFacet":
        wanted = tell("a time zone") if validator.value == "required" else tell("no time zone")
        return (
            "103",
            wanted,
            tell(
                "'{quoted}' in {name} is no right time; expected {wanted} at its end.",
                quoted=quoted,
                name=name,
                wanted=wanted,
            ),
        )
    if facet == "XsdAssertionFacet":
        told = said or tell("the condition {path} does not hold", path=validator.path)
        return (
            "106",
            validator.path,
            tell("'{quoted}' in {name} is not right: {told}.", quoted=quoted, name=name, told=bare(told)),
        )
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
        return (
            "102",
            allowed,
            tell(
                "'{quoted}' is not allowed for {name}; expected {allowed}.", quoted=quoted, name=name, allowed=allowed
            ),
        )
    if not value and primitive == "string":
        return (
            "105",
            meaning(simple_type) or tell("a value"),
            tell("{name} is empty; leave it out or give a value.", name=name),
        )
    if primitive in _FORMS and primitive in TIMES and facet not in ("XsdExplicitTimezoneFacet",) and not _span(facet):
        called, form = _FORMS[primitive]
        return (
            "103",
            form,
            tell(
                "'{quoted}' in {name} is no {called}; write {form}.", quoted=quoted, name=name, called=called, form=form
            ),
        )
    if of_facet:
        return _by_facet(facet, error, simple_type, name, quoted)
    if facet.endswith("Union"):
        kinds = names([_kind(one) for one in validator.member_types])
        return (
            "106",
            kinds,
            tell(
                "'{quoted}' in {name} has none of the forms allowed; expected {kinds}.",
                quoted=quoted,
                name=name,
                kinds=kinds,
            ),
        )
    return _of_type(local(getattr(validator, "name", None) or ""), name, quoted, str(error.reason or ""))


def _span(facet: str) -> bool:
    return facet.endswith(("InclusiveFacet", "ExclusiveFacet", "AssertionFacet"))


def overflow_words(name: str, value: str) -> Words:
    """Return the words for a value so large that no engine can work with it, such as a year of twenty digits."""
    return (
        "104",
        tell("a smaller value"),
        tell("'{value}' in {name} is too large to be worked with.", value=shown(value), name=name),
    )


__all__ = ["NUMBERS", "TIMES", "Words", "overflow_words", "primitive_of", "value_words"]
