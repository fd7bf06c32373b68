"""Fixtures: one plain, stepped node a test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.attack.target import Target, target


@pytest.fixture
async def kz() -> AsyncIterator[Target]:
    """Return a node of Kazakhstan on loopback, stepped."""
    async with target() as one:
        yield one
