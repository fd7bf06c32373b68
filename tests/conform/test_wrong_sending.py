"""Nodes that are wrong in what they send, in batches, images or figures fail the checks of that, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from nodes.lane import Lane
from tests.conform.bench import Fault, checked, node, numbers
from tests.conform.wrong_sending import ANSWERING, SPEAKING, SPOILING, SendsTheLastFirst
from tests.ports import free_ports

GROUPS = ("batches", "images", "operations", "T02", "R03", "P03")


@pytest.mark.parametrize("speaks", SPEAKING, ids=lambda one: one.__name__)
async def test_a_node_that_sends_wrongly_fails_the_checks_of_that(speaks: Any) -> None:
    port = free_ports(1)
    async with node(partners=port, speaks=speaks) as wrong:
        report = await checked(wrong.url, listen=port, only=("sending", "T02", "Z03"))
    assert numbers(report, "failed") == SPEAKING[speaks]


async def test_a_node_that_sends_the_last_first_fails_the_check_of_order(monkeypatch: pytest.MonkeyPatch) -> None:
    take = Lane.take
    monkeypatch.setattr(Lane, "take", lambda lane, *given: take(lane, *given)[::-1])
    port = free_ports(1)
    async with node(partners=port, speaks=SendsTheLastFirst) as wrong:
        report = await checked(wrong.url, listen=port, only=("D01", "D06", "D11"))
    assert numbers(report, "failed") == {"D11"}
    assert "in this order" in next(one.text for one in report.results if one.check.number == "D11")


@pytest.mark.parametrize("fault", ANSWERING, ids=lambda one: one.__name__)
async def test_a_node_that_answers_wrongly_fails_the_checks_of_that(fault: Fault) -> None:
    async with node(fault=fault, stepped="batch" not in fault.__name__) as wrong:
        report = await checked(wrong.url, only=GROUPS)
    assert numbers(report, "failed") == ANSWERING[fault]


@pytest.mark.parametrize("spoil", SPOILING, ids=lambda one: one.__name__)
async def test_a_node_that_gives_images_wrongly_fails_the_checks_of_that(spoil: Any) -> None:
    async with node(spoil=spoil) as wrong:
        report = await checked(wrong.url, only=GROUPS)
    assert numbers(report, "failed") == SPOILING[spoil]
