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
    read_schema,
    read_set,
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
    assert [one.change for one in mutants if schema.is_valid(etree.fromstring(one.data))] == []


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
