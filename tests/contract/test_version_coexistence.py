"""Two versions on the wire in one run: each agreement is written in its own, and nothing newer is taken under it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import schemas
from exchange.agreements import Agreements, registry
from exchange.codec import decode, encode
from exchange.codec.fitting import fitted
from exchange.errors import InvalidMessage
from exchange.messages import AnticipatedTransitRecord, Message
from exchange.validation import validate
from scenarios import parties
from scenarios.run import Job, conduct, default_run_id
from scenarios.scenario import load_scenario
from tests.journey import ARMS, INFORMATION, Journey, consignment

NEWER = {INFORMATION: "1.1"}


def speaking(agreements: Agreements, versions: Mapping[str, str]) -> Agreements:
    return Agreements(replace(one, schema_version=versions.get(one.id, one.schema_version)) for one in agreements)


def listed_operator() -> Any:
    goods = consignment()
    return goods.model_copy(update={"consignor": goods.consignor.model_copy(update={"aeo_number": "AEOCN6101000001"})})


def travelling() -> Journey:
    journey = Journey("advance", goods=listed_operator())
    for core in journey.cores.values():
        standing = replace(core.standing, agreements=speaking(core.standing.agreements, NEWER))
        core.standing = core._given = standing
    return journey


async def test_each_partner_is_told_what_the_version_of_its_agreement_can_say() -> None:
    journey = travelling()
    await journey.leave_xian()
    await journey.wait(days=5)
    await journey.file("99101")
    await journey.work("99101", "ENTRY", await journey.arrive("99101", "ENTRY"))
    await journey.cross("99101", "ENTRY")
    await journey.wait(minutes=5)
    seen = {}
    for item in journey.transport.log:
        if "." in item.header.sender or "." in item.header.recipient:
            continue
        assert item.xml is not None
        verdict = validate(item.xml)
        assert verdict.valid
        seen.setdefault((item.header.sender, item.header.recipient), set()).add(verdict.version)
        if item.code in ("ATR", "AAR"):
            assert (b"AEONumber" in item.xml) == (verdict.version == "1.1")
    assert seen[("CN", "KZ")] == {"1.1"}
    assert seen[("KZ", "RU")] == {"1.0"}
    case = journey.cores["RU"].case(journey.transport.log[0].ucr)
    assert case is not None
    told = {m.departure_country: m.consignment.consignor.aeo_number for m in case.movements.values()}
    assert told == {"CN": "AEOCN6101000001", "KZ": None}


def record(version: str) -> bytes:
    sample = decode(schemas.sample("ATR").read_bytes())
    header = sample.header.model_copy(update={"sender": "CN", "recipient": "KZ"})
    return encode(sample.model_copy(update={"header": header}), version)


def test_a_version_newer_than_the_agreements_is_refused_and_an_older_one_taken() -> None:
    newer, older = travelling().cores["KZ"], Journey("advance").cores["KZ"]
    for version in schemas.VERSIONS:
        assert isinstance(newer.read(record(version)), AnticipatedTransitRecord)
    assert isinstance(older.read(record("1.0")), AnticipatedTransitRecord)
    with pytest.raises(InvalidMessage) as caught:
        older.read(record("1.1"))
    [finding] = caught.value.findings
    assert (finding.code, finding.value, finding.expected) == ("VERSION", "1.1", "1.0")
    assert finding.line == 2
    with pytest.raises(InvalidMessage, match=r"expected 1\.0 or 1\.1"):
        newer.read(record("1.1").replace(b'schemaVersion="1.1"', b'schemaVersion="9.9"'))


@pytest.mark.parametrize("code", schemas.CODES)
def test_a_fitted_message_is_what_the_partner_reads(code: str) -> None:
    message = decode(schemas.sample(code, "1.1").read_bytes())
    assert fitted(message, "1.1") is message
    assert fitted(message, "1.0") == decode(encode(message, "1.0"))


def test_both_transports_write_the_same_bytes_under_both_versions(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plain = parties.agreements_in
    monkeypatch.setattr(parties, "agreements_in", lambda *given: speaking(plain(*given), NEWER))
    scenario = load_scenario("china_europe_transit_fi", ("flows.0.vehicles.count=1 trains", "warm_up=1 d"))
    logs = []
    for transport in ("http", "memory"):
        job = Job(
            scenario=scenario, seed=3, run_id=default_run_id(scenario, 3), replication=0, arm="advance",
            transport=transport, messages_to=tmp_path / transport,
        )  # fmt: skip
        logs.append(asyncio.run(exchanged(job)))
    assert logs[0] == logs[1]
    versions = {version for _, version in logs[0].values()}
    assert versions == {"1.0", "1.1"}


async def exchanged(job: Job) -> dict[str, tuple[bytes, str]]:
    """Return bytes and version of each message between services, by its id."""
    _, log = await conduct(job)
    between = [i for i in log if "." not in i.header.sender and "." not in i.header.recipient]
    return {i.header.message_id: (i.xml or b"", validate(i.xml or b"").version or "") for i in between}


def test_the_registry_names_versions_that_exist() -> None:
    assert {one.schema_version for one in registry()} <= set(schemas.VERSIONS)
    assert set(ARMS["advance"]) >= set(NEWER)
    assert isinstance(decode(record("1.0")), Message)
