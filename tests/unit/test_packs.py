"""Packs: one of each shape that message sets come in, what is refused and why, and that no network is asked."""

from __future__ import annotations

import os
import socket
import zipfile
from pathlib import Path
from typing import Any, NoReturn

import pytest

from exchange.validation import Verdict
from exchange.validation.packs import PackError, load, load_pack, schema_pack
from scenarios.commands.validate import validate as command

XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'
VC = 'xmlns:vc="http://www.w3.org/2007/XMLSchema-versioning"'
CODE = '<xs:simpleType name="Code"><xs:restriction base="xs:string"><xs:pattern value="[A-Z]{3}"/></xs:restriction>'
CODE += "</xs:simpleType>"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No network, a cache folder of the test's own, and nothing remembered from other tests."""

    def no_network(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    load._loaded.clear()


def schema(body: str, attributes: str = "") -> str:
    return f"<xs:schema {XS} {attributes}>{body}</xs:schema>"


def record(name: str, inner: str, extra: str = "") -> str:
    kind = f"<xs:complexType><xs:sequence>{inner}</xs:sequence>{extra}</xs:complexType>"
    return f'<xs:element name="{name}">{kind}</xs:element>'


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".", 1)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def codes(verdict: Verdict) -> list[tuple[str, str]]:
    return [(finding.code, finding.xpath) for finding in verdict.findings]


ORDER = record("Order", '<xs:element name="Id" type="Code"/><xs:element name="Country" type="xs:string"/>')


class TestShapes:
    def test_a_namespace_with_unqualified_locals_an_include_and_an_import(self, tmp_path: Path) -> None:
        main = schema(
            '<xs:include schemaLocation="sub/common.xsd"/><xs:import namespace="urn:b" schemaLocation="b.xsd"/>'
            + record("Order", '<xs:element name="Id" type="Code"/><xs:element ref="b:Note" minOccurs="0"/>'),
            'targetNamespace="urn:a" xmlns="urn:a" xmlns:b="urn:b"',
        )
        note = schema('<xs:element name="Note" type="xs:string"/>', 'targetNamespace="urn:b"')
        pack = load_pack(write(tmp_path, a_xsd=main, sub__common_xsd=schema(CODE), b_xsd=note))
        assert set(pack.roots) == {"{urn:a}Order", "{urn:b}Note"}
        assert pack.validate(b'<a:Order xmlns:a="urn:a"><Id>ABC</Id></a:Order>').valid
        assert pack.validate(b'<Note xmlns="urn:b">x</Note>').valid
        verdict = pack.validate(b'<a:Order xmlns:a="urn:a">\n <Id>ab</Id>\n <Odd/></a:Order>')
        assert codes(verdict) == [("106", "/Order/Id"), ("107", "/Order/Odd")]
        assert [(finding.line, finding.column) for finding in verdict.findings] == [(2, 6), (3, 2)]
        qualified = pack.validate(b'<Order xmlns="urn:a"><Id>ABC</Id></Order>').findings[0]
        assert "no namespace" in (qualified.expected or "")

    def test_no_namespace_and_one_schema_alone(self, tmp_path: Path) -> None:
        folder = write(tmp_path, order_xsd=schema(CODE + ORDER))
        for pack in (load_pack(folder), schema_pack(folder / "order.xsd")):
            assert pack.validate(b"<Order><Id>ABC</Id><Country>FI</Country></Order>").valid
            verdict = pack.validate(b"<Order><Id>ABC</Id></Order>")
            assert codes(verdict) == [("101", "/Order")]
            assert verdict.code == "Order"
            assert codes(pack.validate(b"<Bill/>")) == [("ROOT", "/Bill")]

    def test_assertions_of_xsd_1_1(self, tmp_path: Path) -> None:
        inner = '<xs:element name="From" type="xs:int"/><xs:element name="To" type="xs:int"/>'
        body = record("Span", inner, '<xs:assert test="From le To"/>')
        for attributes in ("", f'{VC} vc:minVersion="1.1"'):
            pack = load_pack(write(tmp_path, span_xsd=schema(body, attributes)))
            assert any("XSD 1.1" in note for note in pack.notes)
            assert pack.validate(b"<Span><From>1</From><To>2</To></Span>").valid
            finding = pack.validate(b"<Span><From>2</From><To>1</To></Span>").findings[0]
            assert (finding.xpath, finding.expected) == ("/Span", "From le To")

    def test_many_messages_that_share_a_file(self, tmp_path: Path) -> None:
        head = '<xs:include schemaLocation="common.xsd"/>'
        files = {f"m{n}_xsd": schema(head + record(f"M{n}", '<xs:element name="Id" type="Code"/>')) for n in range(5)}
        pack = load_pack(write(tmp_path, common_xsd=schema(CODE), **files))
        assert set(pack.roots) == {f"M{n}" for n in range(5)}
        for n in range(5):
            assert pack.validate(f"<M{n}><Id>ABC</Id></M{n}>".encode()).valid
            assert not pack.validate(f"<M{n}><Id>abc</Id></M{n}>".encode()).valid

    def test_references_to_a_network_lead_to_the_files_of_the_pack_and_to_known_schemas(self, tmp_path: Path) -> None:
        imports = '<xs:import namespace="urn:b" schemaLocation="https://example.com/x/b.xsd"/>'
        imports += '<xs:import namespace="http://www.w3.org/2000/09/xmldsig#"'
        imports += ' schemaLocation="http://www.w3.org/TR/xmldsig-core/xmldsig-core-schema.xsd"/>'
        inner = '<xs:element ref="b:Note"/><xs:element ref="d:Signature" minOccurs="0"/>'
        spaces = 'targetNamespace="urn:a" xmlns:b="urn:b" xmlns:d="http://www.w3.org/2000/09/xmldsig#"'
        note = schema('<xs:element name="Note" type="xs:string"/>', 'targetNamespace="urn:b"')
        pack = load_pack(write(tmp_path, a_xsd=schema(imports + record("A", inner), spaces), b_xsd=note))
        assert pack.validate(b'<a:A xmlns:a="urn:a"><Note xmlns="urn:b"/></a:A>').valid
        assert not pack.validate(b'<a:A xmlns:a="urn:a"><Note/></a:A>').valid

    def test_a_zip_is_as_good_as_a_folder(self, tmp_path: Path) -> None:
        archive = tmp_path / "set.zip"
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("set/a.xsd", schema('<xs:include schemaLocation="deep/common.xsd"/>' + ORDER))
            file.writestr("set/deep/common.xsd", schema(CODE))
            file.writestr("set/readme.pdf", b"%PDF")
        pack = load_pack(archive)
        assert pack.validate(b"<Order><Id>ABC</Id><Country>FI</Country></Order>").valid
        assert load_pack(archive) is pack

    def test_a_zip_without_a_folder_inside_is_called_after_itself(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "Our messages.zip", "w") as file:
            file.writestr("a.xsd", schema(CODE + ORDER))
        pack = load_pack(tmp_path / "Our messages.zip")
        assert pack.name == "Our messages"

    def test_names_with_blanks(self, tmp_path: Path) -> None:
        main = schema('<xs:include schemaLocation="my%20types.xsd"/>' + ORDER)
        (tmp_path / "my types.xsd").write_text(schema(CODE))
        pack = load_pack(write(tmp_path, main_xsd=main))
        assert pack.validate(b"<Order><Id>ABC</Id><Country>FI</Country></Order>").valid


SCHEMATRON = """<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="{binding}"><pattern>
<rule context="Order"><assert id="R1" test="Id != 'BAD'">The id is bad.</assert>
<report id="R2" test="Country = 'ZZ'" role="warning">The country is odd.</report></rule></pattern></schema>"""
MANIFEST = """
name: Orders
version: "2.0"
roots: {Order: order.xsd}
codelists: [{file: lists/countries.csv, at: ["//Country"]}]
"""


class TestListsAndRules:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        lists = "code,name\nFI,Finland\nZZ,Elsewhere\n"
        rules = SCHEMATRON.format(binding="xslt")
        return write(
            tmp_path,
            order_xsd=schema(CODE + ORDER),
            rules_sch=rules,
            pack_yaml=MANIFEST,
            lists__countries_csv=lists,
        )

    def test_both_are_asked_with_places(self, folder: Path) -> None:
        pack = load_pack(folder)
        assert (pack.name, pack.version) == ("Orders", "2.0")
        verdict = pack.validate(b"<Order>\n<Id>BAD</Id>\n<Country>XX</Country></Order>")
        assert [(f.gate, f.rule, f.line, f.column, f.xpath) for f in verdict.findings] == [
            ("rules", "R1", 1, 1, "/Order"),
            ("codelist", None, 3, 10, "/Order/Country"),
        ]
        assert verdict.findings[1].expected == "one of FI (Finland), ZZ (Elsewhere)"
        assert verdict.version == "2.0"

    def test_an_attribute_that_is_on_no_list_is_told_where_it_stands(self, folder: Path) -> None:
        order = ORDER.replace("</xs:complexType>", '<xs:attribute name="unit"/></xs:complexType>')
        (folder / "order.xsd").write_text(schema(CODE + order))
        (folder / "pack.yaml").write_text(MANIFEST.replace("//Country", "//@unit"))
        (told,) = load_pack(folder).validate(b'<Order\n  unit="XX"><Id>ABC</Id><Country>FI</Country></Order>').findings
        assert (told.gate, told.line, told.column, told.xpath) == ("codelist", 2, 3, "/Order/@unit")

    def test_a_warning_does_not_make_invalid_and_rules_may_be_left_out(self, folder: Path) -> None:
        pack = load_pack(folder)
        odd = pack.validate(b"<Order><Id>ABC</Id><Country>ZZ</Country></Order>")
        assert (odd.valid, [f.severity for f in odd.findings]) == (True, ["warning"])
        bad = b"<Order><Id>BAD</Id><Country>FI</Country></Order>"
        assert not pack.validate(bad).valid
        assert pack.validate(bad, rules=False).valid

    @pytest.mark.parametrize("binding", ["xslt2", "xpath2", "xquery"])
    def test_another_query_binding_is_refused_by_name(self, folder: Path, binding: str) -> None:
        (folder / "rules.sch").write_text(SCHEMATRON.format(binding=binding))
        with pytest.raises(PackError, match=f"query binding {binding}"):
            load_pack(folder)

    def test_rules_read_no_file(self, folder: Path) -> None:
        secret = folder / "secret.xml"
        secret.write_text("<secret/>")
        rules = SCHEMATRON.format(binding="xslt").replace("Id != 'BAD'", f"not(document('{secret.as_uri()}')/secret)")
        (folder / "rules.sch").write_text(rules)
        verdict = load_pack(folder).validate(b"<Order><Id>ABC</Id><Country>FI</Country></Order>")
        assert all("The id is bad" not in finding.text for finding in verdict.findings)

    def test_the_command_takes_packs_and_schemas(
        self, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        inbox = tmp_path / "inbox"
        inbox.mkdir()
        (inbox / "good.xml").write_text("<Order><Id>ABC</Id><Country>FI</Country></Order>")
        assert command([inbox], pack=folder) == 0
        assert "Orders: 1 schema, 1 root element, 1 Schematron file, 1 code list." in capsys.readouterr().err
        (inbox / "bad.xml").write_text("<Order><Id>BAD</Id><Country>FI</Country></Order>")
        assert command([inbox], pack=folder) == 1
        assert command([inbox], schema=folder / "order.xsd") == 0
        assert command([inbox], schema=folder / "order.xsd", engine="both") == 0


class TestRefusals:
    @pytest.mark.parametrize(
        ("files", "said"),
        [
            ({"notes_txt": "x"}, "holds no schema"),
            ({"a_xsd": "<a"}, "not well-formed"),
            ({"a_xsd": "<a/>"}, "no XML Schema"),
            ({"a_xsd": schema(CODE)}, "defines no root element"),
            ({"a_xsd": schema('<xs:include schemaLocation="gone.xsd"/>' + ORDER)}, "gone.xsd"),
            ({"a_xsd": schema('<xs:include schemaLocation="http://127.0.0.1:1/gone.xsd"/>' + ORDER)}, "network"),
            ({"a_xsd": schema(ORDER)}, "no good schema"),
            ({"a_xsd": schema(CODE + ORDER), "pack_yaml": "nonsense: 1"}, "no key nonsense"),
            ({"a_xsd": schema(CODE + ORDER), "pack_yaml": "version: 1.0"}, "quotation marks"),
            ({"a_xsd": schema(CODE + ORDER), "pack_yaml": "roots: {Bill: a.xsd}"}, "no root element Bill"),
            ({"a_xsd": schema(CODE + ORDER), "pack_yaml": "roots: {Order: ../a.xsd}"}, "outside the pack"),
            ({"a_xsd": schema(CODE + ORDER), "pack_yaml": "roots: ["}, "not YAML"),
            ({"a_xsd": schema(CODE + ORDER), "pack_yaml": "codelists: [{file: a.xsd, at: ['//[']}]"}, "XPath"),
            ({"a_xsd": schema(CODE + ORDER), "r_sch": "<a/>"}, "no ISO Schematron"),
        ],
    )
    def test_a_pack_that_cannot_be_used_says_why(self, tmp_path: Path, files: dict[str, str], said: str) -> None:
        with pytest.raises(PackError) as refused:
            load_pack(write(tmp_path, **files))
        assert said in str(refused.value)

    def test_a_schema_whose_every_part_is_for_a_later_version_defines_nothing(self, tmp_path: Path) -> None:
        body = ORDER.replace("<xs:element", f'<xs:element {VC} vc:minVersion="9.9"', 1)
        with pytest.raises(PackError, match="defines no"):
            load_pack(write(tmp_path, a_xsd=schema(CODE + body)))

    @pytest.mark.parametrize("name", ["../out.xsd", "/out.xsd", "a/../../out.xsd"])
    def test_a_zip_may_not_lead_out_of_its_folder(self, tmp_path: Path, name: str) -> None:
        with zipfile.ZipFile(tmp_path / "set.zip", "w") as file:
            file.writestr(name, schema(CODE + ORDER))
        with pytest.raises(PackError, match="leads out"):
            load_pack(tmp_path / "set.zip")

    def test_a_zip_that_unfolds_to_too_much_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("exchange.validation.packs.source.MOST_BYTES", 100_000)
        with zipfile.ZipFile(tmp_path / "set.zip", "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("a.xsd", schema(CODE + ORDER) + " " * 200_000)
        with pytest.raises(PackError, match="unfolds to more"):
            load_pack(tmp_path / "set.zip")

    def test_what_is_no_zip_is_told_so(self, tmp_path: Path) -> None:
        (tmp_path / "set.zip").write_bytes(b"no zip")
        with pytest.raises(PackError, match="neither a folder nor a zip"):
            load_pack(tmp_path / "set.zip")

    def test_links_that_loop_end(self, tmp_path: Path) -> None:
        write(tmp_path, a_xsd=schema(CODE + ORDER))
        (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
        assert set(load_pack(tmp_path).roots) == {"Order"}


def test_a_vetted_pack_is_vetted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path, a_xsd=schema(CODE + ORDER))
    load_pack(folder)
    load._loaded.clear()
    vetted: list[Path] = []
    monkeypatch.setattr(load, "_vet", lambda path, *_: vetted.append(path) or [])
    load_pack(folder)
    assert vetted == []
    write(tmp_path, a_xsd=schema(CODE + ORDER) + "<!-- changed -->")
    load_pack(folder)
    assert [path.name for path in vetted] == ["a.xsd"]
    assert len(list(Path(os.environ["XDG_CACHE_HOME"]).rglob("*.json"))) == 2


@pytest.mark.parametrize("data", [b"", b"\x00", b"<", b"<!DOCTYPE a><a/>", b"<a>" * 5000 + b"</a>" * 5000])
def test_what_is_no_document_is_a_finding(tmp_path: Path, data: bytes) -> None:
    pack = load_pack(write(tmp_path, a_xsd=schema(CODE + ORDER)))
    verdict = pack.validate(data)
    assert (verdict.valid, verdict.total) == (False, 1)
    assert verdict.findings[0].gate in ("bytes", "wellformed")


class TestPublicShapes:
    """What was met in public sets of messages: NCTS, the WCO Data Model, SAML."""

    def test_a_mark_of_xsd_1_1_alone_leaves_libxml2_at_work(self, tmp_path: Path) -> None:
        """NCTS: every file says ``vc:minVersion="1.1"`` and none uses anything of it; elements for documentation stand
        in a file that all messages include."""
        mark = f'{VC} vc:minVersion="1.1" targetNamespace="urn:n" xmlns="urn:n" elementFormDefault="unqualified"'
        header = '<xs:group name="MESSAGE"><xs:sequence><xs:element name="Id" type="Code"/></xs:sequence></xs:group>'
        files = {
            f"cc{n}_xsd": schema(
                '<xs:include schemaLocation="h.xsd"/>' + record(f"CC{n}", '<xs:group ref="MESSAGE"/>'), mark
            )
            for n in (1, 2)
        }
        files["h_xsd"] = schema('<xs:include schemaLocation="doc.xsd"/>' + CODE + header, mark)
        files["doc_xsd"] = schema('<xs:element name="description" type="xs:string"/>', mark)
        pack = load_pack(write(tmp_path, **files))
        assert len(pack.notes) == 1
        for engine in ("lxml", "xmlschema", "both"):
            assert pack.validate(b'<n:CC1 xmlns:n="urn:n"><Id>ABC</Id></n:CC1>', engine=engine).valid
            verdict = pack.validate(b'<n:CC2 xmlns:n="urn:n"><Id>abc</Id></n:CC2>', engine=engine)
            assert codes(verdict) == [("106", "/CC2/Id")]
        assert all(grammar.compiled is not None for grammar in pack.roots.values())

    @pytest.mark.parametrize("room", ['namespace="urn:dec"', 'namespace="##other"', 'namespace="urn:dec" %s'])
    def test_an_envelope_is_held_together_with_what_it_has_room_for(self, tmp_path: Path, room: str) -> None:
        """WCO: ``MetaData`` holds a declaration of another namespace and does not import its schema."""
        room = room.replace("%s", 'processContents="lax"')
        meta = schema(record("MetaData", f"<xs:any {room}/>"), 'targetNamespace="urn:meta"')
        inner = record("Declaration", '<xs:element name="Id" type="Code"/>')
        declaration = schema(CODE + inner, 'targetNamespace="urn:dec" xmlns="urn:dec"')
        pack = load_pack(write(tmp_path, meta_xsd=meta, dec_xsd=declaration))
        assert any("meta.xsd has room for what dec.xsd declares" in note for note in pack.notes)
        text = '<m:MetaData xmlns:m="urn:meta"><d:Declaration xmlns:d="urn:dec"><Id>{}</Id></d:Declaration>'
        text += "</m:MetaData>"
        for engine in ("lxml", "xmlschema", "both"):
            assert pack.validate(text.format("ABC").encode(), engine=engine).valid
            verdict = pack.validate(text.format("abc").encode(), engine=engine)
            assert codes(verdict) == [("106", "/MetaData/Declaration/Id")]

    def test_room_for_a_namespace_that_several_schemas_have_is_left_open_and_told(self, tmp_path: Path) -> None:
        meta = schema(record("Box", '<xs:any namespace="##other" processContents="lax"/>'), 'targetNamespace="urn:m"')
        strict = schema(record("Case", '<xs:any namespace="urn:d"/>'), 'targetNamespace="urn:c"')
        one, two = (schema(f'<xs:element name="E{n}" type="xs:int"/>', 'targetNamespace="urn:d"') for n in (1, 2))
        pack = load_pack(write(tmp_path, meta_xsd=meta, strict_xsd=strict, one_xsd=one, two_xsd=two))
        assert [note for note in pack.notes if "room" in note] == [
            "strict.xsd has room for namespace urn:d, which 2 schemas have: what stands there is not declared "
            "(make one schema that includes them)."
        ]
        assert pack.validate(b'<Box xmlns="urn:m"><x xmlns="urn:d"/></Box>').valid

    def test_one_schema_takes_in_its_neighbour_where_the_reference_leads_to_a_network(self, tmp_path: Path) -> None:
        """SAML: schemas lie in one folder and refer to each other by address."""
        head = '<xs:import namespace="urn:b" schemaLocation="http://example.com/TR/b.xsd"/>'
        head += '<xs:import namespace="http://www.w3.org/2001/04/xmlenc#" schemaLocation="http://example.com/x.xsd"/>'
        main = schema(head + record("A", '<xs:element ref="b:B" xmlns:b="urn:b"/>'), 'targetNamespace="urn:a"')
        inner = schema('<xs:element name="B" type="xs:int"/>', 'targetNamespace="urn:b"')
        pack = schema_pack(write(tmp_path, a_xsd=main, b_xsd=inner) / "a.xsd")
        assert pack.validate(b'<A xmlns="urn:a"><B xmlns="urn:b">1</B></A>').valid
        assert not pack.validate(b'<A xmlns="urn:a"><B xmlns="urn:b">x</B></A>').valid

    def test_a_prefix_that_is_not_declared_is_refused_where_names_have_no_namespace(self, tmp_path: Path) -> None:
        """NCTS: local elements have no namespace; libxml2 takes a prefix it does not know for none at all."""
        pack = load_pack(write(tmp_path, order_xsd=schema(CODE + ORDER)))
        many = b"<Order><%s>ABC</%s><Country>FI &amp; a:b</Country></Order>"
        for engine in ("lxml", "xmlschema", "both"):
            verdict = pack.validate(many.replace(b"%s", b"n:Id"), engine=engine)
            assert [(one.gate, one.code) for one in verdict.findings] == [("wellformed", "SYNTAX")]
            assert pack.validate(many.replace(b"%s", b"Id"), engine=engine).valid
