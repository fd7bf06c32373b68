"""The whole set, proved from both sides: every sample is valid for both engines, and every mutant of every sample is
refused, with the finding that is due at the line and XPath where it is due."""

from __future__ import annotations

from functools import cache

import pytest
from lxml import etree

import schemas
from exchange.generation import KINDS, Kind, Mutant, Mutation, killed, make_sample, mutate_message
from exchange.generation.samples import compiled_schema
from exchange.messages import NAMESPACE
from exchange.validation import REGISTRY, engines, validate

EVERY = [(code, version) for version in schemas.VERSIONS for code in schemas.CODES]
NEWEST = schemas.VERSIONS[-1]
SURVIVORS: dict[tuple[str, str, str], str] = {}
"""Mutants that are not refused as expected, by code, what they break, and where; with the reason. None is known."""
UNBROKEN: dict[str, str] = {}
"""Rules with a check that no mutant of any sample breaks, with the reason. None is known."""
REASONS = (
    "mutants have at most",
    "the schema does not let a message break it",
    "no small change of this message breaks it alone",
)
"""Why something may be left unbroken; the first words of any other reason would be news."""
STATED = {
    "PIX-002": {"CorrelationID"},
    "PIX-004": {"SequenceNumber"},
    "PIX-005": {"PINumber"},
    "PIX-006": {"MRN", "PreviousMRN"},
    "PIX-007": {"ContainerID"},
    "PIX-008": {"ID", "MeansID"},
    "PIX-009": {"ContainerIndicator"},
    "PIX-010": {"NumberOfSeals"},
    "PIX-013": {"GrossMass", "NetMass"},
    "PIX-014": {"GrossMass"},
    "PIX-016": {"Quantity", "Marks"},
    "PIX-017": {"HSCode"},
    "PIX-018": {"IdentificationType"},
    "PIX-021": {"CountryOfDestination"},
    "PIX-022": {"CountryCode", "Name"},
    "PIX-024": {"ETA"},
}
"""Rule → elements that its finding may stand at, written by hand from what the rules ask."""


@cache
def mutation(code: str, version: str) -> Mutation:
    """All mutants of the full sample; those of rules, which are the same for all versions, in the newest one only."""
    return mutate_message(make_sample(code, version, kind="full"), rules=version == NEWEST)


@cache
def verdicts(code: str, version: str) -> tuple[tuple[Mutant, bool, int], ...]:
    """Each mutant, whether it is refused as it must be, and how many findings are told of it."""
    judged = ((mutant, validate(mutant.data)) for mutant in mutation(code, version).mutants)
    return tuple((mutant, killed(mutant, verdict), verdict.total) for mutant, verdict in judged)


def survivors(code: str, version: str) -> list[Mutant]:
    return [mutant for mutant, refused, _ in verdicts(code, version) if not refused]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("code", "version"), EVERY)
def test_every_sample_passes_every_gate_and_both_engines(code: str, version: str, kind: Kind) -> None:
    data = make_sample(code, version, kind=kind, seed=0 if kind != "random" else 11)
    verdict = validate(data)
    assert (verdict.valid, verdict.code, verdict.version, verdict.findings) == (True, code, version, ())
    root = etree.fromstring(data)
    assert compiled_schema(version).validate(root)
    assert list(engines.explained(version).iter_errors(root)) == []


@pytest.mark.parametrize(("code", "version"), EVERY)
def test_every_mutant_is_refused_with_the_finding_that_is_due(code: str, version: str) -> None:
    found = {(code, one.breaks, one.at): f"{one.change}; expected {one.expected}" for one in survivors(code, version)}
    assert {key: words for key, words in found.items() if key not in SURVIVORS} == {}
    reasons = {one.reason for one in mutation(code, version).not_broken}
    assert [reason for reason in reasons if not any(known in reason for known in REASONS)] == []


@pytest.mark.parametrize(("code", "version"), EVERY)
def test_a_mutant_has_one_fault_and_one_finding(code: str, version: str) -> None:
    several = [(one.breaks, one.at, one.change, total) for one, _, total in verdicts(code, version) if total != 1]
    assert several == []


@pytest.mark.parametrize("code", schemas.CODES)
def test_mutants_of_rules_pass_both_engines_and_their_line_is_that_of_their_xpath(code: str) -> None:
    version = NEWEST
    for mutant in mutation(code, version).mutants:
        if mutant.expected.gate not in ("codelist", "rules"):
            continue
        root = etree.fromstring(mutant.data)
        assert compiled_schema(version).validate(root), mutant.change
        assert engines.explained(version).is_valid(root), mutant.change
        steps = mutant.expected.xpath.split("/")[1:]
        while not (reached := root.xpath("/" + "/".join(f"p:{s}" for s in steps), namespaces={"p": NAMESPACE})):
            steps.pop()
        assert reached[0].sourceline == mutant.expected.line, mutant
        if mutant.breaks in STATED:
            name = mutant.expected.xpath.rpartition("/")[2].partition("[")[0]
            assert name in STATED[mutant.breaks], mutant


def test_every_rule_that_is_checked_is_broken_by_some_mutant() -> None:
    broken = {one.breaks for code in schemas.CODES for one in mutation(code, NEWEST).mutants}
    checked = {rule.id for rule in REGISTRY.values() if rule.check is not None}
    assert checked - broken == set(UNBROKEN)
    assert "codelist" in broken


def test_every_kind_of_fault_is_among_the_mutants_and_the_kill_rate_is_told() -> None:
    made = [one for code, version in EVERY for one in mutation(code, version).mutants]
    kinds = {one.breaks for one in made}
    assert kinds >= {
        "pattern", "enumeration", "minLength", "maxLength", "totalDigits", "fractionDigits", "minInclusive",
        "maxInclusive", "type", "required", "maxOccurs", "order", "unknown element", "unknown attribute",
        "required attribute", "elements only", "text only", "codelist", "xsi:type", "xsi:nil", "empty", "gzip",
        "encoding", "DOCTYPE", "truncated", "one root", "character", "end tag", "reference", "attribute twice",
        "prefix",
    }  # fmt: skip
    alive = sum(len(survivors(code, version)) for code, version in EVERY)
    print(f"\nkill rate: {len(made) - alive} of {len(made)} mutants, {(len(made) - alive) / len(made):.2%}")
    assert alive <= len(SURVIVORS)
