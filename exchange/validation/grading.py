"""Re-grading of rules without code: which rule is an error, which a warning, which is off.

A configuration is a YAML file or a mapping with the keys ``rules`` (rule id → grade) and ``codelists`` (name of
a code list → grade)::

    rules:
      PIX-015: off          # all parts of the rule
      PIX-024a: error       # this part only
    codelists:
      package_kinds: warning

Grades are ``error``, ``warning`` and ``off``. Rules that the schema keeps, and rules that nodes keep, cannot be
re-graded here; the error says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import schemas
from exchange.errors import CorridorError
from exchange.validation.findings import Severity
from exchange.validation.rules import REGISTRY, Check, Rule, rules_for

Grade = Literal["error", "warning", "off"]
GRADES: tuple[Grade, ...] = ("error", "warning", "off")
Graded = tuple[tuple[Rule, Check, Severity], ...]


class RuleConfigError(CorridorError):
    """A configuration of rules is not what it should be; the sentence names the key and what may stand there."""


@dataclass(frozen=True, slots=True)
class RuleConfig:
    """Grades that differ from a rule's own. ``rules`` by id (``PIX-024``) or part (``PIX-024a``), which goes
    before the id; ``codelists`` by name of the list. What is not named keeps its own grade."""

    rules: Mapping[str, Grade] = field(default_factory=dict)
    codelists: Mapping[str, Grade] = field(default_factory=dict)
    _chosen: dict[str, Graded] = field(default_factory=dict, repr=False, compare=False)

    def grade(self, key: str) -> Grade:
        """Return the grade of the rule registered under ``key``."""
        rule = REGISTRY[key]
        return self.rules.get(key) or self.rules.get(rule.id) or rule.severity

    def list_grade(self, name: str) -> Grade:
        """Return the grade of values outside the code list ``name``."""
        return self.codelists.get(name, "error")

    def rules_for(self, code: str) -> Graded:
        """Return the rules with a check for messages of ``code`` that are not off, each with its grade."""
        found = self._chosen.get(code)
        if found is None:
            graded = ((rule, check, self.grade(rule.key)) for rule, check in rules_for(code))
            found = tuple((rule, check, grade) for rule, check, grade in graded if grade != "off")
            self._chosen[code] = found
        return found


OWN_GRADES = RuleConfig()
"""Every rule as it is graded in its registry."""


def _part(given: Any, name: str, where: str) -> Mapping[str, Any]:
    part = given.get(name)
    if part is None:
        return {}
    if not isinstance(part, Mapping):
        raise RuleConfigError(f"{where}: '{name}' takes a mapping of names to {_grades()}, not {part!r}")
    return part


def _grades() -> str:
    return ", ".join(GRADES)


def _grade(value: Any, key: str, where: str) -> Grade:
    for grade in GRADES:
        if value == grade or (grade == "off" and value is False):
            return grade
    raise RuleConfigError(f"{where}: {key} is graded {value!r}; the grades are {_grades()}")


def rule_config(given: Mapping[str, Any], where: str = "rule configuration") -> RuleConfig:
    """Return the configuration that ``given`` describes; ``where`` names its source in errors.

    Raise :class:`RuleConfigError` for a key, rule, list or grade that does not exist.
    """
    for key in given:
        if key not in ("rules", "codelists"):
            raise RuleConfigError(f"{where}: there is no key {key!r}; the keys are rules and codelists")
    rules: dict[str, Grade] = {}
    known = {rule.id for rule in REGISTRY.values()} | set(REGISTRY)
    for key, value in _part(given, "rules", where).items():
        if key not in known:
            raise RuleConfigError(
                f"{where}: there is no rule {key!r} to grade in a message; 'docs/rules.md' lists those there are"
            )
        if not any(rule.check is not None for rule in REGISTRY.values() if key in (rule.id, rule.key)):
            raise RuleConfigError(f"{where}: {key} is kept by the schema and cannot be graded; take it out")
        rules[key] = _grade(value, key, where)
    lists: dict[str, Grade] = {}
    for key, value in _part(given, "codelists", where).items():
        if key not in schemas.code_lists():
            names = ", ".join(schemas.code_lists())
            raise RuleConfigError(f"{where}: there is no code list {key!r}; there is {names}")
        lists[key] = _grade(value, key, where)
    return RuleConfig(rules, lists)


def load_rule_config(path: Path) -> RuleConfig:
    """Return the configuration in the YAML 1.2 file ``path``; raise :class:`RuleConfigError` if it is none."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        given = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RuleConfigError(f"{path} cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark is not None else ""
        raise RuleConfigError(f"{path} is not YAML in UTF-8{line}: {str(error).splitlines()[0]}") from error
    if given is None:
        return OWN_GRADES
    if not isinstance(given, Mapping):
        raise RuleConfigError(f"{path} takes a mapping with the keys rules and codelists")
    return rule_config(given, str(path))


__all__ = [
    "GRADES",
    "OWN_GRADES",
    "Grade",
    "RuleConfig",
    "RuleConfigError",
    "load_rule_config",
    "rule_config",
]
