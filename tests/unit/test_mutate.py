"""``corridor mutate``: what it writes, what it keeps as it was, and how it says that it cannot."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
import xmlschema
from lxml import etree
from typer.testing import CliRunner

import schemas
from exchange.generation import (
    CannotMake,
    Mutant,
    make_document,
    mutate_document,
    mutate_message,
    mutate_with_pack,
    read_pack,
    read_schema,
    read_set,
    refused,
)
from exchange.generation.bad_values import BadValue, bad_values
from exchange.generation.content import first_fault, model_of
from exchange.generation.outline import outline
from scenarios.cli import app
from tests.unit.test_sample import ANY_SCHEMA

WRO = schemas.sample("WRO").read_bytes()
ORDER = b"""<?xml version="1.0"?>
<!-- an order -->
<m:Order xmlns:m="urn:t" version="3" lang='en'><Number>12AB/X</Number>
  <Paid>true</Paid>
  <m:Hint>a &amp; b</m:Hint>
  <Line no="1">1.25</Line><Line no="2">1</Line>
  <All><A>x y</A></All>
</m:Order>
"""


@pytest.fixture
def any_schema(tmp_path: Path) -> Path:
    path = tmp_path / "any.xsd"
    path.write_text(ANY_SCHEMA, encoding="utf-8")
    return path


def test_the_outline_knows_every_place() -> None:
    root = outline(ORDER)
    assert (root.name, root.line, root.column, root.attributes["lang"]) == ("Order", 3, 1, "en")
    lines = [child for child in root.children if child.name == "Line"]
    assert [ORDER[one.open_end : one.close] for one in lines] == [b"1.25", b"1"]
    assert [(one.line, one.column, one.xpath()) for one in lines] == [
        (6, 3, "/Order/Line[1]"),
        (6, 27, "/Order/Line[2]"),
    ]
    assert ORDER[lines[0].start : lines[0].end] == b'<Line no="1">1.25</Line>'


def test_mutants_of_any_document_are_refused_by_both_engines_and_change_one_thing(any_schema: Path) -> None:
    schema = read_schema(any_schema)
    other = etree.XMLSchema(etree.parse(str(any_schema)))
    other.assertValid(etree.fromstring(ORDER))
    made = mutate_document(ORDER, schema)
    assert len(made.mutants) > 30
    for mutant in made.mutants:
        if mutant.expected.gate != "schema":
            continue
        root = etree.fromstring(mutant.data)
        assert not other.validate(root), mutant.change
        assert not schema.is_valid(root), mutant.change
        assert b"<!-- an order -->" in mutant.data
        place = root.xpath(_clark(mutant.expected.xpath.partition("/@")[0], root))
        assert place[0].sourceline == mutant.expected.line, mutant
    kinds = {(one.breaks, one.at.rpartition("/")[2]) for one in made.mutants}
    assert kinds >= {
        ("pattern", "Number"),
        ("minOccurs", "Line"),
        ("required", "A"),
        ("required attribute", "@version"),
        ("fractionDigits", "Line"),
        ("minExclusive", "Line"),
        ("type", "@no"),
    }


@pytest.mark.parametrize(
    ("file", "root"),
    [
        ("DSIG/xmldsig-core-schema.xsd", "Signature"),
        ("XHTML/xhtml1-strict.xsd", "html"),
        ("WSDL/soap-envelope.xsd", "Envelope"),
        ("XSD_1.0/XMLSchema.xsd", "element"),
    ],
)
def test_schemas_that_others_wrote_have_samples_and_mutants_too(file: str, root: str) -> None:
    schema = read_schema(Path(xmlschema.__file__).parent / "schemas" / file)
    data = make_document(schema, root, kind="full")
    assert schema.is_valid(etree.fromstring(data))
    mutants = mutate_document(data, schema).mutants
    assert mutants
    made = [one for one in mutants if one.expected.gate == "schema"]
    assert [one.change for one in made if schema.is_valid(etree.fromstring(one.data))] == []


def _clark(xpath: str, root: etree._Element) -> str:
    del root
    steps = (step.partition("[") for step in xpath.strip("/").split("/"))
    return "".join(f"/*[local-name()='{name}']{bracket}{rest}" for name, bracket, rest in steps)


def test_what_the_schema_leaves_open_is_said_and_not_broken(tmp_path: Path) -> None:
    path = tmp_path / "open.xsd"
    path.write_text(
        """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="E"><xs:complexType><xs:sequence>
        <xs:element name="A" type="xs:string"/><xs:any processContents="lax" minOccurs="0"/></xs:sequence>
        <xs:anyAttribute processContents="lax"/></xs:complexType></xs:element></xs:schema>""",
        encoding="utf-8",
    )
    made = mutate_document(b"<E><A>a</A></E>", read_schema(path))
    assert {(one.breaks, one.reason) for one in made.not_broken} == {
        ("unknown attribute", "the schema takes any attribute here"),
        ("unknown element", "the schema takes any element here"),
    }


def test_a_bad_value_breaks_its_facet_alone_where_it_can() -> None:
    types = read_set("1.0").types
    found = {bad.facet: bad for bad in bad_values(types["SequenceNumber"], "3", Random(1)) if isinstance(bad, BadValue)}
    assert {name: bad.breaks for name, bad in found.items()} == {
        "minInclusive": ("minInclusive",),
        "maxInclusive": ("maxInclusive",),
        "pattern": ("pattern",),
        "type": ("pattern", "type"),
    }
    assert (found["minInclusive"].text, found["maxInclusive"].text) == ("0", "10000")


def test_content_is_followed_as_the_schema_means_it(any_schema: Path) -> None:
    model = model_of(read_schema(any_schema).maps.elements["{urn:t}Order"].type.content)
    hint = "{urn:t}Hint"
    good = ["Number", "Due", "Rate", "Paid", hint, "Line", "Line", "All", "At", "Year", "Either", "{urn:x}Any"]
    assert first_fault(model, good) is None
    assert first_fault(model, ["Number", "Paid", "Paid", "Paid"]) == 3
    assert first_fault(model, ["Number", "Due", "Paid"]) == 2
    assert first_fault(model, ["Number", "Paid", hint, "Line", "All"]) == 4
    assert first_fault(model, ["Number", "Paid", hint, "Line", "Line"]) == 5
    assert first_fault(model, [*good[:8], "{urn:t}Any"]) == 8


def test_an_invalid_message_has_no_mutants() -> None:
    with pytest.raises(CannotMake, match="not valid itself, line"):
        mutate_message(WRO.replace(b"<Result>", b"<Result>Z"))
    with pytest.raises(CannotMake, match="not valid itself"):
        mutate_document(b"<WriteOff/>", read_set("1.0"))
    with pytest.raises(CannotMake, match="DOCTYPE"):
        mutate_document(b"<!DOCTYPE a><a/>", read_set("1.0"))
    with pytest.raises(CannotMake, match="no XML in UTF-8"):
        mutate_document(b"<a", read_set("1.0"))


def test_mutants_are_the_same_each_time() -> None:
    def key(mutant: Mutant) -> tuple[str, str, bytes]:
        return mutant.breaks, mutant.at, mutant.data

    assert list(map(key, mutate_message(WRO).mutants)) == list(map(key, mutate_message(WRO).mutants))


def test_the_command_writes_mutants_and_what_is_due(tmp_path: Path) -> None:
    file, out = tmp_path / "wro.xml", tmp_path / "mutants"
    file.write_bytes(WRO)
    result = CliRunner().invoke(app, ["mutate", str(file), "--out", str(out)])
    assert result.exit_code == 0, result.stderr
    report = json.loads((out / "mutants.json").read_text(encoding="utf-8"))
    assert report["summary"]["mutants"] == report["summary"]["refused"] == len(report["mutants"]) > 50
    assert {"breaks", "at", "reason"} == set().union(*report["not_broken"])
    for entry in report["mutants"]:
        beside = json.loads((out / entry["file"]).with_suffix(".json").read_text(encoding="utf-8"))
        assert beside == entry["expected"]
    again = CliRunner().invoke(app, ["mutate", str(file), "--out", str(out)])
    assert again.exit_code == 2
    assert "no empty folder" in again.stderr


def test_the_command_takes_any_schema_and_says_what_is_wrong(tmp_path: Path, any_schema: Path) -> None:
    file = tmp_path / "order.xml"
    file.write_bytes(ORDER)
    run = CliRunner().invoke
    result = run(app, ["mutate", str(file), "--schema", str(any_schema), "--out", str(tmp_path / "m")])
    assert result.exit_code == 0, result.stdout + result.stderr
    wrong = run(app, ["mutate", str(file), "--out", str(tmp_path / "n")])
    assert wrong.exit_code == 2
    assert "not valid itself" in wrong.stderr
    missing = run(app, ["mutate", str(tmp_path / "none.xml"), "--out", str(tmp_path / "n")])
    assert missing.exit_code == 2
    assert "No such file" in missing.stderr


KEYS = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:element name="Manifest"><xs:complexType><xs:sequence>
    <xs:element name="Box" maxOccurs="9"><xs:complexType><xs:attribute name="no" type="xs:int"/></xs:complexType>
    </xs:element>
    <xs:element name="Use" type="xs:int"/>
    <xs:element name="Mark" type="xs:string" maxOccurs="3"/>
    <xs:any namespace="##other" processContents="lax"/>
  </xs:sequence></xs:complexType>
    <xs:key name="boxes"><xs:selector xpath="Box"/><xs:field xpath="@no"/></xs:key>
    <xs:keyref name="uses" refer="boxes"><xs:selector xpath="Use"/><xs:field xpath="."/></xs:keyref>
    <xs:unique name="marks"><xs:selector xpath="Mark"/><xs:field xpath="."/></xs:unique>
  </xs:element></xs:schema>
"""
MANIFEST = b"""<Manifest>
  <Box no="11"/>
  <Box no="12"/>
  <Use>12</Use>
  <Mark>x</Mark>
  <Mark>y</Mark>
  <o:Other xmlns:o="urn:o"/>
</Manifest>
"""


def test_keys_wildcards_and_what_is_no_xml_are_broken_too(tmp_path: Path) -> None:
    path = tmp_path / "keys.xsd"
    path.write_text(KEYS, encoding="utf-8")
    pack = read_pack(path, alone=True)
    made = mutate_with_pack(MANIFEST, pack)
    survivors = [(one.breaks, one.change) for one in made.mutants if not refused(one, pack.validate(one.data))]
    assert survivors == []
    places = {(one.breaks, one.expected.line, one.expected.xpath) for one in made.mutants}
    assert places >= {
        ("key", 3, "/Manifest/Box[2]"),
        ("keyref", 1, "/Manifest"),
        ("unique", 6, "/Manifest/Mark[2]"),
        ("xsi:type", 1, "/Manifest"),
        ("xsi:nil", 1, "/Manifest"),
        ("DOCTYPE", 1, ""),
        ("truncated", 8, ""),
    }
    gates = {one.expected.gate for one in made.mutants}
    assert gates == {"bytes", "wellformed", "schema"}
    assert any((one.breaks, one.at) == ("wildcard", "/Manifest/*") for one in made.not_broken)
    one_box = MANIFEST.replace(b'  <Box no="11"/>\n', b"")
    left = {one.breaks: one.reason for one in mutate_with_pack(one_box, pack).not_broken}
    assert left["key"] == "the document holds only one value of it"


def test_a_pack_has_samples_and_mutants_with_its_code_lists(tmp_path: Path) -> None:
    text = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="Order"><xs:complexType>
      <xs:sequence><xs:element name="Country" type="xs:string"/></xs:sequence><xs:attribute name="by" type="xs:string"
      use="required"/></xs:complexType></xs:element></xs:schema>"""
    (tmp_path / "order.xsd").write_text(text, encoding="utf-8")
    (tmp_path / "countries.csv").write_text("code,name\nFI,Finland\nKZ,Kazakhstan\n", encoding="utf-8")
    (tmp_path / "pack.yaml").write_text(
        'codelists:\n- {file: countries.csv, at: ["//Country", "//@by"]}\n', encoding="utf-8"
    )
    run = CliRunner().invoke
    made, out = tmp_path / "sample.xml", tmp_path / "out"
    sample = run(app, ["sample", "--pack", str(tmp_path), "Order", "--kind", "random", "--out", str(made)])
    assert sample.exit_code == 0, sample.stderr
    assert read_pack(tmp_path).validate(made.read_bytes()).valid
    result = run(app, ["mutate", str(made), "--pack", str(tmp_path), "--out", str(out)])
    assert result.exit_code == 0, result.stdout
    listed = json.loads((out / "mutants.json").read_text(encoding="utf-8"))["mutants"]
    found = {(one["at"], one["expected"]["code"]) for one in listed if one["breaks"] == "codelist"}
    assert found == {("/Order/Country", "12"), ("/Order/@by", "12")}
    both = run(app, ["mutate", str(made), "--pack", "x", "--schema", "y", "--out", str(tmp_path / "n")])
    assert (both.exit_code, "exclude each other" in both.stderr) == (2, True)
