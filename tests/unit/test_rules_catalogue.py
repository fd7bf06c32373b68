"""The catalogue of rules, the validator, the nodes and the documentation say the same."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from exchange.validation import REGISTRY
from exchange.validation.catalogue import CatalogueRule, catalogue
from nodes.rules import NODE_RULES

DOCS = Path(__file__).parents[2] / "docs"
IDS = [rule.id for rule in catalogue()]


def test_the_catalogue_is_whole() -> None:
    assert [f"PIX-{number:03d}" for number in range(1, 51)] == IDS
    assert {rule.id for rule in REGISTRY.values()} <= set(IDS)
    assert all(rule.requirement and rule.origin and rule.level in ("S", "X", "A") for rule in catalogue())


@pytest.mark.parametrize("rule", catalogue(), ids=IDS)
def test_a_rule_is_applied_or_says_what_is_not_yet(rule: CatalogueRule) -> None:
    assert rule.applied or rule.open
    if rule.level == "S":
        assert rule.in_a_message, f"{rule.id} is a rule on one message, and nothing checks it in one"


@pytest.mark.parametrize("rule", catalogue(), ids=IDS)
def test_nodes_apply_what_the_catalogue_says_and_where(rule: CatalogueRule) -> None:
    applied = NODE_RULES.get(rule.id)
    assert (applied.names if applied else ()) == rule.nodes
    for name in rule.nodes:
        module, attributes = _located(name)
        for attribute in attributes:
            module = getattr(module, attribute)
        assert callable(module)


def _located(name: str) -> tuple[object, list[str]]:
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            return importlib.import_module(".".join(parts[:cut])), parts[cut:]
        except ModuleNotFoundError:
            continue
    raise AssertionError(f"{name} is in no module")


def test_every_rule_that_a_node_names_in_a_rejection_is_in_its_registry() -> None:
    folder = Path(importlib.import_module("nodes").__file__ or "").parent
    named = {
        (path.stem, rule)
        for path in folder.glob("*.py")
        if path.stem not in ("rules", "reasons")  # what a reason rests on is no rejection
        for rule in re.findall(r'"(PIX-\d{3})"', path.read_text(encoding="utf-8"))
    }
    assert named
    for module, rule in named:
        assert any(name.startswith(f"nodes.{module}.") for name in NODE_RULES[rule].names), (module, rule)


def test_the_documentation_lists_every_rule_with_where_it_is_applied() -> None:
    text = (DOCS / "rules.md").read_text(encoding="utf-8")
    table = text[text.index("## The catalogue") : text.index("## What is checked in a message")]
    rows = {row.split(" | ")[0].strip("| "): row for row in table.splitlines() if row.startswith("| PIX-")}
    assert list(rows) == IDS
    for rule in catalogue():
        assert f"| {rule.level}, " in rows[rule.id]
        for name in rule.nodes:
            assert f"`{name}`" in rows[rule.id]
        assert ("not applied" in rows[rule.id]) == (not rule.applied)
