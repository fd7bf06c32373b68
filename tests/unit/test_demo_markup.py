"""What the live page writes as HTML itself: texts stay texts whatever stands in them, and XML is shown as it is."""

from __future__ import annotations

import re
from html import unescape

import pytest
from lxml import html

import schemas
from scenarios.demo.panels.markup import LONGEST, coloured, tag

HOSTILE = "<img src=x onerror=alert(1)>\"'&amp;</pre><script>alert(2)</script>"


def _text(content: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", content))


def test_texts_and_values_are_escaped_and_attributes_named_as_in_html() -> None:
    made = tag("a", tag("b", text=HOSTILE), href=HOSTILE, class_="c-x", data_letter="1", hidden=True, title=None)
    root = html.fragment_fromstring(made)
    assert (root.tag, root.attrib["href"], root[0].text) == ("a", HOSTILE, HOSTILE)
    assert {"class", "data-letter", "hidden", "href"} == set(root.attrib)
    assert [one.tag for one in root.iter()] == ["a", "b"]


@pytest.mark.parametrize("code", ["ADV", "CTR", "RCG", "LST"])
def test_a_message_is_coloured_and_loses_nothing(code: str) -> None:
    data = schemas.sample(code).read_bytes()
    content, whole = coloured(data)
    assert whole
    assert _text(content) == data.decode()
    assert content.count('class="x-tag"') >= data.count(b"</") * 2


@pytest.mark.parametrize(
    "data",
    [
        HOSTILE.encode(),
        f'<a b="{"&lt;script&gt;"}">&lt;img src=x onerror=alert(1)&gt;<c/></a>'.encode(),
        b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        b"\xff\xfe\x00<a>",
        b"<a " * 500,
        b"",
    ],
)
def test_hostile_bytes_are_shown_as_text(data: bytes) -> None:
    content, _ = coloured(data)
    root = html.fragment_fromstring(f"<pre>{content}</pre>")
    assert {one.tag for one in root.iter()} <= {"pre", "span"}
    assert "root:" not in root.text_content()


def test_a_single_line_is_indented_and_a_long_message_is_cut() -> None:
    assert _text(coloured(b"<a><b>1</b><c>2</c></a>")[0]).splitlines()[1] == "  <b>1</b>"
    content, whole = coloured(b"<a>\n" + b"<b>1</b>\n" * LONGEST + b"</a>")
    assert not whole and len(_text(content)) == LONGEST
