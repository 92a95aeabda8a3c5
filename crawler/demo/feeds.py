"""Feeds and sitemaps of an outlet as bytes: RSS 2.0, Atom, JSON Feed, sitemap, sitemap index, news sitemap."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from email.utils import format_datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from crawler.demo.content import Feed, Publication
from crawler.demo.item import Item, today

NEWEST = 2
"""Stories that a feed holds; the rest is reached by pagination, sections or sitemaps."""

NEWS_DAYS = 2
"""A news sitemap holds what was published in so many days (Google's rule for them)."""

TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}

DC = "http://purl.org/dc/elements/1.1/"
ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
JSON_FEED = "https://jsonfeed.org/version/1.1"


def render_feed(feed: Feed, publication: Publication, home: str, items: Sequence[Item]) -> bytes:
    """A feed of the newest of these items, in the outlet's own bytes."""
    newest = items[:NEWEST]
    if feed.kind == "json":
        return _json(feed, publication, home, newest)
    root = (_rss if feed.kind == "rss" else _atom)(feed, publication, home, newest)
    return _xml(root, publication.charset, publication.declared if publication.charset != "utf-8" else "utf-8")


def render_sitemap(rows: Iterable[tuple[str, str]]) -> bytes:
    """A sitemap of addresses with their day of last change."""
    return _sitemap("urlset", "url", rows)


def render_index(rows: Iterable[tuple[str, str]]) -> bytes:
    """A sitemap index of the parts' addresses with their day of last change."""
    return _sitemap("sitemapindex", "sitemap", rows)


def render_news(publication: Publication, items: Sequence[Item], day: int) -> bytes:
    """A news sitemap of the items of the last days."""
    root = Element("urlset", {"xmlns": SITEMAP, "xmlns:news": NEWS})
    for item in items:
        if item.story.published.date() < today(day) - timedelta(days=NEWS_DAYS):
            continue
        url = SubElement(root, "url")
        _add(url, "loc", item.url)
        news = SubElement(url, "news:news")
        outlet = SubElement(news, "news:publication")
        _add(outlet, "news:name", publication.name)
        _add(outlet, "news:language", publication.language)
        _add(news, "news:publication_date", item.story.published.isoformat())
        _add(news, "news:title", item.title)
    return _xml(root)


def _rss(feed: Feed, publication: Publication, home: str, items: Sequence[Item]) -> Element:
    root = Element("rss", {"version": "2.0", "xmlns:dc": DC, "xmlns:atom": ATOM})
    channel = SubElement(root, "channel")
    for name, text in (
        ("title", publication.name),
        ("link", home),
        ("description", publication.tagline),
        ("language", publication.locale),
    ):
        _add(channel, name, text)
    SubElement(channel, "atom:link", {"href": home + feed.path[1:], "rel": "self", "type": TYPES["rss"]})
    for item in items:
        entry = SubElement(channel, "item")
        _add(entry, "title", item.title)
        _add(entry, "link", item.tracked_url if feed.utm else item.url)
        _add(entry, "guid", home + item.short_path[1:], isPermaLink="false")
        _add(entry, "pubDate", format_datetime(item.story.published))
        for author in item.story.authors:
            _add(entry, "dc:creator", author)
        _add(entry, "category", item.section_name)
        _add(entry, "description", item.teaser)
    return root


def _atom(feed: Feed, publication: Publication, home: str, items: Sequence[Item]) -> Element:
    root = Element("feed", {"xmlns": ATOM, "xml:lang": publication.locale})
    _add(root, "title", publication.name)
    _add(root, "id", home)
    _add(root, "updated", max(item.modified for item in items).isoformat())
    SubElement(root, "link", {"rel": "self", "href": home + feed.path[1:]})
    SubElement(root, "link", {"rel": "alternate", "href": home})
    for item in items:
        entry = SubElement(root, "entry")
        _add(entry, "title", item.title)
        _add(entry, "id", home + item.short_path[1:])
        SubElement(entry, "link", {"rel": "alternate", "href": item.tracked_url if feed.utm else item.url})
        _add(entry, "published", item.story.published.isoformat())
        _add(entry, "updated", item.modified.isoformat())
        for author in item.story.authors:
            _add(SubElement(entry, "author"), "name", author)
        _add(entry, "summary", item.teaser)
    return root


def _json(feed: Feed, publication: Publication, home: str, items: Sequence[Item]) -> bytes:
    document = {
        "version": JSON_FEED,
        "title": publication.name,
        "home_page_url": home,
        "feed_url": home + feed.path[1:],
        "language": publication.locale,
        "items": [
            {
                "id": home + item.short_path[1:],
                "url": item.tracked_url if feed.utm else item.url,
                "title": item.title,
                "summary": item.teaser,
                "date_published": item.story.published.isoformat(),
                "date_modified": item.modified.isoformat(),
                "authors": [{"name": author} for author in item.story.authors],
                "tags": list(item.story.tags),
            }
            for item in items
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _sitemap(root_name: str, row_name: str, rows: Iterable[tuple[str, str]]) -> bytes:
    root = Element(root_name, {"xmlns": SITEMAP})
    for url, modified in rows:
        row = SubElement(root, row_name)
        _add(row, "loc", url)
        _add(row, "lastmod", modified)
    return _xml(root)


def _add(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = text


def _xml(root: Element, charset: str = "utf-8", declared: str = "utf-8") -> bytes:
    text = f'<?xml version="1.0" encoding="{declared}"?>\n' + tostring(root, encoding="unicode")
    return text.encode(charset, "xmlcharrefreplace")
