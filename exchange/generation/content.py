"""Content models, followed child by child: where a row of children first departs from what the schema allows.

Written apart from the engines, so that mutants carry an expectation that the engines can be held to. A model is
followed by its derivatives: what may still come after the children seen so far (Brzozowski, 1964).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Nothing:
    """What no child fits."""


@dataclass(frozen=True, slots=True)
class Done:
    """What is complete."""


@dataclass(frozen=True, slots=True)
class One:
    """One element with any of the Clark names ``tags``, or what the wildcard ``other`` takes."""

    tags: frozenset[str]
    other: Any = None


@dataclass(frozen=True, slots=True)
class Then:
    """``first``, and after it ``rest``."""

    first: Model
    rest: Model


@dataclass(frozen=True, slots=True)
class Either:
    """Any of several."""

    among: frozenset[Model]


@dataclass(frozen=True, slots=True)
class AnyOrder:
    """All of several, in any order (xs:all)."""

    among: frozenset[Model]


@dataclass(frozen=True, slots=True)
class Times:
    """``inner`` between ``low`` and ``high`` times; ``high`` None is without end."""

    inner: Model
    low: int
    high: int | None


Model = Nothing | Done | One | Then | Either | AnyOrder | Times
NOTHING, DONE = Nothing(), Done()


def impossible(model: Model) -> bool:
    """Return whether nothing at all fits ``model``."""
    return isinstance(model, Nothing)


def then(first: Model, rest: Model) -> Model:
    """Return ``first`` and after it ``rest``, as simple as can be."""
    if isinstance(first, Nothing) or isinstance(rest, Nothing):
        return NOTHING
    if isinstance(first, Done):
        return rest
    return first if isinstance(rest, Done) else Then(first, rest)


def either(models: Iterable[Model]) -> Model:
    """Return any of ``models``, as simple as can be."""
    among: set[Model] = set()
    for one in models:
        among |= one.among if isinstance(one, Either) else set() if isinstance(one, Nothing) else {one}
    if not among:
        return NOTHING
    return among.pop() if len(among) == 1 else Either(frozenset(among))


def times(inner: Model, low: int, high: int | None) -> Model:
    """Return ``inner`` between ``low`` and ``high`` times, as simple as can be."""
    if high == 0 or isinstance(inner, Done):
        return DONE
    return inner if (low, high) == (1, 1) else Times(inner, low, high)


def complete(model: Model) -> bool:
    """Return whether nothing more need come."""
    match model:
        case Done():
            return True
        case Then(first, rest):
            return complete(first) and complete(rest)
        case Either(among):
            return any(complete(one) for one in among)
        case AnyOrder(among):
            return all(complete(one) for one in among)
        case Times(inner, low, _):
            return low == 0 or complete(inner)
    return False


@lru_cache(maxsize=20_000)
def after(model: Model, tag: str) -> Model:
    """Return what may come after an element ``tag`` where ``model`` was expected; :data:`NOTHING` if it may not."""
    match model:
        case One(tags, other):
            return DONE if tag in tags or (other is not None and other.is_matching(tag)) else NOTHING
        case Then(first, rest):
            here = then(after(first, tag), rest)
            return either((here, after(rest, tag))) if complete(first) else here
        case Either(among):
            return either(after(one, tag) for one in among)
        case AnyOrder(among):
            return either(_any_order(after(one, tag), among - {one}) for one in among)
        case Times(inner, low, high):
            rest = times(inner, max(low - 1, 0), None if high is None else high - 1)
            return then(after(inner, tag), rest)
    return NOTHING


def _any_order(begun: Model, others: frozenset[Model]) -> Model:
    if isinstance(begun, Nothing):
        return NOTHING
    return then(begun, AnyOrder(others) if others else DONE)


def model_of(particle: Any) -> Model:
    """Return the content model of a group or element of xmlschema."""
    low, high = int(particle.min_occurs), particle.max_occurs
    if not hasattr(particle, "model"):
        if getattr(particle, "process_contents", None) is not None:
            return times(One(frozenset(), particle), low, high)
        names = {particle.name, *(one.name for one in particle.iter_substitutes())}
        return times(One(frozenset(names)), low, high)
    parts = [model_of(one) for one in particle]
    if particle.model == "choice":
        inner = either(parts) if parts else DONE
    elif particle.model == "all":
        inner = AnyOrder(frozenset(parts)) if parts else DONE
    else:
        inner = DONE
        for part in reversed(parts):
            inner = then(part, inner)
    return times(inner, low, high)


def first_fault(model: Model, tags: Sequence[str]) -> int | None:
    """Return the index of the first of ``tags`` that may not stand where it does; their number if more must come,
    None if all is well."""
    for index, tag in enumerate(tags):
        model = after(model, tag)
        if isinstance(model, Nothing):
            return index
    return None if complete(model) else len(tags)


def surplus(model: Model, before: Sequence[str], tag: str, behind: Sequence[str], most: int) -> tuple[int, int] | None:
    """Return how many more ``tag`` between ``before`` and ``behind`` are too many, and the index at which it shows.

    None if ``most`` of them may still stand there.
    """
    for one in before:
        model = after(model, one)
    for extra in range(1, most + 1):
        model = after(model, tag)
        if isinstance(model, Nothing):
            return extra, len(before) + extra - 1
        fault = first_fault(model, behind)
        if fault is not None:
            return extra, len(before) + extra + fault
    return None


__all__ = [
    "DONE", "NOTHING", "Model", "One", "after", "complete", "either", "first_fault", "impossible", "model_of",
    "surplus", "then", "times",
]  # fmt: skip
