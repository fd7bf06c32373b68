"""From an invalid document to findings: all that is wrong, each with its place and what would be right.

The schema's components are xmlschema's, because libxml2 stops at the first fault of content in a parent and says
nothing of where it stands. A quick walk finds the faults; where a schema uses what the walk does not know, xmlschema
itself goes over the document, within a limit of time.
"""

from __future__ import annotations

from dataclasses import replace

from exchange.validation.engines import Grammar
from exchange.validation.explain_content import NotKnownError
from exchange.validation.explain_tree import explain_tree
from exchange.validation.explain_walk import Walk
from exchange.validation.findings import Finding, Limits
from exchange.validation.wording_names import local


def explain(data: bytes, grammar: Grammar, limits: Limits) -> tuple[list[Finding], int]:
    """Return the findings of the schema gate for a well-formed document, and their total number.

    Of several faults of one value only the first is told. Findings stand in the order of the document.
    """
    walk = Walk(grammar, limits.findings)
    try:
        walk.read(data)
    except NotKnownError:
        return explain_tree(data, grammar, limits)
    return walk.notes.findings(data), walk.notes.total


def placed(finding: Finding, where: tuple[int, int]) -> Finding:
    """Return ``finding`` with line and column."""
    return replace(finding, line=where[0], column=where[1])


__all__ = ["explain", "local", "placed"]
