"""Fixtures that several rooms share: a site of its own for each test, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from settings.site import DatabaseSettings, Site

POSTGRES = os.environ.get("WARRAQ_TEST_POSTGRES", "postgresql+psycopg:///test")

BEFORE = frozenset(os.environ)
"""The names of the environment that the tests were called with."""


@cache
def postgres_trouble() -> str:
    """Say why the server cannot be used; empty if it can."""
    engine = create_engine(POSTGRES, connect_args={"connect_timeout": 5})
    try:
        with engine.connect():
            return ""
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        return str(error).splitlines()[0]
    finally:
        engine.dispose()


def require_postgres() -> None:
    """Skip the test without a server; in CI that is a failure, so that no green run leaves half of it out."""
    if trouble := postgres_trouble():
        told = f"no PostgreSQL at {POSTGRES}: {trouble}"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    """Take back what a test's commands set for their children: the next test's children have a life of their own."""
    for name in os.environ.keys() - BEFORE:
        if name != "PYTEST_CURRENT_TEST":
            del os.environ[name]  # set by a command that a fixture of a wider scope has run in this process
    before = dict(os.environ)
    yield
    if os.environ != before:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """Give the address of a schema of the test's own on the PostgreSQL server."""
    require_postgres()
    schema = f"test_{secrets.token_hex(6)}"
    engine = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    try:
        url = make_url(POSTGRES).update_query_dict({"options": f"-csearch_path={schema}"})
        yield url.render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database: once on SQLite, once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'warraq.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Site:
    """Give a site with an empty archive folder and an empty database: once on SQLite, once on PostgreSQL."""
    return make_site(tmp_path, database_url)


@pytest.fixture
def sqlite_site(tmp_path: Path) -> Site:
    """Give a site on SQLite, for what does not depend on the database."""
    return make_site(tmp_path, "")


def make_site(root: Path, url: str) -> Site:
    """Make a site in a folder."""
    found = Site(root=root, contact="https://example.org/about-our-crawl", database=DatabaseSettings(url=url))
    found.archive_path.mkdir(parents=True, exist_ok=True)
    found.outlets_path.mkdir(parents=True, exist_ok=True)
    return found
