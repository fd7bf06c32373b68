"""Every wrong node fails the checks that are about its fault, and no others."""

from __future__ import annotations

import pytest

from tests.conform.bench import Fault, checked, node, numbers
from tests.conform.wrong import WRONG


@pytest.mark.parametrize("fault", WRONG, ids=lambda fault: fault.__name__)
async def test_a_wrong_node_fails_its_own_checks_and_no_others(fault: Fault) -> None:
    async with node(fault=fault) as wrong:
        report = await checked(wrong.url)
    assert numbers(report, "failed") == WRONG[fault]
    assert not report.conforms
