"""What changed between two sets of schemas, and which documents feel it.

Every change says whether it lets an old document fail against the new schemas (not *backward* compatible) and whether
it lets a new document fail against the old ones (not *forward* compatible). Types are compared in pairs, each pair
once, along the ways on which documents reach them. What follows from the components is then put to the test with
documents made from each side: a document that fails although no change explains it is a change of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from exchange.generation.bad_values import facets
from exchange.generation.documents import KINDS, make_document
from exchange.generation.errors import CannotMake
from exchange.generation.reading import simple_type
from exchange.generation.values import ancestry, builtin_name, local, pattern_steps
from exchange.schema_sets import constraints
from exchange.schema_sets.changes import Change, Comparison
from exchange.schema_sets.constraints import Difference
from exchange.schema_sets.patterns import takes_all
from exchange.schema_sets.reading import SchemaSet

_XS = "{http://www.w3.org/2001/XMLSchema}"
_LOWER = ("minLength", "minInclusive", "minExclusive")
_UPPER = ("maxLength", "maxInclusive", "maxExclusive", "totalDigits", "fractionDigits")


@dataclass(frozen=True, slots=True)
class Use:
    """A child as its parent uses it: declaration, least and most number (None is without end), all groups counted."""

    declaration: Any
    low: int
    high: int | None


def uses(group: Any, low: int = 1, high: int | None = 1) -> Iterator[tuple[str, Use]]:
    """Yield (Clark name, use) of every child that a group declares, in order."""
    low *= group.min_occurs
    high = None if high is None or group.max_occurs is None else high * group.max_occurs
    choice = group.model == "choice" and len(group) > 1
    for particle in group:
        if hasattr(particle, "model"):
            yield from uses(particle, 0 if choice else low, high)
        elif particle.name is not None:
            most = None if high is None or particle.max_occurs is None else high * particle.max_occurs
            yield particle.name, Use(particle, 0 if choice else low * particle.min_occurs, most)


def _models(group: Any, common: set[str], renamed: Mapping[str, str]) -> Any:
    """Return how ``group`` orders the children ``common``, for comparison."""
    parts: list[Any] = []
    for particle in group:
        if hasattr(particle, "model"):
            inner = _models(particle, common, renamed)
            if inner:
                parts += inner[1] if inner[0] == group.model or len(inner[1]) == 1 else [inner]
        elif particle.name is None:
            parts.append("any")
        elif _moved(particle.name, renamed) in common:
            parts.append(_moved(particle.name, renamed))
    kept = tuple(parts)
    return ("sequence" if len(kept) == 1 else group.model, list(kept)) if kept else None


def _moved(name: str, renamed: Mapping[str, str]) -> str:
    """Return the Clark name ``name`` with its namespace as it is called now."""
    namespace, brace, short = name.rpartition("}")
    return renamed.get(namespace[1:], namespace[1:]).join(("{", "}")) + short if brace else name


def _times(low: int, high: int | None) -> str:
    if high is None:
        return f"{low} or more times"
    return f"{low} times" if low == high and low != 1 else "once" if low == high else f"{low} to {high} times"


class _Comparer:
    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.seen: set[tuple[int, int]] = set()
        self.simples: set[tuple[int, int, str]] = set()
        self.renamed: dict[str, str] = {}
        """What a namespace of the old schemas is called in the new ones, where that differs."""

    def say(self, where: str, what: str, text: str, *, backward: bool, forward: bool) -> None:
        change = Change(where, what, text, backward, forward)
        if change not in self.changes:
            self.changes.append(change)

    def say_all(self, where: str, found: Iterable[Difference]) -> None:
        for what, text, backward, forward in found:
            self.say(where, what, text, backward=backward, forward=forward)

    def declarations(self, where: str, old: Any, new: Any) -> None:
        self.say_all(where, constraints.values(old, new))
        if "/" in where[1:]:
            # At the root of a document each element stands for itself.
            self.say_all(where, constraints.substitutes(old, new))
        self.say_all(where, constraints.identities(old, new))
        if (id(old.type), id(new.type)) in self.seen:
            return
        self.seen.add((id(old.type), id(new.type)))
        named = local(new.type.name)
        where = named if named and not str(new.type.name).startswith(_XS) else where
        if getattr(old, "nillable", False) != getattr(new, "nillable", False):
            wider = new.nillable
            self.say(where, "nillable", "may be nil now" if wider else "may not be nil any more",
                     backward=wider, forward=not wider)  # fmt: skip
        before, after = simple_type(old), simple_type(new)
        if (before is None) != (after is None):
            words = ("elements", "text") if after is not None else ("text", "elements")
            self.say(where, "type", f"holds {words[1]} instead of {words[0]}", backward=False, forward=False)
        elif before is not None:
            self.simple(where, before, after)
        else:
            self.content(where, old.type.content, new.type.content)
        self.attributes(where, getattr(old.type, "attributes", None) or {}, getattr(new.type, "attributes", None) or {})

    def content(self, where: str, old: Any, new: Any) -> None:
        if not (hasattr(old, "model") and hasattr(new, "model")):
            return
        self.say_all(where, constraints.wildcards(old, new))
        before = _merged((_moved(name, self.renamed), use) for name, use in uses(old))
        after = _merged(uses(new))
        for name, use in before.items():
            place = f"{where}/{local(name)}"
            if name not in after:
                self.say(place, "removed", "is there no more", backward=False, forward=use.low == 0)
            else:
                self.occurrence(place, use, after[name])
                self.declarations(place, use.declaration, after[name].declaration)
        for name, use in after.items():
            if name not in before:
                kind = "required" if use.low else "optional"
                text = f"is new, {_times(use.low, use.high)}"
                self.say(f"{where}/{local(name)}", f"added, {kind}", text, backward=use.low == 0, forward=False)
        common = set(before) & set(after)
        one, other = _models(old, common, self.renamed), _models(new, common, {})
        if one != other:
            what = "order" if (one or [""])[0] == (other or [""])[0] else "model"
            text = "its elements stand in another order" if what == "order" else "its elements are grouped otherwise"
            self.say(where, what, text, backward=False, forward=False)

    def occurrence(self, where: str, old: Use, new: Use) -> None:
        if old.low != new.low:
            tighter = new.low > old.low
            what = "made required" if not old.low else "made optional" if not new.low else "minOccurs"
            text = f"must stand {_times(new.low, new.high)} instead of {_times(old.low, old.high)}"
            self.say(where, what, text, backward=not tighter, forward=tighter)
        if old.high != new.high:
            wider = new.high is None or (old.high is not None and new.high > old.high)
            text = f"may stand {_times(new.low, new.high)} instead of {_times(old.low, old.high)}"
            self.say(where, "maxOccurs", text, backward=wider, forward=not wider)

    def attributes(self, where: str, old: Any, new: Any) -> None:
        self.say_all(where, constraints.attribute_wildcards(old, new))
        for name in dict.fromkeys([*(key for key in old if key), *(key for key in new if key)]):
            place = f"{where}/@{local(name)}"
            before, after = old.get(name), new.get(name)
            if after is None:
                self.say(place, "removed", "is there no more", backward=False, forward=before.use != "required")
            elif before is None:
                must = after.use == "required"
                text = "is new and required" if must else "is new"
                kind = "added, required" if must else "added, optional"
                self.say(place, kind, text, backward=not must, forward=False)
            else:
                if (before.use == "required") != (after.use == "required"):
                    must = after.use == "required"
                    what = "made required" if must else "made optional"
                    self.say(place, what, f"is {what}", backward=not must, forward=must)
                if _version_marker(name, before, after):
                    text = f"names the version {_only(after)} instead of {_only(before)}"
                    self.say(f"@{local(name)}", "version", text, backward=True, forward=True)
                else:
                    self.say_all(place, constraints.values(before, after))
                    self.simple(place, simple_type(before), simple_type(after))

    def simple(self, where: str, old: Any, new: Any) -> None:
        named = local(new.name) if not str(new.name or "").startswith(_XS) else ""
        where = named or where
        if old is new or (id(old), id(new), where) in self.simples:
            return
        self.simples.add((id(old), id(new), where))
        one, other = builtin_name(old), builtin_name(new)
        if one != other or old.is_list() != new.is_list() or old.is_union() != new.is_union():
            wider = other in {builtin_name(step) for step in ancestry(old)} | _bases(old)
            narrower = one in _bases(new)
            text = f"is of type {other} instead of {one}"
            self.say(where, "type", text, backward=wider, forward=narrower)
            return
        before, after = facets(old), facets(new)
        for name in dict.fromkeys([*before, *after]):
            if name not in ("type", "pattern"):
                self.facet(where, name, before.get(name), after.get(name))
        self.patterns(where, pattern_steps(old), pattern_steps(new))

    def patterns(self, where: str, old: list[list[str]], new: list[list[str]]) -> None:
        if old == new:
            return
        one, other = (" and ".join(" or ".join(step) for step in steps) for steps in (old, new))
        if not old or not new:
            what = "pattern taken away" if not new else "pattern added"
            text = f"is not bound by pattern {one} any more" if not new else f"is bound by pattern {other} now"
            self.say(where, what, text, backward=not new, forward=not old)
            return
        wider, narrower = takes_all(new, old), takes_all(old, new)
        words = {
            (True, True): ("pattern rewritten", "which takes the same"),
            (True, False): ("pattern loosened", "which takes all that was taken and more"),
            (False, True): ("pattern tightened", "which takes less"),
            (False, False): ("pattern changed", "which takes something else"),
        }
        unknown = ("pattern changed", "and it could not be found out which takes more: it counts as breaking")
        what, told = unknown if wider is None or narrower is None else words[wider, narrower]
        text = f"has pattern {other} instead of {one}, {told}"
        self.say(where, what, text, backward=bool(wider), forward=bool(narrower))

    def facet(self, where: str, name: str, old: Any, new: Any) -> None:
        if name == "enumeration":
            self.enumeration(where, old, new)
            return
        one, other = _value(old), _value(new)
        if one == other:
            return
        if other is None or one is None:
            wider = other is None
            what = f"{name} taken away" if wider else f"{name} added"
            text = f"is not bound by {name} {one} any more" if wider else f"is bound by {name} {other} now"
            self.say(where, what, text, backward=wider, forward=not wider)
        elif name in _LOWER + _UPPER:
            wider = (other < one) == (name in _LOWER)
            what = f"{name} {'loosened' if wider else 'tightened'}"
            self.say(where, what, f"has {name} {other} instead of {one}", backward=wider, forward=not wider)
        else:
            self.say(where, f"{name} changed", f"has {name} {other} instead of {one}", backward=False, forward=False)

    def enumeration(self, where: str, old: Any, new: Any) -> None:
        before, after = _values(old), _values(new)
        if before is None or after is None:
            wider = after is None
            text = "takes other values too now" if wider else f"takes only {', '.join(after or ())} now"
            what = "enumeration taken away" if wider else "enumeration added"
            self.say(where, what, text, backward=wider, forward=not wider)
            return
        for value in before:
            if value not in after:
                self.say(where, "value removed", f"does not take {value} any more", backward=False, forward=True)
        for value in after:
            if value not in before:
                self.say(where, "value added", f"takes {value} too", backward=True, forward=False)


def _bases(simple: Any) -> set[str]:
    return {local(step.name) for step in ancestry(simple) if step.name} - {"anySimpleType", "anyAtomicType"}


def _merged(found: Iterable[tuple[str, Use]]) -> dict[str, Use]:
    """Return uses by name; a name that stands at several places is counted together."""
    merged: dict[str, Use] = {}
    for name, use in found:
        known = merged.get(name)
        if known is not None:
            high = None if known.high is None or use.high is None else known.high + use.high
            use = Use(known.declaration, known.low + use.low, high)
        merged[name] = use
    return merged


def _value(facet: Any) -> Any:
    regexps = getattr(facet, "regexps", None)
    if regexps is not None:
        return " or ".join(regexps)
    return None if facet is None else facet.value


def _values(facet: Any) -> list[str] | None:
    return None if facet is None else [str(value) for value in facet.enumeration]


def _only(attribute: Any) -> str | None:
    """Return the one value that an attribute may have, or None if it may have several."""
    if attribute.fixed is not None:
        return str(attribute.fixed)
    simple: Any = simple_type(attribute)
    values: list[Any] = simple.enumeration or []
    return str(values[0]) if len(values) == 1 else None


def _version_marker(name: str, old: Any, new: Any) -> bool:
    """Return whether an attribute just names the version of the schemas, which is not held against them."""
    one, other = _only(old), _only(new)
    return "version" in name.lower() and one is not None and other is not None and one != other


def _markers(old: Any, new: Any) -> Iterator[tuple[str, str]]:
    """Yield the attributes that name the version of the schemas in ``new`` and another one in ``old``."""
    before = getattr(old.type, "attributes", None) or {}
    for key, attribute in (getattr(new.type, "attributes", None) or {}).items():
        if key and key in before and _version_marker(key, before[key], attribute):
            yield key, str(_only(attribute))


def _tried(made_by: SchemaSet, judge: SchemaSet, seeds: int) -> Iterator[tuple[str, str | None]]:
    """Yield (root element, reason or None) for documents of one set judged by the other."""
    others = judge.elements()
    for name, declaration in made_by.elements().items():
        if name not in others:
            continue
        schema, other = made_by.schema_of(name), judge.schema_of(name)
        for kind in KINDS:
            for seed in range(seeds if kind == "random" else 1):
                try:
                    root = etree.fromstring(make_document(schema, declaration.local_name, kind=kind, seed=seed))
                except CannotMake:
                    continue
                for key, value in _markers(declaration, others[name]):
                    root.set(key, value)
                error = next(other.iter_errors(root), None)
                reason = None if error is None else f"{error.path}: {' '.join(str(error.reason).split())}"
                yield declaration.local_name, reason


def compare(old: SchemaSet, new: SchemaSet, *, seeds: int = 3) -> Comparison:
    """Return what changed from ``old`` to ``new``. ``seeds``: how many random documents of each root are tried."""
    comparer = _Comparer()
    before, after = old.elements(), new.elements()
    moved: set[str] = set()
    for name, declaration in before.items():
        twins = [other for other in after if local(other) == local(name) and other not in before]
        if name not in after and len(twins) == 1:
            one, other = (tag[1:].rpartition("}")[0] for tag in (name, twins[0]))
            comparer.renamed[one] = other
            text = f"is in namespace {other or 'none'} instead of {one or 'none'}"
            comparer.say(f"/{local(name)}", "namespace", text, backward=False, forward=False)
            comparer.declarations(f"/{local(name)}", declaration, after[twins[0]])
            moved.add(twins[0])
        elif name not in after:
            text = "is no root element any more"
            comparer.say(f"/{local(name)}", "removed", text, backward=False, forward=True)
        else:
            comparer.declarations(f"/{local(name)}", declaration, after[name])
    for name in after:
        if name not in before and name not in moved:
            text = "is a new root element"
            comparer.say(f"/{local(name)}", "added, optional", text, backward=True, forward=False)
    tried = 0
    for made_by, judge, backward in ((old, new, True), (new, old, False)):
        known = any(not (one.backward if backward else one.forward) for one in comparer.changes)
        for root, reason in _tried(made_by, judge, seeds):
            tried += 1
            if reason is not None and not known:
                text = f"a document made from {made_by.name} is not valid against {judge.name}: {reason}"
                comparer.say(f"/{root}", "found by trial", text, backward=not backward, forward=backward)
                known = True
    return Comparison(old.name, new.name, tuple(comparer.changes), tried)


__all__ = ["Use", "compare", "uses"]
