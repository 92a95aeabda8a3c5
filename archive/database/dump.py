"""Gives every derived row as plain values, so that two databases can be held against each other."""

from __future__ import annotations

import zlib
from typing import Any

from sqlalchemy import Connection, Engine, select, text

from archive.database.engine import reading
from archive.database.models import DERIVED
from archive.database.store import TABLES

SEARCH = {
    "sqlite": "SELECT article, title, body FROM search",
    "postgresql": "SELECT article, vector::text AS vector FROM search",
}


def dump(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Give the rows of each derived table, in one order whatever order they were written in.

    Compressed values are given unpacked: two machines may pack the same words differently.
    """
    with reading(engine) as connection:
        return {name: sorted(_rows(connection, name), key=repr) for name in DERIVED}


def _rows(connection: Connection, name: str) -> list[dict[str, Any]]:
    wanted = text(SEARCH[connection.dialect.name]) if name == "search" else select(TABLES[name])
    return [{key: _unpacked(value) for key, value in row.items()} for row in connection.execute(wanted).mappings()]


def _unpacked(value: Any) -> Any:
    return zlib.decompress(value) if isinstance(value, bytes) else value
