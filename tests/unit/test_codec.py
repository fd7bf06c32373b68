"""The codec: what it writes, that it reads it back, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree
from pydantic import ValidationError

import schemas
from exchange.codec import decode, decode_tree, encode, shapes
from exchange.errors import CodecError
from exchange.messages import (
    AdvanceDeclaration,
    AnticipatedArrivalRecord,
    ControlResult,
    Header,
    MonetaryAmount,
    Party,
    Release,
    WriteOff,
)
from exchange.validation import parse_message


def sample(code: str) -> bytes:
    return schemas.sample(code).read_bytes()


def write_off(**changes: object) -> WriteOff:
    message = decode(sample("WRO"))
    assert isinstance(message, WriteOff)
    return message.model_copy(update=changes)


@pytest.mark.parametrize("code", schemas.CODES)
def test_a_sample_is_read_and_written_again_to_the_byte(code: str) -> None:
    data = sample(code)
    message = decode(data)
    assert code == type(message).CODE
    assert encode(message) == data


def test_the_document_has_declaration_namespace_and_version() -> None:
    data = encode(write_off())
    assert data.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<WriteOff xmlns="urn:corridor:pix:1" ')
    assert b'schemaVersion="1.0"' in data


def test_equal_decimals_give_equal_bytes() -> None:
    written = set()
    for text in ("1000", "1000.0", "1E+3", "1000.00"):
        message = decode(sample("CTR"))
        assert isinstance(message, ControlResult)
        written.add(encode(message.model_copy(update={"found_mass": Decimal(text)})))
    (data,) = written
    assert b"<FoundMass>1000</FoundMass>" in data


@pytest.mark.parametrize(("value", "text"), [("0", "0"), ("-0", "0"), ("0.00", "0"), ("12.50", "12.5"), ("10", "10")])
def test_decimals_are_plain(value: str, text: str) -> None:
    message = decode(sample("CTR"))
    data = encode(message.model_copy(update={"found_mass": Decimal(value)}))
    assert f"<FoundMass>{text}</FoundMass>".encode() in data


def test_text_is_escaped_and_comes_back() -> None:
    message = decode(sample("AAR"))
    assert isinstance(message, AnticipatedArrivalRecord)
    name = "A & B <Ltd> \"x\" 'y' 西安 😀 ]]>"
    consignor = Party(id="1", name=name, country_code="CN")
    consignment = message.consignment.model_copy(update={"consignor": consignor})
    changed = message.model_copy(update={"consignment": consignment})
    again = decode(encode(changed))
    assert again == changed
    assert isinstance(again, AnticipatedArrivalRecord)
    assert again.consignment.consignor.name == name


def test_years_before_1000_keep_four_digits() -> None:
    data = encode(write_off(written_off_at=datetime(1, 2, 3, tzinfo=UTC)))
    assert b"<WrittenOffAt>0001-02-03T00:00:00Z</WrittenOffAt>" in data


def test_one_consignment_is_written_alike_in_several_messages() -> None:
    aar = decode(sample("AAR"))
    adv = decode(sample("ADV"))
    assert isinstance(aar, AnticipatedArrivalRecord)
    assert isinstance(adv, AdvanceDeclaration)
    other = adv.model_copy(update={"consignment": aar.consignment})
    inner = encode(aar).split(b"<Consignment>")[1].split(b"</Consignment>")[0]
    assert encode(other).split(b"<Consignment>")[1].split(b"</Consignment>")[0] == inner


def test_comments_and_processing_instructions_do_not_cut_values() -> None:
    data = sample("WRO").replace(b"<Result>A4", b"<Result>A<!-- no --><?no?>4")
    assert decode(data) == decode(sample("WRO"))
    assert decode_tree(etree.fromstring(data)) == decode(sample("WRO"))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"<Result>A4</Result>", b"<Result>A4</Result><Result>A4</Result>", "twice"),
        (b"<Result>A4</Result>", b"<Foo/>", "no such element"),
        (b"<Result>A4</Result>", b"", "required"),
        (b"<Result>A4</Result>", b"<Result>Z9</Result>", "Result"),
        (b"<Result>A4</Result>", b"<Result><A/></Result>", "not elements"),
        (b"2017-11-25T12:40:00Z</WrittenOffAt>", b"2017-11-25T12:40:00</WrittenOffAt>", "YYYY-MM-DDTHH:MM:SSZ"),
        (b"2017-11-25T12:40:00Z</WrittenOffAt>", b"2017-11-25T25:40:00Z</WrittenOffAt>", "WrittenOffAt"),
        (b"<TestIndicator>true", b"<TestIndicator>yes", "true or false"),
        (b"<MessageType>WRO", b"<MessageType>AAR", "message type AAR"),
        (b"<WriteOff ", b"<Foo ", "not well-formed"),
        (b"urn:corridor:pix:1", b"urn:other", "no PIX message"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(old: bytes, new: bytes, words: str) -> None:
    data = sample("WRO")
    assert old in data
    with pytest.raises(CodecError, match=words):
        decode(data.replace(old, new))


@pytest.mark.parametrize("number", ["1_0", "+1", "١", "1.0", "", "x"])
def test_numbers_are_plain_digits(number: str) -> None:
    data = sample("WRO")
    start, end = data.index(b"<Ordinal>") + 9, data.index(b"</Ordinal>")
    with pytest.raises(CodecError, match="Header/Ordinal"):
        decode(data[:start] + number.encode() + data[end:])


def test_a_document_type_is_refused() -> None:
    data = sample("WRO").replace(b"<WriteOff", b"<!DOCTYPE WriteOff []><WriteOff", 1)
    with pytest.raises(CodecError, match="document type"):
        decode(data)


UNWRITABLE = ["", " a", "a ", "a\nb", "a\tb", "a\x00", "a\x0b", "\ufffe", "\uffff", "\x85", "\ud800"]


@pytest.mark.parametrize("name", UNWRITABLE)
def test_models_refuse_text_that_xml_cannot_carry(name: str) -> None:
    with pytest.raises(ValidationError):
        Party(id="1", name=name, country_code="CN")


def test_models_refuse_local_times_and_fractions() -> None:
    message = decode(sample("REL"))
    assert isinstance(message, Release)
    fields = message.model_dump()
    for wrong in (datetime(2017, 1, 1), datetime(2017, 1, 1, microsecond=5, tzinfo=UTC), "9999-12-31T23:59:59-10:00"):
        with pytest.raises(ValidationError):
            Release(**{**fields, "released_at": wrong})


def test_models_refuse_amounts_of_three_decimals_and_nan() -> None:
    for wrong in ("1.001", "NaN", "Infinity", "-1", "1E+20", "999999999999999"):
        with pytest.raises(ValidationError):
            MonetaryAmount(amount=Decimal(wrong), currency_code="EUR")


def test_shapes_name_elements_in_order() -> None:
    assert [shape.element for shape in shapes(Header)][:4] == ["MessageID", "MessageType", "CorrelationID", "Sender"]


class TestSharedConsignments:
    """Messages about the same goods share one consignment in memory, and only then."""

    def read(self, data: bytes) -> Any:
        return parse_message(data).consignment  # type: ignore[attr-defined]

    def test_the_same_bytes_are_one_object(self) -> None:
        data = sample("AAR")
        other = data.replace(b"<TestIndicator>true", b"<TestIndicator>false")
        assert other != data
        assert self.read(data) is self.read(other)

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b"<Consignment>", b"<Consignment >"),
            (b"</Header>", b"</Header><!-- <Consignment> -->"),
            (b"</Header>", b"</Header><?p <Consignment>?>"),
        ],
    )
    def test_a_document_that_could_mislead_is_read_by_itself(self, old: bytes, new: bytes) -> None:
        data = sample("AAR")
        first = self.read(data)
        misleading = data.replace(old, new, 1)
        again = self.read(misleading)
        assert again == first
        assert again is not first

    def test_another_consignment_is_another_object(self) -> None:
        data = sample("AAR")
        assert b"<CountryOfDestination>FI" in data
        other = data.replace(b"<CountryOfDestination>FI", b"<CountryOfDestination>SE")
        assert self.read(other).country_of_destination == "SE"
        assert self.read(data).country_of_destination == "FI"
