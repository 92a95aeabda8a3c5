"""Writes what follows directly from WARC records: captures, failures, runs, files. Bulk statements, no objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Table, delete, select, text
from sqlalchemy.dialects import postgresql, sqlite

from archive.database.engine import Statement
from archive.database.models import (
    DERIVED,
    PENDING,
    Base,
    CaptureRecord,
    Extraction,
    FetchError,
    Meta,
    RunRecord,
    WarcFile,
)
from archive.rows import CaptureRow, FailureRow, FileRow
from archive.version import Run

TABLES: Mapping[str, Table] = Base.metadata.tables
IN_LIMIT = 500
"""Values in one IN list: SQLite takes 32,766 parameters a statement, and long lists gain nothing."""


@dataclass(frozen=True, slots=True)
class Also:
    """A statement to run in the transaction of a capture's row, with its values.

    Statements that are the same object are run together, once for all their values.
    """

    statement: Statement
    values: Mapping[str, Any] | None = None


def insert_captures(connection: Connection, rows: Sequence[CaptureRow]) -> None:
    """Add captures; those that stand there stay as they are."""
    _add(connection, CaptureRecord.__tablename__, plain(rows))


def insert_pending(connection: Connection, rows: Sequence[CaptureRow]) -> None:
    """Note captures as still to be extracted."""
    _add(connection, Extraction.__tablename__, [_pending(row) for row in rows])


def _pending(row: CaptureRow) -> dict[str, Any]:
    return {
        "capture_id": row.id,
        "outlet": row.outlet,
        "started": row.started,
        "whole": row.truncated is None,
        "rules": PENDING,
        "outcome": "pending",
        "own_key": "",
        "title_fold": "",
        "text_digest": "",
    }


def insert_failures(connection: Connection, rows: Sequence[FailureRow]) -> None:
    """Add requests that brought no response; those that stand there stay as they are."""
    _add(connection, FetchError.__tablename__, plain(rows))


def known(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Give those of some record ids that stand in the tables, as a capture or as a failure."""
    found: set[str] = set()
    for some in among(ids):
        for column in (CaptureRecord.id, FetchError.id):
            found |= set(connection.execute(select(column).where(column.in_(some))).scalars())
    return found


def put_run(connection: Connection, run: Run) -> None:
    """Add a run, or bring its row to what it has become. A run that has ended is not opened again."""
    values = dict(plain([run])[0], counts=dict(sorted(run.counts.items())))
    upsert(connection, TABLES[RunRecord.__tablename__], [values], keep_where_set="ended")


def put_files(connection: Connection, rows: Sequence[FileRow]) -> None:
    """Add WARC files, or bring their rows to what they have become."""
    upsert(connection, TABLES[WarcFile.__tablename__], plain(rows))


def put_meta(connection: Connection, values: Mapping[str, str]) -> None:
    """Note what the derived rows are made with."""
    upsert(connection, TABLES[Meta.__tablename__], [{"key": key, "value": value} for key, value in values.items()])


def run_also(connection: Connection, wanted: Iterable[Statement | Also]) -> None:
    """Run statements that ride along, those with values once for all their values, in order of first appearance."""
    groups: dict[int, tuple[Statement, list[Mapping[str, Any]]]] = {}
    for also in wanted:
        if not isinstance(also, Also):
            connection.execute(also)
        elif also.values is None:
            connection.execute(also.statement)
        else:
            groups.setdefault(id(also.statement), (also.statement, []))[1].append(also.values)
    for statement, values in groups.values():
        connection.execute(statement, values)


def forget(connection: Connection, outlet: str | None = None) -> None:
    """Delete every derived row (of one outlet): what `rebuild --from-warc` makes again."""
    for name in reversed(DERIVED):
        if outlet is None:
            connection.execute(text(f"DELETE FROM {name}"))  # noqa: S608 - a name of ours
        elif name == "search":
            connection.execute(
                text("DELETE FROM search WHERE article IN (SELECT id FROM articles WHERE outlet = :outlet)"),
                {"outlet": outlet},
            )
        elif name == "versions":
            articles = TABLES["articles"]
            ids = select(articles.c.id).where(articles.c.outlet == outlet)
            connection.execute(delete(TABLES[name]).where(TABLES[name].c.article_id.in_(ids)))
        elif "outlet" in TABLES[name].c:
            connection.execute(delete(TABLES[name]).where(TABLES[name].c.outlet == outlet))


def _add(connection: Connection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows whose primary key is not taken.

    A process that opens the archive may have taken up the records of a file that another has just sealed.
    """
    if rows:
        connection.execute(_adding(connection.dialect.name, TABLES[table]), list(rows))


@cache
def _adding(dialect: str, table: Table) -> Statement:
    names = [column.name for column in table.primary_key]
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing(index_elements=names)
    return postgresql.insert(table).on_conflict_do_nothing(index_elements=names)


def upsert(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, keep_where_set: str | None = None
) -> None:
    """Insert rows; where the primary key is taken, replace the row (but not one where `keep_where_set` is set)."""
    if rows:
        statement = _upserting(connection.dialect.name, table, tuple(rows[0]), keep_where_set)
        connection.execute(statement, [dict(row) for row in rows])


@cache
def _upserting(dialect: str, table: Table, columns: tuple[str, ...], guarded: str | None) -> Statement:
    statement: sqlite.Insert | postgresql.Insert
    statement = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    names = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in columns if name not in names}
    guard = None if guarded is None else table.c[guarded].is_(None)
    return statement.on_conflict_do_update(index_elements=names, set_=changed, where=guard)


def plain(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Give dataclasses of one kind as mappings for a bulk statement."""
    if not rows:
        return []
    names = [f.name for f in fields(rows[0])]
    values = attrgetter(*names)
    return [dict(zip(names, values(row), strict=True)) for row in rows]


def among(values: Iterable[str]) -> Iterable[list[str]]:
    """Cut a list of values into what fits into one IN."""
    whole = sorted(set(values))
    return (whole[at : at + IN_LIMIT] for at in range(0, len(whole), IN_LIMIT))
