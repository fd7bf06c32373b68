"""The quick reader: it gives what the tree gives, whatever the document looks like, and reads the usual ones."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

import schemas
from exchange.codec import decode, decode_tree, encode
from exchange.codec.quick import LARGEST, read_plain
from exchange.errors import CodecError
from exchange.generation import KINDS, make_sample
from exchange.messages import CATALOGUE, Message, PixModel
from exchange.validation import validate
from exchange.validation.engines import new_parser
from tests.strategies import messages

EVERY = [(code, version) for version in schemas.VERSIONS for code in schemas.CODES]


def sample(code: str, version: str = "1.0") -> bytes:
    return schemas.sample(code, version).read_bytes()


def quickly(data: bytes, code: str, version: str = "1.0") -> dict[str, Any] | None:
    return read_plain(data, CATALOGUE[code], version, {})


def given_fields(value: Any) -> Any:
    """Return what of ``value`` was given and not left to a default, for models are equal either way."""
    if isinstance(value, PixModel):
        return {name: given_fields(getattr(value, name)) for name in value.model_fields_set}
    return [given_fields(one) for one in value] if isinstance(value, tuple) else value


def outcome(read: Callable[[], Message]) -> Any:
    try:
        message = read()
    except CodecError as error:
        return str(error), error.path
    return type(message), given_fields(message)


def assert_the_tree_says_the_same(data: bytes) -> None:
    root = etree.fromstring(data, new_parser(None, remove_blank_text=True))
    assert outcome(lambda: decode_tree(root, data)) == outcome(lambda: decode_tree(root))


@pytest.mark.parametrize(("code", "version"), EVERY)
def test_every_sample_is_read_quickly_and_as_the_tree_is(code: str, version: str) -> None:
    data = sample(code, version)
    assert quickly(data, code, version) is not None
    assert_the_tree_says_the_same(data)


@pytest.mark.parametrize(("code", "version"), EVERY)
def test_every_made_sample_is_read_quickly_and_as_the_tree_is(code: str, version: str) -> None:
    for kind in KINDS:
        data = make_sample(code, version, kind=kind, seed=7)
        assert (quickly(data, code, version) is None) == (b"&" in data)
        assert_the_tree_says_the_same(data)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(CATALOGUE)).flatmap(lambda code: messages(CATALOGUE[code])), st.data())
def test_any_message_is_read_as_the_tree_is(message: Message, drawn: st.DataObject) -> None:
    version = drawn.draw(st.sampled_from(schemas.VERSIONS))
    data = encode(message, version)
    values = quickly(data, message.CODE, version)
    assert (values is None) == (b"&" in data)
    assert values is None or type(message).model_validate(values) == decode(data)
    assert_the_tree_says_the_same(data)


TEXT = re.compile(rb"(?<=>)[^<>\s][^<>]*(?=</)")
TAG = re.compile(rb"<[A-Z]\w*>")
LEAF = re.compile(rb"<([A-Z]\w*)>[^<]*</\1>\s*")
BETWEEN = re.compile(rb"(?<=\w)>(?=\s*<)")
END = re.compile(rb"</\w+>")

ODDITIES: dict[str, tuple[re.Pattern[bytes], bytes | Callable[[re.Match[bytes]], bytes]]] = {
    "reference": (TEXT, rb"\g<0>&amp;"),
    "character reference": (TEXT, lambda found: b"&#%d;" % found[0][0] + found[0][1:]),
    "cdata": (TEXT, rb"<![CDATA[\g<0>]]>"),
    "comment in a text": (TEXT, rb"\g<0><!-- <Result>B1</Result> -->"),
    "instruction in a text": (TEXT, rb"<?p <UCR>1</UCR> ?>\g<0>"),
    "blanks around": (TEXT, b" \\g<0>\n\t"),
    "carriage return": (TEXT, b"\\g<0>\r\n"),
    "no text": (TEXT, rb""),
    "element in a text": (TEXT, rb"\g<0><Other/>"),
    "other digits": (TEXT, "\u0661".encode()),
    "comment between": (BETWEEN, rb"><!-- <Header> -->"),
    "instruction between": (BETWEEN, rb"><?p?>"),
    "text between": (BETWEEN, rb">stray"),
    "carriage return between": (BETWEEN, b">\r\n\r"),
    "nothing between": (re.compile(rb">\s+<"), b"><"),
    "attribute": (TAG, lambda found: found[0][:-1] + b' a="1">'),
    "blank in a tag": (TAG, lambda found: found[0][:-1] + b" >"),
    "blank in an end tag": (END, lambda found: found[0][:-1] + b"\n>"),
    "default namespace again": (TAG, lambda found: found[0][:-1] + b' xmlns="urn:corridor:pix:1">'),
    "another namespace": (TAG, lambda found: found[0][:-1] + b' xmlns="urn:other">'),
    "twice": (LEAF, rb"\g<0>\g<0>"),
    "missing": (LEAF, rb""),
    "empty": (LEAF, rb"<\1/>"),
    "behind its neighbour": (
        re.compile(LEAF.pattern + LEAF.pattern.replace(rb"(", rb"(?P<b>").replace(rb"\1", rb"(?P=b)")),
        b"",
    ),
    "prefixes": (re.compile(rb"(?s).+"), lambda found: prefixed(found[0])),
    "byte order mark": (re.compile(rb"(?s)\A"), b"\xef\xbb\xbf"),
    "no declaration": (re.compile(rb"\A<\?xml[^>]*>\s*"), b""),
    "comment first": (re.compile(rb"(?<=\?>\n)"), b"<!-- <WriteOff> -->"),
    "comment last": (re.compile(rb"\Z"), b"<!-- </WriteOff> -->"),
    "single quotes": (re.compile(rb'xmlns="([^"]*)"'), rb"xmlns='\1'"),
    "more on the root": (re.compile(rb" schemaVersion"), b'\n xmlns:p="urn:p" p:a=\'>"\' schemaVersion'),
    "other version": (re.compile(rb'schemaVersion="1.0"'), b'schemaVersion="1.1"'),
    "unknown version": (re.compile(rb'schemaVersion="1.0"'), b'schemaVersion="9"'),
}
"""What may stand in a document beside what we write ourselves: where, and what is put there."""


def prefixed(data: bytes) -> bytes:
    return re.sub(rb"<(/?)([A-Z])", rb"<\1p:\2", data).replace(b"xmlns=", b"xmlns:p=")


def swapped(data: bytes, luck: random.Random) -> bytes:
    """Return ``data`` with two neighbouring leaves in the other order."""
    first = luck.choice(list(LEAF.finditer(data)))
    second = LEAF.match(data, first.end())
    if second is None:
        return data
    return data[: first.start()] + second[0] + first[0] + data[second.end() :]


def odd(data: bytes, name: str, luck: random.Random) -> bytes:
    """Return ``data`` with the oddity ``name`` at one of the places where it can stand."""
    if name == "behind its neighbour":
        return swapped(data, luck)
    pattern, instead = ODDITIES[name]
    places = list(pattern.finditer(data))
    if not places:
        return data
    found = luck.choice(places)
    new = found.expand(instead) if isinstance(instead, bytes) else instead(found)
    return data[: found.start()] + new + data[found.end() :]


@pytest.mark.parametrize("name", ODDITIES)
def test_an_odd_document_is_read_as_the_tree_is(name: str) -> None:
    luck = random.Random(name)
    for code in ("AAR", "ADV", "WRO", "CTD", "LST", "DRS"):
        for _ in range(12):
            assert_the_tree_says_the_same(odd(sample(code), name, luck))


@pytest.mark.parametrize("seed", range(60))
def test_a_document_with_many_oddities_is_read_as_the_tree_is(seed: int) -> None:
    luck = random.Random(seed)
    data = sample(luck.choice(schemas.CODES))
    for name in luck.sample(sorted(ODDITIES), 4):
        changed = odd(data, name, luck)
        try:
            etree.fromstring(changed)
        except etree.XMLSyntaxError:
            continue
        data = changed
    assert_the_tree_says_the_same(data)


@pytest.mark.parametrize("name", ["text between", "nothing between", "no declaration", "byte order mark"])
def test_some_oddities_are_read_quickly_all_the_same(name: str) -> None:
    assert quickly(odd(sample("WRO"), name, random.Random(1)), "WRO") is not None


def test_a_large_document_is_left_to_the_tree() -> None:
    data = sample("WRO")
    padded = data.replace(b"</Header>", b"</Header>" + b" " * (LARGEST - len(data)))
    assert quickly(padded, "WRO") is not None
    larger = padded.replace(b"</Header>", b"</Header> ")
    assert quickly(larger, "WRO") is None
    assert validate(larger).message == decode(data)


class Listed(PixModel):
    """A part of a shape that the message set does not have yet: texts and numbers that repeat."""

    names: tuple[str, ...] = ()
    counts: tuple[int, ...]
    last: str


def test_texts_and_numbers_that_repeat_are_read() -> None:
    inside = "<Names>a</Names> <Names>b</Names><Counts>1</Counts><Counts>22</Counts>\n<Last>z</Last>"
    values = read_plain(f"<Listed>{inside}</Listed>".encode(), Listed, "1.0", {})
    assert values == {"names": ["a", "b"], "counts": [1, 22], "last": "z"}
    assert read_plain(f"<Listed>{inside}<Last>y</Last></Listed>".encode(), Listed, "1.0", {}) is None


@pytest.mark.parametrize("code", ["AAR", "DRS"])
def test_the_verdict_carries_the_same_message(code: str) -> None:
    assert validate(sample(code)).message == decode(sample(code))
