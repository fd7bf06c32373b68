"""Validation in gates: bytes, well-formedness, schema, code lists, rules.

:func:`validate` gives a verdict with findings on any bytes; :func:`parse_message` gives the message or
raises.
"""

from exchange.validation.findings import CODES, GATES, Finding, Gate, Limits, Severity, Verdict
from exchange.validation.gates import LIMITS, PeekedHeader, parse_message, peek_header, validate
from exchange.validation.rules import REGISTRY, Rule

__all__ = [
    "CODES",
    "GATES",
    "LIMITS",
    "REGISTRY",
    "Finding",
    "Gate",
    "Limits",
    "PeekedHeader",
    "Rule",
    "Severity",
    "Verdict",
    "parse_message",
    "peek_header",
    "validate",
]
