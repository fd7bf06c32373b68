"""Fixtures for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count

import pytest

from tests.postgres import NoServer, run_sql, server

_NUMBERS = count(1)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One worker more than processors: a third of the time tests wait, for nodes, browsers and clocks."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server of this session, without a database."""
    try:
        with server() as url:
            yield url
    except NoServer as reason:
        if os.environ.get("CORRIDOR_NEEDS_POSTGRES"):
            raise
        pytest.skip(str(reason))


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a fresh, empty PostgreSQL database."""
    name = f"test_{next(_NUMBERS)}"
    run_sql(f"{postgres_server}/postgres", f"CREATE DATABASE {name} TEMPLATE template0")
    yield f"{postgres_server}/{name}"
    run_sql(f"{postgres_server}/postgres", f"DROP DATABASE {name} WITH (FORCE)")
