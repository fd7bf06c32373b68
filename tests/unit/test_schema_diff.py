"""``corridor schema diff``: what changed between two schemas, and which messages feel it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import schemas
from exchange.generation import SchemaRefused
from exchange.schema_sets import Comparison, compare, read_schema_set
from exchange.schema_sets.patterns import takes_all
from scenarios.cli import app

OLD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:element name="Note" type="Note"/>
  <xs:complexType name="Note">
    <xs:sequence>
      <xs:element name="Id" type="Id"/>
      <xs:element name="Text" type="xs:string" minOccurs="0" maxOccurs="3"/>
      <xs:element name="Kind" type="Kind"/>
    </xs:sequence>
    <xs:attribute name="version" use="required"><xs:simpleType><xs:restriction base="xs:string">
      <xs:enumeration value="1"/></xs:restriction></xs:simpleType></xs:attribute>
    <xs:attribute name="lang" type="xs:language"/>
  </xs:complexType>
  <xs:simpleType name="Id"><xs:restriction base="xs:string">
    <xs:pattern value="[A-Z]+"/><xs:maxLength value="8"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Kind"><xs:restriction base="xs:string">
    <xs:enumeration value="A"/><xs:enumeration value="B"/></xs:restriction></xs:simpleType>
</xs:schema>
"""
TEXT = '<xs:element name="Text" type="xs:string" minOccurs="0" maxOccurs="3"/>'
ROOT = '<xs:element name="Note" type="Note"/>'
ID = '<xs:element name="Id" type="Id"/>'


def compared(tmp_path: Path, *replacements: tuple[str, str]) -> Comparison:
    """Return the comparison of OLD with what the replacements make of it."""
    new = OLD
    for old, other in replacements:
        assert old in new
        new = new.replace(old, other)
    (tmp_path / "old.xsd").write_text(OLD, encoding="utf-8")
    (tmp_path / "new.xsd").write_text(new, encoding="utf-8")
    return compare(read_schema_set(str(tmp_path / "old.xsd")), read_schema_set(str(tmp_path / "new.xsd")))


@pytest.mark.parametrize(
    ("old", "new", "where", "what", "backward", "forward"),
    [
        (ID, f'{ID}<xs:element name="More" type="Id" minOccurs="0"/>', "Note/More", "added, optional", True, False),
        (ID, f'{ID}<xs:element name="More" type="Id"/>', "Note/More", "added, required", False, False),
        (ID, "", "Note/Id", "removed", False, False),
        (TEXT, "", "Note/Text", "removed", False, True),
        (TEXT, TEXT.replace(' minOccurs="0"', ""), "Note/Text", "made required", False, True),
        (ID, ID.replace("/>", ' minOccurs="0"/>'), "Note/Id", "made optional", True, False),
        ('maxOccurs="3"', 'maxOccurs="2"', "Note/Text", "maxOccurs", False, True),
        ('maxOccurs="3"', 'maxOccurs="unbounded"', "Note/Text", "maxOccurs", True, False),
        ('maxLength value="8"', 'maxLength value="7"', "Id", "maxLength tightened", False, True),
        ('maxLength value="8"', 'maxLength value="9"', "Id", "maxLength loosened", True, False),
        ('<xs:maxLength value="8"/>', "", "Id", "maxLength taken away", True, False),
        ("[A-Z]+", "[A-Y]+", "Id", "pattern tightened", False, True),
        ("[A-Z]+", "[A-Z0-9]{1,9}|[A-Z]+", "Id", "pattern loosened", True, False),
        ("[A-Z]+", "([A-M]|[N-Z])+", "Id", "pattern rewritten", True, True),
        ("[A-Z]+", "[B-Z]+|[0-9]", "Id", "pattern changed", False, False),
        ("[A-Z]+", "[A-Z]{1,9999}", "Id", "pattern changed", False, False),
        ('<xs:pattern value="[A-Z]+"/>', "", "Id", "pattern taken away", True, False),
        ('<xs:enumeration value="B"/>', "", "Kind", "value removed", False, True),
        ('value="B"/>', 'value="B"/><xs:enumeration value="C"/>', "Kind", "value added", True, False),
        ('type="xs:language"', 'type="xs:language" use="required"', "Note/@lang", "made required", False, True),
        ('type="xs:language"', 'type="xs:token"', "Note/@lang", "type", True, False),
        ('name="Text" type="xs:string"', 'name="Text" type="xs:date"', "Note/Text", "type", False, False),
        (ID + "\n      " + TEXT, TEXT + ID, "Note", "order", False, False),
        (ROOT, ROOT.replace("Note", "Memo", 1), "/Note", "removed", False, True),
    ],
)  # fmt: skip
def test_each_change_is_named_with_whom_it_breaks(
    tmp_path: Path, old: str, new: str, where: str, what: str, backward: bool, forward: bool
) -> None:
    comparison = compared(tmp_path, (old, new))
    (change,) = (one for one in comparison.changes if (one.where, one.what) == (where, what))
    assert (change.backward, change.forward) == (backward, forward)
    assert comparison.backward == backward


@pytest.mark.parametrize(
    ("new", "old", "found"),
    [
        (".{1,35}", "[A-Z0-9]{1,17}", True),
        (".{1,35}", ".{1,36}", False),
        (r"\d{4}-\d{2}", "[0-9]{4}-[0-9]{2}", True),
        ("[0-9]{4}-[0-9]{2}", r"\d{4}-\d{2}", False),
        ("(a|b)*", "(ab)*", True),
        ("(ab)*", "(a|b)*", False),
        (r"\i\c*", "[a-z][a-z0-9-]*", True),
        (r"[^\s]+", r"[\S-[x]]{3}", True),
        (r"[\S-[x]]{3}", "xyz", False),
        ("a{0,5000}", "a", None),
        ("(a|aa|b){1,300}c", "(a|aa|b){1,200}[a-c]", False),
    ],
)
def test_whether_a_pattern_takes_all_that_another_does(new: str, old: str, found: bool | None) -> None:
    assert takes_all([[new]], [[old]]) is found


def test_patterns_of_all_steps_count_and_alternatives_too() -> None:
    assert takes_all([["[A-Z]+"]], [[".+"], ["[A-C]*"]])
    assert takes_all([["a"], ["a|b"]], [["a"]]) and not takes_all([["a"], ["b"]], [["a"]])
    assert takes_all([["a", "b"]], [["b"]]) and not takes_all([["b"]], [["a", "b"]])


def test_nothing_changed_and_version_markers_are_not_held_against_a_schema(tmp_path: Path) -> None:
    assert compared(tmp_path).changes == ()
    marked = compared(tmp_path, ('value="1"', 'value="2"'))
    assert [(one.where, one.what) for one in marked.changes] == [("@version", "version")]
    assert marked.backward and marked.forward
    assert marked.tried > 0


WIDE = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:w" targetNamespace="urn:w"
    elementFormDefault="qualified">
  <xs:element name="Box"><xs:complexType><xs:sequence>
    <xs:element name="Id" type="xs:string" maxOccurs="3"/><xs:element ref="Thing"/>
    <xs:any namespace="##other" processContents="lax" minOccurs="0" maxOccurs="2"/></xs:sequence>
    <xs:attribute name="unit" type="xs:string"/><xs:anyAttribute namespace="urn:a" processContents="lax"/>
    </xs:complexType><xs:unique name="ids"><xs:selector xpath="*"/><xs:field xpath="@no"/></xs:unique></xs:element>
  <xs:element name="Thing" type="xs:string"/><xs:element name="Other" type="xs:string" substitutionGroup="Thing"/>
</xs:schema>
"""
ANY = '<xs:any namespace="##other" processContents="lax" minOccurs="0" maxOccurs="2"/>'
ANY_ATTRIBUTE = '<xs:anyAttribute namespace="urn:a" processContents="lax"/>'
OTHER = '<xs:element name="Other" type="xs:string" substitutionGroup="Thing"/>'
UNIQUE = '<xs:unique name="ids"><xs:selector xpath="*"/><xs:field xpath="@no"/></xs:unique>'
UNIT = '<xs:attribute name="unit" type="xs:string"/>'


@pytest.mark.parametrize(
    ("old", "new", "where", "what", "wider"),
    [
        (ANY, "", "Box", "wildcard taken away", False),
        (ANY, ANY.replace("##other", "##any"), "Box", "wildcard namespaces", True),
        (ANY, ANY.replace("##other", "urn:a urn:b"), "Box", "wildcard namespaces", False),
        (ANY, ANY.replace("lax", "skip"), "Box", "wildcard checks", True),
        (ANY, ANY.replace("lax", "strict"), "Box", "wildcard checks", False),
        (ANY, ANY.replace('maxOccurs="2"', 'maxOccurs="unbounded"'), "Box", "wildcard occurrence", True),
        (ANY, ANY.replace('minOccurs="0"', ""), "Box", "wildcard occurrence", False),
        (ANY_ATTRIBUTE, "", "Box", "attribute wildcard taken away", False),
        (ANY_ATTRIBUTE, ANY_ATTRIBUTE.replace("urn:a", "urn:a urn:b"), "Box", "wildcard namespaces", True),
        (OTHER, OTHER.replace(' substitutionGroup="Thing"', ""), "Box/Thing", "substitute taken away", False),
        (OTHER, OTHER + OTHER.replace("Other", "More"), "Box/Thing", "substitute added", True),
        ('name="Thing"', 'name="Thing" abstract="true"', "Box/Thing", "abstract", False),
        (UNIQUE, "", "/Box", "identity taken away", True),
        (UNIQUE, UNIQUE.replace("unique", "key"), "/Box", "identity added", False),
        (UNIT, UNIT.replace("/>", ' fixed="kg"/>'), "Box/@unit", "fixed added", False),
    ],
)
def test_what_is_left_open_or_asked_beside_types_is_compared_both_ways(
    tmp_path: Path, old: str, new: str, where: str, what: str, wider: bool
) -> None:
    assert old in WIDE
    paths = [tmp_path / "old.xsd", tmp_path / "new.xsd"]
    for path, text in zip(paths, (WIDE, WIDE.replace(old, new, 1)), strict=True):
        path.write_text(text, encoding="utf-8")
    before, after = (read_schema_set(str(path)) for path in paths)
    found = [one for one in compare(before, after).changes if one.what == what]
    assert [(one.where.lstrip("/"), one.backward, one.forward) for one in found] == [
        (where.lstrip("/"), wider, not wider)
    ]
    back = compare(after, before)
    assert (back.backward, back.forward) == (compare(before, after).forward, compare(before, after).backward)


def test_a_wildcard_does_not_repeat_that_the_version_has_a_namespace_of_its_own(tmp_path: Path) -> None:
    paths = [tmp_path / "old.xsd", tmp_path / "new.xsd"]
    for path, namespace in zip(paths, ("urn:w", "urn:w2"), strict=True):
        path.write_text(WIDE.replace("urn:w", namespace), encoding="utf-8")
    changes = compare(*(read_schema_set(str(path)) for path in paths)).changes
    assert {one.what for one in changes} == {"namespace"}


def test_fixed_values_that_change_break_both_and_defaults_none(tmp_path: Path) -> None:
    one, other = ID.replace("/>", ' fixed="Z"/>'), ID.replace("/>", ' default="Z"/>')
    fixed = compared(tmp_path, (ID, one))
    assert [(change.where, change.what) for change in fixed.changes] == [("Note/Id", "fixed added")]
    assert (fixed.backward, fixed.forward) == (False, True)
    default = compared(tmp_path, (ID, other))
    assert [(change.what, change.backward, change.forward) for change in default.changes] == [
        ("default changed", True, True)
    ]


def test_what_components_do_not_show_is_found_by_trial(tmp_path: Path) -> None:
    union = '<xs:simpleType name="Id"><xs:union memberTypes="{}"/></xs:simpleType>'
    paths = [tmp_path / "old.xsd", tmp_path / "new.xsd"]
    for path, members in zip(paths, ("xs:int xs:date", "xs:language xs:date"), strict=True):
        body = f'<xs:element name="Note" type="Id"/>{union.format(members)}'
        path.write_text(f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{body}</xs:schema>', encoding="utf-8")
    found = compare(*(read_schema_set(str(path)) for path in paths), seeds=20)
    assert {one.what for one in found.changes} == {"found by trial"}
    assert not found.backward


def test_each_version_of_our_set_takes_the_messages_of_the_one_before() -> None:
    for old, new in zip(schemas.VERSIONS, schemas.VERSIONS[1:], strict=False):
        comparison = compare(read_schema_set(old), read_schema_set(new), seeds=1)
        assert comparison.backward, [change for change in comparison.changes if not change.backward]
        again = compare(read_schema_set(new), read_schema_set(old), seeds=1)
        assert (again.backward, again.forward) == (comparison.forward, comparison.backward)


def test_the_command_prints_and_says_with_its_exit_code(tmp_path: Path) -> None:
    compared(tmp_path, ('maxLength value="8"', 'maxLength value="9"'))
    old, new = str(tmp_path / "old.xsd"), str(tmp_path / "new.xsd")
    run = CliRunner().invoke
    good = run(app, ["schema", "diff", old, new])
    assert good.exit_code == 0
    assert "old messages stay valid" in good.stdout
    assert run(app, ["schema", "diff", old, new, "--require", "both"]).exit_code == 1
    bad = run(app, ["schema", "diff", new, old, "--json"])
    assert bad.exit_code == 1
    told = json.loads(bad.stdout)
    assert (told["backward"], told["forward"], len(told["changes"])) == (False, True, 1)
    assert run(app, ["schema", "diff", str(tmp_path), str(tmp_path)]).exit_code == 0
    wrong = run(app, ["schema", "diff", "9.9", new])
    assert wrong.exit_code == 2
    assert "no version of the message set" in wrong.stderr


def test_a_folder_without_a_schema_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaRefused, match=r"holds no schema"):
        read_schema_set(str(tmp_path))


def test_a_version_in_the_namespace_is_one_change_and_the_rest_is_compared_all_the_same(tmp_path: Path) -> None:
    """ISO 20022 and others give each version of a message a namespace of its own."""
    for number, more in ((1, ""), (2, '<xs:element name="More" type="xs:string" minOccurs="0"/>')):
        head = f'targetNamespace="urn:n:{number}" xmlns="urn:n:{number}" elementFormDefault="qualified"'
        text = OLD.replace("<xs:schema", f"<xs:schema {head}", 1).replace(ID, ID + more)
        (tmp_path / f"{number}.xsd").write_text(text, encoding="utf-8")
    one, two = (read_schema_set(str(tmp_path / f"{number}.xsd")) for number in (1, 2))
    found = [(change.where, change.what, change.backward, change.forward) for change in compare(one, two).changes]
    assert found == [("/Note", "namespace", False, False), ("Note/More", "added, optional", True, False)]
