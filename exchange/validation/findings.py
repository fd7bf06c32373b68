"""What a validation says: findings, the verdict they add up to, and the limits it works within."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from exchange.messages import Message

Gate = Literal["bytes", "wellformed", "schema", "codelist", "rules"]
Severity = Literal["error", "warning"]

GATES: tuple[Gate, ...] = ("bytes", "wellformed", "schema", "codelist", "rules")
"""The gates in the order a document passes them. A document that fails a gate is not shown to the next,
but for code lists and rules, which are both asked."""

CODES = {
    "READ": "the file cannot be read",
    "CRASH": "the check could not be finished",
    "SIZE": "the document is larger than the limit",
    "NUL": "a NUL byte",
    "ENCODING": "not UTF-8",
    "EMPTY": "no content",
    "DOCTYPE": "a document type declaration",
    "SYNTAX": "not well-formed XML",
    "DEPTH": "elements nested too deeply",
    "ELEMENTS": "too many elements",
    "ATTRIBUTES": "too many attributes of one element",
    "ROOT": "the root element is no message of the set",
    "VERSION": "a schema version that is not known",
    "ENGINES": "the two schema engines disagree",
    "100": "another fault against the schema",
    "101": "a required element is missing",
    "102": "a value outside an enumeration",
    "103": "a malformed date or time",
    "104": "not a number, or a number out of range",
    "105": "text too long or too short",
    "106": "a value that does not match its pattern",
    "107": "an element that is unknown, out of order or once too often",
    "108": "a required attribute is missing",
    "109": "an attribute that is unknown or has a wrong value",
    "12": "a value outside a code list",
    "13": "something required in this case is missing",
    "14": "a rule is broken",
    "15": "something that is not allowed in this case",
    "93": "an MRN that cannot be right",
}
"""Codes of findings. 12-15 and 93 are the NCTS functional error codes, 100-109 the eTIR validation errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a validation reads and says. ``size`` in bytes, ``seconds`` in seconds; the other figures are counts."""

    size: int = 64 * 1024 * 1024
    depth: int = 64
    elements: int = 1_000_000
    attributes: int = 1_000
    """Of one element."""
    findings: int = 1000
    seconds: float = 30.0
    """How long xmlschema may look at one document, where a schema needs it (XSD 1.1, wildcards, keys and the like)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, and where.

    ``line`` and ``column`` count from 1, in characters. They point to the start of a wrong value, to the attribute, or
    else to the start of the element (0 where the document as a whole is meant); ``expected`` says what would be right;
    ``text`` is a sentence for a person.
    """

    gate: Gate
    severity: Severity = "error"
    code: str
    rule: str | None = None
    line: int = 0
    column: int = 0
    xpath: str = ""
    value: str | None = None
    expected: str | None = None
    text: str

    def as_json(self) -> dict[str, Any]:
        """Return the finding as plain JSON, with the keys of ``corridor validate --json``."""
        return {
            "gate": self.gate,
            "severity": self.severity,
            "code": self.code,
            "rule": self.rule,
            "line": self.line,
            "column": self.column,
            "xpath": self.xpath,
            "value": self.value,
            "expected": self.expected,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The engine's verdict on one document.

    ``valid`` means no finding of severity error. ``code`` and ``version`` name the message as far as
    they could
    be read. ``message`` is there if the document passed the schema. ``total`` counts all findings;
    ``findings`` holds at most :attr:`Limits.findings` of them, in the order of the document.
    """

    valid: bool
    code: str | None
    version: str | None
    message: Message | None
    findings: tuple[Finding, ...]
    total: int


__all__ = ["CODES", "GATES", "Finding", "Gate", "Limits", "Severity", "Verdict"]
