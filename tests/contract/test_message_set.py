"""Models, codec and schemas are one contract: tested against each other in both directions."""

from __future__ import annotations

import re
from copy import deepcopy
from random import Random
from typing import Any, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

import schemas
from exchange.codec import FieldShape, decode, encode, shapes
from exchange.messages import (
    CATALOGUE,
    NAMESPACE,
    ROOTS,
    VERSION,
    CaseMessage,
    ExportData,
    Header,
    Message,
    PixModel,
    ServiceMessage,
)
from exchange.messages.base import TEXT
from exchange.validation import engines, validate
from tests.journey import Journey
from tests.strategies import facets_of, messages, unwrap
from tests.versions import chosen

XSD = "{http://www.w3.org/2001/XMLSchema}"
CODES = list(CATALOGUE)
relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("version", schemas.VERSIONS)
@pytest.mark.parametrize("code", CODES)
def test_model_to_xml_to_schema_to_model_is_the_identity(code: str, version: str) -> None:
    @settings(relaxed, max_examples=15 if code in chosen(version) else 4)
    @given(messages(CATALOGUE[code], version))
    def round_trip(message: Message) -> None:
        data = encode(message, version)
        engines.parse(data, version)
        assert decode(data) == message
        assert encode(decode(data), version) == data

    round_trip()


@settings(relaxed, max_examples=40)
@given(st.sampled_from(CODES).flatmap(lambda code: messages(CATALOGUE[code], schemas.VERSIONS[-1])))
def test_xmlschema_finds_generated_messages_valid_too(message: Message) -> None:
    for version in schemas.VERSIONS:
        root = etree.fromstring(encode(message, version))
        assert [str(error) for error in engines.explained(version).iter_errors(root)] == []


@pytest.mark.parametrize("version", schemas.VERSIONS)
@pytest.mark.parametrize("code", CODES)
def test_samples_pass_all_gates_and_both_engines(code: str, version: str) -> None:
    data = schemas.sample(code, version).read_bytes()
    verdict = validate(data)
    assert (verdict.valid, verdict.code, verdict.version, verdict.findings) == (True, code, version, ())
    assert list(engines.explained(version).iter_errors(etree.fromstring(data))) == []


@pytest.mark.parametrize("version", schemas.VERSIONS)
@pytest.mark.parametrize("code", CODES)
def test_each_schema_stands_alone_in_both_engines(code: str, version: str) -> None:
    import xmlschema

    path = str(schemas.message_schema(code, version))
    data = schemas.sample(code, version).read_bytes()
    assert etree.XMLSchema(etree.parse(path)).validate(etree.fromstring(data))
    if code not in chosen(version):
        return  # the same but for its number as that of the newest version, which xmlschema reads, too
    schema = xmlschema.XMLSchema10(path)
    assert list(schema.elements) == [CATALOGUE[code].__name__]
    assert schema.is_valid(etree.fromstring(data))


VALUES = ("", "x", "0", "-1", "1e3", "9" * 17, "2017-01-01", "2017-11-12T24:00:00Z", " A", "Ä", "٣", "1.", "0.0000")


def _mutant(code: str, luck: Random) -> bytes:
    """Return the sample of ``code`` with one element lost, doubled, renamed, moved, refilled or decorated."""
    root = etree.fromstring(schemas.sample(code).read_bytes())
    everything = list(root.iter("*"))
    element = luck.choice(everything[1:])
    parent = element.getparent()
    assert parent is not None
    match luck.choice(("lose", "double", "rename", "move", "refill", "decorate")):
        case "lose":
            parent.remove(element)
        case "double":
            element.addnext(deepcopy(element))
        case "rename":
            element.tag = luck.choice(everything).tag
        case "move":
            parent.insert(luck.randrange(len(parent)), element)
        case "refill":
            leaf = luck.choice([one for one in everything if not len(one)])
            leaf.text = luck.choice(VALUES)
        case _:
            element.set("odd", "1")
    return etree.tostring(root)


@pytest.mark.parametrize("code", CODES)
def test_engines_agree_on_mutants_and_models_take_what_schemas_take(code: str) -> None:
    luck = Random(f"mutants of {code}")
    for _ in range(30):
        data = _mutant(code, luck)
        verdict = validate(data)
        assert (verdict.message is not None) == engines.explained(VERSION).is_valid(etree.fromstring(data)), data
        assert verdict.message is not None or verdict.findings, data
        assert all(finding.line > 0 and finding.column > 0 for finding in verdict.findings), data


def test_the_set_is_the_catalogue() -> None:
    assert tuple(CATALOGUE) == schemas.CODES
    assert VERSION in schemas.VERSIONS
    for version in schemas.VERSIONS:
        schema = engines.explained(version)
        assert schema.target_namespace == NAMESPACE
        assert set(schema.elements) == set(ROOTS)


def _stripped(pattern: str) -> str:
    pattern = pattern.removeprefix("^").removesuffix("$")
    inner = pattern[1:-1] if pattern.startswith("(") and pattern.endswith(")") else pattern
    return inner if "(" not in inner and ")" not in inner else pattern


def _bound(facet: Any) -> Any:
    return None if facet is None else facet.value


def _compare_value(where: str, cls: type[PixModel], shape: FieldShape, xsd_type: Any) -> None:
    info = cls.model_fields[shape.name]
    kind, metadata = unwrap(info.annotation)
    facets = facets_of((*metadata, *info.metadata))
    found = {name.removeprefix(XSD): facet for name, facet in xsd_type.facets.items() if name}
    primitive = xsd_type.primitive_type.local_name
    if get_origin(kind) is not None:
        assert xsd_type.enumeration == list(get_args(kind)), where
        return
    expected_primitive = {"bool": "boolean", "int": "decimal", "Decimal": "decimal", "datetime": "dateTime"}
    assert primitive == expected_primitive.get(kind.__name__, {"date": "date"}.get(kind.__name__, "string")), where
    assert (kind is int) == (xsd_type.is_derived(xsd_type.maps.types[f"{XSD}integer"])), where
    assert _bound(found.get("minLength")) == facets.get("min_length"), where
    assert _bound(found.get("maxLength")) == facets.get("max_length"), where
    assert _bound(found.get("minInclusive")) == facets.get("ge"), where
    assert _bound(found.get("maxInclusive")) == facets.get("le"), where
    assert _bound(found.get("totalDigits")) == facets.get("max_digits"), where
    assert _bound(found.get("fractionDigits")) == facets.get("decimal_places"), where
    patterns = [node.get("value") for node in found["pattern"]]
    if primitive == "string":
        assert patterns == [_stripped(facets["pattern"]) if facets["pattern"] != TEXT else TEXT[1:-1]], where
    else:
        assert len(patterns) == 1, f"{where}: the lexical form of a number or time is fixed by one pattern"


def _compare(where: str, cls: type[PixModel], xsd_type: Any, compared: set[str], version: str) -> None:
    elements = list(xsd_type.content.iter_elements())
    fields = shapes(cls, version)
    assert [element.local_name for element in elements] == [shape.element for shape in fields], where
    for element, shape in zip(elements, fields, strict=True):
        here = f"{where}/{shape.element}"
        compared.add(f"{cls.__name__}.{shape.name}")
        info = cls.model_fields[shape.name]
        if shape.repeats:
            _, metadata = unwrap(info.annotation)
            facets = facets_of((*metadata, *info.metadata))
            assert element.min_occurs == facets.get("min_length", 0), here
            assert element.max_occurs == facets["max_length"], here
        else:
            assert element.min_occurs == (1 if info.is_required() else 0), here
            assert element.max_occurs == 1, here
        if issubclass(shape.value_type, PixModel):
            _compare(here, shape.value_type, element.type, compared, version)
        elif cls is Header and shape.name == "message_type":
            assert element.type.enumeration == [where.split("/")[1]], here
        else:
            _compare_value(here, cls, shape, element.type)


@pytest.mark.parametrize("version", schemas.VERSIONS)
@pytest.mark.parametrize("code", CODES)
def test_models_and_schemas_agree_on_what_is_required_repeated_and_bounded(code: str, version: str) -> None:
    cls = CATALOGUE[code]
    compared: set[str] = set()
    _compare(f"/{code}", cls, engines.explained(version).elements[cls.__name__].type, compared, version)
    assert {f"{cls.__name__}.{shape.name}" for shape in shapes(cls)} <= compared


def test_everything_in_the_schemas_says_what_it_means() -> None:
    silent = []
    newest = schemas.message_set(schemas.VERSIONS[-1])
    for name in ("common", *schemas.CODES):
        root = etree.fromstring(newest.joinpath(f"{name}.xsd").read_bytes())
        for node in root.iter(f"{XSD}element", f"{XSD}simpleType", f"{XSD}complexType", f"{XSD}enumeration"):
            if node.get("name") is None and node.tag in (f"{XSD}simpleType", f"{XSD}element"):
                continue
            if node.tag == f"{XSD}enumeration" and name != "common":
                continue
            text = node.findtext(f"{XSD}annotation/{XSD}documentation")
            if not text or len(text.split()) < 1:
                silent.append(f"{name}: {node.get('name') or node.get('value')}")
    assert silent == []


def test_origins_are_named_by_three_words_only() -> None:
    text = b"".join(schemas.message_set().joinpath(f"{n}.xsd").read_bytes() for n in ("common", *schemas.CODES))
    assert set(re.findall(rb'documentation source="([^"]*)"', text)) == {b"WCO", b"NCTS", b"EAEU"}


@pytest.mark.parametrize("code", CODES)
def test_each_message_says_who_may_see_it(code: str) -> None:
    root = etree.fromstring(schemas.message_schema(code).read_bytes())
    seen = root.xpath("xs:annotation/xs:appinfo[@source='seen-by']/text()", namespaces={"xs": XSD[1:-1]})
    assert len(seen) == 1
    words = seen[0].split()
    assert "own-service" in words
    assert set(words) <= {"trader", "own-service", "partner-services"}


def test_no_trader_sees_what_would_tip_it_off() -> None:
    for code in ("CTD", "PDC", "CTR", "IMG", "RCG", "AAR", "ATR", "ALR", "MAQ"):
        root = etree.fromstring(schemas.message_schema(code).read_bytes())
        assert "trader" not in (root.findtext(f"{XSD}annotation/{XSD}appinfo") or "").split(), code
    states = set(engines.explained(VERSION).types["CaseState"].enumeration)
    assert not states & {"SELECTED", "RECOGNISED", "INSPECTED", "UNDER_EXPORT_CONTROL"}


def test_only_messages_about_services_have_no_case() -> None:
    without = {code for code, cls in CATALOGUE.items() if issubclass(cls, ServiceMessage)}
    assert without == {"LST", "UNA", "UNC"}
    for code, cls in CATALOGUE.items():
        message = decode(schemas.sample(code).read_bytes())
        assert issubclass(cls, CaseMessage) == (message.ucr != "")
        assert (b"<UCR>" in schemas.sample(code).read_bytes()) == issubclass(cls, CaseMessage)


def test_messages_are_told_apart_by_their_names() -> None:
    names = [cls.NAME for cls in CATALOGUE.values()]
    assert len(set(names)) == len(names) == 35


ROLES = {
    "CN": set(CODES) - {"ADV", "AMD", "REG", "REL", "CTD", "SLT"},
    "KZ.99101": {"ALR", "ARR", "CTR", "DEP", "IMG", "INC", "NCF", "SEA"},
    "KZ.KTZ": {"ADV", "AMD", "INV", "SLT", "STQ"},
}
"""What a service, a post and a trader may send to a service, by a member of each."""
FORBIDDEN = [(sender, code) for sender, allowed in ROLES.items() for code in sorted(set(CODES) - allowed)]


@pytest.mark.parametrize(("sender", "code"), FORBIDDEN)
def test_a_node_refuses_what_is_not_the_senders_to_say(sender: str, code: str) -> None:
    message = decode(schemas.sample(code).read_bytes())
    header = message.header.model_copy(update={"sender": sender, "recipient": "KZ"})
    node = Journey().cores["KZ"]
    decision = node.decide(message.model_copy(update={"header": header}), message.header.sent_at)
    assert decision.refusal is not None
    assert (decision.refusal.status, decision.refusal.code) == (403, "role")
    assert code in decision.refusal.text
    assert decision.entries == ()


def test_code_lists_have_a_source_and_unique_codes() -> None:
    for name, entry in schemas.code_lists().items():
        rows = schemas.code_list(name)
        assert entry["source"]
        assert entry["date"]
        assert entry["closed"] in ("yes", "no")
        assert len({row["code"] for row in rows}) == len(rows) > 0, name


def test_synthetic_offices_are_marked_and_offices_have_their_form() -> None:
    offices = {row["code"]: row for row in schemas.code_list("customs_offices")}
    pattern = re.compile(r"[A-Z]{2}[A-Z0-9]{6}|[0-9]{2}|[0-9]{4}|[0-9]{5}|[0-9]{8}")
    assert all(pattern.fullmatch(code) for code in offices)
    assert offices["FI542700"]["mark"] == "verified"
    invented = {code for code, row in offices.items() if row["mark"] == "synthetic"}
    assert {"9911", "9912", "99101", "99206010", "FI999900"} <= invented
    assert all("99" in code for code in invented)
    places = schemas.codes("unlocodes")
    assert all(row["unlocode"] in places for row in offices.values() if row["unlocode"])


@pytest.mark.parametrize(
    ("enumeration", "name"),
    [
        ("ResultCode", "control_results"),
        ("ControlForm", "control_forms"),
        ("ModeCode", "transport_modes"),
        ("MeansType", "means_types"),
        ("SealKind", "seal_kinds"),
        ("IncidentCode", "incident_codes"),
    ],
)
def test_enumerations_of_the_schema_are_the_code_lists(enumeration: str, name: str) -> None:
    assert set(engines.explained(VERSION).types[enumeration].enumeration) == schemas.codes(name)


def test_what_does_not_exist_is_named() -> None:
    for ask in (
        lambda: schemas.message_schema("XXX"),
        lambda: schemas.sample("XXX"),
        lambda: schemas.message_schema("AAR", "9.9"),
        lambda: schemas.code_list("nothing"),
    ):
        with pytest.raises(LookupError, match="there is no"):
            ask()


@pytest.mark.parametrize("name", ["messages.md", "rules.md", "field-map.md"])
def test_the_reference_is_up_to_date(name: str) -> None:
    from pathlib import Path

    from exchange.validation.reference import PAGES

    written = Path(__file__).parents[2] / "docs" / name
    again = "run: python -m exchange.validation.reference docs"
    assert written.read_text(encoding="utf-8") == PAGES[name](), again


SIXTEEN = (
    "MRN",
    "ExportOffice",
    "ExportDate",
    "Consignor/Name",
    "Consignee/Name",
    "TransportMeans/ID",
    "TermsOfDelivery",
    "TransportEquipment/ContainerID",
    "GoodsItem/HSCode",
    "GoodsItem/Description",
    "GoodsItem/Packaging/Quantity",
    "GoodsItem/GrossMass",
    "GoodsItem/NetMass",
    "InvoiceAmount/CurrencyCode",
    "GoodsItem/OriginCountry",
    "TransportEquipment/Seal/ID",
)
"""The parameters that a service answers an export MRN with."""


@pytest.mark.parametrize("path", SIXTEEN)
def test_a_data_response_carries_the_sixteen_parameters(path: str) -> None:
    root = etree.fromstring(schemas.sample("DRS").read_bytes())
    data = root.find(f"{{{NAMESPACE}}}ExportData")
    assert data is not None
    assert data.findtext("/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/")))
    first = path.split("/")[0]
    shape = next(shape for shape in shapes(ExportData) if shape.element == first)
    assert shape.required or first == "TransportEquipment", (
        "goods may travel without container, nothing else is left out"
    )
