"""A pack that is ready: the verdict on a document by its schemas, code lists and Schematron rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from exchange.sentences import tell
from exchange.validation.document import element_places
from exchange.validation.engines import Engine, Grammar, parse
from exchange.validation.explain import placed
from exchange.validation.explain_places import Mark, marked
from exchange.validation.findings import Finding, Limits, Severity, Verdict
from exchange.validation.schema_gate import schema_gate
from exchange.validation.wellformed import before_schema, syntax_fault
from exchange.validation.wording import in_namespace, local, names, shown

if TYPE_CHECKING:
    from exchange.validation.packs.schematron import Rules

LIMITS = Limits(depth=256)
_SHORT = 12
"""A code list of at most so many codes is told whole."""


@dataclass(frozen=True, slots=True)
class GovernedValues:
    """A code list at work: the places it governs, its codes with their meaning (or nothing)."""

    name: str
    places: tuple[etree.XPath, ...]
    codes: Mapping[str, str]
    severity: Severity

    def expected(self) -> str:
        """Return in words what is allowed."""
        if len(self.codes) > _SHORT:
            return f"a code of the list {self.name}"
        said = (f"{code} ({meaning})" if meaning else code for code, meaning in self.codes.items())
        return "one of " + ", ".join(said)


@dataclass(frozen=True, kw_only=True)
class Pack:
    """A message set of somebody else. ``roots``: its schemas by root element (Clark name); ``notes``: what was found
    when it was loaded, in sentences."""

    name: str
    version: str | None
    source: Path
    roots: Mapping[str, Grammar]
    code_lists: tuple[GovernedValues, ...] = ()
    schematron: tuple[Rules, ...] = ()
    notes: tuple[str, ...] = ()

    def validate(self, data: bytes, *, rules: bool = True, engine: Engine = "lxml", limits: Limits = LIMITS) -> Verdict:
        """Return the verdict on ``data``; it never raises on account of what the bytes hold.

        ``rules=False`` leaves Schematron out. ``Verdict.code`` is the local name of the root, ``message`` is None.
        """
        prolog = before_schema(data, limits)
        if isinstance(prolog, Finding):
            return self._verdict(None, [prolog], 1, limits)
        grammar = self._candidate(prolog.root)
        if grammar is None:
            fault = syntax_fault(data, limits)
            if fault is not None:
                return self._verdict(prolog.root, [fault], 1, limits)
            tag = parse(data, None).tag
            grammar = self.roots.get(tag)
            if grammar is None:
                return self._verdict(prolog.root, [self._unknown(data, tag)], 1, limits)
        root, findings, total = schema_gate(data, grammar, limits, engine)
        if root is not None:
            findings = self._judged(data, root, rules, limits)
            total = len(findings)
        return self._verdict(prolog.root, findings, total, limits)

    def _candidate(self, name: str | None) -> Grammar | None:
        """Return the grammar where the root's local name leaves no choice."""
        found = {grammar for tag, grammar in self.roots.items() if local(tag) == name}
        if not found and len(set(self.roots.values())) == 1:
            found = set(self.roots.values())
        return next(iter(found)) if len(found) == 1 else None

    def _verdict(self, code: str | None, findings: list[Finding], total: int, limits: Limits) -> Verdict:
        valid = not any(finding.severity == "error" for finding in findings)
        shown_findings = tuple(findings[: limits.findings])
        return Verdict(valid=valid, code=code, version=self.version, message=None, findings=shown_findings, total=total)

    def _unknown(self, data: bytes, tag: str) -> Finding:
        known = sorted(self.roots)
        twins = [one for one in known if local(one) == local(tag)]
        listed: list[str] = [tell("{name} in {space}", name=local(one), space=in_namespace(one)) for one in twins] or [
            local(one) for one in known
        ]
        expected = names(listed)
        line, column = element_places(data, {0}).get(0, (1, 1))
        text = tell(
            "The root element {tag} in {space} is no message of {name}; expected {expected}.",
            tag=local(tag),
            space=in_namespace(tag),
            name=self.name,
            expected=expected,
        )
        return Finding(
            gate="schema",
            code="ROOT",
            line=line,
            column=column,
            xpath=f"/{local(tag)}",
            value=shown(tag),
            expected=expected,
            text=text,
        )

    def _judged(self, data: bytes, root: etree._Element, rules: bool, limits: Limits) -> list[Finding]:
        """Return what code lists and rules have against a document that its schema accepts."""
        found: list[tuple[etree._Element, str | None, Finding]] = []
        for governed in self.code_lists:
            found += _unlisted(root, governed)
        for one in self.schematron if rules else ():
            for failed in one.failed(root.getroottree()):
                told = Finding(
                    gate="rules",
                    severity=failed.severity,
                    code="14",
                    rule=failed.rule,
                    xpath=readable_path(failed.node),
                    expected=shown(failed.test) or None,
                    text=failed.text,
                )
                found.append((failed.node, None, told))
        if not found:
            return []
        numbers = {element: number for number, element in enumerate(root.iter("*"))}
        found.sort(key=lambda one: numbers[one[0]])
        findings = [finding for _, _, finding in found]
        shown_ones = found[: limits.findings]
        marks = [Mark(numbers[element], finding.value is not None, name) for element, name, finding in shown_ones]
        findings[: len(marks)] = map(placed, findings, marked(data, marks))
        return findings


def _unlisted(root: etree._Element, governed: GovernedValues) -> list[tuple[etree._Element, str | None, Finding]]:
    """Return what is on no list: its element, its attribute if it is one's value, and the finding."""
    found: list[tuple[etree._Element, str | None, Finding]] = []
    for place in governed.places:
        values: Any = place(root)
        for node in values if isinstance(values, list) else ():
            element, attribute = (node, None) if isinstance(node, etree._Element) else (node.getparent(), node.attrname)
            value = ((element.text or "") if attribute is None else str(node)).strip()
            if value in governed.codes:
                continue
            step = f"/@{local(attribute)}" if attribute else ""
            finding = Finding(
                gate="codelist",
                severity=governed.severity,
                code="12",
                xpath=readable_path(element) + step,
                value=shown(value),
                expected=shown(governed.expected()),
                text=tell("'{value}' is not in the code list {name}.", value=shown(value), name=governed.name),
            )
            found.append((element, attribute, finding))
    return found


def readable_path(element: etree._Element) -> str:
    """Return where ``element`` stands, in local names with positions among several of one name."""
    steps: list[str] = []
    node: etree._Element | None = element
    while node is not None:
        before = sum(1 for _ in node.itersiblings(node.tag, preceding=True))
        after = next(node.itersiblings(node.tag), None)
        steps.append(local(str(node.tag)) + (f"[{before + 1}]" if before or after is not None else ""))
        node = node.getparent()
    return "/" + "/".join(reversed(steps))


__all__ = ["LIMITS", "GovernedValues", "Pack", "readable_path"]
