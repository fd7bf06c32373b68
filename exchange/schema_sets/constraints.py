"""What a declaration asks or leaves open beyond types and content: fixed and default values, wildcards, substitution
groups, identity constraints; and how two versions of it differ in that.

Each function yields (what changed, in words, whether old documents stay valid, whether new ones are valid in the old).
Namespaces that a wildcard takes are compared one by one: those that either names, none, and one that nobody names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from exchange.generation.values import local

Difference = tuple[str, str, bool, bool]
_STRANGER = "urn:example:nobody-names-this"
_STRICTNESS = ("strict", "lax", "skip")


class _Room(NamedTuple):
    """A wildcard and how often what it takes may stand, all groups counted; ``high`` None is without end."""

    wildcard: Any
    low: int
    high: int | None


def values(old: Any, new: Any) -> Iterator[Difference]:
    """Yield how the fixed and default values of an element or attribute differ."""
    if old.fixed != new.fixed:
        if old.fixed is None:
            yield "fixed added", f"always has the value {new.fixed} now", False, True
        elif new.fixed is None:
            yield "fixed taken away", f"may have another value than {old.fixed} now", True, False
        else:
            yield "fixed changed", f"always has the value {new.fixed} instead of {old.fixed}", False, False
    elif old.default != new.default:
        words = {True: "no value", False: "the value"}
        one, other = (f"{words[value is None]} {value or ''}".strip() for value in (old.default, new.default))
        yield "default changed", f"means {other} instead of {one} where nothing is given", True, True


def _rooms(group: Any, low: int = 1, high: int | None = 1) -> Iterator[_Room]:
    low *= group.min_occurs
    high = None if high is None or group.max_occurs is None else high * group.max_occurs
    least = 0 if group.model == "choice" and len(group) > 1 else low
    for particle in group:
        if hasattr(particle, "model"):
            yield from _rooms(particle, least, high)
        elif hasattr(particle, "process_contents"):
            most = None if high is None or particle.max_occurs is None else high * particle.max_occurs
            yield _Room(particle, least * particle.min_occurs, most)


def wildcards(old: Any, new: Any) -> Iterator[Difference]:
    """Yield how the room for elements that are not named differs between two content models."""
    before, after = list(_rooms(old)), list(_rooms(new))
    for one, other in zip(before, after, strict=False):
        yield from _taken(one.wildcard, other.wildcard, "elements")
        if (one.low, one.high) != (other.low, other.high):
            wider = other.low <= one.low and (other.high is None or (one.high is not None and other.high >= one.high))
            narrower = one.low <= other.low and (
                one.high is None or (other.high is not None and one.high >= other.high)
            )
            text = f"takes {_number(other)} other elements instead of {_number(one)}"
            yield "wildcard occurrence", text, wider, narrower
    for room in after[len(before) :]:
        text = f"has room for other elements now, {_number(room)}"
        yield "wildcard added", text, room.low == 0, False
    for room in before[len(after) :]:
        yield "wildcard taken away", "has no room for other elements any more", False, room.low == 0


def attribute_wildcards(old: Mapping[Any, Any], new: Mapping[Any, Any]) -> Iterator[Difference]:
    """Yield how the room for attributes that are not named differs."""
    before, after = old.get(None), new.get(None)
    if before is None and after is not None:
        yield "attribute wildcard added", "may have attributes that are not named now", True, False
    elif before is not None and after is None:
        yield "attribute wildcard taken away", "may not have attributes that are not named any more", False, True
    elif before is not None:
        yield from _taken(before, after, "attributes")


def _number(room: _Room) -> str:
    return f"{room.low} or more" if room.high is None else f"{room.low} to {room.high}"


def _taken(old: Any, new: Any, what: str) -> Iterator[Difference]:
    """Yield how two wildcards differ in the namespaces that they take, and in how strictly they look."""
    known = {"", _STRANGER}
    for one in (old, new):
        known |= {str(name) for name in (*(one.namespace or ()), *(one.not_namespace or ())) if "##" not in str(name)}
        known.add(one.target_namespace or "")
    if old.target_namespace != new.target_namespace:
        # Each version has a namespace of its own: that is told once, and not of each wildcard again.
        known -= {old.target_namespace, new.target_namespace}
    before, after = ({name for name in known if one.is_namespace_allowed(name)} for one in (old, new))
    if before != after:
        text = f"takes {what} of {_names(after)} instead of {_names(before)}"
        yield "wildcard namespaces", text, before <= after, after <= before
    one, other = (_STRICTNESS.index(wildcard.process_contents) for wildcard in (old, new))
    if one != other:
        text = f"looks at other {what} with {new.process_contents} instead of {old.process_contents} checks"
        yield "wildcard checks", text, other > one, other < one


def _names(found: set[str]) -> str:
    named = ", ".join(sorted(name or "no namespace" for name in found if name != _STRANGER))
    if _STRANGER in found:
        return "any namespace" + (f" ({named} too)" if named else " that is not named")
    return named or "none"


def substitutes(old: Any, new: Any) -> Iterator[Difference]:
    """Yield which elements may stand for another one now, or no more, and whether it may stand itself."""
    before, after = _members(old), _members(new)
    for name in before:
        if name not in after:
            yield "substitute taken away", f"{name} may not stand for it any more", False, True
    for name in after:
        if name not in before:
            yield "substitute added", f"{name} may stand for it now", True, False
    if bool(old.abstract) != bool(new.abstract):
        text = "may not stand itself any more" if new.abstract else "may stand itself now"
        yield "abstract", text, not new.abstract, bool(new.abstract)


def _members(declaration: Any) -> dict[str, None]:
    found = declaration.maps.substitution_groups.get(declaration.name, ())
    return dict.fromkeys(sorted(local(one.name) for one in found))


def identities(old: Any, new: Any) -> Iterator[Difference]:
    """Yield which keys, references to keys and unique values are asked for now, or no more."""
    before, after = _identities(old), _identities(new)
    for words in before:
        if words not in after:
            yield "identity taken away", f"does not ask for {words} any more", True, False
    for words in after:
        if words not in before:
            yield "identity added", f"asks for {words} now", False, True


def _identities(declaration: Any) -> list[str]:
    found = []
    for one in getattr(declaration, "identities", None) or ():
        kind = type(one).__name__.removeprefix("Xsd11").removeprefix("Xsd").lower()
        fields = ", ".join(str(field.path) for field in one.fields)
        refer = getattr(one, "refer", None)
        refer = getattr(refer, "local_name", None) or getattr(refer, "name", None) or refer
        to = f" that refers to {local(str(refer))}" if kind == "keyref" and refer is not None else ""
        found.append(f"{kind} {fields} of {one.selector.path}{to}")
    return found


__all__ = ["Difference", "attribute_wildcards", "identities", "substitutes", "values", "wildcards"]
