"""A header or message made without checks is the one that validation makes of the same values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

import schemas
from exchange.codec import decode, encode
from exchange.messages import VERSION, FunctionalError, FunctionalRejection, Header
from exchange.references import message_id
from nodes.draft import VOUCHED

UCR = "8CNXA001-T01C1.ABCDEFGB"
LEAST: dict[str, Any] = {
    "message_id": message_id("KZ", "RU", "NCK", UCR, 7),
    "message_type": "NCK",
    "sender": "KZ",
    "recipient": "RU",
    "sent_at": datetime(2018, 3, 5, 12, tzinfo=UTC),
    "ordinal": 7,
}
WHOLE = LEAST | {
    "correlation_id": message_id("RU", "KZ", "AAR", UCR, 3),
    "corridor_id": "china_europe_transit_fi",
    "agreement_id": "china-europe-transit-information",
    "fallback_indicator": True,
}


@pytest.mark.parametrize("values", [LEAST, WHOLE], ids=["least", "whole"])
def test_a_header_made_is_the_header_validated(values: dict[str, Any]) -> None:
    made, checked = Header.made(values), Header(**values)
    assert made == checked
    assert made.model_fields_set == checked.model_fields_set
    assert list(made.model_dump()) == list(checked.model_dump())
    assert repr(made) == repr(checked)
    assert made.model_copy(update={"ordinal": 8}) == checked.model_copy(update={"ordinal": 8})


@pytest.mark.parametrize("values", [LEAST, WHOLE | {"fallback_indicator": False}], ids=["least", "whole"])
def test_a_header_written_is_the_header_validated(values: dict[str, Any]) -> None:
    names = [name for name in Header.model_fields if not name.endswith("_indicator")]
    written, checked = Header.written(*(values.get(name) for name in names)), Header(**values)
    assert written == checked and repr(written) == repr(checked)
    assert written.model_copy(update={"ordinal": 8}) == checked.model_copy(update={"ordinal": 8})
    assert written.changed({"ordinal": 8}) == checked.changed({"ordinal": 8}) == Header(**values | {"ordinal": 8})


@pytest.mark.parametrize("values", [LEAST, WHOLE], ids=["least", "whole"])
def test_a_message_with_it_is_the_same_to_the_byte(values: dict[str, Any]) -> None:
    error = FunctionalError(sequence_number=1, error_class=2, code="92", rule_id=None, text="Late.")
    made, checked = (
        FunctionalRejection(header=header, ucr=UCR, errors=(error,))
        for header in (Header.made(values), Header(**values))
    )
    assert encode(made) == encode(checked)
    assert decode(encode(made)) == made


@pytest.mark.parametrize("code", sorted(VOUCHED))
def test_a_message_made_is_the_message_validated(code: str) -> None:
    read = decode(schemas.sample(code, VERSION).read_bytes())
    values = {name: getattr(read, name) for name in read.model_fields_set}
    made, checked = type(read).made(values), type(read)(**values)
    assert made == checked == read
    assert repr(made) == repr(checked)
    assert encode(made) == encode(checked)


def test_ids_are_version_5_of_their_names() -> None:
    from uuid import uuid5

    from exchange.references import MESSAGE_NAMESPACE

    for ordinal in range(1, 40):
        name = f"KZ|RU|AAR|{UCR}|{ordinal}"
        assert message_id("KZ", "RU", "AAR", UCR, ordinal) == str(uuid5(MESSAGE_NAMESPACE, name))
