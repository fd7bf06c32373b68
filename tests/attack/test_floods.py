"""Floods: one member's excess is its own loss, and who is not known leaves no trace that grows."""

from __future__ import annotations

import asyncio
import logging

import pytest

from exchange.limits import Limits
from nodes.api.floods import REMEMBERED, Floods
from nodes.api.problems import Problem
from tests.attack.target import KEYS, STRANGER, arrival, target

FEW = Limits(member_requests_per_second=0.01, member_burst=5)
"""So slow that no test lasts until another request is free."""


async def test_a_flood_of_one_member_is_429_and_the_others_are_served() -> None:
    async with target(stepped=False, limits=FEW) as kz:
        answers = [await kz.send(arrival(kz.now, n, ucr=f"8CNXA001-T01C{n}.ABCDEFGB")) for n in range(1, 16)]
        statuses = [told.status for told in answers]
        assert statuses[:5] == [202] * 5 and 429 in statuses
        refused = next(told for told in answers if told.status == 429)
        assert refused.code == "too-many" and int(refused.headers["Retry-After"]) >= 1
        assert (await kz.send(arrival(kz.now, sender="RU"), key=KEYS["RU"])).status == 202
        assert (await kz.get("/cases", "KZ.OPERATOR")).status == 200


async def test_a_flood_of_reads_is_429_too() -> None:
    async with target(stepped=False, limits=FEW) as kz:
        statuses = [(await kz.get("/cases", "CN")).status for _ in range(12)]
        assert statuses[:5] == [200] * 5 and 429 in statuses
        assert (await kz.get("/cases", "RU")).status == 200


async def test_a_flood_under_anothers_name_costs_that_member_nothing() -> None:
    async with target(stepped=False, limits=FEW) as kz:
        data = arrival(kz.now)
        for _ in range(30):
            assert (await kz.send(data, key=STRANGER)).status == 401
        assert (await kz.send(data)).status == 202


async def test_simulated_weeks_have_no_rate() -> None:
    async with target(limits=FEW) as kz:
        statuses = {(await kz.get("/cases", "CN")).status for _ in range(30)}
        assert statuses == {200}


async def test_who_is_not_known_fills_neither_ledger_nor_store_nor_log(caplog: pytest.LogCaptureFixture) -> None:
    async with target() as kz:
        data = arrival(kz.now)
        with caplog.at_level(logging.INFO, logger="corridor.node"):
            await asyncio.gather(*(kz.send(data, key=STRANGER) for _ in range(200)))
            await asyncio.gather(*(kz.send(b"<x" * n, token="") for n in range(100)))
            await asyncio.gather(*(kz.raw(b"rubbish\r\n\r\n") for _ in range(50)))
        assert await kz.head() == 0 and await kz.store.refusals() == []
        assert len(caplog.records) <= 40
        counts = kz.node.refusals.counts
        assert counts[(401, "signature")] == 300 and counts[(400, "bad-request")] == 50
        assert (await kz.send(data)).status == 202


@pytest.mark.parametrize("words", ["KZ&#10;2026-01-01 warning KZ all is well", "&#x9b;31m", "x" * 500_000, "&#x2028;a"])
async def test_nobody_writes_log_lines_of_his_own(caplog: pytest.LogCaptureFixture, words: str) -> None:
    async with target() as kz:
        data = arrival(kz.now).replace(b"<Sender>KZ.99101<", f"<Sender>{words}<".encode())
        with caplog.at_level(logging.INFO, logger="corridor.node"):
            assert 400 <= (await kz.send(data)).status < 500
        [record] = caplog.records
        shown = record.getMessage()
        assert shown.isprintable() and len(shown) < 500


async def test_who_is_known_fills_the_store_with_refusals_only_so_far() -> None:
    async with target(limits=Limits(refusals_a_minute=5)) as kz:
        for n in range(20):
            assert (await kz.send(arrival(kz.now, n + 1, sender="RU"))).status == 403
        await kz.node.writer.look([], lambda core: None)
        assert 5 <= len(await kz.store.refusals()) <= 10
        assert await kz.head() == 0


def test_a_bucket_fills_again_by_the_clock_and_each_member_has_its_own() -> None:
    now = [0.0]
    floods = Floods(Limits(member_requests_per_second=2, member_burst=3), lambda: now[0])
    for _ in range(3):
        floods.spend("KZ")
    with pytest.raises(Problem, match="KZ asks more than 2 times a second") as told:
        floods.spend("KZ")
    assert (told.value.status, told.value.headers["Retry-After"]) == (429, "1")
    floods.spend("RU")
    now[0] = 0.5
    floods.spend("KZ")
    with pytest.raises(Problem):
        floods.spend("KZ")
    now[0] = 1000.0
    for _ in range(3):
        floods.spend("KZ")
    with pytest.raises(Problem):
        floods.spend("KZ")


def test_buckets_are_bounded_and_whoever_asks_too_often_is_not_forgotten_first() -> None:
    now = [0.0]
    floods = Floods(Limits(member_requests_per_second=0.001, member_burst=1), lambda: now[0])
    for number in range(REMEMBERED + 50):
        now[0] += 0.001
        floods.spend(f"KZ.{number}")
    assert len(floods._buckets) <= REMEMBERED
    with pytest.raises(Problem):
        floods.spend(f"KZ.{REMEMBERED + 49}")
