"""A document is shown with its findings at their places, all of it as text; its judging is bounded."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

import pytest

import schemas
from exchange.validation import Finding
from scenarios.demo.judging import Bench, JudgingError, Schemas, check_documents, mutant, mutant_names, read_schemas
from scenarios.demo.panels.findings import MOST_BYTES, Document, Inbox
from scenarios.demo.panels.marked import LINES, list_of, spans, text_of
from scenarios.demo.words import Voice
from scenarios.validation.checking import Checked, Options, check_bytes, judge

VOICE = Voice("en")
GOOD = schemas.sample("AAR").read_bytes()


def _finding(line: int, column: int, value: str | None = None, text: str = "wrong") -> Finding:
    return Finding(gate="schema", code="106", line=line, column=column, value=value, text=text)


def _checked(data: bytes) -> Checked:
    return check_bytes("a.xml", data, judge(Options()), True)


@pytest.mark.parametrize(
    ("line", "column", "value", "marked"),
    [
        ("<ID>CSQU3054384</ID>", 5, "CSQU3054384", "CSQU3054384"),
        ("  <GoodsItem seq='1'>", 3, None, "<GoodsItem"),
        ("<GoodsItem>", 1, None, "<GoodsItem>"),
        ('<A kind="x">', 4, None, "kind="),
        ("<ID>a &lt; b</ID>", 5, "a < b", "a"),
        ("short", 99, None, ""),
    ],
)
def test_a_finding_marks_its_value_its_tag_or_its_word(line: str, column: int, value: str | None, marked: str) -> None:
    (span,) = spans(line, [(1, _finding(1, column, value))])
    assert line[span.begin : span.end] == marked


def test_findings_at_one_place_share_a_mark_and_marks_do_not_overlap() -> None:
    found = [(1, _finding(1, 1, "abcdef")), (2, _finding(1, 1)), (3, _finding(1, 4))]
    assert [tuple(one) for one in spans("abcdef", found)] == [(0, 3, (1, 2)), (3, 6, (3,))]


def test_all_text_is_escaped_and_every_listed_finding_has_its_place() -> None:
    hostile = b'<!DOCTYPE a>\n<a onload="alert(1)"><script>alert(1)</script></a>\xe2\x80\xae\x00'
    found = [_finding(2, 1, "<img src=x onerror=alert(1)>", "<b>no</b>"), _finding(2, 4), _finding(7, 1)]
    html = text_of(hostile, found, VOICE)
    told = list_of(Checked("x", False, None, None, tuple(found), 9, ()), VOICE)
    assert set(re.findall(r"<([a-z]+)", html)) == {"pre", "span", "mark", "a"}
    assert set(re.findall(r"<([a-z]+)", told)) == {"ol", "li", "a", "b", "span", "div", "code", "p"}
    assert "\u202e" not in html and "\x00" not in html
    assert re.findall('href="#place-([0-9]+)"', told) == ["1", "2", "3"]
    assert re.findall('id="place-([0-9]+)"', html) == ["1", "2"]
    assert "6 more findings" in told


def test_of_a_long_document_the_beginning_and_what_is_around_findings_is_shown() -> None:
    data = b"\n".join(b"line %d" % number for number in range(1, 100_001))
    html = text_of(data, [_finding(70_000, 1, "line")], VOICE)
    assert html.count("c-line") < LINES
    assert "line 70003" in html and "line 70004" not in html
    assert html.count('class="c-gap"') == 2


def test_a_long_line_is_cut_around_its_marks() -> None:
    html = text_of(b"<a>" + b"x" * 5_000_000 + b"!wrong</a>", [_finding(1, 5_000_005, "wrong")], VOICE)
    assert len(html) < 5_000 and '<mark class="c-error">wrong</mark>' in html


def test_an_inbox_keeps_the_newest_and_shows_the_first_that_is_invalid() -> None:
    valid, invalid = _checked(GOOD), _checked(b"<a/>")
    inbox = Inbox()
    inbox.take([Document(data=GOOD, checked=valid), Document(data=b"<a/>", checked=invalid)])
    assert inbox.shown is not None and inbox.shown.checked is invalid
    for _ in range(3):
        inbox.take([Document(data=bytes(MOST_BYTES // 2), checked=invalid)])
    assert len(inbox.documents) == 2


def test_a_mutant_is_told_from_one_whose_finding_is_not_there() -> None:
    made = mutant("AAR", "1.1", "minimal", 1, 0)
    assert len(mutant_names("AAR", "1.1", "minimal", 1)) > 100
    assert Document(data=made.data, checked=_checked(made.data), mutant=made).as_expected
    assert not Document(data=GOOD, checked=_checked(GOOD), mutant=made).as_expected
    assert not Document(data=GOOD, checked=_checked(GOOD)).as_expected


def _nap(seconds: float) -> None:
    time.sleep(seconds)


def _hoard() -> int:
    return len(bytearray(8 * 1024**3))


XSD = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a" type="xs:int"/></xs:schema>"""


def test_the_process_that_judges_is_bounded_and_comes_back() -> None:
    async def work() -> str:
        bench = Bench(seconds=60.0)
        try:
            (one,) = await bench.do(check_documents, [("a.xml", GOOD)], None)
            assert one.valid
            foreign = Schemas(name="a.xsd", data=XSD)
            assert isinstance(await bench.do(read_schemas, foreign), tuple)
            found = await bench.do(check_documents, [("1.xml", b"<a>1</a>"), ("x.xml", b"<a>x</a>")], foreign)
            assert [one.valid for one in found] == [True, False]
            with pytest.raises(JudgingError, match=r"^b\.zip is"):
                await bench.do(read_schemas, Schemas(name="b.zip", data=b"no zip"))
            with pytest.raises(JudgingError, match="memory"):
                await bench.do(_hoard)
            bench._seconds = 0.3
            with pytest.raises(JudgingError, match="stopped"):
                await bench.do(_nap, 60.0)
            bench._seconds = 60.0
            assert (await bench.do(check_documents, [("b.xml", b"<b/>")], None))[0].valid is False
        finally:
            bench.end()
        return bench._scratch.name

    assert not Path(asyncio.run(work())).exists()
