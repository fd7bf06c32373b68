"""The walk over an invalid document against xmlschema's own iteration: both find the same, at the same places."""

from __future__ import annotations

import random

import pytest

import schemas
from exchange.generation import make_sample, mutate_message
from exchange.validation import Finding, Limits
from exchange.validation.engines import pix
from exchange.validation.explain_quick import quick_judge
from exchange.validation.explain_tree import explain_tree
from exchange.validation.explain_values import Values
from exchange.validation.explain_walk import Walk
from exchange.validation.wellformed import syntax_fault
from tests.versions import NEWEST

OF_CONTENT = ("101", "107")
"""Codes of faults of content: xmlschema goes on by names alone after the first of a parent, the walk does not."""

MOST = 30
"""Mutants of one message that both explain, about; the long messages have ten times as many, of the same components."""


def walked(data: bytes) -> list[Finding]:
    walk = Walk(pix(NEWEST), 1000)
    walk.read(data)
    found = walk.notes.findings(data)
    assert walk.notes.total == len(found)
    return found


def key(finding: Finding) -> tuple[object, ...]:
    place = (finding.code, finding.line, finding.column, finding.xpath, finding.value)
    return place if finding.code in OF_CONTENT else (*place, finding.text, finding.expected)


@pytest.mark.parametrize("code", schemas.CODES)
def test_both_say_the_same_of_mutants(code: str) -> None:
    made = mutate_message(make_sample(code, NEWEST, kind="full"), rules=False)
    of_schema = [one for one in made.mutants if one.expected.gate == "schema"]
    for mutant in of_schema[:: max(6, len(of_schema) // MOST)]:
        by_tree, _ = explain_tree(mutant.data, pix(NEWEST), Limits())
        assert list(map(key, walked(mutant.data))) == list(map(key, by_tree)), mutant.change


@pytest.mark.parametrize("code", schemas.CODES[::4])
def test_both_refuse_the_same_damaged_documents(code: str) -> None:
    luck = random.Random(f"twice {code}")
    whole = schemas.sample(code, NEWEST).read_bytes()
    judged = 0
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(luck.randint(1, 4)):
            at = luck.randrange(len(data))
            data[at : at + luck.choice((0, 1, 1, 9))] = luck.choice((b"", b"x", b"9", b"<UCR/>", b"<Odd/>", b" "))
        if syntax_fault(bytes(data), Limits()) is not None:
            continue
        judged += 1
        ours, theirs = walked(bytes(data)), explain_tree(bytes(data), pix(NEWEST), Limits())[0]
        assert bool(ours) == bool(theirs), bytes(data)
        others = [[key(f) for f in found if f.code not in OF_CONTENT] for found in (ours, theirs)]
        assert set(others[1]) <= set(others[0]), bytes(data)
    assert judged > 20


def test_the_quick_verdict_on_values_is_that_of_xmlschema() -> None:
    schema = pix(NEWEST).explained
    values, luck = Values(schema), random.Random("values")
    texts = [
        "",
        " ",
        "0",
        "1",
        "-1",
        "007",
        "9999",
        "10000",
        "1.5",
        "1.",
        ".5",
        "1e3",
        "+2",
        "x",
        "A",
        "XA",
        "é",
        "A" * 36,
    ]
    judged = 0
    for name, kind in sorted(schema.types.items()):
        judge = quick_judge(kind) if kind.is_simple() else None
        if judge is None:
            continue
        judged += 1
        listed = [str(one) for one in (kind.enumeration or ())][:3]
        for text in [
            *texts,
            *listed,
            *("".join(luck.choices("AZaz09 .-\n", k=luck.randint(1, 20))) for _ in range(40)),
        ]:
            assert judge(text) == (values.fault(kind, text) is None), (name, text)
    assert judged > 20
