"""The rules within a message: each has a case that breaks it alone, at its place, and one that just keeps it."""

from __future__ import annotations

import re

import pytest

import schemas
from exchange.validation import CODES, REGISTRY, validate
from tests import condition_cases, rule_cases
from tests.rule_cases import Edit, sample, swap

BREAKING = [*rule_cases.BREAKING, *condition_cases.BREAKING]
KEEPING = [*rule_cases.KEEPING, *condition_cases.KEEPING]

CHECKED = sorted(key for key, rule in REGISTRY.items() if rule.check is not None)


@pytest.mark.parametrize("key", CHECKED)
def test_every_rule_has_a_case_that_breaks_it_and_one_that_keeps_it(key: str) -> None:
    for cases in ([(k, m) for k, m, _, _ in BREAKING], [(k, m) for k, m, _ in KEEPING]):
        assert any(k == key and message in REGISTRY[key].messages for k, message in cases), key


def test_cases_are_for_rules_that_exist() -> None:
    assert {key for key, *_ in BREAKING} | {key for key, *_ in KEEPING} == set(CHECKED)


@pytest.mark.parametrize(("key", "message", "edit", "xpath"), BREAKING, ids=[f"{k}-{m}-{x}" for k, m, _, x in BREAKING])
def test_a_broken_rule_is_found_alone_at_its_place(key: str, message: str, edit: Edit, xpath: str) -> None:
    data = edit(sample(message))
    verdict = validate(data)
    assert len(verdict.findings) == 1, verdict.findings
    (finding,) = verdict.findings
    rule = REGISTRY[key]
    assert (finding.gate, finding.rule, finding.code, finding.severity) == ("rules", rule.id, rule.code, rule.severity)
    assert verdict.message is not None
    assert [k for k in CHECKED if message in REGISTRY[k].messages and _breaks(k, verdict.message)] == [key]
    assert finding.xpath.endswith(xpath)
    assert verdict.valid == (finding.severity == "warning")
    lines = data.decode().split("\n")
    before, place = lines[finding.line - 1][: finding.column - 1], lines[finding.line - 1][finding.column - 1 :]
    name = xpath.rsplit("/", 1)[1].split("[")[0]
    if finding.value is None:
        assert place.startswith("<")
    elif place.startswith("<"):
        assert re.fullmatch(rf"<{name}( [^>]*)?>(<.*)?", place), "only what holds elements is told at its tag"
    else:
        assert before.endswith(f"<{name}>")
    assert finding.expected
    assert finding.text.endswith(".")
    assert validate(data, rules=False).findings == ()


def _breaks(key: str, message: object) -> bool:
    check = REGISTRY[key].check
    assert check is not None
    return any(True for _ in check(message))


@pytest.mark.parametrize(
    ("key", "message", "edit"), KEEPING, ids=[f"{k}-{m}-{i}" for i, (k, m, _) in enumerate(KEEPING)]
)
def test_a_kept_rule_is_silent(key: str, message: str, edit: Edit) -> None:
    verdict = validate(edit(sample(message)))
    assert verdict.message is not None
    assert verdict.findings == ()


@pytest.mark.parametrize(
    ("rule", "message", "edit"),
    [
        ("PIX-019", "AAR", swap("<ID>X8065", "<ID>x8065")),
        ("PIX-020", "WRO", swap("<UCR>", "<UCR>7CNA</UCR><UCR>")),
        ("PIX-047", "AAR", swap("</StatisticalValue>", "</StatisticalValue><UNNumber>1203</UNNumber>")),
    ],
)
def test_rules_kept_by_the_schema_are_kept_there(rule: str, message: str, edit: Edit) -> None:
    assert REGISTRY[rule].check is None
    assert message in REGISTRY[rule].messages
    assert {finding.gate for finding in validate(edit(sample(message))).findings} == {"schema"}


def test_rules_say_what_they_ask_and_where_it_comes_from() -> None:
    for key, rule in REGISTRY.items():
        assert re.fullmatch(r"PIX-[0-9]{3}", rule.id)
        assert key == rule.key
        assert re.fullmatch(rf"{rule.id}[a-z]?", key)
        assert rule.messages
        assert rule.messages <= set(schemas.CODES)
        assert rule.level in ("S", "A")
        assert rule.requirement
        assert rule.origin
        assert rule.code in CODES
