"""Mutants of one of our own messages that pass the schema and break one code list or one rule.

Rules are many and more are added, so nobody tells this module how each is broken: it makes small changes, keeps what
exactly one finding is told of, and says which rules no change broke. The change is small (one value, an element or
two taken away, one added, repeated or swapped), so that the finding is about it and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from random import Random
from typing import Any, NamedTuple

from lxml import etree

import schemas
from exchange.generation.errors import CannotMake
from exchange.generation.mutants import Expected, Gate, Mutant, NotBroken, escaped, spliced
from exchange.generation.outline import Node, outline
from exchange.generation.patterns import texts
from exchange.generation.reading import child_declarations, simple_type
from exchange.generation.samples import compiled_schema, schema_of
from exchange.generation.schema_mutants import declared
from exchange.generation.values import Values, builtin_name, local, takes
from exchange.sentences import tell
from exchange.validation import REGISTRY, Finding
from exchange.validation.gates import content_findings

_MOST_TWINS = 3
"""Changes are tried on so many elements of one path, the first ones and the last."""
_MOST_CODES = 12
_SHORT_ENTRIES = 8
"""So many times a short entry is added to a list, each time with other values."""
_YEARS_AHEAD = tuple(timedelta(days=2_920 + step, hours=2 * step) for step in range(14))
"""By how much all times are moved: two weeks of days and hours, so that each day of the week and each part of the day
comes."""
_DAYS = (1, -1, 40, -40, 400, -400)


class Change(NamedTuple):
    """A small change: what was done in words, the path without positions, the document that came of it."""

    words: str
    at: str
    data: bytes


class _Message:
    """A message in its bytes, with what its schema says of each element."""

    def __init__(self, data: bytes, version: str) -> None:
        self.data = data
        self.root = outline(data)
        self.declared = declared(self.root, schema_of(version))
        self.luck = Random("rules")
        self.values = Values(self.luck)
        self.leaves: dict[str, dict[str, None]] = {}
        for node in self.root.walk():
            if not node.children and node in self.declared:
                kind = local(self.declared[node].type.name)
                self.leaves.setdefault(kind, {})[self.text(node)] = None

    def text(self, node: Node) -> str:
        return self.data[node.open_end : node.close].decode()

    def chosen(self) -> Iterator[Node]:
        """Yield the elements that changes are tried on."""
        by_shape: dict[str, list[Node]] = {}
        for node in self.root.walk():
            if node in self.declared and node.parent is not None:
                by_shape.setdefault(node.shape(), []).append(node)
        for twins in by_shape.values():
            yield from dict.fromkeys([*twins[: _MOST_TWINS - 1], twins[-1]])

    def changes(self) -> Iterator[Change]:
        """Yield all small changes that are tried."""
        for node in self.chosen():
            declaration = self.declared[node]
            simple = simple_type(declaration)
            if simple is not None and not node.children:
                yield from self._other_values(node, simple, local(declaration.type.name))
            yield from self._structure(node)
            if simple is None:
                yield from self._additions(node, declaration)
        yield from self._additions(self.root, self.declared[self.root])
        yield from self._two_gone()
        yield from self._twins_added()
        yield from self._times_moved()

    def _other_values(self, node: Node, simple: Any, kind: str) -> Iterator[Change]:
        value = self.text(node)
        for text in dict.fromkeys(self._alternatives(value, simple, kind)):
            if text != value and takes(simple, text):
                data = spliced(self.data, (node.open_end, node.close, escaped(text)))
                yield Change(tell("'{text}' instead of '{value}'", text=text, value=value), node.shape(), data)

    def _alternatives(self, value: str, simple: Any, kind: str) -> Iterator[str]:
        if simple.enumeration:
            yield from map(str, simple.enumeration)
            return
        yield from {"true": ("false",), "false": ("true",)}.get(value, ())
        name = builtin_name(simple)
        if name == "dateTime":
            for days in _DAYS:
                moment = datetime.fromisoformat(value) + timedelta(days=days)
                yield moment.isoformat()[:19] + "Z"
        elif name == "date":
            yield from ((date.fromisoformat(value) + timedelta(days=days)).isoformat() for days in _DAYS)
        elif name in ("integer", "decimal"):
            yield from _numbers(value)
        else:
            yield from self._other_texts(value, simple)
        known = [text for text in self.leaves.get(kind, {}) if text != value]
        yield from known[:6]

    def _other_texts(self, value: str, simple: Any) -> Iterator[str]:
        digit = next((place for place in range(len(value) - 1, -1, -1) if value[place].isdigit()), None)
        if digit is not None:
            yield f"{value[:digit]}{(int(value[digit]) + 1) % 10}{value[digit + 1 :]}"
        for start in ("XX", "QZ", "77", "99", "00", "ZZ"):
            yield start + value[2:]
        yield from ("QZZ", "XXX", "Q9", value + "0", value + "00", value[:-1], value[:4], value[:2] + "99" + value[4:])
        yield from (value[:3] + "31" + value[5:], value[:5] + "99" + value[7:])
        for name in schemas.code_lists():
            if value in schemas.codes(name):
                codes = sorted(schemas.codes(name))
                yield from codes if len(codes) <= _MOST_CODES else self.luck.sample(codes, _MOST_CODES)
        for regexp in getattr(simple.patterns, "regexps", None) or ():
            try:
                yield from (text for text, _ in zip(texts(regexp, self.luck), range(8), strict=False))
            except CannotMake:
                return

    def _gap(self, node: Node) -> int:
        """Return where the blanks before ``node`` begin."""
        start = node.start
        while start and self.data[start - 1 : start].isspace():
            start -= 1
        return start

    def _structure(self, node: Node) -> Iterator[Change]:
        """Take an element away, repeat it, and let it change places with its next twin."""
        gap = self._gap(node)
        yield Change(tell("{name} taken away", name=node.name), node.shape(), spliced(self.data, (gap, node.end, b"")))
        copy = self.data[gap : node.end]
        yield Change(
            tell("{name} repeated", name=node.name), node.shape(), spliced(self.data, (node.end, node.end, copy))
        )
        assert node.parent is not None
        row = node.parent.children
        place = row.index(node)
        if place + 1 < len(row) and row[place + 1].tag == node.tag:
            twin = row[place + 1]
            one, other = self.data[node.start : node.end], self.data[twin.start : twin.end]
            data = spliced(self.data, (node.start, node.end, other), (twin.start, twin.end, one))
            yield Change(tell("{name} swapped with the next", name=node.name), node.shape(), data)
        if sum(1 for one in row if one.tag == node.tag) > 1:
            twins = [one for one in row if one.tag == node.tag]
            changes = [(self._gap(one), one.end, b"") for one in twins]
            yield Change(tell("every {name} taken away", name=node.name), node.shape(), spliced(self.data, *changes))

    def _two_gone(self) -> Iterator[Change]:
        """Take two neighbours away at once."""
        for node in self.chosen():
            assert node.parent is not None
            row = node.parent.children
            place = row.index(node)
            if place + 1 < len(row):
                behind = row[place + 1]
                data = spliced(self.data, (self._gap(node), behind.end, b""))
                yield Change(
                    tell("{name} and {other} taken away", name=node.name, other=behind.name), node.shape(), data
                )

    def _twins_added(self) -> Iterator[Change]:
        """Add one more entry to a list, with little in it."""
        done: set[str] = set()
        for node in self.root.walk():
            declaration = self.declared.get(node)
            if declaration is None or node.parent is None or declaration.max_occurs == 1 or node.shape() in done:
                continue
            done.add(node.shape())
            twins = [one for one in node.parent.children if one.tag == node.tag]
            last = twins[-1]
            indent = self.data[self._gap(last) : last.start]
            for _ in range(_SHORT_ENTRIES):
                try:
                    new = self._written(declaration, indent, number=len(twins) + 1)
                except CannotMake:
                    break
                data = spliced(self.data, (last.end, last.end, indent + new))
                yield Change(tell("{name} added", name=node.name), node.shape(), data)

    def _times_moved(self) -> Iterator[Change]:
        """Move all times and dates of the message by the same time, years ahead."""
        for step in _YEARS_AHEAD:
            changes = []
            for node, declaration in self.declared.items():
                simple = simple_type(declaration)
                name = builtin_name(simple) if simple is not None else ""
                if name == "dateTime":
                    moment = datetime.fromisoformat(self.text(node)) + step
                    changes.append((node.open_end, node.close, (moment.isoformat()[:19] + "Z").encode()))
                elif name == "date":
                    day = date.fromisoformat(self.text(node)) + step
                    changes.append((node.open_end, node.close, day.isoformat().encode()))
            yield Change(tell("all times moved by {step}", step=step), self.root.shape(), spliced(self.data, *changes))

    def _additions(self, node: Node, declaration: Any) -> Iterator[Change]:
        """Add what is optional and absent, with little in it."""
        declarations = child_declarations(declaration)
        order = [one.name for one in declarations]
        present = [child.tag for child in node.children]
        if not present or not set(present) <= set(order):
            return
        for child in declarations:
            if child.name in present or child.abstract:
                continue
            behind = [one for one in node.children if order.index(one.tag) < order.index(child.name)]
            place = behind[-1].end if behind else node.open_end
            first = node.children[0]
            indent = self.data[self._gap(first) : first.start]
            for _ in range(3):
                try:
                    new = self._written(child, indent)
                except CannotMake:
                    break
                yield Change(
                    tell("{name} added", name=child.local_name),
                    node.shape(),
                    spliced(self.data, (place, place, indent + new)),
                )

    def _written(self, declaration: Any, indent: bytes, number: int = 1) -> bytes:
        """Return a new element with what is required in it; ``number`` is its place in its list."""
        name = declaration.local_name
        simple = simple_type(declaration)
        if simple is not None:
            known = list(self.leaves.get(local(declaration.type.name), {}))
            pool = [*self.luck.sample(known, min(2, len(known))), self.values.make(simple), "0"]
            text = str(number) if name == "SequenceNumber" else self.luck.choice([o for o in pool if takes(simple, o)])
            return f"<{name}>".encode() + escaped(text) + f"</{name}>".encode()
        inner = b"".join(
            indent + b"  " + self._written(child, indent + b"  ", number if child.local_name == "SequenceNumber" else 1)
            for child in child_declarations(declaration)
            if child.min_occurs
        )
        return f"<{name}>".encode() + inner + indent + f"</{name}>".encode()


def _numbers(value: str) -> Iterator[str]:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return
    for other in (number + 1, number - 1, Decimal(0), Decimal(1), number * 2, number * 100, number // 2, number + 7):
        yield format(other, "f")


def _mutant(change: Change, finding: Finding) -> Mutant:
    gate: Gate = "codelist" if finding.gate == "codelist" else "rules"
    expected = Expected(
        gate=gate,
        severity=finding.severity,
        code=finding.code,
        rule=finding.rule,
        line=finding.line,
        column=finding.column,
        xpath=finding.xpath,
    )
    return Mutant(
        breaks=finding.rule or "codelist", at=change.at, change=change.words, data=change.data, expected=expected
    )


def _shape(xpath: str) -> str:
    return "".join(part.partition("[")[0] + "/" for part in xpath.split("/"))


def rule_mutants(data: bytes, code: str, version: str) -> Iterator[Mutant | NotBroken]:
    """Yield mutants of the valid message ``data`` of ``code``: one for each code list and rule and each path of names
    that the finding may stand at; and the rules for such messages that were not broken."""
    seen: set[tuple[str, ...]] = set()
    compiled = compiled_schema(version)
    for change in _Message(data, version).changes():
        root = etree.fromstring(change.data)
        found = content_findings(change.data, root) if compiled.validate(root) else []
        if len(found) != 1 or found[0].gate == "schema":
            continue
        finding = found[0]
        key = (finding.rule or "", finding.gate, finding.severity, finding.code, _shape(finding.xpath))
        if key not in seen:
            seen.add(key)
            yield _mutant(change, finding)
    broken = {rule for rule, *_ in seen}
    for key_of_rule in sorted(REGISTRY):
        rule = REGISTRY[key_of_rule]
        if code not in rule.messages or rule.id in broken:
            continue
        why = (
            "the schema does not let a message break it; see its mutants of patterns and lengths"
            if rule.check is None
            else "no small change of this message breaks it alone: the message holds nothing that the rule speaks of"
        )
        yield NotBroken(breaks=key_of_rule, at=f"/{outline(data).name}", reason=why)


__all__ = ["rule_mutants"]
