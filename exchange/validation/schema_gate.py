"""The gate of the schema: the tree of a valid document, or all that is wrong with an invalid one."""

from __future__ import annotations

import re
from typing import NamedTuple

from lxml import etree

from exchange.sentences import tell
from exchange.validation.engines import Engine, Grammar, accepted, parse
from exchange.validation.explain import explain
from exchange.validation.explain_tree import explain_tree
from exchange.validation.findings import Finding, Limits
from exchange.validation.wellformed import syntax_fault
from exchange.validation.wording_names import local

_ELEMENT = re.compile(r"Element '([^']*)'")
ENGINES: tuple[Engine, ...] = ("lxml", "xmlschema", "both")


class Passed(NamedTuple):
    """What the gate gave: the tree if the document may go on, else findings and their total number."""

    root: etree._Element | None
    findings: list[Finding]
    total: int


def _unexplained(error: etree.XMLSyntaxError) -> Finding:
    """Return the finding for what libxml2 refuses and xmlschema does not: the engines disagree."""
    named = _ELEMENT.match((error.msg or "").replace("{}", ""))
    what = tell("the element {name}", name=local(named[1])) if named else tell("something")
    text = tell(
        "Of two schema engines one refuses {what} in this line and the other accepts it; read the schema closely.",
        what=what,
    )
    expected = tell("the same verdict of both engines")
    return Finding(gate="schema", code="ENGINES", line=error.lineno or 1, column=1, expected=expected, text=text)


def _disagreement(refuses: str, accepts: str) -> Finding:
    text = tell(
        "The engines disagree: {accepts} accepts this document and {refuses} refuses it; read the schema closely.",
        accepts=accepts,
        refuses=refuses,
    )
    return Finding(
        gate="schema", code="ENGINES", line=1, column=1, expected=tell("the same verdict of both engines"), text=text
    )


def _by_lxml(data: bytes, grammar: Grammar, limits: Limits) -> Passed:
    quick = accepted(data, grammar)
    if quick is not None:
        return Passed(quick, [], 0)
    try:
        root = parse(data, grammar)
    except etree.XMLSyntaxError as error:
        fault = syntax_fault(data, limits)
        if fault is not None:
            return Passed(None, [fault], 1)
        for explaining in (explain, explain_tree):
            found, total = explaining(data, grammar, limits)
            if found:
                return Passed(None, found, total)
        return Passed(None, [_unexplained(error)], 1)
    if grammar.compiled is None:
        return _by_xmlschema(data, grammar, limits)
    return Passed(root, [], 0)


def _by_xmlschema(data: bytes, grammar: Grammar, limits: Limits) -> Passed:
    fault = syntax_fault(data, limits)
    if fault is not None:
        return Passed(None, [fault], 1)
    found, total = explain_tree(data, grammar, limits)
    return Passed(None if found else parse(data, None), found, total)


def schema_gate(data: bytes, grammar: Grammar, limits: Limits, engine: Engine = "lxml") -> Passed:
    """Pass ``data`` through well-formedness and the schema.

    ``engine``: ``lxml`` decides by libxml2 (by xmlschema where libxml2 has no such schema), ``xmlschema`` by
    xmlschema, ``both`` asks both and makes a disagreement a finding.
    """
    if engine == "xmlschema":
        return _by_xmlschema(data, grammar, limits)
    first = _by_lxml(data, grammar, limits)
    if engine == "lxml" or grammar.compiled is None or (first.findings and first.findings[0].gate != "schema"):
        return first
    second = _by_xmlschema(data, grammar, limits)
    if bool(first.findings) == bool(second.findings):
        return first
    refuses, accepts = ("libxml2", "xmlschema") if first.findings else ("xmlschema", "libxml2")
    refusal = first if first.findings else second
    return Passed(None, [_disagreement(refuses, accepts), *refusal.findings][: limits.findings], refusal.total + 1)


__all__ = ["ENGINES", "Passed", "schema_gate"]
