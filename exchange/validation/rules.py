"""The rules within one message: small functions over the decoded model, in a registry.

A rule yields a :class:`Break` for each thing it finds, with the path of model fields to it; the place in
the document is looked up only then. "Now" is the message's own ``sentAt``. Rules that compare messages, or
need what a node remembers, stand with the nodes. Ids and origins are those of the catalogue of business
rules in ``docs``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from exchange.messages import Message
from exchange.validation.findings import Severity

Path = tuple[str | int, ...]


class Break(NamedTuple):
    """One breach of a rule: where (fields and indices from the message down), what stands there, what would be
    right."""

    path: Path
    value: str | None
    expected: str
    text: str


Check = Callable[[Any], Iterator[Break]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of the catalogue. ``messages``: the codes it is for.

    ``key`` is the id and, where a rule has parts for different messages or of different grades, a letter.
    ``level``: S, within one message, or A, against reference data. A rule without ``check`` is kept by the
    schema, which does not let a document break it.
    """

    key: str
    id: str
    level: str
    severity: Severity
    code: str
    messages: frozenset[str]
    requirement: str
    origin: str
    check: Check | None


REGISTRY: dict[str, Rule] = {}
"""All rules, by id and, where a rule has parts for different messages, a letter behind it."""

_BY_MESSAGE: dict[str, tuple[tuple[Rule, Check], ...]] = {}


def register(
    key: str,
    messages: str,
    requirement: str,
    origin: str,
    *,
    code: str = "14",
    severity: Severity = "error",
    level: str = "S",
) -> Callable[[Check], Check]:
    """Return the decorator that enters a check for ``messages`` (codes with blanks between) under ``key``."""

    def enter(check: Check) -> Check:
        _enter(key, messages, requirement, origin, code, severity, check, level)
        return check

    return enter


def kept_by_schema(key: str, messages: str, requirement: str, origin: str) -> None:
    """Enter a rule that the schema keeps."""
    _enter(key, messages, requirement, origin, "106", "error", None, "S")


def _enter(
    key: str,
    messages: str,
    requirement: str,
    origin: str,
    code: str,
    severity: Severity,
    check: Check | None,
    level: str,
) -> None:
    if key in REGISTRY:
        raise ValueError(f"rule {key} is entered twice")
    rule = Rule(
        key=key,
        id=key[:7],
        level=level,
        severity=severity,
        code=code,
        messages=frozenset(messages.split()),
        requirement=requirement,
        origin=origin,
        check=check,
    )
    REGISTRY[key] = rule
    _BY_MESSAGE.clear()


def rules_for(code: str) -> tuple[tuple[Rule, Check], ...]:
    """Return the rules with a check for messages of ``code``, in the order of their ids."""
    found = _BY_MESSAGE.get(code)
    if found is None:
        ordered = (REGISTRY[key] for key in sorted(REGISTRY))
        found = tuple((rule, rule.check) for rule in ordered if rule.check is not None and code in rule.messages)
        _BY_MESSAGE[code] = found
    return found


def breaks(message: Message) -> list[tuple[Rule, Break]]:
    """Return what in ``message`` breaks a rule."""
    return [(rule, broken) for rule, check in rules_for(message.CODE) for broken in check(message)]


__all__ = ["REGISTRY", "Break", "Check", "Path", "Rule", "breaks", "kept_by_schema", "register", "rules_for"]
