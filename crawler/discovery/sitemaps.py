"""Sitemaps: bytes to addresses, for url sets, indexes, news sitemaps, plain text and feeds that serve as sitemaps.

Scrapy's Sitemap was looked at and not taken: it reads no news fields, has no bounds, and drops what follows a bare
ampersand.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import unquote

from lxml import etree

from crawler.discovery.address import join
from crawler.discovery.feeds import ROOT as FEED_ROOT
from crawler.discovery.feeds import NotAFeed, parse_feed
from crawler.discovery.payload import ascii_compatible, charset, decode, inflate, kind_of, mend_xml, without_floods
from crawler.discovery.when import moment
from settings.platforms import platforms

SitemapKind = Literal["urlset", "index", "text", "feed"]
Reason = Literal["empty", "html", "binary", "not a sitemap", "entities", "unreadable"]

MAX_ENTRIES = 50_000
"""sitemaps.org allows so many in one file."""
MAX_INNER = 50_000
"""Elements of one row; a thousand images with five elements each are allowed."""
MAX_TITLE = 2000
ROOT = re.compile(rb"<(?:[a-z0-9_-]+:)?(urlset|sitemapindex|sitemap-index|urlSet)[\s>/]", re.IGNORECASE)
ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
ROW_END = re.compile(rb"</(?:[\w-]+:)?(?:url|sitemap|urlset|sitemapindex)\s*>\s*$", re.IGNORECASE)
"""How a sitemap ends whose last row is whole; the address of a row that was cut off would be a wrong one."""
LINE = re.compile(r"https?://\S+", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapEntry:
    """One address of a sitemap: a page, or in an index another sitemap."""

    url: str
    lastmod: datetime | None = None
    news: bool = False
    """Whether it stands there as a piece of news (Google's news namespace)."""
    published: datetime | None = None
    title: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """What a sitemap says. Entries keep their order; each address stands once."""

    kind: SitemapKind
    entries: tuple[SitemapEntry, ...] = ()
    problem: str = ""
    """What was wrong with it, where something was."""

    @property
    def is_news(self) -> bool:
        return any(entry.news for entry in self.entries)


@dataclass(frozen=True, slots=True)
class NotASitemap:
    """A body that is no sitemap. `entities`: it defines XML entities, as bombs do and sitemaps never."""

    reason: Reason


def parse_sitemap(
    body: bytes, url: str, content_type: str | None = None, *, limit: int = MAX_ENTRIES
) -> Sitemap | NotASitemap:
    """Read a sitemap, gzipped or not. Never raises; what can be read of a broken one comes with its `problem`.

    `limit` bounds the entries; an empty sitemap is one without entries.
    """
    body, problem = inflate(body)
    kind = kind_of(body)
    if kind == "empty":
        return NotASitemap("empty")
    if kind in ("binary", "html"):
        return NotASitemap("html" if kind == "html" else "binary")
    if kind == "text":
        return _text_sitemap(body, url, content_type, limit, problem)
    return _xml_sitemap(body, url, content_type, limit, problem)


def named(url: str) -> Literal["articles", "other", "news", ""]:
    """Say what a sitemap's own name tells of its entries (`post-sitemap.xml`, `sitemap-tags.xml`), or "" if nothing."""
    known = platforms().sitemaps
    path = url.partition("?")[0].partition("//")[2].partition("/")[2]
    for word in reversed(WORD.findall(unquote(path).lower())):  # the last word decides: `posts-page`, `post_tag`
        if word in known.news:
            return "news"
        if word in known.articles:
            return "articles"
        if word in known.other:
            return "other"
    return ""


def _xml_sitemap(body: bytes, url: str, content_type: str | None, limit: int, problem: str) -> Sitemap | NotASitemap:
    encoding = charset(body[: 1 << 20], content_type)
    body = ascii_compatible(body)
    if ENTITY.search(body):
        return NotASitemap("entities")
    root = ROOT.search(body)
    if root is None:
        return _feed_sitemap(body, url, content_type, limit) if FEED_ROOT.search(body) else NotASitemap("not a sitemap")
    text = without_floods(mend_xml(body[root.start() :]))
    rows = _Rows(text, "utf-8" if encoding.startswith(("utf-16", "utf-32")) else encoding)
    entries = dict[str, SitemapEntry]()
    for number, row in enumerate(rows):
        if number >= limit:
            problem = problem or f"more than {limit} entries"
            break
        entry = _entry(row, url)
        if entry is not None:
            entries.setdefault(entry.url, entry)
    kind: SitemapKind = "index" if root[1].lower().startswith(b"sitemap") else "urlset"
    if kind == "urlset" and rows.indexes and not rows.pages:
        kind = "index"  # an index that calls itself a url set
    return Sitemap(kind=kind, entries=tuple(entries.values()), problem=problem or rows.problem)


class _Rows:
    """The `<url>` and `<sitemap>` elements of a document, each as {name: text}, read without keeping the tree."""

    def __init__(self, text: bytes, encoding: str) -> None:
        self.problem = ""
        self.pages = self.indexes = 0
        self._text, self._encoding = text, encoding
        self._cut = ROW_END.search(text[-300:]) is None

    def __iter__(self) -> Iterator[dict[str, str]]:
        try:
            events = etree.iterparse(
                io.BytesIO(self._text), events=("end",), recover=True, huge_tree=True, resolve_entities=False,
                no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, encoding=self._encoding,
            )  # fmt: skip
        except LookupError:
            self.problem = f"unknown charset {self._encoding}"
            return
        waiting: dict[str, str] | None = None
        inner = 0
        try:
            for _, element in events:
                name = _local(element)
                inner += 1
                if name not in ("url", "sitemap"):
                    if inner > MAX_INNER:
                        self.problem = "elements without end"
                        break
                    continue
                inner = 0
                self.pages += name == "url"
                self.indexes += name == "sitemap"
                if waiting is not None:
                    yield waiting
                waiting = _row(element)
                element.clear()
                _forget_before(element)
        except etree.XMLSyntaxError as error:
            self.problem = f"broken XML: {_line(error.msg)}"
        else:
            errors = events.error_log.filter_from_errors()
            if errors and not self.problem:
                self.problem = f"broken XML: {_line(errors[0].message)}"
        if waiting is not None and not (self.problem and self._cut):
            yield waiting


def _forget_before(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def _row(element: etree._Element) -> dict[str, str]:
    row: dict[str, str] = {}
    for child in element.iter():
        name = _local(child)
        if name and name not in row and child is not element:
            prefix = (
                "image:" if (parent := child.getparent()) is not None and _local(parent) in ("image", "video") else ""
            )
            row[prefix + name] = (child.text or "").strip()
    return row


def _entry(row: dict[str, str], url: str) -> SitemapEntry | None:
    found = join(url, row["loc"]) if row.get("loc") else ""
    if not found:
        return None
    return SitemapEntry(
        url=found,
        lastmod=moment(row.get("lastmod")),
        news="news" in row or "publication_date" in row,
        published=moment(row.get("publication_date")),
        title=" ".join(row.get("title", "").split())[:MAX_TITLE] if "publication_date" in row or "news" in row else "",
        language=row.get("language", "")[:20],
    )


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _line(message: str | None) -> str:
    return (message or "").split("\n", 1)[0][:200]


def _text_sitemap(body: bytes, url: str, content_type: str | None, limit: int, problem: str) -> Sitemap | NotASitemap:
    entries = dict[str, SitemapEntry]()
    lines = others = 0
    for line in io.StringIO(decode(body, content_type)):
        word = line.strip()
        if not word:
            continue
        lines += 1
        found = join(url, word) if LINE.fullmatch(word) else ""
        if not found:
            others += 1
        elif len(entries) < limit:
            entries.setdefault(found, SitemapEntry(url=found))
        else:
            problem = problem or f"more than {limit} entries"
            break
    if not entries or others * 2 > lines:
        return NotASitemap("not a sitemap")
    return Sitemap(
        kind="text",
        entries=tuple(entries.values()),
        problem=problem or (f"{others} lines are no addresses" if others else ""),
    )


def _feed_sitemap(body: bytes, url: str, content_type: str | None, limit: int) -> Sitemap | NotASitemap:
    feed = parse_feed(body, url, content_type)
    if isinstance(feed, NotAFeed):
        return NotASitemap("html" if feed.reason == "html" else "not a sitemap")
    entries = tuple(
        SitemapEntry(url=item.url, lastmod=item.updated or item.published, published=item.published, title=item.title)
        for item in feed.items[:limit]
    )
    return Sitemap(kind="feed", entries=entries, problem=feed.problem)
