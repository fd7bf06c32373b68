"""Validation: each gate gives its finding at its place; each rule has a case that breaks it and one that keeps
it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import schemas
from exchange.errors import InvalidMessage, NotXML
from exchange.validation import (
    CODES,
    GATES,
    Finding,
    Limits,
    Verdict,
    parse_message,
    peek_header,
    validate,
)
from tests.rule_cases import Edit, both, sample, swap


def only(verdict: Verdict) -> Finding:
    assert len(verdict.findings) == 1, verdict.findings
    return verdict.findings[0]


HOSTILE: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "bytes", "EMPTY"),
    "blank": (b" \n\t", "bytes", "EMPTY"),
    "binary": (bytes(range(1, 256)), "bytes", "ENCODING"),
    "gzip": (b"\x1f\x8b\x08" + b"\x01" * 50, "bytes", "ENCODING"),
    "nul": (sample("WRO").replace(b"<UCR>", b"<UCR>\x00"), "bytes", "NUL"),
    "utf-16": (sample("WRO").decode().encode("utf-16"), "bytes", "ENCODING"),
    "utf-16 without mark": (sample("WRO").decode().encode("utf-16-le"), "bytes", "ENCODING"),
    "latin-1 declared": (sample("WRO").replace(b'"UTF-8"', b'"ISO-8859-1"'), "bytes", "ENCODING"),
    "latin-1 undeclared": (sample("AAR").replace(b"Kymen", "Kymé".encode("latin-1")), "bytes", "ENCODING"),
    "doctype": (sample("WRO").replace(b"<WriteOff", b"<!DOCTYPE WriteOff><WriteOff", 1), "wellformed", "DOCTYPE"),
    "doctype after comment": (b"<!-- -->\n<!doctype a><a/>", "wellformed", "DOCTYPE"),
    "entity bomb": (
        b'<!DOCTYPE z [<!ENTITY a "ha">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(20))
        + b"]><z>&u;</z>",
        "wellformed",
        "DOCTYPE",
    ),
    "external entity": (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        "wellformed",
        "DOCTYPE",
    ),
    "truncated": (sample("AAR")[:-40], "wellformed", "SYNTAX"),
    "not xml": (b"hello", "wellformed", "SYNTAX"),
    "unknown entity": (sample("WRO").replace(b"<UCR>", b"<UCR>&foo;"), "wellformed", "SYNTAX"),
    "control character": (sample("WRO").replace(b"<UCR>", b"<UCR>\x01"), "wellformed", "SYNTAX"),
    "unbound prefix": (b"<a:b/>", "wellformed", "SYNTAX"),
    "two roots": (sample("WRO") + b"<a/>", "wellformed", "SYNTAX"),
    "open comment": (b"<!-- <a/>", "wellformed", "SYNTAX"),
    "10,000 levels": (b"<a>" * 10_000 + b"</a>" * 10_000, "wellformed", "DEPTH"),
    "100 levels": (b"<a>" * 100 + b"</a>" * 100, "wellformed", "DEPTH"),
    "100,000 attributes": (
        b"<a " + b" ".join(b'a%d=""' % i for i in range(100_000)) + b"/>",
        "wellformed",
        "ATTRIBUTES",
    ),
    "unknown root": (b"<foo/>", "schema", "ROOT"),
    "other namespace": (sample("WRO").replace(b"urn:corridor:pix:1", b"urn:other"), "schema", "ROOT"),
    "unknown version": (sample("WRO").replace(b'schemaVersion="1.0"', b'schemaVersion="7"'), "schema", "VERSION"),
    "100,000 siblings": (
        sample("WRO").replace(b"<MRN>", b"<X>1</X>" * 100_000 + b"<MRN>"),
        "schema",
        "107",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_gets_its_finding(name: str) -> None:
    data, gate, code = HOSTILE[name]
    verdict = validate(data)
    assert not verdict.valid
    assert verdict.message is None
    assert (verdict.findings[0].gate, verdict.findings[0].code) == (gate, code)
    assert verdict.total >= len(verdict.findings)


@pytest.mark.parametrize("name", [n for n, (_, gate, _) in HOSTILE.items() if gate in ("bytes", "wellformed")])
def test_what_is_not_xml_raises_not_xml(name: str) -> None:
    data = HOSTILE[name][0]
    with pytest.raises(NotXML) as caught:
        parse_message(data)
    assert caught.value.finding == validate(data).findings[0]


def test_limits_hold() -> None:
    data = sample("AAR")
    for limits, code in (
        (Limits(size=100), "SIZE"),
        (Limits(elements=20), "ELEMENTS"),
        (Limits(attributes=1), "ATTRIBUTES"),
    ):
        assert only(validate(data, limits=limits)).code == code
    bad = swap("<NumberOfSeals>1<", "<NumberOfSeals>x<", 3)(data)
    verdict = validate(bad, limits=Limits(findings=2))
    assert (len(verdict.findings), verdict.total) == (2, 3)


def test_many_faults_are_counted_and_the_first_thousand_shown() -> None:
    data = sample("ARR")
    start, end = data.index(b"  <SealFound>"), data.rindex(b"</SealFound>") + 13
    seals = b"".join(
        b"<SealFound><SequenceNumber>%d</SequenceNumber><ID>x</ID><State>ODD</State></SealFound>\n" % i
        for i in range(1, 801)
    )
    verdict = validate(data[:start] + seals + data[end:])
    assert (len(verdict.findings), verdict.total) == (1000, 1600)


SCHEMA_FAULTS: list[tuple[str, Edit, str, str, str]] = [
    (
        "AAR",
        swap("    <MessageType>AAR</MessageType>\n", ""),
        "101",
        "/AnticipatedArrivalRecord/Header/Sender",
        "<Sender>",
    ),
    (
        "AAR",
        swap("<MessageType>AAR", "<MessageType>ADV"),
        "102",
        "/AnticipatedArrivalRecord/Header/MessageType",
        "ADV<",
    ),
    (
        "AAR",
        swap("2017-11-15T04", "2017-13-15T04"),
        "103",
        "/AnticipatedArrivalRecord/Consignment/ItineraryStop[2]/ETA",
        "2017-13-15T04",
    ),
    ("WRO", swap("<Ordinal>", "<Ordinal>x"), "104", "/WriteOff/Header/Ordinal", "x3<"),
    (
        "AAR",
        swap("<NumberOfSeals>1", "<NumberOfSeals>100"),
        "104",
        "/AnticipatedArrivalRecord/Consignment/TransportEquipment[1]/NumberOfSeals",
        "100<",
    ),
    ("CTR", swap("<FoundMass>", "<FoundMass>1.0001"), "104", "/ControlResult/FoundMass", "1.0001"),
    ("CTR", swap("<Text>", "<Text>" + "x" * 600), "105", "/ControlResult/Text", "xxx"),
    (
        "AAR",
        swap("<Name>Altynkol</Name>", "<Name/>"),
        "105",
        "/AnticipatedArrivalRecord/Consignment/ItineraryStop[3]/Place/Name",
        "<Name/>",
    ),
    (
        "AAR",
        swap("CSQU3054383", "csqu3054383"),
        "106",
        "/AnticipatedArrivalRecord/Consignment/TransportEquipment[1]/ContainerID",
        "csqu3054383<",
    ),
    ("AAR", swap("<UCR>", "<Odd/>\n  <UCR>"), "107", "/AnticipatedArrivalRecord/Odd", "<Odd/>"),
    ("WRO", swap("</Result>", "</Result><Odd/>"), "107", "/WriteOff/Odd", "<Odd/>"),
    ("WRO", swap("<UCR>", "<MRN>17CN9911A0004711J0</MRN><UCR>"), "107", "/WriteOff/MRN[1]", "<MRN>"),
    ("WRO", swap(' schemaVersion="1.0"', ""), "108", "/WriteOff", "<WriteOff"),
    ("WRO", swap("<UCR>", '<UCR odd="1">'), "109", "/WriteOff/UCR", "odd="),
    ("WRO", swap("<Header>", "<Header>text"), "100", "/WriteOff/Header", "<Header>"),
]


@pytest.mark.parametrize(
    ("message", "edit", "code", "xpath", "at"), SCHEMA_FAULTS, ids=lambda v: v if isinstance(v, str) else ""
)
def test_a_schema_fault_is_told_with_its_place(message: str, edit: Edit, code: str, xpath: str, at: str) -> None:
    data = edit(sample(message))
    verdict = validate(data)
    finding = verdict.findings[0]
    assert (finding.gate, finding.code) == ("schema", code)
    assert finding.xpath == xpath
    line = data.decode().split("\n")[finding.line - 1]
    assert line[finding.column - 1 :].startswith(at)
    assert finding.expected
    assert finding.text.endswith(".")
    with pytest.raises(InvalidMessage) as caught:
        parse_message(data)
    assert caught.value.findings == verdict.findings


def test_all_faults_of_a_document_are_told_in_its_order() -> None:
    data = both(
        swap("<ControlResult>A1", "<ControlResult>X9"),
        swap("CSQU3", "csqu3", 3),
        swap("<Kind>CT<", "<Kind>??<"),
        swap("</TransportDocument>", "</TransportDocument><Odd/>"),
    )(sample("AAR"))
    findings = validate(data).findings
    assert [finding.code for finding in findings] == ["102", "106", "106", "106", "106", "107"]
    assert [f.line for f in findings] == sorted(f.line for f in findings)


XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


@pytest.mark.parametrize("named", ["Header", "Nothing", "q:AARHeader", ""])
def test_another_type_named_in_the_document_is_refused(named: str) -> None:
    data = swap("<Header>", f'<Header {XSI} xsi:type="{named}">')(sample("AAR"))
    finding = validate(data).findings[0]
    assert (finding.gate, finding.xpath) == ("schema", "/AnticipatedArrivalRecord/Header")


def test_schema_locations_in_a_document_are_not_followed() -> None:
    named = f'{XSI} xsi:schemaLocation="urn:corridor:pix:1 http://127.0.0.1:1/x.xsd" schemaVersion'
    assert validate(swap("schemaVersion", named)(sample("WRO"))).valid
    assert not validate(both(swap("schemaVersion", named), swap("<Ordinal>", "<Ordinal>x"))(sample("WRO"))).valid


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<UCR>7CN91610131XA0001.SAMPLEXA", "<UCR><![CDATA[7CN91610131XA0001.SAMPLEXA]]>"),
        ("<Ordinal>", "<Ordinal> \n"),
        ("<UCR>7CN9", "<UCR>7CN<!-- inside -->9"),
        ("</Consignment>", "</Consignment><?any thing?>"),
        ("<GrossMass>41730.5<", "<GrossMass>041730.500<"),
    ],
)
def test_other_spellings_of_the_same_message_are_the_same_message(old: str, new: str) -> None:
    assert parse_message(swap(old, new)(sample("AAR"))) == parse_message(sample("AAR"))


def test_a_prefix_instead_of_the_default_namespace_is_the_same_message() -> None:
    data = sample("WRO").replace(b"xmlns=", b"xmlns:p=").replace(b"<", b"<p:")
    data = data.replace(b"<p:/", b"</p:").replace(b"<p:?", b"<?")
    assert parse_message(data) == parse_message(sample("WRO"))


def test_columns_count_characters_not_bytes() -> None:
    data = swap("<Name>Kymen Kodinkone Oy</Name>", "<Name>西安😀é</Name><Odd/>")(sample("AAR"))
    finding = validate(data).findings[0]
    line = data.decode().split("\n")[finding.line - 1]
    assert line[finding.column - 1 :].startswith("<Odd/>")


@pytest.mark.parametrize(
    ("old", "new", "xpath"),
    [
        ("<Kind>CT</Kind>", "<Kind>QX</Kind>", "GoodsItem[1]/Packaging/Kind"),
        ("<CountryCode>KZ</CountryCode>", "<CountryCode>XQ</CountryCode>", "ItineraryStop[3]/CountryCode"),
        ("<OriginCountry>CN", "<OriginCountry>ZZ", "GoodsItem[1]/OriginCountry"),
        ("<CountryOfDispatch>CN", "<CountryOfDispatch>QQ", "Consignment/CountryOfDispatch"),
        ("<Nationality>CN", "<Nationality>QQ", "TransportMeans/Nationality"),
    ],
)
def test_a_code_outside_its_list_is_found(old: str, new: str, xpath: str) -> None:
    finding = only(validate(swap(old, new)(sample("AAR"))))
    assert (finding.gate, finding.code) == ("codelist", "12")
    assert finding.xpath.endswith(xpath)


def test_code_lists_and_rules_are_both_asked() -> None:
    data = both(swap("<Kind>CT</Kind>", "<Kind>QX</Kind>"), swap("CSQU3054383", "CSQU3054384"))(sample("AAR"))
    assert [finding.gate for finding in validate(data).findings] == ["rules", "codelist"]


def test_a_byte_order_mark_of_utf_8_is_accepted() -> None:
    assert validate(b"\xef\xbb\xbf" + sample("WRO")).valid


def test_a_valid_message_is_parsed_and_a_warning_does_not_stop_it() -> None:
    assert parse_message(sample("AAR")) == validate(sample("AAR")).message
    late = swap("<SentAt>2017-11-12", "<SentAt>2017-11-27")(sample("AAR"))
    assert [finding.severity for finding in validate(late).findings] == ["warning"]
    assert type(parse_message(late)).CODE == "AAR"


def test_verdicts_do_not_depend_on_what_was_judged_before() -> None:
    bad = swap("<Ordinal>", "<Ordinal>x")(sample("WRO"))
    for _ in range(3):
        assert [f.xpath for f in validate(bad).findings] == ["/WriteOff/Header/Ordinal"]
        assert only(validate(sample("AAR")[:-40])).code == "SYNTAX"
        assert validate(sample("WRO")).valid


def test_the_header_of_an_invalid_message_can_be_peeked_at() -> None:
    header = peek_header(swap("<Ordinal>", "<Ordinal>x")(sample("RCG")))
    assert header is not None
    assert (header.message_type, header.sender, header.recipient) == ("RCG", "KZ", "CN")
    assert header.message_id
    assert header.correlation_id
    for nothing in (
        b"",
        b"<a/>",
        b"<a",
        b"<!DOCTYPE a><a/>",
        sample("WRO").replace(b"urn:corridor:pix:1", b"urn:x"),
    ):
        assert peek_header(nothing) is None


def test_gates_and_codes_are_the_published_ones() -> None:
    found = [*(validate(data).findings[0] for data, _, _ in HOSTILE.values())]
    assert {finding.gate for finding in found} <= set(GATES)
    assert {finding.code for finding in found} <= set(CODES)
    assert all(re.fullmatch(r"[0-9A-Z]{1,10}", code) for code in CODES)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(schemas.CODES), st.data())
def test_no_change_of_bytes_makes_the_validator_raise(code: str, data: st.DataObject) -> None:
    document = bytearray(sample(code))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(document) - 1))
        end = min(len(document), at + data.draw(st.integers(0, 20)))
        document[at:end] = data.draw(st.binary(max_size=8))
        if not document:
            break
    verdict = validate(bytes(document))
    assert verdict.valid or verdict.findings


def test_the_command_quotes_the_line_and_gives_the_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from scenarios.commands.validate import validate as command

    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_bytes(sample("AAR"))
    assert command([tmp_path]) == 0
    bad.write_bytes(swap("CSQU3054383", "CSQU3054384")(sample("AAR")))
    assert command([tmp_path]) == 1
    text = capsys.readouterr().out
    assert re.search(r"bad\.xml:\d+:\d+: error 14 PIX-007 ", text)
    caret = next(line for line in text.splitlines() if line.strip() == "^")
    quote = text.splitlines()[text.splitlines().index(caret) - 1]
    assert quote[caret.index("^") :].startswith("CSQU3054384")
    assert command([tmp_path / "nothing.xml"]) == 2
    (tmp_path / "lost.xml").symlink_to(tmp_path / "nowhere.xml")
    assert command([tmp_path]) == 1
    assert "lost.xml: error READ" in capsys.readouterr().out
    empty = tmp_path / "empty"
    empty.mkdir()
    assert command([empty]) == 2


def test_the_command_speaks_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import json

    from scenarios.commands.validate import validate as command

    bad = tmp_path / "bad.xml"
    bad.write_bytes(swap("CSQU3054383", "CSQU3054384")(sample("AAR")))
    assert command([bad], json_output=True) == 1
    told = json.loads(capsys.readouterr().out)
    (file,) = told["files"]
    assert (file["valid"], file["message"], file["version"]) == (False, "AAR", "1.0")
    assert set(file["findings"][0]) == {
        "gate",
        "severity",
        "code",
        "rule",
        "line",
        "column",
        "xpath",
        "value",
        "expected",
        "text",
    }
    assert told["summary"] == {"files": 1, "valid": 0, "invalid": 1, "findings": 1}
