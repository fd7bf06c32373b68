"""Fixtures for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.postgres import NoServer, run_sql, server

settings.register_profile("always-alike", deadline=None, derandomize=True, database=None)
settings.load_profile("always-alike")
"""The same examples in every run, however slow the machine: ``--hypothesis-profile default`` draws others."""
DATABASE = "tests"
EMPTIED = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    "DROP SCHEMA public CASCADE",
    "CREATE SCHEMA public",
)
"""What empties a database for the next test, a tenth of the work of a new one; only who has gone holds no lock."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One worker more than processors: a third of the time tests wait, for nodes, browsers and clocks."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server of this session, with the database of :func:`postgres_url`."""
    try:
        with server() as url:
            run_sql(f"{url}/postgres", f"CREATE DATABASE {DATABASE} TEMPLATE template0")
            yield url
    except NoServer as reason:
        if os.environ.get("CORRIDOR_NEEDS_POSTGRES"):
            raise
        pytest.skip(str(reason))


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The URL of an empty PostgreSQL database that nobody is connected to."""
    url = f"{postgres_server}/{DATABASE}"
    run_sql(url, *EMPTIED)
    return url
