"""``corridor sample``: what is made is valid, equal for equal seeds, and refused in words where it cannot be made."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest
from elementpath.regex import translate_pattern
from lxml import etree
from typer.testing import CliRunner

import schemas
from exchange.generation import KINDS, CannotMake, Kind, SchemaRefused, make_document, make_sample, read_schema, roots
from exchange.generation.patterns import texts
from exchange.validation import validate
from scenarios.cli import app

ANY_SCHEMA = """<?xml version="1.0"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:t" targetNamespace="urn:t">
  <xs:element name="Order" type="Order">
    <xs:key name="k"><xs:selector xpath="Line"/><xs:field xpath="@no"/></xs:key></xs:element>
  <xs:element name="Note" type="xs:string" abstract="true"/>
  <xs:element name="Hint" type="xs:string" substitutionGroup="Note"/>
  <xs:complexType name="Order">
    <xs:sequence>
      <xs:element name="Number"><xs:simpleType><xs:restriction base="xs:token">
        <xs:pattern value="\\d{2}[A-Z-[IO]]{2}(/\\p{Lu}{1,3})?"/><xs:maxLength value="6"/>
      </xs:restriction></xs:simpleType></xs:element>
      <xs:choice maxOccurs="2">
        <xs:element name="Paid" type="xs:boolean"/>
        <xs:sequence><xs:element name="Due" type="xs:date"/><xs:element name="Rate" type="Rate"/></xs:sequence>
      </xs:choice>
      <xs:element ref="Note"/>
      <xs:element name="Line" type="Line" minOccurs="2" maxOccurs="unbounded"/>
      <xs:element name="All"><xs:complexType><xs:all>
        <xs:element name="A" type="xs:NMTOKENS"/><xs:element name="B" type="xs:hexBinary" minOccurs="0"/>
      </xs:all></xs:complexType></xs:element>
      <xs:group ref="Times" minOccurs="0"/>
      <xs:any namespace="##other" processContents="lax" minOccurs="0"/>
    </xs:sequence>
    <xs:attribute name="version" fixed="3" use="required"/>
    <xs:attribute name="lang" type="xs:language"/>
  </xs:complexType>
  <xs:group name="Times"><xs:sequence>
    <xs:element name="At" type="xs:dateTime"/><xs:element name="Year" type="xs:gYear"/>
    <xs:element name="Either"><xs:simpleType><xs:union memberTypes="xs:duration Rate"/></xs:simpleType></xs:element>
  </xs:sequence></xs:group>
  <xs:complexType name="Line">
    <xs:simpleContent><xs:extension base="Rate">
      <xs:attribute name="no" type="xs:int" use="required"/></xs:extension></xs:simpleContent>
  </xs:complexType>
  <xs:simpleType name="Rate"><xs:restriction base="xs:decimal">
    <xs:minExclusive value="0"/><xs:maxInclusive value="1.5"/><xs:fractionDigits value="2"/>
  </xs:restriction></xs:simpleType>
  <xs:element name="Tree" type="Tree"/>
  <xs:complexType name="Tree"><xs:sequence>
    <xs:element name="Leaf" type="xs:ID"/><xs:element name="Tree" type="Tree" minOccurs="0" maxOccurs="3"/>
  </xs:sequence></xs:complexType>
</xs:schema>
"""


@pytest.fixture
def any_schema(tmp_path: Path) -> Path:
    path = tmp_path / "any.xsd"
    path.write_text(ANY_SCHEMA, encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("root", ["Order", "Tree"])
def test_documents_of_any_schema_are_valid_for_the_other_engine_too(any_schema: Path, root: str, kind: Kind) -> None:
    schema = read_schema(any_schema)
    other = etree.XMLSchema(etree.parse(str(any_schema)))
    for seed in range(5):
        data = make_document(schema, root, kind=kind, seed=seed)
        other.assertValid(etree.fromstring(data))
        assert data == make_document(schema, root, kind=kind, seed=seed)


def test_full_holds_more_than_minimal_and_minimal_only_what_is_required(any_schema: Path) -> None:
    schema = read_schema(any_schema)
    full = etree.fromstring(make_document(schema, "Order", kind="full"))
    minimal = etree.fromstring(make_document(schema, "Order", kind="minimal"))
    assert len(minimal.findall("Line")) == 2
    assert minimal.find("At") is None and full.find("At") is not None
    assert minimal.get("lang") is None and full.get("lang") is not None
    assert {child.tag for child in full} >= {"Paid", "Due", "Rate"}, "each alternative of a choice takes its turn"


@pytest.mark.parametrize(
    "pattern",
    [
        r"[A-Z]{2}(\.[A-Z0-9][A-Z0-9-]{0,33})?",
        r"\d+|x{2,}",
        r"[a-z-[aeiou]]{3}\s\p{Lu}\i\c*",
        r"[^<>&]{3}.\.",
        r"\w\W\S\D",
        r"(a|b(c|d)?)+",
        r"[\-+]?\^a$b",
        r"[\[\]\\]{2}\{\}",
        "",
    ],
)
def test_patterns_are_read_backwards(pattern: str) -> None:
    wanted = re.compile(translate_pattern(pattern, back_references=False, lazy_quantifiers=False, anchors=False))
    made = list(texts(pattern, Random(1)))
    assert made
    assert [text for text in made if not wanted.match(text)] == []


@pytest.mark.parametrize("pattern", ["(a", "[a", "a)", r"\p{Lu"])
def test_a_broken_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(CannotMake, match="pattern"):
        list(texts(pattern, Random(1)))


def test_what_cannot_be_made_is_said(tmp_path: Path, any_schema: Path) -> None:
    narrow = tmp_path / "narrow.xsd"
    narrow.write_text(
        """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="E"><xs:simpleType>
        <xs:restriction><xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="[0-9]+"/></xs:restriction>
        </xs:simpleType><xs:pattern value="[a-z]+"/></xs:restriction></xs:simpleType></xs:element></xs:schema>""",
        encoding="utf-8",
    )
    with pytest.raises(CannotMake, match="no value was found for type"):
        make_document(read_schema(narrow))
    with pytest.raises(CannotMake, match="say which one is meant: Order, Hint, Tree"):
        make_document(read_schema(any_schema))
    with pytest.raises(CannotMake, match="no root element Nothing"):
        make_document(read_schema(any_schema), "Nothing")
    empty = tmp_path / "empty.xsd"
    empty.write_text('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>', encoding="utf-8")
    with pytest.raises(SchemaRefused, match="defines no root element"):
        read_schema(empty)
    with pytest.raises(SchemaRefused, match="there is no schema"):
        read_schema(tmp_path / "none.xsd")


def test_a_random_sample_has_its_own_numbers_and_keeps_all_rules() -> None:
    one, other = (make_sample("CTR", "1.0", kind="random", seed=seed) for seed in (1, 2))
    assert one == make_sample("CTR", "1.0", kind="random", seed=1)
    for data in (one, other):
        verdict = validate(data)
        assert verdict.valid and verdict.findings == ()
    ids = [etree.fromstring(data).findtext(".//{*}MessageID") for data in (one, other)]
    assert len({*ids, etree.fromstring(schemas.sample("CTR").read_bytes()).findtext(".//{*}MessageID")}) == 3


def test_the_command_writes_to_standard_output_a_file_or_a_folder(tmp_path: Path, any_schema: Path) -> None:
    run = CliRunner().invoke
    printed = run(app, ["sample", "rel"])
    assert printed.exit_code == 0
    assert validate(printed.stdout_bytes).valid
    assert roots(read_schema(any_schema)) == ["Order", "Hint", "Tree"]
    file = tmp_path / "one.xml"
    assert run(app, ["sample", "--schema", str(any_schema), "--root", "Tree", "--out", str(file)]).exit_code == 0
    assert etree.parse(str(file)).getroot().tag == "{urn:t}Tree"
    folder = tmp_path / "many"
    made = run(app, ["sample", "WRO", "--kind", "random", "--seed", "4", "--count", "3", "--out", str(folder)])
    assert made.exit_code == 0
    assert sorted(path.name for path in folder.iterdir()) == [f"WRO-random-{n}.xml" for n in (4, 5, 6)]
    assert len({path.read_bytes() for path in folder.iterdir()}) == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "name a message"),
        (["A", "--root", "B", "--schema", "x.xsd"], "named twice"),
        (["--pack", "x", "--schema", "x.xsd"], "exclude each other"),
        (["A", "--pack", "nowhere"], "there is no pack nowhere"),
        (["XXX"], "there is no message XXX"),
        (["AAR", "--schema-version", "9.9"], "there is no version 9.9"),
        (["AAR", "--root", "Header"], "--root goes with --schema"),
        (["AAR", "--count", "2"], "need a folder"),
        (["--schema", "nothing.xsd"], "there is no schema"),
    ],
)
def test_wrong_use_ends_with_2_and_a_sentence(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(app, ["sample", *arguments])
    assert result.exit_code == 2
    assert words in result.stderr
