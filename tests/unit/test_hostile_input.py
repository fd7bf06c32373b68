"""Hostile and broken input: each gets its finding, in our own words, and nothing makes the validator raise."""

from __future__ import annotations

import gzip
import random

import pytest

import schemas
from exchange.validation import CODES, Limits, Verdict, validate
from exchange.validation.document import Prolog, claiming, read_prolog
from exchange.validation.engines import Engine, compiled, explained, pix
from exchange.validation.schema_gate import schema_gate


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
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_not_well_formed_is_said_in_our_words(name: str) -> None:
    data, words = BROKEN[name]
    (finding,) = validate(data).findings
    assert (finding.gate, finding.code) == ("wellformed", "SYNTAX")
    assert words in finding.text
    assert finding.text.endswith(".")
    assert finding.line > 0


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
