"""The whole set, proved from both sides: every sample is valid for both engines, and every mutant of every sample is
refused, with the finding that is due at the line and XPath where it is due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from typing import NamedTuple

import pytest
from lxml import etree

import schemas
from exchange.generation import KINDS, Kind, Mutant, killed, make_sample, mutate_message
from exchange.generation.samples import compiled_schema
from exchange.messages import NAMESPACE, ROOTS
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


_XS = "{http://www.w3.org/2001/XMLSchema}"


@cache
def components(version: str) -> dict[str, list[etree._Element]]:
    """All that a version declares at the top of its files, without words and without its own number, by name."""
    found: dict[str, list[etree._Element]] = {}
    for file in schemas.message_set(version).iterdir():
        if not file.name.endswith(".xsd"):
            continue
        tree = etree.fromstring(file.read_bytes())
        for words in [*tree.iter(f"{_XS}annotation"), *tree.iter(etree.Comment)]:
            parent = words.getparent()
            if parent is not None:
                parent.remove(words)
        for value in tree.iter(f"{_XS}enumeration"):
            if value.get("value") == version:
                value.set("value", "its own")
        for part in tree.iterchildren("*"):
            if "name" in part.attrib:
                found.setdefault(part.attrib["name"], []).append(part)
    return found


@cache
def altered(code: str, version: str) -> frozenset[str]:
    """Names of the components that the root of ``code`` reaches in ``version`` and that the newest has otherwise."""
    here, newest = components(version), components(NEWEST)
    wanted = [root for root, cls in ROOTS.items() if code == cls.CODE]
    reached: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in here and name not in reached:
            reached.add(name)
            for part in (one for top in here[name] for one in top.iter()):
                wanted += [part.attrib[key] for key in ("type", "base", "ref", "itemType") if key in part.attrib]
    assert len(reached) > 3, reached
    return frozenset(name for name in reached if _text(here[name]) != _text(newest.get(name, [])))


def _text(parts: list[etree._Element]) -> list[list[bytes]]:
    return [etree.tostring(part, method="c14n").split() for part in parts]


def chosen(version: str) -> list[str]:
    """Return the codes whose mutants are made in ``version``: in the newest all; in an older one as many as it takes to
    reach each component that reads otherwise there, the short messages first, and one that has none of them.

    What a mutant is told depends on the schema's components at its place, and the validator knows versions by their
    schemas alone: where the components read the same, what is true in one version is true in the other.
    """
    if version == NEWEST:
        return list(schemas.CODES)
    short_first = sorted(schemas.CODES, key=lambda code: len(schemas.sample(code, version).read_bytes()))
    found = [next(code for code in short_first if not altered(code, version))]
    left = set().union(*(altered(code, version) for code in schemas.CODES))
    for code in short_first:
        if left & altered(code, version):
            found.append(code)
            left -= altered(code, version)
    return found


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
AHEAD = 6


@pytest.fixture(scope="module")
def proofs() -> Iterator[Proofs]:
    """Proofs, made by two processes, some messages ahead of the test that asks."""
    made: dict[tuple[str, str], Future[Proof]] = {}
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:

        def proof(code: str, version: str) -> Proof:
            place = PROVED.index((code, version))
            for one in PROVED[place : place + AHEAD]:
                if one not in made:
                    made[one] = pool.submit(prove, *one)
            return made[code, version].result(timeout=300)

        yield proof
        pool.shutdown(cancel_futures=True)


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
