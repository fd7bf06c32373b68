"""Our own node keeps its contract, stepped and live."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from exchange.keyring import make
from scenarios.conform.checks import ALL
from scenarios.conform.run import ConformError, Options, chosen, conform
from scenarios.conform.trust import TrustNeeded
from scenarios.live.children import Children
from tests.conform.bench import SCENARIO, checked, node, numbers, scenario
from tests.ports import free_ports

OF_LIVE = {"C10", "C11", "C12"}
BATCHES = {f"B{number:02d}" for number in range(1, 5)}
SENDING = {f"D{number:02d}" for number in range(1, 13)}
OF_STEPPED = {f"C{number:02d}" for number in range(1, 10)}


async def test_a_stepped_node_passes_the_whole_run_and_again() -> None:
    port = free_ports(1)
    async with node(partners=port) as ours:
        report = await checked(ours.url, listen=port)
        again = await checked(ours.url, only=("state", "C01", "R06"))
    assert numbers(report, "failed") == set() and report.conforms
    assert numbers(report, "not applicable") == OF_LIVE | BATCHES
    assert (report.mode, report.scenario, report.arm) == ("stepped", SCENARIO, "recognition")
    assert again.count("passed") == len(again.results) > 10


async def test_a_live_node_passes_the_whole_run() -> None:
    async with node(stepped=False) as ours:
        report = await checked(ours.url)
    assert numbers(report, "failed") == set()
    assert numbers(report, "not applicable") == OF_STEPPED | SENDING
    assert report.mode == "live" and len(report.results) == len(ALL)


@pytest.mark.parametrize("country", ["CN", "RU"])
async def test_nodes_where_goods_depart_and_leave_pass_as_well(country: str) -> None:
    async with node(country) as ours:
        report = await checked(ours.url, country, only=("agreement", "state"))
    assert numbers(report, "failed") == set()
    assert report.count("passed") > 15


async def test_a_node_of_ones_own_members_over_tls_passes_what_is_asked(tmp_path: Path) -> None:
    port = free_ports(2)
    ids = ("KZ", "KZ.OPERATOR", "KZ.99101", "KZ.STEPPE-RAIL", "CN", "BR", "CN.9911")
    places = {"KZ": f"https://127.0.0.1:{port}", "CN": f"https://127.0.0.1:{port + 1}/CN"}
    make(tmp_path, {one: places.get(one) for one in ids})
    options = ["KZ", "--members", str(tmp_path / "members.yaml"), "--store", f"sqlite:///{tmp_path}/kz.sqlite"]
    children = Children(
        {"KZ": [*options, "--stepped", "--patience", "0.5", "--scenario", SCENARIO]}, {"KZ": tmp_path / "log"}
    )
    await children.start()
    try:
        asked = Options(
            url=f"https://127.0.0.1:{port}",
            country="KZ",
            members=tmp_path / "members.yaml",
            listen=port + 1,
            only=("T02", "R01", "S11", "A01", "A02", "A07", "time", "Z03", "D01", "D02", "D06"),
        )
        report = await conform(asked, loaded=scenario())
        elsewhere = await conform(replace(asked, listen=0, only=("D01",)), loaded=scenario())
    finally:
        await children.stop()
    assert numbers(report, "failed") == set()
    assert numbers(report, "not applicable") == OF_LIVE
    assert report.trust.endswith("members.yaml")
    [nothing] = elsewhere.results
    assert nothing.outcome == "failed" and f"the members file says that CN is at {places['CN']}" in nothing.text


async def test_demo_keys_are_for_this_machine_only() -> None:
    for url in ("http://192.0.2.1:8471", "https://127.0.0.1:8471", "ftp://127.0.0.1", "127.0.0.1:8471"):
        with pytest.raises(TrustNeeded):
            await conform(Options(url=url, country="KZ"), loaded=scenario())


def test_checks_are_chosen_by_number_and_group() -> None:
    assert [check.number for check in chosen(["r03", "S01"])] == ["S01", "R03"]
    assert {check.group for check in chosen(["Replay"])} == {"replay"}
    assert chosen([]) == ALL
    with pytest.raises(ConformError, match="Z99"):
        chosen(["Z99"])


async def test_the_run_keeps_every_request_and_answer() -> None:
    async with node() as ours:
        report = await checked(ours.url, only=("R03",))
    [result] = report.results
    [exchange] = result.exchanges
    assert (exchange.method, exchange.path, exchange.status) == ("POST", "/messages", 202)
    assert b"<ArrivalAdvice" in exchange.sent and "receipt" in json.loads(exchange.body)
