"""`warraq extract`: the article of a page, wherever the page lies; works without a site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Literal

import click

from crawler.commands.sources import Page, is_address, is_warc, opened, page_of_address, page_of_file, pages_of_warc
from crawler.console import FSI, PDI, clean, versioned
from crawler.context import Context, command
from crawler.exits import Exit, Stop

if TYPE_CHECKING:
    from archive.article import Article, Block

Form = Literal["json", "text", "markdown"]

HEADINGS = {"h1": "# ", "h2": "## ", "h3": "### ", "h4": "#### ", "h5": "##### ", "h6": "###### "}
MARKS = HEADINGS | {"li": "- ", "blockquote": "> "}
"""How markdown begins a block of each tag."""

MEANT = re.compile(
    r"""
      [\\`*_\[\]<]              # emphasis, code, links, HTML: anywhere
      | ^ [\#>+-]                 # headings, quotations, lists: at the beginning of a line
      | (?<=^\d) [.)]            # numbered lists
    """,
    re.VERBOSE,
)
"""Letters that would mean something in markdown."""


@command(
    "extract",
    examples=(
        "warraq extract page.html --url https://www.example.org/2026/01/flood",
        "warraq extract crawl.warc.gz > articles.jsonl",
    ),
)
@click.argument("source", metavar="URL|FILE|WARC|-")
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(["json", "text", "markdown"]),
    help="[default: text; of a WARC file json]",
)
@click.option("--url", metavar="URL", help="The address that a FILE or stdin was saved from.")
@click.option("--explain", is_flag=True, help="Show every block of the page, kept or cut, and the rule that decided.")
def extract(context: Context, *, source: str, form: Form | None, url: str | None, explain: bool) -> Exit:
    """Extract the article of a page, a WARC file or stdin.

    A saved page or stdin (-) gives one article; a WARC file (.warc, .warc.gz) gives every article page in it, one
    JSON line each. A URL is taken from this site's archive; one that is not there is fetched and not kept.
    Exit code 7 when there is no article.
    """
    with ExitStack() as stack:
        if is_address(source):
            return _one(context, page_of_address(context, source), form or "text", explain=explain)
        path = stack.enter_context(opened(source))
        if not is_warc(path):
            return _one(context, page_of_file(path, source, url), form or "text", explain=explain)
        return _many(context, pages_of_warc(path, context.console.warn), form or "json", explain=explain)


def _one(context: Context, page: Page, form: Form, *, explain: bool) -> Exit:
    article = _article(page)
    _write(context, page, article, form, explain=explain)
    if article.not_article is None:
        return Exit.DONE
    if not context.console.json:
        raise Stop(
            Exit.BAD_ANSWER, f"no article here: {article.not_article}", hint="--explain shows what was cut, and why"
        )
    return Exit.BAD_ANSWER


def _many(context: Context, pages: Iterator[Page], form: Form, *, explain: bool) -> Exit:
    found = passed = 0
    with context.console.progress("extracting", unit="pages") as bar:
        for page in pages:
            article = _article(page)
            bar.advance(text=page.url)
            if article.not_article is not None:
                passed += 1
                continue
            if found and not (form == "json" or context.console.json):
                context.console.line()
            found += 1
            _write(context, page, article, form, explain=explain)
    context.console.note(f"{found} articles; {passed} other pages")
    return Exit.DONE if found else Exit.BAD_ANSWER


def _article(page: Page) -> Article:
    from archive.extractors import extract_page

    return extract_page(page.body, page.url, page.content_type)


def _write(context: Context, page: Page, article: Article, form: Form, *, explain: bool) -> None:
    console = context.console
    if console.json or form == "json":
        console.document("extracted", document(page, article, explain=explain))
    elif explain:
        _explain(context, article)
    elif article.not_article is None:
        text = markdown(article) if form == "markdown" else plain(article)
        console.line("\n".join(map(clean, text.splitlines())) if console.terminal() else text)


def document(page: Page, article: Article, *, explain: bool) -> dict[str, Any]:
    """Return an article as JSON shows it; its blocks only where they are asked for."""
    fields = versioned("extracted", article)
    fields["record"] = page.record
    if not explain:
        del fields["blocks"]
    return fields


def plain(article: Article) -> str:
    """Return title and text."""
    return "\n\n".join(part for part in (article.title, article.text) if part)


def markdown(article: Article) -> str:
    """Return title and kept blocks as markdown."""
    title = article.title or ""
    parts = [f"# {_escaped(title)}"] if title else []
    for block in article.blocks:
        if block.kept and block.text != title:
            parts.append(_block(block))
    return "\n\n".join(parts)


def _block(block: Block) -> str:
    mark = MARKS.get(block.tag, "")
    # Headings of the body stand below the title's.
    mark = "## " if mark == "# " else mark
    return "\n".join(f"{mark}{_escaped(line)}" for line in block.text.splitlines())


def _escaped(text: str) -> str:
    return MEANT.sub(r"\\\g<0>", text)


def _explain(context: Context, article: Article) -> None:
    """Write a line a block: + kept or - cut, the rule, the tag, the text; text last, since it may be right-to-left."""
    first, last = (FSI, PDI) if context.console.terminal() else ("", "")
    for block in article.blocks:
        sign = "+" if block.kept else "-"
        context.console.line(f"{sign}\t{block.rule}\t{block.tag}\t{first}{clean(block.text)}{last}")
