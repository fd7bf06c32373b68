"""A pack of the shape of eFTI: a file for each namespace, types by kind, code lists as enumerations, fixed values.

Made by hand after the schemas of the messages FTI004 to FTI030 (Delegated Regulation (EU) 2024/2024): the root's file
imports three others, these import each other, and every file has its own targetNamespace. The code list stands in a
file of its own that the unqualified types take in (``xs:include``).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from exchange.generation import KINDS, make_pack_document, mutate_with_pack, refused
from exchange.validation.packs import Pack, load_pack
from scenarios.cli import app

XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified" version="beta"'
RSM, RAM, QDT, UDT = (f"urn:example:freight:{one}:34" for one in ("Notice", "Aggregates", "Qualified", "Unqualified"))


def _text(name: str, base: str, most: int, *codes: str, extra: str = "") -> str:
    values = "".join(f'<xs:enumeration value="{code}"/>' for code in codes)
    return f"""<xs:simpleType name="{name}_text"><xs:restriction base="xs:{base}">{values}
      <xs:minLength value="1"/><xs:maxLength value="{most}"/></xs:restriction></xs:simpleType>
      <xs:complexType name="{name}"><xs:simpleContent>
      <xs:extension base="own:{name}_text">{extra}</xs:extension></xs:simpleContent></xs:complexType>"""


def _schema(space: str, body: str, *imports: tuple[str, str, str]) -> str:
    prefixes = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri, _ in imports)
    taken = "".join(f'<xs:import namespace="{uri}" schemaLocation="{file}"/>' for _, uri, file in imports)
    return f'<xs:schema {XS} xmlns:own="{space}" {prefixes} targetNamespace="{space}">{taken}{body}</xs:schema>'


SCHEME = '<xs:attribute name="schemeID" type="xs:token" fixed="RFC 9562-4" use="required"/>'
FILES = {
    "FTI_codes.xsd": _schema(UDT, _text("ErrorCode", "token", 3, "400", "403", "500")),
    "FTI_Unqualified.xsd": _schema(
        UDT,
        '<xs:include schemaLocation="FTI_codes.xsd"/>'
        + _text("ID", "token", 36, extra=SCHEME)
        + _text("Version", "token", 17)
        + _text("Moment", "string", 20, extra='<xs:attribute name="format" type="own:Format" use="required"/>')
        + '<xs:simpleType name="Format"><xs:restriction base="xs:string"><xs:enumeration value="207"/>'
        '<xs:maxLength value="3"/></xs:restriction></xs:simpleType>'
        '<xs:complexType name="DateTime"><xs:choice><xs:element name="DateTimeString" type="own:Moment"/></xs:choice>'
        "</xs:complexType>",
    ),
    "FTI_Qualified.xsd": _schema(
        QDT, _text("StatusCode", "token", 3, "C", "E", "P"), ("udt", UDT, "FTI_Unqualified.xsd")
    ),
    "FTI_Aggregates.xsd": _schema(
        RAM,
        """<xs:complexType name="Context"><xs:sequence><xs:element name="ID" type="udt:Version" fixed="1.0"/>
        </xs:sequence></xs:complexType>
        <xs:complexType name="Document"><xs:sequence><xs:element name="ID" type="udt:ID"/>
        <xs:element name="StatusCode" type="qdt:StatusCode"/><xs:element name="IssueDateTime" type="udt:DateTime"/>
        <xs:element name="ErrorCode" type="udt:ErrorCode" minOccurs="0" maxOccurs="2"/>
        </xs:sequence></xs:complexType>""",
        ("qdt", QDT, "FTI_Qualified.xsd"),
        ("udt", UDT, "FTI_Unqualified.xsd"),
    ),
    "FTI_Notice.xsd": _schema(
        RSM,
        """<xs:element name="Notice"><xs:complexType><xs:sequence>
        <xs:element name="Context" type="ram:Context"/><xs:element name="Document" type="ram:Document"/>
        </xs:sequence></xs:complexType></xs:element>""",
        ("qdt", QDT, "FTI_Qualified.xsd"),
        ("ram", RAM, "FTI_Aggregates.xsd"),
        ("udt", UDT, "FTI_Unqualified.xsd"),
    ),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    pack = tmp_path / "efti"
    pack.mkdir()
    for name, text in FILES.items():
        (pack / name).write_text(text, encoding="utf-8")
    return pack


@pytest.fixture
def pack(folder: Path) -> Pack:
    return load_pack(folder)


def test_the_one_file_that_no_other_takes_in_has_the_root(pack: Pack) -> None:
    assert list(pack.roots) == [f"{{{RSM}}}Notice"]


def test_its_samples_pass_both_engines_and_every_mutant_is_refused(pack: Pack) -> None:
    for kind in KINDS:
        data = make_pack_document(pack, "Notice", kind=kind)
        verdict = pack.validate(data, engine="both")
        assert (verdict.valid, verdict.findings) == (True, ())
    made = mutate_with_pack(make_pack_document(pack, "Notice", kind="full"), pack)
    assert [one.change for one in made.mutants if not refused(one, pack.validate(one.data))] == []
    kinds = {(one.breaks, one.at.rpartition("/Notice/")[2]) for one in made.mutants}
    assert kinds >= {
        ("fixed", "Context/ID"),
        ("fixed", "Document/ID/@schemeID"),
        ("enumeration", "Document/StatusCode"),
        ("enumeration", "Document/ErrorCode"),
        ("enumeration", "Document/IssueDateTime/DateTimeString/@format"),
        ("maxOccurs", "Document/ErrorCode"),
        ("required", "Document/IssueDateTime"),
        ("maxLength", "Document/ID"),
    }


def test_findings_name_the_codes_of_the_list_and_the_value_that_is_fixed(pack: Pack) -> None:
    data = make_pack_document(pack, "Notice", kind="full").replace(b">1.0<", b">1.1<").replace(b">C<", b">Q<")
    told = {finding.xpath: (finding.code, finding.expected, finding.value) for finding in pack.validate(data).findings}
    assert told == {
        "/Notice/Context/ID": ("106", "1.0", "1.1"),
        "/Notice/Document/StatusCode": ("102", "one of C, E, P", "Q"),
    }


def test_the_reference_and_the_difference_follow_all_files(folder: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    page = tmp_path / "page.html"
    assert run(app, ["schema", "doc", "--schema", str(folder), "--out", str(page)]).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert all(word in text for word in ("IssueDateTime", "ErrorCode", "403", "RFC 9562-4"))
    newer = tmp_path / "newer"
    newer.mkdir()
    for name, xsd in FILES.items():
        (newer / name).write_text(xsd.replace('<xs:enumeration value="403"/>', ""), encoding="utf-8")
    diff = run(app, ["schema", "diff", str(folder), str(newer)])
    assert diff.exit_code == 1
    assert "403" in diff.stdout
