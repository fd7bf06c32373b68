"""A stub and a conformance run find together with no set-up: the stub keeps the contract of the node that it plays."""

from __future__ import annotations

from scenarios.conform.run import Options, conform
from scenarios.stub.service import Stub, StubOptions
from tests.conform.bench import numbers


async def test_a_stub_passes_with_the_trust_that_both_have() -> None:
    async with Stub(StubOptions(country="KZ", scenario="china_europe_transit_fi", stepped=True)) as stub:
        report = await conform(Options(url=stub.url, country="KZ"))
    assert numbers(report, "failed") == set() and report.conforms
    assert report.trust == "demo trust" and report.count("passed") > 100
