"""Fixtures for tests over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.desk import Desk, desk


@pytest.fixture
async def kz() -> AsyncIterator[Desk]:
    """A stepped node of Kazakhstan and somebody who can send it anything."""
    async for one in desk():
        yield one
