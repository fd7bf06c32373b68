"""Code lists: which fields they govern, that they agree with the schema, the rules and the nodes, what offices are."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Literal, get_args, get_origin

import pytest

import schemas
from exchange import identifiers
from exchange.codec import shapes
from exchange.errors import IdentifierError
from exchange.messages import CATALOGUE, Header, PixModel
from exchange.messages import base as b
from exchange.validation import validate
from exchange.validation.codelists import GOVERNED, SHORT, expected, governing, meaning
from exchange.validation.offices import adjacent, country_of, neighbours, offices, territory
from nodes.profile import UNIONS
from tests.rule_cases import sample, swap
from tests.strategies import facets_of, unwrap


def _classes() -> list[type[PixModel]]:
    found: dict[type[PixModel], None] = {}
    pending: list[type[PixModel]] = list(CATALOGUE.values())
    while pending:
        cls = pending.pop()
        if cls not in found:
            found[cls] = None
            pending += [shape.value_type for shape in shapes(cls) if issubclass(shape.value_type, PixModel)]
    return list(found)


FIELDS = [
    pytest.param(cls, name, id=f"{cls.__name__}.{name}")
    for cls in _classes()
    for name in cls.model_fields
    if not issubclass(next(s.value_type for s in shapes(cls) if s.name == name), PixModel)
]


def _facets(cls: type[PixModel], field: str) -> tuple[Any, dict[str, Any]]:
    info = cls.model_fields[field]
    kind, metadata = unwrap(info.annotation)
    return kind, facets_of((*metadata, *info.metadata))


FORMS = {
    get_args(kind)[1].metadata[0].pattern: name
    for kind, name in (
        (b.CountryCode, "countries"),
        (b.CurrencyCode, "currencies"),
        (b.UNLOCODE, "unlocodes"),
        (b.OfficeCode, "customs_offices"),
        (b.PackageKind, "package_kinds"),
        (b.HSCode, "hs_chapters"),
    )
}


THREE_LETTERS = {"message_type": "message_types", "terms_of_delivery": "delivery_terms"}
"""Fields of the form of a currency that are none; the schema lists the message types of the header."""


def test_the_forms_are_told_apart() -> None:
    assert len(FORMS) == 6


@pytest.mark.parametrize(("cls", "field"), FIELDS)
def test_a_field_of_a_coded_form_is_governed_by_its_list(cls: type[PixModel], field: str) -> None:
    kind, facets = _facets(cls, field)
    name = governing(cls, field)
    if get_origin(kind) is Literal:
        if name is not None:
            assert set(get_args(kind)) == schemas.codes(name), "the schema and the code list differ"
    elif field in THREE_LETTERS:
        assert name == THREE_LETTERS[field] or cls is Header
    elif facets.get("pattern") in FORMS:
        assert name == FORMS[facets["pattern"]]
    else:
        assert name is None


def test_every_entry_of_the_table_governs_something() -> None:
    for key in GOVERNED:
        owner, _, field = key.rpartition(".")
        assert any(field in cls.model_fields and owner in ("", cls.__name__) for cls in _classes()), key
        assert GOVERNED[key] is None or GOVERNED[key] in schemas.code_lists()


def test_every_list_says_what_its_codes_mean() -> None:
    for name in schemas.code_lists():
        if name not in ("customs_unions", "borders"):
            assert all(meaning(row) for row in schemas.code_list(name)), name


@pytest.mark.parametrize(
    ("old", "new", "listed", "xpath"),
    [
        ("<CurrencyCode>USD", "<CurrencyCode>QQQ", "currencies", "GoodsItem[1]/StatisticalValue/CurrencyCode"),
        ("<Kind>CT<", "<Kind>QX<", "package_kinds", "GoodsItem[1]/Packaging/Kind"),
        ("<OriginCountry>CN", "<OriginCountry>UK", "countries", "GoodsItem[1]/OriginCountry"),
        ("<TermsOfDelivery>FCA", "<TermsOfDelivery>FCB", "delivery_terms", "ExportData/TermsOfDelivery"),
        ("<MessageType>INC", "<MessageType>ACK", "message_types", "KnownMessage[1]/MessageType"),
    ],
)
def test_a_finding_names_list_value_and_source(old: str, new: str, listed: str, xpath: str) -> None:
    message = {"delivery_terms": "DRS", "message_types": "STS"}.get(listed, "AAR")
    finding = validate(swap(old, new)(sample(message)), rules=False).findings[0]
    assert (finding.gate, finding.code, finding.severity) == ("codelist", "12", "error")
    assert finding.value == new.split(">")[1].rstrip("<")
    assert finding.xpath.endswith(xpath)
    assert f"code list {listed} " in finding.text
    assert finding.expected is not None
    if listed == "delivery_terms":
        assert finding.expected.startswith("one of EXW (Ex works), FCA (Free carrier)")
    else:
        assert schemas.code_lists()[listed]["source"] in finding.expected


def test_the_list_of_messages_is_the_catalogue() -> None:
    rows = [(row["code"], row["name"]) for row in schemas.code_list("message_types")]
    assert rows == [(code, cls.NAME) for code, cls in CATALOGUE.items()]


def test_short_lists_are_told_in_full_with_their_meaning() -> None:
    said = expected("seal_states")
    assert said.startswith("one of INTACT (The seal is whole")
    for name in schemas.code_lists():
        rows = schemas.code_list(name)
        assert (expected(name).startswith("one of ")) == (len(rows) <= SHORT)


@pytest.mark.parametrize("chapter", [f"{number:02d}" for number in range(100)])
def test_the_chapters_of_the_harmonized_system_are_those_that_codes_may_have(chapter: str) -> None:
    if chapter in schemas.codes("hs_chapters"):
        identifiers.check_hs(chapter + "0110")
    else:
        with pytest.raises(IdentifierError):
            identifiers.check_hs(chapter + "0110")


def test_currencies_in_use_are_told_from_those_withdrawn() -> None:
    until = {row["code"]: row["until"] for row in schemas.code_list("currencies")}
    assert not any(until[code] for code in ("CNY", "EUR", "KZT", "RUB", "USD", "BYN", "AMD", "KGS"))
    assert until["HRK"] == "2023-01"
    assert all(re.fullmatch(r"[A-Z]{3}", code) for code in until)
    assert all(re.fullmatch(r"(20[0-9]{2}-[01][0-9])?", month) for month in until.values())


def test_the_refined_modes_belong_to_the_modes() -> None:
    modes = schemas.codes("transport_modes")
    assert {code[0] for code in schemas.codes("transport_modes_ncts")} <= modes
    assert {row["mode"] for row in schemas.code_list("means_types")} <= modes


def test_unions_are_those_of_the_nodes() -> None:
    found: dict[str, set[str]] = {}
    for row in schemas.code_list("customs_unions"):
        found.setdefault(row["union"], set()).add(row["code"])
    assert found == UNIONS


def test_borders_are_between_countries_and_stand_once() -> None:
    countries = schemas.codes("countries")
    for row in schemas.code_list("borders"):
        assert row["one"] < row["other"]
        assert row["code"] == f"{row['one']}-{row['other']}"
        assert {row["one"], row["other"]} <= countries
        assert row["kind"] in ("land", "bridge", "tunnel", "ferry")
    assert {"KZ", "RU", "MN", "VN"} <= neighbours("CN")
    assert neighbours("IS") == frozenset()


@pytest.mark.parametrize(
    ("one", "other", "at_border", "right"),
    [
        ("CN", "KZ", True, True),
        ("CN", "BY", True, False),
        ("CN", "BY", False, True),
        ("KZ", "BY", True, True),
        ("RU", "FI", True, True),
        ("KZ", "FI", True, False),
        ("KZ", "FI", False, True),
        ("CN", "FI", False, False),
        ("BY", "SK", True, False),
        ("KZ", "AZ", True, True),
        ("IS", "CN", True, True),
    ],
)
def test_territories_are_adjacent_by_their_borders(one: str, other: str, at_border: bool, right: bool) -> None:
    assert adjacent(one, other, at_border=at_border) is right
    assert adjacent(other, one, at_border=at_border) is right


def test_an_office_is_open_by_its_local_clock() -> None:
    vainikkala = offices()["FI542700"]

    def at(hour: int, minute: int = 0, year: int = 2025) -> bool:
        return vainikkala.open_at(datetime(year, 7, 1, hour, minute, tzinfo=UTC))

    assert [at(4, 59), at(5), at(15), at(15, 1)] == [False, True, True, False]
    assert at(1, year=2018), "hours are known from the day of the list on"
    kybartai = offices()["LTKG3000"]
    assert all(kybartai.open_at(datetime(2025, 7, 5, hour, 59, tzinfo=UTC)) for hour in range(24))
    luhamaa = offices()["EE4600EE"]
    assert luhamaa.open_at(datetime(2025, 7, 3, 13, 0, tzinfo=UTC))
    assert not luhamaa.open_at(datetime(2025, 7, 4, 13, 0, tzinfo=UTC))
    assert not luhamaa.open_at(datetime(2025, 7, 5, 10, 0, tzinfo=UTC))


def test_offices_have_roles_for_traffic_and_a_country() -> None:
    vaalimaa = offices()["FI499300"]
    assert vaalimaa.handles("ENT", "3")
    assert not vaalimaa.handles("ENT", "2")
    assert vaalimaa.handles("ENT", "7"), "the list has no traffic type for fixed installations"
    assert [country_of(code) for code in ("99101", "FI000000", "12345678")] == ["KZ", "FI", None]
    assert [territory(country) for country in ("FI", "KZ", "CN")] == ["EU", "EAEU", "CN"]
    for office in offices().values():
        assert office.roles
        assert office.periods
