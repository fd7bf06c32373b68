"""All that is wrong with an invalid document, found in one walk over it.

The document is read once, tag by tag, and no tree is built: what is kept is a frame for each open element and the
notes that are told. Each element costs the same, however many stand beside it. What the walk does not know (wildcards,
identity constraints, assertions, mixed types named in the document …) raises
:class:`~exchange.validation.explain_content.NotKnownError`, and :mod:`exchange.validation.explain_tree` is asked.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple
from xml.parsers import expat

from exchange.validation import wording_content as words
from exchange.validation.engines import Grammar
from exchange.validation.explain_content import Model, NotKnownError, Skipped, State
from exchange.validation.explain_notes import Note, Notes
from exchange.validation.explain_plans import Plan, plans_of
from exchange.validation.explain_values import Values
from exchange.validation.wording_names import Said, local

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_TYPE = f"{_XSI}type"
_BLANK = " \t\r\n"


class _Event(NamedTuple):
    """A child that its parent's content did not take at once; what it means is known when the parent ends."""

    number: int
    offset: int
    tag: str
    nth: int
    skipped: Skipped
    strangers: int
    twice: bool = False
    before: str | None = None


class _Frame:
    """An open element."""

    __slots__ = (
        "counts", "events", "last", "late", "more", "nil", "nth", "number", "offset", "parent", "plan", "skipped",
        "state", "strangers", "tag", "text",
    )  # fmt: skip

    def __init__(self, parent: _Frame | None, tag: str, nth: int, number: int, offset: int, plan: Plan | None) -> None:
        self.parent, self.tag, self.nth, self.number, self.offset, self.plan = parent, tag, nth, number, offset, plan
        self.state: State | None = plan.model.start if plan is not None and plan.model is not None else None
        self.counts: dict[str, int] | None = None
        self.text: list[str] | None = None
        self.events: list[_Event] | None = None
        self.more: Counter[Skipped] | None = None
        self.late: set[str] | None = None
        self.skipped: set[str] | None = None
        self.last: str | None = None
        self.strangers = 0
        self.nil = False

    def path(self) -> str:
        """Return the path of the element in readable names, with positions among several of one name."""
        return "/" + local(self.tag) if self.parent is None else self.parent.below(self.tag, self.nth)

    def below(self, tag: str, nth: int) -> str:
        """Return the path of a child."""
        several = self.counts is not None and self.counts.get(tag, 0) > 1
        return f"{self.path()}/{local(tag)}" + (f"[{nth}]" if several else "")


class Walk:
    """One walk over one document, of which ``most`` faults are told and all counted."""

    def __init__(self, grammar: Grammar, most: int) -> None:
        self.notes = Notes(most)
        self._schema, self._most, self._own = grammar.explained, most, grammar.own
        self._plans = plans_of(grammar)
        self._values = Values(grammar.explained)
        self._number = -1
        self._passed = 0
        self._frame: _Frame | None = None
        self._names: dict[str, str] = {}

    def read(self, data: bytes) -> None:
        """Walk over ``data``; raise :class:`NotKnownError` if something in it is beyond the walk."""
        parser = self._parser = expat.ParserCreate("utf-8", namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.Parse(data, True)

    def _clark(self, name: str) -> str:
        known = self._names.get(name)
        if known is None:
            known = self._names[name] = "{" + name if "}" in name else name
        return known

    def _note(self, frame: _Frame, said: Said, *, of_value: bool = False) -> None:
        self.notes.add(Note(frame.number, frame.offset, frame.path, said, of_value))

    def _note_child(self, parent: _Frame, event: _Event, said: Said) -> None:
        self.notes.add(Note(event.number, event.offset, lambda: parent.below(event.tag, event.nth), said))

    def _start(self, name: str, given: dict[str, str]) -> None:
        self._number += 1
        if self._passed:
            self._passed += 1
            return
        tag = self._clark(name)
        parent = self._frame
        if parent is None:
            self._root(tag, given)
            return
        counts = parent.counts
        if counts is None:
            counts = parent.counts = {}
        nth = counts[tag] = counts.get(tag, 0) + 1
        plan = parent.plan
        assert plan is not None
        if plan.model is None:
            if len(counts) == nth == 1:
                self._note(parent, words.no_children(parent.tag))
            self._passed = 1
            return
        declared = plan.model.names.get(tag)
        if declared is None:
            self._stranger(parent, plan.model, tag, nth)
            self._passed = 1
            return
        assert parent.state is not None
        step = parent.state.step(tag)
        if step is None:
            self._late(parent, tag, nth, declared)
        else:
            declared = step.element
            if step.skipped:
                self._skip(parent, tag, nth, step.skipped)
            parent.state = step.state
            parent.last = tag
            parent.strangers = 0
        self._open(
            _Frame(parent, tag, nth, self._number, self._parser.CurrentByteIndex, self._plans.of(declared)), given
        )

    def _root(self, tag: str, given: dict[str, str]) -> None:
        roots = [one.name for one in self._schema.elements.values() if not one.abstract]
        declared = self._schema.maps.elements.get(tag)
        if declared is None and self._clark_attribute(given, _TYPE) is not None and not self._own:
            raise NotKnownError("a root element that names its type")
        if declared is None:
            frame = _Frame(None, tag, 1, 0, self._parser.CurrentByteIndex, None)
            self._note(frame, words.no_root(tag, roots))
            self._passed = 1
            return
        self._open(_Frame(None, tag, 1, 0, self._parser.CurrentByteIndex, self._plans.of(declared)), given)

    @staticmethod
    def _clark_attribute(given: dict[str, str], name: str) -> str | None:
        return given.get(name[1:])

    def _open(self, frame: _Frame, given: dict[str, str]) -> None:
        """Take an element in and judge its attributes."""
        self._frame = frame
        plan = frame.plan
        assert plan is not None
        if not given and not plan.required:
            return
        attributes = {self._clark(name): value for name, value in given.items()}
        if _TYPE in attributes:
            if not self._own:
                raise NotKnownError("a type named in the document")
            del attributes[_TYPE]
            self._note(frame, words.no_other_type(frame.tag))
        for said in self._values.attributes(plan.attributes, frame.tag, attributes):
            self._note(frame, said)
        nil = attributes.get(f"{_XSI}nil")
        if nil is not None:
            self._nil(frame, plan, nil.strip(_BLANK))

    def _nil(self, frame: _Frame, plan: Plan, nil: str) -> None:
        reason = None
        if not plan.element.nillable:
            reason = "element is not nillable"
        elif nil not in ("0", "1", "false", "true"):
            reason = "xsi:nil attribute must have a boolean value"
        elif nil in ("1", "true") and plan.element.fixed is not None:
            reason = "xsi:nil='true' but the element has a fixed value"
        elif nil in ("1", "true"):
            frame.nil = True
        said = words.nil_fault(frame.tag, reason) if reason is not None else None
        if said is not None:
            self._note(frame, said)

    def _stranger(self, parent: _Frame, model: Model, tag: str, nth: int) -> None:
        parent.strangers += 1
        if not self.notes.wants(self._number):
            self.notes.count()
            return
        assert parent.state is not None
        said = words.stranger(tag, parent.tag, parent.state.expected, list(model.names))
        event = _Event(self._number, self._parser.CurrentByteIndex, tag, nth, (), 0)
        self._note_child(parent, event, said)

    def _event(self, parent: _Frame, tag: str, nth: int, skipped: Skipped, twice: bool = False) -> None:
        if parent.events is None:
            parent.events = []
        if len(parent.events) < self._most and self.notes.wants(self._number):
            offset = self._parser.CurrentByteIndex
            parent.events.append(_Event(self._number, offset, tag, nth, skipped, parent.strangers, twice, parent.last))
        else:
            if parent.more is None:
                parent.more = Counter()
            parent.more[skipped] += 1

    def _late(self, parent: _Frame, tag: str, nth: int, declared: Any) -> None:
        """Take down a child that cannot stand any more."""
        if parent.late is None:
            parent.late = set()
        parent.late.add(tag)
        if parent.skipped is not None and tag in parent.skipped:
            # Told already, at the child that stands before it and should follow it.
            if declared.max_occurs == 1:
                parent.skipped.discard(tag)
            return
        self._event(parent, tag, nth, (), declared.max_occurs is not None and nth > declared.max_occurs)

    def _skip(self, parent: _Frame, tag: str, nth: int, skipped: Skipped) -> None:
        """Take down a child before which something that is required has not come."""
        if parent.skipped is None:
            parent.skipped = set()
        parent.skipped.update(name for one in skipped for name in one)
        self._event(parent, tag, nth, skipped)

    def _text(self, text: str) -> None:
        frame = self._frame
        if self._passed or frame is None or frame.plan is None:
            return
        if frame.plan.model is not None and not frame.nil and (frame.plan.mixed or not text.strip(_BLANK)):
            return
        if frame.text is None:
            frame.text = []
        if frame.plan.model is None or len(frame.text) < 1:
            frame.text.append(text)

    def _end(self, _name: str) -> None:
        if self._passed:
            self._passed -= 1
            return
        frame = self._frame
        assert frame is not None
        assert frame.plan is not None
        plan = frame.plan
        self._frame = frame.parent
        if frame.nil:
            if frame.text is None and frame.counts is None:
                return
            said = words.nil_fault(frame.tag, "xsi:nil='true' but the element is not empty")
            if said is not None:
                self._note(frame, said)
        if plan.model is None:
            if frame.counts is None:
                self._value(frame, plan, "".join(frame.text) if frame.text else "")
            return
        if frame.text is not None and not plan.mixed and "".join(frame.text).strip(_BLANK):
            self._note(frame, words.no_text(frame.tag, "".join(frame.text).strip(_BLANK), not plan.model.names))
        assert frame.state is not None
        if frame.events is not None:
            self._content(frame, frame.events)
        if frame.state.missing:
            for one in frame.state.missing[frame.strangers :]:
                self._note(frame, words.incomplete(frame.tag, one))

    def _value(self, frame: _Frame, plan: Plan, text: str) -> None:
        element = plan.element
        if element.fixed is not None:
            if not text or text == element.fixed or self._values.equal(plan.simple, text, element.fixed):
                return
            self._note(frame, words.fixed_value(frame.tag, element.fixed, text), of_value=True)
            return
        if not text and element.default is not None:
            return
        if plan.quick is not None:
            if plan.quick(text):
                return
            if not self.notes.wants(frame.number):
                self.notes.count()
                return
        fault = self._values.fault(plan.simple, text)
        if fault is None:
            return
        if not self.notes.wants(frame.number):
            self.notes.count()
            return
        self._note(frame, self._values.said(fault, local(frame.tag), text), of_value=True)

    def _content(self, frame: _Frame, events: list[_Event]) -> None:
        """Say what the children that were not taken at once mean, now that all are known."""
        late = frame.late or set()
        for event in events:
            if not event.skipped:
                said = words.too_late(event.tag, frame.tag, event.twice, event.before)
                self._note_child(frame, event, said)
                continue
            found = [one for one in event.skipped if late.intersection(one)]
            missing = [one for one in event.skipped if not late.intersection(one)][event.strangers :]
            if found:
                self._note_child(frame, event, words.misplaced(event.tag, frame.tag, found[0]))
            for one in missing:
                self._note_child(frame, event, words.missing_before(event.tag, frame.tag, one))
        for skipped, times in (frame.more or {}).items():
            found = [one for one in skipped if late.intersection(one)]
            self.notes.count(times * (bool(found) + len(skipped) - len(found) if skipped else 1))


__all__ = ["Walk"]
