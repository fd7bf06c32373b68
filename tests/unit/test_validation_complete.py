"""All findings of a document: several faults of one parent, the total stated, nothing that grows with bad siblings."""

from __future__ import annotations

import pytest

from exchange.validation import Limits, Verdict, validate
from exchange.validation.engines import pix
from exchange.validation.explain_content import Model
from tests.rule_cases import Edit, both, sample, swap

HEADER = "/AnticipatedArrivalRecord/Header"


def told(verdict: Verdict) -> list[tuple[str, str]]:
    return [(finding.code, finding.xpath.rpartition("/")[2]) for finding in verdict.findings]


def without(*names: str) -> Edit:
    def edit(data: bytes) -> bytes:
        for name in names:
            start = data.index(f"<{name}>".encode())
            end = data.index(f"</{name}>".encode(), start) + len(name) + 3
            data = data[:start] + data[end:]
        return data

    return edit


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (without("MessageType", "Recipient"), [("101", "Sender"), ("101", "SentAt")]),
        (without("MessageType", "Sender"), [("101", "Recipient"), ("101", "Recipient")]),
        (without("Ordinal"), [("101", "CorridorID")]),
        (swap("<MessageType>", "<Odd/><Odd/><MessageType>"), [("107", "Odd[1]"), ("107", "Odd[2]")]),
        (both(swap("<Sender>", "<Sendr>"), swap("</Sender>", "</Sendr>")), [("107", "Sendr")]),
        (both(without("MessageType"), swap("<Ordinal>", "<Odd/><Ordinal>")), [("101", "Sender"), ("107", "Odd")]),
        (swap("</Header>", "<Sender>CN</Sender></Header>"), [("107", "Sender[2]")]),
        (swap("<Header>", '<Header xmlns:o="urn:o"><o:Sender/>'), [("107", "Sender")]),
    ],
)
def test_every_fault_of_a_parent_is_told(edit: Edit, expected: list[tuple[str, str]]) -> None:
    assert told(validate(edit(sample("AAR")))) == expected


def test_an_element_in_the_wrong_place_is_one_fault() -> None:
    data = sample("AAR")
    start = data.index(b"<MessageType>")
    end = data.index(b"</MessageType>") + 14
    moved = data[:start] + data[end:].replace(b"</Recipient>", b"</Recipient>" + data[start:end], 1)
    (finding,) = validate(moved).findings
    assert (finding.code, finding.xpath) == ("107", f"{HEADER}/Sender")
    assert finding.text == "Sender stands in the wrong place in Header: MessageType comes first."


BAD = {
    "strangers": (b"<Odd>1</Odd>", "107"),
    "the same again": (b"<MRN>17CN9911A0004711J0</MRN>", "107"),
    "other namespaces": (b'<MRN xmlns="urn:x"/>', "107"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_siblings_are_all_counted_and_the_first_thousand_placed(name: str) -> None:
    sibling, code = BAD[name]
    data = sample("WRO").replace(b"<MRN>", (sibling + b"\n") * 30_000 + b"<MRN>", 1)
    verdict = validate(data)
    assert (len(verdict.findings), verdict.total) == (1000, 30_000)
    assert {finding.code for finding in verdict.findings} == {code}
    lines = data.decode().split("\n")
    for finding in (verdict.findings[0], verdict.findings[-1]):
        assert lines[finding.line - 1][finding.column - 1 :].startswith("<")
        assert finding.xpath.startswith("/WriteOff/")
    assert len({finding.xpath for finding in verdict.findings}) == 1000


def test_bad_values_are_all_counted_whether_they_are_told_or_not() -> None:
    data = sample("ARR")
    start, end = data.index(b"  <SealFound>"), data.rindex(b"</SealFound>") + 13
    seal = b"<SealFound><SequenceNumber>%d</SequenceNumber><ID>no seal %d</ID><State>ODD</State></SealFound>\n"
    bad = data[:start] + b"".join(seal % (i % 9999 + 1, i) for i in range(9999)) + data[end:]
    few, many = validate(bad, limits=Limits(findings=5)), validate(bad)
    assert few.total == many.total
    assert few.findings == many.findings[:5]
    assert many.total >= 9999


def test_states_of_a_content_model_do_not_grow_with_the_document() -> None:
    grammar = pix("1.0")
    model = Model(grammar.explained.elements["WriteOff"].type.content)
    seen = set()
    for _ in range(3):
        state = model.start
        for child in ("Header", "MRN"):
            step = state.step(f"{{urn:corridor:pix:1}}{child}")
            assert step is not None
            state = step.state
            seen.add(id(state))
    assert len(seen) == 2


def test_of_very_many_unknown_attributes_each_is_counted() -> None:
    many = b" ".join(b'a%d="1"' % i for i in range(50_000))
    verdict = validate(swap("<UCR>", f"<UCR {many.decode()}>")(sample("WRO")), limits=Limits(attributes=50_000))
    assert (len(verdict.findings), verdict.total) == (1000, 50_000)
    assert {finding.code for finding in verdict.findings} == {"109"}
    assert len({finding.column for finding in verdict.findings}) == 1000
