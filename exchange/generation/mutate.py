"""From a valid document to all its mutants, and whether they are refused as they must be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree

from exchange.generation.byte_mutants import byte_mutants
from exchange.generation.errors import CannotMake
from exchange.generation.mutants import Mutant, Mutation, NotBroken
from exchange.generation.rule_mutants import rule_mutants
from exchange.generation.samples import schema_of
from exchange.generation.schema_mutants import SchemaMutants
from exchange.validation import Finding, Verdict, validate


def _sorted(found: Iterable[Mutant | NotBroken]) -> Mutation:
    mutants: list[Mutant] = []
    left: list[NotBroken] = []
    for one in found:
        if isinstance(one, Mutant):
            mutants.append(one)
        else:
            left.append(one)
    return Mutation(mutants=tuple(mutants), not_broken=tuple(left))


def mutate_message(data: bytes, *, rules: bool = True) -> Mutation:
    """Return the mutants of ``data``, a message of our own set; ``rules=False`` leaves out code lists and rules.

    Raise :class:`CannotMake` if it is not valid: of a mutant of an invalid message nobody could say what it breaks.
    """
    verdict = validate(data)
    if not verdict.valid or verdict.code is None or verdict.version is None:
        first = next(finding for finding in verdict.findings if finding.severity == "error")
        raise CannotMake(f"the message is not valid itself, line {first.line}: {first.text} Mend that first")
    made = list(SchemaMutants(data, schema_of(verdict.version), version_attribute="schemaVersion").all())
    made += byte_mutants(data)
    if rules:
        made += rule_mutants(data, verdict.code, verdict.version)
    return _sorted(made)


def mutate_document(data: bytes, schema: Any) -> Mutation:
    """Return the mutants of ``data`` by ``schema`` (xmlschema's) alone.

    Raise :class:`CannotMake` if ``data`` is not well-formed, not valid, or not written in UTF-8.
    """
    try:
        data.decode("utf-8")
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except (UnicodeDecodeError, etree.XMLSyntaxError) as error:
        raise CannotMake(f"the document is no XML in UTF-8: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise CannotMake("the document has a DOCTYPE; take it out, mutants are made of documents without entities")
    fault = next(schema.iter_errors(root), None)
    if fault is not None:
        reason = " ".join(str(fault.reason).split())
        raise CannotMake(f"the document is not valid itself, at {fault.path or '/'}: {reason}; mend that first")
    return _sorted([*SchemaMutants(data, schema).all(), *byte_mutants(data)])


def told(mutant: Mutant, findings: Iterable[Finding]) -> bool:
    """Return whether ``findings`` hold the one that is expected of ``mutant``: gate, severity, code, rule, place.

    What xsi:type and xsi:nil do wrong may be told of the element or of the attribute.
    """
    wanted = {name: value for name, value in mutant.expected.as_json().items() if name == "rule" or value is not None}
    if not mutant.breaks.startswith("xsi:"):
        return any(wanted.items() <= finding.as_json().items() for finding in findings)
    due = mutant.expected
    return any(
        (one.gate, one.line, one.xpath.partition("/@")[0]) == (due.gate, due.line, due.xpath)
        and one.code in ("100", due.code)
        for one in findings
    )


def killed(mutant: Mutant, verdict: Verdict | None = None) -> bool:
    """Return whether the gates refuse a mutant of our own set and tell what is expected; a rule that only warns need
    not refuse it. ``verdict``: what the gates said, if they were asked already."""
    verdict = verdict or validate(mutant.data)
    return told(mutant, verdict.findings) and verdict.valid == (mutant.expected.severity != "error")


_CONTENT = ("101", "107")


def refused(mutant: Mutant, verdict: Verdict) -> bool:
    """Return whether the gates refuse a mutant of any document at the line and XPath, and with the code, that is due.

    Whether content misses an element (101) or has one out of place (107) is one thing seen from two sides wherever
    choices and groups leave several ways on: either will do.
    """
    if mutant.breaks.startswith("xsi:"):
        return killed(mutant, verdict)
    due = mutant.expected
    codes = _CONTENT if due.code in _CONTENT else (due.code,)
    return verdict.valid == (due.severity != "error") and any(
        (one.gate, one.severity, one.line, one.xpath) == (due.gate, due.severity, due.line, due.xpath)
        and one.code in codes
        for one in verdict.findings
    )


__all__ = ["killed", "mutate_document", "mutate_message", "refused", "told"]
