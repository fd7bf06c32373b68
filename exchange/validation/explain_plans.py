"""What the walk over a document has to know of an element's declaration."""

from __future__ import annotations

import weakref
from typing import Any

from exchange.validation.engines import Grammar
from exchange.validation.explain_content import Model, NotKnownError
from exchange.validation.explain_quick import Judge, quick_judge
from exchange.validation.explain_values import tracked


class Plan:
    """How to judge an element: by ``model`` what stands in it, or by the type ``simple`` its text.

    ``attributes``: its attribute group; ``required``: whether an attribute of that must stand; ``mixed``: whether text
    may stand between its children; ``quick`` judges a text without saying why.
    Raise :class:`NotKnownError` if the walk cannot judge it.
    """

    __slots__ = ("attributes", "element", "mixed", "model", "quick", "required", "simple")

    def __init__(self, element: Any, plans: Plans) -> None:
        kind = element.type
        if element.identities or element.alternatives or element.abstract or element.inheritable:
            raise NotKnownError("identity constraints, alternatives or an abstract element")
        self.element = element
        self.model: Model | None = None
        self.simple: Any = None
        self.quick: Judge | None = None
        self.mixed = False
        self.attributes = element.get_attributes(kind)
        self.required = any(True for _ in self.attributes.iter_required())
        if any(tracked(one.type) for name, one in self.attributes.items() if name is not None):
            raise NotKnownError("attributes that mean something in the whole document")
        content = kind
        if kind.is_complex():
            if kind.abstract or getattr(kind, "assertions", None) or getattr(kind, "open_content", None):
                raise NotKnownError("an abstract type, assertions or open content")
            content = kind.content
        if hasattr(content, "model"):
            self.mixed = bool(kind.mixed)
            if self.mixed and element.fixed is not None:
                raise NotKnownError("mixed content with one value")
            self.model = plans.model(content)
        else:
            if tracked(content):
                raise NotKnownError("values that mean something in the whole document")
            self.simple = content
            self.quick = quick_judge(content)


class Plans:
    """The plans of one schema, each made once."""

    def __init__(self) -> None:
        self._plans: dict[int, Plan] = {}
        self._models: dict[int, tuple[Any, Model]] = {}

    def of(self, element: Any) -> Plan:
        """Return the plan of a declaration of xmlschema."""
        found = self._plans.get(id(element))
        if found is None:
            found = self._plans[id(element)] = Plan(element, self)
        return found

    def model(self, group: Any) -> Model:
        """Return the content model of a group of xmlschema."""
        found = self._models.get(id(group))
        if found is None:
            found = self._models[id(group)] = (group, Model(group))
        return found[1]


_of_grammars: weakref.WeakKeyDictionary[Grammar, Plans] = weakref.WeakKeyDictionary()


def plans_of(grammar: Grammar) -> Plans:
    """Return the plans of a grammar; they live as long as it does."""
    return _of_grammars.setdefault(grammar, Plans())


__all__ = ["Plan", "Plans", "plans_of"]
