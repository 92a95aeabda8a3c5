"""`warraq articles list|show`: what the archive read out of its pages."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from crawler.commands.options import FROM, LANGUAGE, OFFSET, OUTLET, TO, limit
from crawler.console import Column, clean, isolate, versioned
from crawler.context import Context, command

if TYPE_CHECKING:
    from archive.article import ArticleDate
    from archive.rows import ArticleRow, CaptureRow

COLUMNS = (
    Column("id", lambda row: row.id[:16]),
    Column("published", lambda row: day(row.published)),
    Column("language", lambda row: row.language.code),
    Column("outlet", lambda row: row.outlet),
    Column("versions", lambda row: row.versions, right=True),
    Column("title", lambda row: row.title or row.url, isolate=True),
)


def day(published: ArticleDate | None) -> str:
    """Return the date of an article as far as it is known, without its time."""
    return published.value[:10] if published else ""


@command(
    "list",
    examples=("warraq articles list --language ar --from 2026-01", "warraq articles list --outlet example --json"),
)
@OUTLET
@LANGUAGE
@FROM
@TO
@limit(50)
@OFFSET
def list_articles(
    context: Context,
    *,
    outlet: str | None,
    language: str | None,
    since: date | None,
    until: date | None,
    limit: int,
    offset: int,
) -> None:
    """List articles, newest first.

    Dates are those of publication. With --json each line is a whole article, text and all.
    """
    with context.archive() as archive:
        rows = archive.articles(outlet=outlet, language=language, since=since, until=until, limit=limit, offset=offset)
        context.console.rows("article", rows, COLUMNS, empty="no such articles")


@command(
    "show",
    examples=(
        "warraq articles show https://www.example.org/2026/01/flood",
        "warraq articles show 68df193f1c525eb5 --json",
    ),
)
@click.argument("which", metavar="ID|URL")
def show(context: Context, which: str) -> None:
    """Show an article's text, and where it comes from.

    ID may be shortened to what `articles list` shows. Exit code 7 when there is no such article.
    """
    with context.archive() as archive:
        article = archive.article(which)
        capture = archive.row(article.capture_id)
        versions = archive.versions(article.id)
    document = {
        **versioned("article", article),
        "capture": capture,
        "history": [
            {"id": each.id, "first_seen": each.first_seen, "last_seen": each.last_seen, "capture": each.first_capture}
            for each in versions
        ],
    }
    context.console.document("article", document, lambda: _print(context, article, capture))


def _print(context: Context, article: ArticleRow, capture: CaptureRow) -> None:
    say = context.console.line
    title = article.title or ""
    say(isolate(title) if context.console.terminal() else clean(title))
    say()
    for paragraph in article.text.splitlines():
        say(clean(paragraph))
    say()
    for name, value in _facts(article, capture):
        if value:
            say(f"{name:<10} {clean(str(value))}")


def _facts(article: ArticleRow, capture: CaptureRow) -> list[tuple[str, object]]:
    published, modified = article.published, article.modified
    return [
        ("id", article.id),
        ("address", article.canonical_url),
        ("outlet", article.outlet),
        ("language", f"{article.language.code} {article.language.script}"),
        ("authors", ", ".join(article.authors)),
        ("published", f"{published.value} (from {published.source})" if published else ""),
        ("modified", f"{modified.value} (from {modified.source})" if modified else ""),
        ("section", article.section),
        ("tags", ", ".join(article.tags)),
        ("credit", article.credit),
        ("versions", article.versions),
        ("seen", f"{article.first_seen.isoformat()} to {article.last_seen.isoformat()}"),
        ("captured", capture.started.isoformat()),
        ("record", capture.id),
        ("file", f"{capture.file}, {capture.record_length} bytes from {capture.offset}"),
        ("payload", f"sha256:{capture.payload_digest}"),
        ("block", f"sha256:{capture.block_digest}"),
        ("text", f"sha256:{article.sha256}"),
        ("rules", article.rules),
        ("run", capture.run),
        ("robots", capture.robots),
        ("peer", capture.peer),
        ("notes", "; ".join(article.notes)),
    ]
