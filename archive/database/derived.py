"""Writes what extraction and assembly derive: extractions, articles, versions, and the search index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, text, update

from archive.article import ArticleDate
from archive.assemble import Assembled, Shown
from archive.database.models import PENDING, ArticleRecord, CaptureRecord, Extraction, VersionRecord
from archive.database.store import TABLES, among, plain
from archive.derivation import Derivation
from archive.rows import storable

POSITION_LIMIT = 16_383
"""The last word position that a tsvector can hold; PostgreSQL counts every later one as this."""
COLUMN_GAP = 10
"""Positions between title and body, so that no phrase is found across them."""

SHOWN = tuple(Extraction.__table__.c[name] for name in Shown.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A capture whose extraction is still to be made, or was made under other rules."""

    id: str
    url: str
    outlet: str
    file: str
    offset: int
    record_length: int


@dataclass(frozen=True, slots=True)
class Indexed:
    """An article's words as the search index takes them, folded."""

    article: str
    title: str
    body: str


def pending(
    connection: Connection,
    rules: str,
    limit: int,
    *,
    outlets: Sequence[str] | None = None,
    beyond: Iterable[str] = (),
) -> list[Pending]:
    """Give captures that have no extraction under these rules: never tried ones first, each kind by time.

    `beyond` names captures that are under way already.
    """
    capture = CaptureRecord
    wanted = (
        select(capture.id, capture.url, capture.outlet, capture.file, capture.offset, capture.record_length)
        .join(Extraction, Extraction.capture_id == capture.id)
        .order_by(Extraction.rules, Extraction.started, Extraction.capture_id)
    )
    if outlets is not None:
        wanted = wanted.where(Extraction.outlet.in_(outlets))
    under_way = set(beyond)
    found: list[Pending] = []
    # Never tried, older, newer: each is a range of the index; the empty version sorts first.
    for part in (
        Extraction.rules == PENDING,
        (Extraction.rules > PENDING) & (Extraction.rules < rules),
        Extraction.rules > rules,
    ):
        missing = limit - len(found)
        if missing <= 0:
            break
        rows = connection.execute(wanted.where(part).limit(missing + len(under_way)))
        found += [Pending(**row._mapping) for row in rows if row.id not in under_way][:missing]
    return found


def count_pending(connection: Connection, rules: str, outlets: Sequence[str] | None = None) -> int:
    """Count captures that have no extraction under these rules."""
    counted = select(func.count()).where(Extraction.rules != rules)
    if outlets is not None:
        counted = counted.where(Extraction.outlet.in_(outlets))
    return connection.execute(counted).scalar_one()


def make_pending(connection: Connection, outlet: str | None = None) -> None:
    """Have every extraction (of one outlet) made again."""
    change = update(Extraction).values(rules=PENDING)
    connection.execute(change if outlet is None else change.where(Extraction.outlet == outlet))


def store(connection: Connection, made: Sequence[Derivation]) -> None:
    """Store what the rules made of captures. Their articles are put together by archive.articles."""
    if not made:
        return
    table = TABLES["extractions"]
    change = (
        update(table)
        .where(table.c.capture_id == bindparam("of"))
        .values({name: bindparam(name) for name in Derivation.__dataclass_fields__ if name != "capture_id"})
    )
    connection.execute(change, [{"of": values.pop("capture_id"), **values} for values in plain(made)])


def keys_of(connection: Connection, captures: Iterable[str]) -> set[tuple[str, str]]:
    """Give (outlet, key) of every key at which these captures lie, or which they claim."""
    found: set[tuple[str, str]] = set()
    for ids in among(captures):
        columns = select(Extraction.outlet, Extraction.own_key, Extraction.claimed_key)
        for outlet, own, claimed in connection.execute(columns.where(Extraction.capture_id.in_(ids))):
            found |= {(outlet, key) for key in (own, claimed) if key}
    return found


def shown_at(connection: Connection, outlet: str, keys: Iterable[str]) -> list[tuple[Shown, str | None]]:
    """Give all that an outlet's captures show at these keys or claim to be them, with the article they are of now."""
    found: dict[str, tuple[Shown, str | None]] = {}
    columns = select(*SHOWN, Extraction.article_id).where(Extraction.outlet == outlet, Extraction.outcome == "article")
    for some in among(keys):
        for column in (Extraction.own_key, Extraction.claimed_key):
            for row in connection.execute(columns.where(column.in_(some))):
                found[row.capture_id] = (_shown(row), row.article_id)
    return list(found.values())


def lost(connection: Connection, captures: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Give, of these captures, those that belong to an article and show none any more: capture → outlet, article."""
    found: dict[str, tuple[str, str]] = {}
    for ids in among(captures):
        columns = select(Extraction.capture_id, Extraction.outlet, Extraction.article_id).where(
            Extraction.capture_id.in_(ids), Extraction.outcome != "article", Extraction.article_id.is_not(None)
        )
        found |= {row.capture_id: (row.outlet, row.article_id) for row in connection.execute(columns)}
    return found


def set_articles(connection: Connection, assigned: dict[str, str | None]) -> None:
    """Note which article each capture shows."""
    if assigned:
        table = TABLES["extractions"]
        change = update(table).where(table.c.capture_id == bindparam("of")).values(article_id=bindparam("to"))
        connection.execute(change, [{"of": capture, "to": article} for capture, article in sorted(assigned.items())])


def shown_by(connection: Connection, articles: Iterable[str]) -> dict[str, list[Shown]]:
    """Give all captures that show these articles, by article."""
    found: dict[str, list[Shown]] = {}
    for ids in among(articles):
        for row in connection.execute(select(*SHOWN, Extraction.article_id).where(Extraction.article_id.in_(ids))):
            found.setdefault(row.article_id, []).append(_shown(row))
    return found


def blobs(connection: Connection, captures: Iterable[str]) -> dict[str, bytes]:
    """Give the stored Articles of captures, compressed as they are."""
    found: dict[str, bytes] = {}
    for ids in among(captures):
        columns = select(Extraction.capture_id, Extraction.article).where(Extraction.capture_id.in_(ids))
        found |= {row.capture_id: row.article for row in connection.execute(columns) if row.article is not None}
    return found


def replace(
    connection: Connection, gone: Iterable[str], articles: Sequence[Assembled], index: Sequence[Indexed]
) -> None:
    """Put articles, their versions and their words in the place of what stood there under the ids of `gone`."""
    sqlite = connection.dialect.name == "sqlite"
    for ids in among([*gone, *(article.id for article in articles)]):
        connection.execute(delete(VersionRecord).where(VersionRecord.article_id.in_(ids)))
        connection.execute(delete(ArticleRecord).where(ArticleRecord.id.in_(ids)))
        by = ("rowid", [{"n": row_number(id)} for id in ids]) if sqlite else ("article", [{"n": id} for id in ids])
        connection.execute(text(f"DELETE FROM search WHERE {by[0]} = :n"), by[1])  # noqa: S608 - names of ours
    if articles:
        connection.execute(insert(ArticleRecord), [_article(article) for article in articles])
        connection.execute(
            insert(VersionRecord), plain([version for article in articles for version in article.versions])
        )
    if index and sqlite:
        connection.execute(
            text("INSERT INTO search (rowid, article, title, body) VALUES (:n, :article, :title, :body)"),
            [{"n": row_number(words.article), **values} for words, values in zip(index, plain(index), strict=True)],
        )
    elif index:
        connection.execute(
            text("INSERT INTO search (article, vector) VALUES (:article, CAST(:vector AS tsvector))"),
            [{"article": words.article, "vector": tsvector(words.title, words.body)} for words in index],
        )


def row_number(article: str) -> int:
    """Give FTS5's row number of an article: the first 63 bits of its id, since FTS5 finds rows by number only."""
    return int(article[:16], 16) >> 1


def tsvector(title: str, body: str) -> str:
    """Write folded words as a tsvector: the title's weigh more (A) than the body's (D).

    PostgreSQL's own parser would part words by its locale and its idea of hosts and numbers; ours are parted already.
    """
    positions: dict[str, list[str]] = {}
    at = 0
    for words, weight in ((title, "A"), (body, "")):
        for at, word in enumerate(words.split(), at + 1):  # noqa: B020 - the count goes on in the body
            positions.setdefault(word, []).append(f"{min(at, POSITION_LIMIT)}{weight}")
        at += COLUMN_GAP
    return " ".join(f"{_quoted(word)}:{','.join(places[:255])}" for word, places in positions.items())


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def _shown(row: Any) -> Shown:
    return Shown(**{name: value for name, value in row._mapping.items() if name != "article_id"})


def _article(made: Assembled) -> dict[str, Any]:
    latest = made.versions[-1]
    return {
        "id": made.id,
        "outlet": made.outlet,
        "key": made.key,
        "url": made.article.url,
        "canonical_url": made.canonical_url,
        "title": None if made.article.title is None else storable(made.article.title),
        "language": made.article.language.code,
        "published": _date(made.published),
        "modified": _date(made.modified),
        "sort_at": made.sort_at,
        "first_seen": made.first_seen,
        "last_seen": made.last_seen,
        "versions": len(made.versions),
        "captures": made.captures,
        "version_id": latest.id,
        "capture_id": latest.first_capture,
        "rules": latest.rules,
        "sha256": latest.text_digest,
        "notes": list(made.notes),
    }


def _date(date: ArticleDate | None) -> dict[str, Any] | None:
    return None if date is None else asdict(date)
