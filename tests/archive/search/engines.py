"""The two search engines, bare: a text indexed by its folded terms, asked with a match expression."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable

import psycopg
import pytest

from archive.search.fold import fold
from archive.search.query import fts5, tsquery

Finds = Callable[[str, str], bool]

TABLE = """
    CREATE VIRTUAL TABLE found
    USING fts5(terms, tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'")
"""


def sqlite_finds(query: str, text: str) -> bool:
    """Tell whether FTS5 finds the text."""
    expression = fts5(query)
    if expression is None:
        return False
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(TABLE)
        connection.execute("INSERT INTO found VALUES (?)", (fold(text),))
        return connection.execute("SELECT 1 FROM found WHERE found MATCH ?", (expression,)).fetchone() is not None
    finally:
        connection.close()


def postgres() -> psycopg.Connection[tuple[object, ...]]:
    """Open the test database, or say why its tests are skipped; CI does not allow the skip."""
    try:
        return psycopg.connect("postgresql:///test", connect_timeout=5)
    except psycopg.OperationalError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no PostgreSQL: {error}")


def postgres_finds(connection: psycopg.Connection[tuple[object, ...]]) -> Finds:
    """Return the same question for PostgreSQL, asked both ways in which a tsquery can be made."""

    def finds(query: str, text: str) -> bool:
        expression = tsquery(query)
        if expression is None:
            return False
        row = connection.execute(
            "SELECT v @@ (%s)::tsquery, v @@ to_tsquery('simple', %s) FROM to_tsvector('simple', %s) AS v",
            (expression, expression, fold(text)),
        ).fetchone()
        assert row is not None
        assert row[0] == row[1]
        return bool(row[0])

    return finds
