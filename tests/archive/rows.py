"""Rows made by hand, for tests of the tables without WARC files behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from archive.address import article_key
from archive.article import Article, ArticleDate, ArticleLanguage, Block
from archive.articles import put_in
from archive.assemble import claim, text_digest
from archive.database import store
from archive.database.dump import dump
from archive.database.engine import connect, writing
from archive.derivation import Derivation, Derived
from archive.index.surt import urlkey
from archive.packed import pack
from archive.rows import CaptureRow
from archive.search.fold import fold
from settings.outlet import Outlet
from settings.site import Site

START = datetime(2026, 5, 3, 12, tzinfo=UTC)
OUTLET = Outlet(id="example", name="Example", home="https://example.org/", sections=("https://example.org/news",))


def capture_row(number: int, url: str, **values: Any) -> CaptureRow:
    """Make the row of the n-th capture, an hour after the one before."""
    row = CaptureRow(
        id=f"00000000-0000-4000-8000-{number:012d}",
        url=url,
        urlkey=urlkey(url),
        outlet="example",
        started=START + timedelta(hours=number),
        status=200,
        mime="text/html",
        length=1000,
        payload_digest=f"{number:064x}",
        block_digest=f"{number:064x}",
        file="warc/example/file.warc.gz",
        offset=1000 * number,
        record_length=1000,
        truncated=None,
        run="run",
        why="article",
        via=None,
        robots="allowed",
        peer="192.0.2.1",
        protocol="http/1.1",
        location=None,
    )
    return replace(row, **values)


def article(url: str, title: str | None = "Title", text: str = "Text.", **values: Any) -> Article:
    """Make what a page says."""
    language = ArticleLanguage(code="en", script="Latn", confidence=1.0, method="detector")
    blocks = (Block("Menu", False, "links"), *(Block(line, True, "body") for line in text.split("\n\n")))
    made = Article(url=url, canonical_url=None, title=title, text=text, language=language, blocks=blocks, rules="1")
    return replace(made, **values)


def day(value: str) -> ArticleDate:
    """Make a date of publication."""
    return ArticleDate(value=value, precision="day", raw=value, source="json-ld", day=value)


def derived(row: CaptureRow, says: Article, rules: str = "1") -> Derived:
    """Make the derivation that the rules would give of a capture."""
    title, body = fold(says.title or ""), fold(says.text)
    return Derived(
        Derivation(
            capture_id=row.id,
            rules=rules,
            outcome="not-article" if says.not_article else "article",
            reason=says.not_article,
            own_key=article_key(row.url),
            claimed_key=None if says.not_article else claim(says.canonical_url, row.url, OUTLET),
            title_fold="" if says.not_article else title,
            text_digest="" if says.not_article else text_digest(says.title, says.text),
            article=None if says.not_article else pack(says),
        ),
        (title, body),
    )


def add(engine: Engine, rows: Sequence[CaptureRow]) -> None:
    """Put captures into the tables, to be extracted."""
    with writing(engine) as connection:
        store.insert_captures(connection, rows)
        store.insert_pending(connection, rows)


def derive(engine: Engine, made: Sequence[Derived]) -> set[str]:
    """Put derivations into the tables, as the deriver does; give the ids of the articles touched."""
    with writing(engine) as connection:
        return put_in(
            connection, [one.derivation for one in made], {one.derivation.capture_id: one.words for one in made}
        )


def fill(engine: Engine, *pages: tuple[CaptureRow, Article]) -> None:
    """Put captures and what their pages say into the tables."""
    add(engine, [row for row, _ in pages])
    derive(engine, [derived(row, says) for row, says in pages])


def dump_of(site: Site) -> object:
    engine = connect(site.database_url)
    try:
        return dump(engine)
    finally:
        engine.dispose()
