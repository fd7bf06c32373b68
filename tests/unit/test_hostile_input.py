"""Hostile and broken input: each gets its finding, in our own words, and nothing makes the validator raise."""

from __future__ import annotations

import gzip
import random

import pytest
from lxml import etree

import schemas
from exchange.errors import NotXML
from exchange.validation import CODES, Finding, Limits, Verdict, parse_message, validate
from exchange.validation.document import Prolog, claiming, read_prolog
from exchange.validation.engines import Engine, compiled, explained, parse, pix
from exchange.validation.schema_gate import schema_gate
from exchange.validation.wellformed import before_schema, syntax_fault
from exchange.validation.wording_syntax import of_libxml2


def sample(code: str) -> bytes:
    return schemas.sample(code).read_bytes()


WRO = sample("WRO")

BROKEN: dict[str, tuple[bytes, str]] = {
    "mismatch": (b"<a>\n<b></c></a>", "end tag </c>"),
    "truncated": (b"<a>\n<b>", "before <b> of line 2 is closed"),
    "entity": (b"<a>&foo;</a>", "&foo; is not defined"),
    "lone ampersand": (b"<a>A & B</a>", "&amp;"),
    "twice": (b'<a b="1" b="2"/>', "attribute b stands twice"),
    "prefix": (b"<p:a/>", "prefix p is not declared"),
    "unquoted": (b"<a b=1/>", "without quotation marks"),
    "no value": (b"<a b/>", "without a value"),
    "two roots": (b"<a/><b/>", "after the end of the root"),
    "no tag": (b"hello", "no start tag"),
    "control character": (b"<a>\x01</a>", "none that XML allows"),
    "comment": (b"<a><!-- </a>", "not closed with '-->'"),
    "declaration late": (b'\n<?xml version="1.0"?><a/>', "very start"),
    "less in attribute": (b'<a b="<"/>', "write &lt;"),
    "no version": (b"<?xml encoding='UTF-8'?><a/>", "names no version"),
    "no such version": (b"<?xml version='2.0'?><a/>", "there is not"),
    "standalone": (b"<?xml version='1.0' standalone='x'?><a/>", "yes or no"),
    "declared text open": (b"<?xml version='1.0?><a/>", "quotation mark"),
    "declared unquoted": (b"<?xml version=1.0?><a/>", "without quotation marks"),
    "declaration of more": (b"<?xml version='1.0' a='b'?><a/>", "not closed with '?>'"),
    "no equal sign": (b"<?xml version '1.0'?><a/>", "'=' is missing"),
    "empty declaration": (b"<?xml?><a/>", "or is empty"),
    "capital declaration": (b"<a><?XML x?></a>", "xml in capitals"),
    "two colons": (b"<a:b:c xmlns:a='x'/>", "'a:b:c' is no name"),
    "no prefix": (b"<:a/>", "':a' is no name"),
    "empty namespace": (b"<a xmlns:b=''/>", "prefix b is declared with an empty namespace"),
    "other namespace of xml": (b"<a xmlns:xml='q'/>", "XML's own"),
    "prefix xmlns": (b"<a xmlns:xmlns='q'/>", "XML's own"),
    "namespace with blanks": (b"<a xmlns='a b'/>", "'a b' is no URI"),
    "twice by namespace": (b"<a xmlns:x='q' xmlns:y='q' x:a='1' y:a='2'/>", "attribute a stands twice"),
    "instruction with a colon": (b"<a><?a:b x?></a>", "may have no ':'"),
    "instruction without a name": (b"<a><? x?></a>", "no name behind its '<?'"),
    "character out of bounds": (b"<a>&#x110000;</a>", "no character that XML allows"),
    "hexadecimal": (b"<a>&#xZ;</a>", "the form &#x7B;"),
    "decimal": (b"<a>&#z;</a>", "the form &#123;"),
    "long name": (b"<" + b"a" * 60_000 + b"/>", "longer than 50,000 characters"),
    "long text": (b"<a>" + b"x" * 10_000_001 + b"</a>", "longer than 10 million"),
    "long comment": (b"<a><!--" + b"x" * 10_000_001 + b"--></a>", "comment here is longer"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_not_well_formed_is_said_in_our_words(name: str) -> None:
    data, words = BROKEN[name]
    (finding,) = validate(data).findings
    assert (finding.gate, finding.code) == ("wellformed", "SYNTAX")
    assert words in finding.text
    assert finding.text.endswith(".")
    assert finding.line > 0


DAMAGE = [
    b"<", b">", b"&", b"'", b"=", b":", b" ", b"--", b"<!", b"<?", b"?>", b"</", b"<:a/>", b"a:b:c=''", b" a:b='1'",
    b"<?xml version='1.0'?>", b"standalone='x'", b"version='2'", b"<![CDATA[", b"]]>", b"<!--", b"<?XML ?>", b"<?a:b?>",
    b"&#x;", b"&#0;", b"&#99999999;", b"&foo;", b"&lt", b"%a;", b" xmlns:a=''", b" xmlns='%%'", b" xmlns:xml='a'",
    b" xmlns:xmlns='a'", b" xml:id='1'", b" xmlns:x='u' xmlns:y='u' x:a='' y:a=''", b"\x0b", b"\xef\xbf\xbe",
]  # fmt: skip


def libxml2_says(data: bytes) -> str:
    """Return libxml2's own words for the fault of ``data``."""
    with pytest.raises(etree.XMLSyntaxError) as caught:
        parse(data, None)
    return (caught.value.msg or "").rpartition(", line ")[0]


@pytest.mark.parametrize("seed", range(4))
def test_no_words_of_the_parser_are_shown_whatever_is_broken(seed: int) -> None:
    luck = random.Random(seed)
    samples = [sample(code) for code in schemas.CODES]
    broken = 0
    for _ in range(400):
        data = luck.choice(samples)
        for _ in range(luck.randint(1, 3)):
            at = luck.choice((luck.randrange(len(data)), luck.randrange(160)))
            new = luck.choice((luck.choice(DAMAGE), bytes([luck.randrange(128)]), b""))
            data = data[:at] + new + data[at + luck.choice((0, 1, luck.randint(1, 60))) :]
        if isinstance(before_schema(data, Limits()), Finding):
            continue
        finding = syntax_fault(data, Limits())
        if finding is None:
            continue
        broken += 1
        words = libxml2_says(data)
        assert (finding.code, finding.line > 0, finding.text[-1]) == ("SYNTAX", True, "."), finding
        assert words not in finding.text
        assert "of the parser" not in finding.text, f"no sentence for: {words}"
    assert broken > 100


def test_a_kind_of_fault_that_is_not_known_says_what_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(etree.XMLSyntaxError) as caught:
        parse(b"<a>", None)
    caught.value.msg = "xmlOddThing: gone"
    monkeypatch.setattr(caught.value, "code", 99_999)
    text = of_libxml2(caught.value)
    assert "99999" in text
    assert "closed" in text
    assert "xmlOddThing" not in text


CROWDED = WRO.replace(b"<UCR>", b"<UCR " + b" ".join(b"a%d='1'" % i for i in range(1_001)) + b">")


@pytest.mark.parametrize("engine", ["lxml", "xmlschema", "both"])
def test_too_many_attributes_of_one_element_are_a_finding_before_any_schema(engine: Engine) -> None:
    finding = validate(CROWDED, engine=engine).findings[0]
    assert (finding.gate, finding.code, finding.expected) == ("wellformed", "ATTRIBUTES", "at most 1000 attributes")
    assert "1,001 attributes" in finding.text
    line = CROWDED.decode().split("\n")[finding.line - 1]
    assert line[finding.column - 1 :].startswith("<UCR ")
    with pytest.raises(NotXML):
        parse_message(CROWDED)


def test_as_many_attributes_as_are_allowed_and_what_only_looks_like_more_are_no_fault_of_their_own() -> None:
    most = validate(CROWDED.replace(b" a1000='1'", b"")).findings
    assert {finding.code for finding in most} == {"109"}
    assert len(most) == 1_000
    text = b"<![CDATA[<a " + b"a='1' " * 2_000 + b">]]>"
    assert validate(WRO.replace(b"<UCR>", b"<!-- <a " + b"a='1' " * 2_000 + b"> --><UCR>")).valid
    told = validate(WRO.replace(b"<UCR>", b"<UCR>" + text)).findings
    assert {finding.gate for finding in told} == {"schema"}


def test_ten_megabytes_between_two_faults_are_read_in_pieces() -> None:
    blanks = b" " * 1_000_000 + b"<Odd/>"
    data = WRO.replace(b"<MRN>", b"<Odd>" + b"<X>1</X>" * 40_000 + b"</Odd>" + blanks * 12 + b"<MRN>")
    assert len(data) > 10_000_000
    verdict = validate(data.replace(b"<Result>", b"<Wrong>1</Wrong><Result>"))
    assert verdict.findings[0].code == "107"
    assert not verdict.valid


def test_a_compressed_document_is_not_unfolded() -> None:
    finding = validate(gzip.compress(b"<a>" + b" " * 10_000_000 + b"</a>")).findings[0]
    assert finding.gate == "bytes"
    assert "gzip" in finding.text


@pytest.mark.parametrize(
    ("start", "word"), [(b"PK\x03\x04", "zip"), (b"%PDF-1.7\xe2", "PDF"), (b"\x89PNG\r\n\x1a\n", "PNG")]
)
def test_other_kinds_of_file_are_named(start: bytes, word: str) -> None:
    finding = validate(start + b"\xff\x00" * 50).findings[0]
    assert finding.gate == "bytes"
    assert word in finding.text


@pytest.mark.parametrize("engine", ["lxml", "xmlschema", "both"])
def test_a_false_name_of_the_encoding_is_a_finding_and_another_spelling_is_none(engine: Engine) -> None:
    data = sample("AAR").replace(b"Kymen", "Kym\u00e9n".encode())
    assert not data.isascii()
    (finding,) = validate(data.replace(b'"UTF-8"', b'"US-ASCII"'), engine=engine).findings
    assert (finding.gate, finding.code, finding.line, finding.column) == ("bytes", "ENCODING", 1, 31)
    other = data.replace(b'"UTF-8"', b'"utf8"')
    assert validate(other, engine=engine).valid
    odd = validate(other.replace(b"</Header>", b"<Odd/></Header>"), engine=engine).findings
    assert [one.code for one in odd] == ["107"]


def told(verdict: Verdict) -> None:
    assert verdict.valid == (not any(finding.severity == "error" for finding in verdict.findings))
    assert verdict.total >= len(verdict.findings)
    for finding in verdict.findings:
        assert finding.code in CODES
        assert finding.text


@pytest.mark.parametrize("code", schemas.CODES)
def test_random_damage_never_makes_the_validator_raise(code: str) -> None:
    luck = random.Random(f"damage {code}")
    whole = sample(code)
    pieces = [b"<", b">", b"&", b'"', b"\x00", b"\xff", b"<![CDATA[", b"<!--", b"]]>", b"&#0;", b"xsi:type", b"</"]
    for _ in range(40):
        data = bytearray(whole)
        for _ in range(luck.randint(1, 5)):
            at = luck.randrange(len(data) + 1)
            match luck.randrange(5):
                case 0:
                    data[at : at + 1] = bytes([luck.randrange(256)])
                case 1:
                    del data[at : at + luck.randint(1, 60)]
                case 2:
                    data[at:at] = luck.choice(pieces)
                case 3:
                    data[at:at] = data[at : at + luck.randint(1, 200)]
                case _:
                    data = data[: at + 1]
        told(validate(bytes(data)))


ENGINES: tuple[Engine, ...] = ("lxml", "xmlschema", "both")


@pytest.mark.parametrize("engine", ENGINES)
def test_the_engines_agree_on_every_sample_and_on_its_faults(engine: Engine) -> None:
    for version in schemas.VERSIONS:
        for code in schemas.CODES:
            data = schemas.sample(code, version).read_bytes()
            verdict = validate(data, engine=engine)
            assert verdict.valid, (version, code, verdict.findings)
            bad = validate(data.replace(b"</Header>", b"<Odd/></Header>"), engine=engine)
            assert [finding.code for finding in bad.findings] == ["107"], (version, code)


def test_a_disagreement_of_the_engines_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    grammar = pix("1.0")
    assert schema_gate(WRO, grammar, Limits(), "both").findings == []
    monkeypatch.setattr("exchange.validation.schema_gate.explain_tree", lambda *_: ([], 0))
    gate = schema_gate(WRO.replace(b"<MRN>", b"<Odd/><MRN>"), grammar, Limits(), "both")
    assert gate.root is None
    assert gate.findings[0].code == "ENGINES"
    assert "xmlschema accepts" in gate.findings[0].text


def test_both_engines_have_every_version() -> None:
    for version in schemas.VERSIONS:
        assert compiled(version) is not None
        assert explained(version).maps.elements


def read(data: bytes) -> Prolog:
    prolog = read_prolog(data)
    assert isinstance(prolog, Prolog)
    return prolog


def test_another_version_can_be_claimed_without_moving_anything() -> None:
    data = (
        b"<?xml version='1.0'?><!-- <a schemaVersion='0'> --><a x='1' schemaVersion=\"1.0\"><b schemaVersion='2'/></a>"
    )
    assert claiming(data, read(data), "1.1") == data.replace(b'"1.0"', b'"1.1"')
    assert claiming(b"<a/>", read(b"<a/>"), "1.1") == b"<a/>"
