"""Each class of fault has a sentence of its own; neither engine's wording is in it."""
# ruff: noqa: E501

from __future__ import annotations

import re
from pathlib import Path

import pytest

from exchange.validation import CODES, Finding, Limits
from exchange.validation.engines import Grammar
from exchange.validation.explain import explain
from exchange.validation.explain_tree import explain_tree

XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
FOREIGN = re.compile(
    r"Xsd|<class|object at 0x|Element '|facet '|doesn't match any|must be one of \[|has to be|cannot be lesser|int\(\)"
    r"|Invalid datetime|invalid value|not an xs:|duplicated value|not found for|assertion test is false|is not nillable"
    r"|Unexpected child|global component|unmapped|could not convert|no name of its own|<=|xmlschema|libxml"
)
"""What one of the engines would say, and what is said where nothing better is known."""


def faults(folder: Path, body: str, document: str) -> list[Finding]:
    """Both ways of explaining, which must agree on the code, place and words of the first finding."""
    path = folder / "s.xsd"
    path.write_text(f"<xs:schema {XS}>{body}</xs:schema>")
    grammar = Grammar(path, xsd="1.1")
    found, total = explain(document.encode(), grammar, Limits())
    again, _ = explain_tree(document.encode(), grammar, Limits())
    assert total == len(found) > 0
    assert [(one.code, one.line, one.column) for one in found] == [(one.code, one.line, one.column) for one in again]
    for finding in (*found, *again):
        assert finding.code in CODES
        assert finding.expected
        assert finding.text.endswith(".")
        assert not FOREIGN.search(f"{finding.text} {finding.expected}"), finding
    return found


BUILTIN = {
    "boolean": "106", "decimal": "104", "integer": "104", "int": "104", "byte": "104", "unsignedShort": "104",
    "positiveInteger": "104", "float": "104", "double": "104", "duration": "106", "dateTime": "103", "date": "103",
    "time": "103", "gYear": "103", "gYearMonth": "103", "gMonth": "103", "gMonthDay": "103", "gDay": "103",
    "hexBinary": "106", "base64Binary": "106", "language": "106", "NMTOKEN": "106", "Name": "106", "NCName": "106",
    "ID": "106", "QName": "106", "yearMonthDuration": "106", "dayTimeDuration": "106", "NMTOKENS": "106",
    "dateTimeStamp": "103",
}  # fmt: skip


@pytest.mark.parametrize("name", BUILTIN)
def test_a_value_of_every_type_of_xsd(tmp_path: Path, name: str) -> None:
    finding = faults(tmp_path, f'<xs:element name="v" type="xs:{name}"/>', "<v>{!}</v>")[0]
    assert (finding.code, finding.value, finding.column) == (BUILTIN[name], "{!}", 4)
    assert finding.text.startswith("'{!}' in v ")


def restricted(base: str, facet: str) -> str:
    return f'<xs:element name="v"><xs:simpleType><xs:restriction base="xs:{base}">{facet}</xs:restriction></xs:simpleType></xs:element>'


FACETS = [
    ("string", '<xs:length value="3"/>', "ab", "105", "not of the right length (2); expected exactly 3 characters"),
    ("string", '<xs:minLength value="3"/>', "ab", "105", "too short (2); expected at least 3 characters"),
    ("string", '<xs:maxLength value="1"/>', "ab", "105", "too long (2); expected at most 1 character"),
    ("hexBinary", '<xs:maxLength value="1"/>', "ABCD", "105", "too long (2); expected at most 1 byte"),
    ("anyURI", '<xs:maxLength value="1"/>', "a:b", "105", "too long"),
    ("NMTOKENS", '<xs:maxLength value="1"/>', "a b", "105", "too long (2); expected at most 1 item"),
    ("string", '<xs:pattern value="x"/>', "ab", "106", "has not the right form"),
    ("int", '<xs:pattern value="1"/>', "2", "104", "has not the right form"),
    ("string", '<xs:enumeration value="a"/><xs:enumeration value="b"/>', "c", "102", "expected one of a, b"),
    ("date", '<xs:enumeration value="2020-01-01"/>', "2020-01-02", "102", "expected 2020-01-01"),
    ("boolean", '<xs:pattern value="true"/>', "1", "106", "has not the right form"),
    ("int", '<xs:minInclusive value="5"/>', "4", "104", "expected 5 or more"),
    ("int", '<xs:maxInclusive value="5"/>', "6", "104", "expected 5 or less"),
    ("int", '<xs:minExclusive value="5"/>', "5", "104", "expected more than 5"),
    ("int", '<xs:maxExclusive value="5"/>', "5", "104", "expected less than 5"),
    ("double", '<xs:maxExclusive value="5"/>', "7", "104", "expected less than 5"),
    ("decimal", '<xs:minInclusive value="1"/><xs:maxInclusive value="2"/>', "3", "104", "expected 1 to 2"),
    ("date", '<xs:minInclusive value="2020-01-01"/>', "2019-01-01", "103", "expected 2020-01-01 or more"),
    ("dateTime", '<xs:maxInclusive value="2020-01-01T00:00:00Z"/>', "2021-01-01T00:00:00Z", "103", "or less"),
    ("duration", '<xs:maxInclusive value="P1D"/>', "P2D", "106", "or less"),
    ("gYear", '<xs:maxInclusive value="2020"/>', "2021", "103", "or less"),
    ("decimal", '<xs:totalDigits value="2"/>', "123", "104", "too many digits; expected at most 2 digits"),
    ("decimal", '<xs:fractionDigits value="1"/>', "1.23", "104", "expected at most 1 digit after the point"),
    ("dateTime", '<xs:explicitTimezone value="required"/>', "2020-01-01T00:00:00", "103", "expected a time zone"),
    ("date", '<xs:explicitTimezone value="prohibited"/>', "2020-01-01Z", "103", "expected no time zone"),
    ("int", '<xs:assertion test="$value mod 2 = 0"/>', "3", "106", "$value mod 2 = 0 does not hold"),
    ("byte", "", "300", "104", "expected -128 to 127"),
    ("unsignedLong", "", "-1", "104", "expected 0 to 18446744073709551615"),
    ("nonNegativeInteger", "", "-1", "104", "expected 0 or more"),
    ("string", '<xs:minLength value="1"/>', "", "105", "is empty"),
]


@pytest.mark.parametrize(("base", "facet", "value", "code", "words"), FACETS)
def test_every_facet(tmp_path: Path, base: str, facet: str, value: str, code: str, words: str) -> None:
    (finding,) = faults(tmp_path, restricted(base, facet), f"<v>{value}</v>")
    assert finding.code == code
    assert words in finding.text


def record(inner: str, more: str = "", after: str = "") -> str:
    return f'<xs:element name="r" {more}><xs:complexType>{inner}</xs:complexType>{after}</xs:element>'


ONE = '<xs:sequence><xs:element name="a" type="xs:string" maxOccurs="9"/></xs:sequence>'
TWO = '<xs:sequence><xs:element name="a" type="xs:string"/><xs:element name="b" type="xs:string"/></xs:sequence>'
HEAD = '<xs:sequence><xs:element ref="h"/></xs:sequence>'
KEY = '<xs:key name="k"><xs:selector xpath="a"/><xs:field xpath="{}"/></xs:key>'
DERIVED = '<xs:complexType name="b"/><xs:complexType name="o"><xs:complexContent><xs:extension base="b"/></xs:complexContent></xs:complexType>'
CLASSES = {
    "list": ('<xs:element name="r"><xs:simpleType><xs:list itemType="xs:int"/></xs:simpleType></xs:element>', "<r>1 x</r>", "104", "'x' in r is not a whole number"),
    "union": ('<xs:element name="r"><xs:simpleType><xs:union memberTypes="xs:int xs:boolean"/></xs:simpleType></xs:element>', "<r>x</r>", "106", "none of the forms"),
    "missing attribute": (record('<xs:attribute name="a" use="required"/>'), "<r/>", "108", "lacks the attribute a"),
    "unknown attribute": (record('<xs:attribute name="a"/>'), '<r b="1"/>', "109", "has no attribute b; expected a"),
    "prohibited attribute": (record('<xs:attribute name="a" type="xs:string" use="prohibited"/>'), '<r a="1"/>', "109", "may not have"),
    "attribute of one value": (record('<xs:attribute name="a" type="xs:string" fixed="x"/>'), '<r a="1"/>', "109", "always has the value x"),
    "attribute out of range": (record('<xs:attribute name="a" type="xs:byte"/>'), '<r a="1000"/>', "109", "out of range"),
    "attribute of another namespace": (record('<xs:anyAttribute namespace="##other"/>'), '<r a="1"/>', "109", "takes no attribute of no namespace"),
    "undeclared attribute": (record("<xs:anyAttribute/>"), '<r q:a="1" xmlns:q="urn:q"/>', "109", "declared nowhere"),
    "unknown xsi attribute": (record("<xs:sequence/>"), f'<r {XSI} xsi:foo="1"/>', "109", "has no attribute foo"),
    "not nillable": (record("<xs:sequence/>"), f'<r {XSI} xsi:nil="true"/>', "109", "may not be nil"),
    "nil, neither true nor false": (record("<xs:sequence/>", 'nillable="true"'), f'<r {XSI} xsi:nil="maybe"/>', "109", "neither true nor false"),
    "nil and not empty": (record(ONE, 'nillable="true"'), f'<r {XSI} xsi:nil="true"><a/></r>', "109", "nil and yet not empty"),
    "nil of one value": ('<xs:element name="r" type="xs:string" nillable="true" fixed="x"/>', f'<r {XSI} xsi:nil="true"/>', "109", "cannot be nil"),
    "unknown type": (record("<xs:sequence/>"), f'<r {XSI} xsi:type="zz"/>', "109", "names the type zz"),
    "other type": (record("<xs:sequence/>") + '<xs:complexType name="o"/>', f'<r {XSI} xsi:type="o"/>', "109", "not derived from its own"),
    "blocked type": (DERIVED + '<xs:element name="r" type="b" block="extension"/>', f'<r {XSI} xsi:type="o"/>', "109", "blocks"),
    "abstract type": ('<xs:complexType name="b" abstract="true"/><xs:element name="r" type="b"/>', "<r/>", "100", "abstract"),
    "abstract root": ('<xs:element name="r" abstract="true"/>', "<r/>", "100", "abstract"),
    "blocked substitution": (record(HEAD) + '<xs:element name="h" block="substitution"/><xs:element name="s" substitutionGroup="h"/>', "<r><s/></r>", "107", "expected h"),
    "wildcard, not declared": (record("<xs:sequence><xs:any/></xs:sequence>"), '<r><z xmlns="urn:q"/></r>', "107", "declared nowhere"),
    "wildcard, other namespace": (record('<xs:sequence><xs:any namespace="##other"/></xs:sequence>'), "<r><z/></r>", "107", "another namespace"),
    "open content": (record('<xs:openContent mode="suffix"><xs:any namespace="urn:o" processContents="lax"/></xs:openContent>' + ONE), "<r><a/><z/></r>", "107", "z is no element of r"),
    "element of one value": ('<xs:element name="r" type="xs:int" fixed="3"/>', "<r>4</r>", "106", "always has the value '3'"),
    "mixed content": (record(f'{TWO}').replace("complexType>", 'complexType mixed="true">', 1), "<r>x<a/>y</r>", "101", "b is missing at its end"),
    "text in an empty element": (record("<xs:sequence/>"), "<r>x</r>", "100", "stands empty"),
    "text between elements": (record(TWO), "<r><a/>x<b/></r>", "100", "takes elements"),
    "elements in a text": ('<xs:element name="r" type="xs:string"/>', "<r><a/></r>", "107", "takes text"),
    "attributes and text": (record('<xs:simpleContent><xs:extension base="xs:int"><xs:attribute name="a"/></xs:extension></xs:simpleContent>'), "<r>x</r>", "104", "not a whole number"),
    "unique": (record(ONE, after=KEY.format(".").replace("key", "unique")), "<r><a>1</a><a>1</a></r>", "100", "stands twice"),
    "key field": (record('<xs:sequence><xs:element name="a"><xs:complexType><xs:attribute name="i"/></xs:complexType></xs:element></xs:sequence>', after=KEY.format("@i")), "<r><a/></r>", "100", "part of a key"),
    "reference": (record(TWO, after=KEY.format(".") + '<xs:keyref name="q" refer="k"><xs:selector xpath="b"/><xs:field xpath="."/></xs:keyref>'), "<r><a>1</a><b>2</b></r>", "100", "refers to nothing"),
    "IDREF": (record(ONE.replace("string", "IDREF")), "<r><a>x</a></r>", "100", "leads to no identifier"),
    "ID": (record('<xs:sequence><xs:element name="a" maxOccurs="2"><xs:complexType><xs:attribute name="i" type="xs:ID"/></xs:complexType></xs:element></xs:sequence>'), '<r><a i="x"/><a i="x"/></r>', "109", "stands twice in the document"),
    "assertion": (record(ONE + "<xs:assert test=\"a = 'y'\"/>"), "<r><a>x</a></r>", "100", "What must hold for r"),
    "alternative": ('<xs:element name="r" type="xs:anyType"><xs:alternative test="@k=1" type="xs:int"/><xs:alternative type="xs:error"/></xs:element>', '<r k="2"/>', "109", "no attribute k"),
    "empty choice": (record("<xs:choice/>"), "<r/>", "100", "lets nothing stand"),
    "choice": (record('<xs:choice><xs:element name="a"/><xs:element name="b"/></xs:choice>'), "<r/>", "101", "a or b is missing"),
    "no order, twice": (record('<xs:all><xs:element name="a"/><xs:element name="b" minOccurs="0"/></xs:all>'), "<r><a/><a/></r>", "107", "once too often"),
    "no order, missing": (record('<xs:all><xs:element name="a"/><xs:element name="b"/></xs:all>'), "<r><b/></r>", "101", "a is missing"),
    "no root": (record(ONE), "<q/>", "ROOT", "The root element q"),
}  # fmt: skip


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_of_fault(tmp_path: Path, name: str) -> None:
    body, document, code, words = CLASSES[name]
    finding = faults(tmp_path, body, document)[0]
    assert finding.code == code
    assert words in finding.text


def test_a_value_beyond_what_an_engine_works_with_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "s.xsd"
    path.write_text(f'<xs:schema {XS}><xs:element name="v" type="xs:gYear"/></xs:schema>')
    for xsd in ("1.0", "1.1"):
        (finding,), total = explain(b"<v>999999999999999999999</v>", Grammar(path, xsd=xsd), Limits())
        assert (total, finding.code) == (1, "104")
        (finding,), _ = explain_tree(b"<v>999999999999999999999</v>", Grammar(path, xsd=xsd), Limits())
        assert finding.code == "104"


def test_what_takes_too_long_says_so_and_how_many_there_are_at_least(tmp_path: Path) -> None:
    path = tmp_path / "s.xsd"
    path.write_text(f"<xs:schema {XS}>" + record(ONE + '<xs:assert test="count(a) = 1"/>') + "</xs:schema>")
    found, total = explain_tree(b"<r>" + b"<a/>" * 5000 + b"</r>", Grammar(path, xsd="1.1"), Limits(seconds=0))
    assert (total, found[0].code) == (1, "CRASH")
    assert "more than 0 s" in found[0].text


def test_of_very_many_faults_xmlschema_tells_that_there_are_more(tmp_path: Path) -> None:
    path = tmp_path / "s.xsd"
    body = record(ONE.replace("9", "unbounded") + '<xs:assert test="true()"/>')
    path.write_text(f"<xs:schema {XS}>{body}</xs:schema>")
    found, total = explain(b"<r>" + b"<b/>" * 25_000 + b"</r>", Grammar(path, xsd="1.1"), Limits())
    assert (len(found), found[0].code) == (1000, "CRASH")
    assert "more than 20,000 faults" in found[0].text
    assert total > 20_000


def test_a_value_beyond_any_engine_is_told_at_its_place_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    years = (
        '<xs:sequence><xs:element name="a" type="xs:gYear" maxOccurs="9"/><xs:any namespace="##other" minOccurs="0"/>'
    )
    body = record(years + '</xs:sequence><xs:attribute name="y" type="xs:gYear"/>')
    huge = "2" + "0" * 19
    found = faults(tmp_path, body, f'<r y="{huge}">\n<a>1</a>\n<a>{huge}</a>\n<a>{huge}</a>\n<b/></r>')
    assert [(one.code, one.line, one.column, one.xpath) for one in found] == [
        ("104", 1, 4, "/r/@y"),
        ("103", 2, 4, "/r/a[1]"),
        ("104", 3, 4, "/r/a[2]"),
        ("104", 4, 4, "/r/a[3]"),
        ("107", 5, 1, "/r/b"),
    ]
    assert "too large to be worked with" in found[0].text


def test_very_many_values_beyond_any_engine_end_the_looking(tmp_path: Path) -> None:
    body = record(
        '<xs:sequence><xs:element name="a" type="xs:gYear" maxOccurs="99"/><xs:any namespace="##other" minOccurs="0"/></xs:sequence>'
    )
    found = faults(tmp_path, body, "<r>" + f"<a>{'9' * 20}</a>" * 40 + "</r>")
    assert [one.code for one in found] == ["CRASH"] + ["104"] * 10
