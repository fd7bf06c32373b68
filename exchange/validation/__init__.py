"""Validation in gates: bytes, well-formedness, schema, code lists, rules.

:func:`validate` gives a verdict with findings on any bytes; :func:`parse_message` gives the message or
raises.
"""

from exchange.validation.findings import CODES, GATES, Finding, Gate, Limits, Severity, Verdict
from exchange.validation.gates import LIMITS, PeekedHeader, parse_message, peek_header, validate
from exchange.validation.grading import GRADES, RuleConfig, RuleConfigError, load_rule_config, rule_config
from exchange.validation.rules import REGISTRY, Rule

__all__ = [
    "CODES",
    "GATES",
    "GRADES",
    "LIMITS",
    "REGISTRY",
    "Finding",
    "Gate",
    "Limits",
    "PeekedHeader",
    "Rule",
    "RuleConfig",
    "RuleConfigError",
    "Severity",
    "Verdict",
    "load_rule_config",
    "parse_message",
    "peek_header",
    "rule_config",
    "validate",
]
