"""The formats for machines, held against a schema each: JUnit XML as build servers read it, and SARIF 2.1.0.

Both schemas are this project's own, made of what is used: the JUnit one after the shape that Jenkins, GitLab and Azure
read, the SARIF one after the text of OASIS SARIF 2.1.0 (sections 3.13 to 3.51), closed, so that a key of another name
or type is a fault.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from lxml import etree

import schemas
from exchange.validation import Finding
from scenarios.validation.checking import Checked, Options
from scenarios.validation.files import inputs
from scenarios.validation.formats import writer
from scenarios.validation.pool import check_all

GOOD = schemas.sample("AAR").read_bytes()
WARNED = Finding(gate="rules", severity="warning", code="14", rule="PIX-099", line=3, column=2, text="Odd & <strange>.")
ODD = Finding(
    gate="schema", code="105", line=2, column=0, xpath="/a/b", value="\x00]]>", expected='"x"', text="No\x01."
)
COUNT = 'type="xs:nonNegativeInteger" use="required"'
JUNIT = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:attributeGroup name="counts"><xs:attribute name="name" type="xs:string" use="required"/>
    <xs:attribute name="tests" {COUNT}/><xs:attribute name="failures" {COUNT}/><xs:attribute name="errors" {COUNT}/>
    <xs:attribute name="skipped" {COUNT}/><xs:attribute name="time" type="xs:decimal"/>
    <xs:attribute name="timestamp" type="xs:dateTime"/></xs:attributeGroup>
  <xs:complexType name="told"><xs:simpleContent><xs:extension base="xs:string">
    <xs:attribute name="message" type="xs:string"/><xs:attribute name="type" type="xs:string" use="required"/>
    </xs:extension></xs:simpleContent></xs:complexType>
  <xs:element name="testsuites"><xs:complexType><xs:sequence><xs:element name="testsuite" maxOccurs="unbounded">
    <xs:complexType><xs:sequence>
      <xs:element name="testcase" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
        <xs:choice minOccurs="0"><xs:element name="skipped"/><xs:element name="error" type="told"/>
          <xs:element name="failure" type="told"/></xs:choice>
        <xs:element name="system-out" type="xs:string" minOccurs="0"/>
        <xs:element name="system-err" type="xs:string" minOccurs="0"/></xs:sequence>
        <xs:attribute name="name" type="xs:string" use="required"/>
        <xs:attribute name="classname" type="xs:string" use="required"/>
        <xs:attribute name="time" type="xs:decimal"/></xs:complexType></xs:element>
    </xs:sequence><xs:attributeGroup ref="counts"/></xs:complexType>
  </xs:element></xs:sequence><xs:attributeGroup ref="counts"/></xs:complexType>
    <xs:unique name="case"><xs:selector xpath="testsuite/testcase"/><xs:field xpath="@classname"/>
      <xs:field xpath="@name"/></xs:unique></xs:element>
</xs:schema>"""


def closed(required: str, optional: str = "", **properties: object) -> dict[str, object]:
    """Return the schema of an object that has all of ``required`` and nothing that is not named."""
    assert {*required.split(), *optional.split()} == set(properties)
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required.split(),
        "properties": properties,
    }


TEXT = {"type": "string", "minLength": 1}
PLACE = {"type": "integer", "minimum": 1}
MESSAGE = closed("text", text=TEXT)
LOCATION = closed(
    "physicalLocation",
    "logicalLocations",
    physicalLocation=closed(
        "artifactLocation",
        "region",
        artifactLocation=closed("uri", uri={"type": "string", "format": "uri-reference", "pattern": "^[!-~]+$"}),
        region=closed("startLine startColumn", startLine=PLACE, startColumn=PLACE),
    ),
    logicalLocations={
        "type": "array",
        "items": closed("fullyQualifiedName kind", fullyQualifiedName=TEXT, kind={"const": "element"}),
    },
)
RESULT = closed(
    "ruleId level message locations",
    "properties",
    ruleId=TEXT,
    level={"enum": ["none", "note", "warning", "error"]},
    message=MESSAGE,
    locations={"type": "array", "minItems": 1, "items": LOCATION},
    properties={"type": "object"},
)
DRIVER = closed(
    "name version rules",
    name=TEXT,
    version=TEXT,
    rules={
        "type": "array",
        "uniqueItems": True,
        "items": closed("id", "shortDescription", id=TEXT, shortDescription=MESSAGE),
    },
)
RUN = closed(
    "tool results columnKind invocations",
    tool=closed("driver", driver=DRIVER),
    results={"type": "array", "items": RESULT},
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    invocations={
        "type": "array",
        "items": closed("executionSuccessful", executionSuccessful={"type": "boolean"}),
    },
)
SARIF = {
    **closed(
        "$schema version runs",
        **{
            "$schema": {"type": "string", "pattern": "^https://.*/sarif-schema-2.1.0.json$"},
            "version": {"const": "2.1.0"},
            "runs": {"type": "array", "items": RUN, "minItems": 1},
        },
    ),
    "$schema": "https://json-schema.org/draft/2020-12/schema",
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[Checked]:
    """Results of every kind: valid, warned, each gate's faults, names that are odd, more findings than are shown."""
    inbox = tmp_path_factory.mktemp("in box")
    documents = {
        "good.xml": GOOD,
        "broken.xml": GOOD.replace(b"</MessageID>", b"</MessageIDs>"),
        "doctype.xml": b"<!DOCTYPE a><a/>",
        "empty.xml": b"",
        "nul.xml": GOOD.replace(b"<Kind>", b"<Kind>\0"),
        "schema.xml": GOOD.replace(b"MessageID>", b"MessageIDs>"),
        "rule.xml": GOOD.replace(b"CSQU3054383", b"CSQU3054384"),
        "<ä & \"b'> .xml": b"\xff",
    }
    for name, data in documents.items():
        (inbox / name).write_bytes(data)
    found = list(check_all(inputs([inbox]), Options()))
    assert len({one.findings[0].gate for one in found if one.findings}) >= 4
    more = [
        Checked("rel/a b.xml", True, "AAR", "1.0", (WARNED,), 1, (None,)),
        Checked("<stdin>", False, None, None, (ODD,), 4321, (None,)),
    ]
    return found + more


def told(results: list[Checked], form: str) -> str:
    out = io.StringIO()
    writer(form)(results, out)
    return out.getvalue()


@pytest.mark.parametrize("some", [True, False])
def test_junit_is_as_build_servers_read_it(results: list[Checked], some: bool) -> None:
    schema = etree.XMLSchema(etree.fromstring(JUNIT))
    root = etree.fromstring(told(results if some else [], "junit").encode())
    schema.assertValid(root)
    cases, failures = root.findall(".//testcase"), root.findall(".//failure")
    for tag in (root, root[0]):
        assert (tag.get("tests"), tag.get("failures")) == (str(len(cases)), str(len(failures)))
    assert len(cases) == (len(results) if some else 0)
    assert len(failures) == (sum(not one.valid for one in results) if some else 0)


@pytest.mark.parametrize("some", [True, False])
def test_sarif_holds_to_its_schema_and_every_result_has_its_rule(results: list[Checked], some: bool) -> None:
    log = json.loads(told(results if some else [], "sarif"))
    Draft202012Validator.check_schema(SARIF)
    faults = [f"{one.json_path}: {one.message}" for one in Draft202012Validator(SARIF).iter_errors(log)]
    assert faults == []
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    assert {result["ruleId"] for result in run["results"]} == set(rules)
    shown = sum(len(one.findings) + (one.total > len(one.findings)) for one in results)
    assert len(run["results"]) == (shown if some else 0)


@pytest.mark.parametrize("form", ["junit", "sarif"])
def test_the_schemas_refuse_what_is_not_so(results: list[Checked], form: str) -> None:
    text = told(results, form)
    if form == "junit":
        wrong = text.replace("<failure ", "<fault ").replace("</failure>", "</fault>")
        assert not etree.XMLSchema(etree.fromstring(JUNIT)).validate(etree.fromstring(wrong.encode()))
    else:
        wrong = text.replace('"startLine"', '"line"')
        assert wrong != text
        assert not Draft202012Validator(SARIF).is_valid(json.loads(wrong))


def test_results_name_files_that_are_there(results: list[Checked]) -> None:
    from urllib.parse import unquote, urlparse

    log = json.loads(told(results[:8], "sarif"))
    uris = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in log["runs"][0]["results"]
    }
    assert len(uris) == 7
    assert all(Path(unquote(urlparse(uri).path)).is_file() for uri in uris)
