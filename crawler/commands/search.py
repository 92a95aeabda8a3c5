"""`warraq search QUERY`: the articles' text, in any language."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Literal

import click

from crawler.commands.articles import day
from crawler.commands.options import FROM, LANGUAGE, OFFSET, OUTLET, TO, limit
from crawler.console import Column, clean, isolate, versioned
from crawler.context import Context, command

if TYPE_CHECKING:
    from archive.rows import SearchHit, SearchResults

CountBy = Literal["day", "outlet", "language"]


@command(
    "search",
    examples=(
        "warraq search 'flood -storm' --language en --from 2026-01",
        "warraq search 'الميناء' --count-by outlet --json",
    ),
)
@click.argument("query")
@LANGUAGE
@OUTLET
@FROM
@TO
@click.option("--count-by", type=click.Choice(["day", "outlet", "language"]), help="Count instead of listing.")
@limit(20)
@OFFSET
def search(
    context: Context,
    *,
    query: str,
    language: str | None,
    outlet: str | None,
    since: date | None,
    until: date | None,
    count_by: CountBy | None,
    limit: int,
    offset: int,
) -> None:
    """Search the articles' text, in any language.

    Words are all wanted; "a phrase"; OR between choices; -word leaves out; begin* finds what begins so. Letters are
    compared as readers do: without vowel marks, case, and the spelling variants of hamza, ya and kaf. Dates are those
    of publication.
    """
    from archive.search.query import Query

    wanted = Query(
        text=query,
        language=language,
        outlet=outlet,
        since=since,
        until=until,
        count_by=count_by,
        limit=limit,
        offset=offset,
    )
    with context.archive() as archive:
        results = archive.search(wanted)
    if count_by:
        _counts(context, results, count_by)
    else:
        _hits(context, results, offset)


def _counts(context: Context, results: SearchResults, by: CountBy) -> None:
    rows = [{by: key, "count": count} for key, count in results.counts.items()]
    columns = (Column("count", lambda row: row["count"], right=True), Column(by, lambda row: row[by] or "(unknown)"))
    context.console.rows("count", rows, columns, empty="nothing found")


def _hits(context: Context, results: SearchResults, offset: int) -> None:
    for hit in results.hits:
        document = {
            **versioned("hit", hit.article),
            "snippet": [{"text": span.text, "hit": span.hit} for span in hit.snippet],
        }
        context.console.row("hit", document, partial(_print, context, hit))
    if not results.hits:
        context.console.note("nothing found")
    elif results.total > len(results.hits):
        first = offset + 1
        context.console.note(
            f"{first} to {offset + len(results.hits)} of {results.total}; --offset and --limit show others"
        )


def _print(context: Context, hit: SearchHit) -> None:
    """On a terminal three lines a hit, matches in bold; elsewhere one tab-separated line, as lists have."""
    article, console = hit.article, context.console
    title = article.title or article.url
    facts = (article.id[:16], day(article.published), article.language.code, article.outlet)
    if not console.terminal():
        snippet = "".join(span.text for span in hit.snippet)
        console.line("\t".join(clean(part) for part in (*facts, article.canonical_url, title, snippet)))
        return
    from rich.text import Text

    screen = console.rich()
    screen.print(Text("  ".join(part for part in facts if part), style="dim"))
    screen.print(Text(isolate(title), style="bold"))
    snippet_line = Text()
    for span in hit.snippet:
        snippet_line.append(clean(span.text), style="bold underline" if span.hit else None)
    screen.print(snippet_line)
    screen.print(Text(article.canonical_url, style="dim"))
    screen.print()
