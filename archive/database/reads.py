"""Answers from the tables: captures, the nearest one, articles, versions, runs, outlets. Reads only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, or_, select

from archive.article import ArticleDate
from archive.database.models import (
    ArticleRecord,
    CaptureRecord,
    Extraction,
    FetchError,
    Meta,
    RunRecord,
    VersionRecord,
    WarcFile,
)
from archive.packed import unpack
from archive.rows import ArticleRow, CaptureRow, FailureRow, FileRow, OutletSummary
from archive.version import Run, Version

CAPTURE = tuple(CaptureRecord.__table__.c[name] for name in CaptureRow.__dataclass_fields__)
FAILURE = tuple(FetchError.__table__.c[name] for name in FailureRow.__dataclass_fields__)
ID_START = re.compile(r"[0-9a-f]{8,32}")
"""As much of an article's id as may stand for it."""

BATCH = 1000
"""Rows fetched at once of an answer that may be long."""


def captures(
    connection: Connection,
    *,
    urlkey: str | None = None,
    outlet: str | None = None,
    run: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = None,
) -> Iterator[CaptureRow]:
    """Give captures by time, the oldest first; `since` and `until` are inclusive."""
    record = CaptureRecord
    wanted = select(*CAPTURE).order_by(record.started, record.id).limit(limit)
    for column, value in ((record.urlkey, urlkey), (record.outlet, outlet), (record.run, run)):
        if value is not None:
            wanted = wanted.where(column == value)
    if since is not None:
        wanted = wanted.where(record.started >= since)
    if until is not None:
        wanted = wanted.where(record.started <= until)
    rows = connection.execution_options(yield_per=BATCH).execute(wanted)
    return (CaptureRow(**row._mapping) for row in rows)


def capture(connection: Connection, record_id: str) -> CaptureRow | None:
    """Give one capture by its record id."""
    row = connection.execute(select(*CAPTURE).where(CaptureRecord.id == record_id)).one_or_none()
    return None if row is None else CaptureRow(**row._mapping)


def nearest(connection: Connection, urlkey: str, when: datetime) -> CaptureRow | None:
    """Give the capture that is nearest to a moment, in either direction.

    Of two equally near ones that with status 200, then the earlier one.
    """
    record = CaptureRecord
    wanted = select(*CAPTURE).where(record.urlkey == urlkey)
    before = wanted.where(record.started <= when).order_by(record.started.desc(), record.id).limit(1)
    after = wanted.where(record.started >= when).order_by(record.started, record.id).limit(1)
    moments = {row.started for side in (before, after) for row in connection.execute(side)}
    if not moments:
        return None
    # Two captures may have begun in the same microsecond: all of these moments are candidates.
    rows = [CaptureRow(**row._mapping) for row in connection.execute(wanted.where(record.started.in_(moments)))]
    return min(rows, key=lambda row: (abs(row.started - when), row.status != 200, row.started, row.id))


def failures(connection: Connection, *, outlet: str | None = None, run: str | None = None) -> Iterator[FailureRow]:
    """Give requests that brought no response, by time."""
    wanted = select(*FAILURE).order_by(FetchError.started, FetchError.id)
    if outlet is not None:
        wanted = wanted.where(FetchError.outlet == outlet)
    if run is not None:
        wanted = wanted.where(FetchError.run == run)
    return (FailureRow(**row._mapping) for row in connection.execute(wanted))


def outlets(connection: Connection) -> list[OutletSummary]:
    """Give what is held of each outlet, by id."""
    record = CaptureRecord
    counted = dict(connection.execute(select(ArticleRecord.outlet, func.count()).group_by(ArticleRecord.outlet)).all())
    held = select(record.outlet, func.count(), func.min(record.started), func.max(record.started))
    return [
        OutletSummary(id=outlet, captures=number, articles=counted.get(outlet, 0), first=first, last=last)
        for outlet, number, first, last in connection.execute(held.group_by(record.outlet).order_by(record.outlet))
    ]


def runs(connection: Connection, outlet: str | None = None) -> list[Run]:
    """Give runs, the newest first."""
    columns = [RunRecord.__table__.c[name] for name in Run.__dataclass_fields__]
    wanted = select(*columns).order_by(RunRecord.started.desc(), RunRecord.id)
    if outlet is not None:
        wanted = wanted.where(RunRecord.outlet == outlet)
    return [Run(**row._mapping) for row in connection.execute(wanted)]


def files(connection: Connection, outlet: str | None = None) -> list[FileRow]:
    """Give the WARC files that the tables know, by name."""
    columns = [WarcFile.__table__.c[name] for name in FileRow.__dataclass_fields__]
    wanted = select(*columns).order_by(WarcFile.name)
    if outlet is not None:
        wanted = wanted.where(WarcFile.outlet == outlet)
    return [FileRow(**row._mapping) for row in connection.execute(wanted)]


def meta(connection: Connection) -> dict[str, str]:
    """Give what the derived rows were made with."""
    return dict(connection.execute(select(Meta.key, Meta.value)).all())


def articles(
    connection: Connection,
    *,
    outlet: str | None = None,
    language: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[ArticleRow]:
    """Give articles, the newest published first; `since` is inclusive, `until` is not.

    An article whose date of publication is not known stands where it was first seen.
    """
    wanted = filtered(ARTICLES, outlet=outlet, language=language, since=since, until=until)
    wanted = wanted.order_by(ArticleRecord.sort_at.desc(), ArticleRecord.id).limit(limit).offset(offset)
    return [article_row(row) for row in connection.execute(wanted)]


ARTICLES = select(ArticleRecord.__table__, Extraction.article.label("packed")).join(
    Extraction, Extraction.capture_id == ArticleRecord.capture_id
)


def filtered(
    wanted: Select[Any],
    *,
    outlet: str | None = None,
    language: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Select[Any]:
    """Narrow a selection of articles. A language without a script takes in those with one: `zh`, also `zh-Hant`."""
    record = ArticleRecord
    if outlet is not None:
        wanted = wanted.where(record.outlet == outlet)
    if language is not None:
        wanted = wanted.where(
            or_(record.language == language, record.language.startswith(f"{language}-", autoescape=True))
        )
    if since is not None:
        wanted = wanted.where(record.sort_at >= since)
    if until is not None:
        wanted = wanted.where(record.sort_at < until)
    return wanted


def article(connection: Connection, by: str, key: str) -> list[ArticleRow]:
    """Give the articles whose id begins so, else those (one an outlet) at the key of an address."""
    record = ArticleRecord
    rows: Sequence[Row[Any]] = []
    if ID_START.fullmatch(by):
        # The letter after `f` ends what an id can go on with; a range of the index, where LIKE might read all.
        rows = connection.execute(ARTICLES.where(record.id >= by, record.id < f"{by}g").order_by(record.id)).all()
    if key and not rows:
        rows = connection.execute(ARTICLES.where(record.key == key).order_by(record.outlet)).all()
    return [article_row(row) for row in rows]


def article_of_capture(connection: Connection, urlkeys: Iterable[str]) -> str | None:
    """Give the article of the latest capture at an address that shows one: its other names lead there too."""
    found = (
        select(Extraction.article_id)
        .join(CaptureRecord, CaptureRecord.id == Extraction.capture_id)
        .where(CaptureRecord.urlkey.in_(list(urlkeys)), Extraction.article_id.is_not(None))
        .order_by(CaptureRecord.started.desc(), CaptureRecord.id)
        .limit(1)
    )
    return connection.execute(found).scalar_one_or_none()


def article_row(row: Row[Any]) -> ArticleRow:
    """Make an ArticleRow of a row of ARTICLES."""
    said = unpack(row.packed)
    return ArticleRow(
        id=row.id,
        url=row.url,
        canonical_url=row.canonical_url,
        outlet=row.outlet,
        title=said.title,
        authors=said.authors,
        language=said.language,
        published=_date(row.published),
        modified=_date(row.modified),
        section=said.section,
        tags=said.tags,
        image=said.image,
        credit=said.credit,
        text=said.text,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        versions=row._mapping["versions"],
        version_id=row.version_id,
        capture_id=row.capture_id,
        rules=row.rules,
        sha256=row.sha256,
        notes=tuple(row.notes),
    )


def _date(values: dict[str, Any] | None) -> ArticleDate | None:
    return None if values is None else ArticleDate(**values)


def versions(connection: Connection, article_id: str) -> list[Version]:
    """Give an article's versions, oldest first."""
    wanted = (
        select(VersionRecord.__table__, Extraction.article.label("packed"))
        .join(Extraction, Extraction.capture_id == VersionRecord.first_capture)
        .where(VersionRecord.article_id == article_id)
        .order_by(VersionRecord.ordinal)
    )
    return [_version(row) for row in connection.execute(wanted)]


def _version(row: Row[Any]) -> Version:
    return Version(
        id=row.id,
        article_id=row.article_id,
        ordinal=row.ordinal,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        first_capture=row.first_capture,
        last_capture=row.last_capture,
        text_digest=row.text_digest,
        article=unpack(row.packed),
        captures=row.captures,
    )
