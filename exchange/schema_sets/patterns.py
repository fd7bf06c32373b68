"""Whether one pattern takes all that another does, proved by following both character by character.

The patterns are followed by their derivatives (Brzozowski, 1964), as content models are, over classes of characters
that no part of either pattern tells apart. A proof that takes too many steps is given up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from elementpath.regex import RegexError, translate_pattern

from exchange.generation.content import DONE, Either, Model, One, after, complete, either, impossible, then, times
from exchange.generation.errors import CannotMake
from exchange.generation.patterns import Branches, Characters, Node, Repeated, Row, read

MOST_STATES = 1000
"""States of both patterns together after which a proof is given up."""
_MOST_WAYS = 12
"""Ways in which one text may be read that are followed at a time; more make each state a large one."""
_LONGEST = 600
"""A bound of repetitions from which on a pattern is not followed."""
Steps = Sequence[Sequence[str]]
"""Patterns that must all be kept, each as its alternatives."""


@cache
def _alphabet() -> str:
    """Return every character that XML allows."""
    parts = (range(0x20, 0xD800), range(0xE000, 0xFFFE), range(0x10000, 0x110000))
    return "\t\n\r" + "".join("".join(map(chr, part)) for part in parts)


@cache
def _spans(source: str) -> tuple[tuple[int, int], ...]:
    """Return where in the alphabet the characters of the class ``source`` stand."""
    translated = translate_pattern(source, back_references=False, lazy_quantifiers=False)
    return tuple(found.span() for found in re.finditer(f"(?:{translated})+", _alphabet()))


def _sources(node: Node) -> Iterator[str]:
    match node:
        case Characters():
            yield node.source
        case Row(parts):
            for part in parts:
                yield from _sources(part)
        case Branches(among):
            for one in among:
                yield from _sources(one)
        case Repeated(inner):
            yield from _sources(inner)


def _kinds(sources: set[str]) -> dict[str, frozenset[str]]:
    """Return, for each class, the kinds of characters in it; characters of one kind stand in the same classes."""
    listed = sorted(sources)
    edges = sorted({edge for source in listed for span in _spans(source) for edge in span} | {0})
    kinds: dict[tuple[bool, ...], str] = {}
    held: dict[str, set[str]] = {source: set() for source in listed}
    inside = {source: _starts(_spans(source), edges) for source in listed}
    for number in range(len(edges)):
        signature = tuple(number in inside[source] for source in listed)
        name = kinds.setdefault(signature, str(len(kinds)))
        for source, within in zip(listed, signature, strict=True):
            if within:
                held[source].add(name)
    return {source: frozenset(names) for source, names in held.items()}


def _starts(spans: tuple[tuple[int, int], ...], edges: list[int]) -> set[int]:
    """Return the numbers of those edges from which on the alphabet lies within ``spans``."""
    place = {edge: number for number, edge in enumerate(edges)}
    found: set[int] = set()
    for start, end in spans:
        found.update(range(place[start], place.get(end, len(edges))))
    return found


def _model(node: Node, kinds: dict[str, frozenset[str]]) -> Model:
    match node:
        case Characters():
            return One(kinds[node.source])
        case Row(parts):
            model: Model = DONE
            for part in reversed(parts):
                model = then(_model(part, kinds), model)
            return model
        case Branches(among):
            return either(_model(one, kinds) for one in among)
        case Repeated(inner, low, high):
            if max(low, high or 0) > _LONGEST:
                raise CannotMake("a bound too high to follow")
            return times(_model(inner, kinds), low, high)


def takes_all(new: Steps, old: Steps) -> bool | None:
    """Return whether each text that ``old`` takes is taken by ``new``; None if it could not be found out."""
    try:
        read_ = {pattern: read(pattern) for step in (*new, *old) for pattern in step}
        kinds = _kinds({source for node in read_.values() for source in _sources(node)})
        models = {pattern: _model(node, kinds) for pattern, node in read_.items()}
    except (CannotMake, RegexError, re.error, RecursionError):
        return None
    names = sorted({name for held in kinds.values() for name in held})
    start = tuple(tuple(either(models[one] for one in step) for step in steps) for steps in (old, new))
    seen = {start}
    waiting = [start]
    while waiting:
        ours, theirs = waiting.pop()
        if all(map(complete, ours)) and not all(map(complete, theirs)):
            return False
        for name in names:
            state = (tuple(after(one, name) for one in ours), tuple(after(one, name) for one in theirs))
            if any(isinstance(one, Either) and len(one.among) > _MOST_WAYS for side in state for one in side):
                return None
            if state not in seen and not any(map(impossible, state[0])):
                if len(seen) > MOST_STATES:
                    return None
                seen.add(state)
                waiting.append(state)
    return True


__all__ = ["MOST_STATES", "takes_all"]
