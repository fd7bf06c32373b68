"""A rule or code list is graded anew by a configuration, without code; what is wrong with one is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exchange.validation import REGISTRY, RuleConfig, RuleConfigError, load_rule_config, rule_config, validate
from tests.rule_cases import BREAKING, both, sample, swap

BAD_CONTAINER = swap("CSQU3054383", "CSQU3054384")(sample("AAR"))
LATE = swap("<SentAt>2017-11-12", "<SentAt>2017-11-27")(sample("AAR"))


@pytest.mark.parametrize(
    ("key", "message", "number"),
    [(k, m, n) for n, (k, m, _, _) in enumerate(BREAKING)],
    ids=[f"{k}-{m}-{n}" for n, (k, m, _, _) in enumerate(BREAKING)],
)
def test_any_rule_can_be_error_warning_or_off(key: str, message: str, number: int) -> None:
    data = BREAKING[number][2](sample(message))
    for name in (key, REGISTRY[key].id):
        for grade, valid in (("error", False), ("warning", True)):
            verdict = validate(data, config=rule_config({"rules": {name: grade}}))
            assert verdict.valid is valid
            assert [(f.rule, f.severity) for f in verdict.findings] == [(REGISTRY[key].id, grade)]
        assert validate(data, config=rule_config({"rules": {name: "off"}})).findings == ()


def test_a_part_goes_before_its_rule() -> None:
    config = rule_config({"rules": {"PIX-024": "off", "PIX-024a": "error"}})
    assert [f.severity for f in validate(LATE, config=config).findings] == ["error"]
    config = rule_config({"rules": {"PIX-024": "error", "PIX-024a": "off"}})
    assert validate(LATE, config=config).findings == ()


def test_what_is_not_named_keeps_its_grade() -> None:
    data = both(swap("CSQU3054383", "CSQU3054384"), swap("<SentAt>2017-11-12", "<SentAt>2017-11-27"))(sample("AAR"))
    config = rule_config({"rules": {"PIX-007": "warning"}})
    assert [f.severity for f in validate(data, config=config).findings] == ["warning", "warning"]
    assert not validate(data).valid
    assert validate(BAD_CONTAINER, config=RuleConfig()) == validate(BAD_CONTAINER)


def test_a_code_list_is_graded_too() -> None:
    data = swap("<Kind>CT<", "<Kind>QX<")(sample("AAR"))
    assert not validate(data).valid
    warned = validate(data, config=rule_config({"codelists": {"package_kinds": "warning"}}))
    assert warned.valid
    assert [(f.gate, f.severity) for f in warned.findings] == [("codelist", "warning")]
    assert validate(data, config=rule_config({"codelists": {"package_kinds": "off"}})).findings == ()


def test_a_file_is_read_as_yaml(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("rules:\n  PIX-007: off\ncodelists:\n  countries: warning\n", encoding="utf-8")
    config = load_rule_config(file)
    assert config == rule_config({"rules": {"PIX-007": "off"}, "codelists": {"countries": "warning"}})
    assert validate(BAD_CONTAINER, config=config).findings == ()
    file.write_text("# nothing yet\n", encoding="utf-8")
    assert load_rule_config(file) == RuleConfig()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"rule": {}}, "there is no key 'rule'; the keys are rules and codelists"),
        ({"rules": {"PIX-999": "off"}}, "there is no rule 'PIX-999'"),
        ({"rules": {"PIX-030": "off"}}, "there is no rule 'PIX-030' to grade in a message"),
        ({"rules": {"PIX-020": "off"}}, "PIX-020 is kept by the schema"),
        ({"rules": {"PIX-007": "loud"}}, "PIX-007 is graded 'loud'; the grades are error, warning, off"),
        ({"rules": {"PIX-007": None}}, "PIX-007 is graded None"),
        ({"rules": ["PIX-007"]}, "'rules' takes a mapping"),
        ({"codelists": {"nothing": "off"}}, "there is no code list 'nothing'"),
    ],
)
def test_what_is_wrong_with_a_configuration_is_told(given: dict[str, Any], said: str) -> None:
    with pytest.raises(RuleConfigError, match=r"^here: ") as caught:
        rule_config(given, "here")
    assert said in str(caught.value)


def test_what_is_wrong_with_a_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    with pytest.raises(RuleConfigError, match="cannot be read"):
        load_rule_config(file)
    file.write_bytes(b"rules: [\n")
    with pytest.raises(RuleConfigError, match=r"is not YAML in UTF-8 \(line 2\)"):
        load_rule_config(file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(RuleConfigError, match="is not YAML"):
        load_rule_config(file)
    file.write_bytes(b"- PIX-007\n")
    with pytest.raises(RuleConfigError, match="takes a mapping"):
        load_rule_config(file)
