"""Fixtures for pytest, found by it once Corridor is installed.

``corridor_network``: makes networks (:class:`scenarios.testing.Network`) and ends them after the test; needs
pytest-asyncio. ``corridor_message``: makes valid messages. Nothing of Corridor is imported before a test asks for one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

try:
    from pytest_asyncio import fixture as async_fixture
except ImportError:  # pragma: no cover - pytest-asyncio is there wherever this project is developed
    async_fixture = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from exchange.messages import Message
    from scenarios.testing.network import Network

    NetworkFactory = Callable[..., Awaitable[Network]]
    MessageFactory = Callable[..., Message]


async def _networks() -> AsyncIterator[NetworkFactory]:
    """Make networks: ``net = await corridor_network("china_europe_transit_fi", arm="recognition")``."""
    from scenarios.testing.network import Network

    async with AsyncExitStack() as networks:

        async def make(*args: Any, **kwargs: Any) -> Network:
            return await networks.enter_async_context(Network(*args, **kwargs))

        yield make


if async_fixture is not None:
    corridor_network = async_fixture(name="corridor_network")(_networks)
else:  # pragma: no cover

    @pytest.fixture(name="corridor_network")
    def corridor_network() -> None:
        pytest.fail("corridor_network needs pytest-asyncio: pip install pytest-asyncio")


@pytest.fixture(name="corridor_message")
def corridor_message() -> MessageFactory:
    """Make valid messages: ``corridor_message("AAR", seed=7)``; keywords change fields of body or header."""

    def make(code: str, *, seed: int = 1, **changes: Any) -> Message:
        from scenarios.testing.factory import message

        return message(code, seed=seed, **changes)

    return make
