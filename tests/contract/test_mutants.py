"""The whole set, proved from both sides: every sample is valid for both engines, and every mutant of every sample is
refused, with the finding that is due at the line and XPath where it is due."""

from __future__ import annotations

import os
import pickle
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple, cast

import pytest
from lxml import etree

import schemas
from exchange.generation import KINDS, Kind, Mutant, killed, make_sample, mutate_message
from exchange.generation.samples import compiled_schema
from exchange.messages import NAMESPACE
from exchange.validation import REGISTRY, engines, validate
from tests.versions import NEWEST, altered, chosen

EVERY = [(code, version) for version in schemas.VERSIONS for code in schemas.CODES]
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


class Proof(NamedTuple):
    """What came of the mutants of one message."""

    kinds: Counter[str]
    survivors: list[Mutant]
    several: list[tuple[str, str, str, int]]
    """Mutants that not exactly one finding is told of, with how many are."""
    of_rules: list[Mutant]
    not_broken: list[str]


def prove(code: str, version: str) -> Proof:
    """Make the mutants of the full sample and judge them; those of rules, the same for all versions, in the newest."""
    made = mutate_message(make_sample(code, version, kind="full"), rules=version == NEWEST)
    proof = Proof(Counter(), [], [], [], [one.reason for one in made.not_broken])
    for mutant in made.mutants:
        verdict = validate(mutant.data)
        proof.kinds[mutant.breaks] += 1
        if not killed(mutant, verdict):
            proof.survivors.append(mutant)
        if verdict.total != 1:
            proof.several.append((mutant.breaks, mutant.at, mutant.change, verdict.total))
        if mutant.expected.gate in ("codelist", "rules"):
            proof.of_rules.append(mutant)
    return proof


Proofs = Callable[[str, str], Proof]
PROVED = [(code, version) for version in reversed(schemas.VERSIONS) for code in chosen(version)]


@pytest.fixture(scope="module")
def proofs(tmp_path_factory: pytest.TempPathFactory) -> Proofs:
    """Proofs, each made once in a run of the tests, whichever of its processes asks first."""
    folder = tmp_path_factory.getbasetemp()
    folder = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "proofs"
    folder.mkdir(exist_ok=True)

    @cache
    def proof(code: str, version: str) -> Proof:
        file = folder / f"{code}-{version}"
        if file.exists():
            return cast(Proof, pickle.loads(file.read_bytes()))
        made = prove(code, version)
        half = Path(f"{file}.{os.getpid()}")
        half.write_bytes(pickle.dumps(made))
        half.replace(file)
        return made

    return proof


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("code", "version"), EVERY)
def test_every_sample_passes_every_gate_and_both_engines(code: str, version: str, kind: Kind) -> None:
    data = make_sample(code, version, kind=kind, seed=0 if kind != "random" else 11)
    verdict = validate(data)
    assert (verdict.valid, verdict.code, verdict.version, verdict.findings) == (True, code, version, ())
    root = etree.fromstring(data)
    assert compiled_schema(version).validate(root)
    assert list(engines.explained(version).iter_errors(root)) == []


@pytest.mark.parametrize(("code", "version"), PROVED)
def test_every_mutant_is_refused_with_the_finding_that_is_due(code: str, version: str, proofs: Proofs) -> None:
    proof = proofs(code, version)
    found = {(code, one.breaks, one.at): f"{one.change}; expected {one.expected}" for one in proof.survivors}
    assert {key: words for key, words in found.items() if key not in SURVIVORS} == {}
    assert [reason for reason in proof.not_broken if not any(known in reason for known in REASONS)] == []
    assert proof.several == [], "a mutant has one fault and one finding"


@pytest.mark.parametrize("code", schemas.CODES)
def test_mutants_of_rules_pass_both_engines_and_their_line_is_that_of_their_xpath(code: str, proofs: Proofs) -> None:
    for mutant in proofs(code, NEWEST).of_rules:
        root = etree.fromstring(mutant.data)
        assert compiled_schema(NEWEST).validate(root), mutant.change
        assert engines.explained(NEWEST).is_valid(root), mutant.change
        steps = mutant.expected.xpath.split("/")[1:]
        while not (reached := root.xpath("/" + "/".join(f"p:{s}" for s in steps), namespaces={"p": NAMESPACE})):
            steps.pop()
        assert reached[0].sourceline == mutant.expected.line, mutant
        if mutant.breaks in STATED:
            name = mutant.expected.xpath.rpartition("/")[2].partition("[")[0]
            assert name in STATED[mutant.breaks], mutant


def test_what_is_left_out_of_an_older_version_reads_the_same_there() -> None:
    for version in schemas.VERSIONS[:-1]:
        assert altered("AAR", version) and not altered("NCF", version)
        everything = set().union(*(altered(code, version) for code in schemas.CODES))
        assert everything == set().union(*(altered(code, version) for code in chosen(version)))


def test_every_rule_that_is_checked_is_broken_by_some_mutant(proofs: Proofs) -> None:
    broken = {kind for code in schemas.CODES for kind in proofs(code, NEWEST).kinds}
    checked = {rule.id for rule in REGISTRY.values() if rule.check is not None}
    assert checked - broken == set(UNBROKEN)
    assert "codelist" in broken


def test_every_kind_of_fault_is_among_the_mutants_and_the_kill_rate_is_told(proofs: Proofs) -> None:
    every = [proofs(code, version) for code, version in PROVED]
    made: Counter[str] = sum((proof.kinds for proof in every), Counter())
    assert set(made) >= {
        "pattern", "enumeration", "minLength", "maxLength", "totalDigits", "fractionDigits", "minInclusive",
        "maxInclusive", "type", "required", "maxOccurs", "order", "unknown element", "unknown attribute",
        "required attribute", "elements only", "text only", "codelist", "xsi:type", "xsi:nil", "empty", "gzip",
        "encoding", "DOCTYPE", "truncated", "one root", "character", "end tag", "reference", "attribute twice",
        "prefix",
    }  # fmt: skip
    count, alive = made.total(), sum(len(proof.survivors) for proof in every)
    print(f"\nkill rate: {count - alive} of {count} mutants, {(count - alive) / count:.2%}")
    assert alive <= len(SURVIVORS)
