"""Identifiers: real numbers pass, wrong ones are refused with the digit that would be right."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange import identifiers as ids
from exchange.errors import CorridorError, IdentifierError

GOOD: list[tuple[Callable[[str], None], str]] = [
    (ids.check_container, "CSQU3054383"),
    (ids.check_container, "MSKU1234565"),
    (ids.check_container, "MSCU6639870"),
    (ids.check_container, "TEMU6079348"),
    (ids.check_mrn, "24GB000246J8NY33L7"),
    (ids.check_mrn, "23GB000246IF9W5YJ0"),
    (ids.check_wagon_uic, "218124712173"),
    (ids.check_wagon_uic, "218015590845"),
    (ids.check_wagon_uic, "522070804342"),
    (ids.check_wagon_uic, "217433539988"),
    (ids.check_wagon_uic, "505126180015"),
    (ids.check_wagon_uic, "275150814729"),
    (ids.check_wagon_1520, "24548885"),
    (ids.check_wagon_1520, "94261831"),
    (ids.check_wagon_1520, "24567893"),
    (ids.check_wagon, "1234567"),
    (ids.check_pi_number, "RU/290224/00000001A"),
    (ids.check_ucr, "6CN91610131XA0001"),
    (ids.check_unlocode, "CNXAG"),
    (ids.check_hs, "847130"),
    (ids.check_hs, "8471300000"),
    (ids.check_seal, "CN-0012/7"),
]

BAD: list[tuple[Callable[[str], None], str, str]] = [
    (ids.check_container, "MSCU6639871", "should be 0"),
    (ids.check_container, "TCLU4265244", "should be"),
    (ids.check_container, "CSQX3054383", "category U, J or Z"),
    (ids.check_container, "CSQU305438", "six digits"),
    (ids.check_container, "CSQU٣٠٥٤٣٨٣", "no container number"),
    (ids.check_mrn, "24GB000246J8NY33L8", "should be 7"),
    (ids.check_mrn, "24gb000246J8NY33L7", "no MRN"),
    (ids.check_wagon_uic, "218124712174", "should be 3"),
    (ids.check_wagon_uic, "21812471217", "12 digits"),
    (ids.check_wagon_1520, "24548886", "should be 5"),
    (ids.check_wagon_1520, "2454888A", "8 digits"),
    (ids.check_wagon, "123456", "12 digits (UIC), 8 digits"),
    (ids.check_pi_number, "RU/310224/000000001", "does not exist"),
    (ids.check_pi_number, "RU/290223/000000001", "does not exist"),
    (ids.check_pi_number, "RU/290224/1", "DDMMYY"),
    (ids.check_ucr, "CN6X", "digit of the year"),
    (ids.check_ucr, "6CN" + "X" * 33, "up to 32"),
    (ids.check_unlocode, "CNXA1", "2-9"),
    (ids.check_hs, "8471301", "6, 8 or 10"),
    (ids.check_hs, "770000", "reserved"),
    (ids.check_hs, "980000", "chapter 98"),
    (ids.check_hs, "000000", "chapter 00"),
    (ids.check_seal, "cn1", "capitals"),
    (ids.check_seal, "A" * 21, "1 to 20"),
]


@pytest.mark.parametrize(("check", "value"), GOOD)
def test_a_right_number_passes(check: Callable[[str], None], value: str) -> None:
    check(value)


@pytest.mark.parametrize(("check", "value", "words"), BAD)
def test_a_wrong_number_is_refused_in_words(check: Callable[[str], None], value: str, words: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        check(value)
    assert words in str(caught.value)
    assert isinstance(caught.value, CorridorError)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("system", "good", "bad"),
    [("EU", "FI542700", "FI54270"), ("EAEU", "99206010", "9920601"), ("CN", "9911", "991")],
)
def test_office_codes_have_the_form_of_their_system(system: str, good: str, bad: str) -> None:
    ids.check_office(good, system)
    with pytest.raises(IdentifierError, match=system):
        ids.check_office(bad, system)


digits = st.text("0123456789")
letters = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3)


@given(letters, st.sampled_from("UJZ"), st.text("0123456789", min_size=6, max_size=6))
def test_made_containers_pass_and_every_other_digit_is_refused(
    owner: str, category: str, serial: str
) -> None:
    made = ids.container_id(owner, category, serial)
    ids.check_container(made)
    for digit in set("0123456789") - {made[-1]}:
        with pytest.raises(IdentifierError):
            ids.check_container(made[:-1] + digit)


@given(st.text("0123456789", min_size=7, max_size=7), st.text("0123456789", min_size=11, max_size=11))
def test_one_wrong_digit_in_a_wagon_number_is_noticed(first7: str, first11: str) -> None:
    for made, check in (
        (ids.wagon_1520(first7), ids.check_wagon_1520),
        (ids.wagon_uic(first11), ids.check_wagon_uic),
    ):
        check(made)
        for place in range(len(made)):
            other = made[:place] + str((int(made[place]) + 1) % 10) + made[place + 1 :]
            with pytest.raises(IdentifierError):
                check(other)


@given(st.integers(0, 99), st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=12, max_size=12))
def test_made_mrns_pass(year: int, national: str) -> None:
    for letter in ids.PROCEDURE_LETTERS:
        ids.check_mrn(ids.mrn(f"{year:02}", "FI", national, letter))


def test_makers_refuse_what_has_not_the_form() -> None:
    for make in (
        lambda: ids.container_id("AB", "U", "123456"),
        lambda: ids.container_id("ABC", "X", "123456"),
        lambda: ids.container_id("ABC", "U", "12345a"),
        lambda: ids.wagon_1520("123"),
        lambda: ids.wagon_uic("12345678901x"),
        lambda: ids.mrn("24", "FI", "123", "J"),
    ):
        with pytest.raises(IdentifierError):
            make()
