"""Searches the index: FTS5 on SQLite, tsvector on PostgreSQL, with one meaning."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Select, TextClause, func, literal_column, select, text

from archive.database.models import ArticleRecord, Extraction
from archive.database.reads import article_row, filtered
from archive.rows import ArticleRow
from archive.search.query import Query, fts5, tsquery

TITLE_WEIGHT = 5.0
"""How much more a word in the title weighs than one in the text."""
DAY = 86_400_000_000
"""Microseconds."""

DAY_NUMBER = f"(articles.sort_at - ((articles.sort_at % {DAY}) + {DAY}) % {DAY}) / {DAY}"
"""Days from 1970, rounded down before it too: both databases round divisions towards zero."""

MATCH = {
    "sqlite": text(
        f"SELECT article, bm25(search, 0.0, {TITLE_WEIGHT}, 1.0) AS rank FROM search WHERE search MATCH :expression"  # noqa: S608
    ),
    # Weights stand for D, C, B, A; 1: divided by the logarithm of the length, so that long texts do not win by length.
    "postgresql": text(
        f"SELECT article, -ts_rank(ARRAY[{1 / TITLE_WEIGHT}, 0, 0, 1]::real[], vector, CAST(:expression AS tsquery), 1)"  # noqa: S608
        " AS rank FROM search WHERE vector @@ CAST(:expression AS tsquery)"
    ),
}


def found(connection: Connection, query: Query) -> tuple[int, list[ArticleRow], Mapping[str, int]]:
    """Give how many articles match, those of the page that is asked for, and the counts that are asked for.

    Best first; without words (and with equal rank) the newest first. Words without a letter in them find nothing.
    """
    expression = (fts5 if connection.dialect.name == "sqlite" else tsquery)(query.text)
    if expression is None and query.text.strip():
        return 0, [], {}
    match = None if expression is None else MATCH[connection.dialect.name]
    values = {} if expression is None else {"expression": expression}
    total = connection.execute(_matching(select(func.count()).select_from(ArticleRecord), query, match), values)
    return total.scalar_one(), _page(connection, query, match, values), _counts(connection, query, match, values)


def _matching(wanted: Select[Any], query: Query, match: TextClause | None) -> Select[Any]:
    wanted = filtered(
        wanted,
        outlet=query.outlet,
        language=query.language,
        since=None if query.since is None else _midnight(query.since),
        until=None if query.until is None else _midnight(query.until + timedelta(days=1)),
    )
    if match is None:
        return wanted
    hits = match.columns(literal_column("article"), literal_column("rank")).subquery("hits")
    return wanted.join(hits, literal_column("hits.article") == ArticleRecord.id)


def _page(
    connection: Connection, query: Query, match: TextClause | None, values: Mapping[str, str]
) -> list[ArticleRow]:
    wanted = _matching(
        select(ArticleRecord.__table__, Extraction.article.label("packed")).join(
            Extraction, Extraction.capture_id == ArticleRecord.capture_id
        ),
        query,
        match,
    )
    order = (ArticleRecord.sort_at.desc(), ArticleRecord.id)
    wanted = wanted.order_by(*order) if match is None else wanted.order_by(literal_column("hits.rank"), *order)
    return [article_row(row) for row in connection.execute(wanted.limit(query.limit).offset(query.offset), values)]


def _counts(
    connection: Connection, query: Query, match: TextClause | None, values: Mapping[str, str]
) -> Mapping[str, int]:
    if query.count_by is None:
        return {}
    by: Any = {
        "day": literal_column(DAY_NUMBER),
        "outlet": ArticleRecord.outlet,
        "language": ArticleRecord.language,
    }[query.count_by]
    wanted = _matching(select(by, func.count()).select_from(ArticleRecord), query, match).group_by(by)
    counted = connection.execute(wanted, values).all()
    if query.count_by == "day":
        return {str(date(1970, 1, 1) + timedelta(days=int(day))): number for day, number in sorted(counted)}
    return dict(sorted(counted, key=lambda row: (-row[1], row[0])))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
