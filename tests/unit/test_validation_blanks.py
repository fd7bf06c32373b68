"""Blanks between elements mean nothing to the schema gate: with them left out of the tree the verdict is the same."""

from __future__ import annotations

import re

import pytest
from lxml import etree

import schemas
from exchange.validation import engines

LEAF = re.compile(rb"<([A-Z]\w*)>([^<]*)</\1>")
CONTENTS = {
    "nothing": b"",
    "a blank": b" ",
    "lines": b"\n\t \r\n",
    "blank data": b"<![CDATA[ ]]>",
    "a blank reference": b"&#32;",
    "a comment": b" <!-- no --> ",
    "blanks around": b" \\g<2> ",
    "no-break space": b"\xc2\xa0",
    "split": b"\\g<2><!-- --> ",
}


def accepts(data: bytes, *, lean: bool) -> bool:
    parser = engines.new_parser(engines.pix("1.0"), remove_blank_text=lean)
    try:
        etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return False
    return True


@pytest.mark.parametrize("name", CONTENTS)
@pytest.mark.parametrize("code", ["WRO", "CTR", "IMG"])
def test_blank_contents_are_judged_alike(code: str, name: str) -> None:
    data = schemas.sample(code).read_bytes()
    for found in LEAF.finditer(data):
        opening, closing = f"<{found[1].decode()}>".encode(), f"</{found[1].decode()}>".encode()
        changed = data[: found.start()] + opening + found.expand(CONTENTS[name]) + closing + data[found.end() :]
        assert accepts(changed, lean=True) == accepts(changed, lean=False)


@pytest.mark.parametrize(
    "between", [b"", b" ", b"\r\n\r\n", b"&#32;", b"x", b"<!-- -->", b"<![CDATA[ ]]>", b"\xc2\xa0"]
)
def test_what_stands_between_elements_is_judged_alike(between: bytes) -> None:
    data = re.sub(rb"(?<!\?)>\s+<(?=[A-Z])", b">" + between + b"<", schemas.sample("CTR").read_bytes())
    assert accepts(data, lean=True) == accepts(data, lean=False)
    assert accepts(data, lean=True) == (between in (b"", b" ", b"\r\n\r\n", b"<!-- -->", b"&#32;", b"<![CDATA[ ]]>"))


def test_a_large_document_stands_in_memory_without_its_blanks() -> None:
    data = schemas.sample("AAR").read_bytes()
    root = engines.parse(data, "1.0")
    assert b"  <" in data
    assert root.text is None
    assert [one.tail for one in root.iter()] == [None] * sum(1 for _ in root.iter())
