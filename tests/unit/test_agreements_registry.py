"""The registry file: everything that the founding documents name is there, with its source, and faults are named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from exchange.agreements import (
    COVERS,
    RegistryError,
    UnknownCountry,
    country_names,
    directory,
    last_day,
    legal_base,
    liaison,
    read_registry,
    registry,
    statuses,
)
from exchange.agreements.agreement import CODES, INFORMATION_CODES
from exchange.agreements.page import page
from exchange.agreements.views import changes, chosen, matrix
from exchange.messages import CATALOGUE

NAMED: Mapping[str, tuple[str, str, frozenset[str]]] = {
    "green-corridor-ru-cn": ("in preparation", "information", frozenset({"RU", "CN"})),
    "recognition-ru-cn": ("in force", "recognition", frozenset({"RU", "CN"})),
    "subcommission-ru-cn": ("in force", "", frozenset({"RU", "CN"})),
    "china-europe-transit-information": (
        "in preparation",
        "information",
        frozenset({"RU", "CN", "KZ", "BY", "FI", "SK"}),
    ),
    "china-europe-transit-recognition": (
        "in preparation",
        "recognition",
        frozenset({"RU", "CN", "KZ", "BY", "FI", "SK"}),
    ),
    "recognition-ru-cn-mn": ("signed", "recognition", frozenset({"RU", "CN", "MN"})),
    "recognition-ru-mn": ("in preparation", "recognition", frozenset({"RU", "MN"})),
    "images-ru-mn": ("in preparation", "images", frozenset({"RU", "MN"})),
    "green-corridor-ru-mn": ("in preparation", "information", frozenset({"RU", "MN"})),
    "green-corridor-ru-it": ("in test", "information", frozenset({"RU", "IT"})),
    "facilitated-crossing-ru-ee": ("discussed", "information", frozenset({"RU", "EE"})),
    "working-group-ru-pl": ("contact", "", frozenset({"RU", "PL"})),
    "cooperation-ru-de": ("contact", "", frozenset({"RU", "DE"})),
    "cooperation-ru-fi": ("contact", "", frozenset({"RU", "FI"})),
    "cooperation-ru-it": ("contact", "", frozenset({"RU", "IT"})),
    "cooperation-ru-baltic": ("contact", "", frozenset({"RU", "EE", "LV", "LT"})),
    "assistance-ru-ir": ("signed", "assistance", frozenset({"RU", "IR"})),
    "assistance-ru-za": ("drafted", "assistance", frozenset({"RU", "ZA"})),
    "assistance-ru-ma": ("drafted", "assistance", frozenset({"RU", "MA"})),
    "assistance-ru-tn": ("drafted", "assistance", frozenset({"RU", "TN"})),
    "cooperation-ru-ke": ("contact", "", frozenset({"RU", "KE"})),
    "cooperation-ru-et": ("contact", "", frozenset({"RU", "ET"})),
    "cooperation-ru-eg": ("contact", "", frozenset({"RU", "EG"})),
    "cooperation-ru-ir": ("contact", "", frozenset({"RU", "IR"})),
    "information-ru-cu": ("in preparation", "information", frozenset({"RU", "CU"})),
    "information-ru-br": ("in preparation", "information", frozenset({"RU", "BR"})),
    "information-ru-ar": ("in preparation", "information", frozenset({"RU", "AR"})),
    "air-ru-fr": ("drafted", "air", frozenset({"RU", "FR"})),
    "air-ru-jp": ("drafted", "air", frozenset({"RU", "JP"})),
    "air-ru-de": ("drafted", "air", frozenset({"RU", "DE"})),
    **{
        f"information-ru-{country.lower()}": ("negotiated", "information", frozenset({"RU", country}))
        for country in ("VN", "IL", "JO", "LB", "MA", "SY", "UY", "FR", "ET")
    },
}
"""What the text of the Federal Customs Service of Russia (2016) names, with the status that it tells."""
LATER: Mapping[str, tuple[str, str, str]] = {
    "north-south-information": ("discussed", "drafted", "2017-04-20"),
    "simplified-transit-ru-ir-az": ("", "signed", "2022-08-22"),
    "north-south-recognition": ("", "drafted", "2017-04-20"),
    "green-corridor-lists-ru-cn": ("in preparation", "in force", "2024-02"),
}
"""What later sources add: status at the end of 2016, status since, and from when."""
CLUB = ["RU", "BE", "DE", "IN", "IT", "KG", "CN", "LV", "LT", "US", "FR", "FI", "CZ"]
"""The services that the Moscow club's own page names."""

HEAD, *ENTRIES = (
    resources.files("exchange.agreements").joinpath("registry.yaml").read_text(encoding="utf-8").split("\n  - id: ")
)
FEW = ("eaeu-law", "recognition-ru-cn", "recognition-ru-cn-mn", "xray-protocol-ru-mn", "green-corridor-ru-it")
TEXT = "\n  - id: ".join(
    [HEAD, *(entry for entry in ENTRIES if entry.startswith((*(f"{one}\n" for one in FEW), "facilitated")))]
)
"""The registry with a few entries, so that it is read quickly."""


@pytest.mark.parametrize("agreement_id", NAMED)
def test_all_that_the_founding_text_names_is_there_with_the_status_of_2016(agreement_id: str) -> None:
    status, covers, parties = NAMED[agreement_id]
    agreement = registry()[agreement_id]
    assert agreement.status_at(date(2016, 12, 31)) == status
    assert agreement.covers == ({covers} if covers else frozenset())
    assert agreement.parties == parties


@pytest.mark.parametrize("agreement_id", LATER)
def test_later_partners_and_statuses_carry_their_later_source(agreement_id: str) -> None:
    before, after, on = LATER[agreement_id]
    agreement = registry()[agreement_id]
    assert (agreement.status_at(date(2016, 12, 31)) or "") == before
    assert agreement.history[-1].on == on
    assert agreement.status_at(last_day(on)) == agreement.status == after


def test_the_later_partners_of_the_north_south_corridor_are_no_parties_in_2016() -> None:
    agreement = registry()["north-south-information"]
    parties = {c for c in ("AZ", "IN", "IR", "KZ", "RU") if agreement.takes_part(c, date(2016, 12, 31))}
    assert parties == {"IR", "RU"}
    assert all(agreement.takes_part(country, date(2017, 4, 20)) for country in ("AZ", "IN", "KZ"))


def test_union_law_is_marked_as_law_and_nothing_else_is() -> None:
    assert {one.id for one in registry() if one.kind == "law"} == {"eaeu-law", "eu-law"}
    union = registry()["eu-law"]
    assert union.links("FI", "GB", date(2020, 12, 31))
    assert not union.links("FI", "GB", date(2021, 1, 1))
    assert not registry()["eaeu-law"].links("KG", "RU", date(2015, 1, 1))


def test_every_statement_has_a_source_and_a_mark() -> None:
    statements = 0
    for one in registry():
        bases = [one.scope.basis, one.residual_basis, one.forwarding_basis, *(c.basis for c in one.history)]
        bases += [one.recognition.basis] if one.recognition else []
        for basis in [basis for basis in bases if basis is not None]:
            statements += 1
            assert len(basis.source) > 5
            assert basis.mark in ("verified", "recalled", "designed")
        assert one.residual is None or one.residual_basis is not None
        assert not one.forwarding or one.forwarding_basis is not None
        assert not one.limited or one.scope.basis is not None or one.covers == {"air"}
    assert statements > 80


def test_the_acts_that_the_text_counts_do_not_add_up_and_that_is_said() -> None:
    base = legal_base()
    assert (base.acts, base.conventions + base.memoranda + base.plans + base.programmes) == (19, 18)
    assert "18" in base.note


def test_what_is_covered_allows_messages_of_the_catalogue_only() -> None:
    assert set(CODES) == set(COVERS)
    assert all(codes <= set(CATALOGUE) for codes in CODES.values())
    assert registry()["recognition-ru-mn"].codes.isdisjoint({"IMG"})
    assert "IMG" in registry()["images-ru-mn"].codes
    assert registry()["recognition-ru-cn"].codes >= {"CTR", "RCG", "IMG"}
    assert registry()["assistance-eu-ru"].codes == {"MAQ", "MAS", "NCK"}
    assert registry()["air-ru-de"].codes == INFORMATION_CODES
    assert registry()["air-ru-de"].modes == {"4"}
    assert registry()["working-group-ru-pl"].codes == frozenset()


def test_nodes_exchange_nothing_under_what_works_by_other_means_unless_that_is_assumed() -> None:
    on = date(2019, 6, 1)
    assert registry()["manifest-cn-mn"].status == "in force"
    assert registry().covering("AAR", "CN", "MN", on) is None
    assumed = registry().with_statuses({"manifest-cn-mn": "in force"})
    found = assumed.covering("AAR", "CN", "MN", on)
    assert found is not None
    assert found.id == "manifest-cn-mn"
    assert assumed.covering("AAR", "CN", "MN", date(2009, 12, 14)) is None


def test_assistance_between_the_unions_states_and_russia_and_not_among_themselves() -> None:
    found = registry().covering("MAQ", "RU", "FI", date(2018, 3, 5))
    assert found is not None
    assert found.id == "assistance-eu-ru"
    assert not found.links("FI", "DE", date(2018, 3, 5))
    assert not found.links("PL", "RU", date(2004, 4, 30))


# ---------------------------------------------------------------------------------------------------------- the file


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("forms: [SCAN, WEIGHING, PHYSICAL]", "forms: [SCANN]", "recognition.forms.0: 'SCANN' is not in the code list"),
        ("parties: [IT, RU]", "parties: [IT, RUS]", "entry green-corridor-ru-it, field parties.1: 'RUS' is not in"),
        ("parties: [IT, RU]", "parties: [IT]", "entry green-corridor-ru-it: needs parties"),
        ("parties: [IT, RU]", "parties: [IT, RU]\n    party: 1", "green-corridor-ru-it, field party: is no field"),
        ("  - id: xray-protocol-ru-mn", "  - id: eaeu-law", "two entries are called 'eaeu-law'"),
        ("  - id: xray-protocol-ru-mn", "  - name: x", "entry number 4, field id: is missing"),
        ('on: "2015-03-20"', 'on: "2015-02-30"', "entry green-corridor-ru-it, field history.1.on: '2015-02-30' is no"),
        ('on: "2015-03-20"', 'on: "2013-03-20"', "entry green-corridor-ru-it: has a history that is out of order"),
        ('{status: discussed, on: "2016", ', "{status: discussed, ", "has no date: add 'on'"),
        ("status: in test", "status: tested", "field history.1.status: 'tested': Input should be 'contact'"),
        ("modes: [ROAD]", "modes: [TRUCK]", "scope.modes.0: 'TRUCK': Input should be"),
        ("RUGRK", "RUXXX", "scope.border_points.0: 'RUXXX' is not in the code list unlocodes"),
        ('hs: ["07"', 'hs: ["7"', "entry recognition-ru-cn, field scope.hs.0: '7'"),
        ('residual: {is: "2 %"', 'residual: {is: "2"', "field residual.is: '2'"),
        ('schema_version: "1.0"', 'schema_version: "9.9"', "entry eaeu-law: schema_version '9.9' does not exist"),
        ("mark: recalled", "mark: sure", "entry eaeu-law, field mark: 'sure'"),
        ("covers: [recognition]", "covers: [information]", "needs 'recognition' exactly if it covers recognition"),
        ('on: "2014-07-01"', 'on: "2014-07"', "is in force between nodes: give the day on which that began"),
        ("to: [CN, MN, RU]", "to: [CN, MN, FI]", "speaks of FI in joined, left or forwarding"),
        ("agreements:\n", "agreements: [\n", "registry.yaml is no YAML"),
    ],
)
def test_a_fault_in_the_file_is_told_with_entry_and_field(before: str, after: str, said: str) -> None:
    assert before in TEXT
    with pytest.raises(RegistryError) as caught:
        read_registry(TEXT.replace(before, after, 1), "registry.yaml")
    assert said in str(caught.value)


def test_all_faults_are_told_at_once() -> None:
    text = TEXT.replace("parties: [IT, RU]", "parties: [IT, RUS]", 1).replace("RUGRK", "RUXXX", 1)
    with pytest.raises(RegistryError) as caught:
        read_registry(text, "registry.yaml")
    assert "RUS" in str(caught.value)
    assert "RUXXX" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2016", date(2016, 12, 31)),
        ("2016-02", date(2016, 2, 29)),
        ("2016-05-11", date(2016, 5, 11)),
    ],
)
def test_a_date_without_a_day_counts_from_the_end_of_its_time(text: str, day: date) -> None:
    assert last_day(text) == day


@pytest.mark.parametrize(
    "text", ["", "16", "2016-5", "2016-13", "2016-02-30", "2016-05-11T00:00", "20160511", "２０１６"]
)
def test_what_is_no_date_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="is no date"):
        last_day(text)


# ---------------------------------------------------------------------------------------------------------- the views


def test_the_registry_can_be_asked_by_country_status_cover_and_day() -> None:
    def ids(**asked: object) -> set[str]:
        return {one.agreement.id for one in chosen(registry(), **asked)}  # type: ignore[arg-type]

    assert ids() == {one.id for one in registry()}
    assert ids(countries=["RU", "MN"], covers=["images"]) == {"images-ru-mn", "xray-protocol-ru-mn"}
    assert ids(statuses=["in test"], at=date(2016, 12, 31)) == {"green-corridor-ru-it", "safe-lanes-eu-cn"}
    assert ids(countries=["RU", "IT"], statuses=["signed"], at=date(2014, 1, 1)) == {"green-corridor-ru-it"}
    assert "recognition-ru-cn-mn" not in ids(at=date(2016, 6, 22))
    assert "recognition-ru-cn-mn" in ids(at=date(2016, 6, 23))
    assert ids(countries=["FI", "DE"]) == {"eu-law"}


def test_the_matrix_has_each_pair_once_and_says_how_far_what_is() -> None:
    pairs = {pair.countries: pair for pair in matrix(chosen(registry()))}
    assert pairs["MN", "RU"].letters == ("I3", "i6", "R6", "P3", "p6")
    assert pairs["DE", "RU"].words == (
        "information: in force (by other means)",
        "assistance: in force",
        "air: drafted",
        "contact: contact",
    )
    assert all(one < other for one, other in pairs)
    assert ("CN", "US") not in pairs


def test_the_history_is_in_order_of_time() -> None:
    rows = changes(chosen(registry()))
    days = [date.min if row["on"] is None else last_day(row["on"]) for row in rows]
    assert days == sorted(days)
    assert len(rows) == sum(len(one.history) for one in registry())
    assert all(row["status"] in statuses() and row["source"] and row["mark"] for row in rows)
    assert all(
        last_day(row["on"] or "0001") <= date(2015, 12, 31) for row in changes(chosen(registry()), date(2015, 12, 31))
    )


# ------------------------------------------------------------------------------------------------------- the directory


def test_the_club_has_thirteen_services_and_a_division_and_one_that_followed() -> None:
    moscow, beijing = directory().clubs
    assert (list(moscow.members), moscow.founded, set(moscow.founders)) == (CLUB, "2002-12", {"RU", "CN", "FI"})
    assert [(division.city, division.since) for division in moscow.divisions] == [("Saint Petersburg", "2008")]
    assert (beijing.host, beijing.founded, beijing.members) == ("CN", "2009", ())


def test_everybody_in_the_registry_can_be_asked_at_a_synthetic_address() -> None:
    for country in set().union(*(one.parties for one in registry()), CLUB):
        contact = liaison(country)
        assert contact.address.endswith(f"@{country.lower()}.customs.example.org")
        assert contact.channel == ("customs attaché" if country in CLUB else "cooperation department")
        low, usual, high = contact.answer_days
        assert 1 <= low <= usual <= high
    with pytest.raises(UnknownCountry, match="'XX' is no country"):
        liaison("XX")


def test_membership_in_the_club_is_no_legal_basis() -> None:
    assert directory().legal_basis is False
    on = date(2018, 3, 5)
    assert {"US", "IN"} <= set(CLUB)
    assert all(registry().covering(code, "RU", "US", on) is None for code in ("MAQ", "STQ", "AAR", "CTR"))


def test_countries_are_named() -> None:
    assert all(country in country_names() for one in registry() for country in one.parties)


def test_the_page_of_the_documentation_is_the_current_one() -> None:
    published = Path(__file__).parents[2] / "docs" / "agreements.md"
    assert published.read_text(encoding="utf-8") == page(), (
        "write it again: python -m exchange.agreements.page > docs/agreements.md"
    )
