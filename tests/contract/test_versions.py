"""Two versions of the message set side by side: what the newer one adds, and what the older one makes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

import schemas
from exchange.codec import decode, encode, shapes
from exchange.errors import CodecError
from exchange.messages import CATALOGUE, Message, Party, PixModel, SealFound, SealReading
from exchange.validation import engines, validate
from schemas.evolution import evolved
from tests.strategies import messages

NEWER = {"AAR": b"<AEONumber>", "DRS": b"<AEONumber>", "SEA": b"<Reading>"}
"""Samples of 1.1 that carry what 1.0 lacks."""


def claiming(data: bytes, version: str) -> bytes:
    return data.replace(b'schemaVersion="1.1"', f'schemaVersion="{version}"'.encode())


@pytest.mark.parametrize("name", sorted(evolved("1.1")))
def test_the_newer_version_is_the_older_with_its_additions(name: str) -> None:
    written = Path(str(schemas.message_set("1.1"))).joinpath(name)
    assert written.read_text(encoding="utf-8") == evolved("1.1")[name], "run: python -m schemas.evolution"


def test_there_is_nothing_else_in_the_newer_version() -> None:
    folder = Path(str(schemas.message_set("1.1")))
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {"additions.xml", *evolved("1.1")}


@pytest.mark.parametrize(("code", "added"), NEWER.items())
def test_an_addition_is_valid_in_its_version_and_refused_under_the_older(code: str, added: bytes) -> None:
    data = schemas.sample(code, "1.1").read_bytes()
    assert added in data
    assert validate(data).valid
    verdict = validate(claiming(data, "1.0"))
    assert not verdict.valid
    assert {finding.gate for finding in verdict.findings} == {"schema"}
    assert added[1:-1].decode() in verdict.findings[0].xpath + verdict.findings[0].text
    assert not engines.explained("1.0").is_valid(etree.fromstring(claiming(data, "1.0")))
    with pytest.raises(CodecError, match="no such element"):
        decode(claiming(data, "1.0"))


@pytest.mark.parametrize(("code", "added"), NEWER.items())
def test_a_sender_omits_what_the_partners_version_lacks(code: str, added: bytes) -> None:
    message = decode(schemas.sample(code, "1.1").read_bytes())
    newer, older = encode(message, "1.1"), encode(message, "1.0")
    assert added in newer
    assert added not in older
    assert validate(older).valid
    assert (validate(newer).version, validate(older).version) == ("1.1", "1.0")
    assert decode(newer) == message
    assert decode(older) == decode(schemas.sample(code, "1.0").read_bytes())


@pytest.mark.parametrize("code", schemas.CODES)
def test_what_is_valid_in_the_older_version_is_valid_in_the_newer(code: str) -> None:
    @settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=5)
    @given(messages(CATALOGUE[code], "1.0"))
    def stays_valid(message: Message) -> None:
        engines.parse(encode(message, "1.0"), "1.0")
        engines.parse(encode(message, "1.0").replace(b'schemaVersion="1.0"', b'schemaVersion="1.1"'), "1.1")

    stays_valid()


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=40)
@given(st.sampled_from(schemas.CODES).flatmap(lambda code: messages(CATALOGUE[code], "1.1")))
def test_any_message_can_be_written_for_an_older_partner(message: Message) -> None:
    data = encode(message, "1.0")
    engines.parse(data, "1.0")
    assert encode(decode(data), "1.0") == data


@pytest.mark.parametrize("code", schemas.CODES)
def test_the_samples_of_the_older_version_are_those_of_the_newer_without_the_additions(code: str) -> None:
    message = decode(schemas.sample(code, "1.1").read_bytes())
    assert encode(message, "1.1") == schemas.sample(code, "1.1").read_bytes()
    assert encode(message) == encode(message, "1.0") == schemas.sample(code, "1.0").read_bytes()


@pytest.mark.parametrize("version", ["1.2", "", "2", "1.0 "])
def test_an_unknown_version_is_refused(version: str) -> None:
    message = decode(schemas.sample("WRO").read_bytes())
    with pytest.raises(CodecError, match=r"expected 1\.0 or 1\.1"):
        encode(message, version)
    with pytest.raises(CodecError, match=r"expected 1\.0 or 1\.1"):
        decode(claiming(schemas.sample("WRO", "1.1").read_bytes(), version))


def test_a_document_that_names_no_version_is_refused() -> None:
    data = schemas.sample("WRO").read_bytes().replace(b' schemaVersion="1.0"', b"")
    with pytest.raises(CodecError, match="version"):
        decode(data)


def test_goods_read_under_one_version_are_not_taken_for_those_of_the_other() -> None:
    data = schemas.sample("AAR", "1.1").read_bytes()
    assert validate(data).valid
    for _ in range(2):
        assert not validate(claiming(data, "1.0")).valid
    again: Any = decode(data)
    assert again.consignment.consignee.aeo_number == "FIAEOF0123456"


def _parts(cls: type[PixModel], found: set[type[PixModel]]) -> set[type[PixModel]]:
    if cls not in found:
        found.add(cls)
        for shape in shapes(cls):
            if issubclass(shape.value_type, PixModel):
                _parts(shape.value_type, found)
    return found


def test_additions_are_optional_stand_last_and_name_a_version_that_exists() -> None:
    found: set[type[PixModel]] = set()
    for cls in CATALOGUE.values():
        _parts(cls, found)
    assert {cls.__name__ for cls in found if cls.SINCE} == {"Party", "SealFound"}
    for cls in found:
        order = [schemas.VERSIONS.index(shape.since) for shape in shapes(cls)]
        assert order == sorted(order), cls
        assert set(cls.SINCE) <= set(cls.model_fields), cls
        assert not [shape.name for shape in shapes(cls) if shape.since != schemas.VERSIONS[0] and shape.required], cls
        assert shapes(cls, "1.0") == tuple(shape for shape in shapes(cls) if shape.since == "1.0")


def test_additions_are_values_of_the_models() -> None:
    reading = SealReading(read_at=datetime(2017, 1, 1, tzinfo=UTC), event="SILENT")
    assert SealFound(sequence_number=1, id="A1", state="INTACT", reading=reading).reading == reading
    assert Party(id="1", name="A", country_code="CN").aeo_number is None
