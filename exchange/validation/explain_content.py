"""Content models: which child may come next, what was left out before it, and what is still missing at the end.

A model is worked out by derivatives: a state is the list of particles still to come, and each child leads to another
state. States and steps are remembered, so a child costs the same however many stand beside it. A child that the state
does not take may still be reached by leaving out what is required (:attr:`Step.skipped`); a reader goes on from there
and finds the next fault as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

_MOST_STATES = 20_000
"""States that are remembered of one model; a larger number is forgotten and worked out again."""


class NotKnownError(Exception):
    """The document uses something of its schema that only xmlschema knows how to judge."""


class _Node:
    """A particle of a content model: an element (``element``) or a group of others (``items``), and how often it may
    stand (``most`` is None for any number)."""

    __slots__ = ("element", "items", "kind", "least", "most", "names", "nullable")

    def __init__(
        self, kind: str, least: int, most: int | None, items: tuple[_Node, ...] = (), element: Any = None
    ) -> None:
        self.kind, self.least, self.most, self.items, self.element = kind, least, most, items, element
        self.names: dict[str, Any] = {}
        self.nullable = least == 0
        if element is not None:
            self.names = {one.name: one for one in (*element.iter_substitutes(), element) if not one.abstract}
        elif not self.nullable:
            parts = [item.nullable for item in items]
            self.nullable = any(parts) if kind == "choice" and parts else all(parts)


class _Part(NamedTuple):
    """What is left of a node: it must stand ``least`` times more, and may ``most`` times; ``left`` are the items still
    to come of a group without order."""

    node: _Node
    least: int
    most: int | None
    left: tuple[_Node, ...] = ()


def _compile(particle: Any) -> _Node:
    """Return the node of a particle of xmlschema; raise :class:`NotKnownError` for wildcards and rare groups."""
    least, most = particle.min_occurs, particle.max_occurs
    if hasattr(particle, "process_contents"):
        raise NotKnownError("a wildcard")
    if not hasattr(particle, "model"):
        if particle.block and len(list(particle.iter_substitutes())):
            raise NotKnownError("a blocked substitution")
        return _Node("element", least, most, element=particle)
    if least > 1 or (particle.model == "all" and most != 1):
        raise NotKnownError("a group that must be repeated")
    content = particle.content if particle.ref is None else particle.ref.content
    items = tuple(_compile(item) for item in content if item.max_occurs != 0)
    if particle.model == "choice" and not items and least:
        raise NotKnownError("an empty choice")
    if particle.model == "all" and any(item.items for item in items):
        raise NotKnownError("a group in a group without order")
    return _Node(particle.model, least, most, items)


def _part(node: _Node) -> _Part:
    return _Part(node, node.least, node.most, node.items if node.kind == "all" else ())


def _nullable(part: _Part) -> bool:
    if part.left:
        return part.least == 0 or all(item.nullable for item in part.left)
    return part.least == 0 or (part.node.element is None and part.node.nullable)


def _again(part: _Part) -> tuple[_Part, ...]:
    """Return what is left of a part once it has stood one time more."""
    most = None if part.most is None else part.most - 1
    return () if most == 0 else (_Part(part.node, max(part.least - 1, 0), most),)


Skipped = tuple[tuple[str, ...], ...]
"""What was left out: for each required particle the names (Clark) of which one had to stand."""


class _Taken(NamedTuple):
    """How a part takes a child: the declaration it answers to, what is left of the part, what was left out."""

    element: Any
    rest: tuple[_Part, ...]
    skipped: Skipped


def _required(part: _Part) -> Skipped:
    """Return what a part still asks for before it may end."""
    node = part.node
    if _nullable(part):
        return ()
    if node.element is not None:
        return ((node.element.name,),)
    if node.kind == "choice":
        return (tuple(dict.fromkeys(chain.from_iterable(_first(_part(item)) for item in node.items))),)
    items = part.left if node.kind == "all" else node.items
    return tuple(chain.from_iterable(_required(_part(item)) for item in items))


def _first(part: _Part) -> Iterator[str]:
    """Yield the names that may stand first in a part."""
    node = part.node
    if node.element is not None:
        yield from dict.fromkeys([node.element.name, *node.names]) if not node.element.abstract else node.names
    elif node.kind == "sequence":
        for item in node.items:
            yield from _first(_part(item))
            if not item.nullable:
                return
    else:
        for item in part.left or node.items:
            yield from _first(_part(item))


def _through(parts: tuple[_Part, ...], tag: str, lenient: bool) -> _Taken | None:
    """Return how some parts in a row take a child; ``lenient``: required ones before it may be left out."""
    skipped: Skipped = ()
    for number, part in enumerate(parts):
        taken = _take(part, tag, lenient)
        if taken is not None:
            return _Taken(taken.element, taken.rest + parts[number + 1 :], skipped + taken.skipped)
        if not _nullable(part):
            if not lenient:
                return None
            skipped += _required(part)
    return None


def _take(part: _Part, tag: str, lenient: bool) -> _Taken | None:
    """Return how a part takes a child, or None."""
    node = part.node
    if node.element is not None:
        found = node.names.get(tag)
        return None if found is None else _Taken(found, _again(part), ())
    if node.kind == "sequence":
        taken = _through(tuple(_part(item) for item in node.items), tag, lenient)
        return taken and taken._replace(rest=taken.rest + _again(part))
    for item in part.left or node.items:
        taken = _take(_part(item), tag, lenient)
        if taken is None:
            continue
        if node.kind == "choice":
            return taken._replace(rest=taken.rest + _again(part))
        left = tuple(other for other in part.left if other is not item)
        rest = (_Part(node, 1, 1, left),) if left else ()
        return taken._replace(rest=taken.rest + rest)
    return None


class Step(NamedTuple):
    """Where a child leads: its declaration, the next state, and the required particles that were left out before."""

    element: Any
    state: State
    skipped: Skipped


class State:
    """A place in a content model."""

    __slots__ = ("_expected", "_missing", "_model", "_parts", "_steps")

    def __init__(self, model: Model, parts: tuple[_Part, ...]) -> None:
        self._model, self._parts = model, parts
        self._steps: dict[str, Step | None] = {}
        self._missing: Skipped | None = None
        self._expected: tuple[str, ...] | None = None

    def step(self, tag: str) -> Step | None:
        """Return where a child of the name ``tag`` (one of the model's) leads; None if it cannot stand any more."""
        try:
            return self._steps[tag]
        except KeyError:
            taken = _through(self._parts, tag, False) or _through(self._parts, tag, True)
            step = None
            if taken is not None:
                step = Step(taken.element, self._model.state(taken.rest), taken.skipped)
            self._steps[tag] = step
            return step

    @property
    def missing(self) -> Skipped:
        """What is still required."""
        if self._missing is None:
            self._missing = tuple(chain.from_iterable(_required(part) for part in self._parts))
        return self._missing

    @property
    def expected(self) -> tuple[str, ...]:
        """The names of which one may come next."""
        if self._expected is None:
            found: list[str] = []
            for part in self._parts:
                found += _first(part)
                if not _nullable(part):
                    break
            self._expected = tuple(dict.fromkeys(found))
        return self._expected


class Model:
    """The content model of a group of xmlschema; raise :class:`NotKnownError` if it has wildcards or rare groups.

    ``names``: its elements (Clark names) with their declarations; ``start``: where its content begins.
    """

    def __init__(self, group: Any) -> None:
        root = _compile(group)
        self.names: dict[str, Any] = {}
        waiting = [root]
        while waiting:
            node = waiting.pop()
            self.names.update(node.names)
            waiting += node.items
        self._states: dict[tuple[_Part, ...], State] = {}
        self.start = self.state((_part(root),))

    def state(self, parts: tuple[_Part, ...]) -> State:
        """Return the state of the parts still to come."""
        found = self._states.get(parts)
        if found is None:
            if len(self._states) >= _MOST_STATES:
                self._states.clear()
            found = self._states[parts] = State(self, parts)
        return found


__all__ = ["Model", "NotKnownError", "Skipped", "State", "Step"]
